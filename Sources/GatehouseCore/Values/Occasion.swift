/// When and whence a request came: what every event is stamped with.
package struct Occasion: Sendable, Hashable {
    package let now: Timestamp
    /// The request's id, which is also the incident id that a person is shown.
    package let requestID: String
    /// The client's network address as far as it can be trusted; nil for the command line.
    package let address: String?
    /// Who does it, where it is something that operators do.
    package let `operator`: Event.Actor

    package init(
        now: Timestamp, requestID: String, address: String?,
        operator: Event.Actor = .operatorAtShell
    ) {
        self.operator = `operator`
        self.now = now
        self.requestID = requestID
        self.address = address
    }
}
