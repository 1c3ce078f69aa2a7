import GatehouseCore
import GatehouseEncoding
import GatehouseWeb
import HTTPTypes
import Hummingbird
import NIOCore

/// What the admin API answers, before it goes out.
struct AdminAnswer: Sendable {
    var status: HTTPResponse.Status
    var body: [UInt8]
    var headers = HTTPFields()

    init(status: HTTPResponse.Status, body: [UInt8]) {
        self.status = status
        self.body = body
    }

    /// An answer that was given before to the same request.
    init(again answer: RepeatableRequest.Answer) {
        self.init(status: .init(code: answer.status), body: answer.body)
        headers[.known("Idempotency-Replayed")] = "true"
    }

    /// What is kept of it for the same request.
    var kept: RepeatableRequest.Answer { .init(status: status.code, body: body) }

    var response: Response {
        var headers = headers
        headers[.contentType] =
            status.kind == .successful ? "application/json" : "application/problem+json"
        let hasBody = status != .notModified
        return Response(
            status: status, headers: headers,
            body: hasBody ? ResponseBody(byteBuffer: ByteBuffer(bytes: body)) : .init())
    }
}
