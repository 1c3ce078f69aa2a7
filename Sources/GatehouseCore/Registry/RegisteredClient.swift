/// A client with what it can prove itself by.
package struct RegisteredClient: Sendable {
    package let client: Client
    private let secrets: [SecretDigest: ClientSecret.ID]

    init(_ client: Client, secrets: [ClientSecret]) {
        self.client = client
        self.secrets = Dictionary(
            secrets.map { ($0.digest, $0.id) }, uniquingKeysWith: { first, _ in first })
    }

    /// The client's secret that was presented, if it is one.
    package func secret(_ presented: Secret) -> ClientSecret.ID? {
        secrets[presented.digest]
    }
}
