/// What may be decided for a client.
enum ClientMembers {
    static let all: [Member] =
        addresses + tokens + possession + authentication + profile + elsewhere + people

    private static let addresses: [Member] = [
        .texts("redirect_uris", "Where answers may be sent.", option: "--redirect-uri"),
        .texts(
            "post_logout_redirect_uris", "Where a browser may be sent after signing out.",
            option: "--post-logout-redirect-uri"),
        .texts(
            "response_modes",
            "How answers may travel, the usual one first: query, fragment, form_post, or .jwt.",
            option: "--response-mode"),
        .text("initiate_login_uri", "Where the client begins a sign-in. An empty one: none."),
        .text("backchannel_logout_uri", "Where the end of a session is told. An empty one: none."),
        .flag("backchannel_logout_session_required", "Whether the client needs a sid there."),
        .text(
            "frontchannel_logout_uri",
            "What the browser loads when a session ends. An empty one: none."),
        .flag(
            "frontchannel_logout_session_required", "Whether the client needs iss and sid there."),
    ]

    private static let tokens: [Member] = [
        .text("scope", "What the client may ask for."),
        .text("audience", "The audience of access tokens. Default: the client id."),
        .choice("pkce", ["required", "optional"], "optional is for legacy confidential clients."),
        .choice(
            "refresh_tokens", ["offline_access", "always", "never"],
            "When refresh tokens are issued."),
        .choice("rotation", ["rotate", "stable"], "What becomes of a used refresh token."),
        .number(
            "rotation_leeway", 0...60, "Seconds in which a repeated refresh is answered again."),
        .number(
            "access_token_lifetime", 30...86_400, "Seconds that access and ID tokens last."),
        .choice("id_token_algorithm", Shape.algorithms, "How ID tokens are signed."),
        .choice("access_token_algorithm", Shape.algorithms, "How access tokens are signed."),
        .flag("access_token_email", "Whether access tokens carry the e-mail address."),
        .choice(
            "userinfo_scope", ["granted", "registered"], "The scope whose claims userinfo shows."),
    ]

    private static let possession: [Member] = [
        .flag(
            "dpop_bound_access_tokens",
            "Whether the client gets tokens only with a DPoP proof, bound to its key."),
        .choice("dpop_nonce", ["required", "optional"], "Whether DPoP proofs need a nonce."),
        .flag(
            "tls_client_certificate_bound_access_tokens",
            "Whether the client gets tokens only with a certificate, bound to it (RFC 8705)."),
        .flag(
            "require_pushed_authorization_requests",
            "Whether authorization requests have to be pushed (RFC 9126)."),
    ]

    private static let authentication: [Member] = [
        .choice(
            "authentication",
            [
                "secret", "client_secret_basic", "client_secret_post", "private_key_jwt",
                "tls_client_auth", "self_signed_tls_client_auth", "none",
            ], "How the client proves who it is."),
        Member("jwks", .object, "The public keys of the client, as a JSON Web Key Set."),
        .text("jwks_uri", "The https address at which the client publishes its keys."),
        .text("tls_client_auth_subject_dn", "The subject of its certificate (RFC 4514)."),
        .text("tls_client_auth_san_dns", "A host that its certificate names."),
        .text("tls_client_auth_san_uri", "A URI that its certificate names."),
        .text("tls_client_auth_san_ip", "An IP address that its certificate names."),
        .text("tls_client_auth_san_email", "An e-mail address that its certificate names."),
    ]

    private static let profile: [Member] = [
        .choice(
            "profile", ["standard", "legacy", "fapi2", "fapi2-message-signing"],
            "What the client promises, which sets what it asks for and holds the client to it."),
        .flag(
            "require_signed_request_object",
            "Whether authorization requests have to be signed (RFC 9101)."),
        .choice(
            "request_object_algorithm", Shape.algorithms + ["any"],
            "How request objects are signed."),
        .choice(
            "userinfo_algorithm", Shape.algorithms + ["none"],
            "How userinfo is signed; none for plain JSON."),
        .choice(
            "subject_type", ["public", "pairwise"],
            "By which name the client knows people. Never changed later."),
        .text("sector_identifier_uri", "Where the redirect URIs of a sector are listed."),
    ]

    private static let elsewhere: [Member] = [
        .flag(
            "device_authorization",
            "Whether people may let the client in from another device (RFC 8628)."),
        .flag(
            "backchannel_authentication",
            "Whether the client may ask people who are elsewhere to sign in to it (CIBA)."),
        .choice(
            "backchannel_token_delivery_mode", ["poll", "ping"],
            "How the client hears that somebody who is elsewhere has answered."),
        .text("backchannel_client_notification_endpoint", "Where the client is told, for ping."),
    ]

    private static let people: [Member] = [
        .choice("party", ["first", "third"], "Whose client it is: your own, or somebody else's."),
        .flag("partial_consent", "Whether people who are asked may allow some of it only."),
        .texts(
            "authorization_details_types",
            "Types of authorization details that it may ask for (RFC 9396).",
            option: "--authorization-details-type"),
        .text("policy_uri", "The https address of its privacy policy. An empty one: none."),
        .text("tos_uri", "The https address of its terms of service. An empty one: none."),
        Member(
            "organizations", .textsOr(["none", "all"]),
            "Which organizations of a person its tokens tell of, by their ids."),
        .flag(
            "select_organization", "Whether people who are in several select one to sign in with."),
        .text("organization", "The id of the organization that it belongs to, or none."),
    ]
}
