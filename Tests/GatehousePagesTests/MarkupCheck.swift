/// Reads markup as strictly as we write it and tells what is wrong: a tag that does not nest, an
/// attribute without quotes, an id that stands twice, a reference that leads nowhere.
struct MarkupCheck {
    private(set) var problems: [String] = []
    private var open: [String] = []
    private var ids: [String] = []
    private var references: [String] = []
    private var focused = 0

    private static let void: Set<String> = [
        "meta", "link", "input", "br", "path", "circle", "img", "source",
    ]
    private static let known: Set<String> = [
        "html", "head", "meta", "title", "link", "body", "header", "main", "footer", "section",
        "h1", "h2", "p", "div", "span", "strong", "bdi", "a", "form", "input", "button", "label",
        "ul", "li", "dl", "dt", "dd", "code", "pre", "mark", "details", "summary", "table",
        "br", "caption", "thead", "tbody", "tr", "th", "td", "svg", "path", "circle", "time",
        "script", "iframe", "picture", "source", "img", "nav", "fieldset", "legend", "select",
        "option",
    ]

    /// Checks a whole document.
    static func problems(in markup: String) -> [String] {
        var check = MarkupCheck()
        check.read(markup)
        return check.problems
    }

    private mutating func read(_ markup: String) {
        var rest = Substring(markup)
        while let start = rest.firstIndex(of: "<") {
            rest = rest[rest.index(after: start)...]
            guard let end = rest.firstIndex(of: ">") else {
                problems.append("a tag does not end")
                return
            }
            // Every ">" of a value is escaped, so the first one ends the tag.
            tag(rest[..<end])
            rest = rest[rest.index(after: end)...]
        }
        if !open.isEmpty { problems.append("left open: \(open)") }
        if Set(ids).count != ids.count { problems.append("an id stands twice: \(ids)") }
        if focused > 1 { problems.append("more than one element takes the focus") }
        for reference in references where !ids.contains(reference) {
            problems.append("nothing has the id \(reference)")
        }
    }

    private mutating func tag(_ text: Substring) {
        if text.hasPrefix("!DOCTYPE") { return }
        if text.hasPrefix("/") {
            let name = String(text.dropFirst())
            if open.popLast() != name { problems.append("</\(name)> ends another element") }
            return
        }
        let closesItself = text.hasSuffix("/")
        let body = closesItself ? text.dropLast() : text
        let name = String(body.prefix { $0 != " " && $0 != "\n" })
        if !Self.known.contains(name) { problems.append("<\(name)> is not one of ours") }
        attributes(body.dropFirst(name.count), of: name)
        if !closesItself, !Self.void.contains(name) { open.append(name) }
    }

    private mutating func attributes(_ text: Substring, of element: String) {
        let attribute = /\s+([a-zA-Z-]+)(?:="([^"<>]*)")?/
        var rest = text
        var seen: Set<String> = []
        while let match = rest.prefixMatch(of: attribute) {
            let name = String(match.1)
            if !seen.insert(name).inserted {
                problems.append("\(name) stands twice in <\(element)>")
            }
            if name.hasPrefix("on") || name == "style" {
                problems.append("\(name) has no place on a page")
            }
            note(name, String(match.2 ?? ""))
            rest = rest[match.range.upperBound...]
        }
        if !rest.allSatisfy(\.isWhitespace) { problems.append("<\(element)> holds “\(rest)”") }
    }

    private mutating func note(_ name: String, _ value: String) {
        switch name {
        case "id": ids.append(value)
        case "autofocus": focused += 1
        case "for", "aria-describedby":
            references += value.split(separator: " ").map(String.init)
        case "href" where value.hasPrefix("#"): references.append(String(value.dropFirst()))
        case "href", "action", "src", "srcset":
            let isSafe =
                value.hasPrefix("/") && !value.hasPrefix("//") || value.hasPrefix("https://")
                || value.hasPrefix("http://")
            if !isSafe { problems.append("\(name) leads to \(value)") }
        default: break
        }
    }
}
