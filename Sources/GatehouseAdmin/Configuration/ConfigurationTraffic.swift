import GatehouseEncoding

/// Says of each step what it touches in real traffic, as far as that is counted.
struct ConfigurationTraffic: Sendable {
    let perform: PerformOperation

    func told(of steps: [ConfigurationStep]) async throws -> [ConfigurationStep] {
        var told: [ConfigurationStep] = []
        for var step in steps {
            if let id = step.id, !step.questions.isEmpty {
                let usage = try await perform(
                    Operation(
                        .showUsage, [("tenant", .string(step.tenant)), ("client", .string(id))])
                ).result
                step.touches = step.questions.map { Self.answer($0, by: usage) }
            }
            told.append(step)
        }
        return told
    }

    /// What the usage of a client says to a question.
    static func answer(_ question: ConfigurationStep.Question, by usage: JSONValue) -> String {
        let since = "since " + (usage["since"]?.string ?? "").prefix(10)
        switch question {
        case .redirectURI(let uri):
            let count = count("redirect_uris", "redirect_uri", uri, in: usage)
            return count == 0
                ? "no sign-in used \(uri) \(since)"
                : "\(times(count, "sign-in")) \(since) used \(uri)"
        case .scope(let value):
            let count = count("scopes", "scope", value, in: usage)
            return count == 0
                ? "no sign-in asked for \(value) \(since)"
                : "\(times(count, "sign-in")) \(since) asked for \(value)"
        case .everything:
            let counts = [
                ("sign_ins", "sign-in"), ("refreshes", "refresh"), ("tokens", "token of its own"),
            ].compactMap { member, word -> String? in
                let count = usage[member]?.integer ?? 0
                return count == 0 ? nil : times(count, word)
            }
            return counts.isEmpty
                ? "not used \(since)" : "\(counts.joined(separator: ", ")) \(since)"
        }
    }

    private static func count(
        _ list: String, _ name: String, _ text: String, in usage: JSONValue
    ) -> Int64 {
        let found = usage[list]?.array?.first { $0[name]?.string?.isExactly(text) ?? false }
        return found?["sign_ins"]?.integer ?? 0
    }

    private static func times(_ count: Int64, _ word: String) -> String {
        guard count != 1 else { return "1 \(word)" }
        let plural = [
            "sign-in": "sign-ins", "refresh": "refreshes", "token of its own": "tokens of its own",
        ]
        return "\(count) \(plural[word] ?? word)"
    }
}
