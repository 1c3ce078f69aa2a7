import GatehouseProtocol
import GatehouseSQL

/// Checks a client that registers itself as one that an operator registers is checked, and sees to it
/// that strangers do not have us ask others without end.
struct CheckRegistration: Sendable {
    let database: any Database
    let instanceKey: InstanceKey
    let checkClient: CheckClient
    /// What clients with certificates are offered.
    let mutualTLS: MutualTLSSupport?

    /// Refuses a client that contradicts itself; `old` is what it was until now.
    ///
    /// True if it counted as an attempt, because a list had to be asked for.
    ///
    /// - Throws: ``OAuthError``, or ``LimitExceeded`` if too many come from one network.
    func check(
        _ client: Client, saying metadata: ClientMetadata, insteadOf old: Client?,
        at tenant: Tenant, through issuer: Issuer, on occasion: Occasion
    ) async throws -> Bool {
        try metadata.requireListElsewhere(than: issuer)
        do throws(ClientRefusal) {
            try CheckClient.judge(client, insteadOf: old)
            try client.requireFittingLogout(servedAt: issuer.text)
            try client.requireFittingNotification(servedAt: issuer.text)
        } catch {
            throw error.registrationError
        }
        // A sector that names nobody has to be true all the same (OpenID Connect Registration §5).
        let named = client.policies.subjectType == .public ? metadata.sectorDocument : nil
        guard let list = named ?? CheckClient.unreadList(of: client, insteadOf: old) else {
            return false
        }
        try await count(at: tenant, on: occasion)
        do throws(ClientRefusal) {
            try await checkClient.check(client, isListedAt: list, at: occasion.now)
        } catch {
            throw error.registrationError
        }
        return true
    }

    /// What counts where everybody may register, and where something is asked for.
    func attempt(at tenant: Tenant, on occasion: Occasion) -> Attempt {
        let keys = AttemptKeys(instanceKey: instanceKey, tenant: tenant.id)
        return Attempt(
            [keys.counter(.registrationNetwork, Network(of: occasion.address).text)],
            by: .anonymous)
    }

    private func count(at tenant: Tenant, on occasion: Occasion) async throws {
        let attempt = attempt(at: tenant, on: occasion)
        let outcome = try await database.write {
            try attempt.count(in: $0.records(of: tenant.id), on: occasion)
        }
        if case .exceeded(let exceeded) = outcome { throw exceeded }
    }
}

extension ClientMetadata {
    /// Refuses a list at our own server: whoever has us ask ourselves can make one request lead to
    /// the next without end.
    func requireListElsewhere(than issuer: Issuer) throws(OAuthError) {
        guard !(sectorDocument?.isOnServer(of: issuer.text) ?? false) else {
            throw OAuthError(
                .invalidClientMetadata, "The sector_identifier_uri is one of this server.")
        }
    }
}

extension ClientRefusal {
    /// The refusal as a client is told it that registers itself: no word of what another server said.
    var registrationError: OAuthError {
        switch self {
        case .contradictions:
            OAuthError(
                .invalidClientMetadata,
                "The profile that this client was given asks for more than it would promise.")
        case .subjectChanged:
            OAuthError(
                .invalidClientMetadata,
                "The subject_type and the sector of a client never change.")
        case .mixedSector:
            OAuthError(
                .invalidClientMetadata,
                "The redirect_uris of subject_type pairwise must be of one host, or be listed at a sector_identifier_uri."
            )
        case .sectorUnavailable:
            OAuthError(
                .invalidClientMetadata, "The list at the sector_identifier_uri cannot be used.")
        case .notInSector:
            OAuthError(
                .invalidRedirectURI,
                "The list at the sector_identifier_uri lacks one of the redirect_uris.")
        case .changedMeanwhile:
            OAuthError(
                .invalidClientMetadata, "The client was changed at the same time; try again.")
        case .frontChannelElsewhere:
            OAuthError(
                .invalidClientMetadata,
                "The frontchannel_logout_uri has not scheme, host and port of one of the redirect_uris."
            )
        case .backChannelHere:
            OAuthError(
                .invalidClientMetadata, "The backchannel_logout_uri is one of this server.")
        case .notificationHere:
            OAuthError(
                .invalidClientMetadata,
                "The backchannel_client_notification_endpoint is one of this server.")
        }
    }
}
