import GatehouseEncoding
import GatehouseProtocol
import Testing

/// What a certificate has to say of a client (RFC 8705 §2.1.2), and when it says that.
@Suite struct `Certificate names` {
    private typealias Attribute = DistinguishedName.Attribute

    /// CN=Billing App, OU=A + OU=B, O=Example, C=DE, the broadest first.
    private static let subject = DistinguishedName([
        [Attribute(type: "2.5.4.6", value: "DE")], [Attribute(type: "2.5.4.10", value: "Example")],
        [
            Attribute(type: "2.5.4.11", value: "A"), Attribute(type: "2.5.4.11", value: "B"),
        ],
        [Attribute(type: "2.5.4.3", value: "Billing  App")],
    ])

    @Test(arguments: [
        "CN=Billing App,OU=A+OU=B,O=Example,C=DE", "cn=billing app, ou=b + ou=a, o=EXAMPLE, c=de",
        "2.5.4.3=Billing App,OU=A+OU=B,O=Example,C=DE",
        "CN = Billing   App , OU=A+OU=B,O=Example,C=DE",
        #"CN=\42illing\20App,OU=A+OU=B,O=Example,C=DE"#,
        #"CN=\ Billing App\ ,OU=A+OU=B,O=Example,C=DE"#,
    ])
    func `a subject is the same however it is written`(text: String) throws {
        let name = try #require(DistinguishedName(parsing: text))
        #expect(name.matches(Self.subject) && Self.subject.matches(name))
    }

    @Test(arguments: [
        "CN=Billing App", "O=Example,CN=Billing App,OU=A+OU=B,C=DE",
        "CN=BillingApp,OU=A+OU=B,O=Example,C=DE", "CN=Billing App,OU=A,OU=B,O=Example,C=DE",
        "CN=Billing App,OU=A+OU=A,O=Example,C=DE", "CN=Billing App,OU=A+OU=B,O=Example,C=DE,DC=x",
        "OU=Billing App,OU=A+OU=B,O=Example,C=DE", "C=DE,O=Example,OU=A+OU=B,CN=Billing App",
        #"CN=Billing App\00,OU=A+OU=B,O=Example,C=DE"#,
    ])
    func `another subject is another`(text: String) throws {
        let name = try #require(DistinguishedName(parsing: text))
        #expect(!name.matches(Self.subject) && !Self.subject.matches(name))
    }

    @Test(arguments: [
        "", " ", "CN", "CN=", "=a", "CN=a,", ",CN=a", "CN=a,,O=b", "XY=a", "CN=#0402", "CN=a;O=b",
        #"CN="a""#, "CN=a\n", #"CN=a\"#, #"CN=a\4"#, #"CN=a\zz"#, #"CN=\ff"#, "2=a", "2.=a",
        ".5=a", "2.05=a", "CN=<a>", "ČN=a", String(repeating: "CN=a,", count: 500) + "CN=a",
    ])
    func `what is no name is refused`(text: String) {
        #expect(DistinguishedName(parsing: text) == nil)
        #expect(CertificateName("tls_client_auth_subject_dn", text) == nil)
    }

    @Test func `a value with control characters is nobody's`() throws {
        let hostile = DistinguishedName([[Attribute(type: "2.5.4.3", value: "app\u{0}.evil")]])
        let good = try #require(DistinguishedName(parsing: "CN=app"))
        #expect(!hostile.matches(good) && !hostile.matches(hostile))
        let empty = DistinguishedName([])
        #expect(!empty.matches(empty))
        let blank = DistinguishedName([[Attribute(type: "2.5.4.3", value: "  ")]])
        #expect(!blank.matches(blank))
    }

    @Test(arguments: [
        ("tls_client_auth_subject_dn", "CN=a"), ("tls_client_auth_san_dns", "app.example.com"),
        ("tls_client_auth_san_uri", "spiffe://example.com/app"),
        ("tls_client_auth_san_ip", "2001:db8::1"), ("tls_client_auth_san_ip", "192.0.2.7"),
        ("tls_client_auth_san_email", "ops@example.com"),
    ])
    func `each kind has its member`(member: String, text: String) throws {
        let name = try #require(CertificateName(member, text))
        #expect(name.member == member && name.text == text)
    }

    @Test(arguments: [
        ("tls_client_auth_san_dns", "*.example.com"), ("tls_client_auth_san_dns", "192.0.2.7"),
        ("tls_client_auth_san_dns", ""), ("tls_client_auth_san_dns", "a b"),
        ("tls_client_auth_san_uri", "a"), ("tls_client_auth_san_uri", "a: b"),
        ("tls_client_auth_san_ip", "192.0.2"), ("tls_client_auth_san_ip", "192.0.2.0/24"),
        ("tls_client_auth_san_email", "a"), ("tls_client_auth_san_email", "@a"),
        ("tls_client_auth_san_email", "a@b@c"), ("tls_client_auth_san_email", "a@b\u{0}"),
        ("tls_client_auth", "a"), ("", "a"),
    ])
    func `what is none of its kind is refused`(member: String, text: String) {
        #expect(CertificateName(member, text) == nil)
    }

    @Test func `other names are compared as their kind is`() {
        var names = CertificateNames(subject: nil)
        names.hosts = [Array("App.Example.com".utf8), Array("*.example.net".utf8)]
        names.uris = [Array("https://Example.com/a".utf8)]
        names.addresses = [[192, 0, 2, 7], [1, 2, 3], Array(repeating: 0, count: 15) + [1]]
        names.emails = [Array("Ops@Example.com".utf8)]
        let said: [CertificateName] = [
            .host("app.example.com"), .uri("https://Example.com/a"), .address("192.0.2.7"),
            .address("::1"), .email("Ops@example.COM"),
        ]
        for name in said { #expect(names.contain(name), "\(name)") }
        let unsaid: [CertificateName] = [
            .host("a.example.net"), .host("example.com"), .uri("https://example.com/a"),
            .address("192.0.2.8"), .email("ops@example.com"), .subject("CN=app"),
        ]
        for name in unsaid { #expect(!names.contain(name), "\(name)") }
    }

    @Test func `a NUL ends no name`() {
        var names = CertificateNames(subject: nil)
        names.hosts = [Array("app.example.com\u{0}.evil.test".utf8)]
        names.emails = [Array("ops@example.com\u{0}.evil.test".utf8)]
        names.uris = [Array("https://a.test/\u{0}".utf8)]
        #expect(!names.contain(.host("app.example.com")))
        #expect(!names.contain(.email("ops@example.com")))
        #expect(!names.contain(.uri("https://a.test/")))
    }

    @Test func `a confirmation names a key or a certificate, and nothing more`() throws {
        let text = String(repeating: "A", count: 43)
        let thumbprint = try #require(CertificateThumbprint(parsing: text))
        let confirmation = Confirmation.certificate(thumbprint)
        #expect(confirmation.jsonObject == ["x5t#S256": .string(text)])
        #expect(Confirmation(confirmation.jsonObject) == confirmation)
        #expect(confirmation.tokenType == "Bearer")
        #expect(Confirmation(["x5t#S256": .string(text), "jkt": .string(text)]) == nil)
        #expect(Confirmation(["x5t#S256": "AAAA"]) == nil)
        #expect(Confirmation(["x5t": .string(text)]) == nil)
    }
}
