import GatehouseCore
import GatehouseWeb

/// Whether those are reached whom it has something to tell.
enum OutgoingRules {
    static func look(_ situation: InstallationSituation) -> [Finding] {
        (mail(situation) + clients(situation) + domains(situation))
            .orFine("outgoing", "Whoever has to be told something is reached.")
    }

    private static func mail(_ situation: InstallationSituation) -> [Finding] {
        guard !situation.facts.sendsMail else { return [] }
        let advice = "Name a relay by --mail-server and --mail-from."
        return situation.found.hasLetters
            ? [.failure("letters_not_sent", "Letters wait, and nothing sends them.", advice)]
            : [.warning("no_mail", "It cannot send letters, such as invitations.", advice)]
    }

    private static func clients(_ situation: InstallationSituation) -> [Finding] {
        let untold = situation.found.untold
        guard untold > 0 else { return [] }
        return [
            .warning(
                "clients_not_told",
                "\(untold) \(untold == 1 ? "time a client is" : "times clients are") still to be "
                    + "told that somebody signed out or answered, after several attempts.",
                "Look in the log for why; they may keep people signed in until then.")
        ]
    }

    private static func domains(_ situation: InstallationSituation) -> [Finding] {
        situation.found.missingDomains.map { domain in
            .warning(
                "domain_record_missing",
                "The record that proves \(domain.host) of \(domain.tenant) is gone since "
                    + "\(CalendarTime(domain.missingSince).timestamp). A week later the domain is.",
                "Put the record back, and have it looked for.",
                by: "gatehouse domain verify \(domain.host) --tenant \(domain.tenant)")
        }
    }
}
