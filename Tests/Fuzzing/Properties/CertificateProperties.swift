import GatehouseEncoding
import GatehouseProtocol

/// A certificate that a proxy passes on is the one that stands in the header, and a name that a
/// certificate has to say is the name of itself and of nobody else.
enum CertificateProperties {
    private static let standard = ClientCertificateHeader(named: "Client-Cert")
    private static let escaped = ClientCertificateHeader(named: "X-SSL-Client-Cert")
    private static let known = DistinguishedName(parsing: "CN=app,O=Example")

    /// Takes a value of the header, and one for the chain after a NUL.
    static func check(_ input: [UInt8]) throws(Violation) {
        let parts = input.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
        let value = String(decoding: parts.first ?? [], as: UTF8.self)
        let chain = parts.count > 1 ? [String(decoding: parts[1], as: UTF8.self)] : []
        if let standard,
            case .certificate(let der, let links) = standard.read([value], chain: chain)
        {
            try require(
                value.utf8.elementsEqual((":" + Base64.encode(der) + ":").utf8),
                "A certificate has one spelling.")
            let again = links.map { ":" + Base64.encode($0) + ":" }.joined(separator: ",")
            try require(
                standard.read([value], chain: again.isEmpty ? [] : [again])
                    == .certificate(der, chain: links), "A chain reads back.")
            try require(
                standard.read([value, value], chain: chain) == .malformed, "There is one.")
        }
        if let escaped, case .certificate(let der, let links) = escaped.read([value], chain: chain)
        {
            let again = ([der] + links).map {
                "-----BEGIN%20CERTIFICATE-----%0A"
                    + Base64.encode($0) + "%0A-----END%20CERTIFICATE-----%0A"
            }.joined()
            try require(
                escaped.read([again], chain: []) == .certificate(der, chain: links),
                "What is PEM reads back.")
        }
        try checkName(value)
    }

    private static func checkName(_ text: String) throws(Violation) {
        guard let name = DistinguishedName(parsing: text), let known else { return }
        try require(name.matches(known) == known.matches(name), "Both say the same of each other.")
        let hasControl = text.unicodeScalars.contains { $0.value < 0x20 }
        try require(!hasControl, "A control character stands in no name.")
    }
}
