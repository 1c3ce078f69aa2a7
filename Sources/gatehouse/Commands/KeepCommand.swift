import ArgumentParser
import Foundation
import GatehouseAdmin
import GatehouseEncoding

/// Turns what was tried into an installation that lasts.
struct KeepCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keep",
        abstract: "Turn the state of “gatehouse try” into a durable installation.",
        discussion: """
            Copies the database and the instance key of the running, or the last, “gatehouse try” \
            to a directory. Serve it with “gatehouse serve --data DIR”.
            """)

    @Argument(help: "The directory to make.") var directory: String
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let trial = TrialState.directory
        try TrialState.claim()
        guard TrialState.exists else {
            throw CommandError(.notFound, "Nothing was tried yet: run “gatehouse try” first.")
        }
        var options = try InstanceOptions.parse([])
        options.data = trial
        let path = absolute(directory)
        let result = try await OperationRunner(options: options).perform(
            .init(.keep, [("directory", .string(path))]))
        Output(output).print(result)
    }

    /// The server does the copying, in a directory of its own.
    private func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }
}
