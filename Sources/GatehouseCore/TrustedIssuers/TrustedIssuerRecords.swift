private import GatehouseEncoding
private import GatehouseJOSE
private import GatehouseProtocol
import GatehouseSQL

/// The trusted issuers of one tenant, and whom their subjects are linked to.
package struct TrustedIssuerRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    private static let columns: SQL = """
        id, issuer, terms, created_at, updated_at, disabled_at
        """

    package func find(_ id: TrustedIssuer.ID) throws -> TrustedIssuer? {
        try transaction.row(
            """
            SELECT \(Self.columns) FROM trusted_issuer
            WHERE tenant_id = \(tenantID) AND id = \(id)
            """
        ).map(TrustedIssuer.init)
    }

    /// True if the issuer is neither disabled nor deleted.
    func isLive(_ id: TrustedIssuer.ID) throws -> Bool {
        try find(id).map { $0.disabledAt == nil } ?? false
    }

    /// Every trusted issuer, oldest first.
    package func all() throws -> [TrustedIssuer] {
        try transaction.rows(
            """
            SELECT \(Self.columns) FROM trusted_issuer WHERE tenant_id = \(tenantID) ORDER BY id
            """
        ).map(TrustedIssuer.init)
    }

    /// Adds an issuer; false if there is one of that name.
    package func insert(_ issuer: TrustedIssuer) throws -> Bool {
        try transaction.execute(
            """
            INSERT INTO trusted_issuer (tenant_id, id, issuer, terms, created_at, updated_at,
                disabled_at)
            VALUES (\(tenantID), \(issuer.id), \(issuer.name), \(issuer.terms.stored),
                \(issuer.createdAt), \(issuer.updatedAt), \(issuer.disabledAt))
            ON CONFLICT DO NOTHING
            """) == 1
    }

    /// Holds an issuer's row until the transaction ends, so that what is read next stays true while
    /// it is changed.
    ///
    /// False if there is no such issuer.
    package func hold(_ id: TrustedIssuer.ID) throws -> Bool {
        try transaction.execute(
            """
            UPDATE trusted_issuer SET updated_at = updated_at
            WHERE tenant_id = \(tenantID) AND id = \(id)
            """) == 1
    }

    package func update(_ issuer: TrustedIssuer) throws {
        try transaction.execute(
            """
            UPDATE trusted_issuer SET terms = \(issuer.terms.stored),
                updated_at = \(issuer.updatedAt), disabled_at = \(issuer.disabledAt)
            WHERE tenant_id = \(tenantID) AND id = \(issuer.id)
            """)
    }

    /// Deletes an issuer, and with the row the links of its subjects.
    package func delete(_ id: TrustedIssuer.ID) throws -> Bool {
        try transaction.execute(
            "DELETE FROM trusted_issuer WHERE tenant_id = \(tenantID) AND id = \(id)") == 1
    }

    // MARK: Links

    /// The user to whom a subject is linked.
    func user(_ subject: String, of issuer: TrustedIssuer.ID) throws -> User.ID? {
        try transaction.row(
            """
            SELECT user_id FROM trusted_subject
            WHERE tenant_id = \(tenantID) AND trusted_issuer_id = \(issuer)
                AND subject = \(subject)
            """
        ).map { User.ID(stored: try $0.text("user_id")) }
    }

    /// The subjects of an issuer that are linked, and to whom.
    package func links(
        of issuer: TrustedIssuer.ID
    ) throws -> [(subject: String, user: User.ID)] {
        try transaction.rows(
            """
            SELECT subject, user_id FROM trusted_subject
            WHERE tenant_id = \(tenantID) AND trusted_issuer_id = \(issuer) ORDER BY subject
            """
        ).map { (try $0.text("subject"), User.ID(stored: try $0.text("user_id"))) }
    }

    /// Links a subject to a user; false if it is linked already.
    package func link(
        _ subject: String, of issuer: TrustedIssuer.ID, to user: User.ID, at now: Timestamp
    ) throws -> Bool {
        try transaction.execute(
            """
            INSERT INTO trusted_subject (tenant_id, trusted_issuer_id, subject, user_id, created_at)
            VALUES (\(tenantID), \(issuer), \(subject), \(user), \(now))
            ON CONFLICT DO NOTHING
            """) == 1
    }

    /// Takes a link away; false if there is none.
    package func unlink(_ subject: String, of issuer: TrustedIssuer.ID) throws -> Bool {
        try transaction.execute(
            """
            DELETE FROM trusted_subject
            WHERE tenant_id = \(tenantID) AND trusted_issuer_id = \(issuer)
                AND subject = \(subject)
            """) == 1
    }
}

extension TrustedIssuer {
    fileprivate init(_ row: Row) throws {
        guard let name = Name(try row.text("issuer")) else {
            throw DatabaseError.unexpectedColumn("trusted_issuer.issuer")
        }
        id = ID(stored: try row.text("id"))
        self.name = name
        terms = try Terms(stored: try row.text("terms"))
        createdAt = Timestamp(milliseconds: try row.integer("created_at"))
        updatedAt = Timestamp(milliseconds: try row.integer("updated_at"))
        disabledAt = try row.optionalInteger("disabled_at").map(Timestamp.init(milliseconds:))
    }
}

extension TrustedIssuer.Terms {
    fileprivate var stored: String {
        let json = JSONWriter.object { json in
            keys.write(to: &json)
            json.add("algorithms", algorithms.map(\.name))
            json.add("clients", clients.map(\.text).sorted())
            json.add("mapping", mapping.rawValue)
            json.add("scope", scope.text)
            json.add("resources", resources.map(\.text))
            json.add("lifetime", longestLifetime.seconds)
        }
        return String(decoding: json, as: UTF8.self)
    }

    fileprivate init(stored text: String) throws {
        let json = try JSONObject(parsing: Array(text.utf8))
        guard let mapping = json["mapping"]?.string.flatMap(TrustedIssuer.Mapping.init),
            let algorithms = json["algorithms"]?.strings, let clients = json["clients"]?.strings,
            let scope = json["scope"]?.string, let resources = json["resources"]?.strings,
            let lifetime = json["lifetime"]?.integer
        else { throw DatabaseError.unexpectedColumn("trusted_issuer.terms") }
        self.init(
            keys: try ClientKeys(stored: json), clients: Set(clients.map(Client.ID.init(stored:))),
            mapping: mapping)
        self.algorithms = algorithms.compactMap(Algorithm.init(name:))
        self.scope = try Scope(parsing: scope)
        self.resources = resources.compactMap(ResourceIndicator.init)
        longestLifetime = .seconds(lifetime)
    }
}

extension TenantRecords {
    package var trustedIssuers: TrustedIssuerRecords {
        TrustedIssuerRecords(tenantID: tenantID, transaction: transaction)
    }
}
