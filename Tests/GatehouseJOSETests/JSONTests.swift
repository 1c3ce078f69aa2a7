import GatehouseEncoding
import Testing

@Suite struct `JSON that is read` {
    private func refusal(_ bytes: [UInt8]) -> JSONError.Reason? {
        do throws(JSONError) {
            _ = try JSONValue(parsing: bytes)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test(arguments: JSONCorpus.accepted)
    func `a text of RFC 8259 is accepted and written compactly`(text: String, written: String)
        throws
    {
        let value = try JSONValue(parsing: Array(text.utf8))
        #expect(value.serialized() == Array(written.utf8))
        #expect(try JSONValue(parsing: value.serialized()) == value)
    }

    @Test(arguments: JSONCorpus.malformed)
    func `a text outside the grammar is refused`(text: String) {
        #expect(refusal(Array(text.utf8)) == .malformed)
    }

    @Test(arguments: JSONCorpus.refused)
    func `a text with a trap in it is refused`(text: String, reason: JSONError.Reason) {
        #expect(refusal(Array(text.utf8)) == reason)
    }

    @Test(arguments: JSONCorpus.notUTF8)
    func `bytes that are no UTF-8 are refused wherever they are`(bytes: [UInt8]) {
        let quote = UInt8(ascii: "\"")
        #expect(refusal([quote] + bytes + [quote]) == .invalidText)
        #expect(refusal([quote] + Array(#"\n"#.utf8) + bytes + [quote]) == .invalidText)
        #expect(refusal(Array(#"{""#.utf8) + bytes + Array(#"":1}"#.utf8)) == .invalidText)
        #expect(refusal(bytes) != nil)
        #expect(refusal(Array("1".utf8) + bytes) != nil)
    }

    @Test func `every text cut short is refused`() {
        let text = Array(#"{"a":[1.5e3,"\u00e9\ud83d\ude00",{"b":null}],"c":true,"d":-12}"#.utf8)
        #expect(refusal(text) == nil)
        for length in text.indices {
            #expect(refusal(Array(text[..<length])) != nil, "cut to \(length) bytes")
        }
    }

    @Test func `32 levels are read and 33 are not`() throws {
        let text = String(repeating: "[", count: 32) + "1" + String(repeating: "]", count: 32)
        #expect(refusal(Array(text.utf8)) == nil)
        #expect(refusal(Array("[\(text)]".utf8)) == .tooDeep)
        let siblings = "[" + Array(repeating: "[[]]", count: 100).joined(separator: ",") + "]"
        #expect(refusal(Array(siblings.utf8)) == nil)
    }

    @Test func `a repeated name is found among thousands`() {
        let members = (0..<5000).map { #""m\#($0)":\#($0)"# }
        let text = "{" + members.joined(separator: ",") + "}"
        #expect(refusal(Array(text.utf8)) == nil)
        for name in ["m0", "m15", "m16", "m17", "m4999"] {
            let repeated = "{" + members.joined(separator: ",") + #","\#(name)":1}"#
            #expect(refusal(Array(repeated.utf8)) == .duplicateMember)
        }
    }

    @Test func `names are found by their bytes`() throws {
        let object = try Fixtures.object("{\"caf\u{E9}\":1,\"cafe\u{301}\":2,\"K\":3}")
        #expect(object["caf\u{E9}"]?.integer == 1)
        #expect(object["cafe\u{301}"]?.integer == 2)
        #expect(object["\u{212A}"] == nil)
        #expect(object.members.count == 3)
    }

    @Test func `only a whole number is an integer`() throws {
        let object = try Fixtures.object(
            #"{"a":5,"b":5.0,"c":5e0,"d":"5","e":true,"f":9223372036854775808}"#)
        #expect(object["a"]?.integer == 5)
        for name in ["b", "c", "d", "e", "f"] { #expect(object[name]?.integer == nil) }
        #expect(object["b"] == .number(5))
    }

    @Test func `an error tells where reading stopped`() {
        #expect(throws: JSONError.self) { try JSONObject(parsing: Array("[]".utf8)) }
        do throws(JSONError) {
            _ = try JSONValue(parsing: Array(#"{"a":1,}"#.utf8))
        } catch {
            #expect(error.offset == 7)
        }
    }

    @Test func `10 000 mutated texts are refused or mean what they say`() throws {
        let seeds =
            JSONCorpus.accepted.map { Array($0.text.utf8) }
            + [
                Array(
                    #"{"keys":[{"kty":"EC","n":1.5e3,"x":"\u00e9"},null,true],"a":{"b":[]}}"#.utf8)
            ]
        var numbers = SeededNumbers(seed: 8259)
        var refusedCount = 0
        for _ in 0..<10_000 {
            guard var bytes = seeds.randomElement(using: &numbers) else { continue }
            for _ in 0..<Int.random(in: 1...4, using: &numbers) { mutate(&bytes, &numbers) }
            guard let value = try? JSONValue(parsing: bytes) else {  // Refusing is an answer too.
                refusedCount += 1
                continue
            }
            #expect(try JSONValue(parsing: value.serialized()) == value)
        }
        #expect(refusedCount > 5000)
    }

    private func mutate(_ bytes: inout [UInt8], _ numbers: inout SeededNumbers) {
        let marks = Array(#"{}[]",:\u0eE+-.19tfn "#.utf8)
        let place = Int.random(in: 0...bytes.count, using: &numbers)
        switch Int.random(in: 0..<4, using: &numbers) {
        case 0: bytes.insert(marks.randomElement(using: &numbers) ?? 0, at: place)
        case 1: bytes.insert(UInt8.random(in: 0...255, using: &numbers), at: place)
        case 2 where place < bytes.count: bytes.remove(at: place)
        default:
            if place < bytes.count { bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &numbers) }
        }
    }
}

@Suite struct `JSON that is written` {
    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test func `members, lists and objects stand in the order they were added`() {
        let bytes = JSONWriter.object { json in
            json.add("iss", "https://id.test/t/acme")
            json.add("exp", 2000)
            json.add("ok", true)
            json.add("aud", ["a", "b"])
            json.add("none", [String]())
            json.add("null", JSONValue.null)
            json.object("cnf") { $0.add("jkt", "x") }
            json.object("empty") { _ in }
            json.array("keys") { keys in
                keys.object { $0.add("kty", "EC") }
                keys.add("text")
                keys.add(JSONValue.integer(Int64.min))
            }
        }
        #expect(
            text(bytes) == """
                {"iss":"https://id.test/t/acme","exp":2000,"ok":true,"aud":["a","b"],"none":[],\
                "null":null,"cnf":{"jkt":"x"},"empty":{},\
                "keys":[{"kty":"EC"},"text",-9223372036854775808]}
                """)
    }

    @Test func `the first of two members with one name stands`() {
        let bytes = JSONWriter.object { json in
            json.add("sub", "kay")
            json.add("sub", "ada")
            json.object("sub") { $0.add("x", 1) }
            json.array("sub") { $0.add("x") }
            json.add(["sub": "eve", "a": 1])
            json.add("a", 2)
            json.add("s\u{FC}b", 1)
            json.add("su\u{308}b", 2)
        }
        #expect(text(bytes).isExactly("{\"sub\":\"kay\",\"a\":1,\"s\u{FC}b\":1,\"su\u{308}b\":2}"))
    }

    @Test func `every character is read as it was written`() throws {
        let scalars = (0x01...0x2100).compactMap(Unicode.Scalar.init) + ["\u{10FFFF}", "\u{1F600}"]
        for scalar in scalars {
            let value = JSONValue.string("a\(scalar)b")
            #expect(try JSONValue(parsing: value.serialized()) == value)
        }
    }

    /// How a character stands between quotes.
    private func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\"": #"\""#
        case "\\": #"\\"#
        case "\n": #"\n"#
        case "\r": #"\r"#
        case "\t": #"\t"#
        case "\u{08}": #"\b"#
        case "\u{0C}": #"\f"#
        case "\u{2028}": #"\u2028"#
        case "\u{2029}": #"\u2029"#
        case "\u{00}"..<"\u{10}": #"\u000"# + String(scalar.value, radix: 16)
        case "\u{10}"..<"\u{20}": #"\u00"# + String(scalar.value, radix: 16)
        default: String(scalar)
        }
    }

    @Test func `a character is escaped wherever it stands in a long text`() {
        let scalars =
            (0...0xFF).compactMap(Unicode.Scalar.init)
            + ["\u{2027}", "\u{2028}", "\u{2029}", "\u{202A}", "\u{FFFD}", "\u{1F600}"]
        for scalar in scalars {
            for place in 0..<70 {
                let (head, tail) = (
                    String(repeating: "h", count: place), String(repeating: "t", count: 70 - place)
                )
                let written = text(JSONValue.string("\(head)\(scalar)\(tail)").serialized())
                #expect(written.isExactly("\"\(head)\(escaped(scalar))\(tail)\""))
            }
        }
    }

    @Test func `what was written once stands as it would have been written`() {
        let list = WrittenJSON.array { json in
            json.object { $0.add("id", "\u{2028}") }
            json.add(JSONValue.null)
        }
        let bytes = JSONWriter.object { json in
            json.add("sub", WrittenJSON.string("\""))
            json.add("list", list)
            json.object("again") { $0.add("list", list) }
            json.add("list", WrittenJSON.strings([]))
            json.add("texts", WrittenJSON.strings(["a", "b"]))
        }
        #expect(
            text(bytes) == #"{"sub":"\"","list":[{"id":"\u2028"},null],"#
                + #""again":{"list":[{"id":"\u2028"},null]},"texts":["a","b"]}"#)
    }

    @Test func `an infinite number is written as null`() {
        for number in [Double.infinity, -.infinity, .nan] {
            #expect(text(JSONValue.number(number).serialized()) == "null")
        }
    }

    @Test func `an array is a whole value too`() {
        #expect(text(JSONWriter.array { _ in }) == "[]")
        #expect(text(JSONWriter.object { _ in }) == "{}")
        let nested = JSONWriter.array { json in
            json.object { $0.array("a") { $0.object { _ in } } }
            json.add("\"")
        }
        #expect(text(nested) == #"[{"a":[{}]},"\""]"#)
    }
}
