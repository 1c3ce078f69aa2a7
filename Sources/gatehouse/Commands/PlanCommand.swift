import ArgumentParser
import GatehouseAdmin
import GatehouseEncoding

/// Which document is meant, and how far it reaches.
struct ConfigurationOptions: ParsableArguments {
    @Argument(help: "The document, in YAML or JSON; - for standard input.")
    var file: String
    @Option(
        name: .customLong("tenant"),
        help: "Only what the document says of the tenant of this slug. Repeatable.")
    var tenants: [String] = []
    @Flag(help: "Manage what another configuration managed until now.")
    var takeOver = false

    /// The document, as far as it is meant.
    func document() throws -> ConfigurationDocument {
        let text = try InputFile.text(of: file, upTo: YAMLDocument.longest)
        let document = try ConfigurationDocument(reading: YAMLDocument.read(text))
        guard let chosen = document.only(tenants) else {
            throw CommandError(
                .notFound,
                "The document says nothing of a tenant \(tenants.joined(separator: ", ")).")
        }
        return chosen
    }
}

/// What becomes of what a document managed before and does not name any more.
struct RestOptions: ParsableArguments {
    @Flag(help: "Delete what the document managed before and does not name any more.")
    var prune = false
    @Flag(help: "Manage it no more, and leave it as it is.")
    var release = false

    var rest: ConfigurationReach.Rest {
        get throws {
            guard !prune || !release else {
                throw CommandError(.wrongUse, "Give --prune or --release, not both.")
            }
            return prune ? .goes : release ? .isReleased : .stays
        }
    }
}

/// Says what a document would change.
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Say what a document would change, and what that touches in real traffic.")

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var rest: RestOptions
    @Flag(help: "End with exit code 8 if there is something to do.")
    var detailedExitCode = false
    @OptionGroup var instance: InstanceOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let document = try options.document()
        let reach = ConfigurationReach(rest: try rest.rest, takesOver: options.takeOver)
        let plan = try await OperationRunner(options: instance).work { perform in
            try await ApplyConfiguration(perform: perform).plan(document, within: reach)
        }
        plan.print(by: Output(output))
        if detailedExitCode, !plan.steps.isEmpty { throw CommandError.Code.differs.ending }
    }
}

/// Says where an installation is not what a document says.
struct DriftCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drift",
        abstract: "Say where the installation is not what a document says, and end with 8 if so.",
        discussion: "It looks, and changes nothing. What the document does not name is left out.")

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var instance: InstanceOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let document = try options.document()
        // What is not in the document any more differs from it too.
        let reach = ConfigurationReach(rest: .goes, takesOver: options.takeOver)
        let plan = try await OperationRunner(options: instance).work { perform in
            try await ApplyConfiguration(perform: perform).plan(document, within: reach)
        }
        let output = Output(output)
        if output.isJSON || !plan.steps.isEmpty { plan.print(by: output) }
        if !plan.steps.isEmpty { throw CommandError.Code.differs.ending }
    }
}

extension CommandError.Code {
    /// The end of a command that did what it was asked, and says so by its exit code.
    var ending: ExitCode { ExitCode(rawValue) }
}

extension ConfigurationPlan {
    /// Prints the plan: as JSON in one piece, for people line by line.
    func print(by output: Output) {
        guard !output.isJSON else { return output.print(.object(shown)) }
        for line in lines { Swift.print(line) }
    }

    var lines: [String] {
        (steps.isEmpty ? ["Nothing to do."] : steps.map(\.line))
            + leftAlone.map { "  left alone without --prune or --release: \($0.line.dropFirst(2))" }
    }
}
