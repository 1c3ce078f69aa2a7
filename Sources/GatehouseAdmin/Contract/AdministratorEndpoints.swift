import GatehouseCore

/// Who administers.
enum AdministratorEndpoints {
    static let all: [AdminEndpoint] =
        [
            AdminEndpoint.show(
                .showAdministrator, "me", "Show as what you administer what.", .administrator),
            AdminEndpoint.act(
                .issueAdminLink, "admin-links",
                "Make a one-time link to the pages of the administration.", .adminLink, [], .own
            ).ofInstallation,
        ]
        + people.map(\.ofInstallation)
        + keys(
            below: "", create: .createAdministratorKey, list: .listAdministratorKeys,
            revoke: .revokeAdministratorKey
        ).map(\.ofInstallation)
        + keys(
            below: TenantEndpoints.one + "/", create: .createTenantAdministratorKey,
            list: .listTenantAdministratorKeys, revoke: .revokeTenantAdministratorKey)

    private static let people: [AdminEndpoint] = [
        .create(
            .setAdministrator, "administrators",
            "Have a person administer; or as something else, if they do already.",
            .administratorPerson,
            [
                Member.text("email", "Their e-mail address.").required,
                .text("name", "What people see."),
                Member.choice(
                    "role", AdministratorRole.allCases.map(\.rawValue), "How much they may do."
                ).required,
                within,
            ], .own),
        .list(
            .listAdministrators, "administrators", "List the people who administer, and what.",
            .administratorPerson, .whole),
        .act(
            .linkAdministrator, "administrators/{person}/link",
            "Make a one-time link that signs the person in. It is shown once, here.", .adminLink,
            [], .own),
        .delete(
            .removeAdministrator, "administrators/{person}",
            "Keep a person out of what they administered, at once.", as: "removed", by: [within],
            .own),
    ]
    private static let within = Member.text(
        "within", "The slug of the one tenant that they administer. Default: all of them.")

    private static func keys(
        below path: String, create: Operation.Name, list: Operation.Name, revoke: Operation.Name
    ) -> [AdminEndpoint] {
        [
            .create(
                create, path + "administrator-keys",
                "Make a key by which a program administers. It is shown once, here.",
                .administratorKey,
                [
                    Member.text("name", "What it is for, in words.").required,
                    Member.choice(
                        "role", AdministratorRole.allCases.map(\.rawValue),
                        "How much its bearer may do."
                    ).required,
                    .text(
                        "expires_in", "How long it is good, such as 12h or 90d. Default: for good."),
                ], .own),
            .list(
                list, path + "administrator-keys", "List the administrator keys, oldest first.",
                .administratorKey),
            .delete(
                revoke, path + "administrator-keys/{key}",
                "Make an administrator key useless at once.", as: "revoked", .own),
        ]
    }
}

extension Shape {
    static let administratorKey = Shape(
        "AdministratorKey", "A secret by which a program administers.",
        [
            .text("id", "Its id."), .text("name", "What it is for."),
            .text("begins_with", "How it begins."),
            .choice(
                "role", AdministratorRole.allCases.map(\.rawValue), "How much its bearer may do."),
            .text("tenant", "The one tenant that it administers; null for all.").orNull,
            .time("created_at", "When it was made."), .text("created_by", "Who made it."),
            .time("expires_at", "When it stops being good.").orNull,
            .time("last_used_at", "When it was last used.").orNull,
            .text("administrator_key", "The key; shown once.").optional,
        ])

    static let administratorPerson = Shape(
        "AdministratorPerson", "A person who administers.",
        [
            .text("id", "Their id."), .text("email", "Their e-mail address.").orNull,
            .text("name", "What people see.").orNull,
            .choice(
                "role", AdministratorRole.allCases.map(\.rawValue), "How much they may do."),
            .text("within", "The one tenant that they administer; null for all.").orNull,
            .time("created_at", "Since when."), .text("created_by", "Who wanted it so."),
            .text("url", "A link that signs them in once; shown once.").optional,
        ])

    static let administrator = Shape(
        "Administrator", "As what somebody administers what.",
        [
            .text("id", "The id of the key, or operator."), .text("name", "What it is for.").orNull,
            .choice(
                "role", AdministratorRole.allCases.map(\.rawValue), "How much its bearer may do."),
            .text("tenant", "The one tenant that is administered; null for all.").orNull,
        ])

    static let adminLink = Shape(
        "AdminLink", "A link that works once.",
        [.text("url", "The link."), .number("expires_in", "For how many seconds it works.")])
}
