/// What the name servers say about the TXT records of a name.
package enum TextRecordAnswer: Sendable, Hashable {
    /// The records that there are; none if the name is not there either.
    case records([String])
    /// They did not answer, or not to be believed.
    case unavailable
}

/// Asks the name servers for TXT records.
package protocol TextRecords: Sendable {
    /// The TXT records of a name.
    func records(at name: String) async -> TextRecordAnswer
}
