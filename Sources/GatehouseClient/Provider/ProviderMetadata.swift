private import GatehouseEncoding
private import GatehouseProtocol

/// What a provider says of itself (OpenID Connect Discovery 1.0 §3, RFC 8414 §2), as far as an app
/// needs it.
struct ProviderMetadata: Sendable {
    /// The issuer, byte for byte.
    let issuer: String
    let keySet: ProviderAddress
    /// Whether every authorization answer says whose it is (RFC 9207 §3).
    let namesIssuerInAnswers: Bool
    private let endpoints: [Endpoint: ProviderAddress]

    /// An endpoint by its name in the metadata.
    enum Endpoint: String, CaseIterable {
        case authorization = "authorization_endpoint"
        case token = "token_endpoint"
        case userInfo = "userinfo_endpoint"
        case revocation = "revocation_endpoint"
        case introspection = "introspection_endpoint"
        case endSession = "end_session_endpoint"
        case deviceAuthorization = "device_authorization_endpoint"
        case pushedAuthorizationRequest = "pushed_authorization_request_endpoint"
        case changeFeed = "change_feed_endpoint"
    }

    /// Where the document of an issuer is; nil if this is no issuer to ask.
    static func address(of issuer: String) -> ProviderAddress? {
        guard let parsed = WebAddress(parsing: issuer), parsed.query == nil else { return nil }
        let base = issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer
        return ProviderAddress(base + "/.well-known/openid-configuration")
    }

    /// Reads the document, and refuses one that speaks for somebody else (§4.3).
    init(parsing bytes: [UInt8], issuer: String) throws(ClientError) {
        let document: JSONObject
        do throws(JSONError) {
            document = try JSONObject(parsing: bytes)
        } catch {
            throw .untrustworthy(.metadata)
        }
        guard let named = document["issuer"]?.string, named.isExactly(issuer) else {
            throw .untrustworthy(.metadataIssuer)
        }
        let isLocal = ProviderAddress(issuer)?.isLoopback ?? false
        var endpoints: [Endpoint: ProviderAddress] = [:]
        for endpoint in Endpoint.allCases {
            guard let value = document[endpoint.rawValue] else { continue }
            endpoints[endpoint] = try Self.address(value, isLocal: isLocal)
        }
        guard let keySet = document["jwks_uri"] else { throw .untrustworthy(.metadata) }
        self.keySet = try Self.address(keySet, isLocal: isLocal)
        self.endpoints = endpoints
        self.issuer = issuer
        namesIssuerInAnswers =
            document["authorization_response_iss_parameter_supported"]?.bool ?? false
    }

    /// Where an endpoint is.
    func address(of endpoint: Endpoint) throws(ClientError) -> ProviderAddress {
        guard let address = endpoints[endpoint] else {
            throw .configuration("The provider has no \(endpoint.rawValue).")
        }
        return address
    }

    /// Whether the provider has an endpoint.
    func has(_ endpoint: Endpoint) -> Bool { endpoints[endpoint] != nil }

    /// A provider elsewhere cannot lead us to this machine.
    private static func address(
        _ value: JSONValue, isLocal: Bool
    ) throws(ClientError) -> ProviderAddress {
        guard let address = value.string.flatMap(ProviderAddress.init),
            isLocal || !address.isLoopback
        else { throw .untrustworthy(.endpointAddress) }
        return address
    }
}
