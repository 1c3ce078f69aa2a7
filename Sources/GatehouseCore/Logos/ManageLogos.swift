import GatehouseSQL

/// Gives logos to whoever may have some, takes them away, and finds them for the pages.
package struct ManageLogos: Sendable {
    let registry: Registry

    /// One image for light pages, and one for dark ones if that is another.
    package struct Images: Sendable {
        let light: RasterImage
        let dark: RasterImage?
        /// The address that it was fetched from; nil if an operator brought it.
        let source: String?

        package init(light: RasterImage, dark: RasterImage?, source: String? = nil) {
            self.light = light
            self.dark = dark
            self.source = source
        }
    }

    /// The image of a logo; nil if there is none of that id.
    package func image(_ id: Logo.ID, of tenant: Tenant.ID) async throws -> RasterImage? {
        try await registry.database.read { try $0.records(of: tenant).logos.find(id)?.image }
    }

    /// Puts the images in the place of those that the client had; nil takes them away.
    ///
    /// Nil if there is no such client.
    package func set(
        _ images: Images?, of id: Client.ID, in tenant: Tenant.ID, on occasion: Occasion
    ) async throws -> Client? {
        let change = Change(
            images, of: .client(id), in: tenant, by: occasion.operator, on: occasion)
        return try await perform(change) { records, logos in
            try records.clients.put(logos, on: id, at: occasion.now) { _ in true }
        }
    }

    /// The same of an organization.
    package func set(
        _ images: Images?, of id: Organization.ID, in tenant: Tenant.ID, on occasion: Occasion
    ) async throws -> Organization? {
        let change = Change(
            images, of: .organization(id), in: tenant, by: occasion.operator, on: occasion)
        return try await perform(change) { records, logos in
            try records.organizations.put(logos, on: id, at: occasion.now)
        }
    }

    /// The same of a tenant itself.
    package func set(_ images: Images?, of id: Tenant.ID, on occasion: Occasion) async throws
        -> Tenant?
    {
        let change = Change(images, of: .tenant(id), in: id, by: occasion.operator, on: occasion)
        return try await perform(change) { records, logos in
            try records.transaction.tenants.put(logos, on: id)
        }
    }

    /// Keeps what was fetched, if the client still says that its logo is there and nobody brought
    /// another one meanwhile.
    func keep(
        _ image: RasterImage, from source: String, of id: Client.ID, in tenant: Tenant.ID,
        on occasion: Occasion
    ) async throws {
        let change = Change(
            Images(light: image, dark: nil, source: source), of: .client(id), in: tenant,
            by: .system, on: occasion)
        _ = try await perform(change) { records, logos in
            try records.clients.put(logos, on: id, at: occasion.now) { $0.awaitedLogo == source }
        }
    }

    /// What becomes of the logos of one owner.
    private struct Change: Sendable {
        let light: Logo?
        let dark: Logo?
        let source: String?
        let owner: LogoOwner
        let tenant: Tenant.ID
        let actor: Event.Actor
        let occasion: Occasion

        init(
            _ images: Images?, of owner: LogoOwner, in tenant: Tenant.ID, by actor: Event.Actor,
            on occasion: Occasion
        ) {
            light = images.map { Logo($0.light, at: occasion.now) }
            dark = images?.dark.map { Logo($0, at: occasion.now) }
            source = images?.source
            self.owner = owner
            self.tenant = tenant
            self.actor = actor
            self.occasion = occasion
        }

        var event: Event {
            var detail: [(name: StaticString, value: String)] = []
            if let light { detail.append(("logo", light.id.text)) }
            return Event(owner.change, by: actor, of: owner.subject, detail: detail)
        }

        var logos: Logos? { light.map { Logos(light: $0.id, dark: dark?.id, source: source) } }
    }

    /// Writes the images once their owner has taken them; nil if it does not.
    private func perform<Owner: Sendable>(
        _ change: Change,
        _ take: @escaping @Sendable (TenantRecords, Logos?) throws -> Owner?
    ) async throws -> Owner? {
        try await registry.change { transaction -> Owner? in
            let records = transaction.records(of: change.tenant)
            guard let owner = try take(records, change.logos) else { return nil }
            try records.logos.removeAll(of: change.owner)
            for logo in [change.light, change.dark] {
                if let logo { try records.logos.insert(logo, of: change.owner) }
            }
            try records.events.append(change.event, on: change.occasion)
            return owner
        }
    }
}

extension ClientRecords {
    /// Writes on a client which logos it has; nil if it is gone, or wants none of them.
    fileprivate func put(
        _ logos: Logos?, on id: Client.ID, at now: Timestamp, if isWanted: (Client) -> Bool
    ) throws -> Client? {
        guard try hold(id), var client = try find(id), isWanted(client) else { return nil }
        client.logos = logos
        client.updatedAt = now
        try update(client)
        return client
    }
}

extension OrganizationRecords {
    /// Writes on an organization which logos it has; nil if it is gone.
    fileprivate func put(
        _ logos: Logos?, on id: Organization.ID, at now: Timestamp
    ) throws -> Organization? {
        guard try hold(id), var organization = try find(id) else { return nil }
        organization.logos = logos
        organization.updatedAt = now
        try update(organization)
        return organization
    }
}

extension TenantDirectory {
    /// Writes on a tenant which logos it has; nil if it is gone.
    fileprivate func put(_ logos: Logos?, on id: Tenant.ID) throws -> Tenant? {
        guard let slug = try find(id)?.slug, try hold(slug), var tenant = try find(slug) else {
            return nil
        }
        tenant.logos = logos
        try update(tenant)
        return tenant
    }
}
