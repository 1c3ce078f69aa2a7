import GatehouseWeb

extension ConsentView.ToldOrganizations {
    /// The most organizations that are named; whoever is in more knows them.
    private static let mostNames = 5

    /// What it learns, among what it asks for.
    var group: HTML {
        """
        <div class="asked">
        <h2>Your organizations</h2>
        <ul>
        <li>\(words)</li>
        </ul>
        </div>

        """
    }

    /// The same as a sentence.
    var hint: HTML { "<p class=\"hint\">It can also \(words).</p>" }

    private var words: HTML {
        switch self {
        case .all:
            """
            see every organization that you are in, also those that you join later, with your \
            title and what you may do in each
            """
        case .named(let names) where names.isEmpty:
            "see whether you are in certain organizations; you are in none of them now"
        case .named(let names):
            """
            see that you are in \(Self.list(names)), with your title and what you may do there, and \
            of no other organization
            """
        }
    }

    private static func list(_ names: [String]) -> HTML {
        var list: HTML = ""
        for (number, name) in names.prefix(mostNames).enumerated() {
            if number > 0 {
                list += number == names.count - 1 ? " and " : ", "
            }
            list += "<strong><bdi>\(name)</bdi></strong>"
        }
        let rest = names.count - mostNames
        if rest > 0 { list += " and \(rest) more" }
        return list
    }
}
