import ArgumentParser
import GatehouseAdmin
import GatehouseEncoding

/// Commands on clients.
struct ClientCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "client", abstract: "Create, list, show, update and delete clients.",
        subcommands: [
            Create.self, List.self, Show.self, Update.self, Delete.self, SecretCommand.self,
            LogoCommand.self, ExchangeCommand.self, IntegrateCommand.self, PreviewCommand.self,
            ClientUsageCommand.self,
        ])

    /// What may be decided for a client.
    struct Policies: ParsableArguments {
        @Option(name: .customLong("redirect-uri"), help: "Where answers may be sent. Repeatable.")
        var redirectURIs: [String] = []
        @Option(
            name: .customLong("post-logout-redirect-uri"),
            help: "Where a browser may be sent after signing out. Repeatable.")
        var postLogoutRedirectURIs: [String] = []
        @Option(
            name: .customLong("scope"),
            help: "What the client may ask for. Repeatable. Default: the identity scopes.")
        var scopes: [String] = []
        @Option(help: "The audience of access tokens. Default: the client id.")
        var audience: String?
        @Option(help: "required or optional; optional is for legacy confidential clients.")
        var pkce: String?
        @Option(help: "When refresh tokens are issued: offline_access, always or never.")
        var refreshTokens: String?
        @Option(help: "What becomes of a used refresh token: rotate or stable.")
        var rotation: String?
        @Option(help: "Seconds in which a repeated refresh is answered again, 0 to 60.")
        var rotationLeeway: Int?
        @Option(help: "Seconds that access and ID tokens last, 30 to 86400.")
        var accessTokenLifetime: Int?
        @Option(help: "How ID tokens are signed: RS256, PS256, ES256 or EdDSA.")
        var idTokenAlgorithm: String?
        @Option(help: "How access tokens are signed: ES256, EdDSA, RS256 or PS256.")
        var accessTokenAlgorithm: String?
        @Flag(
            inversion: .prefixedNo, help: "Whether access tokens carry the e-mail address.")
        var accessTokenEmail: Bool?
        @Option(
            help: "The scope whose claims userinfo shows: granted or registered.")
        var userinfoScope: String?
        @Flag(
            inversion: .prefixedNo,
            help: "Whether the client gets tokens only with a DPoP proof, bound to its key.")
        var dpopBoundAccessTokens: Bool?
        @Option(help: "Whether DPoP proofs need a nonce: required or optional.")
        var dpopNonce: String?
        @Flag(
            inversion: .prefixedNo,
            help: "Whether people may let the client in from another device (RFC 8628).")
        var deviceAuthorization: Bool?
        @Flag(
            inversion: .prefixedNo,
            help: "Whether authorization requests have to be pushed (RFC 9126).")
        var requirePushedAuthorizationRequests: Bool?
        @Option(
            name: .customLong("response-mode"),
            help: """
                How answers may travel: query, fragment, form_post, or one of these with .jwt. \
                Repeatable; the usual one first. Default: query.
                """)
        var responseModes: [String] = []
        @Flag(
            inversion: .prefixedNo,
            help: "Whether the client may ask people who are elsewhere to sign in to it (CIBA).")
        var backchannelAuthentication: Bool?
        @Option(
            help: """
                Whose client it is: first for one of your own, third for somebody else's, for which \
                people are asked what they allow.
                """)
        var party: String?
        @Flag(
            inversion: .prefixedNo,
            help: "Whether people who are asked may allow some of it only.")
        var partialConsent: Bool?
        @Option(
            name: .customLong("authorization-details-type"),
            help: "A type of authorization details that it may ask for (RFC 9396). Repeatable.")
        var detailsTypes: [String] = []

        var arguments: [(String, JSONValue?)] {
            [
                ("redirect_uris", Self.list(redirectURIs)),
                ("post_logout_redirect_uris", Self.list(postLogoutRedirectURIs)),
                (
                    "scope",
                    scopes.isEmpty ? nil : .string(scopes.joined(separator: " "))
                ),
                ("audience", audience.map { .string($0) }), ("pkce", pkce.map { .string($0) }),
                ("refresh_tokens", refreshTokens.map { .string($0) }),
                ("rotation", rotation.map { .string($0) }),
                ("rotation_leeway", rotationLeeway.map { .integer(Int64($0)) }),
                ("access_token_lifetime", accessTokenLifetime.map { .integer(Int64($0)) }),
                ("id_token_algorithm", idTokenAlgorithm.map { .string($0) }),
                ("access_token_algorithm", accessTokenAlgorithm.map { .string($0) }),
                ("access_token_email", accessTokenEmail.map { .bool($0) }),
                ("userinfo_scope", userinfoScope.map { .string($0) }),
                ("dpop_bound_access_tokens", dpopBoundAccessTokens.map { .bool($0) }),
                ("dpop_nonce", dpopNonce.map { .string($0) }),
                ("device_authorization", deviceAuthorization.map { .bool($0) }),
                (
                    "require_pushed_authorization_requests",
                    requirePushedAuthorizationRequests.map { .bool($0) }
                ),
                ("response_modes", Self.list(responseModes)),
                ("backchannel_authentication", backchannelAuthentication.map { .bool($0) }),
                ("party", party.map { .string($0) }),
                ("partial_consent", partialConsent.map { .bool($0) }),
                ("authorization_details_types", Self.list(detailsTypes)),
            ]
        }

        private static func list(_ texts: [String]) -> JSONValue? {
            texts.isEmpty ? nil : .array(texts.map { .string($0) })
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create", abstract: "Register a client. A secret is printed once, here.")
        @Option(help: "The tenant's slug.") var tenant: String
        @Option(help: "What people see.") var name: String
        @Option(help: "web, spa, native or machine.") var type: String
        @OptionGroup var policies: Policies
        @OptionGroup var authentication: AuthenticationOptions
        @OptionGroup var profile: ProfileOptions
        @OptionGroup var logout: LogoutOptions
        @OptionGroup var delivery: TokenDeliveryOptions
        @OptionGroup var about: AboutOptions
        @OptionGroup var organizations: OrganizationOptions
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .createClient,
                [
                    ("tenant", .string(tenant)), ("name", .string(name)), ("type", .string(type)),
                ] + policies.arguments + authentication.arguments() + profile.arguments
                    + logout.arguments + delivery.arguments + organizations.arguments
                    + about.arguments, instance, output)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the clients of a tenant, oldest first.")
        @Option(help: "The tenant's slug.") var tenant: String
        @Option(help: "Begin after the client of this id.") var after: String?
        @Option(help: "How many to list. Default: 100.") var limit: Int = 100
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .listClients,
                [
                    ("tenant", .string(tenant)), ("after", after.map { .string($0) }),
                    ("limit", .integer(Int64(limit))),
                ], instance, output)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show a client and when its secrets were last used.")
        @Argument(help: "The client id.") var client: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .showClient, [("tenant", .string(tenant)), ("client", .string(client))], instance,
                output)
        }
    }

    struct Update: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "update",
            abstract: "Change a client. A list that is given replaces the old one.")
        @Argument(help: "The client id.") var client: String
        @Option(help: "The tenant's slug.") var tenant: String
        @Option(help: "What people see.") var name: String?
        @OptionGroup var policies: Policies
        @OptionGroup var authentication: AuthenticationOptions
        @OptionGroup var profile: ProfileOptions
        @OptionGroup var logout: LogoutOptions
        @OptionGroup var delivery: TokenDeliveryOptions
        @OptionGroup var about: AboutOptions
        @OptionGroup var organizations: OrganizationOptions
        @Flag(help: "Whether the client can be used.") var state: Availability?
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .updateClient,
                [
                    ("tenant", .string(tenant)), ("client", .string(client)),
                    ("name", name.map { .string($0) }),
                    ("disabled", state.map { .bool($0 == .disable) }),
                ] + policies.arguments + authentication.arguments() + profile.arguments
                    + logout.arguments + delivery.arguments + organizations.arguments
                    + about.arguments, instance, output)
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "delete", abstract: "Delete a client with its secrets and grants.")
        @Argument(help: "The client id.") var client: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .deleteClient, [("tenant", .string(tenant)), ("client", .string(client))],
                instance, output)
        }
    }
}
