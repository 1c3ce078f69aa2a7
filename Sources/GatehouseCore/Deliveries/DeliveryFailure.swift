/// Why a client was not told.
package struct DeliveryFailure: Error, Sendable, Hashable {
    /// A word of ours, and nothing that the other server said.
    package let reason: String
    /// True if it may go well another time.
    package let isTemporary: Bool
    /// True if nothing was sent: it counts as no attempt.
    package let isPostponed: Bool

    private init(_ reason: String, isTemporary: Bool = false, isPostponed: Bool = false) {
        self.reason = reason
        self.isTemporary = isTemporary
        self.isPostponed = isPostponed
    }

    /// The client, or its address, is gone.
    package static let unregistered = DeliveryFailure("unregistered")
    /// The address is one of this installation, which would talk to itself.
    package static let ownAddress = DeliveryFailure("own_address")
    /// What would be told is of no use any more.
    package static let expired = DeliveryFailure("expired")
    /// The client looked at it and refused it.
    package static let refused = DeliveryFailure("refused")
    /// The client's server answered something else.
    package static let status = DeliveryFailure("status", isTemporary: true)
    /// What would be told could not be made now.
    package static let unprepared = DeliveryFailure("unprepared", isTemporary: true)

    /// There is no answer.
    package init(_ failure: OutboundFailure) {
        let isPostponed = [.busy, .recentlyFailed].contains(failure)
        self.init(failure.rawValue, isTemporary: true, isPostponed: isPostponed)
    }
}
