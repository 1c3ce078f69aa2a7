import ArgumentParser
import GatehouseAdmin
import GatehouseEncoding

/// Commands on the people who administer.
struct AdministratorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "person", abstract: "Let people administer the installation, or one tenant.",
        subcommands: [Set.self, List.self, Link.self, Remove.self])

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set",
            abstract: "Have a person administer, and print a link that signs them in once.",
            discussion: """
                A viewer looks at everything; support helps people besides; an admin changes \
                everything but what cannot be undone; an owner does all that can be done. Whoever \
                administers already gets the role in the place of the one they had.
                """)
        @Option(help: "Their e-mail address.") var email: String
        @Option(help: "How much they may do: viewer, support, admin or owner.") var role: String
        @Option(help: "What people see.") var name: String?
        @Option(help: "The slug of the one tenant that they administer. Default: all.")
        var within: String?
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .setAdministrator,
                [
                    ("email", .string(email)), ("role", .string(role)),
                    ("name", name.map { .string($0) }), ("within", within.map { .string($0) }),
                ], instance, output)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the people who administer, and what.")
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws { try await perform(.listAdministrators, [], instance, output) }
    }

    struct Link: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "link",
            abstract: "Print a link that signs a person in once, good for 15 minutes.")
        @Argument(help: "The person's id.") var person: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(.linkAdministrator, [("person", .string(person))], instance, output)
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Keep a person out of what they administered, at once."
        )
        @Argument(help: "The person's id.") var person: String
        @Option(help: "The slug of the one tenant that they administered, if it was one.")
        var within: String?
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .removeAdministrator,
                [("person", .string(person)), ("within", within.map { .string($0) })], instance,
                output)
        }
    }
}
