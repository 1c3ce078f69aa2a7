import ArgumentParser
import GatehouseAdmin
import GatehouseEncoding

/// Commands on signing keys.
struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "List, create, rotate and delete signing keys.",
        subcommands: [List.self, Show.self, Create.self, Rotate.self, Delete.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the signing keys of a tenant and what each is for."
        )
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(.listKeys, [("tenant", .string(tenant))], instance, output)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show a signing key.")
        @Argument(help: "The key's kid.") var key: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .showKey, [("tenant", .string(tenant)), ("key", .string(key))], instance, output)
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create",
            abstract: "Create a key of an algorithm that the tenant does not sign with yet.")
        @Option(help: "The tenant's slug.") var tenant: String
        @Option(help: "RS256, PS256, ES256 or EdDSA.") var algorithm: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .createKey,
                [
                    ("tenant", .string(tenant)), ("algorithm", .string(algorithm)),
                    ("at_once", .bool(true)),
                ], instance, output)
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rotate", abstract: "Replace a signing key.",
            discussion: """
                The new key is published at once and signs 70 minutes later, when everyone who \
                caches the key set has it. The old key is published for two more days.
                """)
        @Option(help: "The tenant's slug.") var tenant: String
        @Option(help: "RS256, PS256, ES256 or EdDSA.") var algorithm: String
        @Flag(name: .customLong("now"), help: "Sign with the new key at once.") var atOnce = false
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .rotateKey,
                [
                    ("tenant", .string(tenant)), ("algorithm", .string(algorithm)),
                    ("at_once", .bool(atOnce)),
                ], instance, output)
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "delete",
            abstract: "Remove a key at once: nothing that it signed verifies any more.")
        @Argument(help: "The key's kid.") var key: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .deleteKey, [("tenant", .string(tenant)), ("key", .string(key))], instance, output)
        }
    }
}
