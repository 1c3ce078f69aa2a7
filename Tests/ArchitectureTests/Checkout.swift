import Foundation
import Testing

/// The files of the checkout that holds these tests.
enum Checkout {
    /// Found by walking up from this file, so that it does not matter where the tests are run.
    static let root: URL = {
        var folder = URL(filePath: #filePath).resolvingSymlinksInPath()
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let manifest = folder.appending(path: "Package.swift").path
            let sources = folder.appending(path: "Sources/GatehouseSQL").path
            if FileManager.default.fileExists(atPath: manifest),
                FileManager.default.fileExists(atPath: sources)
            {
                return folder
            }
        }
        return folder
    }()

    static let sources = swiftFiles(below: "Sources")
    static let tests = swiftFiles(below: "Tests")

    /// Every file below a folder, as a path from the root of the checkout, in order.
    static func paths(below folder: String) -> [String] {
        let found = FileManager.default.subpaths(atPath: root.appending(path: folder).path) ?? []
        return found.map { "\(folder)/\($0)" }.filter { path in
            let hidden = path.split(separator: "/").contains { $0 == "__pycache__" }
            return !hidden && !isFolder(path)
        }.sorted()
    }

    /// The folders right below a folder, by name.
    static func folders(in folder: String) -> [String] {
        let path = root.appending(path: folder).path
        // No such folder is no folders: the test that asks says what it expected.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.filter { isFolder("\(folder)/\($0)") }.sorted()
    }

    /// The text of a file, or nil if there is none, or if it is not text.
    static func text(of path: String) -> String? {
        // A picture is not text, and a missing document is reported by the test that needs it.
        try? String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        let path = root.appending(path: path).path
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            && isFolder.boolValue
    }

    private static func swiftFiles(below folder: String) -> [SwiftFile] {
        paths(below: folder).filter { $0.hasSuffix(".swift") }
            .compactMap { path in text(of: path).map { SwiftFile(path, $0) } }
    }
}

/// A place that breaks a rule, and what to do about it.
struct Problem: Equatable, CustomStringConvertible {
    let path: String
    var line = 1
    let advice: String

    var description: String { "\(path):\(line): \(advice)" }
}

/// Fails the test once for each problem.
func expectNone(_ problems: [Problem], sourceLocation: SourceLocation = #_sourceLocation) {
    for problem in problems {
        Issue.record("\(problem.description)", sourceLocation: sourceLocation)
    }
}

@Suite struct `The checkout` {
    @Test func `has sources, so that the other rules have something to look at`() {
        #expect(Checkout.sources.count > 10)
        #expect(Checkout.tests.contains { $0.path.hasSuffix("ArchitectureTests/Checkout.swift") })
    }
}
