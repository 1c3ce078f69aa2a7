import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird

/// Where clients register themselves (RFC 7591 §3), and where each of them reads, replaces and ends
/// its registration (RFC 7592 §2).
///
/// At a tenant that takes none, there is no such endpoint.
struct RegistrationEndpoint: Sendable {
    let gatehouse: Gatehouse

    func register(_ request: Request, _ context: TenantContext) async throws -> Response {
        try await answer(context) {
            let token = try Self.token(in: request)
            let information = try await gatehouse.registerClient.register(
                try await Self.metadata(in: request), presenting: token, at: context.tenant,
                through: context.issuer, on: context.occasion)
            return .json(information.jsonObject.serialized(), status: .created)
        }
    }

    func configure(_ request: Request, _ context: TenantContext) async throws -> Response {
        try await answer(context) {
            let token = try Self.token(in: request)
            guard let id = Client.ID(parsing: request.lastSegment) else {
                throw RegisterClient.unusable
            }
            let registrations = gatehouse.manageRegistration
            switch request.method {
            case .put:
                let information = try await registrations.replace(
                    id, by: try await Self.metadata(in: request), presenting: token,
                    at: context.tenant, through: context.issuer, on: context.occasion)
                return .json(information.jsonObject.serialized())
            case .delete:
                try await registrations.end(
                    id, presenting: token, at: context.tenant, on: context.occasion)
                return Response(status: .noContent)
            default:
                let information = try await registrations.read(
                    id, presenting: token, at: context.tenant, through: context.issuer,
                    on: context.occasion)
                return .json(information.jsonObject.serialized())
            }
        }
    }

    /// Answers where the tenant has such an endpoint, with the challenge of RFC 6750 §3 where a token
    /// is what is wrong.
    private func answer(
        _ context: TenantContext, _ work: () async throws -> Response
    ) async throws -> Response {
        guard Standing(tenant: context.tenant).mayAct(at: context.occasion.now) else {
            throw HTTPError(.notFound)
        }
        guard context.tenant.registrationPolicy.mode != .off else { throw HTTPError(.notFound) }
        do {
            return try await work()
        } catch let error as OAuthError where error.code == .invalidToken {
            var response = OAuthErrorAnswer(context).answer(error)
            response.status = .unauthorized
            response.headers[.wwwAuthenticate] = #"Bearer error="invalid_token""#
            return response
        } catch let error as OAuthError where error == RegisterClient.full {
            var response = OAuthErrorAnswer(context).answer(error)
            response.status = .forbidden
            return response
        }
    }

    /// The token of the request; nil if it brings none.
    private static func token(in request: Request) throws(OAuthError) -> String? {
        try BearerToken(authorization: request.headers[values: .authorization], form: nil)?.text
    }

    private static func metadata(in request: Request) async throws -> JSONObject {
        let bytes: [UInt8]
        do {
            bytes = try await request.bodyBytes(as: .json, upTo: BodyLimit.clientMetadata)
        } catch RequestBodyError.unsupportedMediaType {
            throw OAuthError(.invalidRequest, "The body is not of the type application/json.")
        }
        do throws(JSONError) {
            return try JSONObject(parsing: bytes)
        } catch {
            throw OAuthError(.invalidClientMetadata, "The body is not one JSON object.")
        }
    }
}
