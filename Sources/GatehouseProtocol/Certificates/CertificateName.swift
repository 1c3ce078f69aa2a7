/// What a certificate has to say whom it is about, so that it is the client's (RFC 8705 §2.1.2).
public enum CertificateName: Sendable, Hashable {
    /// The subject, as a distinguished name (RFC 4514).
    case subject(String)
    /// One of the other names: a host in DNS.
    case host(String)
    /// One of the other names: a URI, byte for byte.
    case uri(String)
    /// One of the other names: an address in the Internet.
    case address(String)
    /// One of the other names: an e-mail address.
    case email(String)

    /// The members of client metadata, one for each kind.
    public static let members = [
        "tls_client_auth_subject_dn", "tls_client_auth_san_dns", "tls_client_auth_san_uri",
        "tls_client_auth_san_ip", "tls_client_auth_san_email",
    ]

    /// The member of client metadata that says such a name.
    public var member: String {
        switch self {
        case .subject: Self.members[0]
        case .host: Self.members[1]
        case .uri: Self.members[2]
        case .address: Self.members[3]
        case .email: Self.members[4]
        }
    }

    /// The name as it was registered.
    public var text: String {
        switch self {
        case .subject(let text), .host(let text), .uri(let text), .address(let text),
            .email(let text):
            text
        }
    }

    /// Reads a name as the member of that name says it; nil if there is no such member, or no such
    /// name.
    public init?(_ member: String, _ text: String) {
        guard (1...2_048).contains(text.utf8.count) else { return nil }
        let isPlain = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        switch member {
        case Self.members[0] where DistinguishedName(parsing: text) != nil:
            self = .subject(text)
        case Self.members[1]
        where HostName(host: text[...]) != nil:
            self = .host(text)
        case Self.members[2] where isPlain && text.utf8.contains(UInt8(ascii: ":")):
            self = .uri(text)
        case Self.members[3] where IPAddress(text) != nil:
            self = .address(text)
        case Self.members[4] where isPlain && Self.isEmail(text):
            self = .email(text)
        default: return nil
        }
    }

    private static func isEmail(_ text: String) -> Bool {
        let halves = text.utf8.split(
            separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        return halves.count == 2 && halves.allSatisfy { !$0.isEmpty }
    }
}

/// The names in a certificate, each as it stands there.
package struct CertificateNames: Sendable {
    package let subject: DistinguishedName?
    package var hosts: [[UInt8]] = []
    package var uris: [[UInt8]] = []
    package var addresses: [[UInt8]] = []
    package var emails: [[UInt8]] = []

    package init(subject: DistinguishedName?) {
        self.subject = subject
    }

    /// Whether the certificate says this name.
    ///
    /// A pattern names nobody: `*.example.com` in a certificate is not `app.example.com`.
    package func contain(_ name: CertificateName) -> Bool {
        let bytes = Array(name.text.utf8)
        return switch name {
        case .subject(let text):
            subject.flatMap { subject in
                DistinguishedName(parsing: text).map(subject.matches)
            } ?? false
        case .host:
            hosts.contains { Self.lowercased($0[...]) == Self.lowercased(bytes[...]) }
        case .uri: uris.contains(bytes)
        case .address(let text):
            IPAddress(text).map { address in addresses.contains { Self.address($0) == address } }
                ?? false
        case .email: emails.contains { Self.isSameMailbox($0, bytes) }
        }
    }

    private static func lowercased(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        bytes.map(WireText.lowercase)
    }

    /// 4 or 16 bytes (RFC 5280 §4.2.1.6).
    private static func address(_ bytes: [UInt8]) -> IPAddress? {
        let value = bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        return switch bytes.count {
        case 4: IPAddress(value: 0xFFFF_0000_0000 | value)
        case 16: IPAddress(value: value)
        default: nil
        }
    }

    /// Case counts before the `@` and not after it (RFC 5280 §7.5).
    private static func isSameMailbox(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        let at = UInt8(ascii: "@")
        guard let first = one.lastIndex(of: at), let second = other.lastIndex(of: at) else {
            return false
        }
        return one[..<first] == other[..<second]
            && lowercased(one[first...]) == lowercased(other[second...])
    }
}
