import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import GatehouseWeb

/// What commands do to the invitations of an organization.
struct InvitationOperations {
    let operation: Operation
    let setting: Operation.Setting

    private var invitations: AdministerInvitations { setting.gatehouse.invitations }

    func perform() async throws -> JSONValue {
        let tenant = try await operation.tenant(in: setting)
        let organization = try await OrganizationOperations(
            operation: operation, setting: setting
        ).find(in: tenant)
        let (id, occasion) = (organization.id, setting.occasion)
        switch operation.name {
        case .invite:
            return try shown(
                await invitations.invite(
                    terms(), to: id, of: tenant.id,
                    answeredAt: tenant.primaryIssuer(base: setting.addresses.base), on: occasion))
        case .resendInvitation:
            return try shown(
                await invitations.resend(
                    invitation(), to: id, for: lifetime(), of: tenant.id, on: occasion))
        case .revokeInvitation:
            return try shown(
                await invitations.revoke(invitation(), to: id, of: tenant.id, on: occasion))
        default:
            let after = try operation.value(
                "after", "--after needs the id of an invitation.", Invitation.ID.init(parsing:))
            return .array(
                try await invitations.list(
                    to: id, in: tenant.id, after: after, limit: operation.limit()
                ).map { .object($0.shown(at: occasion.now)) })
        }
    }

    private func terms() throws(OperationError) -> Invitation.Terms {
        let email = try operation.value(
            "email", "That is not an e-mail address in plain ASCII, such as kay@example.com.",
            EmailAddress.init(parsing:))
        guard let email else { throw OperationError(.wrongUse, "Say whom to invite.") }
        let inviter = try operation.value(
            "by", "--by must be one line of 1 to 100 visible characters.",
            DisplayName.init(parsing:))
        return Invitation.Terms(
            email: email, inviter: inviter, title: try operation.memberTitle() ?? nil,
            scopes: try operation.membershipScopes() ?? .none,
            roles: try operation.roleNames() ?? [], lifetime: try lifetime())
    }

    private func lifetime() throws(OperationError) -> Lifetime {
        guard let days = operation.arguments["days"]?.integer else { return Invitation.lifetime }
        guard (1...Invitation.longestDays).contains(days) else {
            throw OperationError(.wrongUse, "--days must be 1 to \(Invitation.longestDays).")
        }
        return .days(days)
    }

    private func invitation() throws(OperationError) -> Invitation.ID {
        let text = try operation.require("invitation")
        guard let id = Invitation.ID(parsing: text) else {
            throw OperationError(.notFound, "There is no such invitation.")
        }
        return id
    }

    private func shown(_ change: AdministerInvitations.Change) throws(OperationError) -> JSONValue {
        switch change {
        case .changed(let invitation): return .object(invitation.shown(at: setting.occasion.now))
        case .notFound: throw OperationError(.notFound, "There is no such invitation.")
        case .taken:
            throw OperationError(
                .conflict, "An invitation to this address waits for an answer; resend that one.")
        case .member: throw OperationError(.conflict, "The user is a member already.")
        case .noRole(let name):
            throw OperationError(.notFound, "There is no role “\(name.text)” there.")
        case .tooManyRoles:
            throw OperationError(.wrongUse, "A member has at most \(Membership.mostRoles) roles.")
        case .tooMany:
            throw OperationError(
                .conflict,
                "An organization has at most \(Invitation.mostOfOrganization) invitations.")
        case .unfit(let state):
            throw OperationError(.conflict, "The invitation is \(state.rawValue).")
        case .limited(let exceeded):
            throw OperationError(
                .unavailable,
                "Too many letters (\(exceeded.name.rawValue)); try again in \(exceeded.retryAfter) s."
            )
        case .refused: throw OperationError.mayNot
        case .away: throw OperationError(.conflict, "Nobody acts in the organization now.")
        case .gone: throw OperationError(.notFound, "The organization is gone.")
        }
    }
}

extension Invitation {
    /// The invitation as commands print it: its secret is in the letter, and nowhere else.
    fileprivate func shown(at now: Timestamp) -> JSONObject {
        var object = JSONObject([
            ("id", .string(id.text)), ("organization", .string(organizationID.text)),
            ("email", .string(email.text)), ("state", .string(state(at: now).rawValue)),
            ("letter", .string(letter.state.rawValue)), ("by", .optional(inviter?.text)),
            ("title", .optional(title?.text)),
            ("roles", .array(roles.map { .string($0.text) })),
            ("scopes", .array(scopes.texts.map { .string($0) })),
            ("created_at", .string(CalendarTime(createdAt).timestamp)),
            ("expires_at", .string(CalendarTime(expiresAt).timestamp)),
        ])
        if let acceptedBy { object.add("user", .string(acceptedBy.text)) }
        if let acceptedAt { object.add("accepted_at", .time(acceptedAt)) }
        if let revokedAt { object.add("revoked_at", .time(revokedAt)) }
        return object
    }
}
