import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
private import Synchronization

/// What whoever runs a command should know besides what it found: sentences for standard error.
package final class Warnings: Sendable {
    private let collected = Mutex<[String]>([])
    private let place = Mutex<String?>(nil)

    package var sentences: [String] { collected.withLock { $0 } }

    /// Where a list goes on that ended before it was as long as it might be; nil if none did.
    var continuation: String? { place.withLock { $0 } }

    func goOn(after place: String) { self.place.withLock { $0 = place } }

    func add(_ sentence: String) { collected.withLock { $0.append(sentence) } }
}

extension Operation.Setting {
    /// Warns of tokens that a change makes too long for cookies and headers, or nearly so.
    func foresee(_ change: ForeseeTokens.Change, in tenant: Tenant) async throws {
        let forecasts = try await gatehouse.foreseeTokens.forecasts(
            after: change, in: tenant.id, on: occasion)
        // One client is enough to act upon; the events tell of each.
        guard let worst = forecasts.max(by: { $0.tokenLength < $1.tokenLength }) else { return }
        warnings.add(worst.warning)
        if forecasts.count > 1 {
            warnings.add("The same holds for \(forecasts.count - 1) more clients: see the events.")
        }
    }
}

extension TokenForecast {
    /// What is the matter, and what to do about it.
    var warning: String {
        """
        Tokens of \(client.text) about \(user.text), who is in \(organizations) organizations that \
        it is told of, have about \(tokenLength) bytes; cookies and headers take \
        \(TokenResponse.comfortableLength). \(advice)
        """
    }

    private var advice: String {
        organizations > 1
            ? """
            Let people select one organization (gatehouse client update --select-organization), or \
            tell it of some only (--organizations org_…).
            """
            : "Give the person, or their roles, fewer scopes there."
    }

    /// The forecast as commands print it.
    var shown: JSONValue {
        .object(
            JSONObject([
                ("user", .string(user.text)), ("organizations", .integer(Int64(organizations))),
                ("claims_bytes", .integer(Int64(claimsLength))),
                ("token_bytes", .integer(Int64(tokenLength))), ("fit", .string(fit.rawValue)),
            ]))
    }
}
