import GatehouseEncoding
import GatehouseProtocol

/// A list of redirect URIs lists what it holds, byte for byte, and nothing else.
enum SectorProperties {
    private static let known = ["https://a.test/cb", "https://a.test/", "com.example.app:/cb"]

    static func check(_ input: [UInt8]) throws(Violation) {
        let document = SectorIdentifierDocument(parsing: input)
        let values = IndependentJSON.read(input)?.value.array
        let texts = values.flatMap { values in
            values.allSatisfy { $0.string != nil } ? values.compactMap(\.string) : nil
        }
        guard let document else { return }
        let listed = try require(texts, "What is read as a list is one of texts.")
        for text in known {
            // Each of them can be registered.
            guard let uri = try? RedirectURI(registering: text) else { continue }
            let isThere = listed.contains { Array($0.utf8) == Array(text.utf8) }
            try require(document.lists(uri) == isThere, "An address is in the list or not.")
        }
    }
}
