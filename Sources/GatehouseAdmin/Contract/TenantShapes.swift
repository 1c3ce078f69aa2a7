extension Shape {
    static let tenant = Shape(
        "Tenant", "A separate world of users, clients and keys; an issuer.",
        [
            .text("id", "Its id."), .text("slug", "The part of its address that names it."),
            .text("name", "What people see."), .text("issuer", "Its primary issuer."),
            .text("discovery", "Where its metadata is."),
            .texts("allowed_origins", "Origins whose pages may call the endpoints."),
            .choice("registration", ["open", "closed"], "Whether strangers may create accounts."),
            .flag("explain_errors", "Whether error pages show anyone the rule that failed."),
            .time("created_at", "When it was made."),
            .time("disabled_at", "Since when it cannot be used.").orNull,
        ])

    static let limit = Shape(
        "Limit", "How often something may be tried at a tenant.",
        [
            .text("limit", "What is limited."), .number("allowed", "How often it may happen."),
            .text("per", "In which time."), .flag("default", "Whether it is the standard one."),
            .text("standard", "The standard limit."),
        ])

    static let domain = Shape(
        "Domain", "An address of a tenant: an issuer.",
        [
            .text("host", "The domain, unless it is the path of the installation.").optional,
            .text("issuer", "The issuer there."),
            .choice("state", ["in_use", "unverified"], "Whether the tenant answers there."),
            .flag("primary", "Whether the tenant is known by it."),
        ] + proof)

    /// What proves that a domain is somebody's.
    static let proof: [Field] = [
        .text("txt_record", "The name of the TXT record that proves it.").optional,
        .text("txt_value", "What the record must say.").optional,
        .time("verified_at", "Since when it is proved.").orNull.optional,
        .time("missing_since", "Since when the record is missing.").orNull.optional,
    ]

    static let signingKey = Shape(
        "SigningKey", "A key that a tenant signs with.",
        [
            .text("kid", "Its id, as in headers of tokens."),
            .choice("algorithm", algorithms, "What it signs with."),
            .text("state", "Whether it signs, will sign, or is published only."),
            .time("activates_at", "From when it signs."),
            .time("retires_at", "Until when it signs.").orNull,
            .time("removed_at", "Until when it is published.").orNull,
        ])

    static let registrationPolicy = Shape(
        "RegistrationPolicy", "Who may register clients at a tenant, and what.",
        [
            .choice("mode", ["off", "initial-access-token", "open"], "Who may register."),
            .choice("metadata_documents", ["off", "listed", "any"], "Whose documents are taken."),
            .texts("allowed_hosts", "Hosts whose documents are taken."),
            .texts("denied_hosts", "Hosts whose documents are not."),
            .texts("grant_types", "What may be registered."),
            .texts("authentications", "How such clients may prove who they are."),
            .text("scope", "What they may ask for, or resources."),
            .texts("redirect_hosts", "Where their answers may go."),
            .text("remove_unused_after", "After which time an unused one is removed."),
            .number("most_clients", "How many there may be."),
        ])

    static let initialAccessToken = Shape(
        "InitialAccessToken", "What lets somebody register clients.",
        [
            .text("id", "Its id."), .number("uses_left", "How often it can be used."),
            .text("scope", "What such clients may ask for.").orNull,
            .texts("grant_types", "What they may register.").orNull,
            .texts("redirect_hosts", "Where their answers may go."),
            .time("created_at", "When it was made."), .time("expires_at", "When it ends.").orNull,
            .text("initial_access_token", "The token; shown once.").optional,
        ])

    static let algorithms = ["RS256", "PS256", "ES256", "EdDSA"]
}
