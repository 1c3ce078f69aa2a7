package import GatehouseEncoding

/// What the holder of a token has to prove besides having it: the confirmation of RFC 7800, the
/// claim `cnf` of a token.
public enum Confirmation: Sendable, Hashable {
    /// That they have the private key to a public one (`jkt`, RFC 9449 §6.1).
    case key(JWKThumbprint)
    /// That they have the private key to a certificate (`x5t#S256`, RFC 8705 §3.1).
    case certificate(CertificateThumbprint)

    /// How a token with such a confirmation is presented: the `token_type` of RFC 6749 §7.1.
    public var tokenType: String {
        switch self {
        case .key: "DPoP"
        // The connection proves the rest (RFC 8705 §3).
        case .certificate: "Bearer"
        }
    }

    /// The confirmation as the member `cnf` of a token or of an introspection answer.
    package var jsonObject: JSONObject {
        switch self {
        case .key(let thumbprint): ["jkt": .string(thumbprint.text)]
        case .certificate(let thumbprint): ["x5t#S256": .string(thumbprint.text)]
        }
    }

    /// Reads a confirmation; nil if it asks for something that is not known here.
    package init?(_ object: JSONObject) {
        guard object.members.count == 1 else { return nil }
        if let thumbprint = object["jkt"]?.string.flatMap(JWKThumbprint.init(parsing:)) {
            self = .key(thumbprint)
        } else if let text = object["x5t#S256"]?.string,
            let thumbprint = CertificateThumbprint(parsing: text)
        {
            self = .certificate(thumbprint)
        } else {
            return nil
        }
    }
}
