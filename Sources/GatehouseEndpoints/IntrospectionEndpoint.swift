private import GatehouseJOSE
import GatehouseCore
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird
import NIOCore

/// The introspection endpoint (RFC 7662), with answers as JSON or, for whoever accepts that, as a
/// signed JWT (RFC 9701).
struct IntrospectionEndpoint: Sendable {
    let gatehouse: Gatehouse

    func answer(_ request: Request, _ context: TenantContext) async throws -> Response {
        let form = try await request.formParameters()
        let client = try await gatehouse.client(of: request, form, context)
        // Whoever finds a token could else ask what it is good for (RFC 7662 §2.1).
        guard client.isConfidential else {
            throw OAuthError(.invalidClient, "Introspection needs client authentication.")
        }
        let answer = try await gatehouse.introspectToken.introspect(
            IntrospectionRequest(form), by: client, of: context.tenant, through: context.issuer,
            at: context.occasion.now)
        let isSigned = client.policies.profile.asks(for: .signedIntrospection)
        guard isSigned || Self.wantsJWT(request) else { return .json(answer.serialized()) }
        return try await signed(answer, for: client, context)
    }

    private static let mediaType = "application/token-introspection+jwt"

    private static func wantsJWT(_ request: Request) -> Bool {
        request.headers[values: .accept].contains { line in
            line.split(separator: ",").contains { range in
                let type = range.split(separator: ";").first ?? ""
                return WireText.equalIgnoringCase(
                    String(type.filter { $0 != " " && $0 != "\t" }), mediaType)
            }
        }
    }

    private func signed(
        _ answer: IntrospectionResponse, for client: Client, _ context: TenantContext
    ) async throws -> Response {
        let now = context.occasion.now
        let algorithm = client.policies.idTokenAlgorithm
        let keys = try await gatehouse.registry.keys(of: context.tenant.id, at: now)
        let token = try keys.signer(algorithm, for: .introspection, at: now).sign(
            answer.claims(
                issuer: context.issuer, audience: client.id.text, issuedAt: now.seconds))
        var headers = HTTPFields()
        headers[.contentType] = Self.mediaType
        return Response(
            status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: token))
        )
    }
}
