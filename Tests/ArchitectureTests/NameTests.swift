import Testing

/// Words that say nothing about what a thing is, so that no name may end with one.
private let emptyWords: Set<String> = [
    "Manager", "Service", "Services", "Helper", "Helpers", "Util", "Utils", "Utilities", "Impl",
    "Base", "Data", "Info", "Extension", "Extensions", "Models", "Controller", "Controllers",
    "Misc", "Common",
]

/// Words that say too little alone: `LogHandler` is a name, `Handler` is not.
private let wordsThatNeedAnother: Set<String> = ["Handler", "Handlers"]

/// Names that end with an empty word and are right nevertheless, each with the reason.
private let exceptions = ["UserInfo": "OpenID Connect Core §5.3 calls it so."]

/// The empty word that a name consists of or ends with.
private func emptyWord(in name: String) -> String? {
    guard exceptions[name] == nil else { return nil }
    if wordsThatNeedAnother.contains(name) { return name }
    guard let last = name.firstMatch(of: /[A-Z]?[a-z]+$|[A-Z]+$/)?.0 else { return nil }
    let capitalized = last.prefix(1).uppercased() + last.dropFirst()
    return emptyWords.contains(capitalized) ? String(last) : nil
}

private func problems(inNameOf path: String) -> [Problem] {
    path.split(separator: "/").compactMap { part in
        let name = String(part.prefix { $0 != "." })
        guard let word = emptyWord(in: name) else { return nil }
        return Problem(path: path, advice: "`\(word)` says nothing. Name what is in \(part).")
    }
}

private func problems(inTypesOf file: SwiftFile) -> [Problem] {
    let declaration = /\b(?:struct|class|enum|actor|protocol|typealias|associatedtype)\s+(\w+)/
        .asciiWords
    return file.code.indices.flatMap { index in
        file.code[index].matches(of: declaration).compactMap { match in
            guard let word = emptyWord(in: String(match.1)) else { return nil }
            return Problem(
                path: file.path, line: index + 1,
                advice: "`\(word)` says nothing. Name what a \(match.1) is or does.")
        }
    }
}

@Suite struct `Names` {
    @Test func `of files and folders say what is inside`() {
        let paths = Checkout.paths(below: "Sources") + Checkout.tests.map(\.path)
        expectNone(paths.flatMap(problems(inNameOf:)))
    }

    @Test func `of types say what they are`() {
        expectNone((Checkout.sources + Checkout.tests).flatMap(problems(inTypesOf:)))
    }

    @Test(arguments: [
        "Helpers", "KeyManager", "String+Extensions", "KeyData", "Handler", "utils",
        "HTTPService",
    ])
    func `that say nothing are found`(_ name: String) {
        #expect(problems(inNameOf: "Sources/A/\(name).swift").count == 1)
        #expect(problems(inNameOf: "Sources/\(name)/A.swift").count == 1)
    }

    @Test func `that say nothing are found in types`() {
        let file = SwiftFile("a.swift", "enum Key {\n    struct Info {} // class Data\n}")
        #expect(problems(inTypesOf: file).map(\.line) == [2])
    }

    @Test(arguments: [
        "UserInfo", "LogHandler", "Database", "Metadata", "CommonPasswords", "BaseURL",
    ])
    func `that say something are left alone`(_ name: String) {
        #expect(problems(inNameOf: "Sources/A/\(name).swift").isEmpty)
    }
}
