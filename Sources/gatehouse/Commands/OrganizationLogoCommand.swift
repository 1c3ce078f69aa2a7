import ArgumentParser
import GatehouseAdmin
import GatehouseEncoding

/// Commands on the logos of an organization.
struct OrganizationLogoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logo", abstract: "Set and remove the logos of an organization.",
        subcommands: [Set.self, Remove.self])

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set",
            abstract: "Set the logo that people see beside the organization's name.",
            discussion: "\(LogoOptions.rules) It replaces both logos that the organization had.")
        @Argument(help: "The organization's id or slug.") var organization: String
        @OptionGroup var files: LogoOptions
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .setOrganizationLogos,
                [
                    ("tenant", .string(tenant)), ("organization", .string(organization)),
                ] + files.arguments(), instance, output)
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Remove the logos of an organization.")
        @Argument(help: "The organization's id or slug.") var organization: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .removeOrganizationLogos,
                [
                    ("tenant", .string(tenant)), ("organization", .string(organization)),
                ], instance, output)
        }
    }
}
