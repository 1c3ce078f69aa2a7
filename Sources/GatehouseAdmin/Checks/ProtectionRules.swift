import GatehouseCore
import GatehouseProtocol

/// Whether the client keeps what protects people, and does what it promises.
enum ProtectionRules {
    static func look(_ situation: ClientSituation) -> [Finding] {
        promises(situation) + exceptions(situation) + demands(situation) + consent(situation)
    }

    private static func promises(_ situation: ClientSituation) -> [Finding] {
        let client = situation.client
        return client.contradictions.map { demand in
            .failure(
                "profile_contradicted",
                "The profile \(client.policies.profile.rawValue) asks for \(demand.words), and the "
                    + "registration does not have it.",
                "Register what the profile asks for, or take another profile.", at: "profile")
        }
    }

    /// Where it is let off a default that is strict for a reason.
    private static func exceptions(_ situation: ClientSituation) -> [Finding] {
        let policies = situation.client.policies
        var found: [Finding] = []
        if !policies.requiresPKCE, situation.signsPeopleIn {
            found.append(
                .warning(
                    "pkce_optional",
                    "PKCE is optional: a code that somebody else sees can be put into its answer.",
                    "Require it as soon as the app sends code_challenge (RFC 9700 §2.1.1).",
                    by: situation.command("update", "--pkce required"), at: "pkce"))
        }
        if policies.refreshTokens == .always {
            found.append(
                .warning(
                    "refresh_tokens_unasked", "It gets refresh tokens that it did not ask for.",
                    "Have the app ask for offline_access.",
                    by: situation.command("update", "--refresh-tokens offline_access"),
                    at: "refresh_tokens"))
        }
        if policies.userInfoScope == .registered {
            found.append(
                .warning(
                    "userinfo_beyond_scope", "Userinfo shows it more than it asked for.",
                    "Have the app ask for the scope that it reads.",
                    by: situation.command("update", "--userinfo-scope granted"),
                    at: "userinfo_scope"))
        }
        return found
    }

    /// What many libraries do not do by themselves.
    private static func demands(_ situation: ClientSituation) -> [Finding] {
        let policies = situation.client.policies
        var found: [Finding] = []
        if policies.requiresDPoP {
            found.append(
                .warning(
                    "dpop_required",
                    "Its tokens are bound by DPoP, which many frameworks cannot do by themselves.",
                    "Use a library that can, such as the Swift SDK or openid-client.",
                    at: "dpop_bound_access_tokens"))
        }
        if !policies.responseModes.contains(.query), situation.signsPeopleIn {
            found.append(
                .warning(
                    "answers_otherwise",
                    "Answers do not come in the query, as most libraries expect.",
                    "See that the app asks for a response_mode that is registered.",
                    at: "response_modes"))
        }
        if policies.requiresSignedRequests {
            found.append(
                .warning(
                    "signed_requests_required",
                    "Its requests have to be signed, which few frameworks do.",
                    "Use a library that signs request objects (RFC 9101).",
                    at: "require_signed_request_object"))
        }
        return found
    }

    /// What people who are asked want to know.
    private static func consent(_ situation: ClientSituation) -> [Finding] {
        guard situation.client.isOfThirdParty else { return [] }
        let description = situation.client.registration.description
        guard description.policy == nil || description.terms == nil else { return [] }
        return [
            .warning(
                "no_policy", "People are asked what they allow it, and see no policy or no terms.",
                "Register the addresses of both.",
                by: situation.command("update", "--policy-uri https://… --tos-uri https://…"),
                at: "policy_uri")
        ]
    }
}
