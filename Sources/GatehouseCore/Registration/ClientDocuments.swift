import GatehouseEncoding

/// Fetches the documents by which clients make themselves known: one attempt at a time for each
/// address, and a pause after it, whatever it brought.
///
/// So nobody can make this server ask and ask.
package final class ClientDocuments: Sendable {
    /// Whose document is asked for, at which tenant.
    struct Key: Hashable, Sendable {
        let tenant: Tenant.ID
        let address: MetadataDocumentAddress
    }

    /// How long after one attempt the next may be made.
    private static let pause = Lifetime.seconds(60)
    /// The most bytes of a document: what the draft recommends.
    private static let mostBytes = 5 * 1024

    private let outbound: any Outbound
    private let attempts = FetchAttempts<Key>(pause: pause)

    package init(outbound: any Outbound) {
        self.outbound = outbound
    }

    /// True if an attempt would begin now.
    func isDue(_ key: Key, at now: Timestamp) -> Bool { attempts.isDue(key, at: now) }

    /// Waits for the attempt that is under way, or makes one, if it may be made.
    func attempt(
        _ key: Key, at now: Timestamp, _ work: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await attempts.begin(key, at: now, work)?.value
    }

    /// Why there is no document: a word of ours, and nothing that the other server said.
    struct Unavailable: Error {
        let reason: String
    }

    /// Asks for the document, and takes only what says that it is one.
    func read(
        _ address: MetadataDocumentAddress, at now: Timestamp
    ) async throws(Unavailable) -> (JSONObject, freshness: Lifetime?) {
        let answer: OutboundAnswer
        do throws(OutboundFailure) {
            answer = try await outbound.get(
                OutboundRequest(
                    address.address, accept: "application/json", mostBytes: Self.mostBytes),
                at: now)
        } catch {
            throw Unavailable(reason: error.rawValue)
        }
        guard answer.status == 200 else { throw Unavailable(reason: "status") }
        guard Self.isJSON(answer.mediaType) else { throw Unavailable(reason: "media_type") }
        do throws(JSONError) {
            return (try JSONObject(parsing: answer.body), answer.freshness)
        } catch {
            throw Unavailable(reason: "content")
        }
    }

    /// True for JSON, by itself or as what something else is written in (RFC 6839 §3.1).
    private static func isJSON(_ mediaType: String?) -> Bool {
        guard let mediaType else { return false }
        return mediaType.isExactly("application/json")
            || mediaType.utf8.starts(with: "application/".utf8) && mediaType.hasSuffix("+json")
    }
}
