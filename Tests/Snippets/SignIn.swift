import Foundation
import GatehouseClient

/// Signs somebody in: `show` opens an address in the browser and returns the one it came back to.
struct PersonSignIn {
    let show: (String) async throws -> String

    func agent() async throws -> Agent {
        let configuration = ClientConfiguration(
            clientID: "client_00000000000000000000000000",
            credential: .none,
            redirectURI: "http://127.0.0.1:3000/callback")
        let provider = try await IdentityProvider.discover(
            "https://id.example.com/t/acme", as: configuration, clock: .system)
        let attempt = try await provider.authorizationURL(
            AuthorizationOptions(scopes: ["openid", "profile"]))
        let callback = try await show(attempt.url)
        return try await provider.exchange(callback: callback, for: attempt)
    }
}
