/// What a page may load and where its forms may lead, as the `Content-Security-Policy` header.
///
/// Nothing is loaded but the stylesheet and images of this site, and nothing runs but a script that
/// the source of the page holds. Browsers apply
/// `form-action` to the redirects that follow a form as well, so each page of a sign-in names the
/// proven redirect target; without it the answer to the client would be blocked without a word.
package struct ContentSecurityPolicy: Sendable {
    /// Where forms may lead besides this site.
    package var formTargets: [FormTarget]
    /// The one script that may run, if the page has one.
    package var script: InlineScript?
    /// What the page may show in frames; nothing unless it is named here.
    package var frames: [FormTarget]
    /// True if the page may show others of this site in frames.
    package var framesThisSite: Bool
    /// True if others of this site may show the page in a frame, where nothing on it does anything;
    /// nobody else ever may.
    package var mayBeFramed: Bool

    /// The policy of a page whose forms lead to this site and to the targets.
    package init(
        formTargets: [FormTarget] = [], script: InlineScript? = nil, frames: [FormTarget] = [],
        framesThisSite: Bool = false, mayBeFramed: Bool = false
    ) {
        self.formTargets = formTargets
        self.script = script
        self.frames = frames
        self.framesThisSite = framesThisSite
        self.mayBeFramed = mayBeFramed
    }

    /// The value of the header.
    package var headerValue: String {
        let sources = Self.sources(formTargets)
        let shown = (framesThisSite ? " 'self'" : "") + Self.sources(frames)
        let framed = shown.isEmpty ? "" : " frame-src\(shown);"
        let scripts =
            script.map { script in
                " script-src \(script.source);"
                    + (script.asksThisSite ? " connect-src 'self';" : "")
            } ?? ""
        guard !mayBeFramed else { return Self.ofPicture }
        return """
            default-src 'none'; style-src 'self'; img-src 'self';\(scripts)\(framed) \
            form-action 'self'\(sources); base-uri 'none'; frame-ancestors 'none'
            """
    }

    /// A page that is shown in a frame is looked at, and nothing else: opened by itself, too.
    private static let ofPicture = """
        default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; \
        frame-ancestors 'self'; sandbox allow-same-origin
        """

    /// Each target once.
    private static func sources(_ targets: [FormTarget]) -> String {
        var seen: Set<FormTarget> = []
        return targets.filter { seen.insert($0).inserted }.map { " " + $0.source }.joined()
    }
}

/// A place outside this site that a form may lead to, or a frame may show: the origin of a
/// registered address, or its private-use scheme.
package struct FormTarget: Sendable, Hashable {
    /// The source expression that stands in the header.
    let source: String

    /// The longest origin: 253 characters of host, a scheme and a port.
    private static let longest = 320

    /// The target from `scheme://host[:port]` (http and https) or `scheme:` (private use).
    ///
    /// The value is refused unless each of its bytes is one that the form allows, so it cannot
    /// end the directive, start another one or add a second source.
    package init?(origin: String) {
        guard origin.utf8.count <= FormTarget.longest,
            let colon = origin.utf8.firstIndex(of: UInt8(ascii: ":")),
            FormTarget.isScheme(origin[..<colon])
        else { return nil }
        let scheme = origin[..<colon].lowercased()
        let rest = origin[origin.utf8.index(after: colon)...]
        if scheme == "http" || scheme == "https" {
            guard rest.hasPrefix("//") else { return nil }
            let authority = rest.dropFirst(2)
            if FormTarget.isIPv6Loopback(authority) {
                // A source expression cannot hold an IPv6 address, so the scheme has to do.
                source = scheme + ":"
                return
            }
            guard FormTarget.isAuthority(authority) else { return nil }
            source = scheme + "://" + authority
        } else {
            guard rest.isEmpty, !FormTarget.reserved.contains(scheme) else { return nil }
            source = scheme + ":"
        }
    }

    /// Schemes that a browser treats itself and that no installed application may own.
    private static let reserved: Set<String> = [
        "about", "blob", "chrome", "data", "file", "filesystem", "ftp", "javascript", "mailto",
        "resource", "sms", "tel", "urn", "vbscript", "view-source", "ws", "wss",
    ]

    private static func isScheme(_ scheme: Substring) -> Bool {
        guard let first = scheme.utf8.first, isLetter(first) else { return false }
        return scheme.utf8.allSatisfy {
            isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-")
                || $0 == UInt8(ascii: ".")
        }
    }

    private static func isAuthority(_ authority: Substring) -> Bool {
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        guard let host = parts.first, parts.count <= 2 else { return false }
        return isHost(host) && (parts.count == 1 || isPort(parts[1]))
    }

    private static func isHost(_ host: Substring) -> Bool {
        host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            !label.isEmpty
                && label.utf8.allSatisfy {
                    isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "-")
                        || $0 == UInt8(ascii: "_")
                }
        }
    }

    private static func isIPv6Loopback(_ authority: Substring) -> Bool {
        guard authority.hasPrefix("[::1]") else { return false }
        let rest = authority.dropFirst("[::1]".count)
        return rest.isEmpty || rest.first == ":" && isPort(rest.dropFirst())
    }

    private static func isPort(_ port: Substring) -> Bool {
        port.utf8.allSatisfy(isDigit) && (Int(port).map { (1...65535).contains($0) } ?? false)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
