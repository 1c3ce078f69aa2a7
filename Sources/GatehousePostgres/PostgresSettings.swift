import CLibPQ
import GatehouseSQL

/// Where the server is, and how long things may take.
struct PostgresSettings: Sendable {
    let limits: PostgresDatabase.Limits
    /// What `PQconnectdb` takes: the operator's URL between our defaults and what must hold.
    let connectionString: String
    private let password: String

    /// - Throws: ``DatabaseError/unusable(_:)`` if the URL is malformed. The sentence repeats no
    ///   part of it, since any part may be one of the password.
    init(url: String, limits: PostgresDatabase.Limits) throws(DatabaseError) {
        let options = try Self.parse(url)
        // An unescaped "@" or "/" in a password moves what follows into one of these.
        let isShifted = options.contains { name, value in
            switch name {
            case "host", "dbname": value.contains("@")
            case "port": !value.allSatisfy { "0123456789,".contains($0) }
            default: false
            }
        }
        guard !isShifted else {
            throw .unusable(
                "The PostgreSQL URL has an \"@\" or a \"/\" too many: percent-encode the password.")
        }
        let defaults = [
            ("application_name", "gatehouse"), ("connect_timeout", "5"),
            // A node in front of several servers wants the one that can write.
            ("target_session_attrs", "read-write"),
            ("keepalives", "1"), ("keepalives_idle", "10"), ("keepalives_interval", "5"),
            ("keepalives_count", "3"), ("tcp_user_timeout", "10000"),
        ]
        self.limits = limits
        password = options.first { $0.name == "password" }?.value ?? ""
        connectionString = (defaults + options + [("client_encoding", "UTF8")])
            .map { "\($0)='\(Self.escaped($1))'" }
            .joined(separator: " ")
    }

    /// The first statement on a new connection.
    var setUp: String {
        """
        SET statement_timeout = \(limits.statement.milliseconds);
        SET lock_timeout = \(limits.lock.milliseconds);
        SET idle_in_transaction_session_timeout = \(limits.idle.milliseconds);
        SET bytea_output = 'hex';
        SET standard_conforming_strings = on;
        SELECT current_setting('synchronous_commit') AS synchronous_commit,
            current_setting('server_encoding') AS server_encoding
        """
    }

    /// The text in one line and without the password.
    func redacted(_ message: String) -> String {
        // What follows on other lines is advice of the library's own.
        let first = message.split(separator: "\n").first ?? ""
        let line = first.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return password.isEmpty ? line : line.replacing(password, with: "…")
    }

    private static func parse(
        _ url: String
    ) throws(DatabaseError) -> [(name: String, value: String)] {
        guard url.hasPrefix("postgresql://") || url.hasPrefix("postgres://"),
            let first = PQconninfoParse(url, nil)
        else {
            throw .unusable("The PostgreSQL URL is malformed.")
        }
        defer { PQconninfoFree(first) }
        var options: [(name: String, value: String)] = []
        var option = first
        while let name = option.pointee.keyword {
            if let value = option.pointee.val {
                options.append((String(cString: name), String(cString: value)))
            }
            option += 1
        }
        return options
    }

    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("'", with: "\\'")
    }
}

extension Duration {
    /// In whole milliseconds.
    var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
