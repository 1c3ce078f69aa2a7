/// Looks for what is wrong with an installation, and says what mends it.
///
/// It is pure: what it judges is in the situation.
struct InstallationCheck: Sendable {
    let findings: [Finding]

    init(_ situation: InstallationSituation) {
        findings =
            ServingRules.look(situation) + StoreRules.look(situation)
            + OutgoingRules.look(situation) + StewardRules.look(situation)
    }
}

extension [Finding] {
    /// The findings of one subject, or the word that there are none.
    func orFine(_ rule: String, _ message: String) -> [Finding] {
        isEmpty ? [.fine(rule, message)] : self
    }
}
