import ArgumentParser
import GatehouseAdmin
import GatehouseEncoding

/// Invites somebody into an organization, by a letter to an e-mail address.
struct InviteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "invite",
        abstract: "Invite somebody into an organization, by mail.",
        discussion: """
            The letter brings a link that works once, for an account with this very address, and \
            only after a click. A server with a mail-server sends it; “letter” tells how it went.
            """)

    @Argument(help: "The e-mail address of whom to invite.") var email: String
    @Option(help: "The organization's id or slug.") var organization: String
    @Option(help: "The tenant's slug.") var tenant: String
    @OptionGroup var rights: MemberCommand.Rights
    @Option(help: "Who invites, as the letter names them.") var by: String?
    @Option(help: "For how many days it can be accepted, 1 to 30. Default: 7.") var days: Int?
    @OptionGroup var instance: InstanceOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await perform(
            .invite,
            [
                ("tenant", .string(tenant)), ("organization", .string(organization)),
                ("email", .string(email)), ("by", by.map { .string($0) }),
                ("days", days.map { .integer(Int64($0)) }),
            ] + rights.arguments, instance, output)
    }
}

/// Commands on invitations into an organization.
struct InvitationCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "invitation",
        abstract: "See what became of invitations, send them again, take them back.",
        subcommands: [List.self, Resend.self, Revoke.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List the invitations into an organization, oldest first.")
        @Argument(help: "The organization's id or slug.") var organization: String
        @Option(help: "The tenant's slug.") var tenant: String
        @Option(help: "Begin after the invitation of this id.") var after: String?
        @Option(help: "How many to list. Default: 100.") var limit: Int = 100
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .listInvitations,
                [
                    ("tenant", .string(tenant)),
                    ("organization", .string(organization)),
                    ("after", after.map { .string($0) }), ("limit", .integer(Int64(limit))),
                ], instance, output)
        }
    }

    struct Resend: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "resend",
            abstract: "Send another letter, which makes the link of the one before useless.")
        @Argument(help: "The organization's id or slug.") var organization: String
        @Argument(help: "The invitation's id.") var invitation: String
        @Option(help: "The tenant's slug.") var tenant: String
        @Option(help: "For how many days it can be accepted, 1 to 30. Default: 7.") var days: Int?
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .resendInvitation,
                [
                    ("tenant", .string(tenant)),
                    ("organization", .string(organization)),
                    ("invitation", .string(invitation)),
                    ("days", days.map { .integer(Int64($0)) }),
                ], instance, output)
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "revoke", abstract: "Take an invitation back that was not accepted.")
        @Argument(help: "The organization's id or slug.") var organization: String
        @Argument(help: "The invitation's id.") var invitation: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .revokeInvitation,
                [
                    ("tenant", .string(tenant)),
                    ("organization", .string(organization)),
                    ("invitation", .string(invitation)),
                ], instance, output)
        }
    }
}
