package import GatehouseEncoding

/// What is to be done so that tenants become what a document says.
package struct ConfigurationPlan: Sendable {
    /// What the document calls itself.
    let manager: String
    package internal(set) var steps: [ConfigurationStep] = []
    /// What is marked as the document's, is not in it any more, and stays as it is.
    package internal(set) var leftAlone: [ConfigurationStep] = []
    /// By which ids things of each tenant are known.
    var names: [String: ConfigurationNames] = [:]

    /// Two plans that do the same to the same things have the same.
    package var fingerprint: String { steps.map(\.fingerprint).joined(separator: "\n\n") }

    /// The plan as programs read it.
    package var shown: JSONObject {
        JSONObject([
            ("managed_by", .string(manager)), ("steps", .array(steps.map(\.shown))),
            ("left_alone", .array(leftAlone.map(\.shown))),
        ])
    }
}

/// How far a document reaches.
package struct ConfigurationReach: Sendable {
    /// What becomes of what the document managed before and does not name any more.
    let rest: Rest
    /// Whether what another configuration manages is managed by the document from now on.
    let takesOver: Bool

    package enum Rest: Sendable {
        /// It stays, and the plan tells of it.
        case stays
        /// It is deleted.
        case goes
        /// It stays, and the document manages it no more.
        case isReleased
    }

    package init(rest: Rest, takesOver: Bool = false) {
        self.rest = rest
        self.takesOver = takesOver
    }
}
