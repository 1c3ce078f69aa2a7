import GatehouseEncoding
import GatehouseProtocol
import Testing

/// The header in which a proxy passes on a certificate (RFC 9440, and the way of nginx).
@Suite struct `Client certificate header` {
    private static let standard = ClientCertificateHeader(named: "Client-Cert")
    private static let escaped = ClientCertificateHeader(named: "X-SSL-Client-Cert")

    private static func pem(_ bytes: [UInt8]...) -> String {
        bytes.map { certificate in
            """
            -----BEGIN CERTIFICATE-----
            \(Base64.encode(certificate))
            -----END CERTIFICATE-----

            """
        }.joined()
    }

    /// As nginx escapes: everything but letters, digits and a few marks.
    private static func escape(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte) || [0x2D, 0x2E, 0x5F, 0x7E].contains(byte)
            let digits = String(byte, radix: 16, uppercase: true)
            return isPlain
                ? String(decoding: [byte], as: UTF8.self)
                : "%" + (digits.utf8.count < 2 ? "0" : "") + digits
        }.joined()
    }

    @Test(arguments: [
        "Client-Cert", "client-cert", "X-SSL-Client-Cert", "X_SSL_CERT", "ssl-client-cert",
    ])
    func `its name is any token`(name: String) {
        #expect(ClientCertificateHeader(named: name)?.name == name)
    }

    @Test(arguments: [
        "", "Client Cert", "Client-Cert:", "Host", "authorization", "COOKIE", "DPoP",
        "Client-Cert-Chain", "Content-Length", "X-Ü", String(repeating: "a", count: 65),
    ])
    func `a name that means something else is refused`(name: String) {
        #expect(ClientCertificateHeader(named: name) == nil)
    }

    @Test func `RFC 9440 passes on a certificate and its chain`() {
        #expect(
            Self.standard?.read([":AQID:"], chain: [":BA==:, :BQY=:", ":Bw==:"])
                == .certificate([1, 2, 3], chain: [[4], [5, 6], [7]]))
        #expect(Self.standard?.read([":AQID:"], chain: []) == .certificate([1, 2, 3], chain: []))
        #expect(Self.standard?.read([":AQID:"], chain: [""]) == .certificate([1, 2, 3], chain: []))
    }

    @Test func `nginx passes on PEM, escaped`() {
        #expect(
            Self.escaped?.read([Self.escape(Self.pem([1, 2, 251, 255]))], chain: [":AQ==:"])
                == .certificate([1, 2, 251, 255], chain: []))
        #expect(
            Self.escaped?.read([Self.escape(Self.pem([1], [2, 3]))], chain: [])
                == .certificate([1], chain: [[2, 3]]))
        // A plus is one of base64, and no space.
        let bare = Self.pem([251, 239, 190]).replacing("\n", with: "%0A").replacing(
            " ", with: "%20")
        #expect(bare.contains("++++"))
        #expect(
            Self.escaped?.read([bare], chain: []) == .certificate([251, 239, 190], chain: []))
    }

    @Test(arguments: [[], [""], ["::"]])
    func `a header without a value is none`(values: [String]) {
        #expect(Self.standard?.read(values, chain: [":AQ==:"]) == .nothing)
        #expect(Self.escaped?.read(values, chain: []) == .nothing)
    }

    @Test(arguments: [
        [":AQID"], ["AQID:"], ["AQID"], [":AQID:;a=1"], [":AQI:"], [":AQ ID:"], [":AQID:,:AQID:"],
        [":AQID:", ":AQID:"], [":", ":AQID:"], [":"], [":AQID:\u{0}"], ["SUCCESS"], ["(null)"],
        [":AQIDé:"], [":AR==:"],
    ])
    func `anything else is malformed: RFC 9440`(values: [String]) {
        #expect(Self.standard?.read(values, chain: []) == .malformed)
    }

    @Test(arguments: [
        ":AQ==:;a", "AQ==", ":AQ==:,", ",", ":AQ==: :Ag==:",
        Array(repeating: ":AQ==:", count: 9).joined(separator: ","),
    ])
    func `a chain that is malformed makes it all so`(chain: String) {
        #expect(Self.standard?.read([":AQID:"], chain: [chain]) == .malformed)
    }

    @Test(arguments: [
        "SUCCESS", "%", "%2", "%ZZ", "-----BEGIN%20CERTIFICATE-----",
        "-----BEGIN%20CERTIFICATE-----%0AAQ==", "-----END%20CERTIFICATE-----",
        "-----BEGIN%20CERTIFICATE-----%0A-----END%20CERTIFICATE-----",
        "-----BEGIN%20CERTIFICATE-----%0AA%0A-----END%20CERTIFICATE-----",
        "-----BEGIN%20CERTIFICATE-----%0A-----BEGIN%20CERTIFICATE-----%0AAQ==%0A-----END%20CERTIFICATE-----",
        "-----BEGIN%20PRIVATE%20KEY-----%0AAQ==%0A-----END%20PRIVATE%20KEY-----",
        "-----BEGIN%20CERTIFICATE-----%0AAQ==%00%0A-----END%20CERTIFICATE-----",
        "-----BEGIN CERTIFICATE----- AQ== -----END CERTIFICATE-----",
    ])
    func `anything else is malformed: PEM`(value: String) {
        #expect(Self.escaped?.read([value], chain: []) == .malformed)
    }

    @Test func `many certificates are no chain`() {
        let many = Self.escape(String(repeating: Self.pem([1]), count: 10))
        #expect(Self.escaped?.read([many], chain: []) == .malformed)
    }

    @Test func `hostile bytes are read, and nothing more`() {
        var seed: UInt64 = 8_705
        for length in 0..<400 {
            var bytes: [UInt8] = []
            for _ in 0..<length {
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes.append([0x25, 0x3A, 0x2D, 0x0A, 0x41, 0x3D, 0xFF, 0x00][Int(seed >> 61)])
            }
            let text = String(decoding: bytes, as: UTF8.self)
            _ = Self.standard?.read([text], chain: [text])
            _ = Self.escaped?.read([text], chain: [])
            _ = CertificatePEM.decode(bytes)
            _ = DistinguishedName(parsing: text)
        }
    }

    @Test func `PEM has comments between certificates, and either kind of line end`() {
        let text = "subject=/CN=a\r\n" + Self.pem([1]).replacing("\n", with: "\r\n") + "\n# b\n"
        #expect(CertificatePEM.decode(Array((text + Self.pem([2])).utf8)) == [[1], [2]])
        #expect(CertificatePEM.decode([]) == nil)
    }
}
