import GatehouseCore
import HTTPTypes

/// Who is in organizations, and what roles and groups make of them.
enum MemberEndpoints {
    static let all: [AdminEndpoint] = members + groups + roles

    private static let members: [AdminEndpoint] = [
        .create(
            .addMember, organization + "/members", "Put a user into an organization.", .membership,
            [
                Member.text("user", "The id, e-mail address or username of a user.").required
            ] + rights),
        .list(
            .listMembers, organization + "/members",
            "List the members of an organization, by their ids.", .membership, .after("user"),
            by: [.text("group", "Only those who are in this group.")]),
        .change(
            .updateMember, member, "Change a member. A list that is given replaces the old one.",
            .membership, rights),
        .act(
            .suspendMember, member + "/suspend", "Have a membership not count.", .membership, [],
            .help),
        .act(
            .activateMember, member + "/activate", "Have a suspended membership count again.",
            .membership, [], .help),
        .delete(
            .removeMember, member, "Take a user out of an organization.", as: "removed"),
    ]

    private static let groups: [AdminEndpoint] = [
        .create(
            .createGroup, organization + "/groups", "Make a group that carries roles.", .group,
            [Member.text("name", "The name of the group.", argument: "group").required, carried]),
        .list(
            .listGroups, organization + "/groups", "List the groups of an organization, by name.",
            .group, .whole),
        .change(
            .updateGroup, group, "Change the roles of a group, for all who are in it.", .group,
            [carried.required]),
        .delete(
            .deleteGroup, group, "Delete a group; its members stay in the organization."),
        .change(
            .addToGroup, group + "/members/{user}",
            "Put a member of the organization into a group.", .group, [], by: .put),
        .change(
            .removeFromGroup, group + "/members/{user}", "Take a member out of a group.", .group,
            [], by: .delete),
    ]

    private static let roles: [AdminEndpoint] = [
        .create(
            .createRole, TenantEndpoints.one + "/roles", "Make a role.", .role,
            [
                Member.text("name", "The name of the role.", argument: "role").required, owner,
                scopes,
            ]
        ),
        .list(
            .listRoles, TenantEndpoints.one + "/roles",
            "List the roles of a tenant, or of one organization.", .role, .whole, by: [owner]),
        .change(
            .updateRole, role, "Change the scopes of a role, for all who have it.", .role,
            [owner, scopes.required]),
        .delete(.deleteRole, role, "Delete a role that nobody has.", by: [owner]),
    ]

    private static let organization = OrganizationEndpoints.one
    private static let member = organization + "/members/{user}"
    private static let group = organization + "/groups/{group}"
    private static let role = TenantEndpoints.one + "/roles/{role}"
    private static let owner = Member.text(
        "organization", "The one organization that has it, by id or slug. Default: all.")
    private static let scopes = Member.texts(
        "scopes", "What members may do by it, such as projects:write.", option: "--scope")
    private static let carried = Member.texts(
        "roles", "Roles of the organization or of the tenant.", option: "--role")
    static let rights: [Member] = [
        carried,
        .texts(
            "scopes", "What they may do besides, such as projects:write or owner.",
            option: "--scope"),
        .text("title", "What they are there, such as Founder; an empty one: nothing."),
    ]
}

extension Shape {
    static let membership = Shape(
        "Membership", "That a user is in an organization.",
        [
            .text("organization", "The organization."), .text("user", "The user."),
            .text("title", "What they are there.").orNull, .texts("roles", "Their roles."),
            .texts("groups", "Their groups."), .texts("scopes", "What they may do besides."),
            .texts("all_scopes", "All that they may do."),
            .choice("state", ["active", "suspended"], "Whether it counts."),
            .time("joined_at", "Since when."), .time("updated_at", "When it was changed."),
        ])

    static let group = Shape(
        "Group", "People of one organization who have the same roles by being in it.",
        [
            .text("id", "Its id."), .text("name", "Its name."),
            .text("organization", "The organization."), .texts("roles", "What it carries."),
            .time("created_at", "When it was made."), .time("updated_at", "When it was changed."),
        ])

    static let role = Shape(
        "Role", "A named set of scopes.",
        [
            .text("id", "Its id."), .text("name", "Its name."),
            .text("organization", "The one organization that has it.").orNull,
            .texts("scopes", "What members may do by it."),
            .time("created_at", "When it was made."), .time("updated_at", "When it was changed."),
        ])
}
