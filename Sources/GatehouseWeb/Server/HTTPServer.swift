package import Hummingbird
import HummingbirdCore
import HummingbirdTLS
package import Logging
package import NIOCore
import NIOPosix
import NIOSSL
import ServiceLifecycle

/// The HTTP server: connections, what happens to every request, and the routes behind.
///
/// As a `Service` it stops gracefully: it accepts no more connections, closes idle ones,
/// finishes the requests under way, and returns. How long that may take is up to the
/// `ServiceGroup` it runs in.
package struct HTTPServer: Service {
    private let settings: HTTPServerSettings
    private let server: any Service

    /// Reads the certificate and collects the routes; ``run()`` starts to listen.
    ///
    /// `onListening` gets the address that is really listened on, once it is; `endpoints` are asked
    /// before the router; `hosts` says which hosts tenants have, and `routes` adds to a router on
    /// which everything that belongs around every route is already in place.
    package init(
        _ settings: HTTPServerSettings, logger: Logger,
        onListening: @escaping @Sendable (SocketAddress?) async -> Void = { _ in },
        endpoints: (any DirectAnswers)? = nil, hosts: HostRoutes? = nil,
        routes: (Router<EdgeContext>) -> Void
    ) throws(ServerStartError) {
        self.settings = settings
        let responder = EdgeResponder(
            settings, endpoints: endpoints, hosts: hosts, routes: routes)
        let asksForCertificates = settings.asksForCertificates && settings.tls != nil
        let channel = RequestChannel(
            responder: responder, limits: settings.limits,
            asksForCertificates: asksForCertificates)
        let start = Start(
            configuration: Self.configuration(settings, logger: logger),
            onListening: onListening, logger: logger)
        if let files = settings.tls, asksForCertificates {
            server = start.server(try Self.askingForCertificates(channel, files))
        } else if let files = settings.tls {
            server = start.server(try Self.encrypted(channel, files))
        } else {
            server = start.server(channel)
        }
    }

    /// Listens and answers until the graceful shutdown; throws ``ServerStartError`` when it
    /// cannot listen.
    package func run() async throws {
        do {
            try await server.run()
        } catch {
            throw ServerStartError(error, listeningOn: settings.address) ?? error
        }
    }

    /// What a server of either kind of channel starts with.
    private struct Start {
        let configuration: ServerConfiguration
        let onListening: @Sendable (SocketAddress?) async -> Void
        let logger: Logger

        func server(_ channel: some ServerChildChannel) -> any Service {
            let onListening = onListening
            return Server(
                childChannelSetup: channel, configuration: configuration,
                onServerRunning: { await onListening($0.localAddress) },
                eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger)
        }
    }

    private static func configuration(
        _ settings: HTTPServerSettings, logger: Logger
    ) -> ServerConfiguration {
        let address: BindAddress =
            switch settings.address {
            case .port(let host, let port): .hostname(host, port: port)
            case .unixSocket(let path): .unixDomainSocket(path: path)
            }
        return ServerConfiguration(
            address: address,
            serverName: nil,
            backlog: settings.limits.backlog,
            availableConnectionsDelegate: MaximumAvailableConnections(
                settings.limits.connections, logger: logger))
    }

    private static func encrypted(
        _ channel: RequestChannel, _ files: HTTPServerSettings.TLSFiles
    ) throws(ServerStartError) -> TLSChannel<RequestChannel> {
        let configuration = try tlsConfiguration(files)
        do {
            // Made once here for its errors only: Hummingbird makes its own when it starts.
            _ = try NIOSSLContext(configuration: configuration)
            return try TLSChannel(channel, tlsConfiguration: configuration)
        } catch {
            throw .keyDoesNotFitCertificate(files)
        }
    }

    /// TLS at which a client may show a certificate, signed as everything else is.
    private static func askingForCertificates(
        _ channel: RequestChannel, _ files: HTTPServerSettings.TLSFiles
    ) throws(ServerStartError) -> MutualTLSChannel {
        var configuration = try tlsConfiguration(files)
        configuration.certificateVerification = .optionalVerification
        configuration.trustRoots = .certificates([])
        configuration.verifySignatureAlgorithms = [
            .ecdsaSecp256R1Sha256, .ed25519, .rsaPssRsaeSha256, .ecdsaSecp384R1Sha384,
            .rsaPssRsaeSha384, .ecdsaSecp521R1Sha512, .rsaPssRsaeSha512, .rsaPkcs1Sha256,
            .rsaPkcs1Sha384, .rsaPkcs1Sha512,
        ]
        do {
            return try MutualTLSChannel(channel, configuration)
        } catch {
            throw .keyDoesNotFitCertificate(files)
        }
    }

    /// TLS 1.3, and of TLS 1.2 the suites with forward secrecy and authenticated encryption
    /// (RFC 9325 §4.2).
    private static func tlsConfiguration(
        _ files: HTTPServerSettings.TLSFiles
    ) throws(ServerStartError) -> TLSConfiguration {
        let certificates: [NIOSSLCertificate]
        do {
            certificates = try NIOSSLCertificate.fromPEMFile(files.certificate)
        } catch {
            throw .unusableCertificate(path: files.certificate)
        }
        guard !certificates.isEmpty else { throw .unusableCertificate(path: files.certificate) }
        let key: NIOSSLPrivateKey
        do {
            key = try NIOSSLPrivateKey(file: files.privateKey, format: .pem)
        } catch {
            throw .unusablePrivateKey(path: files.privateKey)
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: certificates.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.cipherSuiteValues = [
            .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
            .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
            .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        ]
        configuration.applicationProtocols = ["http/1.1"]
        return configuration
    }
}
