import ArgumentParser
import GatehouseAdmin
import GatehouseEncoding
import Glibc

/// Makes tenants what a document says.
struct ApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Make tenants, clients, APIs and roles what a document says.",
        discussion: """
            It shows the plan, asks, and does it step by step. What changed meanwhile is not \
            overwritten. What fails ends it: what was done stays done, and running it again goes on.
            """)

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var rest: RestOptions
    @Flag(help: "Do not ask.")
    var yes = false
    @OptionGroup var instance: InstanceOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let document = try options.document()
        let reach = ConfigurationReach(rest: try rest.rest, takesOver: options.takeOver)
        try await OperationRunner(options: instance).work { perform in
            let applying = ApplyConfiguration(perform: perform)
            var plan = try await applying.plan(document, within: reach)
            if !yes, !plan.steps.isEmpty {
                try ask(plan)
                let again = try await applying.plan(document, within: reach)
                guard again.fingerprint == plan.fingerprint else {
                    throw CommandError(
                        .conflict, "The installation was changed while you looked. Look again.")
                }
                plan = again
            }
            try await apply(plan, by: applying)
        }
    }

    private func ask(_ plan: ConfigurationPlan) throws(CommandError) {
        guard isatty(STDIN_FILENO) == 1, options.file != "-" else {
            throw CommandError(
                .wrongUse, "Nobody can be asked here: look at the plan, and add --yes.")
        }
        for line in plan.lines { TextStream.error.write(line + "\n") }
        TextStream.error.write("Do this? Type yes: ")
        guard readLine() == "yes" else { throw CommandError(.failed, "Nothing was done.") }
    }

    private func apply(_ plan: ConfigurationPlan, by applying: ApplyConfiguration) async throws {
        var secrets = SecretFiles()
        try secrets.prepare(for: plan.steps)
        let output = Output(output)
        var done: [JSONValue] = []
        do {
            try await applying.apply(plan) { result in
                for warning in result.warnings {
                    TextStream.error.write("gatehouse: \(warning)\n")
                }
                let told = try secrets.told(of: result)
                done.append(.object(told))
                if !output.isJSON { Self.print(result.step.line, told) }
            }
        } catch {
            secrets.removeUnused()
            if output.isJSON { output.print(.object(report(plan, done))) }
            throw Self.interrupted(error, after: done.count, of: plan.steps)
        }
        secrets.removeUnused()
        if output.isJSON {
            output.print(.object(report(plan, done)))
        } else if plan.steps.isEmpty {
            for line in plan.lines { Swift.print(line) }
        }
    }

    private func report(_ plan: ConfigurationPlan, _ done: [JSONValue]) -> JSONObject {
        var report = plan.shown
        report.remove("steps")
        report.add("done", .array(done))
        report.add("left", .array(plan.steps.dropFirst(done.count).map(\.shown)))
        return report
    }

    private static func print(_ line: String, _ told: JSONObject) {
        Swift.print(line)
        for name in ["client_id", "client_secret", "secret_file"] {
            if let text = told[name]?.string { Swift.print("    \(name): \(text)") }
        }
    }

    /// What was done and what not, where something failed.
    private static func interrupted(
        _ error: any Error, after count: Int, of steps: [ConfigurationStep]
    ) -> CommandError {
        let reason = CommandError(error)
        let place = count < steps.count ? " It ended at “\(steps[count].line)”." : ""
        return CommandError(
            reason.code,
            "\(reason.description)\(place) \(count) of \(steps.count) steps are done; run it again to go on."
        )
    }
}

/// The files into which secrets of new clients are written.
struct SecretFiles {
    private var files: [String: OutputFile] = [:]

    /// Makes all files before anything is done: what is there already is not overwritten.
    mutating func prepare(for steps: [ConfigurationStep]) throws(CommandError) {
        do {
            for path in steps.filter(\.makesClient).compactMap(\.secretFile) {
                files[path] = try OutputFile(creating: path)
            }
        } catch {
            removeUnused()
            throw error
        }
    }

    /// What is told of a step that is done: a secret only if it has no file.
    mutating func told(of done: ApplyConfiguration.Done) throws(CommandError) -> JSONObject {
        var told = done.step.shown.object ?? JSONObject()
        if let id = done.clientID { told.add("client_id", .string(id)) }
        guard let secret = done.secret else { return told }
        guard let path = done.step.secretFile, let file = files.removeValue(forKey: path) else {
            told.add("client_secret", .string(secret))
            return told
        }
        try file.write(secret + "\n")
        try file.close()
        told.add("secret_file", .string(path))
        return told
    }

    /// Removes the files that no secret came into.
    mutating func removeUnused() {
        for path in files.keys { unsafe unlink(path) }
        files = [:]
    }
}
