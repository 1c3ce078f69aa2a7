import ArgumentParser
import GatehouseAdmin
import GatehouseEncoding

/// Commands on what a client may exchange.
struct ExchangeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exchange",
        abstract: "Say which tokens a client may exchange for which (RFC 8693).",
        subcommands: [Allow.self, List.self, Forbid.self])

    struct Allow: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "allow",
            abstract: "Let a client exchange tokens. Without this, it can exchange none.",
            discussion: """
                Without --from and --audience the policy is about tokens that are for the client: \
                with its id as their audience, or a resource that it speaks for (resource \
                --server).
                """)
        @Argument(help: "The client id.") var client: String
        @Option(help: "The tenant's slug.") var tenant: String
        @Option(help: "delegation (the token says who acts) or impersonation.")
        var mode = "delegation"
        @Option(
            name: .customLong("resource"),
            help: "The identifier of a resource that new tokens may be for. Repeatable.")
        var resources: [String]
        @Option(
            name: .customLong("from"),
            help: "A client whose tokens may be exchanged, whoever they are for. Repeatable.")
        var clients: [String] = []
        @Option(
            name: .customLong("audience"),
            help: "An audience of tokens that may be exchanged. Repeatable.")
        var audiences: [String] = []
        @Option(
            name: .customLong("scope"),
            help: """
                A scope value that new tokens may have even if the exchanged one has it not. \
                Repeatable.
                """)
        var scopes: [String] = []
        @Flag(help: "Whether ID tokens may be exchanged too.") var idTokens = false
        @Option(help: "The only client that may exchange the new token again (may_act).")
        var mayAct: String?
        @Flag(help: "Leave out of the token who acts. For impersonation only.")
        var hideActor = false
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .createExchange,
                [
                    ("tenant", .string(tenant)), ("client", .string(client)),
                    ("mode", .string(mode)), ("resources", Self.list(resources)),
                    ("from", Self.list(clients)), ("audiences", Self.list(audiences)),
                    ("scope", .string(scopes.joined(separator: " "))),
                    ("id_tokens", .bool(idTokens)), ("may_act", mayAct.map { .string($0) }),
                    ("hide_actor", .bool(hideActor)),
                ], instance, output)
        }

        private static func list(_ texts: [String]) -> JSONValue {
            .array(texts.map { .string($0) })
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List what a client may exchange.")
        @Argument(help: "The client id.") var client: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .listExchanges, [("tenant", .string(tenant)), ("client", .string(client))],
                instance, output)
        }
    }

    struct Forbid: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "forbid",
            abstract: "Take a policy away at once. Its id is shown by “client exchange list”.")
        @Argument(help: "The client id.") var client: String
        @Argument(help: "The policy's id.") var policy: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .deleteExchange,
                [
                    ("tenant", .string(tenant)), ("client", .string(client)),
                    ("policy", .string(policy)),
                ], instance, output)
        }
    }
}
