import ArgumentParser
import GatehouseAdmin
import GatehouseEncoding

/// Commands on the domains that organizations speak for.
struct OrganizationDomainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "domain",
        abstract: "Let an organization decide about people with an address in its domain.",
        subcommands: [Add.self, Verify.self, Update.self, List.self, Remove.self])

    /// Which domain, of which organization.
    struct Place: ParsableArguments {
        @Argument(help: "The domain, such as example.com.") var host: String
        @Option(help: "The tenant's slug.") var tenant: String
        @Option(help: "The organization's id or slug.") var organization: String

        var arguments: [(String, JSONValue?)] {
            [
                ("tenant", .string(tenant)), ("organization", .string(organization)),
                ("host", .string(host)),
            ]
        }
    }

    /// What the domain decides.
    struct Rules: ParsableArguments {
        @Flag(
            inversion: .prefixedNo,
            help: "Whether people with a verified address there become members when they sign in.")
        var join: Bool?
        @Option(
            name: .customLong("role"),
            help: "A role that they get then. Repeatable; an empty text stands for none.")
        var roles: [String] = []
        @Flag(
            inversion: .prefixedNo,
            help: "Whether people with an address there sign in as members, or not at all.")
        var require: Bool?

        var arguments: [(String, JSONValue?)] {
            [
                ("join", join.map { .bool($0) }),
                ("roles", roles.isEmpty ? nil : .array(roles.map { .string($0) })),
                ("require", require.map { .bool($0) }),
            ]
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add", abstract: "Claim a domain; shows the TXT record that proves it.")
        @OptionGroup var place: Place
        @OptionGroup var rules: Rules
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .addOrganizationDomain, place.arguments + rules.arguments, instance, output)
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify",
            abstract: "Look for the TXT record, and have the organization decide if it is there.")
        @OptionGroup var place: Place
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(.verifyOrganizationDomain, place.arguments, instance, output)
        }
    }

    struct Update: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "update", abstract: "Change what a domain decides.")
        @OptionGroup var place: Place
        @OptionGroup var rules: Rules
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .updateOrganizationDomain, place.arguments + rules.arguments, instance, output)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the domains of an organization.")
        @Option(help: "The tenant's slug.") var tenant: String
        @Option(help: "The organization's id or slug.") var organization: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .listOrganizationDomains,
                [
                    ("tenant", .string(tenant)), ("organization", .string(organization)),
                ], instance, output)
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Give a domain up; it decides nothing any more.")
        @OptionGroup var place: Place
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(.removeOrganizationDomain, place.arguments, instance, output)
        }
    }
}
