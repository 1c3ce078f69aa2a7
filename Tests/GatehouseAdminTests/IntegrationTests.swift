import Foundation
import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import Testing

@testable import GatehouseAdmin

/// A client of a kind with values that are known, and what is shown of it.
private func integration(
    _ kind: Client.Kind, _ name: String = "App", change: (inout Client) -> Void = { _ in }
) throws -> Integration {
    let tenant = Tenant(
        slug: try #require(Slug(parsing: "acme")), name: "Acme", registrationIsOpen: false,
        explainsErrors: false, at: Timestamp(milliseconds: 0))
    var client = Client(
        name: try #require(DisplayName(parsing: name)), kind: kind,
        id: Client.ID(parsing: "client_00000000000000000000000000"), at: Timestamp(milliseconds: 0))
    client.redirectURIs =
        kind == .machine ? [] : [try RedirectURI(registering: "http://127.0.0.1:3000/callback")]
    client.scope = try Scope(parsing: kind == .machine ? "api:read" : "openid profile")
    change(&client)
    return Integration(
        of: client, at: tenant,
        InstanceAddresses(
            base: try BaseURL(parsing: "https://id.example.com"), tenantDomain: nil),
        resources: [])
}

@Suite struct `A literal` {
    /// Text that leaves a literal of some language if nobody minds it.
    private static let hostile = "a\"b\\c'd`e${f}$(g)</script>\u{2028}\n\u{0}ü😀"

    @Test(arguments: [
        (
            CodeLiteral.javaScript,
            #""a\"b\\c'd`e${f}$(g)\u003c/script\u003e\u2028\u000a\u0000\u00fc\ud83d\ude00""#
        ),
        (
            CodeLiteral.python,
            #""a\"b\\c'd`e${f}$(g)\U0000003c/script\U0000003e\U00002028\U0000000a\U00000000\U000000fc\U0001f600""#
        ),
        (
            CodeLiteral.swift,
            #""a\"b\\c'd`e${f}$(g)\u{3c}/script\u{3e}\u{2028}\u{a}\u{0}\u{fc}\u{1f600}""#
        ),
        (
            CodeLiteral.java,
            #""a\"b\\c'd`e${f}$(g)\074/script\076\u2028\012\000\u00fc\ud83d\ude00""#
        ),
    ])
    func `holds a hostile text as what it is`(write: @Sendable (String) -> String, meant: String) {
        #expect(write(Self.hostile) == meant)
    }

    @Test func `of shells and of PHP ends nowhere else`() {
        #expect(CodeLiteral.shell("it's $(id)") == #"'it'\''s $(id)'"#)
        #expect(CodeLiteral.php(#"it's \ $x"#) == #"'it\'s \\ $x'"#)
    }
}

@Suite struct `What connects an app` {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../Snippets").standardizedFileURL
    private static let isRecording =
        ProcessInfo.processInfo.environment["GATEHOUSE_TEST_RECORD"] == "1"

    @Test(arguments: [
        (Client.Kind.web, "App.swift"), (.native, "SignIn.swift"), (.machine, "Token.swift"),
    ])
    func `is compiled, if it is Swift`(kind: Client.Kind, name: String) throws {
        let chosen = try #require(try integration(kind).choosing("swift"))
        let code = try #require(chosen.snippets.first?.code)
        let file = Self.folder.appendingPathComponent(name)
        if Self.isRecording { try Data(code.utf8).write(to: file) }
        let compiled = try String(decoding: Data(contentsOf: file), as: UTF8.self)
        #expect(
            compiled == code,
            """
            The code is not the one in Tests/Snippets/\(name), which is compiled. If that is meant, \
            record it: GATEHOUSE_TEST_RECORD=1 swift test --filter IntegrationTests
            """)
    }

    @Test(arguments: Client.Kind.allCases)
    func `has no name that somebody typed, and no secret`(kind: Client.Kind) throws {
        let found = try integration(kind, "Zebra\"'`${x}</code>")
        let text = String(decoding: found.shown.serialized(), as: UTF8.self)
        #expect(!text.contains("Zebra") && !text.contains("cs_"))
        #expect(found.environment.text.contains("SECRET") == kind.isConfidential)
        #expect(found.snippets.map(\.id).count == Set(found.snippets.map(\.id)).count)
    }

    @Test func `shows the secret in a file only where it is shown once`() throws {
        let found = try integration(.web)
        let secret = Secret(for: .clientSecret)
        #expect(found.environment.text.contains(EnvironmentFile.placeholder))
        let filled = EnvironmentFile(found.facts, secret: secret).text
        #expect(filled.contains("GATEHOUSE_CLIENT_SECRET=\(secret.revealed)\n"))
        #expect(!filled.contains(EnvironmentFile.placeholder))
    }

    @Test func `writes what shells would read otherwise as a comment`() throws {
        let found = try integration(.web) { client in
            client.redirectURIs = ["https://rp.test/a&b", "https://rp.test/it's"].compactMap {
                try? RedirectURI(registering: $0)  // both can be registered
            }
            client.scope = (try? Scope(parsing: "a b")) ?? .none  // it is one
        }
        #expect(found.environment.text.contains("GATEHOUSE_REDIRECT_URI='https://rp.test/a&b'\n"))
        #expect(found.environment.text.contains("GATEHOUSE_SCOPE='a b'\n"))
        let other = try integration(.web) { client in
            client.redirectURIs = ["https://rp.test/it's"].compactMap {
                try? RedirectURI(registering: $0)  // it can be registered
            }
        }
        #expect(!other.environment.text.contains("it's"))
    }

    @Test func `tells what is asked of the client besides`() throws {
        let found = try integration(.web) { client in
            client.policies.requiresDPoP = true
            client.policies.requiresPushedRequests = true
        }
        #expect(found.facts.demands.count == 2)
        for demand in found.facts.demands { #expect(found.prompt.text.contains(demand)) }
    }
}
