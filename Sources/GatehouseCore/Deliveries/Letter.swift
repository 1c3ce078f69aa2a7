/// What is posted to a client that has to be told something.
struct Letter: Sendable {
    let address: OutboundAddress
    let content: OutboundContent
    /// The answers by which a client says that it looked at it and wants no more of it.
    let refusals: Set<Int>
}
