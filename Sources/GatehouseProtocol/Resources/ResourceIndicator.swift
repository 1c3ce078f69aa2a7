/// The identifier of a protected resource: an absolute URI without a fragment (RFC 8707 §2).
///
/// It is what a token says that it is for, so it is compared byte for byte and never normalised.
public struct ResourceIndicator: Sendable, Hashable {
    /// The URI as it was sent: visible ASCII.
    public let text: String

    /// The most bytes that an indicator may have.
    public static let limit = 500
    /// The most resources that one request may name.
    public static let most = 10

    /// Checks that the text is a URI with a scheme, and has no fragment; nil if it is not.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.limit, let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
            Self.isScheme(bytes[..<colon]), colon + 1 < bytes.count,
            bytes[(colon + 1)...].allSatisfy(Self.isURIByte)
        else { return nil }
        self.text = text
    }

    /// The resources that a request names, each once, in its order.
    static func requested(
        in form: FormParameters, by names: [ParameterName] = [.resource]
    ) throws(OAuthError) -> [ResourceIndicator] {
        let malformed = OAuthError(
            .invalidTarget, "The resource is not an absolute URI without a fragment.")
        var resources: [ResourceIndicator] = []
        for text in names.flatMap(form.values(of:)) {
            guard let resource = ResourceIndicator(text) else { throw malformed }
            if !resources.contains(resource) { resources.append(resource) }
        }
        guard resources.count <= most else {
            throw OAuthError(.invalidTarget, "The request names more than ten resources.")
        }
        return resources
    }

    /// A letter, then letters, digits and `+-.` (RFC 3986 §3.1).
    private static func isScheme(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let first = bytes.first, isLetter(first) else { return false }
        return bytes.allSatisfy { byte in
            isLetter(byte) || isDigit(byte) || Array("+-.".utf8).contains(byte)
        }
    }

    /// What may stand in a URI (RFC 3986 §2) but `#`, which would begin a fragment.
    private static func isURIByte(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte) || punctuation.contains(byte)
    }

    private static let punctuation = Array("-._~:/?[]@!$&'()*+,;=%".utf8)

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
