import ArgumentParser
import GatehouseAdmin
import GatehouseEncoding

/// Commands on users.
struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Create, list, show, update and delete users.",
        subcommands: [Create.self, List.self, Show.self, Update.self, Delete.self])

    /// What is known of a user.
    struct Profile: ParsableArguments {
        @Option(help: "The e-mail address to sign in with.") var email: String?
        @Option(help: "The username to sign in with.") var username: String?
        @Option(help: "What people see.") var name: String?
        @Flag(help: "Read a password from standard input.") var passwordStdin = false

        func arguments() throws -> [(String, JSONValue?)] {
            let password = passwordStdin ? try StandardInput.secret("Password") : nil
            return [
                ("email", email.map { .string($0) }), ("username", username.map { .string($0) }),
                ("name", name.map { .string($0) }), ("password", password.map { .string($0) }),
            ]
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create", abstract: "Create a user.")
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var profile: Profile
        @Flag(help: "Take the e-mail address as verified.") var verified = false
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .createUser,
                [("tenant", .string(tenant)), ("verified", .bool(verified))]
                    + profile.arguments(), instance, output)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the users of a tenant, oldest first.")
        @Option(help: "The tenant's slug.") var tenant: String
        @Option(help: "Begin after the user of this id.") var after: String?
        @Option(help: "How many to list. Default: 100.") var limit: Int = 100
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .listUsers,
                [
                    ("tenant", .string(tenant)), ("after", after.map { .string($0) }),
                    ("limit", .integer(Int64(limit))),
                ], instance, output)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show a user.")
        @Argument(help: "The user's id, e-mail address or username.") var user: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .showUser, [("tenant", .string(tenant)), ("user", .string(user))], instance, output)
        }
    }

    struct Update: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "update",
            abstract: "Change a user. A new password, or --disable, ends all their sessions.")
        @Argument(help: "The user's id, e-mail address or username.") var user: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var profile: Profile
        @Flag(help: "Whether the e-mail address is verified.") var verification: Verification?
        @Flag(help: "Whether the user may sign in.") var state: Availability?
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        enum Verification: String, EnumerableFlag {
            case verified
            case unverified
        }

        func run() async throws {
            try await perform(
                .updateUser,
                [
                    ("tenant", .string(tenant)), ("user", .string(user)),
                    ("verified", verification.map { .bool($0 == .verified) }),
                    ("disabled", state.map { .bool($0 == .disable) }),
                ] + profile.arguments(), instance, output)
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "delete", abstract: "Delete a user.")
        @Argument(help: "The user's id, e-mail address or username.") var user: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .deleteUser, [("tenant", .string(tenant)), ("user", .string(user))], instance,
                output)
        }
    }
}
