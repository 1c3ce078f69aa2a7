import GatehouseCore
import GatehouseWeb

/// Who administers, and whether those who may are those who do.
enum StewardRules {
    static func look(_ situation: InstallationSituation) -> [Finding] {
        let people = situation.found.people
        let words =
            switch people {
            case 0: "Nobody but whoever has its shell administers it."
            case 1: "One person administers, besides whoever has its shell."
            default: "\(people) people administer, besides whoever has its shell."
            }
        return idleKeys(situation).orFine("administration", words)
    }

    private static func idleKeys(_ situation: InstallationSituation) -> [Finding] {
        situation.found.idleKeys.map { key in
            let last = key.lastUsedAt.map { "since \(CalendarTime($0).timestamp)" } ?? "ever"
            let within = key.tenant.map { " --tenant \($0)" } ?? ""
            return .warning(
                "administrator_key_idle",
                "The administrator key “\(key.name)” was not used \(last).",
                "Revoke what nobody needs: whoever finds it administers.",
                by: "gatehouse admin key revoke \(key.id)\(within)")
        }
    }
}
