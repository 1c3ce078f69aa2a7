import GatehouseWeb

extension ErrorView {
    /// What the developer of an application needs to know about an error.
    package struct Developer: Sendable, Hashable {
        /// The code of the RFC: `invalid_request`.
        package var code: String
        /// The rule that failed, in a sentence of ours.
        package var rule: String
        /// Where the rule stands: `RFC 9700 §4.1.3`.
        package var reference: String?
        /// What was sent and what is registered; only for those who may see it.
        package var comparison: Comparison?

        /// What the developer needs to know.
        package init(
            code: String, rule: String, reference: String? = nil, comparison: Comparison? = nil
        ) {
            self.code = code
            self.rule = rule
            self.reference = reference
            self.comparison = comparison
        }

        var html: HTML {
            """
            <details>
            <summary>For the developer of this application</summary>
            <dl class="facts">
            <div><dt>Error</dt><dd><code>\(code)</code></dd></div>
            <div><dt>Rule</dt><dd>\(rule)\(reference.map { " (\($0))" })</dd></div>
            </dl>
            \(comparison?.html)
            </details>
            """
        }
    }

    /// A value that was sent beside the values that are registered.
    package struct Comparison: Sendable, Hashable {
        /// The parameter: `redirect_uri`.
        package var parameter: String
        /// The value that was sent.
        package var sent: String
        /// The values that would have been accepted.
        package var registered: [String]

        /// A comparison.
        package init(parameter: String, sent: String, registered: [String]) {
            self.parameter = parameter
            self.sent = sent
            self.registered = registered
        }
    }
}

extension ErrorView.Comparison {
    private static let shownAtMost = 6

    fileprivate var html: HTML {
        let values = registered.map { TextDifference(sent: sent, registered: $0) }
            .sorted { $0.likeness > $1.likeness }
        guard let nearest = values.first else {
            return """
                <p>No <code>\(parameter)</code> is registered. This was sent:</p>
                <pre class="value"><code>\(TextDifference.visible(sent))</code></pre>
                """
        }
        let others = values.dropFirst()
        return """
            <p>\(nearest.sentence)</p>
            <dl class="values">
            <dt>Sent <code>\(parameter)</code></dt><dd><code>\(nearest.sentHTML)</code></dd>
            <dt>\(others.isEmpty ? "Registered" : "Registered, nearest first")</dt>
            <dd><code>\(nearest.registeredHTML)</code></dd>
            \(others.prefix(Self.shownAtMost - 1).map { "<dd><code>\($0.registeredHTML)</code></dd>" })
            </dl>
            \(more)
            """
    }

    private var more: HTML? {
        let hidden = registered.count - Self.shownAtMost
        return hidden > 0 ? "<p class=\"hint\">and \(hidden) more</p>" : nil
    }
}
