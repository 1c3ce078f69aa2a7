import GatehouseEncoding
import Testing

@testable import GatehouseProtocol

@Suite struct `A chain of actors` {
    private func chain(_ text: String) throws -> ActorChain? {
        ActorChain(try JSONObject(parsing: Array(text.utf8)))
    }

    @Test func `has the latest outside and is read as it is written`() throws {
        let first = ActorChain(Actor(subject: "client_1"))
        let second = try #require(first.followed(by: Actor(subject: "usr_1", clientID: "client_2")))
        let text = String(decoding: second.jsonObject.serialized(), as: UTF8.self)
        #expect(text == #"{"sub":"usr_1","client_id":"client_2","act":{"sub":"client_1"}}"#)
        #expect(try chain(text) == second)
        #expect(second.actors.map(\.subject) == ["usr_1", "client_1"])
    }

    @Test func `GH-365: is no longer than five`() throws {
        var chain = ActorChain(Actor(subject: "1"))
        for number in 2...ActorChain.most {
            chain = try #require(chain.followed(by: Actor(subject: "\(number)")))
        }
        #expect(chain.followed(by: Actor(subject: "6")) == nil)
        #expect(ActorChain(chain.jsonObject) == chain)
        var longer: JSONObject = ["sub": "6"]
        longer.add("act", .object(chain.jsonObject))
        #expect(ActorChain(longer) == nil)
    }

    @Test(arguments: [
        "{}", #"{"sub":1}"#, #"{"act":{"sub":"a"}}"#, #"{"sub":"a","act":"b"}"#,
        #"{"sub":"a","act":{}}"#, #"{"sub":"a","act":null}"#, #"{"sub":"a","act":[{"sub":"b"}]}"#,
    ])
    func `is nothing else`(text: String) throws {
        #expect(try chain(text) == nil)
    }
}
