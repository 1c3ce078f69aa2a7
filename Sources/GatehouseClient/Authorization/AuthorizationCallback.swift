private import Crypto
private import GatehouseEncoding
private import GatehouseProtocol

/// What a browser brought back from the authorization endpoint (RFC 6749 §4.1.2), and which belongs
/// to an attempt.
enum AuthorizationCallback: Sendable {
    /// A code to exchange.
    case code(String)
    /// The reason why there is none.
    case refused(OAuthRefusal)

    /// Reads the parameters, and refuses what is no answer of this issuer to this attempt.
    ///
    /// The text is an address, its query, or a form that was posted. Nothing in it is believed, not
    /// even that something went wrong, before state and issuer are right.
    init(
        _ text: String, to attempt: AuthorizationAttempt, from metadata: ProviderMetadata
    ) throws(ClientError) {
        let query =
            text.utf8.split(
                separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false
            ).last ?? Substring().utf8
        let form: FormParameters
        do throws(FormParameters.Malformed) {
            form = try FormParameters(decoding: query.prefix { $0 != UInt8(ascii: "#") })
        } catch {
            throw .callback(.malformed)
        }
        guard !form.hasRepetition else { throw .callback(.malformed) }
        guard let state = form["state"], Self.areSame(state, attempt.state) else {
            throw .callback(.state)
        }
        guard form["iss"]?.isExactly(metadata.issuer) ?? !metadata.namesIssuerInAnswers else {
            throw .callback(.issuer)
        }
        switch (form["code"], form["error"]) {
        case (let code?, nil): self = .code(code)
        case (nil, let error?):
            self = .refused(
                OAuthRefusal(code: error, detail: form["error_description"], status: nil))
        default: throw .callback(.malformed)
        }
    }

    /// Compares secrets by their digests, so that the time it takes tells nothing.
    private static func areSame(_ one: String, _ other: String) -> Bool {
        SHA256.hash(data: Array(one.utf8)) == SHA256.hash(data: Array(other.utf8))
    }
}
