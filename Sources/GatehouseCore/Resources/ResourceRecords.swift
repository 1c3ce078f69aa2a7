private import GatehouseEncoding
private import GatehouseJOSE
private import GatehouseProtocol
import GatehouseSQL

/// The resources of one tenant.
package struct ResourceRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    private static let columns: SQL = """
        id, indicator, name, scopes, policies, authorization_details_types, created_at, updated_at,
        disabled_at
        """

    package func find(_ id: Resource.ID) throws -> Resource? {
        try transaction.row(
            "SELECT \(Self.columns) FROM resource WHERE tenant_id = \(tenantID) AND id = \(id)"
        ).map(Resource.init)
    }

    /// Every resource, oldest first.
    package func all() throws -> [Resource] {
        try transaction.rows(
            "SELECT \(Self.columns) FROM resource WHERE tenant_id = \(tenantID) ORDER BY id"
        ).map(Resource.init)
    }

    /// Adds a resource.
    ///
    /// False if another one has the same indicator.
    package func insert(_ resource: Resource) throws -> Bool {
        try transaction.noteChange(of: tenantID)
        return try transaction.execute(
            """
            INSERT INTO resource (tenant_id, id, indicator, name, scopes, policies,
                authorization_details_types, created_at, updated_at, disabled_at)
            VALUES (\(tenantID), \(resource.id), \(resource.indicator.text),
                \(resource.name.text), \(resource.scopes.stored), \(resource.policies.stored),
                \(resource.authorizationDetailsTypes.stored), \(resource.createdAt),
                \(resource.updatedAt), \(resource.disabledAt))
            ON CONFLICT DO NOTHING
            """) == 1
    }

    /// Holds a resource's row until the transaction ends, so that what is read next stays true
    /// while it is changed.
    ///
    /// False if there is no such resource.
    package func hold(_ id: Resource.ID) throws -> Bool {
        try transaction.execute(
            """
            UPDATE resource SET updated_at = updated_at
            WHERE tenant_id = \(tenantID) AND id = \(id)
            """) == 1
    }

    package func update(_ resource: Resource) throws {
        try transaction.noteChange(of: tenantID)
        try transaction.execute(
            """
            UPDATE resource SET name = \(resource.name.text), scopes = \(resource.scopes.stored),
                policies = \(resource.policies.stored),
                authorization_details_types = \(resource.authorizationDetailsTypes.stored),
                updated_at = \(resource.updatedAt),
                disabled_at = \(resource.disabledAt)
            WHERE tenant_id = \(tenantID) AND id = \(resource.id)
            """)
    }

    package func delete(_ id: Resource.ID) throws -> Bool {
        try transaction.noteChange(of: tenantID)
        return try transaction.execute(
            "DELETE FROM resource WHERE tenant_id = \(tenantID) AND id = \(id)") == 1
    }
}

extension Resource {
    fileprivate init(_ row: Row) throws {
        guard let indicator = ResourceIndicator(try row.text("indicator")),
            let name = DisplayName(parsing: try row.text("name"))
        else { throw DatabaseError.unexpectedColumn("resource.indicator or resource.name") }
        id = ID(stored: try row.text("id"))
        self.indicator = indicator
        self.name = name
        scopes = try [ResourceScope](stored: try row.text("scopes"))
        policies = try ResourcePolicies(stored: try row.text("policies"))
        authorizationDetailsTypes = try [AuthorizationDetailsType](
            stored: try row.optionalText("authorization_details_types"))
        createdAt = Timestamp(milliseconds: try row.integer("created_at"))
        updatedAt = Timestamp(milliseconds: try row.integer("updated_at"))
        disabledAt = try row.optionalInteger("disabled_at").map(Timestamp.init(milliseconds:))
    }
}

extension [AuthorizationDetailsType] {
    fileprivate var stored: String {
        String(decoding: JSONValue.array(map { .object($0.json) }).serialized(), as: UTF8.self)
    }

    /// Resources of earlier versions have none.
    fileprivate init(stored text: String?) throws {
        let values = try text.map { try JSONValue(parsing: [UInt8]($0.utf8)).array ?? [] } ?? []
        self = try values.map { value in
            guard let type = value.object.flatMap(AuthorizationDetailsType.init) else {
                throw DatabaseError.unexpectedColumn("resource.authorization_details_types")
            }
            return type
        }
    }
}

extension [ResourceScope] {
    fileprivate var stored: String {
        let json = JSONWriter.object { json in
            for scope in self { json.add(scope.value, scope.description.text) }
        }
        return String(decoding: json, as: UTF8.self)
    }

    fileprivate init(stored text: String) throws {
        self = try JSONObject(parsing: [UInt8](text.utf8)).members.map { member in
            guard let description = member.value.string.flatMap(DisplayName.init(parsing:)),
                let scope = ResourceScope(member.name, description: description)
            else { throw DatabaseError.unexpectedColumn("resource.scopes") }
            return scope
        }
    }
}

extension ResourcePolicies {
    fileprivate var stored: String {
        let json = JSONWriter.object { json in
            json.add("token_format", tokenFormat.rawValue)
            if let algorithm { json.add("algorithm", algorithm.name) }
            if let lifetime { json.add("lifetime", lifetime.seconds) }
            json.add("claims", claims.sorted())
            if let clients { json.add("clients", clients.map(\.text).sorted()) }
            json.add("servers", servers.map(\.text).sorted())
        }
        return String(decoding: json, as: UTF8.self)
    }

    fileprivate init(stored text: String) throws {
        let json = try JSONObject(parsing: Array(text.utf8))
        guard let format = json["token_format"]?.string.flatMap(AccessTokenFormat.init) else {
            throw DatabaseError.unexpectedColumn("resource.policies")
        }
        tokenFormat = format
        algorithm = json["algorithm"]?.string.flatMap(Algorithm.init(name:))
        lifetime = json["lifetime"]?.integer.map { .seconds($0) }
        claims = Set(json["claims"]?.strings ?? [])
        clients = json["clients"]?.strings.map { Set($0.map(Client.ID.init(stored:))) }
        servers = Set((json["servers"]?.strings ?? []).map(Client.ID.init(stored:)))
    }
}
