import GatehouseProtocol
import Testing

/// RFC 8252 §7.3: a native app listens on a port that it does not know before.
@Suite struct `A loopback redirect URI` {
    private func covers(_ registered: String, _ requested: String) throws -> Bool {
        try RedirectURI(registering: registered).covers(requested) != nil
    }

    @Test(arguments: [
        ("http://127.0.0.1/cb", "http://127.0.0.1:51004/cb"),
        ("http://127.0.0.1:8080/cb", "http://127.0.0.1:51004/cb"),
        ("http://127.0.0.1:8080/cb", "http://127.0.0.1/cb"),
        ("http://127.0.0.1", "http://127.0.0.1:1"),
        ("http://127.0.0.1/cb?a=1", "http://127.0.0.1:65535/cb?a=1"),
        ("http://[::1]/cb", "http://[::1]:51004/cb"),
    ])
    func `GH-044: covers every port of its address`(registered: String, requested: String) throws {
        let uri = try #require(try RedirectURI(registering: registered).covers(requested))
        #expect(uri.text == requested)
        #expect(uri.formTarget == String(requested.prefix(uri.formTarget.count)))
    }

    @Test(arguments: [
        "http://localhost:1/cb", "http://localhost/cb", "http://127.0.0.2/cb",
        "http://127.0.0.2:51004/cb", "http://[::1]/cb", "http://[::1]:51004/cb",
        "http://127.0.0.1.evil.test/", "http://127.0.0.1.evil.test:51004/cb", "http://127.1/cb",
        "http://127.1:51004/cb", "http://0x7f000001/cb", "http://2130706433:51004/cb",
        "https://127.0.0.1:51004/cb", "https://127.0.0.1/cb", "http://127.0.0.1:51004/cb/",
        "http://127.0.0.1:51004/", "http://127.0.0.1:51004/CB", "http://127.0.0.1:51004/cb?",
        "http://127.0.0.1:51004/cb?x=1", "http://127.0.0.1:51004/c%62",
        "http://127.0.0.1:51004/x/../cb", "http://127.0.0.1:0/cb", "http://127.0.0.1:65536/cb",
        "http://127.0.0.1:080/cb", "http://127.0.0.1:/cb", "http://127.0.0.1:-1/cb",
        "http://127.0.0.1:+1/cb", "http://127.0.0.1:１/cb", "http://127.0.0.1: 1/cb",
        "http://127.0.0.1:51004@evil.test/cb", "http://evil.test@127.0.0.1:51004/cb",
        "http://127.0.0.1:51004\\@evil.test/cb", "http://127.0.0.1:51004#@evil.test/cb",
        "http://127.0.0.1:51004/cb#", "http://127.0.0.1:51004/cb\n", "HTTP://127.0.0.1:51004/cb",
        "http://127.0.0.1:5:1/cb", "http://0.0.0.0:51004/cb", "http://[::]:51004/cb",
    ])
    func `GH-044: covers nothing that differs in more than the port`(requested: String) throws {
        #expect(try !covers("http://127.0.0.1/cb", requested))
    }

    @Test(arguments: [
        ("http://localhost/cb", "http://localhost:51004/cb"),
        ("http://localhost:1/cb", "http://localhost:2/cb"),
        ("https://127.0.0.1/cb", "https://127.0.0.1:51004/cb"),
        ("http://127.0.0.1/cb?a=1", "http://127.0.0.1:51004/cb"),
        ("http://127.0.0.1/cb?a=1", "http://127.0.0.1:51004/cb?a=2"),
        ("http://127.0.0.1", "http://127.0.0.1:51004/"),
        ("https://rp.test/cb", "https://rp.test:51004/cb"),
    ])
    func `GH-044: is a literal address of plain http`(
        registered: String, requested: String
    ) throws {
        #expect(try !covers(registered, requested))
    }
}
