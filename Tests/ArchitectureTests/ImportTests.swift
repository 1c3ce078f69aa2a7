import Testing

/// Which target may import which module.
///
/// ARCHITECTURE.md shows the same table. A target that is not here may import nothing, and a module that is not here may be imported
/// by nobody.
private let allowedImports: [String: Set<String>] = [
    "GatehouseEncoding": [],
    "GatehouseScopes": [],
    "GatehouseJOSE": [
        "GatehouseEncoding", "Crypto", "CryptoExtras", "COpenSSL", "Synchronization",
    ],
    "GatehouseProtocol": ["GatehouseEncoding"],
    "GatehouseClient": [
        "GatehouseScopes", "GatehouseProtocol", "GatehouseJOSE", "GatehouseEncoding",
        "AsyncHTTPClient", "Crypto", "NIOCore", "NIOHTTP1", "FoundationEssentials",
        "Synchronization",
    ],
    "GatehouseHummingbird": [
        "GatehouseClient", "GatehouseProtocol", "GatehouseEncoding", "Hummingbird", "HTTPTypes",
        "NIOCore", "Logging", "Crypto", "FoundationEssentials",
    ],
    "GatehouseTesting": [
        "GatehouseClient", "GatehouseProtocol", "GatehouseJOSE", "GatehouseEncoding",
        "Hummingbird", "HTTPTypes", "NIOCore", "Logging", "Crypto", "ServiceLifecycle",
        "Synchronization",
    ],
    "GatehouseX509": ["COpenSSL"],
    "GatehouseSQL": ["Dispatch", "Synchronization"],
    "GatehouseSQLite": driver.union(["GRDB", "GRDBSQLite"]),
    "GatehousePostgres": driver.union(["CLibPQ", "COpenSSL"]),
    "GatehouseCore": [
        "GatehouseEncoding", "GatehouseJOSE", "GatehouseProtocol", "GatehouseSQL",
        "GatehouseScopes", "GatehouseX509", "Crypto",
        "CryptoExtras", "CSodium", "CZxcvbn", "Logging", "Foundation", "FoundationEssentials",
        "Synchronization", "Dispatch",
    ],
    "GatehouseOutbound": [
        "GatehouseCore", "GatehouseProtocol", "GatehouseEncoding", "CAres", "NIOCore", "NIOHTTP1",
        "NIOPosix", "NIOSSL",
        "Synchronization", "Glibc",
    ],
    "GatehouseWeb": [
        "GatehouseCore", "GatehouseProtocol", "GatehouseEncoding", "GatehouseSQL", "Hummingbird",
        "HummingbirdCore", "HummingbirdTLS", "HTTPTypes", "NIOCore", "NIOHTTP1",
        "NIOHTTPTypesHTTP1", "NIOPosix", "NIOSSL", "Logging", "Crypto", "ServiceLifecycle",
        "Synchronization", "Glibc",
    ],
    "GatehouseEndpoints": surface.union(["GatehouseJOSE"]),
    "GatehousePages": surface,
    // It shows the hosted pages as they would look.
    "GatehouseAdmin": surface.union([
        "GatehousePages", "GatehouseJOSE", "GatehouseScopes", "Crypto", "Synchronization",
    ]),
    "GatehouseDemo": [
        "GatehouseClient", "GatehouseWeb", "GatehouseProtocol", "GatehouseJOSE",
        "GatehouseEncoding", "Hummingbird", "HTTPTypes", "NIOCore", "NIOHTTP1", "Logging",
        "AsyncHTTPClient", "Crypto",
    ],
]

/// The drivers talk to the operating system: files, locks, threads.
private let driver: Set<String> = [
    "GatehouseSQL", "Foundation", "Dispatch", "Synchronization", "Glibc",
]

/// The surfaces import no driver, and do not import each other, but for what the table says.
private let surface: Set<String> = [
    "GatehouseWeb", "GatehouseCore", "GatehouseProtocol", "GatehouseEncoding", "Hummingbird",
    "HTTPTypes", "NIOCore", "Logging",
]

/// Wires everything together, so it may import everything.
private let root = "gatehouse"

/// The imports that the table does not allow.
private func problems(in file: SwiftFile, table: [String: Set<String>]) -> [Problem] {
    let target = String(file.path.split(separator: "/").dropFirst().first ?? "")
    guard target != root else { return [] }
    let pattern = /^\s*(?:@\w+\s+)*(?:\w+\s+)?import\s+(?:\w+\s+)?(\w+)/
    return file.code.indices.compactMap { index in
        guard let module = file.code[index].firstMatch(of: pattern)?.1,
            !table[target, default: []].contains(String(module))
        else { return nil }
        return Problem(
            path: file.path, line: index + 1,
            advice: """
                \(target) may not import \(module). Move the code to the target that may, or \
                change the table in ARCHITECTURE.md and in ImportTests.swift, with an ADR.
                """)
    }
}

/// The rows of the import table in a document: `| GatehouseJOSE | Crypto, … | … |`.
private func table(in document: String) -> [String: Set<String>] {
    var table: [String: Set<String>] = [:]
    let start = document.split(separator: "\n").drop { !$0.hasPrefix("| Target | May import |") }
    for row in start.dropFirst(2).prefix(while: { $0.hasPrefix("|") }) {
        let cells = row.split(separator: "|").map { String($0).trimmed }
        guard cells.count >= 2 else { continue }
        let modules = cells[1].split { !$0.isLetter && !$0.isNumber }.map(String.init)
        table[cells[0]] = Set(modules)
    }
    return table
}

/// The targets that each target of a manifest is built with, besides packages of others.
private func dependencies(in manifest: String) -> [String: Set<String>] {
    let target = /\.(?:target|executableTarget)\(\s*name: "(\w+)",\s*dependencies: \[([^\]]*)\]/
    var found: [String: Set<String>] = [:]
    for match in manifest.matches(of: target) {
        let own = match.2.replacing(/\.product\([^)]*\)/, with: "")
        found[String(match.1)] = Set(own.matches(of: /"(\w+)"/).map { String($0.1) })
    }
    return found
}

/// Everything that a target is built with, and what that is built with.
private func everything(for target: String, in manifest: [String: Set<String>]) -> Set<String> {
    var (known, new): (Set<String>, Set<String>) = ([], [target])
    while !new.isEmpty {
        known.formUnion(new)
        new = Set(new.flatMap { manifest[$0, default: []] }).subtracting(known)
    }
    return known
}

@Suite struct `The SDK` {
    /// What it shares with the server, and the bindings of that to C.
    private static let shared: Set<String> = [
        "GatehouseScopes", "GatehouseProtocol", "GatehouseJOSE", "GatehouseEncoding", "COpenSSL",
    ]

    @Test(arguments: ["GatehouseClient", "GatehouseHummingbird", "GatehouseTesting"])
    func `is built without the server`(product: String) throws {
        let manifest = dependencies(in: try #require(Checkout.text(of: "Package.swift")))
        let built = everything(for: product, in: manifest)
        #expect(built.contains("GatehouseEncoding"))
        #expect(
            built.subtracting(Self.shared).subtracting(["GatehouseClient", product]).isEmpty,
            "An app that uses \(product) would have to build \(built.sorted()).")
        // The walk finds what there is.
        #expect(everything(for: "gatehouse", in: manifest).contains("GatehouseCore"))
    }
}

@Suite struct `Imports` {
    @Test func `go in one direction`() {
        expectNone(Checkout.sources.flatMap { problems(in: $0, table: allowedImports) })
    }

    @Test func `are described in ARCHITECTURE.md as they are enforced`() throws {
        var described = table(in: try #require(Checkout.text(of: "ARCHITECTURE.md")))
        #expect(described.removeValue(forKey: root) == ["everything"])
        for target in Set(described.keys).union(allowedImports.keys).sorted() {
            #expect(
                described[target] == allowedImports[target],
                "Make the row of \(target) in ARCHITECTURE.md and in ImportTests.swift agree.")
        }
    }

    @Test func `are ruled for every target there is, and for no other`() {
        let targets = Checkout.folders(in: "Sources").filter {
            !Checkout.paths(below: "Sources/\($0)").allSatisfy { !$0.hasSuffix(".swift") }
        }
        #expect(
            Set(targets) == Set(allowedImports.keys).union([root]),
            "Give each target a row in ARCHITECTURE.md and in ImportTests.swift.")
    }

    @Test(arguments: [
        "import GRDB", "    package import GRDB", "@testable import GRDB",
        "private import struct GRDB.Row",
    ])
    func `that the table does not allow are found`(_ line: String) {
        let file = SwiftFile("Sources/GatehouseCore/A.swift", "// import NIO\n" + line)
        #expect(problems(in: file, table: allowedImports).map(\.line) == [2])
        #expect(problems(in: file, table: ["GatehouseCore": ["GRDB"]]).isEmpty)
    }

    @Test func `are read from a table`() {
        let document = """
            | Target | May import | Why |
            |---|---|---|
            | A | B, C | d |
            | E | – | f |
            """
        #expect(table(in: document) == ["A": ["B", "C"], "E": []])
    }
}
