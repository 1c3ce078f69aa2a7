import Foundation
import GatehouseClient

/// A token for the app itself.
struct OwnToken {
    func issue() async throws -> IssuedToken {
        let secret =
            ProcessInfo.processInfo.environment["GATEHOUSE_CLIENT_SECRET"] ?? ""
        let configuration = ClientConfiguration(
            clientID: "client_00000000000000000000000000",
            credential: .secret(secret))
        let provider = try await IdentityProvider.discover(
            "https://id.example.com/t/acme", as: configuration, clock: .system)
        return try await provider.clientCredentials(scopes: ["api:read"])
    }
}
