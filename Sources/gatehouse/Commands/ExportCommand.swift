import ArgumentParser
import GatehouseAdmin
import GatehouseCore
import GatehouseEncoding

/// Writes what there is as a document.
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write tenants and their clients, APIs and roles as a document, without secrets.",
        discussion: """
            The document is YAML, or JSON with --json. “gatehouse plan”, “apply” and “drift” take it. \
            People, sessions, keys and secrets are no part of it, and neither are logos, domains, \
            memberships, and clients that made themselves known.
            """)

    @Option(
        name: .customLong("tenant"), help: "A tenant's slug. Repeatable. Default: all tenants.")
    var tenants: [String] = []
    @Option(help: "What the configuration calls itself. Default: configuration.")
    var managedBy = "configuration"
    @Option(name: .customLong("output"), help: "The file to make. Default: standard output.")
    var path: String?
    @Flag(help: "Print the JSON Schema of such documents instead.")
    var schema = false
    @Flag(help: "Write JSON in the place of YAML.")
    var json = false
    @OptionGroup var instance: InstanceOptions

    func run() async throws {
        guard !schema else { return try write(ConfigurationSchema.json, asJSON: true) }
        guard let manager = Slug(parsing: managedBy) else {
            throw CommandError(
                .wrongUse, "--managed-by must be 1 to 63 lower-case letters, digits and hyphens.")
        }
        let document = try await OperationRunner(options: instance).work { perform in
            try await ExportConfiguration(as: manager, perform: perform).document(of: tenants)
        }
        try write(document, asJSON: json)
    }

    private func write(_ document: JSONObject, asJSON: Bool) throws {
        let file = try path.map(OutputFile.init(creating:)) ?? .standardOutput
        try file.write(
            asJSON
                ? String(decoding: document.serialized(), as: UTF8.self) + "\n"
                : YAMLText.write(document))
        try file.close()
    }
}
