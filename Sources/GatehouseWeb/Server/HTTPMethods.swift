import HTTPTypes

/// The request methods that mean something to Gatehouse.
enum HTTPMethods {
    /// The methods that a route can have, in the order of an `Allow` header.
    static let routable: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete]

    /// The method's name, or `OTHER`: logs and metrics must not grow with what clients invent.
    static func name(_ method: HTTPRequest.Method) -> String {
        isKnown(method) ? method.rawValue : "OTHER"
    }

    /// Whether the method is one that RFC 9110 §9 or RFC 5789 defines.
    static func isKnown(_ method: HTTPRequest.Method) -> Bool {
        (routable + [.options, .trace, .connect]).contains {
            $0.rawValue.utf8.elementsEqual(method.rawValue.utf8)
        }
    }
}
