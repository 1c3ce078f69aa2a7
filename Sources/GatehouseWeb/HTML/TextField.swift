/// One labelled input of a form, with its hint and its problem tied to it for assistive technology.
package struct TextField: Sendable {
    /// The name it is sent under, and its id on the page.
    package var name: String
    /// The words above it.
    package var label: String
    /// The kind of input.
    package var kind: Kind
    /// The tokens by which browsers and password managers know what belongs here.
    package var autocomplete: String
    /// What stands in it; ignored for passwords.
    package var value: String = ""
    /// What helps to fill it in.
    package var hint: HTML?
    /// What is wrong with it.
    package var problem: HTML?
    /// The id of an element that says what is wrong with it and with others.
    package var sharedProblem: String?
    /// Whether it has to be filled in.
    package var isRequired = true
    /// Whether the keyboard starts here.
    package var isFocused = false
    /// Attributes that only this input has, with a space before each.
    package var attributes: HTML = ""

    /// The kind of an input.
    package enum Kind: String, Sendable {
        case text
        case email
        case password
    }

    /// An empty, required input.
    package init(name: String, label: String, kind: Kind, autocomplete: String) {
        self.name = name
        self.label = label
        self.kind = kind
        self.autocomplete = autocomplete
    }

    /// The label, the hint, the problem and the input.
    package var html: HTML {
        """
        <div class="field">
        <label for="\(name)">\(label)\(isRequired ? nil : optional)</label>
        \(hint.map { "<p class=\"hint\" id=\"\(name)-hint\">\($0)</p>" })
        \(problem.map { "<p class=\"wrong\" id=\"\(name)-problem\">\($0)</p>" })
        <input id="\(name)" name="\(name)" type="\(kind.rawValue)"\
        \(attribute: "value", kind == .password ? nil : value)\
        \(attribute: "autocomplete", autocomplete)\(attributes)\
        \(attribute: "aria-invalid", isInvalid ? "true" : nil)\
        \(attribute: "aria-describedby", description)\
        \(attribute: "required", isRequired)\(attribute: "autofocus", isFocused)>
        </div>
        """
    }

    private var optional: HTML { " <span class=\"optional\">(optional)</span>" }

    private var isInvalid: Bool { problem != nil || sharedProblem != nil }

    private var description: String? {
        let ids = [
            hint == nil ? nil : "\(name)-hint",
            problem == nil ? nil : "\(name)-problem",
            sharedProblem,
        ].compactMap(\.self)
        return ids.isEmpty ? nil : ids.joined(separator: " ")
    }
}
