package import GatehouseProtocol
import HTTPTypes
package import Hummingbird

/// Keeps an installation whose address is https from being used over plain http.
///
/// A person is sent to the right address. A program is refused and not redirected: what it sent in
/// clear is known to others by then, and should not seem to have worked (ASVS 4.1.2). A request that
/// a proxy passed on is refused with what is to be mended, since a redirect would only come back.
package struct RequireHTTPS: RouterMiddleware {
    /// Who asks at an address.
    package enum Audience: Sendable {
        /// A person, by a browser.
        case people
        /// A program, which may have sent a token or a secret.
        case programs
    }

    private let base: BaseURL
    private let audience: Audience

    /// Takes the address that the installation has, and who asks here.
    package init(base: BaseURL, audience: Audience) {
        self.base = base
        self.audience = audience
    }

    /// Lets secure requests pass, and all of them where the address itself is a plain one.
    package func handle(
        _ request: Request, context: EdgeContext, next: Next
    ) async throws -> Response {
        if let refusal = refusal(of: request, context) { return refusal }
        return try await next(request, context)
    }

    /// The answer to a request that must not come in this way; `nil` if it may.
    package func refusal(of request: Request, _ context: EdgeContext) -> Response? {
        guard base.origin.utf8.starts(with: "https:".utf8), !context.isSecure else { return nil }
        let isForwarded = Self.forwarding.contains { request.headers.contains($0) }
        if isForwarded, context.clientAddress == context.peerAddress {
            return UnexpectedErrors.answer(
                .badRequest,
                text: """
                    This address is served over https only, and the proxy in front of it is not \
                    believed. Name it in the setting trusted-proxies, and have it send \
                    X-Forwarded-Proto.
                    """)
        }
        guard audience == .people, request.method == .get || request.method == .head,
            let path = request.head.path
        else {
            return UnexpectedErrors.answer(
                .badRequest, text: "This address is served over https only.")
        }
        var headers = HTTPFields()
        headers[.location] = origin(context) + path
        return Response(status: .permanentRedirect, headers: headers)
    }

    private func origin(_ context: EdgeContext) -> String {
        if case .tenant(let host) = context.destination {
            return Issuer(base: base, host: host).text
        }
        return base.origin
    }

    private static let forwarding = ["X-Forwarded-Proto", "X-Forwarded-For", "Forwarded"]
        .compactMap { HTTPField.Name($0) }
}
