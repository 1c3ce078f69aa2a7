import Crypto
import GatehouseClient
import GatehouseTesting

/// Measures what an API pays for believing an access token.
///
/// The unit is the bare check of a signature like that of the token. Both are measured in turns, many
/// times; what counts is the median ratio.
@main struct VerifierBench {
    /// A token may cost so many times the check of its signature.
    static let aim = 1.5
    private static let rounds = 41
    private static let each = 1_000

    static func main() async throws {
        try await FakeIssuer.run(clock: .system) { issuer in
            issuer.tokenLifetime = 24 * 3_600
            issuer.person.organizations = (1...3).map {
                OrganizationMembership(id: "org_\($0)", scopes: ["projects:write", "billing:read"])
            }
            let verifier = try await TokenVerifier.discover(
                issuer.address, VerifierConfiguration(audience: "api"), clock: .system)
            let token = try issuer.accessToken(for: "api", scope: "openid projects:read")
            let (key, message, signature) = try bare(like: token)
            var found: [(bare: Double, whole: Double)] = []
            for _ in 0..<rounds {
                // Away from the main thread, where servers are, too.
                found.append(
                    try await Task.detached {
                        let bare = checking(message, signature, by: key)
                        return (bare, try await verifying(token, by: verifier))
                    }.value)
            }
            // The first round warms everything up.
            report(found.dropFirst())
        }
    }

    /// A key, and a signature by it of what the signature of a token is of.
    private static func bare(
        like token: String
    ) throws -> (P256.Signing.PublicKey, [UInt8], P256.Signing.ECDSASignature) {
        let key = P256.Signing.PrivateKey()
        let message = Array(token.utf8.prefix(token.utf8.count - 87))
        return (key.publicKey, message, try key.signature(for: message))
    }

    /// The microseconds of one check.
    private static func checking(
        _ message: [UInt8], _ signature: P256.Signing.ECDSASignature,
        by key: P256.Signing.PublicKey
    ) -> Double {
        microseconds {
            for _ in 0..<each {
                precondition(key.isValidSignature(signature, for: message))
            }
        }
    }

    /// The microseconds until one token is believed.
    private static func verifying(
        _ token: String, by verifier: TokenVerifier
    ) async throws -> Double {
        let request = ProtectedRequest(
            authorization: ["Bearer \(token)"], method: "GET", url: "https://api.test/a")
        let clock = ContinuousClock()
        let begin = clock.now
        for _ in 0..<each {
            let believed = try await verifier.verify(request)
            precondition(believed.subject == "usr_kay")
        }
        return (clock.now - begin) / .microseconds(each)
    }

    private static func microseconds(_ body: () -> Void) -> Double {
        ContinuousClock().measure(body) / .microseconds(each)
    }

    private static func report(_ found: ArraySlice<(bare: Double, whole: Double)>) {
        let ratio = median(found.map { $0.whole / $0.bare })
        print(
            """
            bare check of a signature, ES256: \(rounded(median(found.map(\.bare)))) µs
            TokenVerifier.verify:             \(rounded(median(found.map(\.whole)))) µs
            ratio:                            \(rounded(ratio)) (aim: \(aim) at most)
            """)
    }

    private static func median(_ values: [Double]) -> Double {
        values.sorted()[values.count / 2]
    }

    private static func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
