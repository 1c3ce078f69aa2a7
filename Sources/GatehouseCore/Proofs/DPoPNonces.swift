private import GatehouseEncoding

/// The nonces that clients are given to put into their DPoP proofs (RFC 9449 §8).
///
/// A nonce is a code for a tenant and a period of five minutes, by a key that all nodes have: none is
/// stored, each node knows those of the others, and they survive a restart. That of the period
/// before is good too, and so is that of the next one, for nodes whose clocks differ. It is no
/// secret: whoever asks is given it. It shows that a proof was made lately.
package struct DPoPNonces: Sendable {
    let instanceKey: InstanceKey

    package init(instanceKey: InstanceKey) {
        self.instanceKey = instanceKey
    }

    private static let period = Lifetime.minutes(5)

    /// The nonce to give out.
    package func current(for tenant: Tenant.ID, at now: Timestamp) -> String {
        nonce(Self.number(of: now), for: tenant)
    }

    /// Whether a nonce was given out lately, by any node.
    func isFresh(_ nonce: String, for tenant: Tenant.ID, at now: Timestamp) -> Bool {
        let number = Self.number(of: now)
        return [number, number - 1, number + 1].contains {
            self.nonce($0, for: tenant).isExactly(nonce)
        }
    }

    private func nonce(_ number: Int64, for tenant: Tenant.ID) -> String {
        Base64URL.encode(instanceKey.dpopNonceCode(for: "\(tenant.text)/\(number)"))
    }

    private static func number(of now: Timestamp) -> Int64 {
        now.milliseconds / period.milliseconds
    }
}
