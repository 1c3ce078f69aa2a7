import GatehouseCore
import GatehouseSQL
import Testing

extension UseCases {
    @Suite struct `A known device` {
        /// Uses up what strangers may try for kay's name from this address.
        private func exhaust(_ world: World, _ address: String = "192.0.2.1") async throws {
            for _ in 1...8 {
                #expect(try await Visitor(world: world, address: address).answer("kay") == .refused)
            }
        }

        private func isKnown(_ world: World, _ device: Secret?, _ user: User) async throws -> Bool {
            let digest = try #require(device).digest
            return try await world.records {
                try $0.knownDevices.contains(digest, of: user.id, at: World.start)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-226: is known for who signed in there, and nobody else`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                try await world.setPassword()
                let ada = try await world.addUser("ada")
                let adas = try await Visitor(world: world).signedIn("ada")
                try await exhaust(world)
                for device in [adas.device, Secret(for: .device), nil] {
                    let visitor = Visitor(world: world, device: device)
                    #expect(try await visitor.answer("kay", Visitor.password) == .limited)
                }
                let digest = try #require(adas.device).digest
                let atUmbra = try await world.database.read { [umbra = world.umbra] transaction in
                    try transaction.records(of: umbra.id).knownDevices
                        .contains(digest, of: ada.id, at: World.start)
                }
                #expect(!atUmbra)
            }
        }

        @Test(arguments: Backend.available)
        func `may be shared, and gets another secret with each sign-in`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                try await world.setPassword()
                let ada = try await world.addUser("ada")
                let first = try await Visitor(world: world).signedIn("kay")
                let both = try await first.signedIn("ada")
                #expect(try await isKnown(world, both.device, world.kay))
                #expect(try await isKnown(world, both.device, ada))
                #expect(try await !isKnown(world, first.device, world.kay))
                try await exhaust(world)
                #expect(try await first.answer("kay", Visitor.password) == .limited)
                #expect(try await both.answer("kay", Visitor.password) == .signedIn)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-226: is a stranger's after a new password, and after its time`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                try await world.setPassword()
                let before = try await Visitor(world: world).signedIn("kay")
                try await world.setPassword()
                #expect(try await !isKnown(world, before.device, world.kay))
                let after = try await before.signedIn("kay")
                let digest = try #require(after.device).digest
                for (days, isKnown) in [(399, true), (401, false)] {
                    let found = try await world.records { [kay = world.kay] records in
                        try records.knownDevices.contains(
                            digest, of: kay.id, at: World.start + .days(Int64(days)))
                    }
                    #expect(found == isKnown)
                }
                _ = try await world.gatehouse.users.update(
                    world.kay.id, password: nil, in: world.acme.id, on: World.occasion()
                ) { $0.disabledAt = World.start }
                #expect(try await !isKnown(world, after.device, world.kay))
            }
        }

        @Test(arguments: Backend.available)
        func `is one of fifty, those used last`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let devices = (0..<60).map { _ in Secret(for: .device) }
                for (second, device) in devices.enumerated() {
                    try await world.records { [kay = world.kay] records in
                        try records.knownDevices.renew(
                            nil, as: device.digest, of: kay.id,
                            at: World.start + .seconds(Int64(second)))
                    }
                }
                for (number, device) in devices.enumerated() {
                    #expect(try await isKnown(world, device, world.kay) == (number >= 10))
                }
            }
        }

        @Test(arguments: Backend.available)
        func `and every counter go with their tenant, and in their time`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                func counts() async throws -> [Int64] {
                    try await world.database.read { transaction in
                        let statements: [SQL] = [
                            "SELECT count(*) AS n FROM attempt_counter",
                            "SELECT count(*) AS n FROM known_device",
                            "SELECT count(*) AS n FROM tenant_limit",
                        ]
                        return try statements.map { try transaction.row($0)?.integer("n") ?? -1 }
                    }
                }
                try await world.setPassword()
                try await world.limit(.passwordNetwork, 50)
                _ = try await Visitor(world: world).signedIn("kay")
                _ = try await Visitor(world: world).attempt("nobody")
                // Counters of the network, and of both names everywhere and of one here.
                #expect(try await counts() == [4, 1, 1])
                let job = RemoveExpired(database: world.database, holder: "a")
                for (delay, expected) in [
                    (Lifetime.minutes(59), [4, 1, 1] as [Int64]), (.minutes(61), [0, 1, 1]),
                    (.days(399), [0, 1, 1]), (.days(401), [0, 0, 1]),
                ] {
                    while try await job.run(at: World.start + delay) {}
                    #expect(try await counts() == expected)
                }
                _ = try await Visitor(world: world).signedIn("kay")
                #expect(
                    try await world.gatehouse.tenants.delete(
                        world.acme.slug, on: World.occasion()))
                #expect(try await counts() == [0, 0, 0])
            }
        }
    }
}
