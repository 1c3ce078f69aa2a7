package import GatehouseSQL

/// What is done to trusted issuers: made, changed, deleted, and their subjects linked to users.
package struct AdministerTrustedIssuers: Sendable {
    let database: any Database

    package init(database: any Database) {
        self.database = database
    }

    /// Every trusted issuer of a tenant, oldest first.
    package func list(in tenant: Tenant.ID) async throws -> [TrustedIssuer] {
        try await database.read { try $0.records(of: tenant).trustedIssuers.all() }
    }

    /// The subjects of an issuer that are linked, and to whom.
    package func links(
        of issuer: TrustedIssuer.ID, in tenant: Tenant.ID
    ) async throws -> [(subject: String, user: User.ID)] {
        try await database.read { try $0.records(of: tenant).trustedIssuers.links(of: issuer) }
    }

    /// Adds an issuer; false if there is one of that name.
    package func create(
        _ issuer: TrustedIssuer, in tenant: Tenant.ID, on occasion: Occasion
    ) async throws -> Bool {
        try await database.write { transaction in
            let records = transaction.records(of: tenant)
            guard try records.trustedIssuers.insert(issuer) else { return false }
            try records.append(.trustedIssuerCreated, of: issuer.id, on: occasion)
            return true
        }
    }

    /// Changes an issuer; nil if there is none of that id.
    package func update(
        _ id: TrustedIssuer.ID, in tenant: Tenant.ID, on occasion: Occasion,
        _ change: @escaping @Sendable (inout TrustedIssuer) -> Void
    ) async throws -> TrustedIssuer? {
        try await database.write { transaction -> TrustedIssuer? in
            let records = transaction.records(of: tenant)
            guard try records.trustedIssuers.hold(id),
                var issuer = try records.trustedIssuers.find(id)
            else { return nil }
            change(&issuer)
            issuer.updatedAt = occasion.now
            try records.trustedIssuers.update(issuer)
            try records.append(.trustedIssuerUpdated, of: id, on: occasion)
            return issuer
        }
    }

    /// Deletes an issuer with its links; false if there is none.
    package func delete(
        _ id: TrustedIssuer.ID, in tenant: Tenant.ID, on occasion: Occasion
    ) async throws -> Bool {
        try await database.write { transaction in
            let records = transaction.records(of: tenant)
            guard try records.trustedIssuers.delete(id) else { return false }
            try records.append(.trustedIssuerDeleted, of: id, on: occasion)
            return true
        }
    }

    /// What became of an attempt to link.
    package enum Linking: Sendable {
        case linked
        /// The subject is somebody's already.
        case taken
        /// The issuer or the user is gone.
        case gone
    }

    /// Says whom an issuer means by a subject.
    package func link(
        _ subject: String, of issuer: TrustedIssuer.ID, to user: User.ID, in tenant: Tenant.ID,
        on occasion: Occasion
    ) async throws -> Linking {
        let isLinked = try await database.writeUnlessGone { transaction in
            let records = transaction.records(of: tenant)
            let isFirst = try records.trustedIssuers.link(
                subject, of: issuer, to: user, at: occasion.now)
            guard isFirst else { return false }
            try records.append(
                .trustedSubjectLinked, of: issuer, [("user", user.text)], on: occasion)
            return true
        }
        return isLinked.map { $0 ? .linked : .taken } ?? .gone
    }

    /// Takes a link away; false if there is none.
    ///
    /// Access tokens that were given for it end by themselves, within the terms of the issuer.
    package func unlink(
        _ subject: String, of issuer: TrustedIssuer.ID, in tenant: Tenant.ID,
        on occasion: Occasion
    ) async throws -> Bool {
        try await database.write { transaction in
            let records = transaction.records(of: tenant)
            guard try records.trustedIssuers.unlink(subject, of: issuer) else { return false }
            try records.append(.trustedSubjectUnlinked, of: issuer, on: occasion)
            return true
        }
    }
}

extension TenantRecords {
    fileprivate func append(
        _ kind: Event.Kind, of issuer: TrustedIssuer.ID,
        _ detail: [(name: StaticString, value: String)] = [], on occasion: Occasion
    ) throws {
        try events.append(
            Event(kind, by: occasion.operator, of: issuer.text, detail: detail), on: occasion)
    }
}
