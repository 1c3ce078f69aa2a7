extension Shape {
    static let client = Shape(
        "Client", "An app that asks for tokens.",
        clientBasics + clientTokens + clientTrust + clientLogout + [
            .text("client_secret", "The secret; shown once.").optional,
            Field("secrets", .list(secret), "Its secrets, without what they are.").optional,
        ])

    private static let clientBasics: [Field] = [
        .text("client_id", "Its id."), .text("name", "What people see."),
        .choice("type", ["web", "spa", "native", "machine"], "What kind of app it is."),
        .texts("redirect_uris", "Where answers may be sent."),
        .texts("post_logout_redirect_uris", "Where a browser may be sent after signing out."),
        .text("scope", "What it may ask for."), .texts("grant_types", "How it may ask."),
        .time("created_at", "When it was registered."),
        .time("disabled_at", "Since when it cannot be used.").orNull,
        .choice(
            "origin", ["administrator", "registered", "metadata_document"], "Who made it known."),
        .choice("party", ["first", "third"], "Whose client it is."),
        .flag("partial_consent", "Whether people may allow some of it only."),
        .texts("authorization_details_types", "What it may ask for in full."),
        Field("logos", .object(logos), "Its logos.").optional,
        .text("policy_uri", "Its privacy policy.").optional,
        .text("tos_uri", "Its terms of service.").optional,
        Field("organizations", .textsOr("none or all"), "Of which organizations it is told."),
        .flag("select_organization", "Whether people select one."),
        .text("organization", "The organization that it belongs to.").optional,
        Field("longest_tokens", .object(forecast), "How long its longest tokens are.").optional,
    ]

    private static let clientTokens: [Field] = [
        .choice("pkce", ["required", "optional"], "Whether PKCE is required."),
        .choice("refresh_tokens", ["offline_access", "always", "never"], "When they are issued."),
        .choice("rotation", ["rotate", "stable"], "What becomes of a used refresh token."),
        .number("rotation_leeway", "Seconds in which a repeated refresh is answered again."),
        .number("access_token_lifetime", "Seconds that access and ID tokens last."),
        .choice("id_token_algorithm", algorithms, "How ID tokens are signed."),
        .choice("access_token_algorithm", algorithms, "How access tokens are signed."),
        .text("audience", "The audience of access tokens."),
        .flag("access_token_email", "Whether access tokens carry the e-mail address."),
        .choice("userinfo_scope", ["granted", "registered"], "The scope that userinfo shows."),
        .flag("dpop_bound_access_tokens", "Whether tokens are bound to a DPoP key."),
        .choice("dpop_nonce", ["required", "optional"], "Whether proofs need a nonce."),
        .flag("device_authorization", "Whether it is let in from another device."),
        .flag("require_pushed_authorization_requests", "Whether requests have to be pushed."),
        .texts("response_modes", "How answers may travel."),
        .flag("backchannel_authentication", "Whether it asks people who are elsewhere."),
    ]

    private static let clientTrust: [Field] = [
        .text("authentication", "How it proves who it is."),
        .flag("tls_client_certificate_bound_access_tokens", "Whether tokens need a certificate."),
        .text("tls_client_auth_subject_dn", "The subject of its certificate.").optional,
        .text("tls_client_auth_san_dns", "A host that its certificate names.").optional,
        .text("tls_client_auth_san_uri", "A URI that its certificate names.").optional,
        .text("tls_client_auth_san_ip", "An address that its certificate names.").optional,
        .text("tls_client_auth_san_email", "An e-mail address of its certificate.").optional,
        Field("jwks", .anyObject, "Its public keys.").optional,
        .text("jwks_uri", "Where it publishes its keys.").optional,
        .choice(
            "profile", ["standard", "legacy", "fapi2", "fapi2-message-signing"],
            "What it promises."),
        .flag("require_signed_request_object", "Whether requests have to be signed."),
        .text("request_object_algorithm", "How request objects are signed, or any."),
        .text("userinfo_algorithm", "How userinfo is signed, or none."),
        .choice("subject_type", ["public", "pairwise"], "By which name it knows people."),
        .text("sector", "The host of its sector.").optional,
        .text("sector_identifier_uri", "Where the sector is listed.").optional,
    ]

    private static let clientLogout: [Field] = [
        .text("backchannel_logout_uri", "Where the end of a session is told.").optional,
        .flag("backchannel_logout_session_required", "Whether it needs a sid there.").optional,
        .text("frontchannel_logout_uri", "What the browser loads then.").optional,
        .flag("frontchannel_logout_session_required", "Whether it needs iss and sid.").optional,
        .text("initiate_login_uri", "Where it begins a sign-in.").optional,
        .text("backchannel_token_delivery_mode", "How it hears of answers.").optional,
        .text("backchannel_client_notification_endpoint", "Where it is told.").optional,
    ]

    static let logos = Shape(
        "Logos", "The logos of a client, an organization or a tenant, by their ids.",
        [
            .text("light", "The usual one."), .text("dark", "The one for dark pages.").optional,
            .text("logo_uri", "Where it was fetched.").optional,
        ])

    private static let forecast = Shape(
        "TokenForecast", "How long tokens become.",
        [
            .text("user", "For whom."), .number("organizations", "Of how many it is told."),
            .number("claims_bytes", "How long the claims are."),
            .number("token_bytes", "How long a token is."),
            .text("fit", "Whether cookies and headers hold it."),
        ])

    private static let secret = Shape(
        "ClientSecret", "A secret of a client, without what it is.",
        [
            .text("id", "Its id."), .time("created_at", "When it was made."),
            .time("last_used_at", "When it was last used.").orNull,
        ])

    private static let refusal: [Field] = [
        .text("incident", "The incident id that the person was shown."),
        .time("occurred_at", "When it was refused."),
        .text("client", "The client that was named, if it is an id.").orNull,
        .text("rule", "The rule that failed."),
        .text("error", "What the client was told; null where nobody was sent anywhere.").orNull,
    ]
    static let refusedRequest = Shape(
        "RefusedRequest", "An authorization request that was refused.", refusal)
    static let explainedRequest = Shape(
        "ExplainedRequest", "An authorization request that was refused, with all that is known.",
        refusal + [
            Field(
                "sent", .describedNames,
                "What was sent; of what could tell of a person only how long it was."),
            .texts("registered", "What is registered instead."),
            .text("nearest", "Of that, what is most like what was sent.").optional,
            .number("differs_at", "How many characters they have in common.").optional,
            .text("advice", "What to do about it."),
        ])

    static let newSecret = Shape(
        "NewClientSecret", "A secret that is shown once.",
        [
            .text("client_id", "Whose it is."), .text("id", "Its id."),
            .text("client_secret", "The secret."),
        ])

    static let exchangePolicy = Shape(
        "ExchangePolicy", "What a client may exchange.",
        [
            .text("id", "Its id."),
            .choice("mode", ["delegation", "impersonation"], "Whether the token says who acts."),
            .texts("resources", "What new tokens may be for."),
            .texts("from", "Clients whose tokens may be exchanged."),
            .texts("audiences", "Audiences of tokens that may be exchanged."),
            .text("scope", "Scope that new tokens may have besides."),
            .flag("id_tokens", "Whether ID tokens may be exchanged too."),
            .text("may_act", "The only client that may exchange the new token again.").orNull,
            .flag("hide_actor", "Whether the token leaves out who acts."),
            .time("created_at", "When it was made."),
        ])
}
