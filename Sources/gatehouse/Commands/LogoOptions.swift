import ArgumentParser
import Foundation
import GatehouseCore
import GatehouseEncoding

/// The files of the logos that somebody is to have.
struct LogoOptions: ParsableArguments {
    @Option(help: "The file of the logo.") var light: String
    @Option(help: "The file of another one for dark pages.") var dark: String?

    /// What a file of a logo may be, for the pages of commands.
    static let rules = "PNG, JPEG or WebP, at most 256 KiB and 16 to 2048 pixels on each side."

    /// What is in the files, as arguments of an operation.
    func arguments() throws(CommandError) -> [(String, JSONValue?)] {
        let other: JSONValue? =
            if let dark { .string(try Self.content(of: dark)) } else { nil }
        return [("light", .string(try Self.content(of: light))), ("dark", other)]
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
