package import GatehouseProtocol
package import HTTPTypes
package import Hummingbird
import NIOCore

extension Response {
    /// An answer in JSON.
    package static func json(
        _ bytes: [UInt8], status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) -> Response {
        var headers = headers
        headers[.contentType] = "application/json"
        return Response(
            status: status, headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// Sends the browser to another address, by GET whatever it came with (RFC 9700 §4.12).
    package static func seeOther(_ address: String, cookies: [SetCookie?] = []) -> Response {
        var headers = HTTPFields()
        headers[.location] = address
        headers.append(cookies)
        return Response(status: .seeOther, headers: headers)
    }

    /// A page under its own security policy.
    package static func page(
        _ document: PageDocument, status: HTTPResponse.Status = .ok,
        formTargets: [FormTarget] = [], frames: [FormTarget] = [], cookies: [SetCookie?] = []
    ) -> Response {
        var headers = HTTPFields()
        headers[.contentType] = "text/html; charset=utf-8"
        headers[.contentSecurityPolicy] =
            ContentSecurityPolicy(
                formTargets: formTargets, script: document.script, frames: frames,
                framesThisSite: document.framesThisSite, mayBeFramed: document.mayBeFramed
            ).headerValue
        headers.append(cookies)
        return Response(
            status: status, headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: document.html.utf8)))
    }

    /// The same answer, to be asked for again after a while (RFC 9110 §10.2.3).
    package func retryable(after seconds: Int) -> Response {
        var response = self
        response.headers[.retryAfter] = String(seconds)
        return response
    }
}

extension HTTPFields {
    fileprivate mutating func append(_ cookies: [SetCookie?]) {
        for cookie in cookies {
            if let cookie { append(HTTPField(name: .setCookie, value: cookie.headerValue)) }
        }
    }
}

extension Request {
    /// The parameters of the query, decoded once.
    package func queryParameters() throws(FormParameters.Malformed) -> FormParameters {
        try FormParameters(decoding: queryBytes ?? [])
    }

    /// True if the body says that it is a form.
    package var hasFormBody: Bool {
        headers[.contentType]?.lowercased().hasPrefix(BodyMediaType.form.rawValue) ?? false
    }

    /// The parameters of a form body, decoded once.
    package func formParameters(upTo limit: Int = BodyLimit.form) async throws -> FormParameters {
        try FormParameters(decoding: try await formBytes(upTo: limit))
    }

    /// The parameters of a form body that may bring files, which stand there in base64.
    package func formParametersWithFiles(upTo limit: Int) async throws -> FormParameters {
        let (bytes, boundary) = try await formOrFiles(upTo: limit)
        guard let boundary else { return try FormParameters(decoding: bytes) }
        return try MultipartForm(decoding: bytes, boundary: boundary).values
    }
}
