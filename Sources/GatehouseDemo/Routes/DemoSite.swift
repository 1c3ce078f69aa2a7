import Crypto
import GatehouseEncoding
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird

/// What the routes of the demo application have in common.
struct DemoSite: Sendable {
    let settings: DemoSettings
    let frame: PageFrame
    let provider: Provider
    let outbound: Outbound
    let sessions = DemoSessions()
    let logins = PendingLogins()
    /// The mails that were caught, newest first.
    let mailbox: @Sendable () -> [DemoMail]
    /// The time in seconds since 1970.
    let now: @Sendable () -> Int64
    /// So many bytes that nobody can foretell.
    let random: @Sendable (Int) -> [UInt8]

    /// A new secret of 256 bits, 43 characters long.
    func newSecret() -> String { Base64URL.encode(random(32)) }

    /// The session that a form was sent from, with the form's proof that its page was ours.
    ///
    /// - Returns: Nil if there is no session (any more).
    func session(
        posting request: Request, at now: Int64
    ) async throws -> (secret: String, session: DemoSession)? {
        guard SameOriginCheck.allows(request.headers, at: settings.ownURL) else {
            throw ProblemView.Problem.foreignForm
        }
        let form = try await request.formParameters()
        guard let secret = DemoCookies.session(of: request.headers),
            let session = await sessions.find(secret, at: now)
        else { return nil }
        guard let token = form[.csrf], Self.areSame(token, session.formToken) else {
            throw ProblemView.Problem.foreignForm
        }
        return (secret, session)
    }

    /// Compares secrets by their digests, so that the time it takes tells nothing.
    private static func areSame(_ one: String, _ other: String) -> Bool {
        SHA256.hash(data: Array(one.utf8)) == SHA256.hash(data: Array(other.utf8))
    }
}

extension ParameterName {
    static let create = Self("create")
    static let csrf = Self("csrf")
}
