import GatehouseEncoding
import GatehouseProtocol

/// What the provider says about itself (OpenID Connect Discovery 1.0 §3), as far as we use it.
struct ProviderMetadata: Sendable {
    let authorizationEndpoint: String
    let tokenEndpoint: String
    let keySet: String
    let endSessionEndpoint: String?
    /// Whether every authorization answer says whose it is (RFC 9207 §3).
    let namesIssuerInAnswers: Bool

    /// Where the document of an issuer is.
    static func address(of issuer: String) -> String {
        issuer + Endpoint.openIDConfiguration.path
    }

    /// Reads the document and refuses one that speaks for somebody else (§4.3).
    ///
    /// Its addresses have to be at the issuer's own origin, so that it cannot send us anywhere
    /// else.
    init(parsing bytes: [UInt8], issuer: String) throws(ProblemView.Problem) {
        let document: JSONObject
        do throws(JSONError) {
            document = try JSONObject(parsing: bytes)
        } catch {
            throw .untrustworthy(check: "The discovery document has to be a JSON object.")
        }
        guard let named = document["issuer"]?.string, named.isExactly(issuer) else {
            throw .untrustworthy(check: "The discovery document has to name the issuer we trust.")
        }
        guard let origin = WebAddress(parsing: issuer)?.origin else {
            throw .untrustworthy(check: "The issuer has to be a web address.")
        }
        authorizationEndpoint = try Self.endpoint("authorization_endpoint", document, origin)
        tokenEndpoint = try Self.endpoint("token_endpoint", document, origin)
        keySet = try Self.endpoint("jwks_uri", document, origin)
        endSessionEndpoint =
            document["end_session_endpoint"] == nil
            ? nil : try Self.endpoint("end_session_endpoint", document, origin)
        namesIssuerInAnswers =
            document["authorization_response_iss_parameter_supported"]?.bool ?? false
    }

    private static func endpoint(
        _ name: String, _ document: JSONObject, _ origin: String
    ) throws(ProblemView.Problem) -> String {
        guard let address = document[name]?.string,
            let parsed = WebAddress(parsing: address), parsed.origin.isExactly(origin)
        else {
            throw .untrustworthy(check: "The endpoints have to be at the address of the issuer.")
        }
        return address
    }
}
