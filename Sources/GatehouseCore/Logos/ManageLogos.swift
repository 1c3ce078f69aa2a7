import GatehouseSQL

/// Gives clients logos, takes them away, and finds them for the pages.
package struct ManageLogos: Sendable {
    let registry: Registry

    /// The images of a client: one for light pages, and one for dark ones if that is another.
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
        try await replace(with: images, of: id, in: tenant, by: .operatorAtShell, on: occasion) {
            _ in true
        }
    }

    /// Keeps what was fetched, if the client still says that its logo is there and nobody brought
    /// another one meanwhile.
    func keep(
        _ image: RasterImage, from source: String, of id: Client.ID, in tenant: Tenant.ID,
        on occasion: Occasion
    ) async throws {
        let images = Images(light: image, dark: nil, source: source)
        _ = try await replace(with: images, of: id, in: tenant, by: .system, on: occasion) {
            $0.awaitedLogo == source
        }
    }

    private func replace(
        with images: Images?, of id: Client.ID, in tenant: Tenant.ID, by actor: Event.Actor,
        on occasion: Occasion, if isWanted: @escaping @Sendable (Client) -> Bool
    ) async throws -> Client? {
        let light = images.map { Logo($0.light, at: occasion.now) }
        let dark = images?.dark.map { Logo($0, at: occasion.now) }
        return try await registry.change { transaction -> Client? in
            let records = transaction.records(of: tenant)
            guard try records.clients.hold(id), var client = try records.clients.find(id),
                isWanted(client)
            else { return nil }
            try records.logos.removeAll(of: id)
            for logo in [light, dark] {
                if let logo { try records.logos.insert(logo, of: id) }
            }
            client.logos = light.map {
                ClientLogos(light: $0.id, dark: dark?.id, source: images?.source)
            }
            client.updatedAt = occasion.now
            try records.clients.update(client)
            var detail: [(name: StaticString, value: String)] = []
            if let light { detail.append(("logo", light.id.text)) }
            try records.events.append(
                Event(.clientLogoChanged, by: actor, of: id.text, detail: detail), on: occasion)
            return client
        }
    }
}
