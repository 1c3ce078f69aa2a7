private import Synchronization

extension ChangeFollower {
    /// How many seconds to wait before the second attempt; it doubles with each that fails.
    private static let firstPause: Int64 = 1
    /// The longest pause.
    private static let longestPause: Int64 = 30
    /// After how many seconds without a byte a connection is given up.
    private static let mostSilence = 40

    /// Follows until the task is cancelled, and connects again whenever the connection breaks.
    ///
    /// What goes wrong is told by ``problem``, and what tokens are worth meanwhile is said by the
    /// options.
    public func run() async {
        var pause = Self.firstPause
        var token: IssuedToken?
        while !Task.isCancelled {
            do {
                try await follow(&token)
                note(.unreachable("The change feed ended."))
            } catch let error as ClientError {
                // A token that was refused is not tried again.
                if case .oauth = error { token = nil }
                note(error)
            } catch {
                note(.unreachable("The change feed broke."))
            }
            if hasBegun.exchange(false) { pause = Self.firstPause }
            do {
                try await provider.clock.sleep(seconds: pause + jitter(pause))
            } catch {
                return
            }
            pause = min(pause * 2, Self.longestPause)
        }
    }

    /// What keeps many from coming at the same moment.
    private func jitter(_ pause: Int64) -> Int64 {
        Int64(provider.random.bytes(1).first ?? 0) * pause / 512
    }

    /// Connects, and takes what comes until the end.
    private func follow(_ token: inout IssuedToken?) async throws {
        let now = provider.clock.time
        let current: IssuedToken
        if let token, now + 30 < token.expiresAt {
            current = token
        } else {
            current = try await provider.clientCredentials(scopes: ["changes"])
            token = current
        }
        let address = try provider.metadata.address(of: .changeFeed)
        var request = HTTPTransport.Request(address: address)
        request.headers = [
            ("authorization", "\(current.isBound ? "DPoP" : "Bearer") \(current.accessToken)")
        ]
        if current.isBound {
            request.headers.append(
                (
                    "dpop",
                    try provider.proof(
                        method: "GET", url: address.text, accessToken: current.accessToken)
                ))
        }
        if let cursor { request.headers.append(("last-event-id", cursor)) }
        let parser = Mutex(EventStream())
        try await transport.stream(request, mostSilence: Self.mostSilence) { bytes in
            for item in try parser.withLock({ try $0.take(bytes) }) {
                try self.take(item)
                if case .event = item { self.hasBegun.set() }
            }
        }
    }
}

/// Whether something happened since somebody asked.
final class Flag: Sendable {
    private let value = Mutex(false)

    func set() { value.withLock { $0 = true } }

    func exchange(_ new: Bool) -> Bool {
        value.withLock { value in
            defer { value = new }
            return value
        }
    }
}
