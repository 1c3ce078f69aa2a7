import GatehouseEncoding
import GatehouseProtocol
import Testing

@Suite struct `Authorization details` {
    private func details(_ text: String) throws -> AuthorizationDetails {
        try AuthorizationDetails(parsing: text)
    }

    @Test func `say the same whatever the order of members, and say it once`() throws {
        let one = try details(#"[{"type":"a","x":{"b":1,"a":[true,null]},"actions":["r","w"]}]"#)
        let other = try details(
            #" [ {"actions":["r","w"], "x":{"a":[true,null],"b":1}, "type":"a"} ] "#)
        #expect(one == other && one.text == other.text)
        let twice = try details(#"[{"type":"a","x":1},{"x":1,"type":"a"}]"#)
        #expect(twice.all.count == 1)
        #expect(try details(one.text) == one)
        #expect(try details(#"[{"type":"a","actions":["w","r"]}]"#) != one)
    }

    @Test(arguments: [
        "", "null", "{}", "[]", "1", "\"x\"", "[1]", "[null]", "[{}]", #"[{"type":1}]"#,
        #"[{"type":""}]"#, #"[{"type":"a b"}]"#, #"[{"type":"a\u0000"}]"#, #"[{"type":"ä"}]"#,
        #"[{"type":"a","type":"b"}]"#, #"[{"type":"a"}"#, #"[{"type":"a"}] x"#,
        #"[{"type":"a","actions":"read"}]"#, #"[{"type":"a","actions":[1]}]"#,
        #"[{"type":"a","actions":[]}]"#, #"[{"type":"a","locations":{}}]"#,
        #"[{"type":"a","identifier":7}]"#, #"[{"type":"a","x":{"x":{"x":{"x":{"x":1}}}}}]"#,
        #"[{"type":"a"},{"type":"b"},{"type":"c"},{"type":"d"},{"type":"e"},{"type":"f"},"#
            + #"{"type":"g"},{"type":"h"},{"type":"i"}]"#,
        #"[{"type":"\#(String(repeating: "a", count: 201))"}]"#,
        #"[{"type":"a","x":"\#(String(repeating: "a", count: 4_100))"}]"#,
        #"[{"type":"a","x":[\#(Array(repeating: "1", count: 101).joined(separator: ","))]}]"#,
        String(repeating: "[", count: 5_000),
    ])
    func `GH-452, GH-461: are refused where they are none`(_ text: String) {
        #expect(throws: OAuthError.self) { try details(text) }
        do throws(OAuthError) {
            _ = try AuthorizationDetails(parsing: text)
        } catch {
            #expect(error.code == .invalidAuthorizationDetails)
        }
    }

    @Test func `cover what asks for less and nothing else`() throws {
        let granted = try details(
            #"[{"type":"a","actions":["r","w"],"x":"1"},{"type":"b","locations":["l"]}]"#)
        for less in [
            #"[{"type":"a","actions":["r"],"x":"1"}]"#, #"[{"type":"b","locations":["l"]}]"#,
            #"[{"type":"a","actions":["w","r"],"x":"1"},{"type":"a","actions":["w"],"x":"1"}]"#,
        ] {
            #expect(try details(less).isCovered(by: granted), "\(less)")
        }
        for more in [
            #"[{"type":"a","actions":["r","d"],"x":"1"}]"#, #"[{"type":"a","x":"1"}]"#,
            #"[{"type":"a","actions":["r"],"x":"2"}]"#, #"[{"type":"a","actions":["r"]}]"#,
            #"[{"type":"a","actions":["r"],"x":"1","y":"1"}]"#, #"[{"type":"b"}]"#,
            #"[{"type":"c","locations":["l"]}]"#, #"[{"type":"A","actions":["r"],"x":"1"}]"#,
            #"[{"type":"a","actions":["r\u0301"],"x":"1"}]"#,
        ] {
            #expect(try !details(more).isCovered(by: granted), "\(more)")
        }
    }
}
