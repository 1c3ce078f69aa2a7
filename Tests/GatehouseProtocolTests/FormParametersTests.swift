import GatehouseProtocol
import Testing

@Suite struct `Form parameters` {
    @Test(arguments: [
        ("state=a", "a"), ("state=a+b", "a b"), ("state=a%20b", "a b"), ("state=a%2Bb", "a+b"),
        ("state=a%2bb", "a+b"), ("state=%2541", "%41"), ("state=%25%34%31", "%41"),
        ("state=%c3%a9", "é"), ("state=%F0%9F%94%91", "🔑"), ("state=a=b", "a=b"),
        ("state==", "="), ("state=%26x%3D1", "&x=1"), ("&&state=a&&", "a"),
        ("state=%0d%0aSet-Cookie:x", "\r\nSet-Cookie:x"), ("state=é", "é"), ("x&state=a", "a"),
    ])
    func `are decoded exactly once`(query: String, value: String) throws {
        let form = try FormParameters(decoding: query.utf8)
        #expect(form[.state].map { Array($0.utf8) } == Array(value.utf8))
    }

    @Test(arguments: ["%72edirect_uri=a", "redirect%5Furi=a", "%72%65%64irect_uri=a"])
    func `GH-007: have names that are decoded as well`(query: String) throws {
        let form = try FormParameters(decoding: query.utf8)
        #expect(form[.redirectURI] == "a")
        let twice = try FormParameters(decoding: (query + "&redirect_uri=b").utf8)
        #expect(twice.isRepeated(.redirectURI))
        #expect(twice[.redirectURI] == nil)
    }

    @Test(arguments: [
        "state=%", "state=%4", "state=%4&x=1", "state=%zz", "state=%4g", "state=%g4", "state=a%",
        "%", "%4", "state=%+1", "state=%-1", "state=% 1", "state=%u0041", "state=%%41",
        "state=%４１",
    ])
    func `GH-460: with a broken escape are refused`(query: String) {
        #expect(malformation(query.utf8) == .percentEncoding)
    }

    @Test(arguments: [
        "state=%00", "state=a%00b", "%00=a", "state=\0", "state=%ff", "state=%c3",
        "state=%c0%80", "state=%c0%af", "state=%ed%a0%80", "state=%f4%90%80%80", "state=%80",
        "%ff=a",
    ])
    func `GH-467: with a NUL or without UTF-8 are refused`(query: String) {
        #expect(malformation(query.utf8) == .characters)
    }

    @Test func `with raw bytes that are not UTF-8 are refused`() {
        #expect(malformation(Array("state=".utf8) + [0xFF]) == .characters)
        #expect(malformation(Array("state=".utf8) + [0xC3]) == .characters)
    }

    @Test(arguments: ["", "&", "state", "state=", "=", "x=1", "State=a", "state%20=a", "stat=e"])
    func `without a value count as absent`(query: String) throws {
        let form = try FormParameters(decoding: query.utf8)
        #expect(form[.state] == nil)
        #expect(
            refusalCode { () throws(OAuthError) in try form.require(.state) } == .invalidRequest)
    }

    @Test func `without a value are there nevertheless`() throws {
        let form = try FormParameters(decoding: "state=&nonce".utf8)
        #expect(form.contains(.state))
        #expect(form.contains(.nonce))
        #expect(!form.contains(.scope))
        #expect(!form.hasRepetition)
    }

    @Test(arguments: [
        "state=a&state=a", "state=a&state=b", "state=a&state=", "state=&state=a", "state&state",
        "state=a&x=1&state", "state=a&%73tate=a",
    ])
    func `that stand there twice have no value`(query: String) throws {
        let form = try FormParameters(decoding: query.utf8)
        #expect(form.hasRepetition)
        #expect(form.isRepeated(.state))
        #expect(form[.state] == nil)
    }

    @Test func `nobody knows are repeated like any other`() throws {
        let form = try FormParameters(decoding: "state=a&foo=1&foo=2".utf8)
        #expect(form.hasRepetition)
        #expect(form[.state] == "a")
        #expect(try FormParameters(decoding: "a=1&b=1".utf8).hasRepetition == false)
    }

    @Test func `GH-020: are at most a hundred`() throws {
        let hundred = (0..<100).map { "p\($0)=1" }.joined(separator: "&")
        let form = try FormParameters(decoding: hundred.utf8)
        #expect(!form.hasRepetition)
        #expect(malformation((hundred + "&").utf8) == nil)
        #expect(malformation((hundred + "&p100=1").utf8) == .tooMany)
        #expect(malformation((hundred + "&p100").utf8) == .tooMany)
        #expect(malformation("&".times(100_000).utf8) == nil)
        #expect(malformation("a&".times(100_000).utf8) == .tooMany)
    }

    @Test func `GH-448: are compared as bytes, names and values`() throws {
        let composed = ParameterName("caf\u{E9}")
        let form = try FormParameters(decoding: "cafe\u{301}=a".utf8)
        #expect(form[composed] == nil)
        #expect(!form.contains(composed))
        let both = try FormParameters(decoding: "cafe\u{301}=a&caf\u{E9}=b".utf8)
        #expect(!both.hasRepetition)
        #expect(both[composed] == "b")
    }

    @Test(arguments: ["", "state=a%20b&x=", "a=%26%3D%2B%25&a=%C3%A9", "%0D%0A=%F0%9F%94%91"])
    func `are written as a query again`(query: String) throws {
        let form = try FormParameters(decoding: query.utf8)
        #expect(form.encoded == query)
    }

    @Test func `are made of pairs that are decoded already`() {
        let form = FormParameters([("state", "%41+"), ("nonce", "")])
        #expect(form[.state] == "%41+")
        #expect(form[.nonce] == nil)
        #expect(form.contains(.nonce))
    }

    @Test(arguments: [
        ("", ""), ("abcXYZ019-._~", "abcXYZ019-._~"), (" ", "%20"), ("+", "%2B"),
        ("a&b=c#d%", "a%26b%3Dc%23d%25"), ("\r\n", "%0D%0A"), ("\"'<>\\", "%22%27%3C%3E%5C"),
        ("é", "%C3%A9"), ("🔑", "%F0%9F%94%91"), ("/?:@", "%2F%3F%3A%40"),
    ])
    func `are written so that they read back the same`(value: String, encoded: String) throws {
        #expect(value.queryEncoded == encoded)
        let form = try FormParameters(decoding: "state=\(value.queryEncoded)".utf8)
        #expect(form[.state] ?? "" == value)
    }
}
