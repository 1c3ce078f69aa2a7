import Crypto
private import GatehouseEncoding
import GatehouseJOSE
package import GatehouseProtocol
import GatehouseX509
private import Synchronization

/// The certificate of a client that proved to have its key, when it opened its connection.
///
/// One belongs to one connection, or to one request that a proxy passes on. Who vouches for it is
/// found out once for all that comes with it.
package final class ClientCertificate: Sendable {
    /// What names the certificate in tokens that are bound to it.
    package let thumbprint: CertificateThumbprint
    private let certificate: Certificate
    private let chain: [Certificate]
    private let judgement = Mutex<Judgement?>(nil)

    /// What was found out about who vouches for it.
    private struct Judgement {
        /// Until when somebody does, in seconds since 1970; nil if nobody does.
        let end: Int64?
    }

    /// Reads a certificate, and those that were sent with it; nil if it is malformed.
    ///
    /// Those are hints for finding an authority. What is wrong with one of them is its own matter.
    package init?(der: [UInt8], chain: [[UInt8]]) {
        guard let certificate = Certificate(der: der) else { return nil }
        self.certificate = certificate
        self.chain = chain.prefix(CertificateAuthorities.mostIntermediates)
            .compactMap(Certificate.init(der:))
        thumbprint = CertificateThumbprint(digest: SHA256.hash(data: der))
    }

    /// Whether one of the authorities vouches for it now.
    func isVouchedFor(by authorities: CertificateAuthorities, at now: Timestamp) -> Bool {
        let end = judgement.withLock { judgement -> Int64? in
            if let judgement { return judgement.end }
            let end = authorities.vouch(for: certificate, through: chain, at: now.seconds)
            judgement = Judgement(end: end)
            return end
        }
        return end.map { now.seconds < $0 } ?? false
    }

    /// Whether it says this name.
    func says(_ name: CertificateName) -> Bool {
        certificate.names.contain(name)
    }

    /// Whether it is one of a client's own: its key is among these, and where the key comes with a
    /// certificate it is that one (RFC 8705 §2.2).
    func isOne(of keys: JSONWebKeySet) -> Bool {
        guard let own = certificate.keyThumbprint else { return false }
        return keys.keys.contains { key in
            key.thumbprint().isExactly(own)
                && key.certificate.map { Base64.decode($0) == certificate.der } ?? true
        }
    }
}

extension Certificate {
    fileprivate var names: CertificateNames {
        let subject = subject.map { parts in
            DistinguishedName(
                parts.map { part in
                    part.map { DistinguishedName.Attribute(type: $0.type, value: $0.value) }
                })
        }
        var names = CertificateNames(subject: subject)
        for name in alternativeNames {
            switch name {
            case .email(let bytes): names.emails.append(bytes)
            case .host(let bytes): names.hosts.append(bytes)
            case .uri(let bytes): names.uris.append(bytes)
            case .address(let bytes): names.addresses.append(bytes)
            }
        }
        return names
    }

    /// What names its key as a JSON Web Key (RFC 7638); nil for a key that could be none of a
    /// client's.
    fileprivate var keyThumbprint: String? {
        var members: JSONObject
        switch publicKey {
        case .rsa(let modulus, let exponent):
            members = ["kty": "RSA"]
            members.add("n", .string(Base64URL.encode(modulus)))
            members.add("e", .string(Base64URL.encode(exponent)))
        case .p256(let x, let y):
            members = ["kty": "EC", "crv": "P-256"]
            members.add("x", .string(Base64URL.encode(x)))
            members.add("y", .string(Base64URL.encode(y)))
        case .ed25519(let x):
            members = ["kty": "OKP", "crv": "Ed25519"]
            members.add("x", .string(Base64URL.encode(x)))
        case nil: return nil
        }
        // A key that is too weak, or no point of its curve, is none.
        return (try? JSONWebKey(members))?.thumbprint()
    }
}
