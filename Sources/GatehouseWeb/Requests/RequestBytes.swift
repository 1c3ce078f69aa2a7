import GatehouseProtocol
import HTTPTypes
package import Hummingbird
import NIOCore

/// How much of a body is read, in bytes.
package enum BodyLimit {
    /// A form: 64 KiB, many times the longest legitimate token request.
    package static let form = 64 * 1024
    /// A pushed authorization request: 16 KiB, since it is kept for a while.
    package static let pushedRequest = 16 * 1024
    /// What a client says of itself when it registers: 64 KiB.
    package static let clientMetadata = 64 * 1024
    /// A document sent to the admin API: 1 MiB.
    package static let document = 1024 * 1024
}

/// Why a body was not read.
package enum RequestBodyError: Error, Hashable, Sendable {
    /// The content type is not the expected one, or the body is compressed: answer 415.
    case unsupportedMediaType
    /// The body is larger than allowed, announced or real: answer 413.
    case tooLarge
    /// The connection broke, or the body's framing is wrong: answer 400.
    case incomplete
}

/// The media types whose bodies Gatehouse reads.
package enum BodyMediaType: String, Sendable {
    /// A form (WHATWG URL §5), the body of every OAuth endpoint.
    case form = "application/x-www-form-urlencoded"
    /// A JSON document (RFC 8259).
    case json = "application/json"
}

extension Request {
    /// Reads a form body; its bytes are not decoded in any way.
    package func formBytes(
        upTo limit: Int = BodyLimit.form
    ) async throws(RequestBodyError) -> [UInt8] {
        try await bodyBytes(as: .form, upTo: limit)
    }

    /// Reads a body of one media type, of at most `limit` bytes; nothing is decompressed.
    package func bodyBytes(
        as mediaType: BodyMediaType, upTo limit: Int
    ) async throws(RequestBodyError) -> [UInt8] {
        guard hasContent(mediaType) else { throw .unsupportedMediaType }
        return try await readBody(upTo: limit)
    }

    /// Reads the body of a form that may bring files, and the text between its parts if it does.
    func formOrFiles(
        upTo limit: Int
    ) async throws(RequestBodyError) -> (bytes: [UInt8], boundary: String?) {
        let types = headers[values: .contentType]
        guard types.count == 1, headers[values: .contentEncoding].isEmpty,
            let boundary = MultipartForm.boundary(in: types[0])
        else { return (try await formBytes(upTo: limit), nil) }
        return (try await readBody(upTo: limit), boundary)
    }

    private func readBody(upTo limit: Int) async throws(RequestBodyError) -> [UInt8] {
        if let announced = headers[.contentLength] {
            guard WireNumber(announced, upTo: limit) != nil else { throw .tooLarge }
        }
        var bytes: [UInt8] = []
        do {
            for try await buffer in body {
                guard bytes.count + buffer.readableBytes <= limit else {
                    throw RequestBodyError.tooLarge
                }
                bytes += buffer.readableBytesView
            }
        } catch let error as RequestBodyError {
            throw error
        } catch {
            throw .incomplete
        }
        return bytes
    }

    /// The query of the request target as it was sent, without `?`; `nil` when there is none.
    ///
    /// Hummingbird's own query accessors decode and drop; protocol parameters are parsed from
    /// these bytes only. The wire guard has refused targets that are not printable ASCII.
    package var queryBytes: [UInt8]? {
        guard let path = head.path, let mark = path.utf8.firstIndex(of: UInt8(ascii: "?"))
        else { return nil }
        return Array(path.utf8[path.utf8.index(after: mark)...])
    }

    /// Whether there is exactly one content type, the expected one, and no content coding.
    private func hasContent(_ mediaType: BodyMediaType) -> Bool {
        let types = headers[values: .contentType]
        guard types.count == 1, headers[values: .contentEncoding].isEmpty else { return false }
        let parts = Array(types[0].utf8).split(
            separator: UInt8(ascii: ";"), maxSplits: 1, omittingEmptySubsequences: false)
        guard
            WireText.equalIgnoringCase(
                WireText.trimmed(parts[0]), mediaType.rawValue)
        else { return false }
        guard parts.count == 2 else { return true }
        let parameter = WireText.trimmed(parts[1])
        return ["charset=utf-8", "charset=\"utf-8\""].contains {
            WireText.equalIgnoringCase(parameter, $0)
        }
    }
}
