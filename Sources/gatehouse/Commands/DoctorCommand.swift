import ArgumentParser
import GatehouseAdmin

/// Looks after the installation.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look for what is wrong with the installation, and say what mends it.",
        discussion: """
            It changes nothing. Exit code 1 if something does not work; a warning alone is no \
            failure. For the settings before a start there is “gatehouse config check”, for an \
            app “gatehouse check app”.
            """)
    @OptionGroup var instance: InstanceOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let found = try await OperationRunner(options: instance).perform(
            Operation(.checkInstallation, []))
        let report = FindingReport(found)
        report.print(by: Output(output))
        try report.requireNoFailure("Something does not work")
    }
}
