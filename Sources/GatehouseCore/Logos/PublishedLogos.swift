package import GatehouseProtocol

/// The logos that clients which registered themselves have somewhere else (`logo_uri`, RFC 7591 §2):
/// fetched and kept here, because pages load nothing from other servers.
///
/// Nobody waits for one: a page shows it from the moment on that it is here. Where there is none to be
/// had, nobody asks again for hours.
package final class PublishedLogos: Sendable {
    /// Whose logo is asked for, and where it is.
    private struct Key: Hashable, Sendable {
        let tenant: Tenant.ID
        let client: Client.ID
        let address: OutboundAddress
    }

    private let outbound: any Outbound
    private let usage: UsageRecorder
    private let logos: ManageLogos
    private let attempts = FetchAttempts<Key>(pause: .hours(6))

    init(outbound: any Outbound, usage: UsageRecorder, logos: ManageLogos) {
        self.outbound = outbound
        self.usage = usage
        self.logos = logos
    }

    /// Begins to fetch the logo of a client, if it has one that is not here yet.
    package func fetch(
        of client: Client, at tenant: Tenant.ID, through issuer: Issuer, on occasion: Occasion
    ) {
        guard let text = client.awaitedLogo, let address = OutboundAddress(parsing: text),
            !address.isOnServer(of: issuer.text)
        else { return }
        let key = Key(tenant: tenant, client: client.id, address: address)
        attempts.begin(key, at: occasion.now) {
            let reason: String
            do {
                let image = try await self.read(address, at: occasion.now)
                try await self.logos.keep(
                    image, from: text, of: client.id, in: tenant, on: occasion)
                return
            } catch let error as Unavailable {
                reason = error.reason
            } catch {
                // The database is away: the event, which is kept for a while, tells of it later.
                reason = "unkept"
            }
            self.usage.record(
                Event(
                    .clientLogoUnavailable, by: .system, of: client.id.text,
                    detail: [("reason", reason)]),
                of: tenant, on: occasion)
        }
    }

    /// Why there is no logo: a word of ours, and nothing that the other server said.
    private struct Unavailable: Error {
        let reason: String
    }

    /// Asks for the image, and takes only what is one, whatever it says that it is.
    private func read(
        _ address: OutboundAddress, at now: Timestamp
    ) async throws(Unavailable) -> RasterImage {
        let answer: OutboundAnswer
        do throws(OutboundFailure) {
            answer = try await outbound.get(
                OutboundRequest(
                    address, accept: "image/png, image/jpeg, image/webp",
                    mostBytes: RasterImage.mostBytes),
                at: now)
        } catch {
            throw Unavailable(reason: error.rawValue)
        }
        guard answer.status == 200 else { throw Unavailable(reason: "status") }
        do throws(RasterImage.Flaw) {
            return try RasterImage(parsing: answer.body)
        } catch {
            throw Unavailable(reason: error.rawValue)
        }
    }
}
