import Foundation
import GatehouseClient
import Testing

/// The program that was built along with the tests, with a data directory and a port of its own.
///
/// Tests of the SDK that need a browser are `test_swift_examples.py`.
final class RunningGatehouse {
    let issuer: String
    private let data: URL
    private let server = Process()

    private static let program: URL = {
        var folder = URL(filePath: #filePath)
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let program = folder.appending(path: ".build/debug/gatehouse")
            if FileManager.default.isExecutableFile(atPath: program.path) { return program }
        }
        return folder
    }()

    struct Refused: Error {
        let words: String
    }

    /// Makes a tenant and begins to serve it.
    init(listeningTo port: Int) throws {
        data = FileManager.default.temporaryDirectory
            .appending(path: "gatehouse-sdk-\(UUID().uuidString)")
        let url = "http://127.0.0.1:\(port)"
        issuer = url + "/t/acme"
        try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
        _ = try ask(["tenant", "create", "acme", "--base-url", url])
        server.executableURL = Self.program
        server.arguments = [
            "serve", "--data", data.path, "--base-url", url, "--listen", "127.0.0.1:\(port)",
        ]
        server.standardOutput = FileHandle.nullDevice
        server.standardError = FileHandle.nullDevice
    }

    /// Serves, and waits until it answers.
    func serve(_ transport: HTTPTransport) async throws {
        try server.run()
        for _ in 0..<2_000 {
            do {
                _ = try await IdentityProvider.discover(
                    issuer, as: ClientConfiguration(clientID: "a", credential: .none),
                    clock: .system, transport: transport)
                return
            } catch ClientError.unreachable {
                // The one wait there is: between two questions, whether the server is up.
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        throw Refused(words: "The server does not start.")
    }

    /// Ends the server and removes what it stored.
    func end() {
        if server.isRunning {
            server.terminate()
            server.waitUntilExit()
        }
        // What is left over is in a folder for such things.
        try? FileManager.default.removeItem(at: data)
    }

    /// What a command answers.
    func ask(_ arguments: [String]) throws -> [String: Any] {
        let process = Process()
        process.executableURL = Self.program
        process.arguments = arguments + ["--data", data.path, "--json"]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let answer = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0,
            let object = try JSONSerialization.jsonObject(with: answer) as? [String: Any]
        else { throw Refused(words: "\(arguments) failed.") }
        return object
    }

    /// Writes a file, and says where it is.
    func file(_ name: String, _ text: String) throws -> String {
        let file = data.appending(path: name)
        try Data(text.utf8).write(to: file)
        return file.path
    }

    /// Registers a client, and says what it is called and its secret.
    func client(_ arguments: [String]) throws -> (id: String, secret: String) {
        let made = try ask(
            ["client", "create", "--tenant", "acme", "--name", "App"] + arguments)
        return (made["client_id"] as? String ?? "", made["client_secret"] as? String ?? "")
    }
}
