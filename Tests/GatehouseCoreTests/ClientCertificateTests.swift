import GatehouseEncoding
import GatehouseJOSE
import GatehouseProtocol
import GatehouseX509
import Testing

@testable import GatehouseCore

/// Who vouches for a certificate, what it says, and whose it is (RFC 8705 §2).
@Suite struct `A client certificate` {
    /// Some day on which all certificates are good but the one that is too short.
    private static let now = World.start

    private static func authorities(_ certificates: [UInt8]...) throws -> CertificateAuthorities {
        try #require(
            CertificateAuthorities(certificates.compactMap(Certificate.init(der:))))
    }

    private static func certificate(
        _ der: [UInt8], _ chain: [UInt8]...
    ) throws -> ClientCertificate {
        try #require(ClientCertificate(der: der, chain: chain))
    }

    private static func keys(_ members: JSONObject...) throws -> JSONWebKeySet {
        try JSONWebKeySet(
            ["keys": .array(members.map { .object($0) })], privateKeys: .refused)
    }

    @Test func `is vouched for through those that were sent with it`() throws {
        let root = try Self.authorities(Certificates.root)
        let whole = try Self.certificate(Certificates.billing, Certificates.intermediate)
        #expect(whole.isVouchedFor(by: root, at: Self.now))
        // Found out once, and not for longer than the certificates last.
        #expect(whole.isVouchedFor(by: root, at: Self.now + .days(1)))
        #expect(!whole.isVouchedFor(by: root, at: Self.now + .days(365 * 30)))
        let alone = try Self.certificate(Certificates.billing)
        #expect(!alone.isVouchedFor(by: root, at: Self.now))
        #expect(!alone.isVouchedFor(by: root, at: Self.now))
    }

    @Test func `is vouched for by an authority that is no root`() throws {
        let authorities = try Self.authorities(Certificates.other, Certificates.intermediate)
        #expect(
            try Self.certificate(Certificates.billing).isVouchedFor(by: authorities, at: Self.now))
    }

    @Test(arguments: [
        ("another root of that name", Certificates.other), ("for servers", Certificates.server),
        ("its time is over", Certificates.short),
        (
            "a name that is not its to certify",
            Certificates.outside
        ), ("signed by itself", Certificates.rsa),
        ("signed with SHA-1", Certificates.sha1), ("signed with MD5", Certificates.md5),
        ("a key of 512 bits", Certificates.rsa512),
    ])
    func `is refused for a reason`(reason: String, der: [UInt8]) throws {
        let authorities = try Self.authorities(Certificates.root, Certificates.oldRoot)
        let certificate = try Self.certificate(
            der, Certificates.intermediate, Certificates.narrow)
        #expect(!certificate.isVouchedFor(by: authorities, at: Self.now), "\(reason)")
    }

    @Test func `of the same root is fine if it is strong`() throws {
        let authorities = try Self.authorities(Certificates.oldRoot)
        #expect(
            try Self.certificate(Certificates.sha256).isVouchedFor(by: authorities, at: Self.now))
        let short = try Self.authorities(Certificates.root)
        let then = Timestamp(seconds: 1_780_000_000)
        #expect(try Self.certificate(Certificates.short).isVouchedFor(by: short, at: then))
        let before = Timestamp(seconds: 1_760_000_000)
        #expect(!(try Self.certificate(Certificates.short)).isVouchedFor(by: short, at: before))
    }

    @Test func `counts only as many others as there may be`() throws {
        let root = try Self.authorities(Certificates.root)
        let junk = Array(repeating: Certificates.rsa, count: 4)
        let hidden = ClientCertificate(
            der: Certificates.billing, chain: junk + [Certificates.intermediate])
        #expect(try !#require(hidden).isVouchedFor(by: root, at: Self.now))
        let behind = ClientCertificate(
            der: Certificates.billing, chain: [[1, 2, 3], Certificates.intermediate])
        #expect(try #require(behind).isVouchedFor(by: root, at: Self.now))
    }

    @Test(arguments: [
        "CN=billing,O=Example", "cn=Billing, o=EXAMPLE", "2.5.4.3=billing,O=Example",
    ])
    func `says its subject`(text: String) throws {
        let certificate = try Self.certificate(Certificates.billing)
        #expect(certificate.says(.subject(text)))
        #expect(!certificate.says(.subject("O=Example,CN=billing")))
        #expect(!certificate.says(.subject("CN=billing")))
    }

    @Test func `says other names`() throws {
        let certificate = try Self.certificate(Certificates.billing)
        let said: [CertificateName] = [
            .host("billing.example.com"), .uri("spiffe://example.com/billing"),
            .address("192.0.2.7"), .email("billing@example.com"),
        ]
        for name in said { #expect(certificate.says(name), "\(name)") }
        #expect(!certificate.says(.host("example.com")))
        #expect(!certificate.says(.address("192.0.2.8")))
    }

    @Test func `has a thumbprint`() throws {
        let certificate = try Self.certificate(Certificates.rsa)
        // By another library: `openssl x509 -outform DER | openssl dgst -sha256`.
        #expect(certificate.thumbprint.text == "WBBvVUG1AozR4xveJInLz7hGD4x6riHGCjFItngqTFc")
    }

    @Test(arguments: [Certificates.billing, Certificates.ed25519, Certificates.rsa])
    func `is a client's own by its key`(der: [UInt8]) throws {
        let certificate = try Self.certificate(der)
        let jwk = try #require(Self.jwk(of: der))
        #expect(certificate.isOne(of: try Self.keys(jwk)))
        #expect(certificate.isOne(of: try Self.keys(Self.another, jwk)))
        #expect(!certificate.isOne(of: try Self.keys(Self.another)))
        #expect(!certificate.isOne(of: try Self.keys()))
        var own = jwk
        own.add("x5c", .array([.string(Base64.encode(der))]))
        #expect(certificate.isOne(of: try Self.keys(own)))
        for text in ["", "AA==", "?", Base64.encode(Certificates.root)] {
            var foreign = jwk
            foreign.add("x5c", .array([.string(text)]))
            #expect(!certificate.isOne(of: try Self.keys(foreign)))
            // What is stored and read again stays what it was.
            let again = try JSONWebKeySet(
                try Self.keys(foreign).jsonObject, privateKeys: .refused)
            #expect(!certificate.isOne(of: again))
        }
        var strange = jwk
        strange.add("x5c", 5)
        #expect(!certificate.isOne(of: try Self.keys(strange)))
    }

    @Test(arguments: [Certificates.p384, Certificates.rsa512])
    func `with another kind of key is nobody's own`(der: [UInt8]) throws {
        let certificate = try Self.certificate(der)
        #expect(!certificate.isOne(of: try Self.keys(Self.another)))
    }

    @Test func `is whole, and nothing else`() {
        let good = Certificates.billing
        #expect(Certificate(der: []) == nil)
        #expect(Certificate(der: good + [0]) == nil)
        #expect(Certificate(der: Array(repeating: 0x30, count: 20_000)) == nil)
        for length in stride(from: 1, to: good.count, by: 7) {
            #expect(Certificate(der: Array(good.prefix(length))) == nil)
        }
    }

    @Test func `that is damaged is read as far as it can be, and harms nobody`() throws {
        let root = try Self.authorities(Certificates.root)
        for index in Certificates.billing.indices {
            for flip in [UInt8(1), 0x80, 0xFF] {
                var der = Certificates.billing
                der[index] ^= flip
                let damaged = ClientCertificate(der: der, chain: [Certificates.intermediate])
                guard let damaged else { continue }
                _ = damaged.says(.subject("CN=billing,O=Example"))
                _ = damaged.isOne(of: JSONWebKeySet([]))
                #expect(!damaged.isVouchedFor(by: root, at: Self.now))
            }
        }
    }

    @Test func `makes an authority only if it can be read`() {
        #expect(CertificateAuthorities([]) == nil)
    }

    /// The key of one of the certificates as a JSON Web Key, found by another library.
    private static func jwk(of der: [UInt8]) -> JSONObject? {
        guard let certificate = Certificate(der: der) else { return nil }
        return switch certificate.publicKey {
        case .rsa(let modulus, let exponent):
            [
                "kty": "RSA", "n": .string(Base64URL.encode(modulus)),
                "e": .string(Base64URL.encode(exponent)),
            ]
        case .p256(let x, let y):
            [
                "kty": "EC", "crv": "P-256", "x": .string(Base64URL.encode(x)),
                "y": .string(Base64URL.encode(y)),
            ]
        case .ed25519(let x):
            ["kty": "OKP", "crv": "Ed25519", "x": .string(Base64URL.encode(x))]
        case nil: nil
        }
    }

    private static let another: JSONObject = [
        "kty": "OKP", "crv": "Ed25519",
        // RFC 8037, appendix A.2.
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    ]
}

/// What a client proves to have where it asks for tokens.
@Suite struct `A possession` {
    private static var thumbprint: CertificateThumbprint {
        get throws {
            try #require(CertificateThumbprint(parsing: String(repeating: "A", count: 43)))
        }
    }

    private static func possession(
        of binding: TokenBinding, profile: ClientProfile = .standard, proofs: [String] = [],
        _ certificate: CertificateThumbprint?
    ) throws -> Possession? {
        var client = try World.client("App", .web)
        client.policies.tokenBinding = binding
        client.policies.profile = profile
        let key = try #require(InstanceKey(World.key))
        let check = CheckPossession(
            proofs: CheckDPoPProof(nonces: DPoPNonces(instanceKey: key)))
        let presentation = ProofPresentation(
            proofs: proofs, method: "POST", target: nil, certificate: certificate)
        return try check.possession(
            in: presentation, of: client, at: Tenant.ID(at: World.start), at: World.start)
    }

    private static func refusal(_ body: () throws -> Possession?) -> OAuthError? {
        do {
            _ = try body()
            return nil
        } catch {
            return error as? OAuthError
        }
    }

    @Test func `of a certificate counts for whoever is registered for it`() throws {
        let thumbprint = try Self.thumbprint
        #expect(
            try Self.possession(of: .certificate, thumbprint) == .certificate(thumbprint))
        #expect(try Self.possession(of: .proven, Self.thumbprint) == nil)
        #expect(try Self.possession(of: .proven, nil) == nil)
    }

    @Test func `that is asked for and not shown is an error that says what is missing`() throws {
        for profile in [ClientProfile.standard, .fapi2, .fapi2MessageSigning] {
            let refusal = Self.refusal {
                try Self.possession(of: .certificate, profile: profile, nil)
            }
            #expect(refusal?.code == .invalidRequest)
            #expect(refusal?.description.description.contains("certificate") ?? false)
            if profile != .standard {
                #expect(refusal?.description.description.contains(profile.rawValue) ?? false)
            }
        }
        let key = Self.refusal { try Self.possession(of: .key, Self.thumbprint) }
        #expect(key?.code == .invalidDPoPProof)
    }

    @Test func `is of one thing: a proof beside a certificate that binds is refused`() throws {
        let thumbprint = try Self.thumbprint
        let both = Self.refusal {
            try Self.possession(of: .certificate, proofs: ["a.b.c"], thumbprint)
        }
        #expect(both?.code == .invalidRequest)
        // Where it does not bind, the proof is looked at.
        let proof = Self.refusal {
            try Self.possession(of: .proven, proofs: ["a.b.c"], thumbprint)
        }
        #expect(proof?.code == .invalidDPoPProof)
    }

    @Test func `is asked for in one way at a time`() {
        var policies = ClientPolicies(for: .web)
        #expect(policies.tokenBinding == .proven)
        policies.requiresCertificate = true
        #expect(policies.requiresCertificate && !policies.requiresDPoP)
        policies.requiresDPoP = false
        #expect(policies.requiresCertificate)
        policies.requiresDPoP = true
        #expect(policies.requiresDPoP && !policies.requiresCertificate)
        policies.requiresDPoP = false
        #expect(policies.tokenBinding == .proven)
    }
}
