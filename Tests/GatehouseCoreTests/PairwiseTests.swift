import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import Testing

extension UseCases {
    @Suite struct `The name that a sector knows somebody by` {
        private static func pairwise(
            _ name: String, at host: String = "web.test", in world: World
        ) async throws -> Client {
            var client = try World.client(name, .web)
            client.redirectURIs = [try RedirectURI(registering: "https://\(host)/cb")]
            client.policies.subjectType = .pairwise(Sector(host: host, document: nil))
            _ = try await world.gatehouse.clients.create(
                client, in: world.acme.id, on: World.occasion())
            return client
        }

        private static func subject(
            of user: User.ID, for client: Client, in world: World
        ) async throws -> String {
            try await world.gatehouse.registry.subject(
                of: user, for: client, in: world.acme.id, at: World.start)
        }

        @Test(arguments: Backend.available)
        func `is the same each time, differs from sector to sector, and is read back`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let one = try await Self.pairwise("One", in: world)
                let sibling = try await Self.pairwise("Sibling", in: world)
                let other = try await Self.pairwise("Other", at: "other.test", in: world)
                let name = try await Self.subject(of: world.kay.id, for: one, in: world)
                #expect(try await Self.subject(of: world.kay.id, for: one, in: world) == name)
                #expect(try await Self.subject(of: world.kay.id, for: sibling, in: world) == name)
                #expect(try await Self.subject(of: world.kay.id, for: other, in: world) != name)
                let stranger = User.ID(at: World.start)
                #expect(try await Self.subject(of: stranger, for: one, in: world) != name)
                #expect(name.utf8.count <= 255 && !name.contains(world.kay.id.text))
                let plain = try await Self.subject(of: world.kay.id, for: world.web, in: world)
                #expect(plain == world.kay.id.text)
                #expect(try await user(name, by: one, in: world) == world.kay.id)
                #expect(try await user(name, by: other, in: world) == nil)
                #expect(try await user(name, by: world.web, in: world) == nil)
            }
        }

        private func user(
            _ name: String, by client: Client, in world: World
        ) async throws -> User.ID? {
            try await world.gatehouse.registry.user(
                named: name, by: client, in: world.acme.id, at: World.start)
        }

        @Test(arguments: Backend.available)
        func `cannot be made or changed by anybody else`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let one = try await Self.pairwise("One", in: world)
                let name = try await Self.subject(of: world.kay.id, for: one, in: world)
                let bytes = try #require(Base64URL.decode(name))
                for index in bytes.indices {
                    var changed = bytes
                    changed[index] ^= 1
                    #expect(try await user(Base64URL.encode(changed), by: one, in: world) == nil)
                }
                for wrong in ["", "a", world.kay.id.text, name + "A", String(name.dropLast())] {
                    #expect(try await user(wrong, by: one, in: world) == nil)
                }
            }
        }

        @Test(arguments: Backend.available)
        func `is one, however many clients are the first at once`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let clients = try await withThrowingTaskGroup(of: Client.self) { group in
                    for number in 0..<8 {
                        group.addTask { try await Self.pairwise("First \(number)", in: world) }
                    }
                    return try await group.reduce(into: [Client]()) { $0.append($1) }
                }
                var names: Set<String> = []
                for client in clients {
                    names.insert(try await Self.subject(of: world.kay.id, for: client, in: world))
                }
                #expect(names.count == 1)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-341: is of one host, and stays so`(backend: Backend) async throws {
            try await backend.withWorld { world in
                var mixed = try World.client("Mixed", .web)
                mixed.redirectURIs.append(try RedirectURI(registering: "https://other.test/cb"))
                #expect(Sector(of: mixed.redirectURIs, listedAt: nil) == nil)
                mixed.policies.subjectType = .pairwise(Sector(host: "web.test", document: nil))
                #expect(try await refused { try await world.create(mixed) } == .mixedSector)
                let one = try await Self.pairwise("One", in: world)
                let moved = try RedirectURI(registering: "https://other.test/cb")
                #expect(
                    try await refused { try await world.change(one) { $0.redirectURIs = [moved] } }
                        == .mixedSector)
                #expect(
                    try await refused {
                        try await world.change(one) { $0.policies.subjectType = .public }
                    } == .subjectChanged)
                #expect(
                    try await refused {
                        try await world.change(world.web) {
                            $0.policies.subjectType = .pairwise(
                                Sector(host: "web.test", document: nil))
                        }
                    } == .subjectChanged)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-341: may be of several hosts if the sector lists them`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let document = try #require(
                    OutboundAddress(parsing: "https://sector.test/list"))
                var client = try World.client("Listed", .web)
                client.redirectURIs.append(try RedirectURI(registering: "https://other.test/cb"))
                client.policies.subjectType = .pairwise(
                    try #require(Sector(of: client.redirectURIs, listedAt: document)))
                #expect(client.policies.subjectType.sector?.host == "sector.test")
                world.elsewhere.fail(.tooLarge)
                #expect(
                    try await refused { try await world.create(client) }
                        == .sectorUnavailable("too_large"))
                for (body, expected) in [
                    (#"["https://web.test/cb"]"#, ClientRefusal.notInSector),
                    ("{}", .sectorUnavailable("content")),
                    ("<html>", .sectorUnavailable("content")),
                ] {
                    world.elsewhere.answer(Array(body.utf8))
                    #expect(try await refused { try await world.create(client) } == expected)
                }
                let list = Array(#"["https://web.test/cb","https://other.test/cb"]"#.utf8)
                world.elsewhere.answer(list, type: "text/html")
                #expect(
                    try await refused { try await world.create(client) }
                        == .sectorUnavailable("media_type"))
                world.elsewhere.answer(list, status: 404)
                #expect(
                    try await refused { try await world.create(client) }
                        == .sectorUnavailable("status"))
                world.elsewhere.answer(list)
                #expect(try await refused { try await world.create(client) } == nil)
                // Asked again when the addresses change, and not for anything else.
                let asked = world.elsewhere.asked.count
                let name = try #require(DisplayName(parsing: "New name"))
                #expect(
                    try await refused { try await world.change(client) { $0.name = name } } == nil)
                #expect(world.elsewhere.asked.count == asked)
                let third = try RedirectURI(registering: "https://third.test/cb")
                #expect(
                    try await refused {
                        try await world.change(client) { $0.redirectURIs.append(third) }
                    } == .notInSector)
                #expect(world.elsewhere.asked.count == asked + 1)
            }
        }
    }
}

extension World {
    fileprivate func create(_ client: Client) async throws {
        _ = try await gatehouse.clients.create(client, in: acme.id, on: Self.occasion())
    }

    fileprivate func change(
        _ client: Client, _ change: @escaping @Sendable (inout Client) -> Void
    ) async throws {
        _ = try await gatehouse.clients.update(
            client.id, in: acme.id, on: Self.occasion(), change)
    }
}

/// Why a client is refused; nil if it is not.
private func refused(_ operation: () async throws -> Void) async throws -> ClientRefusal? {
    do {
        try await operation()
        return nil
    } catch let refusal as ClientRefusal {
        return refusal
    }
}
