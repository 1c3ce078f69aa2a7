package import GatehouseCore
package import GatehouseProtocol
import HTTPTypes
package import Hummingbird
package import Logging

/// What is known of a request below a tenant's issuer: whose it is, through which address, and
/// when.
///
/// The time in it is the only one that the request has.
package struct TenantContext: ChildRequestContext {
    package var coreContext: CoreRequestContextStorage
    package let tenant: Tenant
    /// The address that the request came through; tokens of the answer carry it.
    package let issuer: Issuer
    package let occasion: Occasion
    /// The certificate that the client showed.
    package let certificate: ShownCertificate
    /// The address of the issuer for clients with certificates, if the request came to that.
    private let alias: String?
    private let connectionLogger: Logger

    /// The log of the request, with its id and the tenant's name: put there when there is something to say.
    package var logger: Logger {
        var logger = EdgeContext.label(connectionLogger, requestID: occasion.requestID)
        logger[metadataKey: "tenant"] = .string(tenant.slug.text)
        return logger
    }

    /// Takes over the context of a request whose tenant was found.
    package init(context: EdgeContext) throws {
        guard let tenancy = context.tenancy else { throw HTTPError(.notFound) }
        self.init(context, tenancy)
    }

    init(_ context: EdgeContext, _ tenancy: Tenancy) {
        coreContext = context.coreContext
        connectionLogger = context.connectionLogger
        tenant = tenancy.tenant
        issuer = tenancy.issuer
        occasion = tenancy.occasion
        certificate = context.certificate
        alias = tenancy.alias
    }

    /// The address that a request came to, as the client knows it.
    package func target(path: String) -> TargetURI? {
        guard let alias else { return TargetURI(of: issuer, path: path) }
        return TargetURI(of: Issuer(stored: alias), path: path)
    }
}

/// The tenant that a request names, and through which address.
package struct Tenancy: Sendable {
    let tenant: Tenant
    let issuer: Issuer
    let occasion: Occasion
    /// Where the request came to, if that is not below the issuer.
    var alias: String?
}
