import ArgumentParser
import GatehouseAdmin
import GatehouseEncoding

/// Commands on resources: the APIs that access tokens are for.
struct ResourceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resource",
        abstract: "Create, list, show, update and delete resources (APIs).",
        subcommands: [Create.self, List.self, Show.self, Update.self, Delete.self])

    /// What may be decided for a resource.
    struct Policies: ParsableArguments {
        @Option(
            name: .customLong("scope"),
            help: """
                A scope value and what it means, as in “orders:read=See your orders”. \
                Repeatable. Default: whatever clients are registered for.
                """)
        var scopes: [String] = []
        @Option(help: "What access tokens look like: jwt or opaque.")
        var tokenFormat: String?
        @Option(help: "How they are signed: ES256, EdDSA, RS256, PS256, or client.")
        var algorithm: String?
        @Option(help: "Seconds that they last, 30 to 86400, or client for what the client says.")
        var lifetime: String?
        @Option(
            name: .customLong("claim"),
            help: "A claim about the person that they carry, such as email. Repeatable.")
        var claims: [String] = []
        @Option(
            name: .customLong("client"),
            help: "A client that may ask for it, or “all”. Repeatable. Default: all.")
        var clients: [String] = []
        @Option(
            name: .customLong("server"),
            help: "A client that speaks for it: it may introspect its tokens. Repeatable.")
        var servers: [String] = []
        @Option(
            name: .customLong("authorization-details-type"),
            help: """
                A type of authorization details that it understands (RFC 9396), as a JSON object with \
                “type”, “description” and what it may hold. Repeatable.
                """)
        var detailsTypes: [String] = []

        var arguments: [(String, JSONValue?)] {
            [
                ("scopes", Self.list(scopes)),
                ("token_format", tokenFormat.map { .string($0) }),
                ("algorithm", algorithm.map { .string($0) }),
                ("lifetime", lifetime.map { .string($0) }), ("claims", Self.list(claims)),
                ("clients", Self.list(clients)), ("servers", Self.list(servers)),
                ("authorization_details_types", Self.list(detailsTypes)),
            ]
        }

        private static func list(_ texts: [String]) -> JSONValue? {
            texts.isEmpty ? nil : .array(texts.map { .string($0) })
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create",
            abstract: "Register a resource, so that clients can ask for tokens for it.")
        @Option(help: "The tenant's slug.") var tenant: String
        @Option(help: "What people see.") var name: String
        @Option(help: "Its identifier, an absolute URI; tokens carry it as their audience.")
        var identifier: String
        @OptionGroup var policies: Policies
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .createResource,
                [
                    ("tenant", .string(tenant)), ("name", .string(name)),
                    ("identifier", .string(identifier)),
                ] + policies.arguments, instance, output)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the resources of a tenant.")
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(.listResources, [("tenant", .string(tenant))], instance, output)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show a resource.")
        @Argument(help: "Its id, or its identifier.") var resource: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .showResource, [("tenant", .string(tenant)), ("resource", .string(resource))],
                instance, output)
        }
    }

    struct Update: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "update",
            abstract: "Change a resource. A list that is given replaces the old one.")
        @Argument(help: "Its id, or its identifier.") var resource: String
        @Option(help: "The tenant's slug.") var tenant: String
        @Option(help: "What people see.") var name: String?
        @OptionGroup var policies: Policies
        @Flag(help: "Whether clients can ask for it.") var state: Availability?
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .updateResource,
                [
                    ("tenant", .string(tenant)), ("resource", .string(resource)),
                    ("name", name.map { .string($0) }),
                    ("disabled", state.map { .bool($0 == .disable) }),
                ] + policies.arguments, instance, output)
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "delete",
            abstract: "Delete a resource and revoke every grant that is for it.")
        @Argument(help: "Its id, or its identifier.") var resource: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .deleteResource, [("tenant", .string(tenant)), ("resource", .string(resource))],
                instance, output)
        }
    }
}
