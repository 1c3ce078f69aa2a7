import NIOCore
import Synchronization

/// How far an event loop is behind: how long the requests that arrived together have kept each
/// other waiting.
///
/// An event loop takes what has arrived on all its connections, one request after the other. Where
/// more comes than can be answered, each round takes longer, and the last of it has waited for
/// all others.
///
/// A burst that is soon over harms nobody: it counts as being behind only when one round after the
/// other has taken too long for a while.
final class Pace {
    /// The longest that a round takes where nobody waits too long.
    static let healthyRound = TimeAmount.milliseconds(100)

    private let eventLoop: any EventLoop
    private let patience: TimeAmount
    private var roundBegan: NIODeadline?
    private var isRoundLong = false
    private var behindSince: NIODeadline?

    /// Takes for how long rounds may be too long before that counts.
    init(_ eventLoop: any EventLoop, patience: TimeAmount) {
        self.eventLoop = eventLoop
        self.patience = patience
    }

    /// How long ago the first request of this round was taken, or zero if the event loop is not
    /// behind.
    func lag() -> TimeAmount {
        let now = NIODeadline.now()
        guard let roundBegan else {
            beginRound(at: now)
            return .zero
        }
        let lag = now - roundBegan
        if lag > Self.healthyRound {
            isRoundLong = true
            behindSince = behindSince ?? now
        }
        guard let behindSince, now - behindSince > patience else { return .zero }
        return lag
    }

    private func beginRound(at now: NIODeadline) {
        if !isRoundLong { behindSince = nil }
        isRoundLong = false
        roundBegan = now
        // What is to be done later is done when all that has arrived was taken.
        eventLoop.assumeIsolated().execute { [self] in roundBegan = nil }
    }
}

/// The pace of each event loop, which all its connections share.
final class Paces: Sendable {
    private let patience: TimeAmount
    private let paces = Mutex<[ObjectIdentifier: NIOLoopBound<Pace>]>([:])

    init(patience: Duration) {
        self.patience = TimeAmount(patience)
    }

    /// The pace of an event loop; must be called on it.
    func pace(of eventLoop: any EventLoop) -> Pace {
        paces.withLock { paces in
            let id = ObjectIdentifier(eventLoop)
            if let known = paces[id] { return known }
            let made = NIOLoopBound(
                Pace(eventLoop, patience: patience), eventLoop: eventLoop)
            paces[id] = made
            return made
        }.value
    }
}
