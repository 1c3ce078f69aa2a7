private import GatehouseEncoding

/// The header in which a trusted proxy passes on the certificate that a client showed to it.
///
/// There is one, and its name says how it is written.
package struct ClientCertificateHeader: Sendable, Hashable {
    /// The name of the header, as it was configured.
    package let name: String
    /// Whether it is written as RFC 9440 says; else it is PEM, URL-escaped as nginx writes
    /// `$ssl_client_escaped_cert`.
    private let isStandard: Bool

    /// The header for the certificates between that one and its authority, if there is one
    /// (RFC 9440 §2.3).
    package var chainName: String? { isStandard ? "Client-Cert-Chain" : nil }

    /// What a request says in such a header.
    package enum Reading: Sendable, Hashable {
        case nothing
        /// The certificate of the client, and those that it sent with it, in DER.
        case certificate([UInt8], chain: [[UInt8]])
        case malformed
    }

    /// How many certificates may be sent with one.
    private static let longestChain = 8

    /// Takes a name: `Client-Cert` means RFC 9440, and every other one the way of nginx.
    package init?(named name: String) {
        let foreign = ["host", "authorization", "cookie", "connection", "content-length", "dpop"]
        guard WireText.isToken(name), name.utf8.count <= 64,
            !foreign.contains(where: { WireText.equalIgnoringCase($0, name) }),
            !WireText.equalIgnoringCase(name, "Client-Cert-Chain")
        else { return nil }
        self.name = name
        isStandard = WireText.equalIgnoringCase(name, "Client-Cert")
    }

    /// Reads the values of the header, and of the one for the chain.
    ///
    /// A header without a value is none: some proxies write it where there is no certificate.
    package func read(_ values: [String], chain: [String]) -> Reading {
        guard let value = values.first else { return .nothing }
        guard values.count == 1 else { return .malformed }
        guard !value.utf8.isEmpty, !value.utf8.elementsEqual("::".utf8) else { return .nothing }
        return isStandard ? Self.standard(value, chain) : Self.escaped(value)
    }

    private static func standard(_ value: String, _ lines: [String]) -> Reading {
        guard let certificate = byteSequence(Array(value.utf8)[...]) else { return .malformed }
        var chain: [[UInt8]] = []
        for line in lines where !line.utf8.isEmpty {
            let items = Array(line.utf8).split(
                separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            for item in items {
                guard chain.count < longestChain, let link = byteSequence(WireText.trimmed(item))
                else { return .malformed }
                chain.append(link)
            }
        }
        return .certificate(certificate, chain: chain)
    }

    /// `:` base64 `:` (RFC 9651 §3.3.5).
    private static func byteSequence(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        let colon = UInt8(ascii: ":")
        guard bytes.count > 2, bytes.first == colon, bytes.last == colon else { return nil }
        let text = bytes.dropFirst().dropLast()
        return Base64.decode(String(decoding: text, as: UTF8.self))
    }

    private static func escaped(_ value: String) -> Reading {
        // A plus stands for itself, as base64 has it.
        guard let text = WireText.percentDecoded(value.utf8),
            let certificates = CertificatePEM.decode(text),
            certificates.count <= longestChain + 1, let first = certificates.first
        else { return .malformed }
        return .certificate(first, chain: Array(certificates.dropFirst()))
    }
}
