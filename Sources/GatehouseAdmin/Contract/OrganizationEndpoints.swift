import GatehouseCore
import HTTPTypes

/// Organizations, their domains and invitations.
enum OrganizationEndpoints {
    static let all: [AdminEndpoint] = organizations + domains + invitations

    private static let organizations: [AdminEndpoint] = [
        .create(
            .createOrganization, TenantEndpoints.one + "/organizations", "Make an organization.",
            .organization,
            [
                slug.required, name.required,
                .text(
                    "owner", "The id, e-mail address or username of its first owner.",
                    argument: "user"),
                metadata,
            ]),
        .list(
            .listOrganizations, TenantEndpoints.one + "/organizations",
            "List the organizations of a tenant, oldest first.", .organization),
        AdminEndpoint.show(
            .showOrganization, one, "Show an organization, by id or slug.", .organization
        ).revised,
        AdminEndpoint.change(
            .updateOrganization, one,
            "Change what an organization is called, what is kept with it, and how long a sign-in counts.",
            .organization,
            [
                slug, name, metadata,
                .flag(
                    "verified_publisher", "Whether you have checked that it is who its name says."),
                .text("session_length", "How long a sign-in counts, 5m to 14d, or none."),
            ]
        ).revised,
        .act(
            .suspendOrganization, one + "/suspend", "Let nobody act in an organization.",
            .organization, [.text("reason", "Why."), .text("by", "Who wants it so.")]),
        .act(
            .activateOrganization, one + "/activate",
            "Let people act in a suspended organization again.", .organization),
        .change(
            .deleteOrganization, one,
            "Delete an organization: nobody acts in it any more, and later it is removed.",
            .organization,
            [
                .number(
                    "grace_days", 0...365, "Days in which it can be restored. Default: 30.")
            ], by: .delete),
        .act(
            .restoreOrganization, one + "/restore", "Take the deletion of an organization back.",
            .organization),
        .change(
            .setOrganizationLogos, one + "/logos",
            "Give an organization logos, in the place of those it had.", .organization,
            ClientEndpoints.logos, by: .put),
        .change(
            .removeOrganizationLogos, one + "/logos", "Take its logos from an organization.",
            .organization, [], by: .delete),
    ]

    private static let domains: [AdminEndpoint] = [
        .create(
            .addOrganizationDomain, one + "/domains",
            "Claim a domain; the answer has the TXT record that proves it.", .organizationDomain,
            [Member.text("host", "The domain, such as example.com.").required] + rules),
        .list(
            .listOrganizationDomains, one + "/domains", "List the domains of an organization.",
            .organizationDomain, .whole),
        .change(
            .updateOrganizationDomain, one + "/domains/{host}", "Change what a domain decides.",
            .organizationDomain, rules),
        .act(
            .verifyOrganizationDomain, one + "/domains/{host}/verify",
            "Look for the TXT record, and have the organization decide if it is there.",
            .organizationDomain),
        .delete(
            .removeOrganizationDomain, one + "/domains/{host}",
            "Give a domain up; it decides nothing any more.", as: "removed"),
    ]

    private static let invitations: [AdminEndpoint] = [
        .create(
            .invite, one + "/invitations", "Invite somebody into an organization, by mail.",
            .invitation,
            [
                Member.text("email", "The e-mail address of whom to invite.").required,
                .text("by", "Who invites, as the letter names them."), days,
            ] + MemberEndpoints.rights),
        .list(
            .listInvitations, one + "/invitations",
            "List the invitations into an organization, oldest first.", .invitation),
        .act(
            .resendInvitation, one + "/invitations/{invitation}/resend",
            "Send another letter, which makes the link of the one before useless.", .invitation,
            [days], .help),
        .change(
            .revokeInvitation, one + "/invitations/{invitation}",
            "Take an invitation back that was not accepted.", .invitation, [], by: .delete, .help),
    ]

    static let one = TenantEndpoints.one + "/organizations/{organization}"
    private static let slug = Member.text(
        "slug", "What requests call it: lower-case letters, digits and hyphens.")
    private static let name = Member.text("name", "What people see.")
    private static let metadata = Member("metadata", .object, "What is kept with it.")
    private static let days = Member.number(
        "days", 1...30, "For how many days it can be accepted. Default: 7.")
    private static let rules: [Member] = [
        .flag("join", "Whether people with a verified address there become members."),
        .texts("roles", "Roles that they get then.", option: "--role"),
        .flag("require", "Whether people with an address there sign in as members, or not at all."),
    ]
}

extension Shape {
    static let organization = Shape(
        "Organization", "A group of people within a tenant.",
        [
            .text("id", "Its id."), .text("slug", "What requests call it."),
            .text("name", "What people see."),
            .choice("state", ["active", "suspended", "deleting"], "Whether people act in it."),
            .flag("verified_publisher", "Whether it is known to be who its name says."),
            Field("metadata", .anyObject, "What is kept with it."),
            .time("created_at", "When it was made."), .time("updated_at", "When it was changed."),
            .text("session_length", "How long a sign-in counts there.").optional,
            .time("suspended_at", "Since when it is suspended.").optional,
            .text("reason", "Why it is suspended.").orNull.optional,
            .text("suspended_by", "Who wanted it so.").orNull.optional,
            .time("removed_at", "When it is removed.").optional,
            Field("logos", .object(logos), "Its logos.").optional,
        ])

    static let organizationDomain = Shape(
        "OrganizationDomain", "A domain that an organization speaks for.",
        [
            .text("host", "The domain."), .text("organization", "Whose it is."),
            .choice("state", ["in_use", "unverified"], "Whether it decides."),
            .flag("join", "Whether people with an address there become members."),
            .texts("roles", "Roles that they get then."),
            .flag("require", "Whether they sign in as members, or not at all."),
        ] + proof)

    static let invitation = Shape(
        "Invitation", "That whoever has an address may become a member.",
        [
            .text("id", "Its id."), .text("organization", "Into which organization."),
            .text("email", "Who is invited."), .text("state", "Whether it waits for an answer."),
            .text("letter", "How it went with the letter."),
            .text("by", "Who invites.").orNull, .text("title", "What they are to be.").orNull,
            .texts("roles", "The roles they get."), .texts("scopes", "What they may do besides."),
            .time("created_at", "When it was made."), .time("expires_at", "Until when it counts."),
            .text("user", "Who accepted it.").optional,
            .time("accepted_at", "When it was accepted.").optional,
            .time("revoked_at", "When it was taken back.").optional,
        ])
}
