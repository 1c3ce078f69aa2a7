import GatehouseWeb

/// Asks what is built.
struct ClientKindsView: Sendable {
    let kinds: [(kind: AppKind, link: Link)]
    /// Where agents are let register by themselves; nil if whoever looks may not.
    let agents: Link?

    var html: HTML {
        """
        <section class="hero">
        <h1>New application</h1>
        <p class="lede">What do you build? Each kind begins with what is safe for it.</p>
        </section>
        <section>
        <ul class="kinds">
        \(kinds.map { Self.card($0.kind.title, $0.kind.sentence, $0.link) })\
        \(agents.map { Self.card("Agents and MCP clients", Self.agentsSentence, $0) })</ul>
        </section>
        """
    }

    private static let agentsSentence: HTML = """
        They register by themselves. Open client registration with the preset mcp, and say whom you
        take.
        """

    private static func card(_ title: HTML, _ sentence: HTML, _ link: Link) -> HTML {
        "<li><a\(href: link)><strong>\(title)</strong></a> <span class=\"reading\">\(sentence)</span></li>\n"
    }
}

extension AppKind {
    /// What links and heads call it.
    var title: HTML {
        switch self {
        case .web: "Web app with a server"
        case .spa: "App in the browser"
        case .native: "Phone or desktop app"
        case .device: "Command line or television"
        case .machine: "Machine"
        }
    }

    /// What it is, and what it begins with.
    var sentence: HTML {
        switch self {
        case .web:
            "Express, Django, Rails, Spring, PHP. Keeps a secret; people sign in with code and PKCE."
        case .spa: "React, Vue, Svelte, no server of its own. No secret; code and PKCE."
        case .native:
            "iOS, Android, Windows. No secret; code and PKCE, answers to an app or loopback."
        case .device: "No browser of its own: people type a code on their phone."
        case .machine:
            "A job or a service that acts for itself. Client credentials, and nobody signs in."
        }
    }
}
