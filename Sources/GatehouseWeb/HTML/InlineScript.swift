import Crypto
import GatehouseEncoding

/// A script that stands in the source and in the page, and that the page's policy names by its
/// digest (CSP Level 3 §8.3).
///
/// Only a literal becomes one, and a page that has one works without it as well.
package struct InlineScript: Sendable {
    private let text: StaticString
    /// True if it asks this site, and no other, for something.
    let asksThisSite: Bool

    /// A script that stands in the source.
    package init(_ text: StaticString, asksThisSite: Bool = false) {
        self.text = text
        self.asksThisSite = asksThisSite
    }

    /// The markup of the script.
    var html: HTML { "<script>\(HTML(stringLiteral: text))</script>" }

    /// The source expression that stands in the policy.
    var source: String {
        let digest = SHA256.hash(data: Array(text.description.utf8))
        return "'sha256-\(Base64.encode(Array(digest)))'"
    }
}
