import Foundation
import GatehouseAdmin
import GatehouseCore
import GatehouseOutbound
import GatehousePostgres
import GatehouseProtocol
import GatehouseSQL
import GatehouseSQLite
import GatehouseWeb
import Glibc
import NIOSSL

/// An installation that this process has opened: its database, its key, and the lock on its data
/// directory where it has one.
struct OpenInstance {
    let gatehouse: Gatehouse
    let settings: Settings
    /// Which database it is, for people.
    let databaseName: String
    /// The SQLite database, if it is one.
    let sqlite: SQLiteDatabase?
    private let lock: DataDirectoryLock?

    /// Opens the installation that the settings name and brings its schema up to date.
    ///
    /// A server holds its data directory also where the database is elsewhere: its socket is there.
    /// Mail goes to a relay that is given, or else to the one that the settings name, if any.
    static func open(
        _ settings: Settings, isServing: Bool = false, mail: (any MailRelay)? = nil,
        at now: Timestamp
    ) async throws -> OpenInstance {
        // What is made from here on is readable for its owner only.
        umask(0o077)
        let trusted = try trustedAuthorities(settings)
        let outbound = OutboundClient(
            allowing: PublicAddresses(and: settings.outboundAllow), trusting: trusted)
        let relay: (any MailRelay)? =
            mail
            ?? settings.mail.map {
                SMTPRelay($0.server, password: $0.password, from: $0.from, trusting: trusted)
            }
        let mutualTLS = try MutualTLS(settings.mutualTLS)
        let lock = try prepareDirectory(settings, isServing: isServing)
        let file = settings.data.map { $0 + "/gatehouse.db" }
        let isNew =
            settings.database != nil
            || !(file.map(FileManager.default.fileExists(atPath:)) ?? false)
        let keySource = InstanceKeySource(settings: settings, isNew: isNew)
        let found = try keySource.find()
        let database: any Database
        do {
            database = try await openDatabase(settings, file: file ?? "", key: found.key, at: now)
        } catch {
            // A key that was made for nothing would only hide that the right one is missing. But
            // where the outcome of sealing with it is not known, it may be the only one.
            if let path = found.createdFile, !Self.isInDoubt(error) { unsafe unlink(path) }
            throw error
        }
        let sqlite = database as? SQLiteDatabase
        let hasher = try PasswordHasher(
            memory: settings.passwordMemory, threads: ProcessInfo.processInfo.activeProcessorCount)
        return OpenInstance(
            gatehouse: Gatehouse(
                database: database, instanceKey: found.key, hasher: hasher, outbound: outbound,
                textRecords: NameServers(settings.dnsServers), mutualTLS: mutualTLS,
                mail: relay),
            settings: settings, databaseName: sqlite == nil ? "PostgreSQL" : "SQLite",
            sqlite: sqlite, lock: lock)
    }

    /// The address from outside: the one that is given, else the one that it was last served at,
    /// else that of a machine on which things are tried.
    ///
    /// An issuer must not change by leaving out a flag.
    func baseURL() async throws -> BaseURL {
        if let given = settings.baseURL { return given }
        let remembered = try await Instance.baseURL(gatehouse.database)
        if remembered == nil, case .port(host: _, port: let port) = settings.listen,
            port == 0
        {
            throw CommandError(
                .wrongUse, "Give the --base-url: port 0 does not say what the address will be.")
        }
        return try BaseURL(parsing: remembered ?? settings.defaultBaseURL)
    }

    /// The authorities that are trusted besides the system's when this process asks other servers.
    private static func trustedAuthorities(
        _ settings: Settings
    ) throws -> [NIOSSLCertificate] {
        guard let path = settings.outboundCA else { return [] }
        do {
            return try NIOSSLCertificate.fromPEMFile(path)
        } catch {
            throw CommandError(
                .wrongUse, "outbound-ca: the file \(path) holds no certificate in PEM.")
        }
    }

    private static func isInDoubt(_ error: any Error) -> Bool {
        if case DatabaseError.outcomeUnknown = error { true } else { false }
    }

    private static func openDatabase(
        _ settings: Settings, file: String, key: InstanceKey, at now: Timestamp
    ) async throws -> any Database {
        let database: any Database =
            if let url = settings.database {
                try await PostgresDatabase.connect(
                    url: url, connections: settings.databaseConnections)
            } else {
                try SQLiteDatabase.open(file: file)
            }
        do {
            _ = try await Instance.open(database, key: key, at: now)
            return database
        } catch {
            await database.close()
            throw error
        }
    }

    /// What operations are told of it, and of how it is served if it is.
    func facts(served serving: InstallationFacts.Serving?) -> InstallationFacts {
        InstallationFacts(
            version: Version.current, database: databaseName, sendsMail: gatehouse.sendsMail,
            serving: serving)
    }

    func close() async {
        await gatehouse.database.close()
    }

    private static func prepareDirectory(
        _ settings: Settings, isServing: Bool
    ) throws -> DataDirectoryLock? {
        guard let data = settings.data else {
            guard settings.database != nil else {
                let elsewhere =
                    isServing ? "" : " To administer one elsewhere, use “gatehouse login”."
                throw CommandError(
                    .wrongUse,
                    "Name the data directory with --data DIR or GATEHOUSE_DATA." + elsewhere)
            }
            return nil
        }
        do {
            try FileManager.default.createDirectory(
                atPath: data, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            throw CommandError(
                .dataDirectory,
                "The data directory \(data) cannot be made: \((error as NSError).localizedDescription)"
            )
        }
        guard unsafe access(data, R_OK | W_OK | X_OK) == 0 else {
            throw CommandError(
                .dataDirectory, "The data directory \(data) cannot be read and written.")
        }
        // With PostgreSQL the directory holds no database, so commands need not wait for it.
        guard settings.database == nil || isServing else { return nil }
        return try DataDirectoryLock(directory: data)
    }
}
