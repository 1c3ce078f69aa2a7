/// What became of a record in the hands of an administrator who changes it.
package enum Edit: Sendable, Hashable {
    /// It is changed; what differs, for the event that tells of it, as far as that is known.
    case made(difference: String?)
    /// It is not what the administrator looked at before, and stays as it is.
    case outdated
}

/// What became of a change that an administrator wanted.
package enum Change<Record: Sendable>: Sendable {
    case changed(Record)
    case notFound
    /// It is not what they looked at before, and stays as it is.
    case outdated
}

extension Edit {
    /// What the event of a change is told besides.
    var detail: [(name: StaticString, value: String)] {
        if case .made(let difference?) = self { [("changed", difference)] } else { [] }
    }
}
