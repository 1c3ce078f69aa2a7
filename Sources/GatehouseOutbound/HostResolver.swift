private import Synchronization
import Glibc
package import NIOCore
private import NIOPosix

/// Finds the addresses of a host's name.
///
/// What it says is looked at once, for one request, and the very addresses that were looked at are
/// connected to. So it does not matter what it says the next time.
package struct HostResolver: Sendable {
    package let addresses: @Sendable (_ name: String, _ port: Int) async throws -> [SocketAddress]

    package init(
        _ addresses:
            @escaping @Sendable (_ name: String, _ port: Int) async throws
            -> [SocketAddress]
    ) {
        self.addresses = addresses
    }

    /// Asks as the operating system is set up to ask.
    package static let system = HostResolver { name, port in
        guard lookups.withLock({ $0.begin() }) else { throw TooManyLookups() }
        return try await threads.runIfActive {
            defer { lookups.withLock { $0.end() } }
            return look(name, port)
        }
    }

    /// So many names are being looked up that one more would wait too long.
    struct TooManyLookups: Error {}

    /// How many lookups are under way; one that hangs counts until it really ends.
    private struct Lookups {
        private var count = 0

        mutating func begin() -> Bool {
            guard count < 32 else { return false }
            count += 1
            return true
        }

        mutating func end() { count -= 1 }
    }

    private static let lookups = Mutex(Lookups())

    /// Threads of its own: a name server that does not answer holds one for many seconds.
    private static let threads: NIOThreadPool = {
        let threads = NIOThreadPool(numberOfThreads: 8)
        threads.start()
        return threads
    }()

    private static func look(_ name: String, _ port: Int) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_protocol = Int32(IPPROTO_TCP)
        var first: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, String(port), &hints, &first) == 0 else { return [] }
        defer { freeaddrinfo(first) }
        var found: [SocketAddress] = []
        var next = first
        while let entry = next {
            if let address = socketAddress(entry.pointee) { found.append(address) }
            next = entry.pointee.ai_next
        }
        return found
    }

    private static func socketAddress(_ entry: addrinfo) -> SocketAddress? {
        guard let raw = UnsafeRawPointer(entry.ai_addr) else { return nil }
        switch entry.ai_family {
        case AF_INET: return SocketAddress(raw.loadUnaligned(as: sockaddr_in.self))
        case AF_INET6: return SocketAddress(raw.loadUnaligned(as: sockaddr_in6.self))
        default:
            return nil
        }
    }
}
