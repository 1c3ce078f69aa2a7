import Foundation
import GatehouseFuzzing
import Testing

/// Every input in the corpora of the fuzzer, and so every one that ever broke a property.
@Suite struct `Inputs of the fuzzer` {
    static let corpora = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fuzzing/Corpora")

    static func inputs(of target: String) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(
            at: corpora.appending(path: target), includingPropertiesForKeys: nil)
    }

    @Test(arguments: FuzzTarget.all.map(\.name))
    func `break nothing`(of name: String) throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        let inputs = try Self.inputs(of: name)
        #expect(inputs.count > 10)
        for input in inputs {
            do {
                try target.check(Array(Data(contentsOf: input)))
            } catch let violation as Violation {
                Issue.record("\(name)/\(input.lastPathComponent): not true: \(violation)")
            }
        }
    }

    @Test func `are there for the targets that there are`() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.corpora.path)
        #expect(folders.sorted() == FuzzTarget.all.map(\.name).sorted())
    }

    @Test(arguments: FuzzTarget.all.map(\.name))
    func `may be of any length and any bytes`(of name: String) throws {
        let target = try #require(FuzzTarget.all.first { $0.name == name })
        var generator = SeededGenerator(seed: 1)
        for length in 0..<200 {
            let input = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
            try target.check(input)
        }
    }
}
