import Foundation
import GatehouseCore
import GatehouseProtocol
import GatehouseX509

extension MutualTLS {
    /// What the settings offer to clients with certificates; nil if there is no way to show one.
    init?(_ settings: MutualTLSSettings) throws(CommandError) {
        guard settings.isOn else { return nil }
        let authorities = try settings.authorities.map { path throws(CommandError) in
            try Self.authorities(path)
        }
        self.init(authorities: authorities, base: settings.baseURL)
    }

    private static func authorities(_ path: String) throws(CommandError) -> CertificateAuthorities {
        guard let file = FileManager.default.contents(atPath: path),
            let blocks = CertificatePEM.decode([UInt8](file))
        else {
            throw CommandError(
                .wrongUse,
                "client-certificate-authorities: the file \(path) holds no certificate in PEM.")
        }
        let certificates = blocks.compactMap(Certificate.init(der:))
        guard certificates.count == blocks.count,
            let authorities = CertificateAuthorities(certificates)
        else {
            throw CommandError(
                .wrongUse,
                "client-certificate-authorities: a certificate in the file \(path) is malformed.")
        }
        return authorities
    }
}
