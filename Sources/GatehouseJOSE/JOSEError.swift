/// Why a key or a token is refused.
///
/// No case carries anything of the token: what an error says can be logged and shown.
public enum JOSEError: Error, Equatable, Sendable {
    /// The text is no compact JWS: parts, base64url or JSON are wrong.
    case malformed
    /// The token, or the key set, is larger than anything honest.
    case tooLarge
    /// The header asks for something we do not do: `crit`, `b64`, `zip`.
    case unsupportedHeader
    /// The algorithm is unknown, not allowed here, or not the one of the key.
    case wrongAlgorithm
    /// The `typ` is missing or that of another kind of token.
    case wrongType
    /// No key, or more than one, can be the one that signed.
    case unknownKey
    /// The signature is not that of the key.
    case wrongSignature
    /// A claim is missing or has the wrong kind of value.
    case malformedClaim
    /// The token's time is over.
    case expired
    /// The token's time has not begun, or it was issued in the future.
    case notYetValid
    /// The key lacks something or contradicts itself.
    case malformedKey
    /// The key is of a kind, a size or a use that we do not verify with.
    case unsupportedKey
    /// The key is a private one, which nobody should have sent.
    case privateKey
    /// The library could not sign or make a key.
    case signingFailed
}
