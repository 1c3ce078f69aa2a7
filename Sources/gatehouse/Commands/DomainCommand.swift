import ArgumentParser
import GatehouseAdmin
import GatehouseEncoding

/// Commands on the domains that tenants bring.
struct DomainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "domain", abstract: "Add, verify, list and remove domains of a tenant.",
        subcommands: [Add.self, Verify.self, List.self, Remove.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add", abstract: "Claim a domain; shows the TXT record that proves it.")
        @Argument(help: "The domain, such as login.example.com.") var host: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(.addDomain, on: host, of: tenant, instance, output)
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify",
            abstract: "Look for the TXT record, and have the tenant answer at the domain.")
        @Argument(help: "The domain.") var host: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(.verifyDomain, on: host, of: tenant, instance, output)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the addresses of a tenant, each an issuer.")
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(.listDomains, [("tenant", .string(tenant))], instance, output)
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Give a domain up; the tenant no longer answers there."
        )
        @Argument(help: "The domain.") var host: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(.removeDomain, on: host, of: tenant, instance, output)
        }
    }
}

extension ParsableCommand {
    fileprivate func perform(
        _ name: Operation.Name, on host: String, of tenant: String, _ instance: InstanceOptions,
        _ output: OutputOptions
    ) async throws {
        try await perform(
            name, [("tenant", .string(tenant)), ("host", .string(host))], instance, output)
    }
}
