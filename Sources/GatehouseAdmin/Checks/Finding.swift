import GatehouseEncoding

/// One thing that a check found out: how bad it is, what it is, and what mends it.
struct Finding: Sendable, Hashable {
    let severity: Severity
    /// A name of the rule that stays the same, such as `no_redirect_uri`.
    let rule: String
    /// What is the matter, as one sentence.
    let message: String
    /// What to do about it; empty where nothing has to be done.
    let advice: String
    /// The command that mends it, if one does.
    let command: String?
    /// The member of the client that it is about, if it is about one.
    let field: String?

    /// How bad it is, the worst first.
    enum Severity: String, Sendable, CaseIterable {
        /// It does not work.
        case failure
        /// It works, and is unwise or about to fail.
        case warning
        /// It was looked at, and is as it should be.
        case fine

        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

        /// The worse of two.
        func worse(_ other: Severity) -> Severity { rank <= other.rank ? self : other }
    }

    private init(
        _ severity: Severity, _ rule: String, _ message: String, _ advice: String,
        _ command: String?, _ field: String?
    ) {
        self.severity = severity
        self.rule = rule
        self.message = message
        self.advice = advice
        self.command = command
        self.field = field
    }

    static func failure(
        _ rule: String, _ message: String, _ advice: String, by command: String? = nil,
        at field: String? = nil
    ) -> Finding { Finding(.failure, rule, message, advice, command, field) }

    static func warning(
        _ rule: String, _ message: String, _ advice: String, by command: String? = nil,
        at field: String? = nil
    ) -> Finding { Finding(.warning, rule, message, advice, command, field) }

    static func fine(_ rule: String, _ message: String) -> Finding {
        Finding(.fine, rule, message, "", nil, nil)
    }

    /// The finding as operations answer it.
    var shown: JSONValue {
        [
            "severity": .string(severity.rawValue), "rule": .string(rule),
            "message": .string(message), "advice": .string(advice),
            "command": .optional(command), "field": .optional(field),
        ]
    }
}

extension [Finding] {
    /// The worst that is among them.
    var verdict: Finding.Severity { reduce(.fine) { $0.worse($1.severity) } }
}
