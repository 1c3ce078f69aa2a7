import Testing

@testable import GatehouseCore

extension UseCases {
    @Suite struct `A logo` {
        @Test(arguments: Backend.available)
        func `of an organization ends with it, and no other does`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let image = try RasterImage(parsing: RasterImageTests.png(64, 32))
                let images = ManageLogos.Images(light: image, dark: image)
                let (logos, acme) = (world.gatehouse.logos, world.acme.id)
                func given(to id: Organization.ID) async throws -> Logos? {
                    try await logos.set(images, of: id, in: acme, on: World.occasion())?.logos
                }
                let organization = try await world.organization()
                let other = try await world.organization("umbrella")
                let ended = try #require(try await given(to: organization.id))
                let kept = try #require(try await given(to: other.id))
                _ = try await world.gatehouse.organizations.delete(
                    organization.id, after: .days(1), in: acme, on: World.occasion())
                #expect(try await logos.image(ended.light, of: acme) != nil)
                try await world.removeExpired(after: .days(2))
                for id in [ended.light, ended.dark].compactMap({ $0 }) {
                    #expect(try await logos.image(id, of: acme) == nil)
                }
                #expect(try await logos.image(kept.light, of: acme) != nil)
            }
        }

        @Test(arguments: Backend.available)
        func `of what is not there is none`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let image = try RasterImage(parsing: RasterImageTests.png(64, 32))
                let nobody = Organization.ID(at: World.start)
                let given = try await world.gatehouse.logos.set(
                    .init(light: image, dark: nil), of: nobody, in: world.acme.id,
                    on: World.occasion())
                #expect(given == nil)
            }
        }
    }
}
