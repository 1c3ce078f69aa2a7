import GatehouseProtocol
import Testing

@testable import GatehouseWeb

struct TenantHostsTests {
    private static func hosts(
        _ base: String = "https://id.example.com", below domain: String? = "id.example.com",
        custom: Bool = true
    ) throws -> TenantHosts {
        TenantHosts(
            base: try BaseURL(parsing: base), below: domain.flatMap(HostName.init(parsing:)),
            customDomains: custom)
    }

    private static func tenant(_ name: String) -> TenantHosts.Destination {
        HostName(parsing: name).map { .tenant($0) } ?? .elsewhere
    }

    @Test
    func `Where tenants have no hosts, every host is the installation's`() throws {
        let hosts = try Self.hosts(below: nil, custom: false)
        for host in ["id.example.com", "evil.test", "10.0.0.1:80", "gatehouse:8080", nil] {
            #expect(hosts.destination(of: host) == .installation)
        }
    }

    @Test(arguments: [
        "id.example.com", "ID.example.com", "id.example.com:443", "id.example.com:8080",
        "localhost", "localhost:8080", "127.0.0.1:1", "[::1]:8080",
    ])
    func `The installation is at its own host, and at this machine`(_ host: String) throws {
        #expect(try Self.hosts().destination(of: host) == .installation)
    }

    @Test(arguments: [
        ("acme.id.example.com", "acme.id.example.com"),
        ("ACME.id.example.com:443", "acme.id.example.com"), ("login.acme.test", "login.acme.test"),
    ])
    func `Other names may be a tenant's`(_ host: String, _ name: String) throws {
        #expect(try Self.hosts().destination(of: host) == Self.tenant(name))
    }

    @Test(arguments: [
        "acme.id.example.com.", "acme.id.example.com:8443", "10.0.0.1", "[fe80::1]", "a_b.test",
        "login.acme.test:", "login.acme.test:0443", "login.acme.test:99999999999999999999",
    ])
    func `What cannot be a tenant's host is elsewhere`(_ host: String) throws {
        #expect(try Self.hosts().destination(of: host) == .elsewhere)
    }

    @Test
    func `Without domains of their own, tenants are below the domain only`() throws {
        let hosts = try Self.hosts(custom: false)
        #expect(hosts.destination(of: "login.acme.test") == .elsewhere)
        #expect(hosts.destination(of: "a.b.id.example.com") == .elsewhere)
        #expect(hosts.destination(of: "acme.id.example.com") == Self.tenant("acme.id.example.com"))
    }

    @Test
    func `Clients with certificates have an address of their own`() throws {
        let own = try BaseURL(parsing: "https://mtls.example.com:8443/auth")
        for (domain, isCustom) in [(String?.none, false), ("id.example.com", true)] {
            let base = try BaseURL(parsing: "https://id.example.com")
            let hosts = TenantHosts(
                base: base, below: domain.flatMap(HostName.init(parsing:)),
                customDomains: isCustom, mutualTLS: own)
            for host in ["mtls.example.com:8443", "MTLS.example.com:8443"] {
                #expect(hosts.destination(of: host) == .mutualTLS(own))
            }
            for host in ["mtls.example.com", "mtls.example.com:443", "x.mtls.example.com:8443"] {
                #expect(hosts.destination(of: host) != .mutualTLS(own))
            }
            #expect(hosts.destination(of: "id.example.com") == .installation)
            for (path, name) in [
                ("/auth/t/acme/oauth2/token", "acme"),
                ("/auth/t/login.acme.test/oauth2/token", "login.acme.test"),
            ] {
                let found = TenantPath(path[...], at: .mutualTLS(own), base: base)
                #expect(found?.rest == "/oauth2/token")
                switch found?.tenant {
                case .slug(let slug)?: #expect(slug == name && !isHost(name))
                case .host(let host)?: #expect(host.text == name && isHost(name))
                case nil: Issue.record("no tenant")
                }
            }
            #expect(TenantPath("/t/acme/oauth2/token", at: .mutualTLS(own), base: base) == nil)
        }
    }

    private func isHost(_ name: String) -> Bool { name.utf8.contains(UInt8(ascii: ".")) }

    @Test
    func `The port is that of the base URL`() throws {
        let hosts = try Self.hosts("http://localhost:8080", below: "localhost")
        #expect(hosts.destination(of: "acme.localhost:8080") == Self.tenant("acme.localhost"))
        #expect(hosts.destination(of: "acme.localhost") == .elsewhere)
    }
}
