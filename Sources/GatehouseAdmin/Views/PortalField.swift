import GatehouseCore
import GatehouseWeb

/// One field of a form of the portal.
struct PortalField: Sendable {
    private let name: String
    private let label: String
    private let hint: String
    private let kind: Member.Kind
    private let isRequired: Bool
    private let value: String
    private let problem: String?
    private let isFilter: Bool
    /// What is easily got wrong.
    private let advice: HTML?
    /// Where what is typed is judged while it is, line by line.
    private let check: Link?

    init(
        _ member: Member, value: String, problem: String? = nil, isFilter: Bool = false,
        advice: HTML? = nil, check: Link? = nil
    ) {
        self.advice = advice
        self.check = check
        name = member.name
        label = PortalWords.label(member.name)
        hint = member.words
        kind = member.kind
        isRequired = member.isRequired
        self.value = value
        self.problem = problem
        self.isFilter = isFilter
    }

    /// A field for a name that stands in the path of what is asked for.
    init(named name: String, value: String, problem: String? = nil) {
        self.init(
            Member.text(name, "Which one it is about.").required, value: value, problem: problem)
    }

    var html: HTML {
        """
        <div class="field">
        <label for="\(name)">\(label)\(isRequired || isFilter ? nil : Self.optional)</label>
        \(isFilter ? nil : "<p class=\"hint\" id=\"\(name)-hint\">\(hint)\(form)</p>" as HTML)\(advice.map { "<p class=\"hint\">\($0)</p>" as HTML })
        \(problem.map { "<p class=\"wrong\" id=\"\(name)-problem\">\($0)</p>" as HTML })
        \(control)
        \(check.map { "<div class=\"check\" role=\"status\" data-check=\"\($0.target)\"></div>" as HTML })
        </div>

        """
    }

    private static let optional: HTML = " <span class=\"optional\">(optional)</span>"

    /// How a list is written.
    private var form: HTML? {
        switch kind {
        case .texts, .objects: " One on each line."
        case .textsOr(let words): " One on each line, or \(words.joined(separator: " or "))."
        case .describedNames: " One on each line: the value, a colon, and what it means."
        case .object: " As JSON."
        default: nil
        }
    }

    private var control: HTML {
        switch kind {
        case .flag: select([("true", "Yes"), ("false", "No")])
        case .choice(let choices): select(choices.map { ($0, $0) })
        case .texts, .textsOr, .objects, .object, .describedNames:
            "<textarea id=\"\(name)\" name=\"\(name)\" rows=\"3\" spellcheck=\"false\"\(common)>\n\(value)</textarea>"
        case .file:
            """
            <input id="\(name)" name="\(name)" type="file" accept="image/png,image/jpeg,image/webp"\
            \(common)>
            """
        case .text, .number, .numberOr:
            """
            <input id="\(name)" name="\(name)" type="\(name == "password" ? "password" : "text")"\
            \(attribute: "inputmode", isNumber ? "numeric" : nil)\
            \(attribute: "value", name == "password" ? nil : value) \
            autocomplete="\(name == "password" ? "new-password" : "off")" spellcheck="false"\(common)>
            """
        }
    }

    private var isNumber: Bool { if case .number = kind { true } else { false } }

    private func select(_ choices: [(value: String, words: String)]) -> HTML {
        let known = choices.contains { $0.value == value }
        let empty: HTML =
            known && !isFilter ? "" : "<option value=\"\">\(isFilter ? "Any" : "Not said")</option>"
        let options = choices.map { choice in
            """
            <option value="\(choice.value)"\(attribute: "selected", choice.value == value)>\
            \(choice.words)</option>
            """ as HTML
        }
        return "<select id=\"\(name)\" name=\"\(name)\"\(common)>\(empty)\(options)</select>"
    }

    private var common: HTML {
        let described = [isFilter ? nil : "\(name)-hint", problem == nil ? nil : "\(name)-problem"]
            .compactMap(\.self)
        return """
            \(attribute: "aria-invalid", problem == nil ? nil : "true")\
            \(attribute: "aria-describedby", described.isEmpty ? nil : described.joined(separator: " "))\
            \(attribute: "required", isRequired)
            """
    }
}
