import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol

/// Walks a client's registration and says what will fail, and what is unwise.
///
/// It asks nobody and changes nothing: keys that a client publishes are not fetched.
struct ClientCheck: Sendable {
    let findings: [Finding]

    init(_ situation: ClientSituation) {
        findings = Self.subjects.flatMap { subject in
            let found = subject.look(situation)
            return found.isEmpty ? [.fine(subject.rule, subject.praise)] : found
        }
    }

    /// One part of the registration: how it is judged, and what is said if nothing is the matter.
    private struct Subject: Sendable {
        let rule: String
        let praise: String
        let look: @Sendable (ClientSituation) -> [Finding]
    }

    private static let subjects = [
        Subject(
            rule: "availability", praise: "The client can be used.",
            look: AvailabilityRules.look),
        Subject(
            rule: "addresses", praise: "Its addresses are as they should be.",
            look: AddressRules.look),
        Subject(
            rule: "scope", praise: "What it may ask for is there.", look: ScopeRules.look),
        Subject(
            rule: "credentials", praise: "It can prove who it is.",
            look: CredentialRules.look),
        Subject(
            rule: "protection", praise: "It is let off nothing that protects people.",
            look: ProtectionRules.look),
        Subject(
            rule: "tokens", praise: "Its tokens can be signed, and fit everywhere.",
            look: TokenRules.look),
        Subject(
            rule: "refused_requests", praise: "None of its requests was refused in the last day.",
            look: TrafficRules.look),
    ]
}

/// Whether the client can be used at all.
private enum AvailabilityRules {
    static func look(_ situation: ClientSituation) -> [Finding] {
        let (tenant, client) = (situation.tenant, situation.client)
        var found: [Finding] = []
        if tenant.disabledAt != nil {
            found.append(
                .failure(
                    "tenant_disabled", "The tenant is disabled.", "Enable it.",
                    by: "gatehouse tenant update \(tenant.slug.text) --enable"))
        }
        if client.disabledAt != nil {
            found.append(
                .failure(
                    "client_disabled", "The client is disabled.", "Enable it.",
                    by: situation.command("update", "--enable"), at: "disabled"))
        }
        if !client.hasActiveOwner, let owner = client.policies.organizations.owner {
            found.append(
                .failure(
                    "owner_suspended", "Nobody acts in the organization that it belongs to.",
                    "Activate or restore the organization.",
                    by: "gatehouse organization activate \(owner.text) --tenant "
                        + tenant.slug.text,
                    at: "organization"))
        }
        if situation.issuer.text.utf8.starts(with: "http:".utf8) {
            found.append(
                .warning(
                    "issuer_on_this_machine",
                    "The issuer is plain http: only apps on this machine reach it.",
                    "Give the installation an https address before others use it."))
        }
        return found + situation.domains.compactMap { domain($0, of: tenant) }
    }

    /// What is to be said about a domain: when it is proved, the issuer is another one.
    private static func domain(_ claim: DomainClaim, of tenant: Tenant) -> Finding? {
        let verify = "gatehouse domain verify \(claim.host.text) --tenant \(tenant.slug.text)"
        guard claim.verifiedAt != nil else {
            return .warning(
                "domain_unproved",
                "The tenant claims \(claim.host.text), and it is not proved: the issuer may change.",
                "Prove the domain before apps are given the issuer, or give the claim up.",
                by: verify)
        }
        guard claim.missingSince != nil else { return nil }
        return .warning(
            "domain_proof_missing",
            "The proof of \(claim.host.text) is gone: in a week the tenant loses the domain.",
            "Put the TXT record back.", by: verify)
    }
}

/// Whether what was refused lately tells of a mistake.
private enum TrafficRules {
    static func look(_ situation: ClientSituation) -> [Finding] {
        guard let latest = situation.refused.first else { return [] }
        var counts: [String: Int] = [:]
        for request in situation.refused { counts[request.rule, default: 0] += 1 }
        let most = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }
        let example = situation.refused.first { $0.rule == most?.key } ?? latest
        let count = situation.refused.count
        return [
            .warning(
                "refused_requests",
                "\(count == 1 ? "One request was" : "\(count) requests were") refused in the last "
                    + "day, most often because: \(example.rule)",
                "Look at what was sent against what is registered.",
                by: "gatehouse refused show \(example.incident) --tenant "
                    + situation.tenant.slug.text)
        ]
    }
}
