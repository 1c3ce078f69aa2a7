package import GatehouseProtocol
package import HTTPTypes

extension Cookies {
    /// Reads the `Cookie` headers of a request.
    package init(_ headers: HTTPFields) {
        self.init(lines: headers[values: .cookie])
    }
}

extension ForwardedFor.Lines {
    /// Takes the headers that proxies write from those of a request.
    init(_ headers: HTTPFields) {
        self.init()
        forwardedFor = headers[values: .xForwardedFor]
        forwarded = headers[values: .forwarded]
        forwardedProto = headers[values: .xForwardedProto]
        requestID = headers[values: .xRequestID]
    }
}

extension HTTPField.Name {
    static let xForwardedFor = known("X-Forwarded-For")
    static let xForwardedProto = known("X-Forwarded-Proto")
    static let xRequestID = known("X-Request-Id")
    static let forwarded = known("Forwarded")
}
