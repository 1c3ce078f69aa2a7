import GatehouseCore
import GatehouseProtocol
import GatehouseSQL
import Testing

/// Something that ends between an authorization request and the exchange of its code.
enum Ending: String, CaseIterable, Sendable {
    case userDisabled, userDeleted, passwordChanged, clientDisabled, clientDeleted
    case tenantDisabled, sessionEnded, grantRevoked, tenantDeleted

    /// True if it leaves everything to begin again with.
    var canHappenTwice: Bool {
        switch self {
        case .passwordChanged, .sessionEnded, .grantRevoked: true
        default: false
        }
    }

    /// Makes it so, and returns the tenant as a request would find it then.
    func happen(
        in world: World, to client: Client, _ grant: Grant, _ session: Session
    ) async throws -> Tenant {
        let (gatehouse, acme) = (world.gatehouse, world.acme.id)
        let occasion = World.occasion(after: .seconds(1))
        switch self {
        case .userDisabled, .passwordChanged:
            let password = self == .passwordChanged ? Password(presented: "velvet orbit") : nil
            _ = try await gatehouse.users.update(
                world.kay.id, password: password, in: acme, on: occasion
            ) { [self] (user: inout User) -> Void in
                if self == .userDisabled { user.disabledAt = occasion.now }
            }
        case .userDeleted:
            _ = try await gatehouse.users.delete(world.kay.id, in: acme, on: occasion)
        case .clientDisabled:
            _ = try await gatehouse.clients.update(client.id, in: acme, on: occasion) {
                $0.disabledAt = occasion.now
            }
        case .clientDeleted:
            _ = try await gatehouse.clients.delete(client.id, in: acme, on: occasion)
        case .tenantDisabled:
            let changed = try await gatehouse.tenants.update("acme", on: occasion) {
                $0.disabledAt = occasion.now
            }
            return try #require(changed)
        case .tenantDeleted:
            _ = try await gatehouse.tenants.delete("acme", on: occasion)
        case .sessionEnded:
            try await world.records { _ = try $0.sessions.end(session.id, at: occasion.now) }
        case .grantRevoked:
            try await world.records { _ = try $0.grants.revoke(grant.id, at: occasion.now) }
        }
        return world.acme
    }
}

extension UseCases {
    @Suite struct `When something ends` {
        @Test(arguments: Backend.available, Ending.allCases)
        func `GH-082: a code issued before is worth nothing`(
            backend: Backend, ending: Ending
        ) async throws {
            try await backend.withWorld { world in
                for scope in ending.canHappenTwice ? [Scope("openid"), .identity] : [.identity] {
                    let code = try await world.code(for: world.web, scope)
                    let tenant = try await ending.happen(
                        in: world, to: world.web, code.grant, code.session)
                    let error = try await refusal {
                        try await world.gatehouse.authorizationCodeGrant.redeem(
                            AuthorizationCodeRequest(
                                code: code.secret.revealed, redirectURI: World.callback,
                                codeVerifier: World.verifier),
                            by: world.web, of: tenant, through: world.issuer,
                            on: World.occasion(after: .seconds(2)))
                    }
                    #expect(error == .invalidGrant)
                }
            }
        }

        @Test(arguments: Backend.available, Ending.allCases)
        func `GH-116: a refresh token issued before is worth nothing`(
            backend: Backend, ending: Ending
        ) async throws {
            try await backend.withWorld { world in
                let scope =
                    ending == .sessionEnded ? Scope("openid") : Scope("openid", "offline_access")
                let (token, grant) = try await world.refreshToken(for: world.phone, scope)
                let session = try await world.records { try $0.sessions.find(grant.sessionID) }
                let tenant = try await ending.happen(
                    in: world, to: world.phone, grant, try #require(session))
                let error = try await refusal {
                    try await world.gatehouse.refreshTokenGrant.redeem(
                        RefreshTokenRequest(refreshToken: token.revealed, scope: nil),
                        by: world.phone, of: tenant, through: world.issuer,
                        on: World.occasion(after: .seconds(2)))
                }
                #expect(error == .invalidGrant)
            }
        }

        @Test(arguments: Backend.available, Ending.allCases)
        func `GH-116: an access token issued before shows nothing of anyone`(
            backend: Backend, ending: Ending
        ) async throws {
            try await backend.withWorld { world in
                let scope: Scope = ending == .sessionEnded ? Scope("openid") : .identity
                let code = try await world.code(for: world.web, scope)
                let tokens = try await world.redeem(
                    code.secret, by: world.web, after: .seconds(0))
                let tenant = try await ending.happen(
                    in: world, to: world.web, code.grant, code.session)
                let error = try await refusal {
                    try await world.gatehouse.accessTokenVerifier.userInfo(
                        .bearer(tokens.accessToken),
                        ProofPresentation(proofs: [], method: "GET", target: nil), of: tenant,
                        through: world.issuer, at: World.start + .seconds(3))
                }
                #expect(error == .invalidToken)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-119: an offline grant lives on after its session`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let (token, grant) = try await world.refreshToken(for: world.phone)
                try await world.records {
                    _ = try $0.sessions.end(grant.sessionID, at: World.start)
                    try $0.grants.revokeOnline(ofSession: grant.sessionID, at: World.start)
                }
                #expect(try await world.refresh(token, by: world.phone).nextToken != nil)
            }
        }
    }
}
