import GatehouseEncoding
import GatehouseProtocol
import Testing

/// Forms that bring files, as browsers send them and as nobody honest does.
@Suite("A form that brings files")
struct MultipartFormTests {
    private static let boundary = "----x7"
    private static let file: [UInt8] = [0x89, 0x50, 0, 0xFF, 13, 10, 45, 45, 13, 10]

    private static func part(_ disposition: String, _ content: [UInt8]) -> [UInt8] {
        Array("--\(boundary)\r\nContent-Disposition: \(disposition)\r\n\r\n".utf8) + content + [
            13, 10,
        ]
    }

    private static let end = Array("--\(boundary)--\r\n".utf8)

    private static let honest =
        part(#"form-data; name="csrf""#, Array("täg".utf8))
        + part(
            "form-data; name=\"light\"; filename=\"\u{301}\u{e9}.png\"\r\nContent-Type: image/png",
            file)
        + part(#"form-data; name="dark"; filename="""#, []) + end

    private static func read(_ bytes: [UInt8]) -> FormParameters? {
        // What is refused has no values: that is what is asked here.
        try? MultipartForm(decoding: bytes, boundary: boundary).values
    }

    @Test func `tells the values and what is in the files`() throws {
        let pairs = try #require(Self.read(Self.honest)).pairs
        #expect(pairs.map(\.name) == ["csrf", "light", "dark"])
        #expect(pairs.map(\.value) == ["täg", Base64.encode(Self.file), ""])
        #expect(try #require(Self.read(Self.end)).pairs.isEmpty)
    }

    @Test(arguments: [
        ("multipart/form-data; boundary=----x7", "----x7"),
        ("Multipart/Form-Data;boundary=\"a'b\"", "a'b"),
    ])
    func `is told by its type`(_ type: String, _ boundary: String) {
        #expect(MultipartForm.boundary(in: type) == boundary)
    }

    @Test(arguments: [
        "", "multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=x",
        "multipart/form-data; boundary=a b", "multipart/form-data; boundary=a; charset=b",
        "multipart/form-data; boundary=\"\"", "multipart/form-data; charset=utf-8; boundary=x",
        "multipart/form-data; boundary=" + String(repeating: "x", count: 71),
        "multipart/form-data; boundary=ä", "application/x-www-form-urlencoded",
    ])
    func `is told by no other type`(_ type: String) {
        #expect(MultipartForm.boundary(in: type) == nil)
    }

    @Test(arguments: [
        "", "x", "--", "------x7", "------x7\r\n", "------x7--x", "x------x7--\r\n",
        "------x7\r\n\r\nno head\r\n------x7--", "------x7\n\na\n------x7--",
        "------x7\r\nContent-Disposition: form-data\r\n\r\na\r\n------x7--",
        "------x7\r\nContent-Disposition: form-data; name=\"\"\r\n\r\na\r\n------x7--",
        "------x7\r\nContent-Disposition: form-data; name=a\r\n\r\na\r\n------x7--",
        "------x7\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\na\r\n------x7--",
        "------x7\r\nContent-Disposition: form-data; name=\"a\"; x=\"b\"\r\n\r\na\r\n------x7--",
        "------x7\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Disposition: form-data; "
            + "name=\"b\"\r\n\r\na\r\n------x7--",
        "------x7\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Transfer-Encoding: base64"
            + "\r\n\r\na\r\n------x7--",
        "------x7\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\na\u{0}\r\n------x7--",
        "------x7\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\na",
        "------x7\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\na\r\n------x7--trailing",
    ])
    func `is nothing else`(_ text: String) {
        #expect(Self.read(Array(text.utf8)) == nil)
    }

    @Test func `has no more parts than a form has values`() {
        let part = Self.part(#"form-data; name="a""#, [])
        #expect(Self.read(Array([[UInt8]](repeating: part, count: 100).joined()) + Self.end) != nil)
        #expect(Self.read(Array([[UInt8]](repeating: part, count: 101).joined()) + Self.end) == nil)
        let long = Self.part("form-data; name=\"\(String(repeating: "a", count: 3_000))\"", [])
        #expect(Self.read(long + Self.end) == nil)
    }

    /// Whatever is cut off, changed or doubled ends in values or in a refusal (GH-440).
    @Test func `no bytes make it trap`() {
        for index in Self.honest.indices {
            _ = Self.read(Array(Self.honest[..<index]))
            _ = Self.read(Array(Self.honest[index...]))
            for byte: UInt8 in [0, 10, 13, 34, 45, 0xFF] {
                var changed = Self.honest
                changed[index] = byte
                _ = Self.read(changed)
            }
            _ = Self.read(Array(Self.honest[..<index]) + Self.honest)
        }
    }
}
