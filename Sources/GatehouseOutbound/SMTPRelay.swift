package import GatehouseCore
private import NIOCore
private import NIOPosix
package import NIOSSL

/// Hands mail over to the relay of the installation, one connection for each (RFC 5321, RFC 6409).
///
/// The operator names the relay, so it may be anywhere; what it says is read within limits.
package struct SMTPRelay: MailRelay {
    private let server: MailServer
    private let credential: SMTPCredential?
    private let sender: EmailAddress
    private let trusted: [NIOSSLCertificate]

    /// For a connection to be made, and for everything.
    private static let connectLimit = TimeAmount.seconds(10)
    private static let limit = TimeAmount.seconds(60)

    /// Makes a relay that sends in the name of an address, and trusts the system's certificate
    /// authorities and these besides.
    package init(
        _ server: MailServer, password: String?, from sender: EmailAddress,
        trusting certificates: [NIOSSLCertificate]
    ) {
        self.server = server
        self.sender = sender
        trusted = certificates
        credential = server.user.map { SMTPCredential(user: $0, password: password ?? "") }
    }

    package func send(_ mail: Mail) async throws(MailFailure) {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let outcome = loop.makePromise(of: Void.self)
        let deadline = loop.scheduleTask(in: Self.limit) { outcome.fail(MailFailure.timedOut) }
        defer { deadline.cancel() }
        do {
            let tls = server.security == .none ? nil : try context()
            connect(on: loop, tls, mail, outcome)
            try await withTaskCancellationHandler {
                try await outcome.futureResult.get()
            } onCancel: {
                // The process may be ending; the letter is sent by whoever comes next.
                outcome.fail(MailFailure.timedOut)
            }
        } catch {
            outcome.fail(error)
            throw Self.failure(error)
        }
    }

    private func connect(
        on loop: any EventLoop, _ tls: NIOSSLContext?, _ mail: Mail,
        _ outcome: EventLoopPromise<Void>
    ) {
        // A certificate for an address is checked against that of the connection.
        let isLiteral =
            server.host.utf8.contains(UInt8(ascii: ":"))
            || server.host.utf8.allSatisfy { $0 == UInt8(ascii: ".") || (0x30...0x39).contains($0) }
        let name = isLiteral ? nil : server.host
        ClientBootstrap(group: loop).connectTimeout(Self.connectLimit)
            .channelInitializer { [server, credential, sender] channel in
                channel.eventLoop.makeCompletedFuture {
                    // However it goes, the connection ends with it.
                    outcome.futureResult.whenComplete { _ in channel.close(promise: nil) }
                    let pipeline = channel.pipeline.syncOperations
                    if let tls, server.security == .tls {
                        try pipeline.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: name))
                    }
                    try pipeline.addHandler(
                        SMTPConversation(
                            message: mail.message(from: sender), from: sender,
                            to: mail.recipient, credential: credential,
                            startTLS: server.security == .startTLS
                                ? tls.map { ($0, name) } : nil,
                            outcome: outcome))
                }
            }
            .connect(host: server.host, port: server.port)
            .whenFailure { _ in outcome.fail(MailFailure.unreachable) }
    }

    private func context() throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.certificateVerification = .fullVerification
        if !trusted.isEmpty {
            configuration.additionalTrustRoots = [.certificates(trusted)]
        }
        return try NIOSSLContext(configuration: configuration)
    }

    /// What an error of a connection means.
    static func failure(_ error: any Error) -> MailFailure {
        switch error {
        case let failure as MailFailure: failure
        case NIOSSLError.uncleanShutdown: .malformed
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError: .insecure
        default: .malformed
        }
    }
}

/// What proves to a relay that it is us.
struct SMTPCredential: Sendable, CustomStringConvertible, CustomReflectable {
    let user: String
    let password: String

    var description: String { "‹secret›" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
