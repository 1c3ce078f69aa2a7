import ArgumentParser
import GatehouseAdmin
import GatehouseEncoding

/// The command that says what tokens would be.
struct PreviewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "preview",
        abstract: "Show what tokens of a client would say, why, and why there would be none.",
        discussion: """
            Nothing is issued, and nobody signs in. Exit code 1 if there would be no tokens.
            """)
    @Argument(help: "The client id.") var client: String
    @Option(help: "The tenant's slug.") var tenant: String
    @Option(help: "About whom: an id, e-mail address or username. Not for a machine.")
    var user: String?
    @Option(
        name: .customLong("scope"),
        help: "What is asked for. Repeatable. Default: all that the client may ask for.")
    var scopes: [String] = []
    @Option(help: "The organization that is selected, by its id or slug.")
    var organization: String?
    @Option(
        name: .customLong("resource"),
        help: "An API that the token is for, by its identifier. Repeatable.")
    var resources: [String] = []
    @OptionGroup var instance: InstanceOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let found = try await OperationRunner(options: instance).perform(
            Operation(
                .previewClient,
                [
                    ("tenant", .string(tenant)), ("client", .string(client)),
                    ("user", user.map { .string($0) }),
                    ("scope", scopes.isEmpty ? nil : .string(scopes.joined(separator: " "))),
                    ("organization", organization.map { .string($0) }),
                    (
                        "resources",
                        resources.isEmpty ? nil : .array(resources.map { .string($0) })
                    ),
                ]))
        let output = Output(output)
        if output.isJSON { output.print(found) } else { TextStream.output.write(Self.page(found)) }
        guard let message = found["refusal"]?["message"]?.string else { return }
        throw CommandError(.failed, "There would be no tokens: \(message.printable())")
    }

    /// The text for people: each claim with its reason below it.
    private static func page(_ found: JSONValue) -> String {
        let steps = (found["steps"]?.strings ?? []).map { $0.printable() + "\n" }
        let parts = [
            ("access_token", "Access token"), ("id_token", "ID token"), ("userinfo", "Userinfo"),
        ]
        return (steps + parts.compactMap { part(found[$0.0] ?? .null, $0.1) })
            .joined(separator: "\n")
    }

    private static func part(_ part: JSONValue, _ title: String) -> String? {
        guard let claims = part["claims"]?.array else { return nil }
        let size = part["bytes"]?.integer.map { ", \($0) bytes" } ?? ""
        let lines = claims.map { claim in
            let text = { (name: String) in (claim[name]?.string ?? "").printable() }
            return "  \(text("name")): \(text("value"))\n      \(text("reason"))\n"
        }
        return "\(title)\(size)\n" + lines.joined()
    }
}
