private import GatehouseEncoding

/// A redirect URI as a client registered it: where answers may be sent, byte for byte
/// (RFC 9700 §2.1).
public struct RedirectURI: Sendable, Hashable {
    /// The URI: ASCII by construction, so that comparing texts compares bytes.
    public let text: String
    /// What a page's Content Security Policy must name for a form to end there: an origin, or a
    /// private-use scheme with its colon.
    public let formTarget: String

    /// The most bytes that a redirect URI may have.
    public static let limit = 2_000

    /// Why a text cannot be registered as a redirect URI.
    ///
    /// The messages are for people.
    public enum Refusal: String, Error, Sendable {
        case tooLong = "it is longer than 2000 characters"
        case notAbsolute = """
            it is not an absolute address that every program reads alike: it needs a scheme and a \
            lower-case host, and must not hold user information, spaces, backslashes, dot segments \
            or characters outside ASCII
            """
        case responseParameter = """
            its query holds a parameter of the answer, such as code, state or error
            """
        case query = """
            its query is not a form that every program reads alike: each % needs two hexadecimal \
            digits after it, and they have to spell UTF-8
            """
        case fragment = "it has a fragment (the part after #)"
        case needsHTTPS = "http is allowed on 127.0.0.1, [::1] and localhost only; use https"
        case scheme = """
            a private-use scheme must be a reversed domain name, such as com.example.app \
            (RFC 8252 §7.1)
            """
    }

    /// Checks a URI before it is registered.
    public init(registering text: String) throws(Refusal) {
        guard text.utf8.count <= Self.limit else { throw .tooLong }
        guard !text.utf8.contains(UInt8(ascii: "#")) else { throw .fragment }
        try Self.checkQuery(of: text)
        if let address = WebAddress(parsing: text) {
            guard address.scheme == "https" || address.isLoopback else { throw .needsHTTPS }
            self.text = text
            formTarget = address.origin
            return
        }
        guard let scheme = Self.privateUseScheme(of: text) else {
            let known = ["http", "https"].contains { text.lowercased().hasPrefix($0 + ":") }
            throw known || !text.utf8.contains(UInt8(ascii: ":")) ? .notAbsolute : .scheme
        }
        self.text = text
        formTarget = scheme + ":"
    }

    /// The URI to answer at, if this registration covers the one in a request: the same bytes, or
    /// the same but for the port where a loopback address was registered (RFC 8252 §7.3).
    public func covers(_ requested: String) -> RedirectURI? {
        if text.isExactly(requested) { return self }
        guard let registered = WebAddress(parsing: text), registered.scheme == "http",
            registered.isLoopbackLiteral,
            let address = WebAddress(parsing: requested), address.scheme == "http",
            address.host == registered.host, address.path == registered.path,
            address.query == registered.query
        else { return nil }
        // Cannot fail: it is a loopback address just like the registered one.
        return try? RedirectURI(registering: requested)
    }

    /// The host that a person is sent to, for pages that name it.
    public var destination: String {
        WebAddress(parsing: text)?.host ?? formTarget
    }

    /// The host of an absolute web address; nil where a private-use scheme has none.
    package var host: String? { WebAddress(parsing: text)?.host }

    /// The URI with parameters added to its query.
    package func adding(_ parameters: [(String, String)]) -> String {
        var separator = text.utf8.contains(UInt8(ascii: "?")) ? "&" : "?"
        var result = text
        for (name, value) in parameters {
            result += separator + name + "=" + value.queryEncoded
            separator = "&"
        }
        return result
    }

    /// The URI with parameters as its fragment; a registered URI has none of its own.
    package func withFragment(_ parameters: [(String, String)]) -> String {
        text + "#"
            + parameters.map { $0.0 + "=" + $0.1.queryEncoded }.joined(separator: "&")
    }

    /// True if a browser can post a form to it: a private-use scheme takes no body.
    package var takesForms: Bool { WebAddress(parsing: text) != nil }

    /// Refuses a query with which an answer would carry one of its parameters twice, for a client
    /// that reads forms as we do or one that forgives what is wrong in them.
    private static func checkQuery(of text: String) throws(Refusal) {
        guard let mark = text.utf8.firstIndex(of: UInt8(ascii: "?")) else { return }
        let form: FormParameters
        do throws(FormParameters.Malformed) {
            form = try FormParameters(decoding: text.utf8[text.utf8.index(after: mark)...])
        } catch {
            throw .query
        }
        let names: [ParameterName] = [
            .code, .state, "iss", "error", "error_description", "response",
        ]
        guard !names.contains(where: form.contains) else { throw .responseParameter }
    }

    private static func privateUseScheme(of text: String) -> String? {
        let bytes = Array(text.utf8)
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), colon > 0 else { return nil }
        let scheme = bytes[..<colon]
        let rest = bytes[bytes.index(after: colon)...]
        let lowercase = UInt8(ascii: "a")...UInt8(ascii: "z")
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard let first = scheme.first, lowercase.contains(first),
            scheme.contains(UInt8(ascii: ".")), scheme.last != UInt8(ascii: "."),
            scheme.allSatisfy({
                lowercase.contains($0) || digits.contains($0) || $0 == UInt8(ascii: ".")
                    || $0 == UInt8(ascii: "-")
            }),
            rest.first == UInt8(ascii: "/"),
            rest.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"\"#<>\\^`{|}@".utf8.contains($0) })
        else { return nil }
        return String(decoding: scheme, as: UTF8.self)
    }
}
