import GatehouseCore
import GatehouseProtocol
import Testing

@Suite struct `The next step of a sign-in` {
    private static let requestedAt = World.start
    private static let kay = User.ID(at: World.start)
    private static let ada = User.ID(at: World.start)

    /// How long before the request the person signed in; nil if nobody is signed in.
    private static let ages: [Int64?] = [nil, 0, 100]
    private static let prompts = (0..<16).map { Prompt(rawValue: UInt8($0 << 1)) } + [.none]
    private static let maxAges: [Int64?] = [nil, 0, 99, 100, 101, 9_999_999_999]

    private static func state(
        _ prompt: Prompt, age: Int64?, maxAge: Int64?, expected: User.ID?, isChosen: Bool,
        needsConsent: Bool = false
    ) throws -> SignInState {
        var parameters = [("response_type", "code")]
        if !prompt.isEmpty { parameters.append(("prompt", prompt.text)) }
        if let maxAge { parameters.append(("max_age", "\(maxAge)")) }
        return SignInState(
            request: try AuthorizationRequest(FormParameters(parameters)),
            requestedAt: requestedAt,
            session: age.map {
                Session(of: kay, by: [.password], at: requestedAt - .seconds($0))
            },
            expectedUser: expected, accountChosenAt: isChosen ? requestedAt : nil,
            needsConsent: needsConsent)
    }

    /// The rules in the order of the standard, told once more.
    private static func rule(
        _ prompt: Prompt, age: Int64?, maxAge: Int64?, expected: User.ID?, isChosen: Bool
    ) -> SignInStep {
        guard let age else { return .authenticate(.nobody) }
        if expected == ada { return .authenticate(.someoneElse) }
        if age == 0 { return .finish }
        if !prompt.isDisjoint(with: [.login, .create]) { return .authenticate(.freshProof) }
        if let maxAge, age > maxAge { return .authenticate(.freshProof) }
        return prompt.contains(.selectAccount) && !isChosen ? .chooseAccount : .finish
    }

    @Test(arguments: prompts)
    func `follows from what is known, in every combination`(prompt: Prompt) throws {
        for age in Self.ages {
            for maxAge in Self.maxAges {
                for expected in [nil, Self.kay, Self.ada] {
                    for isChosen in [false, true] {
                        let state = try Self.state(
                            prompt, age: age, maxAge: maxAge, expected: expected,
                            isChosen: isChosen)
                        let rule = Self.rule(
                            prompt, age: age, maxAge: maxAge, expected: expected,
                            isChosen: isChosen)
                        #expect(state.nextStep == rule)
                    }
                }
            }
        }
    }

    @Test(arguments: prompts)
    func `is the question what is allowed once all else is settled`(prompt: Prompt) throws {
        for age in Self.ages {
            for isChosen in [false, true] {
                let before = try Self.state(
                    prompt, age: age, maxAge: nil, expected: nil, isChosen: isChosen)
                let asking = try Self.state(
                    prompt, age: age, maxAge: nil, expected: nil, isChosen: isChosen,
                    needsConsent: true)
                let expected = before.nextStep == .finish ? .askConsent : before.nextStep
                #expect(asking.nextStep == expected)
            }
        }
    }

    @Test func `GH-014: asks again after prompt=login, until there is fresh proof`() throws {
        let old = try Self.state(.login, age: 1, maxAge: nil, expected: nil, isChosen: true)
        #expect(old.nextStep == .authenticate(.freshProof))
        let fresh = try Self.state(.login, age: 0, maxAge: nil, expected: nil, isChosen: false)
        #expect(fresh.nextStep == .finish)
    }

    @Test func `GH-017: is never to finish with somebody else than is expected`() throws {
        for age in Self.ages {
            let state = try Self.state(
                .none, age: age, maxAge: nil, expected: Self.ada, isChosen: true)
            #expect(state.nextStep != .finish)
        }
    }

    @Test func `is fresh proof where the organization that was selected wants it after a time`()
        throws
    {
        for age: Int64 in [0, 99, 100, 101] {
            for needsConsent in [false, true] {
                var state = try Self.state(
                    [], age: age, maxAge: nil, expected: nil, isChosen: false,
                    needsConsent: needsConsent)
                state.longestSession = .seconds(100)
                let expected: SignInStep =
                    age >= 100
                    ? .authenticate(.tooOldForOrganization) : needsConsent ? .askConsent : .finish
                #expect(state.nextStep == expected)
                state.needsOrganization = true
                #expect(state.nextStep == .chooseOrganization)
            }
        }
    }

    private static func state(
        acrValues: String, by methods: [AuthenticationMethod]
    ) throws -> SignInState {
        let request = try AuthorizationRequest(
            FormParameters([("response_type", "code"), ("acr_values", acrValues)]))
        return SignInState(
            request: request, requestedAt: requestedAt,
            session: Session(of: kay, by: methods, at: requestedAt - .seconds(9)),
            expectedUser: nil, accountChosenAt: nil, needsConsent: false)
    }

    @Test func `is other proof where what was given is not of a wanted class`() throws {
        let password = AuthenticationContextClass.password.rawValue
        #expect(try Self.state(acrValues: password, by: [.password]).nextStep == .finish)
        #expect(try Self.state(acrValues: "urn:x " + password, by: [.password]).nextStep == .finish)
        #expect(
            try Self.state(acrValues: password, by: []).nextStep == .authenticate(.otherProof))
        // Nobody can meet these, so they are a wish that is not fulfilled.
        #expect(try Self.state(acrValues: "urn:x urn:y", by: [.password]).nextStep == .finish)
        #expect(try Self.state(acrValues: "urn:x", by: []).nextStep == .finish)
    }

    @Test func `GH-451: is found with the largest max_age there is`() throws {
        let state = try Self.state(
            [], age: 100, maxAge: 9_999_999_999, expected: nil, isChosen: false)
        #expect(state.nextStep == .finish)
    }
}
