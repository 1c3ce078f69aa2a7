import CAres
package import GatehouseCore
import Glibc
private import NIOPosix

/// Asks name servers for TXT records: those of the operating system, or those that are named.
///
/// `getaddrinfo` knows addresses only, so this is the one question that goes through c-ares.
package struct NameServers: TextRecords {
    /// The servers as c-ares reads them, `host:port` with commas between; nil for the system's.
    private let servers: String?

    package init(_ servers: String? = nil) {
        self.servers = servers
    }

    /// True if a text is a list of servers.
    package static func isValid(_ servers: String) -> Bool {
        guard let channel = Channel(servers: servers) else { return false }
        channel.close()
        return true
    }

    package func records(at name: String) async -> TextRecordAnswer {
        do {
            return try await Self.threads.runIfActive { [servers] in
                guard let channel = Channel(servers: servers) else { return .unavailable }
                defer { channel.close() }
                return channel.records(at: name)
            }
        } catch {
            return .unavailable
        }
    }

    private static let threads: NIOThreadPool = {
        let threads = NIOThreadPool(numberOfThreads: 2)
        threads.start()
        return threads
    }()
}

/// One conversation with the name servers.
private struct Channel {
    private let channel: ares_channel

    /// For each try at one server, in milliseconds, and how often each is tried.
    private static let patience: (milliseconds: Int32, tries: Int32) = (2_000, 2)
    /// The most sockets that c-ares shows at a time (`ARES_GETSOCK_MAXNUM`).
    private static let mostSockets = 16

    init?(servers: String?) {
        var options = ares_options()
        options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES
        options.timeout = Self.patience.milliseconds
        options.tries = Self.patience.tries
        let mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES
        var made: ares_channel?
        guard ares_init_options(&made, &options, Int32(mask)) == ARES_SUCCESS, let made
        else { return nil }
        channel = made
        if let servers, ares_set_servers_ports_csv(made, servers) != ARES_SUCCESS {
            ares_destroy(made)
            return nil
        }
    }

    func close() { ares_destroy(channel) }

    /// Asks, and waits until there is an answer or every try is used up.
    func records(at name: String) -> TextRecordAnswer {
        let outcome = Outcome()
        ares_query(
            channel, name, Int32(ns_c_in.rawValue), Int32(ns_t_txt.rawValue),
            { argument, status, _, bytes, count in
                guard let argument else { return }
                let outcome = Unmanaged<Outcome>.fromOpaque(argument).takeUnretainedValue()
                outcome.answer = Channel.answer(status, bytes, count)
            }, Unmanaged.passUnretained(outcome).toOpaque())
        while outcome.answer == nil, turn() {}
        return outcome.answer ?? .unavailable
    }

    private final class Outcome {
        var answer: TextRecordAnswer?
    }

    /// Waits for the sockets once and handles what came; false if nothing is under way.
    private func turn() -> Bool {
        var sockets = [ares_socket_t](repeating: ARES_SOCKET_BAD, count: Self.mostSockets)
        let mask = ares_getsock(channel, &sockets, Int32(Self.mostSockets))
        var polled = sockets.indices.compactMap { index -> pollfd? in
            let reads = mask & (1 << index) != 0
            let writes = mask & (1 << (index + Self.mostSockets)) != 0
            guard reads || writes else { return nil }
            let events = (reads ? POLLIN : 0) | (writes ? POLLOUT : 0)
            return pollfd(fd: sockets[index], events: Int16(events), revents: 0)
        }
        guard !polled.isEmpty else { return false }
        var (most, wait) = (timeval(tv_sec: 2, tv_usec: 0), timeval())
        _ = ares_timeout(channel, &most, &wait)
        let milliseconds = Int32(wait.tv_sec * 1_000) + Int32(wait.tv_usec / 1_000) + 1
        guard poll(&polled, nfds_t(polled.count), milliseconds) > 0 else {
            ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD)
            return true
        }
        for socket in polled where socket.revents != 0 {
            let reads = Int32(socket.revents) & (POLLIN | POLLERR | POLLHUP) != 0
            let writes = Int32(socket.revents) & POLLOUT != 0
            ares_process_fd(
                channel, reads ? socket.fd : ARES_SOCKET_BAD, writes ? socket.fd : ARES_SOCKET_BAD)
        }
        return true
    }

    private static func answer(
        _ status: Int32, _ bytes: UnsafeMutablePointer<UInt8>?, _ count: Int32
    ) -> TextRecordAnswer {
        switch status {
        case ARES_SUCCESS: break
        case ARES_ENODATA, ARES_ENOTFOUND: return .records([])
        default: return .unavailable
        }
        var first: UnsafeMutablePointer<ares_txt_ext>?
        let parsed = ares_parse_txt_reply_ext(bytes, count, &first)
        defer { if let first { ares_free_data(first) } }
        if parsed == ARES_ENODATA { return .records([]) }
        guard parsed == ARES_SUCCESS else { return .unavailable }
        return .records(texts(first))
    }

    /// The texts of records, which come in pieces of up to 255 bytes (RFC 1035 §3.3.14).
    private static func texts(_ first: UnsafeMutablePointer<ares_txt_ext>?) -> [String] {
        var records: [[UInt8]] = []
        var next = first
        while let piece = next?.pointee {
            let bytes = UnsafeBufferPointer(start: piece.txt, count: piece.length)
            if piece.record_start != 0 || records.isEmpty { records.append([]) }
            records[records.endIndex - 1].append(contentsOf: bytes)
            next = piece.next
        }
        return records.map { String(decoding: $0, as: UTF8.self) }
    }
}
