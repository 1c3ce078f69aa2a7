import GatehouseCore
import GatehouseProtocol
import NIOCore
import NIOHTTP1

/// Sends one request over a connection and reads one answer, within limits.
///
/// Whatever is wrong ends the exchange at once; its end closes the connection.
final class AnswerReader: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let request: OutboundRequest
    private let expected: SocketAddress
    private let outcome: EventLoopPromise<OutboundAnswer>
    private var head: HTTPResponseHead?
    private var body: [UInt8] = []
    private var isOpen = false

    init(
        _ request: OutboundRequest, to expected: SocketAddress,
        outcome: EventLoopPromise<OutboundAnswer>
    ) {
        self.request = request
        self.expected = expected
        self.outcome = outcome
    }

    func channelActive(context: ChannelHandlerContext) {
        isOpen = true
        // The peer is the address that was judged, whatever lies between.
        guard context.channel.remoteAddress == expected else {
            outcome.fail(OutboundFailure.forbiddenAddress)
            return
        }
        let content = request.content
        var head = HTTPRequestHead(
            version: .http1_1, method: content == nil ? .GET : .POST, uri: request.address.target)
        head.headers = [
            "host": request.address.authority, "accept": request.accept.description,
            "accept-encoding": "identity", "user-agent": "Gatehouse", "connection": "close",
        ]
        if let content {
            head.headers.add(name: "content-type", value: content.mediaType.description)
            head.headers.add(name: "content-length", value: String(content.bytes.count))
        }
        if let token = content?.bearerToken {
            head.headers.add(name: "authorization", value: "Bearer " + token.revealed)
        }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if let content {
            let buffer = context.channel.allocator.buffer(bytes: content.bytes)
            context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            if let refusal = refusal(of: head) { outcome.fail(refusal) }
        case .body(let part):
            guard body.count + part.readableBytes <= request.mostBytes else {
                outcome.fail(OutboundFailure.tooLarge)
                return
            }
            body.append(contentsOf: part.readableBytesView)
        case .end:
            guard let head else { return }
            outcome.succeed(
                OutboundAnswer(
                    status: Int(head.status.code), mediaType: Self.mediaType(head.headers),
                    body: body,
                    freshness: CacheControl(head.headers["cache-control"]).freshness
                        .map(Lifetime.seconds)))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if isOpen { outcome.fail(OutboundFailure.malformed) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard isOpen else { return }
        outcome.fail(OutboundConnection.failure(error))
    }

    private func refusal(of head: HTTPResponseHead) -> OutboundFailure? {
        if (300..<400).contains(head.status.code) { return .redirected }
        let encodings = head.headers[canonicalForm: "content-encoding"]
        if !encodings.allSatisfy({ $0.utf8.elementsEqual("identity".utf8) }) { return .encoded }
        let length = head.headers.first(name: "content-length").flatMap { Int($0) }
        return length.map { $0 > request.mostBytes } ?? false ? .tooLarge : nil
    }

    /// The `Content-Type` without its parameters (RFC 9110 §8.3.1).
    static func mediaType(_ headers: HTTPHeaders) -> String? {
        let values = headers["content-type"]
        guard let value = values.first, values.count == 1 else { return nil }
        let type = value.utf8.prefix { $0 != UInt8(ascii: ";") }
        let lowercase = type.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }.map {
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0
        }
        return String(decoding: lowercase, as: UTF8.self)
    }
}

/// Counts what comes in, before anything reads it: head, frames and body together.
final class ByteLimit: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private var rest: Int
    private let outcome: EventLoopPromise<OutboundAnswer>

    init(_ limit: Int, outcome: EventLoopPromise<OutboundAnswer>) {
        rest = limit
        self.outcome = outcome
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        rest -= unwrapInboundIn(data).readableBytes
        guard rest >= 0 else {
            outcome.fail(OutboundFailure.tooLarge)
            return
        }
        context.fireChannelRead(data)
    }
}
