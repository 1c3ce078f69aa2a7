import ArgumentParser
import Foundation
import GatehouseCore
import GatehouseEncoding

/// Commands on the logos of a client.
struct LogoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logo", abstract: "Set and remove the logos of a client.",
        subcommands: [Set.self, Remove.self])

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set the logo that people see beside the client's name.",
            discussion: """
                PNG, JPEG or WebP, at most 256 KiB and 16 to 2048 pixels on each side. It replaces \
                both logos that the client had.
                """)
        @Argument(help: "The client id.") var client: String
        @Option(help: "The file of the logo.") var light: String
        @Option(help: "The file of another one for dark pages.") var dark: String?
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .setLogos,
                [
                    ("tenant", .string(tenant)), ("client", .string(client)),
                    ("light", .string(try Self.content(of: light))),
                    ("dark", try dark.map { .string(try Self.content(of: $0)) }),
                ], instance, output)
        }

        /// What is in a file, as text; it is read where its path means something, and no further than
        /// a logo may be long.
        private static func content(of path: String) throws(CommandError) -> String {
            let unreadable = CommandError(.wrongUse, "The file \(path) cannot be read.")
            guard let file = FileHandle(forReadingAtPath: path) else { throw unreadable }
            do {
                let bytes = try file.read(upToCount: RasterImage.mostBytes + 1)
                return Base64.encode(bytes ?? Data())
            } catch {
                // A folder, or a disk that fails.
                throw unreadable
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove the logos of a client.")
        @Argument(help: "The client id.") var client: String
        @Option(help: "The tenant's slug.") var tenant: String
        @OptionGroup var instance: InstanceOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await perform(
                .removeLogos, [("tenant", .string(tenant)), ("client", .string(client))],
                instance, output)
        }
    }
}
