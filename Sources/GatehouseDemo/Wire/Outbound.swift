package import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// The requests that the application itself makes to an API.
///
/// Each has to be over in a few seconds, and its answer must not be large.
struct Outbound: Sendable {
    let client: HTTPClient

    /// The most bytes of an answer.
    private static let longestBody = 512 * 1024

    /// An answer that was read to its end.
    struct Answer: Sendable {
        let status: Int
        /// The `WWW-Authenticate` header.
        let challenge: String?
        let body: [UInt8]
    }

    /// Asks for a document.
    func get(
        _ address: String, authorization: String? = nil
    ) async throws(ProblemView.Problem) -> Answer {
        var request = HTTPClientRequest(url: address)
        request.headers = ["accept": "application/json"]
        if let authorization { request.headers.add(name: "authorization", value: authorization) }
        return try await send(request)
    }

    private func send(
        _ request: HTTPClientRequest
    ) async throws(ProblemView.Problem) -> Answer {
        do {
            let response = try await client.execute(request, timeout: .seconds(5))
            let body = try await response.body.collect(upTo: Self.longestBody)
            return Answer(
                status: Int(response.status.code),
                challenge: response.headers.first(name: "www-authenticate"),
                body: Array(body.readableBytesView))
        } catch {
            // Whatever it was, there is no answer; the person can only look whether it runs.
            throw .unreachable
        }
    }
}

extension DemoApplication {
    /// What the application expects of its HTTP client: no redirects, no proxy, and no patience
    /// with a server that stops in the middle of an answer.
    package static var clientConfiguration: HTTPClient.Configuration {
        HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(2), read: .seconds(5)))
    }
}
