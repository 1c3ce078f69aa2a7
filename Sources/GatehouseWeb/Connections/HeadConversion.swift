import GatehouseProtocol
import HTTPTypes
import NIOHTTP1
import NIOHTTPTypesHTTP1

extension HTTPRequest {
    /// The head of a request that ``RequestHeadCheck`` has let through: its target is a path or
    /// `*`, and there is at most one `Host`.
    init?(checked head: HTTPRequestHead) {
        // Losing the error is right: it says no more than that this is no method.
        guard let method = try? Method(head.method) else { return nil }
        var (fields, host) = (HTTPFields(), String?.none)
        fields.reserveCapacity(head.headers.count)
        for (name, value) in head.headers {
            if name.utf8.count == 4, WireText.equalIgnoringCase(name, "host") {
                host = value
            } else if let name = HTTPField.Name(name) {
                fields.append(HTTPField(name: name, value: value))
            }
        }
        self.init(
            method: method, scheme: nil, authority: host, path: head.uri, headerFields: fields)
    }
}

extension HTTPResponseHead {
    /// The head of an answer as it goes out, with the date.
    init(_ response: HTTPResponse, date: String) {
        var headers = HTTPHeaders()
        headers.reserveCapacity(response.headerFields.count + 2)
        for field in response.headerFields {
            headers.add(name: field.name.rawName, value: field.value)
        }
        headers.add(name: "date", value: date)
        let status = HTTPResponseStatus(
            statusCode: response.status.code, reasonPhrase: response.status.reasonPhrase)
        self.init(version: .http1_1, status: status, headers: headers)
    }
}
