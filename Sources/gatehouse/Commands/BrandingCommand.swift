import ArgumentParser
import GatehouseAdmin
import GatehouseEncoding

/// Commands on how the pages of a tenant look.
struct BrandingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "branding",
        abstract: "Colours, corners, logos and links of the pages that people sign in on.",
        subcommands: [Show.self, Update.self, Logo.self])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Show how the pages of a tenant look, and how well they are read.")
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(.showBranding, [("tenant", .string(tenant))], instance, output)
        }
    }

    struct Update: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "update", abstract: "Change how the pages of a tenant look.",
            discussion: """
                Only what is given changes, on every page and node at once; an empty text goes back \
                to what Gatehouse does by itself. A colour that cannot be read everywhere \
                (WCAG 2.2, 4.5:1) is refused, with the nearest that can.
                """)
        @Option(help: "The tenant's slug.") var tenant: String
        @Option(help: "The colour of links and buttons, such as #1d4ed8.") var accent: String?
        @Option(help: "The same on dark pages; by itself the nearest that can be read there.")
        var darkAccent: String?
        @Option(help: "How round cards, fields and buttons are: square, soft or round.")
        var corners: String?
        @Option(name: .customLong("support-uri"), help: "Where people find help: https.")
        var supportURI: String?
        @Option(
            name: .customLong("privacy-uri"),
            help: "What is done with what is known of them: https.")
        var privacyURI: String?
        @Option(name: .customLong("terms-uri"), help: "What they agree to: https.")
        var termsURI: String?
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .updateBranding,
                [
                    ("tenant", .string(tenant)), ("accent", accent.map { .string($0) }),
                    ("dark_accent", darkAccent.map { .string($0) }),
                    ("corners", corners.map { .string($0) }),
                    ("support_uri", supportURI.map { .string($0) }),
                    ("privacy_uri", privacyURI.map { .string($0) }),
                    ("terms_uri", termsURI.map { .string($0) }),
                ], instance, output)
        }
    }

    struct Logo: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "logo", abstract: "Set and remove the logos of a tenant.",
            subcommands: [Set.self, Remove.self])
    }
}

extension BrandingCommand.Logo {
    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set",
            abstract: "Set the logo that people see beside the tenant's name.",
            discussion: "\(LogoOptions.rules) It replaces both logos that the tenant had.")
        @OptionGroup var files: LogoOptions
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .setTenantLogos, [("tenant", .string(tenant))] + files.arguments(), instance,
                output)
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Remove the logos of a tenant.")
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(.removeTenantLogos, [("tenant", .string(tenant))], instance, output)
        }
    }
}
