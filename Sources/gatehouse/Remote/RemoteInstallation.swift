import AsyncHTTPClient
import GatehouseAdmin
import GatehouseEncoding
import GatehouseProtocol
import NIOCore
import NIOHTTP1

/// An installation elsewhere, and the key by which commands administer it.
struct RemoteInstallation: Sendable {
    let server: String
    let key: String

    /// The variable that names an installation, and the one that holds a key.
    static let placeName = "GATEHOUSE_AT"
    static let keyName = "GATEHOUSE_ADMINISTRATOR_KEY"

    /// The longest answer, in bytes.
    private static let mostBytes = 16 << 20

    /// Takes an address such as `https://id.example.com`.
    ///
    /// The key goes over https only, unless it stays on this machine.
    init(server: String, key: String) throws {
        guard let base = try? BaseURL(parsing: server),  // the error says what it must be
            base.text.hasPrefix("https://") || Self.isHere(base.host)
        else {
            throw CommandError(
                .wrongUse, "“\(server)” is not the https address of an installation.")
        }
        self.server = base.text
        self.key = key
    }

    /// The installation of a login, or of an address with the key that the environment holds.
    init(at place: String, _ environment: [String: String]) throws {
        guard place.contains("://") else {
            guard let login = try Logins(environment: environment).find(place) else {
                throw CommandError(
                    .notFound, "You are not logged in at “\(place)”: see “gatehouse login”.")
            }
            self = login
            return
        }
        guard let key = environment[Self.keyName] else {
            throw CommandError(
                .wrongUse,
                "Put an administrator key into \(Self.keyName), or use “gatehouse login”.")
        }
        try self.init(server: place, key: key)
    }

    private static func isHere(_ host: String) -> Bool {
        ["127.0.0.1", "localhost", "[::1]"].contains(host)
    }

    /// Has the installation do something; a list is fetched page by page.
    func perform(_ operation: Operation) async throws -> Operation.Answer {
        let client = HTTPClient(configuration: Self.configuration)
        do {
            let answer = try await perform(operation, by: client)
            try await client.shutdown()
            return answer
        } catch {
            try await client.shutdown()
            throw error
        }
    }

    private static var configuration: HTTPClient.Configuration {
        // Whoever answers must not have the key sent elsewhere.
        HTTPClient.Configuration(redirectConfiguration: .disallow)
    }

    private func perform(
        _ operation: Operation, by client: HTTPClient
    ) async throws -> Operation.Answer {
        let request = try AdminRequest(operation)
        guard let wanted = request.wanted else { return try await send(request, by: client) }
        var (items, cursor): ([JSONValue], String?) = ([], nil)
        repeat {
            let page = try await send(
                AdminRequest(operation, cursor: cursor), by: client)
            items += page.result["items"]?.array ?? []
            cursor = page.result["next_cursor"]?.string
        } while cursor != nil && items.count < wanted
        return Operation.Answer(result: .array(Array(items.prefix(wanted))), warnings: [])
    }

    private func send(
        _ request: AdminRequest, by client: HTTPClient
    ) async throws -> Operation.Answer {
        var sent = HTTPClientRequest(url: server + request.target)
        sent.method = HTTPMethod(rawValue: request.method)
        sent.headers.add(name: "Authorization", value: "Bearer \(key)")
        if let expected = request.expected {
            sent.headers.add(name: "If-Match", value: expected)
        }
        if let manager = request.manager {
            sent.headers.add(name: AdminRequest.managerHeader.description, value: manager)
        }
        if let body = request.body {
            sent.headers.add(name: "Content-Type", value: "application/json")
            sent.body = .bytes(ByteBuffer(bytes: body))
        }
        let (response, body) = try await patiently { try await execute(sent, by: client) }
        do {
            let answer = try AdminReply.read(
                status: Int(response.status.code), body: body,
                warnings: response.headers.first(name: "Gatehouse-Warnings"))
            guard answer.result["items"] != nil, request.wanted == nil else { return answer }
            return Operation.Answer(
                result: answer.result["items"] ?? .null, warnings: answer.warnings)
        } catch is JSONError {
            throw CommandError(.failed, "\(server) does not answer as Gatehouse does.")
        }
    }

    private typealias Received = (response: HTTPClientResponse, body: [UInt8])

    private func execute(
        _ request: HTTPClientRequest, by client: HTTPClient
    ) async throws -> Received {
        do {
            let response = try await client.execute(request, timeout: .seconds(60))
            let body = try await response.body.collect(upTo: Self.mostBytes)
            return (response, Array(body.readableBytesView))
        } catch {
            throw CommandError(.unavailable, "\(server) does not answer: \(error).")
        }
    }

    /// Waits once as long as the installation asks for, where the key had all its requests of a
    /// minute: nothing was done then.
    private func patiently(_ ask: () async throws -> Received) async throws -> Received {
        let first = try await ask()
        guard first.response.status == .tooManyRequests,
            let seconds = first.response.headers.first(name: "Retry-After").flatMap(Int.init),
            (0...60).contains(seconds)
        else { return first }
        try await Task.sleep(for: .seconds(seconds))
        return try await ask()
    }
}
