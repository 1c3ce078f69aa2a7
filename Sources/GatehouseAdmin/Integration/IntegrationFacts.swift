import GatehouseCore
import GatehouseJOSE
import GatehouseProtocol

/// What whoever writes an app has to know of its client.
///
/// No secret is among it, and no name that somebody typed: neither has a place in code.
struct IntegrationFacts: Sendable {
    let issuer: String
    let clientID: String
    let kind: Client.Kind
    /// Where answers go: the first address that is registered for the kind of app; nil if none is.
    let redirectURI: String?
    let postLogoutRedirectURI: String?
    /// What the app asks for.
    let scope: [String]
    /// The API that access tokens are for; nil if they are for the client itself.
    let audience: String?
    /// The API as the app has to ask for it (RFC 8707); nil if its tokens are for it anyway.
    let resource: String?
    let idTokenAlgorithm: String
    let proof: Proof
    /// What is asked of the client beyond what libraries do unbidden.
    let demands: [String]

    /// How the client proves who it is.
    enum Proof: Sendable, Hashable {
        case none
        /// A secret in a header.
        case secretInHeader
        /// A secret in the form.
        case secretInForm
        /// A key or a certificate; this is the name of the method.
        case key(String)
    }

    init(_ client: Client, issuer: Issuer, resources: [Resource]) {
        self.issuer = issuer.text
        clientID = client.id.text
        kind = client.kind
        redirectURI = client.redirectURIs.first?.text
        postLogoutRedirectURI = client.postLogoutRedirectURIs.first?.text
        scope = client.scope.values
        let own = client.policies.audience
        resource = own == nil ? Self.resource(of: client, among: resources)?.indicator.text : nil
        audience = own ?? resource
        idTokenAlgorithm = client.policies.idTokenAlgorithm.name
        proof = Self.proof(of: client)
        demands = Self.demands(of: client)
    }

    /// The first resource of whose scopes the client may ask for one.
    private static func resource(of client: Client, among resources: [Resource]) -> Resource? {
        resources.first { resource in
            resource.disabledAt == nil && resource.policies.clients?.contains(client.id) != false
                && resource.scopes.contains { client.scope.contains($0.value) }
        }
    }

    private static func demands(of client: Client) -> [String] {
        let policies = client.policies
        var demands: [String] = []
        if case .key(let name) = Self.proof(of: client) {
            demands.append(
                """
                The client proves who it is by \(name), and has no secret: where the code takes one, \
                give your library the key.
                """)
        }
        if policies.requiresDPoP {
            demands.append(
                "Tokens are bound to a key: each request to an endpoint or API needs a DPoP proof.")
        }
        if policies.requiresCertificate {
            demands.append("Tokens are bound to the certificate that the client shows.")
        }
        if policies.requiresPushedRequests {
            demands.append("Authorization requests have to be pushed first (RFC 9126).")
        }
        if policies.requiresSignedRequests {
            demands.append("Authorization requests have to be signed (RFC 9101).")
        }
        if !policies.responseModes.contains(.query), client.kind != .machine {
            demands.append(
                """
                Answers come as \(policies.responseModes.map(\.text).joined(separator: ", ")): say so \
                with response_mode.
                """)
        }
        return demands
    }

    private static func proof(of client: Client) -> Proof {
        switch client.authentication {
        case .none: .none
        case .clientSecret, .clientSecretBasic: .secretInHeader
        case .clientSecretPost: .secretInForm
        case .privateKeyJWT, .tlsClientAuth, .selfSignedTLSClientAuth:
            .key(client.authentication.name)
        }
    }
}

extension IntegrationFacts {
    /// The name of the environment variable that holds the secret.
    static let secretName = "GATEHOUSE_CLIENT_SECRET"

    var discovery: String { issuer + Endpoint.openIDConfiguration.path }

    /// Where answers go; a made-up address where none is registered yet.
    var callback: String { redirectURI ?? "http://127.0.0.1:3000/callback" }

    /// True if the app is reached by a scheme of its own, so that no path in it takes answers.
    var hasOwnScheme: Bool { address == nil }

    private var address: WebAddress? { WebAddress(parsing: callback) }

    /// The path at which an app takes answers.
    var callbackPath: String { address.map { $0.path.isEmpty ? "/" : $0.path } ?? "/callback" }

    /// The port that an app on this machine listens at; nil for one elsewhere.
    var port: Int? { address.flatMap { $0.isLoopback ? $0.effectivePort : nil } }

    /// True if the path is the same text for every framework, whatever patterns it knows.
    var hasPlainPath: Bool {
        callbackPath.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "-"),
                UInt8(ascii: "_"), UInt8(ascii: "."):
                true
            default: false
            }
        }
    }

    var scopeText: String { scope.joined(separator: " ") }

    var hasSecret: Bool { proof == .secretInHeader || proof == .secretInForm }

    /// True if the issuer is on this machine, without TLS.
    var isPlainHTTP: Bool { issuer.utf8.starts(with: "http:".utf8) }

    /// The scope without values that configuration files would read as something else.
    var plainScope: [String] {
        scope.filter { value in
            value.utf8.allSatisfy { !"$%{}'\"`\\<>#&;".utf8.contains($0) }
        }
    }
}
