import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import Testing

@Suite struct `A type of authorization details` {
    private func type(_ text: String) throws -> AuthorizationDetailsType? {
        AuthorizationDetailsType(try JSONObject(parsing: Array(text.utf8)))
    }

    @Test(arguments: [
        #"{"type":"a","description":"Do it"}"#,
        #"{"type":"a","description":"Do it","actions":["r"],"members":{"x":"string"},"required":[]}"#,
        #"{"type":"a","description":"D","members":{"identifier":"string"},"required":["identifier"]}"#,
    ])
    func `is read as it was stored`(_ text: String) throws {
        let first = try #require(try type(text))
        #expect(AuthorizationDetailsType(first.json) == first)
    }

    @Test(arguments: [
        "{}", #"{"type":"a"}"#, #"{"description":"x"}"#, #"{"type":"a b","description":"x"}"#,
        #"{"type":"a","description":""}"#, #"{"type":"a","description":"x","action":["r"]}"#,
        #"{"type":"a","description":"x","actions":[]}"#,
        #"{"type":"a","description":"x","actions":"r"}"#,
        #"{"type":"a","description":"x","members":["x"]}"#,
        #"{"type":"a","description":"x","members":{"x":"date"}}"#,
        #"{"type":"a","description":"x","members":{"type":"string"}}"#,
        #"{"type":"a","description":"x","members":{"actions":"strings"}}"#,
        #"{"type":"a","description":"x","members":{"identifier":"number"}}"#,
        #"{"type":"a","description":"x","required":["y"]}"#,
        #"{"type":"a","description":"x\u0007"}"#,
    ])
    func `is none where it says something else`(_ text: String) throws {
        #expect(try type(text) == nil)
    }
}
