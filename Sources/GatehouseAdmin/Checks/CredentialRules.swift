import GatehouseCore
import GatehouseWeb

/// Whether the client can prove who it is, and how well.
enum CredentialRules {
    /// How long a secret may wait for its first use before that is odd.
    private static let patience = Lifetime.days(7)

    static func look(_ situation: ClientSituation) -> [Finding] {
        let authentication = situation.client.authentication
        if authentication.needsSecret { return secrets(situation) }
        guard authentication.isByKey, case .published(let address)? = situation.client.keys else {
            return []
        }
        return [
            .fine(
                "published_keys",
                "It publishes its keys at \(address.text); this check does not ask for them.")
        ]
    }

    private static func secrets(_ situation: ClientSituation) -> [Finding] {
        let secrets = situation.secrets
        guard !secrets.isEmpty else {
            return [
                .failure(
                    "no_secret", "It has no secret, and cannot prove who it is.", "Give it one.",
                    by: situation.command("secret add"))
            ]
        }
        return unused(secrets, situation) + several(secrets, situation)
    }

    private static func unused(
        _ secrets: [ClientSecret], _ situation: ClientSituation
    ) -> [Finding] {
        guard secrets.allSatisfy({ $0.lastUsedAt == nil }) else { return [] }
        let isOld = secrets.contains { $0.createdAt + patience < situation.now }
        return [
            isOld
                ? .warning(
                    "secret_never_used", "None of its secrets was ever used.",
                    "Delete the client if nothing uses it, or look at what the app sends.")
                : .fine(
                    "secret_not_used_yet",
                    "Its secret was not used yet: the app is still to come.")
        ]
    }

    private static func several(
        _ secrets: [ClientSecret], _ situation: ClientSituation
    ) -> [Finding] {
        guard secrets.count > 1 else { return [] }
        // The one that was used least lately; among those never used the oldest.
        let never = Timestamp(milliseconds: 0)
        let least = secrets.min {
            ($0.lastUsedAt ?? never, $0.createdAt) < ($1.lastUsedAt ?? never, $1.createdAt)
        }
        guard let least else { return [] }
        let use = least.lastUsedAt.map { "last used at \(CalendarTime($0).timestamp)" }
        return [
            .warning(
                "several_secrets", "It has \(secrets.count) secrets: each of them opens the door.",
                "Remove those that no app uses any more. \(least.id.text) was "
                    + (use ?? "never used") + ".",
                by: "gatehouse client secret remove \(situation.client.id.text) \(least.id.text) "
                    + "--tenant \(situation.tenant.slug.text)")
        ]
    }
}
