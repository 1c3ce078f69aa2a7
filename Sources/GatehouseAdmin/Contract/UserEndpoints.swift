import GatehouseCore

/// People, what they allowed, and what is asked of them elsewhere.
enum UserEndpoints {
    static let all: [AdminEndpoint] = users + sessions + consents + backchannel

    private static let sessions: [AdminEndpoint] = [
        .list(
            .listSessions, one + "/sessions", "List where a person is signed in, oldest first.",
            .session, .whole),
        .delete(
            .endSession, one + "/sessions/{session}",
            "End a session, and what was to last as long.", as: "ended", .help),
        .delete(
            .endAllSessions, one + "/sessions",
            "End all sessions and grants of a person: they sign in anew everywhere.",
            as: "ended", .help),
    ]

    private static let users: [AdminEndpoint] = [
        .create(
            .createUser, TenantEndpoints.one + "/users", "Create a user.", .user,
            profile + [.flag("verified", "Take the e-mail address as verified.")]),
        .list(
            .listUsers, TenantEndpoints.one + "/users", "List the users of a tenant, oldest first.",
            .user),
        AdminEndpoint.show(.showUser, one, "Show a user, by id, e-mail address or username.", .user)
            .revised,
        AdminEndpoint.change(
            .updateUser, one,
            "Change a user. A new password, or disabling, ends all their sessions.",
            .user,
            profile + [
                .flag("verified", "Whether the e-mail address is verified."),
                .flag("disabled", "Whether the user may not sign in."),
            ]
        ).revised,
        .delete(.deleteUser, one, "Delete a user with their sessions, grants and memberships."),
    ]

    private static let consents: [AdminEndpoint] = [
        .list(
            .listConsents, TenantEndpoints.one + "/consents",
            "List what people allowed clients, oldest first.", .consent,
            by: [
                .text("user", "Only what this user allowed: an id, e-mail address or username."),
                .text("client", "Only what was allowed to the client of this id."),
                .text("organization", "Only what was allowed in this organization: id or slug."),
            ]),
        .delete(
            .revokeConsent, TenantEndpoints.one + "/consents/{consent}",
            "Take back a consent, and every token that came of it.", as: "revoked", .help),
    ]

    private static let backchannel: [AdminEndpoint] = [
        .list(
            .listBackchannel, one + "/backchannel-authentications",
            "List what clients ask of a person, by their id, who is elsewhere (CIBA).",
            .backchannelAuthentication, .whole),
        .act(
            .allowBackchannel,
            TenantEndpoints.one + "/backchannel-authentications/{request}/allow",
            "Let a client in, as its user, who is signed in, would.", .backchannelAnswer),
        .act(
            .denyBackchannel, TenantEndpoints.one + "/backchannel-authentications/{request}/deny",
            "Refuse what a client asks of a person.", .backchannelAnswer, [], .help),
    ]

    private static let one = TenantEndpoints.one + "/users/{user}"
    private static let profile: [Member] = [
        .text("email", "The e-mail address to sign in with."),
        .text("username", "The username to sign in with."),
        .text("name", "What people see."),
        .text("password", "A password to sign in with."),
    ]
}

extension Shape {
    static let user = Shape(
        "User", "A person who signs in at a tenant.",
        [
            .text("id", "Their id."), .text("email", "Their e-mail address.").orNull,
            .flag("email_verified", "Whether it is known to be theirs."),
            .text("username", "Their username.").orNull, .text("name", "What people see.").orNull,
            .flag("has_password", "Whether they sign in with a password."),
            .time("created_at", "When the account was made."),
            .time("disabled_at", "Since when they may not sign in.").orNull,
        ])

    static let session = Shape(
        "Session", "A browser in which a person is signed in.",
        [
            .text("id", "Its id, the sid of ID tokens."), .text("user", "Who is signed in."),
            .time("authenticated_at", "When they proved who they are."),
            .texts("authentication_methods", "How they did (RFC 8176)."),
            .time("last_seen_at", "When it was last used."),
            .time("expires_at", "When it ends however busy it is."),
            .text("organization", "The organization through which they signed in.").orNull,
        ])

    static let consent = Shape(
        "Consent", "What a person allowed a client for good.",
        [
            .text("id", "Its id."), .text("user", "Who allowed it."),
            .text("client", "The client."),
            .text("organization", "In which organization.").orNull,
            Field("allowed", .list(consentPart), "What was allowed."),
            .time("created_at", "When it was allowed first."),
            .time("updated_at", "When it was allowed last."),
        ])

    private static let consentPart = Shape(
        "ConsentPart", "What of one resource was allowed.",
        [
            .text("resource", "The resource; null for who the person is.").orNull,
            .text("scope", "The scope."),
        ])

    static let backchannelAuthentication = Shape(
        "BackchannelAuthentication", "What a client asks of a person who is elsewhere.",
        [
            .text("id", "Its id."), .text("client", "Who asks."), .text("user", "Who is asked."),
            .text("scope", "What for."),
            .text("binding_message", "What the client shows meanwhile.").orNull,
            .time("created_at", "When it was asked."), .time("expires_at", "Until when."),
        ])

    static let backchannelAnswer = Shape(
        "BackchannelAnswer", "What was made of a question.",
        [
            .text("id", "The question."),
            .choice("answer", ["allowed", "denied"], "What was answered."),
        ])
}
