import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol

/// What is to be said about one redirect URI before it is registered, for whoever just typed it.
///
/// Whether it can be registered is decided by ``RedirectURI`` and by nothing else: this says in more
/// words why not, and warns of what often goes wrong with one that can be.
struct RedirectURICheck: Sendable {
    let text: String
    let kind: Client.Kind
    let isAccepted: Bool
    let findings: [Finding]

    init(_ text: String, for kind: Client.Kind) {
        self.text = text
        self.kind = kind
        do throws(RedirectURI.Refusal) {
            let uri = try RedirectURI(registering: text)
            isAccepted = true
            let warnings = Self.warnings(about: uri.text, for: kind)
            findings =
                warnings.isEmpty
                ? [.fine("redirect_uri", "Answers can be sent to \(uri.text).")] : warnings
        } catch {
            isAccepted = false
            findings = [Self.explanation(of: error, for: text)]
        }
    }

    /// The check as operations answer it.
    var shown: JSONValue {
        [
            "uri": .string(text), "type": .string(kind.rawValue), "accepted": .bool(isAccepted),
            "findings": .array(findings.map(\.shown)),
        ]
    }

    // MARK: What cannot be registered

    private static func explanation(of refusal: RedirectURI.Refusal, for text: String) -> Finding {
        let (rule, advice) = reason(of: refusal, for: text)
        return .failure(
            rule, "It cannot be registered: \(refusal.rawValue).", advice, at: "redirect_uris")
    }

    /// The rule that failed, and what to type instead.
    private static func reason(
        of refusal: RedirectURI.Refusal, for text: String
    ) -> (rule: String, advice: String) {
        switch refusal {
        case .tooLong:
            ("too_long", "Shorten it; what changes from request to request goes into state.")
        case .fragment: ("fragment", "Leave out # and what follows.")
        case .needsHTTPS:
            (
                "needs_https",
                "Write https://, or 127.0.0.1 in the place of the host while you develop."
            )
        case .scheme:
            (
                "scheme",
                "Write the domain of the app backwards, and a slash: com.example.app:/callback."
            )
        case .responseParameter:
            ("response_parameter", "Take the parameter out: the answer adds one of that name.")
        case .query: ("query", "Write the query anew, with its special characters encoded once.")
        case .notAbsolute: notAbsolute(text)
        }
    }

    /// What exactly is wrong with an address that is none, as far as its text tells.
    private static func notAbsolute(_ text: String) -> (rule: String, advice: String) {
        let bytes = text.utf8
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
        if let first = bytes.first, let last = bytes.last, isSpace(first) || isSpace(last) {
            return ("whitespace", "Take the space at its end or beginning away.")
        }
        guard let scheme = text.firstRange(of: "://") else {
            return (
                "relative", "Write it with its scheme and host, such as https://app.example.com."
            )
        }
        let authority = text[scheme.upperBound...].prefix { !"/?".contains($0) }
        if authority.contains("*") {
            return ("wildcard", "Write each address out: none stands for several.")
        }
        if authority.contains("@") {
            return ("user_information", "Take the name before the @ away.")
        }
        let head = text[..<scheme.upperBound] + authority
        if head.lowercased() != head {
            return ("case", "Write the scheme and the host in lower case: \(head.lowercased()).")
        }
        if !bytes.allSatisfy({ $0 < 0x80 }) {
            return ("ascii", "Write the host as its xn-- name, and encode the rest with %.")
        }
        if bytes.contains(where: isSpace) {
            return ("whitespace", "Write %20 in the place of a space.")
        }
        if bytes.contains(UInt8(ascii: "\\")) {
            return ("backslash", "Write a slash in the place of the backslash.")
        }
        return (
            "not_absolute",
            "Write it in its plainest form: scheme, host, maybe a port, and a path without . and .."
        )
    }

    // MARK: What can be registered

    private static func warnings(about text: String, for kind: Client.Kind) -> [Finding] {
        guard let address = WebAddress(parsing: text) else { return schemeWarnings(kind) }
        return hostWarnings(address, kind) + textWarnings(address, text)
    }

    /// What is to be said about where it leads.
    private static func hostWarnings(_ address: WebAddress, _ kind: Client.Kind) -> [Finding] {
        if address.host == "localhost" {
            return [
                .warning(
                    "localhost",
                    "localhost is another name than 127.0.0.1, and may lead elsewhere.",
                    "Use 127.0.0.1 in the app and here, or take care that both say localhost "
                        + "(RFC 8252 §8.3).", at: "redirect_uris")
            ]
        }
        guard address.isLoopbackLiteral, address.scheme == "http" else { return [] }
        return [
            kind == .native
                ? .fine(
                    "loopback_port", "Any port is taken on this address, as RFC 8252 §7.3 asks.")
                : .warning(
                    "loopback", "It is on the machine of whoever signs in: good to develop with.",
                    "Register the https address of the app before others use it.",
                    at: "redirect_uris")
        ]
    }

    /// What is to be said about how it is written, where it is compared byte by byte.
    private static func textWarnings(_ address: WebAddress, _ text: String) -> [Finding] {
        var warnings: [Finding] = []
        if address.path.utf8.count > 1, address.path.utf8.last == UInt8(ascii: "/") {
            warnings.append(
                .warning(
                    "trailing_slash", "It ends with a slash: without it, it is another address.",
                    "Compare it with what the app sends, character by character.",
                    at: "redirect_uris"))
        }
        if address.query != nil {
            warnings.append(
                .warning(
                    "has_query", "Its query is compared too, character by character.",
                    "Use state for what changes from request to request.", at: "redirect_uris"))
        }
        if text.utf8.contains(UInt8(ascii: "*")) {
            warnings.append(
                .warning(
                    "star", "The * stands for itself, and for nothing else.",
                    "Write each address out that the app uses.", at: "redirect_uris"))
        }
        return warnings
    }

    private static func schemeWarnings(_ kind: Client.Kind) -> [Finding] {
        guard kind != .native else { return [] }
        return [
            .warning(
                "private_scheme", "Only an app on a device is reached by a scheme of its own.",
                "Register the app as native, or give it an https address.", at: "redirect_uris")
        ]
    }
}
