import NIOCore
import Synchronization

/// How far an event loop is behind: how long the requests that arrived together have kept each
/// other waiting.
///
/// An event loop takes what has arrived on all its connections, one request after the other. Where
/// more comes than can be answered, each round takes longer, and the last of it has waited for
/// all others.
final class Pace {
    private let eventLoop: any EventLoop
    private var roundBegan: NIODeadline?

    init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// How long ago the first request of this round was taken.
    func lag() -> TimeAmount {
        let now = NIODeadline.now()
        if let roundBegan { return now - roundBegan }
        roundBegan = now
        // What is to be done later is done when all that has arrived was taken.
        eventLoop.assumeIsolated().execute { [self] in roundBegan = nil }
        return .zero
    }
}

/// The pace of each event loop, which all its connections share.
final class Paces: Sendable {
    private let paces = Mutex<[ObjectIdentifier: NIOLoopBound<Pace>]>([:])

    /// The pace of an event loop; must be called on it.
    func pace(of eventLoop: any EventLoop) -> Pace {
        paces.withLock { paces in
            let id = ObjectIdentifier(eventLoop)
            if let known = paces[id] { return known }
            let made = NIOLoopBound(Pace(eventLoop), eventLoop: eventLoop)
            paces[id] = made
            return made
        }.value
    }
}
