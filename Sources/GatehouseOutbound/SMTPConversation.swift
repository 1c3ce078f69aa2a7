import GatehouseCore
import GatehouseEncoding
import NIOCore
import NIOSSL

/// Hands one mail over: says one thing after another, each once the answer to the one before is read.
///
/// Whatever is wrong ends the conversation at once; its end closes the connection.
final class SMTPConversation: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What was said last, so whose answer comes next.
    private enum Step {
        case greeting, hello, startTLS, helloInTLS, authentication, sender, recipient, content, end
    }

    private let message: [UInt8]
    private let sender: EmailAddress
    private let recipient: EmailAddress
    private let credential: SMTPCredential?
    private let startTLS: (NIOSSLContext, String?)?
    private let outcome: EventLoopPromise<Void>
    private var step = Step.greeting
    private var replies = SMTPReplies()

    init(
        message: [UInt8], from sender: EmailAddress, to recipient: EmailAddress,
        credential: SMTPCredential?, startTLS: (NIOSSLContext, String?)?,
        outcome: EventLoopPromise<Void>
    ) {
        self.message = message
        self.sender = sender
        self.recipient = recipient
        self.credential = credential
        self.startTLS = startTLS
        self.outcome = outcome
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do throws(MailFailure) {
            try replies.add(unwrapInboundIn(data).readableBytesView)
            while let reply = try replies.next() { try answer(reply, context) }
        } catch {
            outcome.fail(error)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        outcome.fail(MailFailure.malformed)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        outcome.fail(SMTPRelay.failure(error))
    }

    private func answer(
        _ reply: SMTPReply, _ context: ChannelHandlerContext
    ) throws(MailFailure) {
        guard reply.code == expected else { throw failure(reply) }
        switch step {
        case .greeting: say("EHLO \(domain)", .hello, context)
        case .hello:
            guard startTLS != nil else { return begin(context) }
            guard reply.offers("STARTTLS") else { throw .insecure }
            say("STARTTLS", .startTLS, context)
        case .startTLS: try secure(context)
        case .helloInTLS: begin(context)
        case .authentication: say("MAIL FROM:<\(sender.text)>", .sender, context)
        case .sender: say("RCPT TO:<\(recipient.text)>", .recipient, context)
        case .recipient: say("DATA", .content, context)
        case .content:
            // No line begins with a dot: the text is base64, and headers begin with their names.
            send(message + Array(".\r\n".utf8), context)
            step = .end
        case .end:
            say("QUIT", .end, context)
            outcome.succeed()
        }
    }

    /// The code that lets the conversation go on.
    private var expected: Int {
        switch step {
        case .greeting, .startTLS: 220
        case .authentication: 235
        case .content: 354
        case .hello, .helloInTLS, .sender, .recipient, .end: 250
        }
    }

    /// What another code means.
    private func failure(_ reply: SMTPReply) -> MailFailure {
        guard (500..<600).contains(reply.code) else {
            return (400..<500).contains(reply.code) ? .postponed : .malformed
        }
        return switch step {
        case .startTLS: .insecure
        case .authentication, .sender: .unauthenticated
        case .recipient, .content, .end: .refused
        case .greeting, .hello, .helloInTLS: .postponed
        }
    }

    /// Goes on in TLS; what came before the handshake is not of whoever is there afterwards.
    private func secure(_ context: ChannelHandlerContext) throws(MailFailure) {
        guard let (tls, name) = startTLS, replies.isEmpty else { throw .malformed }
        do {
            try context.pipeline.syncOperations.addHandler(
                NIOSSLClientHandler(context: tls, serverHostname: name), position: .first)
        } catch {
            throw .insecure
        }
        say("EHLO \(domain)", .helloInTLS, context)
    }

    private func begin(_ context: ChannelHandlerContext) {
        guard let credential else {
            return say("MAIL FROM:<\(sender.text)>", .sender, context)
        }
        // RFC 4616.
        let plain: [UInt8] =
            [0] + Array(credential.user.utf8) + [0] + Array(credential.password.utf8)
        say("AUTH PLAIN \(Base64.encode(plain))", .authentication, context)
    }

    private func say(_ line: String, _ step: Step, _ context: ChannelHandlerContext) {
        self.step = step
        send(Array((line + "\r\n").utf8), context)
    }

    private func send(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
        context.writeAndFlush(
            wrapOutboundOut(context.channel.allocator.buffer(bytes: bytes)), promise: nil)
    }

    /// What the installation calls itself: the domain that it writes from.
    private var domain: String {
        sender.text.split(separator: "@").last.map(String.init) ?? "localhost"
    }
}
