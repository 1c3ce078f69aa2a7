import GatehouseAdmin
import GatehouseCore
import GatehouseDemo
import GatehouseProtocol
import GatehouseWeb

/// What a trial begins with.
///
/// Every password and secret is new each time.
struct Trial {
    /// A user whose password is shown.
    struct Person {
        let name: String
        let email: String
        let password: String
    }

    let people: [Person]
    private let client: Client
    private let clientSecret: Secret
    private let adminLink: Secret
    private let demoURL: String

    /// The tenant's name in addresses.
    static let slug: Slug = "demo"

    /// Makes the tenant, its users and the demo's client.
    static func set(up gatehouse: Gatehouse, demoURL: String) async throws -> Trial {
        let now = Clock.system.now
        let occasion = Occasion(now: now, requestID: Event.ID(at: now).text, address: nil)
        let tenant = Tenant(
            slug: slug, name: "Demo", registrationIsOpen: true, explainsErrors: true, at: now)
        guard try await gatehouse.tenants.create(tenant, on: occasion) != nil else {
            throw CommandError(.conflict, "The trial's tenant exists already.")
        }
        var people: [Person] = []
        for (name, email) in [
            ("Ada Archer", "ada@example.com"), ("Kay Keller", "kay@example.com"),
            ("Sam Stone", "sam@example.com"),
        ] {
            let person = Person(name: name, email: email, password: Passphrase.new())
            try await add(person, to: tenant, in: gatehouse, on: occasion)
            people.append(person)
        }
        let (client, secret) = try await register(demoURL, at: tenant, in: gatehouse, on: occasion)
        return Trial(
            people: people, client: client, clientSecret: secret,
            adminLink: try await gatehouse.adminLink.issue(on: occasion), demoURL: demoURL)
    }

    private static func add(
        _ person: Person, to tenant: Tenant, in gatehouse: Gatehouse, on occasion: Occasion
    ) async throws {
        var user = User(
            name: DisplayName(parsing: person.name), email: EmailAddress(parsing: person.email),
            username: nil, passwordHash: nil, at: occasion.now)
        user.emailVerifiedAt = occasion.now
        _ = try await gatehouse.users.create(
            user, password: Password(setting: person.password, context: []), in: tenant.id,
            on: occasion)
    }

    private static func register(
        _ demoURL: String, at tenant: Tenant, in gatehouse: Gatehouse, on occasion: Occasion
    ) async throws -> (Client, Secret) {
        guard let name = DisplayName(parsing: "Acme Notes") else {
            throw CommandError(.failed, "The demo's name cannot be used.")
        }
        var client = Client(name: name, kind: .web, at: occasion.now)
        client.redirectURIs = [try RedirectURI(registering: demoURL + "/callback")]
        client.postLogoutRedirectURIs = [try RedirectURI(registering: demoURL + "/")]
        client.policies.rotation = .rotate
        guard let secret = try await gatehouse.clients.create(client, in: tenant.id, on: occasion)
        else { throw CommandError(.failed, "The demo's client has no secret.") }
        return (client, secret)
    }

    /// What the demo application is configured with.
    func demoSettings(issuer: Issuer) -> DemoSettings {
        var settings = DemoSettings(
            issuer: issuer.text, clientID: client.id.text, clientSecret: clientSecret.revealed,
            ownURL: demoURL,
            users: people.map { .init(name: $0.name, email: $0.email, password: $0.password) })
        settings.name = client.name.text
        return settings
    }

    /// What is printed when everything is ready.
    func welcome(base: BaseURL, demoURL: String) -> String {
        let width = people.map(\.email.count).max() ?? 0
        let users = people.map { person in
            let padding = String(repeating: " ", count: width - person.email.count)
            return "    \(person.email)\(padding)   \(person.password)"
        }
        return """

            Gatehouse is running. Nothing here outlives the next trial unless you keep it.

              Demo application   \(demoURL)/
              Mailbox            \(demoURL)/mailbox
              Administration     \(Portal.address(of: adminLink, base: base))
                                 (works once, for 15 minutes; for another one run
                                 \(CommandLine.arguments[0]) admin link --data \
            \(TrialState.directory))
              Issuer             \(Issuer(base: base, slug: Self.slug.text).text)

              Users
            \(users.joined(separator: "\n"))

              Keep this state    \(CommandLine.arguments[0]) keep DIR
              Stop               Ctrl-C

            """
    }
}
