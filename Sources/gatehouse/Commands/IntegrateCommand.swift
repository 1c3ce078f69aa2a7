import ArgumentParser
import GatehouseAdmin
import GatehouseEncoding

/// The command that prints what connects an app.
struct IntegrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "integrate",
        abstract: "Show code, settings and a prompt that connect an app, without the secret.")
    @Argument(help: "The client id.") var client: String
    @Option(help: "The tenant's slug.") var tenant: String
    @Option(help: "Only the code for this, such as express; without it, what there is is listed.")
    var with: String?
    @Flag(help: "Print the code of --with alone, for a file.") var code = false
    @OptionGroup var instance: InstanceOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard !code || with != nil else { throw ValidationError("--code needs --with.") }
    }

    func run() async throws {
        let found = try await OperationRunner(options: instance).perform(
            Operation(
                .integrateClient,
                [
                    ("tenant", .string(tenant)), ("client", .string(client)),
                    ("with", with.map { .string($0) }),
                ]))
        if code {
            let snippet = found["snippets"]?.array?.first ?? .null
            return TextStream.output.write(
                Self.text(snippet, "code").printable(keeping: "\n\t"))
        }
        let output = Output(output)
        guard !output.isJSON else { return output.print(found) }
        TextStream.output.write(Self.page(found, isOne: with != nil))
    }

    /// The text for people: one snippet, or what there is with settings and prompt.
    private static func page(_ found: JSONValue, isOne: Bool) -> String {
        let snippets = found["snippets"]?.array ?? []
        let parts =
            isOne
            ? snippets.map(snippet)
            : [list(snippets), text(found, "env"), text(found, "prompt")]
        let notes = (found["notes"]?.strings ?? []).map { "\n\($0)\n" }
        return (parts + notes).joined(separator: "\n").printable(keeping: "\n\t")
    }

    private static func list(_ snippets: [JSONValue]) -> String {
        "Code, by --with:\n"
            + snippets.map { "  \(text($0, "id")): \(text($0, "title"))\n" }.joined()
    }

    private static func snippet(_ snippet: JSONValue) -> String {
        var lines = ["# \(text(snippet, "file"))"]
        if !text(snippet, "install").isEmpty { lines.append("# \(text(snippet, "install"))") }
        lines += (snippet["notes"]?.strings ?? []).map { "# \($0)" }
        return lines.joined(separator: "\n") + "\n\n" + text(snippet, "code")
    }

    private static func text(_ object: JSONValue, _ name: String) -> String {
        object[name]?.string ?? ""
    }
}
