@testable import GatehouseClient
import GatehouseTesting
import Testing

@Suite struct `A hostile issuer` {
    @Test(arguments: [
        (Misbehavior.foreignIssuerInCallback, CallbackProblem.issuer),
        (.noIssuerInCallback, .issuer), (.foreignState, .state), (.noState, .state),
        (.twoCodes, .malformed),
    ])
    func `that answers through the browser is refused before anything is sent to it`(
        misbehavior: Misbehavior, problem: CallbackProblem
    ) async throws {
        try await ClientWorld.run { world in
            let provider = try await world.provider()
            world.issuer.misbehavior = misbehavior
            #expect(
                await clientError { _ = try await world.signIn(at: provider) }
                    == .callback(problem))
            #expect(world.issuer.requests(to: "/token") == 0)
        }
    }

    @Test(arguments: [
        (Misbehavior.noIDToken, TrustCheck.idToken), (.unreadableAnswer, .answer),
        (.foreignTokenType, .tokenType), (.foreignIssuer, .issuer),
        (.foreignAudience, .audience), (.unclearAudience, .authorizedParty),
        (.foreignParty, .authorizedParty), (.foreignNonce, .nonce), (.noNonce, .nonce),
        (.foreignAccessTokenHash, .accessTokenHash), (.expired, .times),
        (.endless, .tokenForm), (.notYetValid, .times), (.noSubject, .subject),
        (.strangeOrganizations, .organizations), (.wrongSignature, .signature),
        (.unknownKey, .key), (.keyInHeader, .signature), (.unsigned, .algorithm),
        (.sharedSecret, .algorithm), (.swappedAlgorithm, .algorithm),
        (.foreignType, .tokenForm), (.criticalExtension, .tokenForm),
    ])
    func `that answers with a wrong token is not believed`(
        misbehavior: Misbehavior, check: TrustCheck
    ) async throws {
        try await ClientWorld.run { world in
            let provider = try await world.provider()
            world.issuer.misbehavior = misbehavior
            #expect(
                await clientError { _ = try await world.signIn(at: provider) }
                    == .untrustworthy(check))
        }
    }

    @Test func `that lets somebody in who signed in too long ago is not believed`() async throws {
        try await ClientWorld.run { world in
            let provider = try await world.provider()
            var options = AuthorizationOptions()
            options.maxAge = 3_600
            _ = try await world.signIn(at: provider, options)
            world.issuer.misbehavior = .longAgo
            let asked = options
            #expect(
                await clientError { _ = try await world.signIn(at: provider, asked) }
                    == .untrustworthy(.authenticationTime))
        }
    }

    @Test(arguments: [
        (Misbehavior.metadataOfAnother, ClientError.untrustworthy(.metadataIssuer)),
        (.unsafeEndpoint, .untrustworthy(.endpointAddress)),
    ])
    func `that describes itself wrongly is refused`(
        misbehavior: Misbehavior, error: ClientError
    ) async throws {
        try await ClientWorld.run { world in
            world.issuer.misbehavior = misbehavior
            #expect(await clientError { _ = try await world.provider() } == error)
        }
    }

    @Test(arguments: [Misbehavior.hugeKeySet, .unreadableKeySet])
    func `that publishes strange keys is not believed`(misbehavior: Misbehavior) async throws {
        try await ClientWorld.run { world in
            let provider = try await world.provider()
            world.issuer.misbehavior = misbehavior
            let error = await clientError { _ = try await world.signIn(at: provider) }
            #expect(error == .untrustworthy(.keySet) && error?.endsSession == false)
        }
    }

    @Test(arguments: [Misbehavior.slowKeySet, .endlessKeySet])
    func `that does not end its answer is left alone`(misbehavior: Misbehavior) async throws {
        try await ClientWorld.run { world in
            let impatient = HTTPTransport(limits: HTTPTransport.Limits(seconds: 1))
            let provider = try await world.provider().askingForKeys(through: impatient)
            world.issuer.misbehavior = misbehavior
            let error = await clientError { _ = try await world.signIn(at: provider) }
            try await impatient.shutdown()
            guard case .unreachable = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(error?.endsSession == false)
        }
    }

    @Test(arguments: [Misbehavior.redirectedMetadata, .redirectedToken])
    func `that sends the app elsewhere is not followed`(misbehavior: Misbehavior) async throws {
        try await ClientWorld.run { world in
            if misbehavior == .redirectedMetadata { world.issuer.misbehavior = misbehavior }
            let error = await clientError {
                let provider = try await world.provider()
                world.issuer.misbehavior = misbehavior
                _ = try await world.signIn(at: provider)
            }
            guard case .unreachable = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(world.issuer.requests(to: "/elsewhere") == 0)
            #expect(world.issuer.requests(to: "/keys") == 0)
        }
    }

    @Test func `that changes the person at a refresh is not believed`() async throws {
        try await ClientWorld.run { world in
            let provider = try await world.provider()
            let tokens = try await world.signIn(at: provider).tokens
            world.issuer.misbehavior = .foreignSubject
            #expect(
                await clientError { _ = try await provider.refresh(tokens) } == .subjectMismatch)
        }
    }

    @Test func `that changes the nonce at a refresh is not believed`() async throws {
        try await ClientWorld.run { world in
            let provider = try await world.provider()
            let tokens = try await world.signIn(at: provider).tokens
            world.issuer.misbehavior = .foreignNonce
            #expect(
                await clientError { _ = try await provider.refresh(tokens) }
                    == .untrustworthy(.nonce))
        }
    }
}

extension IdentityProvider {
    /// The same provider, whose keys are asked for through other connections.
    fileprivate func askingForKeys(through transport: HTTPTransport) -> IdentityProvider {
        IdentityProvider(
            configuration: configuration, metadata: metadata,
            keys: KeySource(metadata.keySet, transport: transport, clock: clock), clock: clock,
            random: random, endpoints: endpoints)
    }
}
