import GatehouseCore
import GatehouseEncoding

/// Code for one framework, with the values of a client in it, that signs people in or gets a token.
struct IntegrationSnippet: Sendable {
    /// By what it is asked for, such as `express`.
    let id: String
    let title: String
    /// What it is written in, as highlighters call it.
    let language: String
    /// What the file is called that it is pasted into.
    let file: String
    /// What installs what it needs; empty if it needs nothing.
    let install: String
    let code: String
    /// What to know besides.
    let notes: [String]
    private(set) var evidence: Evidence

    /// How it is known that the code does what it should.
    enum Evidence: String, Sendable, CaseIterable {
        /// The tests paste it, run it, and sign somebody in.
        case run
        /// The tests compile it against the library.
        case compiled
        /// Written from the manual of its library; no test runs it.
        case unchecked
    }

    /// What fits a client, the most usual first.
    ///
    /// What is asked of a client beyond the usual is in no test of them.
    static func all(for facts: IntegrationFacts) -> [IntegrationSnippet] {
        guard !facts.demands.isEmpty else { return fitting(facts) }
        return fitting(facts).map { snippet in
            var snippet = snippet
            snippet.evidence = .unchecked
            return snippet
        }
    }

    private static func fitting(_ facts: IntegrationFacts) -> [IntegrationSnippet] {
        switch facts.kind {
        case .web:
            [
                .express(facts), .openIDClient(facts), .passport(facts), .nextJS(facts),
                .flask(facts), .swiftWeb(facts), .go(facts), .springBoot(facts),
                .aspNetCore(facts), .php(facts), .nginx(facts), .apache(facts), .curl(facts),
            ]
        case .spa: [.browser(facts), .curl(facts)]
        case .native: [.swiftNative(facts), .nodeNative(facts), .curl(facts)]
        case .machine:
            [
                .curlMachine(facts), .nodeMachine(facts), .pythonMachine(facts),
                .goMachine(facts), .swiftMachine(facts),
            ]
        }
    }

    /// The snippet as operations answer it.
    var shown: JSONValue {
        [
            "id": .string(id), "title": .string(title), "language": .string(language),
            "file": .string(file), "install": .string(install), "code": .string(code),
            "notes": .array(notes.map { .string($0) }), "tested": .string(evidence.rawValue),
        ]
    }
}

extension IntegrationFacts {
    /// Where in the app the redirect URI leads to, as a note of a snippet.
    func pathNote(_ place: String) -> String {
        guard redirectURI != nil else {
            return "No redirect URI is registered yet: register \(callback), or change it here."
        }
        if hasOwnScheme {
            return """
                Answers open the app by the scheme of its redirect URI: register that with the system.
                """
        }
        return hasPlainPath
            ? "The path of the redirect URI, \(callbackPath), stands in \(place)."
            : """
            The path of the redirect URI stands in \(place). It has characters that frameworks read as \
            patterns: see how yours takes them literally.
            """
    }

    /// That the code does not ask for the API, as a note; none if there is none to ask for.
    var resourceNotes: [String] {
        resource.map {
            ["For tokens for the API, add the parameter resource to the request: \($0)"]
        } ?? []
    }

    /// That the issuer has no TLS, as a note; none if it has.
    var transportNotes: [String] {
        isPlainHTTP
            ? [
                """
                The issuer is plain http on this machine; libraries refuse that unless told otherwise.
                """
            ]
            : []
    }
}
