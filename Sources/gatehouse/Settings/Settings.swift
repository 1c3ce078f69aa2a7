import GatehouseCore
import GatehouseEncoding
import GatehouseOutbound
import GatehouseProtocol
import GatehouseWeb
import Logging

/// The settings of one run, checked.
///
/// Nothing below the root reads flags, environment or files.
struct Settings {
    /// The data directory, if one is given.
    var data: String?
    /// The address of the PostgreSQL database; nil for SQLite in the data directory.
    var database: String?
    /// The address from outside; nil if none is given.
    var baseURL: BaseURL?
    var listen: HTTPServerSettings.Address = .port(host: "127.0.0.1", port: 8080)
    var instanceKeyFile: String?
    var instanceKey: [UInt8]?
    var trustedProxies = TrustedProxies.none
    var tls: HTTPServerSettings.TLSFiles?
    var logLevel = Logger.Level.info
    var logFormat = LogFormat.auto
    var databaseConnections = 8
    /// In MiB.
    var passwordMemory = 256
    /// In seconds.
    var shutdownGrace = 20
    /// What the server may connect to besides public addresses.
    var outboundAllow: [AddressRange] = []
    var outboundCA: String?
    var tenantDomain: HostName?
    var hasCustomDomains = false
    /// As c-ares reads them; nil for the system's.
    var dnsServers: String?
    var mutualTLS = MutualTLSSettings()
    /// How mail is sent; nil if it is not.
    var mail: MailSettings?

    enum LogFormat: String { case auto, text, json }

    /// The address from outside where none was ever given: that of a machine on which things are
    /// tried.
    var defaultBaseURL: String {
        if case .port("127.0.0.1", let port) = listen { return "http://127.0.0.1:\(port)" }
        return "http://127.0.0.1:8080"
    }

    /// Checks everything that was written and reports all mistakes together.
    init(_ source: SettingsSource) throws(CommandError) {
        var reader = SettingsReader(source)
        data = reader.text(.data)
        database = reader.value(.database, "an address such as postgres://user@host/name") {
            $0.hasPrefix("postgres://") || $0.hasPrefix("postgresql://") ? $0 : nil
        }
        baseURL = reader.baseURL()
        listen =
            reader.value(.listen, "host:port or unix:/path", HTTPServerSettings.Address.init)
            ?? listen
        instanceKeyFile = reader.text(.instanceKeyFile)
        instanceKey = reader.value(.instanceKey, "32 bytes in base64") {
            Base64.decode($0).flatMap { $0.count == 32 ? $0 : nil }
        }
        trustedProxies = reader.trustedProxies() ?? .none
        tls = reader.tls()
        logLevel =
            reader.value(.logLevel, "debug, info, warning or error") {
                ["debug", "info", "warning", "error"].contains($0)
                    ? Logger.Level(rawValue: $0) : nil
            } ?? logLevel
        logFormat = reader.value(.logFormat, "auto, text or json", LogFormat.init) ?? logFormat
        databaseConnections = reader.number(.databaseConnections, 1...200) ?? databaseConnections
        passwordMemory = reader.number(.passwordMemory, 19...65_536) ?? passwordMemory
        shutdownGrace = reader.number(.shutdownGrace, 0...3_600) ?? shutdownGrace
        outboundAllow = reader.ranges(.outboundAllow) ?? []
        outboundCA = reader.text(.outboundCA)
        tenantDomain = reader.value(
            .tenantDomain, "a domain such as id.example.com", HostName.init(parsing:))
        hasCustomDomains =
            reader.value(.customDomains, "on or off") { ["on": true, "off": false][$0] } ?? false
        dnsServers = reader.value(
            .dnsServers, "a list of name servers such as 10.0.0.53:53"
        ) { NameServers.isValid($0) ? $0 : nil }
        mutualTLS = reader.mutualTLS(tls, trustedProxies)
        mail = reader.mail()
        guard reader.problems.isEmpty else {
            throw CommandError(.wrongUse, reader.problems.joined(separator: " "))
        }
    }
}

/// Where and how clients show certificates.
struct MutualTLSSettings {
    /// Where they are asked for one.
    var listen: HTTPServerSettings.Address?
    /// Where they find the endpoints, if that is another address.
    var baseURL: BaseURL?
    /// The file with the authorities that vouch for them.
    var authorities: String?
    /// Where trusted proxies pass them on.
    var header: ClientCertificateHeader?

    /// True if there is a way to show one.
    var isOn: Bool { listen != nil || header != nil }
}

/// How mail is sent.
struct MailSettings {
    let server: MailServer
    let password: String?
    let from: EmailAddress
}

/// Reads settings one by one and collects what is wrong with them.
private struct SettingsReader {
    private let entries: [SettingKey: SettingsSource.Entry]
    private(set) var problems: [String]

    init(_ source: SettingsSource) {
        entries = source.entries
        problems = source.problems
    }

    mutating func value<Value>(
        _ key: SettingKey, _ expected: String, _ parse: (String) -> Value?
    ) -> Value? {
        guard let entry = entries[key] else { return nil }
        guard let value = parse(entry.value) else {
            refuse(key, entry, "is not \(expected)")
            return nil
        }
        return value
    }

    mutating func text(_ key: SettingKey) -> String? {
        value(key, "a path") { $0.isEmpty ? nil : $0 }
    }

    mutating func number(_ key: SettingKey, _ range: ClosedRange<Int>) -> Int? {
        value(key, "a number from \(range.lowerBound) to \(range.upperBound)") { text in
            guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text),
                range.contains(number)
            else { return nil }
            return number
        }
    }

    /// What is said of certificates of clients, given whether TLS ends here and who is believed.
    mutating func mutualTLS(
        _ tls: HTTPServerSettings.TLSFiles?, _ proxies: TrustedProxies
    ) -> MutualTLSSettings {
        var settings = MutualTLSSettings()
        settings.listen = value(
            .mutualTLSListen, "host:port or unix:/path", HTTPServerSettings.Address.init)
        settings.baseURL = baseURL(.mutualTLSBaseURL)
        settings.authorities = text(.clientCertificateAuthorities)
        settings.header = value(
            .clientCertificateHeader, "the name of a header such as Client-Cert",
            ClientCertificateHeader.init(named:))
        check(settings, hasTLS: tls != nil, hasProxies: proxies != TrustedProxies.none)
        return settings
    }

    /// Says what is missing for certificates of clients, or is there for nothing.
    private mutating func check(
        _ settings: MutualTLSSettings, hasTLS: Bool, hasProxies: Bool
    ) {
        if settings.header != nil, !hasProxies {
            problems.append("client-certificate-header needs trusted-proxies: whom to believe.")
        }
        if settings.listen != nil, !hasTLS, settings.header == nil {
            problems.append(
                "mutual-tls-listen needs tls-certificate and tls-key, or client-certificate-header."
            )
        }
        if settings.listen != nil, settings.baseURL == nil {
            problems.append("mutual-tls-listen needs mutual-tls-base-url: what clients are told.")
        }
        if !settings.isOn, settings.baseURL != nil || settings.authorities != nil {
            problems.append(
                "mutual-tls-base-url and client-certificate-authorities are for mutual-tls-listen or client-certificate-header."
            )
        }
    }

    /// The relay for mail, if one is named.
    mutating func mail() -> MailSettings? {
        let server = value(
            .mailServer, "an address such as smtps://gatehouse@mail.example.com",
            MailServer.init(parsing:))
        let from = value(
            .mailFrom, "an e-mail address in plain ASCII", EmailAddress.init(parsing:))
        let password = value(.mailPassword, "a password") { $0.isEmpty ? nil : $0 }
        let isNamed = entries[.mailServer] != nil
        if isNamed != (entries[.mailFrom] != nil) {
            problems.append("mail-server and mail-from are needed together.")
        }
        if let server, (server.user == nil) != (password == nil) {
            problems.append("A user in mail-server and mail-password are needed together.")
        }
        guard let server, let from else { return nil }
        return MailSettings(server: server, password: password, from: from)
    }

    mutating func baseURL(_ key: SettingKey = .baseURL) -> BaseURL? {
        guard let entry = entries[key] else { return nil }
        do throws(BaseURL.Malformed) {
            return try BaseURL(parsing: entry.value)
        } catch {
            switch error {
            case .notAnAddress:
                refuse(key, entry, "is not an address such as https://id.example.com")
            case .needsHTTPS:
                refuse(key, entry, "must begin with https:// unless it is a loopback address")
            }
            return nil
        }
    }

    mutating func trustedProxies() -> TrustedProxies? {
        guard let entry = entries[.trustedProxies] else { return nil }
        let parts = entry.value.split(separator: ",").map {
            String($0.drop { $0 == " " })
        }
        do throws(InvalidProxyRange) {
            return try TrustedProxies(parts)
        } catch {
            refuse(.trustedProxies, entry, "is wrong: \(error)")
            return nil
        }
    }

    mutating func ranges(_ key: SettingKey) -> [AddressRange]? {
        value(key, "a list of address ranges such as 10.0.0.0/8 or fd00::/8") { text in
            let parts = text.split(separator: ",").map { String($0.drop { $0 == " " }) }
            let ranges = parts.compactMap(AddressRange.init)
            return ranges.count == parts.count ? ranges : nil
        }
    }

    mutating func tls() -> HTTPServerSettings.TLSFiles? {
        switch (text(.tlsCertificate), text(.tlsKey)) {
        case (nil, nil): return nil
        case (let certificate?, let key?):
            return HTTPServerSettings.TLSFiles(certificate: certificate, privateKey: key)
        default:
            problems.append("tls-certificate and tls-key are needed together.")
            return nil
        }
    }

    private mutating func refuse(
        _ key: SettingKey, _ entry: SettingsSource.Entry, _ complaint: String
    ) {
        let shown = key.isSecret || key == .database ? "the value" : "“\(entry.value)”"
        problems.append("\(key.rawValue): \(shown) (\(entry.origin)) \(complaint).")
    }
}
