import GatehouseCore

/// The text of a file `.env` for an app, which the snippets read the secret from.
struct EnvironmentFile: Sendable {
    let text: String

    /// Makes it of the secret where that is shown once; elsewhere a placeholder stands there.
    init(_ facts: IntegrationFacts, secret: Secret? = nil) {
        var lines = [
            Self.line("GATEHOUSE_ISSUER", facts.issuer),
            Self.line("GATEHOUSE_CLIENT_ID", facts.clientID),
        ]
        if facts.hasSecret {
            lines.append(
                "\(IntegrationFacts.secretName)=" + (secret?.revealed ?? Self.placeholder))
        }
        if facts.kind != .machine {
            lines.append(Self.line("GATEHOUSE_REDIRECT_URI", facts.callback))
        }
        if !facts.scope.isEmpty { lines.append(Self.line("GATEHOUSE_SCOPE", facts.scopeText)) }
        if let audience = facts.audience {
            lines.append(Self.line("GATEHOUSE_AUDIENCE", audience))
        }
        text = lines.joined(separator: "\n") + "\n"
    }

    static let placeholder = "paste-the-secret-here"

    /// One line, which shells and every library for such files read alike.
    ///
    /// They differ about quotes within quotes, so what holds some is left to whoever knows theirs.
    private static func line(_ name: String, _ value: String) -> String {
        let plain = value.utf8.allSatisfy { byte in
            byte > 0x20 && byte < 0x7F && !"'\"`\\$#&;|<>(){}*?!~[]".utf8.contains(byte)
        }
        if plain { return "\(name)=\(value)" }
        let quotable = value.utf8.allSatisfy { byte in
            byte >= 0x20 && byte < 0x7F && !"'\"`\\$#".utf8.contains(byte)
        }
        return quotable
            ? "\(name)='\(value)'" : "# \(name) holds characters that such files read differently."
    }
}
