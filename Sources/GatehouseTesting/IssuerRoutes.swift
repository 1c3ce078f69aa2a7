private import GatehouseClient
private import GatehouseEncoding
private import GatehouseJOSE
private import GatehouseProtocol
private import HTTPTypes
internal import Hummingbird
private import NIOCore
private import Synchronization

/// What a ``FakeIssuer`` answers.
final class IssuerRoutes: Sendable {
    private let served = Mutex<FakeIssuer?>(nil)

    /// Answers for an issuer from now on: its address is known once it listens.
    func serve(_ issuer: FakeIssuer) { served.withLock { $0 = issuer } }

    /// The answer to a request.
    func response(to request: Request) async throws -> Response {
        guard let issuer = served.withLock({ $0 }) else {
            return Response(status: .serviceUnavailable)
        }
        let path = request.uri.path
        issuer.change { $0.requests[path, default: 0] += 1 }
        var request = request
        let body = try await request.collectBody(upTo: 64 * 1024)
        let form = try FormParameters(decoding: body.readableBytesView)
        let proof = HTTPField.Name("DPoP").flatMap { request.headers[$0] }
        do {
            switch path {
            case "/.well-known/openid-configuration": return issuer.metadata()
            case "/keys": return issuer.publishedKeys()
            case "/authorize":
                return Response(
                    status: .seeOther,
                    headers: [.location: try issuer.authorize(request.uri.string)])
            case "/token":
                return try Self.brokenToken(issuer) ?? issuer.token(form, proof: proof)
            case "/userinfo":
                guard issuer.misbehavior != .brokenUserInfo else {
                    return Response(status: .internalServerError)
                }
                return issuer.userInfo()
            case "/introspect": return issuer.introspect(form)
            case "/revoke":
                issuer.change { state in _ = form["token"].map { state.revoked.insert($0) } }
                return Response(status: .ok)
            case "/par": return issuer.push(body.readableBytesView)
            case "/device": return issuer.beginDevice()
            case "/changes":
                return issuer.changeFeed(
                    after: HTTPField.Name("Last-Event-ID").flatMap { request.headers[$0] })
            default: return Response(status: .notFound)
            }
        } catch let error as OAuthError {
            return Self.refusal(error)
        }
    }

    /// What a token endpoint answers that is none; nil unless the issuer misbehaves so.
    private static func brokenToken(_ issuer: FakeIssuer) -> Response? {
        switch issuer.misbehavior {
        case .redirectedToken:
            return Response(status: .temporaryRedirect, headers: [.location: "/elsewhere"])
        case .brokenToken:
            var response = refusal(OAuthError(.invalidGrant, "Try again."))
            response.status = .internalServerError
            return response
        case .busyToken:
            var response = refusal(OAuthError(.invalidGrant, "Try again."))
            response.status = .tooManyRequests
            return response
        default:
            return nil
        }
    }

    private static func refusal(_ error: OAuthError) -> Response {
        let body = JSONWriter.object { json in
            json.add("error", error.code.rawValue)
            json.add("error_description", error.description.description)
        }
        var response = Response.document(body)
        response.status = .badRequest
        if let name = HTTPField.Name("DPoP-Nonce"), error.code == .useDPoPNonce {
            response.headers[name] = FakeIssuer.nonce
        }
        return response
    }
}

extension Response {
    /// JSON.
    static func document(_ bytes: [UInt8]) -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
