private import NIOHTTP1
import AsyncHTTPClient
import GatehouseAdmin
import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import GatehouseWeb
import Glibc
import HTTPTypes
import Hummingbird
import NIOCore

/// The Unix socket in the data directory through which commands reach the server that has it.
///
/// Only the owner can open it: the directory and the socket are theirs alone. So whoever comes in
/// may do what the command line may.
enum ControlSocket {
    /// Where the socket of a data directory is.
    static func path(in data: String) -> String { data + "/gatehouse.sock" }

    /// The longest path that a Unix socket may have (`sockaddr_un`, less the NUL).
    static let longestPath = 107

    // MARK: At the server

    /// Serves operations.
    static func addRoutes(
        to router: Router<EdgeContext>,
        setting: @escaping @Sendable (Occasion) -> Operation.Setting
    ) {
        router.post("operations") { request, context in
            do {
                let bytes = try await request.bodyBytes(as: .json, upTo: BodyLimit.document)
                let occasion = context.occasion(at: Clock.system.now)
                let setting = setting(occasion)
                let result = try await Operation(parsing: bytes).perform(in: setting)
                return Response.json(
                    JSONWriter.object { json in
                        json.add("result", result)
                        json.add("warnings", setting.warnings.sentences)
                    })
            } catch {
                return answer(CommandError(error))
            }
        }
    }

    private static func answer(_ error: CommandError) -> Response {
        .json(
            JSONWriter.object { json in
                json.object("error") { json in
                    json.add("code", error.code.name)
                    json.add("message", error.description)
                }
            }, status: .unprocessableContent)
    }

    // MARK: At the command

    /// True if a server has a data directory.
    static func isServed(_ data: String) async -> Bool {
        // Whatever it answers, it answers; what nobody does needs nothing of it.
        let nothing = Operation(.showTenant, [("tenant", "")])
        do {
            return try await perform(nothing, in: data) != nil
        } catch {
            return true
        }
    }

    /// Has the server of a data directory do something.
    ///
    /// Nil if no server answers there.
    static func perform(
        _ operation: Operation, in data: String
    ) async throws -> Operation.Answer? {
        let path = path(in: data)
        guard unsafe access(path, F_OK) == 0 else { return nil }
        var request = HTTPClientRequest(url: "http+unix://\(path.queryEncoded)/operations")
        request.method = .POST
        request.headers.add(name: "Host", value: "localhost")
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(ByteBuffer(bytes: operation.serialized))
        guard let body = try await send(request) else { return nil }
        let json = try JSONValue(parsing: body)
        if let error = json["error"], let message = error["message"]?.string {
            throw CommandError(
                error["code"]?.string.flatMap(CommandError.Code.init(name:)) ?? .failed, message)
        }
        guard let result = json["result"] else {
            throw CommandError(.failed, "The server's answer cannot be understood.")
        }
        return Operation.Answer(result: result, warnings: json["warnings"]?.strings ?? [])
    }

    /// The answer to a request; nil if nobody listens, as on the socket of a server that was killed.
    private static func send(_ request: HTTPClientRequest) async throws -> [UInt8]? {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(configuration: configuration)
        do {
            let response = try await client.execute(request, timeout: .seconds(60))
            let body = try await response.body.collect(upTo: 16 << 20)
            try await client.shutdown()
            return Array(body.readableBytesView)
        } catch {
            try await client.shutdown()
            let isRefused = (error as? IOError).map {
                [ECONNREFUSED, ENOENT].contains($0.errnoCode)
            }
            if isRefused ?? (error is ChannelError) { return nil }
            throw CommandError(
                .unavailable,
                "The server went away before it answered; look what it did before you repeat it.")
        }
    }
}
