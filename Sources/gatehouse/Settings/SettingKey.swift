/// Every setting there is.
///
/// One list, so that flags, environment, file, documentation and the check for unknown keys cannot
/// disagree.
enum SettingKey: String, CaseIterable {
    /// The data directory: database, instance key, lock and socket.
    case data
    /// The address of a PostgreSQL database; SQLite in the data directory without it.
    case database
    /// The address that people and clients reach this installation at.
    case baseURL = "base-url"
    /// The address to listen on: `host:port`, or `unix:/path`.
    case listen
    /// The file that holds the instance key; `instance.key` in the data directory without it.
    case instanceKeyFile = "instance-key-file"
    /// The instance key itself, in base64. Only from the environment or the file.
    case instanceKey = "instance-key"
    /// The networks of proxies that are believed, as CIDR, with commas between.
    case trustedProxies = "trusted-proxies"
    /// The file with the TLS certificate chain, in PEM.
    case tlsCertificate = "tls-certificate"
    /// The file with the key of the certificate, in PEM.
    case tlsKey = "tls-key"
    /// What is logged: `debug`, `info`, `warning` or `error`.
    case logLevel = "log-level"
    /// How it is logged: `text`, `json`, or `auto` for text on a terminal.
    case logFormat = "log-format"
    /// How many connections to PostgreSQL are kept.
    case databaseConnections = "database-connections"
    /// How many MiB the hashing of passwords may take.
    case passwordMemory = "password-memory"
    /// How many seconds requests under way have to finish when the server stops.
    case shutdownGrace = "shutdown-grace"
    /// The networks that are not public and that requests of the server may go to nevertheless, as
    /// CIDR, with commas between.
    case outboundAllow = "outbound-allow"
    /// The file with certificate authorities that requests of the server trust besides the system's,
    /// in PEM.
    case outboundCA = "outbound-ca"

    /// The domain below which each tenant answers at a host of its own, named by its slug.
    case tenantDomain = "tenant-domain"
    /// Whether tenants answer at domains of their own: `on` or `off`.
    case customDomains = "custom-domains"
    /// The name servers that are asked about domains: `host:port`, with commas between; the
    /// system's without it.
    case dnsServers = "dns-servers"

    /// The address to listen on besides, where clients are asked for a certificate (RFC 8705).
    case mutualTLSListen = "mutual-tls-listen"
    /// The address at which clients with certificates reach this installation.
    case mutualTLSBaseURL = "mutual-tls-base-url"
    /// The file with the authorities that vouch for the certificates of clients, in PEM.
    case clientCertificateAuthorities = "client-certificate-authorities"
    /// The header in which trusted proxies pass on the certificates of clients: `Client-Cert` for
    /// RFC 9440, any other for PEM that is URL-escaped.
    case clientCertificateHeader = "client-certificate-header"

    /// The relay that takes mail: `smtps://user@host:port`, or `smtp://host:port` for one that does
    /// STARTTLS or is on this machine.
    case mailServer = "mail-server"
    /// The password for the relay. Only from the environment or the file.
    case mailPassword = "mail-password"
    /// The address that mail is sent from.
    case mailFrom = "mail-from"

    /// The name in the environment.
    var environmentName: String {
        "GATEHOUSE_" + rawValue.uppercased().replacing("-", with: "_")
    }

    /// True if the value must not be shown.
    var isSecret: Bool { self == .instanceKey || self == .mailPassword }
}
