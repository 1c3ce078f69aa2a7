package import GatehouseCore

/// What the program and its settings say of an installation.
package struct InstallationFacts: Sendable {
    package let version: String
    /// Which database it is on, for people.
    package let database: String
    /// True if it can send letters.
    package let sendsMail: Bool
    /// How it is served; nil where a command opened it by itself.
    package let serving: Serving?

    /// How a server serves it.
    package struct Serving: Sendable {
        package let startedAt: Timestamp
        /// True if TLS ends in the server itself.
        package let endsTLS: Bool
        /// True if it believes some proxy what that says of whoever connects.
        package let trustsProxies: Bool
        /// How many connections it can have.
        package let connections: Int

        package init(
            startedAt: Timestamp, endsTLS: Bool, trustsProxies: Bool, connections: Int
        ) {
            self.startedAt = startedAt
            self.endsTLS = endsTLS
            self.trustsProxies = trustsProxies
            self.connections = connections
        }
    }

    package init(version: String, database: String, sendsMail: Bool, serving: Serving?) {
        self.version = version
        self.database = database
        self.sendsMail = sendsMail
        self.serving = serving
    }
}
