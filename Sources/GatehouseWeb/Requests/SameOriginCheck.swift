package import HTTPTypes
package import Hummingbird

/// The first line against forged form posts: what the browser itself says about their origin.
///
/// It refuses what is certainly from elsewhere. A request that says nothing passes, so a page
/// still checks its CSRF token.
package enum SameOriginCheck {
    /// Whether a form post may come from a page of `origin` (scheme, host and port).
    ///
    /// `Sec-Fetch-Site`, when sent, must be `same-origin`; `Origin`, when sent, must be `origin`,
    /// byte for byte. A header sent twice is refused. `Origin: null` is refused as well, unless
    /// the browser vouches for the form by `Sec-Fetch-Site`: our pages send no referrer, and from
    /// such pages browsers send no other origin (WHATWG Fetch §3.1).
    package static func allows(_ headers: HTTPFields, at origin: String) -> Bool {
        let isVouchedFor = headers[.secFetchSite] != nil
        return matches(headers[values: .secFetchSite], "same-origin")
            && (matches(headers[values: .origin], origin)
                || isVouchedFor && matches(headers[values: .origin], "null"))
    }

    private static func matches(_ values: [String], _ expected: String) -> Bool {
        guard let value = values.first else { return true }
        return values.count == 1 && value.utf8.elementsEqual(expected.utf8)
    }
}

extension Request {
    /// True if a browser says that a page of another origin sent this.
    package func isForm(notOf origin: String) -> Bool {
        if let site = headers[.secFetchSite] { return ["cross-site", "same-site"].contains(site) }
        return headers[.origin].map { !$0.utf8.elementsEqual(origin.utf8) } ?? false
    }
}

extension HTTPField.Name {
    /// Where a request comes from, as the browser sees it (W3C Fetch Metadata §2.3).
    static let secFetchSite = known("Sec-Fetch-Site")

    /// Names a header field by a literal.
    package static func known(_ literal: StaticString) -> Self {
        // A name that is no token, which a test would show at once, becomes one that says so.
        Self(literal.description) ?? .server
    }
}
