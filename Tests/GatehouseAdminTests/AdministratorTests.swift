import GatehouseCore
import GatehouseEncoding
import Testing

@testable import GatehouseAdmin

@Suite struct `An administrator` {
    /// Every role, power, reach and place; what is meant stands in words.
    @Test(arguments: AdministratorRole.allCases, AdministratorPower.allCases)
    func `may what their role and reach allow`(
        _ role: AdministratorRole, _ power: AdministratorPower
    ) throws {
        let (own, other) = (Tenant.ID(at: .init(seconds: 1)), Tenant.ID(at: .init(seconds: 2)))
        let meant: [AdministratorRole: [AdministratorPower]] = [
            .viewer: [.look], .support: [.look, .help], .admin: [.look, .help, .manage],
            .owner: [.look, .help, .manage, .own],
        ]
        let may = try #require(meant[role]).contains(power)
        let refusal: AdministratorRefusal? = may ? nil : .needsRole(power.leastRole)
        let above = administrator(role, of: .installation)
        for place in [nil, own, other] { #expect(above.refusal(of: power, at: place) == refusal) }
        let within = administrator(role, of: .tenant(own))
        #expect(within.refusal(of: power, at: own) == refusal)
        #expect(within.refusal(of: power, at: other) == .noTenant)
        #expect(within.refusal(of: power, at: nil) == .needsInstallation)
    }

    private func administrator(
        _ role: AdministratorRole, of reach: AdministratorReach
    ) -> Administrator {
        Administrator(.anonymous, called: "Test", as: [.init(role, of: reach)])
    }

    @Test func `has at each tenant what they are there, and no more`() {
        let (one, other) = (Tenant.ID(at: .init(seconds: 1)), Tenant.ID(at: .init(seconds: 2)))
        let both = Administrator(
            .anonymous, called: "Test",
            as: [.init(.viewer, of: .tenant(one)), .init(.owner, of: .tenant(other))])
        #expect(both.role(at: one) == .viewer)
        #expect(both.role(at: other) == .owner)
        #expect(both.role(at: nil) == nil)
        #expect(both.refusal(of: .own, at: one) == .needsRole(.owner))
        #expect(both.refusal(of: .look, at: nil) == .needsInstallation)
        let above = Administrator(
            .anonymous, called: "Test",
            as: [.init(.viewer, of: .installation), .init(.admin, of: .tenant(one))])
        #expect(above.refusal(of: .manage, at: one) == nil)
        #expect(above.refusal(of: .manage, at: other) == .needsRole(.admin))
    }

    @Test func `has so many requests in a window, and then again`() {
        let (rates, start) = (CallRates(), Timestamp(seconds: 100))
        let (one, other) = (AdministratorKey.ID(at: start), AdministratorKey.ID(at: start))
        for number in 1...CallRates.allowed {
            let rest = rates.take(one, at: start)
            #expect(rest.isWithin && rest.remaining == CallRates.allowed - number)
        }
        #expect(!rates.take(one, at: start + .seconds(59)).isWithin)
        #expect(rates.take(one, at: start + .seconds(59)).seconds == 1)
        #expect(rates.take(other, at: start).isWithin)
        #expect(rates.take(one, at: start + .seconds(60)).isWithin)
    }
}

@Suite struct `A revision` {
    private let shown: JSONValue = ["name": "a", "secrets": [1], "updated_at": "now"]

    @Test func `is of what a change touches`() {
        let revision = Revision(of: shown)
        #expect(revision == Revision(of: ["name": "a", "updated_at": "now"]))
        #expect(revision != Revision(of: ["name": "b", "updated_at": "now"]))
        #expect(revision != Revision(of: ["name": "a", "updated_at": "then"]))
        #expect(Revision.list(in: revision.tag) == [revision])
    }

    @Test func `of a list of tags is each strong one`() {
        let revision = Revision(of: shown)
        #expect(Revision.list(in: "\"x\" ,\t\(revision.tag),W/\(revision.tag)").last != nil)
        #expect(Revision.list(in: "W/\(revision.tag), , \", x, \"\"").isEmpty)
        #expect(Revision.list(in: "\"x\",\(revision.tag)").contains(revision))
    }
}

@Suite struct `A difference` {
    private func text(
        _ old: JSONValue, _ new: JSONValue, hiding personal: Set<String> = []
    ) -> String? { Difference.text(from: old, to: new, hiding: personal) }

    @Test func `is what was and what is, of each member`() {
        #expect(text(["a": 1, "b": 2], ["a": 1, "b": 3]) == #"{"b":[2,3]}"#)
        #expect(text(["a": 1], ["b": 1]) == #"{"b":[null,1],"a":[1,null]}"#)
        #expect(text(["a": 1], ["a": 1]) == nil)
        #expect(text(["updated_at": 1], ["updated_at": 2]) == nil)
    }

    @Test func `says of people only that it is one`() {
        #expect(text(["name": "Kay"], ["name": "Lee"], hiding: ["name"]) == #"{"name":"changed"}"#)
    }

    @Test func `that is too long names the members`() {
        let long = JSONValue.string(String(repeating: "x", count: 5_000))
        #expect(text(["a": 1], ["a": long]) == #"{"a":"changed"}"#)
    }
}
