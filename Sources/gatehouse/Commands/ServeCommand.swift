private import Logging
import ArgumentParser
import GatehouseCore
import GatehouseProtocol
import GatehouseWeb

/// Serves an installation.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve an installation until told to stop.")

    @OptionGroup var instance: InstanceOptions
    @OptionGroup var serving: ServingOptions

    func run() async throws {
        let settings = try instance.settings(serving.flags)
        let logger = Logs.start(settings)
        let opened = try await Patience.perform {
            try await OpenInstance.open(settings, isServing: true, at: Clock.system.now)
        }
        let base = try await opened.baseURL()
        try await Server(opened, base: base, logger: logger).run {
            logger.info(
                "serving",
                metadata: [
                    "listen": "\(settings.listen)", "base_url": .string(base.text),
                    "database": .string(opened.databaseName), "version": "\(Version.current)",
                ])
        }
    }
}

/// The flags of a command that serves.
struct ServingOptions: ParsableArguments {
    @Option(help: "The address to listen on: host:port, or unix:/path. Default: 127.0.0.1:8080.")
    var listen: String?

    @Option(help: "Networks of proxies that are believed, as CIDR with commas between.")
    var trustedProxies: String?

    @Option(help: "A TLS certificate chain in PEM, if no proxy ends TLS.")
    var tlsCertificate: String?

    @Option(help: "The key of the certificate in PEM.")
    var tlsKey: String?

    @Option(help: "How logs look: text, json, or auto. Default: auto, text on a terminal.")
    var logFormat: String?

    @Option(help: "Connections to PostgreSQL. Default: 8.")
    var databaseConnections: String?

    @Option(help: "MiB that hashing passwords may take. Default: 256.")
    var passwordMemory: String?

    @Option(help: "Seconds that requests have to finish at the end. Default: 20.")
    var shutdownGrace: String?

    @Option(
        help:
            "Networks that are not public and that the server may ask, as CIDR with commas between."
    )
    var outboundAllow: String?

    @Option(
        name: .customLong("outbound-ca"),
        help: "Certificate authorities in PEM to trust besides the system's when it asks.")
    var outboundCA: String?

    @Option(
        help: "The domain below which tenants have hosts of their own, as in acme.id.example.com.")
    var tenantDomain: String?

    @Option(help: "Whether tenants answer at domains of their own: on or off. Default: off.")
    var customDomains: String?

    @Option(
        name: .customLong("dns-servers"),
        help: "Name servers to ask about domains: host:port with commas between.")
    var dnsServers: String?

    @Option(
        name: .customLong("mutual-tls-listen"),
        help: "The address to listen on besides, where clients are asked for a certificate.")
    var mutualTLSListen: String?

    @Option(
        name: .customLong("mutual-tls-base-url"),
        help: "The address at which clients with certificates reach this installation.")
    var mutualTLSBaseURL: String?

    @Option(help: "Authorities in PEM that vouch for the certificates of clients.")
    var clientCertificateAuthorities: String?

    @Option(
        help: """
            The header in which trusted proxies pass on the certificates of clients: Client-Cert \
            (RFC 9440), or another for PEM that is URL-escaped.
            """)
    var clientCertificateHeader: String?

    @Option(
        help: """
            The relay that takes mail: smtps://user@host:port, or smtp://host:port for one that \
            does STARTTLS or is on this machine. The password is GATEHOUSE_MAIL_PASSWORD.
            """)
    var mailServer: String?

    @Option(help: "The e-mail address that mail is sent from.")
    var mailFrom: String?

    var flags: [SettingKey: String] {
        [
            .listen: listen, .trustedProxies: trustedProxies, .tlsCertificate: tlsCertificate,
            .tlsKey: tlsKey, .logFormat: logFormat, .databaseConnections: databaseConnections,
            .passwordMemory: passwordMemory, .shutdownGrace: shutdownGrace,
            .outboundAllow: outboundAllow, .outboundCA: outboundCA,
            .tenantDomain: tenantDomain, .customDomains: customDomains, .dnsServers: dnsServers,
            .mutualTLSListen: mutualTLSListen, .mutualTLSBaseURL: mutualTLSBaseURL,
            .clientCertificateAuthorities: clientCertificateAuthorities,
            .clientCertificateHeader: clientCertificateHeader,
            .mailServer: mailServer, .mailFrom: mailFrom,
        ].compactMapValues { $0 }
    }
}
