import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import Testing

@testable import GatehouseAdmin

/// A client that nothing is wrong with, but for what is changed.
private func check(
    _ kind: Client.Kind = .web, keys: [TenantKey] = [], domains: [DomainClaim] = [],
    change: (inout Client) -> Void = { _ in }
) throws -> [String: Finding] {
    let now = Timestamp(milliseconds: 1_000_000_000)
    let tenant = Tenant(
        slug: try #require(Slug(parsing: "acme")), name: "Acme", registrationIsOpen: false,
        explainsErrors: false, at: now)
    var client = Client(name: try #require(DisplayName(parsing: "App")), kind: kind, at: now)
    client.redirectURIs = [try RedirectURI(registering: "https://rp.test/cb")]
    client.postLogoutRedirectURIs = client.redirectURIs
    change(&client)
    let found = ClientCheck(
        ClientSituation(
            tenant: tenant, client: client,
            issuer: tenant.primaryIssuer(base: try BaseURL(parsing: "https://id.example.com")),
            secrets: [], resources: [], keys: keys,
            domains: domains, longestTokens: nil, refused: [], now: now))
    return Dictionary(found.findings.map { ($0.rule, $0) }, uniquingKeysWith: { one, _ in one })
}

@Suite struct `A check of a client` {
    @Test func `finds that no key signs`() throws {
        let found = try check()
        let missing = try #require(found["no_signing_key"])
        #expect(missing.severity == .failure)
        #expect(missing.command?.contains("key create --algorithm ES256") == true)
    }

    @Test func `says of each subject that was looked at how it is`() throws {
        let found = try check { $0.authentication = .clientSecretBasic }
        #expect(found["no_secret"]?.severity == .failure)
        for rule in ["availability", "addresses", "scope", "protection", "refused_requests"] {
            #expect(found[rule]?.severity == .fine, "\(rule)")
        }
    }

    @Test func `has a verdict that is the worst of what it found`() throws {
        let fine = Finding.fine("a", "A.")
        let warning = Finding.warning("b", "B.", "Mend it.")
        let failure = Finding.failure("c", "C.", "Mend it.")
        #expect([fine, warning].verdict == .warning)
        #expect([warning, failure, fine].verdict == .failure)
        #expect([Finding]().verdict == .fine)
    }

    @Test func `finds a domain that is not proved`() throws {
        let host = try #require(HostName(parsing: "login.example.com"))
        let found = try check(
            domains: [DomainClaim(claiming: host, at: Timestamp(milliseconds: 0))])
        #expect(found["domain_unproved"]?.command?.contains("domain verify") == true)
    }

    @Test func `finds a profile that is contradicted`() throws {
        let found = try check { $0.policies.profile = .fapi2 }
        #expect(found["profile_contradicted"]?.severity == .failure)
    }
}

@Suite struct `A check of a redirect URI` {
    /// What cannot be registered is told why, and nothing else is.
    @Test(arguments: [
        "https://rp.test/cb", "http://rp.test/cb", "https://*.rp.test", "https://a@rp.test", "x",
        "", " ", "https://rp.test/\u{0}", "https://rp.test/\u{202E}", "com.example:/cb", "a:b",
        "https://RP.test", "https://rp.test/#", "https://rp.test/?code=1", "://", "https://",
        "https://[::2]/", "https://rp.test/%2e%2e/", "*", "@", "\\",
    ])
    func `agrees with registering it`(_ text: String) {
        let check = RedirectURICheck(text, for: .web)
        let isRegistered = (try? RedirectURI(registering: text)) != nil  // whether, and not why
        #expect(check.isAccepted == isRegistered)
        #expect((check.findings.verdict == .failure) == !isRegistered)
        #expect(!check.findings.isEmpty)
    }
}
