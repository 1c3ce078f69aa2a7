import GatehouseWeb

/// A signed token and what it says.
package struct DecodedToken: Sendable, Hashable {
    /// The token as it was sent: three parts with dots between them.
    package var encoded: String
    /// The members of its header.
    package var header: [Claim]
    /// The members of its payload.
    package var claims: [Claim]

    /// One member of a token.
    package struct Claim: Sendable, Hashable {
        /// Its name.
        package var name: String
        /// Its value, as JSON text without the quotes of a string.
        package var value: String
        /// The value in words: the date behind a number of seconds.
        package var reading: String?

        /// A member of a token.
        package init(name: String, value: String, reading: String? = nil) {
            self.name = name
            self.value = value
            self.reading = reading
        }
    }

    /// A token and what it says.
    package init(encoded: String, header: [Claim], claims: [Claim]) {
        self.encoded = encoded
        self.header = header
        self.claims = claims
    }

    /// The claims, the header and the token itself.
    func html(named name: String) -> HTML {
        """
        \(table("Claims of the \(name)", claims))
        <details>
        <summary>Header of the \(name)</summary>
        \(table("Header of the \(name)", header))
        </details>
        <details>
        <summary>The \(name) as it was sent</summary>
        <p class="hint">Header, claims and signature, each in base64url.</p>
        <p class="token"><code>\(parts)</code></p>
        </details>
        """
    }

    private func table(_ caption: String, _ members: [Claim]) -> HTML {
        DataTable(
            caption, columns: ["Name", "Value", "What it says"],
            rows: members.map { member in
                [
                    "<code>\(member.name)</code>",
                    """
                    <code>\(member.value)</code>\
                    \(member.reading.map { "<span class=\"reading\">\($0)</span>" })
                    """,
                    "\(ClaimWords.sentence(for: member.name) ?? "A claim this app does not know.")",
                ]
            },
            layout: .claims
        ).html
    }

    private var parts: HTML {
        let parts = encoded.split(separator: ".", omittingEmptySubsequences: false)
        return HTML(parts.map { "<span>\($0)</span>" }, separator: ".")
    }
}
