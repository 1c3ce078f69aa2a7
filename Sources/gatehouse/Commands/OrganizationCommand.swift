import ArgumentParser
import GatehouseAdmin
import GatehouseEncoding

/// Commands on organizations.
struct OrganizationCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "organization",
        abstract: "Group the people of a tenant, and say what they may do there.",
        subcommands: [
            Create.self, List.self, Show.self, Update.self, Suspend.self, Activate.self,
            Delete.self, Restore.self, OrganizationLogoCommand.self, RoleCommand.self,
            MemberCommand.self,
            GroupCommand.self, InviteCommand.self, InvitationCommand.self,
            OrganizationDomainCommand.self,
        ])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create", abstract: "Make an organization.")
        @Argument(help: "What requests call it: lower-case letters, digits and hyphens.")
        var slug: String
        @Option(help: "The tenant's slug.") var tenant: String
        @Option(help: "What people see.") var name: String
        @Option(help: "The id, e-mail address or username of its first owner.") var owner: String?
        @Option(help: "A JSON object to keep with it.") var metadata: String?
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .createOrganization,
                [
                    ("tenant", .string(tenant)), ("slug", .string(slug)),
                    ("name", .string(name)), ("user", owner.map { .string($0) }),
                    ("metadata", metadata.map { .string($0) }),
                ], instance, output)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the organizations of a tenant, oldest first.")
        @Option(help: "The tenant's slug.") var tenant: String
        @Option(help: "Begin after the organization of this id.") var after: String?
        @Option(help: "How many to list. Default: 100.") var limit: Int = 100
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .listOrganizations,
                [
                    ("tenant", .string(tenant)), ("after", after.map { .string($0) }),
                    ("limit", .integer(Int64(limit))),
                ], instance, output)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show an organization.")
        @Argument(help: "The organization's id or slug.") var organization: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .showOrganization,
                [
                    ("tenant", .string(tenant)), ("organization", .string(organization)),
                ], instance, output)
        }
    }

    struct Update: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "update",
            abstract: """
                Change what an organization is called, what is kept with it, and how long a sign-in \
                counts there.
                """)
        @Argument(help: "The organization's id or slug.") var organization: String
        @Option(help: "The tenant's slug.") var tenant: String
        @Option(help: "What requests call it.") var slug: String?
        @Option(help: "What people see.") var name: String?
        @Option(help: "A JSON object to keep with it.") var metadata: String?
        @Flag(
            inversion: .prefixedNo,
            help: """
                You have checked that it is who its name says: whoever is asked to allow one of \
                its applications something is told so, until it is called something else.
                """)
        var verifiedPublisher: Bool?
        @Option(
            help: """
                How long a sign-in counts, 5m to 14d, for those who sign in through the organization \
                or select it; none leaves it to the tenant.
                """)
        var sessionLength: String?
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .updateOrganization,
                [
                    ("tenant", .string(tenant)), ("organization", .string(organization)),
                    ("slug", slug.map { .string($0) }), ("name", name.map { .string($0) }),
                    ("metadata", metadata.map { .string($0) }),
                    ("verified_publisher", verifiedPublisher.map { .bool($0) }),
                    ("session_length", sessionLength.map { .string($0) }),
                ], instance, output)
        }
    }

    struct Suspend: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "suspend", abstract: "Let nobody act in an organization.")
        @Argument(help: "The organization's id or slug.") var organization: String
        @Option(help: "The tenant's slug.") var tenant: String
        @Option(help: "Why.") var reason: String?
        @Option(help: "Who wants it so.") var by: String?
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .suspendOrganization,
                [
                    ("tenant", .string(tenant)), ("organization", .string(organization)),
                    ("reason", reason.map { .string($0) }), ("by", by.map { .string($0) }),
                ], instance, output)
        }
    }

    struct Activate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "activate", abstract: "Let people act in a suspended organization again.")
        @Argument(help: "The organization's id or slug.") var organization: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .activateOrganization,
                [
                    ("tenant", .string(tenant)), ("organization", .string(organization)),
                ], instance, output)
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "delete",
            abstract: "Delete an organization: nobody acts in it any more, and later it is removed."
        )
        @Argument(help: "The organization's id or slug.") var organization: String
        @Option(help: "The tenant's slug.") var tenant: String
        @Option(help: "Days in which it can be restored, 0 to 365. Default: 30.") var graceDays:
            Int?
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .deleteOrganization,
                [
                    ("tenant", .string(tenant)), ("organization", .string(organization)),
                    ("grace_days", graceDays.map { .integer(Int64($0)) }),
                ], instance, output)
        }
    }

    struct Restore: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "restore", abstract: "Take the deletion of an organization back.")
        @Argument(help: "The organization's id or slug.") var organization: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .restoreOrganization,
                [
                    ("tenant", .string(tenant)), ("organization", .string(organization)),
                ], instance, output)
        }
    }
}
