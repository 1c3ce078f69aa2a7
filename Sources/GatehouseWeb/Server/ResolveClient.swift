import GatehouseProtocol
import GatehouseCore
import HTTPTypes
import Hummingbird

/// Finds out who asks, and at which host: what the connection says, and what a trusted proxy adds to
/// it.
struct ResolveClient {
    private let isTLS: Bool
    private let proxies: TrustedProxies
    private let certificateHeader: ClientCertificateHeader?
    private let hosts: TenantHosts?

    /// Takes whether this server ends TLS itself, the proxies it believes, and the hosts of tenants.
    init(_ settings: HTTPServerSettings, hosts: TenantHosts?) {
        isTLS = settings.tls != nil
        proxies = settings.trustedProxies
        certificateHeader = settings.certificateHeader
        self.hosts = hosts
    }

    /// The context with everything that is known of the client.
    func resolve(_ context: EdgeContext, for request: Request) -> EdgeContext {
        let forwarded = ForwardedFor(
            ForwardedFor.Lines(request.headers), peer: context.peerAddress, proxies: proxies)
        var context = context
        context.clientAddress = forwarded.clientAddress
        context.isSecure = isTLS || forwarded.isSecure
        if let hosts { context.destination = hosts.destination(of: request.head.authority) }
        if let id = forwarded.requestID { context.requestID = id }
        if let certificateHeader, proxies.contains(context.peerAddress) {
            // The connection is the proxy's, and so is the certificate of that, if there is one.
            context.certificate = Self.certificate(in: request.headers, certificateHeader)
        }
        return context
    }

    /// The certificate that a proxy passes on; what anybody else sends in such a header is not read.
    private static func certificate(
        in headers: HTTPFields, _ header: ClientCertificateHeader
    ) -> ShownCertificate {
        func values(_ name: String) -> [String] {
            HTTPField.Name(name).map { headers[values: $0] } ?? []
        }
        switch header.read(values(header.name), chain: header.chainName.map(values) ?? []) {
        case .nothing: return .absent
        case .malformed: return .malformed
        case .certificate(let der, let chain):
            return ClientCertificate(der: der, chain: chain).map { .certificate($0) } ?? .malformed
        }
    }
}
