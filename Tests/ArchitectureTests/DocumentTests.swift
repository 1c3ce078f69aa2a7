import Testing

/// The lines that name a place which exists on one machine only.
private func problems(ofPlacesIn path: String, _ text: String) -> [Problem] {
    let place = #/(?:^|[^\w.\-/])(?:/(?:work|home|root)/|/tmp/wt)/#
    return text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap {
        $1.firstMatch(of: place) == nil
            ? nil
            : Problem(
                path: path, line: $0 + 1,
                advice: "This path exists on one machine only. Write a path from the checkout.")
    }
}

/// The folders that a document does not describe, in the form `` `Tenants/` ``.
private func foldersMissing(in document: String, of folders: [String]) -> [String] {
    folders.filter { !document.contains("`\($0)/`") }
}

/// The words of a source file, such as kinds of events, that a document does not name.
private func wordsMissing(
    in document: String, of file: SwiftFile, like word: Regex<Substring>
) -> [String] {
    file.literals.map(\.text).filter {
        $0.wholeMatch(of: word) != nil && !document.contains("`\($0)`")
    }
}

@Suite struct `Documents` {
    @Test func `and sources name no place of one machine`() {
        let pages = [
            "README.md", "ARCHITECTURE.md", "STYLE.md", "CONTRIBUTING.md", "SECURITY.md",
            "CHANGELOG.md", "Makefile", "Package.swift", ".ci/run",
        ]
        let paths = pages + ["Sources", "Scripts", "docs"].flatMap(Checkout.paths(below:))
        expectNone(
            paths.flatMap { path in
                Checkout.text(of: path).map { problems(ofPlacesIn: path, $0) } ?? []
            })
    }

    @Test(arguments: ["GatehouseAdmin", "GatehouseClient", "GatehouseCore", "gatehouse"])
    func `describe every folder`(of target: String) throws {
        let document = try #require(Checkout.text(of: "ARCHITECTURE.md"))
        let missing = foldersMissing(
            in: document, of: Checkout.folders(in: "Sources/\(target)"))
        #expect(missing.isEmpty, "Describe each in ARCHITECTURE.md, or move what is in it.")
    }

    @Test func `of the SDK show code that stands in the examples`() throws {
        let page = try #require(Checkout.text(of: "docs/tutorials/sign-people-in-from-swift.md"))
        let examples = Checkout.paths(below: "Examples").compactMap(Checkout.text(of:)).joined()
        let blocks = page.matches(of: /```swift\n((?:.*\n)*?)```/.asciiWords).map(\.1)
        #expect(blocks.count > 5)
        for block in blocks where !examples.contains(block) {
            Issue.record("The examples do not contain this:\n\(block)")
        }
    }

    @Test func `name every kind of event`() throws {
        let document = try #require(Checkout.text(of: "docs/reference/events.md"))
        let path = "Sources/GatehouseCore/Events/Event.swift"
        let file = try #require(Checkout.sources.first { $0.path == path })
        #expect(
            wordsMissing(in: document, of: file, like: /[a-z_]+\.[a-z_]+/).isEmpty,
            "Add each to docs/reference/events.md.")
    }

    @Test func `name every rule of a check`() throws {
        let document = try #require(Checkout.text(of: "docs/reference/checks.md"))
        let files = Checkout.sources.filter { $0.path.hasPrefix("Sources/GatehouseAdmin/Checks/") }
        #expect(files.count > 5)
        let missing = files.flatMap {
            wordsMissing(in: document, of: $0, like: /[a-z]+(?:_[a-z]+)+/)
        }
        #expect(missing.isEmpty, "Add each to docs/reference/checks.md.")
    }

    @Test func `name every path of an endpoint`() throws {
        let document = try #require(Checkout.text(of: "docs/reference/endpoints.md"))
        let path = "Sources/GatehouseProtocol/Discovery/Endpoint.swift"
        let file = try #require(Checkout.sources.first { $0.path == path })
        #expect(
            wordsMissing(in: document, of: file, like: /\/.+/).isEmpty,
            "Add each to docs/reference/endpoints.md.")
    }

    @Test(arguments: ["cd /work/x", "/home/kay/a", "(/root/a)", "at /tmp/wt-a", "\"/work/a\""])
    func `that name a place of one machine are found`(_ line: String) {
        #expect(problems(ofPlacesIn: "a.md", "\n" + line).map(\.line) == [2])
    }

    @Test(arguments: ["/var/lib/gatehouse", "https://example.com/home/a", "docs/work/a", "/tmp/a"])
    func `that name another place are left alone`(_ line: String) {
        #expect(problems(ofPlacesIn: "a.md", line).isEmpty)
    }

    @Test func `that miss a word of the code are found`() {
        let file = SwiftFile("a.swift", "case a = \"user.created\", b = \"user.left\", c = \"?\"")
        let missing = wordsMissing(in: "`user.created`", of: file, like: /[a-z_]+\.[a-z_]+/)
        #expect(missing == ["user.left"])
    }

    @Test func `that miss a folder are found`() {
        #expect(foldersMissing(in: "- `Users/`: users", of: ["Users", "Keys"]) == ["Keys"])
    }
}
