import GatehouseProtocol
import GatehouseWeb
import NIOCore
import Testing

/// How the server starts.
@Suite(.timeLimit(.minutes(1))) struct `Start` {
    @Test func `an occupied port is one clear sentence`() async throws {
        try await TestServer.run { server in
            let address = HTTPServerSettings.Address.port(
                host: "127.0.0.1", port: server.address.port ?? 0)
            let second = try HTTPServer(
                HTTPServerSettings(address: address, tls: nil, trustedProxies: .none),
                logger: server.log.logger(), routes: { _ in })
            await #expect(throws: ServerStartError.portInUse(address)) { try await second.run() }
            #expect(
                ServerStartError.portInUse(address).description
                    == "Cannot listen on \(address): the port is in use.")
        }
    }

    @Test func `an address of another machine is one clear sentence`() async throws {
        let address = try #require(HTTPServerSettings.Address("192.0.2.1:0"))
        let server = try HTTPServer(
            HTTPServerSettings(address: address, tls: nil, trustedProxies: .none),
            logger: CapturedLog().logger(), routes: { _ in })
        await #expect(throws: ServerStartError.addressNotAvailable(address)) {
            try await server.run()
        }
    }

    @Test(
        arguments: [
            ("127.0.0.1:8080", "127.0.0.1:8080"), ("localhost:0", "localhost:0"),
            ("[::1]:443", "[::1]:443"), ("unix:/run/gatehouse.sock", "unix:/run/gatehouse.sock"),
            ("127.0.0.1", nil), ("::1:80", nil), (":80", nil), ("a:65536", nil), ("a:+1", nil),
            ("unix:relative", nil), ("unix:", nil), ("", nil), ("http://a:80", nil),
            ("unix:/" + String(repeating: "a", count: 107), nil),
        ] as [(String, String?)])
    func `an address is parsed strictly`(text: String, parsed: String?) {
        #expect(HTTPServerSettings.Address(text)?.description == parsed)
    }

    @Test func `a certificate that is none is named`() {
        let files = HTTPServerSettings.TLSFiles(
            certificate: "/nonexistent/tls.crt", privateKey: "/nonexistent/tls.key")
        #expect(throws: ServerStartError.unusableCertificate(path: files.certificate)) {
            try HTTPServer(
                HTTPServerSettings(
                    address: .port(host: "127.0.0.1", port: 0), tls: files, trustedProxies: .none),
                logger: CapturedLog().logger(), routes: { _ in })
        }
    }

    @Test func `a proxy on a local socket is believed when unix is trusted`() async throws {
        let path = "/tmp/gatehouse-\(UInt64.random(in: 0 ... .max)).sock"
        for (proxies, expected) in [([], "local false"), (["unix"], "203.0.113.9 true")] {
            try await TestServer.run(proxies: proxies) {
                $0.address = .unixSocket(path: path)
            } _: { server in
                let headers = ["X-Forwarded-For: 203.0.113.9", "X-Forwarded-Proto: https"]
                #expect(await server.body(of: "/client", headers: headers) == expected)
            }
        }
    }
}
