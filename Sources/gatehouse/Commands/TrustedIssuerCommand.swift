import ArgumentParser
import GatehouseAdmin
import GatehouseEncoding

/// Commands on other issuers whose assertions are taken for access tokens.
struct TrustedIssuerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trusted-issuer",
        abstract: "Say whose assertions are taken for access tokens (RFC 7523).",
        subcommands: [
            Create.self, List.self, Show.self, Update.self, Delete.self, Link.self, Unlink.self,
        ])

    /// What the word of an issuer is worth.
    struct Terms: ParsableArguments {
        @Option(help: "A file with the public keys of the issuer, as a JSON Web Key Set.")
        var jwks: String?
        @Option(
            name: .customLong("jwks-uri"),
            help: "The https address at which the issuer publishes its keys.")
        var jwksURI: String?
        @Option(
            name: .customLong("algorithm"),
            help: "What it may sign with: RS256, PS256, ES256 or EdDSA. Repeatable. Default: all.")
        var algorithms: [String] = []
        @Option(
            name: .customLong("client"),
            help: "A client that may bring its assertions. Repeatable.")
        var clients: [String] = []
        @Option(
            help: """
                Who its subjects are: user (the id of a user), email (the verified address of a \
                user) or link (whoever was linked).
                """)
        var subject: String?
        @Option(
            name: .customLong("scope"),
            help: "What its assertions may give. Repeatable. Default: nothing.")
        var scopes: [String] = []
        @Option(
            name: .customLong("resource"),
            help: """
                The identifier of a resource that tokens may be for. Repeatable. Default: what \
                the client's tokens are for.
                """)
        var resources: [String] = []
        @Option(help: "Seconds that access tokens last at most, 30 to 86400. Default: 900.")
        var lifetime: Int?

        func arguments() throws -> [(String, JSONValue?)] {
            [
                ("jwks", try jwks.map { .string(try KeyFile.content(of: $0)) }),
                ("jwks_uri", jwksURI.map { .string($0) }),
                ("algorithms", Self.list(algorithms)), ("clients", Self.list(clients)),
                ("subject", subject.map { .string($0) }),
                ("scope", scopes.isEmpty ? nil : .string(scopes.joined(separator: " "))),
                ("resources", Self.list(resources)),
                ("lifetime", lifetime.map { .integer(Int64($0)) }),
            ]
        }

        private static func list(_ texts: [String]) -> JSONValue? {
            texts.isEmpty ? nil : .array(texts.map { .string($0) })
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create",
            abstract: "Trust an issuer. It needs keys, --client and --subject.")
        @Argument(help: "What it calls itself: the iss of its assertions.") var issuer: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var terms: Terms
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .createTrustedIssuer,
                [("tenant", .string(tenant)), ("issuer", .string(issuer))] + terms.arguments(),
                instance, output)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the issuers that a tenant trusts.")
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .listTrustedIssuers, [("tenant", .string(tenant))], instance, output)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show an issuer, and to whom its subjects are linked.")
        @Argument(help: "Its id, or what it calls itself.") var issuer: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .showTrustedIssuer,
                [("tenant", .string(tenant)), ("issuer", .string(issuer))], instance, output)
        }
    }

    struct Update: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "update",
            abstract: "Change an issuer. A list that is given replaces the old one.")
        @Argument(help: "Its id, or what it calls itself.") var issuer: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var terms: Terms
        @Flag(help: "Whether its assertions are taken.") var state: Availability?
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .updateTrustedIssuer,
                [
                    ("tenant", .string(tenant)), ("issuer", .string(issuer)),
                    ("disabled", state.map { .bool($0 == .disable) }),
                ] + terms.arguments(), instance, output)
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "delete", abstract: "Trust an issuer no longer, and forget its links.")
        @Argument(help: "Its id, or what it calls itself.") var issuer: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .deleteTrustedIssuer,
                [("tenant", .string(tenant)), ("issuer", .string(issuer))], instance, output)
        }
    }
}

extension TrustedIssuerCommand {
    struct Link: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "link", abstract: "Say which user an issuer means by a subject.")
        @Argument(help: "Its id, or what it calls itself.") var issuer: String
        @Argument(help: "The sub of its assertions.") var subject: String
        @Argument(help: "The user's id.") var user: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .linkSubject,
                [
                    ("tenant", .string(tenant)), ("issuer", .string(issuer)),
                    ("subject", .string(subject)), ("user", .string(user)),
                ], instance, output)
        }
    }

    struct Unlink: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "unlink", abstract: "Take the link of a subject away.")
        @Argument(help: "Its id, or what it calls itself.") var issuer: String
        @Argument(help: "The sub of its assertions.") var subject: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .unlinkSubject,
                [
                    ("tenant", .string(tenant)), ("issuer", .string(issuer)),
                    ("subject", .string(subject)),
                ], instance, output)
        }
    }
}
