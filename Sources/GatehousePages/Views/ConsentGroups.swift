import GatehouseProtocol
import GatehouseWeb

/// What an application asks for, group by group: who the person is, what it does at each resource,
/// and what it does while nobody is there.
struct ConsentGroups: Sendable {
    private let question: ConsentView.Question

    init(_ question: ConsentView.Question) {
        self.question = question
    }

    /// What an application was allowed, to read and not to answer.
    init(allowed groups: [ConsentView.Group]) {
        question = ConsentView.Question(
            groups: groups, details: [], isAddition: false, mayChoose: false)
    }

    var html: HTML {
        let about = question.groups.filter { $0.resource == nil }.flatMap(\.items)
        let here = about.filter { $0.value != Scope.offlineAccess }
        let away = about.filter { $0.value == Scope.offlineAccess }
        // Even a scope without values says who somebody is, the first time.
        let isFirst = !question.isAddition && !here.contains { $0.value == Scope.openID }
        let identity = isFirst ? [ConsentView.Item(value: Scope.openID, description: nil)] : []
        var shown: Set<String> = []
        var groups = group("Who you are", identity + here, &shown)
        // Of what is new it is no part: it holds for whatever was allowed before, too.
        if !question.isAddition, let organizations = question.organizations?.group {
            groups += organizations
        }
        for part in question.groups {
            guard let resource = part.resource else { continue }
            groups += group(resource.heading, part.items, &shown)
        }
        groups += question.details.map(Self.detail).reduce(into: "") { $0 += $1 }
        groups += group("When you are away", away, &shown)
        return groups
    }

    /// What is to be done in full, member by member.
    private static func detail(_ detail: ConsentView.Detail) -> HTML {
        let facts = detail.facts.map { fact -> HTML in
            "<div><dt><bdi>\(fact.name)</bdi></dt><dd><bdi>\(fact.value)</bdi></dd></div>\n"
        }
        return """
            <div class="asked">
            <h2><bdi>\(detail.description)</bdi></h2>
            \(detail.facts.isEmpty ? nil : "<dl class=\"facts\">\n\(facts)</dl>" as HTML)
            </div>

            """
    }

    /// One group; what stands in an earlier one is ticked there, once for all.
    private func group(
        _ heading: HTML, _ items: [ConsentView.Item], _ shown: inout Set<String>
    ) -> HTML {
        var lines: [HTML] = []
        for item in items {
            let isTickable =
                question.mayChoose && item.value != Scope.openID
                && shown.insert(item.value).inserted
            lines.append(isTickable ? Self.tick(item) : "<li>\(Self.words(for: item))</li>\n")
        }
        guard !lines.isEmpty else { return "" }
        return """
            <div class="asked">
            <h2>\(heading)</h2>
            <ul>
            \(lines)</ul>
            </div>

            """
    }

    private static func tick(_ item: ConsentView.Item) -> HTML {
        """
        <li class="tick"><label><input type="checkbox" name="scope" value="\(item.value)" checked>
        <span>\(words(for: item))</span></label></li>

        """
    }

    private static func words(for item: ConsentView.Item) -> HTML {
        if let description = item.description {
            return "<bdi>\(description)</bdi>"
        }
        return item.value == Scope.offlineAccess
            ? """
            do all this when you are not there, also after you sign out here, until it is taken back
            """
            : ScopeWords.words(for: item.value)
    }
}

extension ConsentView.Resource {
    fileprivate var heading: HTML {
        guard let name else { return "At <code>\(identifier)</code>" }
        return """
            At <bdi>\(name)</bdi> <span class="optional"><bdi dir="ltr">\(identifier)</bdi></span>
            """
    }
}
