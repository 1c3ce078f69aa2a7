import GatehouseCore
import GatehouseProtocol
import Testing

/// Somebody in front of acme's sign-in page: whence they come, and what their browser is known by.
struct Visitor: Sendable {
    static let password = "velvet orbit moss"

    let world: World
    var address: String? = "192.0.2.1"
    var device: Secret?
    /// The installation as the node sees it that they come to.
    var node: Gatehouse?

    private var gatehouse: Gatehouse { node ?? world.gatehouse }

    /// What became of an attempt, in short.
    enum Answer: Sendable, Equatable {
        case signedIn
        case refused
        case limited
    }

    /// Begins an interaction and tries a password in it.
    func attempt(
        _ name: String, _ password: String = "not the password",
        after delay: Lifetime = .seconds(1)
    ) async throws -> SignIn.Outcome {
        let progress = try await progress(after: delay)
        return try await gatehouse.signIn.signIn(
            name: name, password: password, progress, on: occasion(after: delay))
    }

    /// The same, in short.
    func answer(
        _ name: String, _ password: String = "not the password",
        after delay: Lifetime = .seconds(1)
    ) async throws -> Answer {
        switch try await attempt(name, password, after: delay) {
        case .answered: .signedIn
        case .limited: .limited
        default: .refused
        }
    }

    /// Asks for an account.
    func createAccount(_ email: String) async throws -> SignIn.Outcome {
        try await gatehouse.signIn.createAccount(
            AccountForm(email: email, name: "", password: Self.password),
            try await progress(after: .seconds(1)), on: occasion(after: .seconds(1)))
    }

    /// Signs in and comes back with the device's secret.
    func signedIn(_ name: String, after delay: Lifetime = .seconds(1)) async throws -> Visitor {
        guard case .answered(_, let secrets?) = try await attempt(name, Self.password, after: delay)
        else { throw NotSignedIn() }
        var visitor = self
        visitor.device = secrets.device
        return visitor
    }

    func occasion(after delay: Lifetime) -> Occasion {
        Occasion(now: World.start + delay, requestID: "req_test", address: address)
    }

    private func progress(after delay: Lifetime) async throws -> SignIn.Progress {
        let proof = [
            ("code_challenge", World.challenge), ("code_challenge_method", "S256"),
        ]
        let outcome = try await world.authorize(
            world.web, proof, from: Browser(secret: nil, session: nil), after: delay)
        guard case .interact(let interaction, let secret) = outcome else { throw NotSignedIn() }
        return try await gatehouse.signIn.resume(
            interaction.id, at: world.acme,
            from: Browser(secret: secret, session: nil, device: device),
            on: occasion(after: delay))
    }

    private struct NotSignedIn: Error {}
}

extension World {
    /// Gives kay the password that visitors know.
    func setPassword() async throws {
        let password = try Password(setting: Visitor.password, context: [])
        _ = try await gatehouse.users.update(
            kay.id, password: password, in: acme.id, on: Self.occasion()
        ) { _ in }
    }

    /// Adds a user with the same password.
    func addUser(_ name: String) async throws -> User {
        let user = User(
            name: nil, email: nil, username: Username(parsing: name), passwordHash: nil,
            at: Self.start)
        let added = try await gatehouse.users.create(
            user, password: try Password(setting: Visitor.password, context: []), in: acme.id,
            on: Self.occasion())
        return try #require(added)
    }

    /// Sets a limit of acme.
    func limit(_ name: Limit.Name, _ allowed: Int, per span: Lifetime = .hours(1)) async throws {
        try await gatehouse.limits.set(
            Limit(name, allowed: allowed, per: span), of: acme.id, on: Self.occasion())
    }
}
