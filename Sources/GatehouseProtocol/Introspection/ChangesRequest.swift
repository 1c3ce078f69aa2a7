/// A request of a resource server to be told what changes access: as a stream of events, or as one
/// answer that comes as soon as there is something to tell.
public struct ChangesRequest: Sendable, Equatable {
    /// How far the resource server has followed; nil for the beginning of what is kept.
    public let cursor: String?
    /// How many seconds an answer may wait for something to tell.
    public let wait: Int64
    /// True for a stream of server-sent events (HTML Living Standard §9.2).
    public let isStream: Bool

    /// How long an answer may wait at most.
    package static let longestWait: Int64 = 30

    /// Reads the query and the headers.
    ///
    /// Whoever connects again brings `Last-Event-ID`, which is newer than the address.
    public init(
        _ query: FormParameters, accept: [String], lastEventID: [String]
    ) throws(OAuthError) {
        if query.hasRepetition || lastEventID.count > 1 {
            throw OAuthError(.invalidRequest, "A parameter is included more than once.")
        }
        isStream = accept.contains {
            $0.lowercased().split(separator: ",").contains {
                $0.prefix { $0 != ";" }.filter { $0 != " " } == "text/event-stream"
            }
        }
        let cursor = lastEventID.first ?? query["after"]
        self.cursor = cursor.flatMap { $0.isEmpty ? nil : $0 }
        guard let text = query["wait"] else {
            wait = 0
            return
        }
        guard text.utf8.count <= 2, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let seconds = Int64(text), seconds <= Self.longestWait
        else { throw OAuthError(.invalidRequest, "The wait must be 0 to 30 seconds.") }
        wait = seconds
    }
}
