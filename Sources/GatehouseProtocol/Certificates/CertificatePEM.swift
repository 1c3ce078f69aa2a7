private import GatehouseEncoding

/// Certificates as text: base64 between lines that say so (RFC 7468 §5).
package enum CertificatePEM {
    private static let begin = "-----BEGIN CERTIFICATE-----"
    private static let end = "-----END CERTIFICATE-----"
    /// How many certificates a text may have: many times those of the longest honest one.
    private static let most = 1_000

    /// The certificates of a text in DER; nil if there is none, or one that is no base64.
    ///
    /// What stands between them is a comment.
    package static func decode(_ text: [UInt8]) -> [[UInt8]]? {
        var certificates: [[UInt8]] = []
        var body: [UInt8]?
        for part in text.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            let line = WireText.trimmed(part)
            if line.elementsEqual(begin.utf8) {
                guard body == nil, certificates.count < most else { return nil }
                body = []
            } else if line.elementsEqual(end.utf8) {
                guard let symbols = body,
                    let bytes = Base64.decode(String(decoding: symbols, as: UTF8.self)),
                    !bytes.isEmpty
                else { return nil }
                certificates.append(bytes)
                body = nil
            } else {
                body?.append(contentsOf: line)
            }
        }
        return body == nil && !certificates.isEmpty ? certificates : nil
    }
}
