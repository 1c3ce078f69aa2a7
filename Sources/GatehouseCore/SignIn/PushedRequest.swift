private import GatehouseEncoding
import GatehouseProtocol

/// An authorization request that its client pushed, and how the browser brings it up (RFC 9126).
///
/// It is stored as the parameters that make it again, all of them checked; nothing of how the
/// client proved who it is stays with it.
package struct PushedRequest: Sendable {
    /// The parameters of the request.
    let form: FormParameters
    /// The address that it was pushed through.
    let issuer: String

    /// How long a browser may take to bring it up.
    package static let lifetime = Lifetime.seconds(90)

    /// What every reference begins with (RFC 9126 §2.2).
    private static let prefix = "urn:ietf:params:oauth:request_uri:"

    /// The reference that the client hands to the browser.
    static func reference(to secret: Secret) -> String { prefix + secret.revealed }

    /// The secret in a reference; nil unless it is the one spelling of one that we could have made.
    static func secret(in reference: String) -> Secret? {
        guard isReference(reference) else { return nil }
        let secret = String(decoding: reference.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
        return Secret(secret, for: .pushedRequest)
    }

    /// True if a reference is one to a pushed request, usable or not.
    static func isReference(_ text: String) -> Bool { text.utf8.starts(with: prefix.utf8) }

    /// The text for the database.
    static func stored(
        _ request: AuthorizationRequest, of parties: ProveRequest.Parties, through issuer: Issuer
    ) -> String {
        let json = JSONWriter.object { json in
            json.add("issuer", issuer.text)
            let names: [(ParameterName, String)] = [
                (.clientID, parties.client.id.text), (.redirectURI, parties.redirectURI.text),
            ]
            StoredParameters.add("request", names + request.parameters, to: &json)
        }
        return String(decoding: json, as: UTF8.self)
    }

    init(stored text: String) throws {
        let json = try JSONObject(parsing: Array(text.utf8))
        issuer = json["issuer"]?.string ?? ""
        form = StoredParameters.form(json["request"]) ?? FormParameters([])
    }
}
