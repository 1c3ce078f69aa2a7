import Foundation
import GatehouseProtocol
import GatehouseWeb
import NIOCore
import NIOPosix
import NIOSSL
import Testing

/// TLS by certificate and key files (attacks.md GH-446, GH-421).
@Suite(.timeLimit(.minutes(1))) struct `TLS` {
    @Test func `GH-421: an answer over TLS demands TLS for two years`() async throws {
        try await Self.run { server, client in
            let answers = try await Self.exchange(server, client)
            #expect(answers.body == "127.0.0.1 true")
            #expect(
                answers.values("Strict-Transport-Security")
                    == ["max-age=63072000; includeSubDomains"])
        }
    }

    @Test func `GH-446: versions before TLS 1.2 are refused`() async throws {
        try await Self.run { server, client in
            var old = client
            old.minimumTLSVersion = .tlsv1
            old.maximumTLSVersion = .tlsv11
            await #expect(throws: (any Error).self) { try await Self.exchange(server, old) }
            let answers = try await Self.exchange(server, client)
            #expect(answers.status == 200)
        }
    }

    @Test func `plain HTTP on a TLS port is cut off`() async throws {
        try await Self.run { server, _ in
            let answers = try await server.send("/hello")
            #expect(!answers.text.contains("HTTP/1.1"))
        }
    }

    @Test func `a key of another certificate is named`() throws {
        try Self.withFiles(key: Self.otherKey) { files in
            #expect(throws: ServerStartError.keyDoesNotFitCertificate(files)) {
                try Self.server(files)
            }
        }
    }

    @Test(arguments: ["", "no PEM"])
    func `a file that is no key or no certificate is named`(content: String) throws {
        try Self.withFiles(key: content) { files in
            #expect(throws: ServerStartError.unusablePrivateKey(path: files.privateKey)) {
                try Self.server(files)
            }
        }
        try Self.withFiles(certificate: content) { files in
            #expect(throws: ServerStartError.unusableCertificate(path: files.certificate)) {
                try Self.server(files)
            }
        }
    }

    static func server(_ files: HTTPServerSettings.TLSFiles) throws -> HTTPServer {
        try HTTPServer(
            HTTPServerSettings(
                address: .port(host: "127.0.0.1", port: 0), tls: files, trustedProxies: .none),
            logger: CapturedLog().logger(), routes: { _ in })
    }

    /// Runs a TLS server, and hands over what a client needs to trust it.
    static func run(
        _ body: (TestServer, TLSConfiguration) async throws -> Void
    ) async throws {
        let folder = try folder(certificate: certificate, key: key)
        defer { remove(folder) }
        var client = TLSConfiguration.makeClientConfiguration()
        client.trustRoots = .certificates(
            try NIOSSLCertificate.fromPEMBytes(Array(certificate.utf8)))
        client.certificateVerification = .noHostnameVerification
        try await TestServer.run {
            $0.tls = files(in: folder)
        } _: { server in
            try await body(server, client)
        }
    }

    static func exchange(
        _ server: TestServer, _ configuration: TLSConfiguration
    ) async throws -> Answers {
        let context = try NIOSSLContext(configuration: configuration)
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(to: server.address) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        NIOSSLClientHandler(context: context, serverHostname: "id.test"))
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(
                ByteBuffer(
                    string: "GET /client HTTP/1.1\r\nHost: id.test\r\nConnection: close\r\n\r\n"))
            return try await Answers(inbound)
        }
    }

    // MARK: Files

    static func withFiles(
        certificate: String = Self.certificate, key: String = Self.key,
        _ body: (HTTPServerSettings.TLSFiles) throws -> Void
    ) throws {
        let folder = try folder(certificate: certificate, key: key)
        defer { remove(folder) }
        try body(files(in: folder))
    }

    static func files(in folder: URL) -> HTTPServerSettings.TLSFiles {
        HTTPServerSettings.TLSFiles(
            certificate: folder.appending(path: "tls.crt").path(),
            privateKey: folder.appending(path: "tls.key").path())
    }

    static func folder(certificate: String, key: String) throws -> URL {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "gatehouse-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(certificate.utf8).write(to: folder.appending(path: "tls.crt"))
        try Data(key.utf8).write(to: folder.appending(path: "tls.key"))
        return folder
    }

    static func remove(_ folder: URL) {
        // A leftover in the temporary folder harms nobody.
        try? FileManager.default.removeItem(at: folder)
    }

    /// Self-signed for `id.test`; this and the keys exist for these tests only.
    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBjjCCATWgAwIBAgIUMCvrlNSQzKQcu0hbfwHrjCRzmVIwCgYIKoZIzj0EAwIw
        EjEQMA4GA1UEAwwHaWQudGVzdDAgFw0yNjExMjEwMzAzMzZaGA8yMTI2MTAyODAz
        MDMzNlowEjEQMA4GA1UEAwwHaWQudGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEH
        A0IABJ4iOo4KkdW0zs1pxb6PgZ6bdZTjcM1AlFymaPbIkEMhEdOGv8uOqn6hQ994
        +uvJMCQmzxkekT9FJW9S41nnjcqjZzBlMB0GA1UdDgQWBBTRn5jpVv3gK+iPtgGb
        vy2mZR5JQjAfBgNVHSMEGDAWgBTRn5jpVv3gK+iPtgGbvy2mZR5JQjAPBgNVHRMB
        Af8EBTADAQH/MBIGA1UdEQQLMAmCB2lkLnRlc3QwCgYIKoZIzj0EAwIDRwAwRAIg
        cXwCWahqU+F/Q2JJaCTgDGXFo1SAzO84rwZsNPZUcwkCIAYPTsn3XdChzG6M9TDu
        C8Jw0RssN2YAzHNOiLfLlOV+
        -----END CERTIFICATE-----
        """

    static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgX+/qb+tMCo849Nbn
        2BRcHkd54Yguj/lqxaMsSWIrQX2hRANCAASeIjqOCpHVtM7NacW+j4Gem3WU43DN
        QJRcpmj2yJBDIRHThr/Ljqp+oUPfePrryTAkJs8ZHpE/RSVvUuNZ543K
        -----END PRIVATE KEY-----
        """

    static let otherKey = """
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEIPku6pmNb5Z60d4KNUhY+bLivteGLz0mX0wu+886wJ+CoAoGCCqGSM49
        AwEHoUQDQgAEswuxQydY8Lmm14/OGF7bQxWI7vCN9ppAF+aEHwJeblNAAniL31dD
        fk/WeN4aYh5FoRyZ0E94A2SxGp8Lftjn9Q==
        -----END EC PRIVATE KEY-----
        """
}
