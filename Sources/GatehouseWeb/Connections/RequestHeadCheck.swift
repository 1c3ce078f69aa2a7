import GatehouseProtocol
import NIOHTTP1

/// Checks the head of a request for what NIO's decoder lets through.
///
/// Everything that two implementations could read in two ways is refused, so that no proxy in
/// front and no parser behind disagrees with what was checked (RFC 9112 §11.2).
struct RequestHeadCheck {
    let limits: HTTPServerSettings.Limits

    /// The fields that decide how a request is read, as often as they stand there.
    private struct Fields {
        var hosts: [String] = []
        var lengths: [String] = []
        var codings: [String] = []
        var expectations: [String] = []

        /// Keeps the value if the name is one of them.
        mutating func note(_ name: String, _ value: String) {
            switch name.utf8.count {
            case 4 where Self.same(name, "host"): hosts.append(value)
            case 6 where Self.same(name, "expect"): expectations.append(value)
            case 14 where Self.same(name, "content-length"): lengths.append(value)
            case 17 where Self.same(name, "transfer-encoding"): codings.append(value)
            default: break
            }
        }

        private static func same(_ one: String, _ other: String) -> Bool {
            WireText.equalIgnoringCase(one, other)
        }
    }

    /// Refuses a bad head; an absolute-form target of a good one becomes its origin form.
    func check(_ head: inout HTTPRequestHead) throws(Refusal) {
        guard head.version == .http1_1 || head.version == .http1_0 else {
            throw Refusal(status: .httpVersionNotSupported, reason: "unknown version")
        }
        let fields = try checkedFields(head.headers)
        try checkFraming(head, fields)
        let host = try host(of: head, fields)
        try checkTarget(&head, host: host)
    }

    private func checkedFields(_ headers: HTTPHeaders) throws(Refusal) -> Fields {
        var (fields, size) = (Fields(), 0)
        for (name, value) in headers {
            size += name.utf8.count + value.utf8.count + 4
            guard WireText.isToken(name) else { throw .badRequest("header name") }
            guard value.utf8.allSatisfy(Self.isFieldByte) else {
                throw .badRequest("header value")
            }
            fields.note(name, value)
        }
        guard headers.count <= limits.headerCount, size <= limits.headerBytes else {
            throw Refusal(status: .requestHeaderFieldsTooLarge, reason: "headers too large")
        }
        for expectation in fields.expectations {
            guard WireText.equalIgnoringCase(expectation, "100-continue") else {
                throw Refusal(status: .expectationFailed, reason: "unknown expectation")
            }
        }
        return fields
    }

    /// A tab, or anything that is not a control character (RFC 9110 §5.5).
    private static func isFieldByte(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\t") || byte >= 0x20 && byte != 0x7F
    }

    /// One way to tell where the body ends, and no body where none belongs (RFC 9112 §6.3).
    private func checkFraming(_ head: HTTPRequestHead, _ fields: Fields) throws(Refusal) {
        var announced = 0
        if let length = fields.lengths.first {
            guard fields.lengths.count == 1, fields.codings.isEmpty,
                let number = WireNumber(length, upTo: .max)
            else { throw .badRequest("content length") }
            announced = number.value
        }
        if let coding = fields.codings.first {
            guard fields.codings.count == 1, head.version == .http1_1,
                WireText.equalIgnoringCase(coding, "chunked")
            else { throw .badRequest("transfer encoding") }
        }
        switch head.method {
        case .GET, .HEAD, .OPTIONS, .TRACE, .CONNECT:
            guard announced == 0, fields.codings.isEmpty else {
                throw .badRequest("unexpected body")
            }
        default:
            guard announced <= limits.bodyBytes else {
                throw Refusal(status: .payloadTooLarge, reason: "body too large")
            }
        }
    }

    /// The one `Host`; HTTP/1.0 may do without (RFC 9112 §3.2).
    private func host(of head: HTTPRequestHead, _ fields: Fields) throws(Refusal) -> String? {
        guard let host = fields.hosts.first else {
            guard head.version == .http1_0 else { throw .badRequest("no host") }
            return nil
        }
        guard fields.hosts.count == 1, HostHeader.isValid(host) else { throw .badRequest("host") }
        return host
    }

    private func checkTarget(_ head: inout HTTPRequestHead, host: String?) throws(Refusal) {
        let target = head.uri.utf8
        guard target.count <= limits.targetBytes else {
            throw Refusal(status: .uriTooLong, reason: "target too long")
        }
        guard target.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") }) else {
            throw .badRequest("target")
        }
        if head.method == .CONNECT {
            throw Refusal(status: .methodNotAllowed, reason: "connect")
        }
        if target.first == UInt8(ascii: "/") { return }
        if head.method == .OPTIONS, target.elementsEqual("*".utf8) { return }
        guard let origin = Self.originForm(Array(target), host: host) else {
            throw .badRequest("target")
        }
        head.uri = origin
    }

    /// The path and query of an absolute target whose authority is the `Host` (RFC 9112 §3.2.2).
    private static func originForm(_ target: [UInt8], host: String?) -> String? {
        let scheme = ["http://", "https://"].first {
            WireText.equalIgnoringCase(target.prefix($0.utf8.count), $0)
        }
        guard let scheme, let host else { return nil }
        let rest = target.dropFirst(scheme.utf8.count)
        let end =
            rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") }
            ?? rest.endIndex
        guard WireText.equalIgnoringCase(rest[..<end], host) else { return nil }
        let origin = String(decoding: rest[end...], as: UTF8.self)
        return origin.utf8.first == UInt8(ascii: "/") ? origin : "/" + origin
    }
}
