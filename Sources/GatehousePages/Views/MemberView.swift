package import GatehouseWeb

/// The page of one member of an organization: what they are there, and the changes to that.
///
/// It sends `change`, `account` and `csrf`, and `basis`, `title`, `standing` and `role` to save, or
/// `group` to join or leave one.
package struct MemberView: Sendable {
    /// What stands around the content.
    package var page: OrganizationFrame
    /// The member.
    package var member: MemberRow
    /// Scopes that they have besides their roles.
    package var scopes: [String]
    /// The groups that they are in.
    package var groups: [String]
    /// What can be chosen; nil if whoever is signed in may not change this member.
    package var choices: Choices?

    /// What of a member can be chosen.
    package struct Choices: Sendable, Hashable {
        /// The state that the choice begins with.
        package var basis: String
        /// The title that stands in the form.
        package var title: String
        /// Owner and admin, as far as they can be given.
        package var standings: [Choice]
        /// The roles that can be given.
        package var roles: [Choice]
        /// The groups that the member can be put into.
        package var groups: [String]

        /// What can be chosen.
        package init(
            basis: String, title: String, standings: [Choice], roles: [Choice], groups: [String]
        ) {
            self.basis = basis
            self.title = title
            self.standings = standings
            self.roles = roles
            self.groups = groups
        }
    }

    /// Something that can be ticked.
    package struct Choice: Sendable, Hashable {
        package var value: String
        package var words: String
        package var hint: String?
        package var isTicked: Bool

        /// Something that can be ticked.
        package init(value: String, words: String, hint: String?, isTicked: Bool) {
            self.value = value
            self.words = words
            self.hint = hint
            self.isTicked = isTicked
        }
    }

    /// The page.
    package init(
        page: OrganizationFrame, member: MemberRow, scopes: [String], groups: [String],
        choices: Choices?
    ) {
        self.page = page
        self.member = member
        self.scopes = scopes
        self.groups = groups
        self.choices = choices
    }

    /// The whole page.
    package var document: PageDocument {
        page.document(
            member.account.name ?? member.account.signInName,
            """
            <section>
            <h2>What is known</h2>
            <dl class="facts">
            \(fact("Account", "<bdi>\(member.account.signInName)</bdi>"))\
            \(fact("Is", member.standing.words))\
            \(member.title.map { fact("Title", "<bdi>\($0)</bdi>") })\
            \(fact("Roles", "<bdi>\(list(member.roles))</bdi>"))\
            \(fact("Groups", "<bdi>\(list(groups))</bdi>"))\
            \(scopes.isEmpty ? nil : fact("Scopes", "<bdi>\(list(scopes))</bdi>"))\
            \(fact("State", member.isSuspended ? "suspended" : "active"))\
            \(fact("Joined", member.joined.html))
            </dl>
            </section>
            \(choices == nil ? Self.ownersOnly : nil)
            \(page.showsForms ? choices.map(changes) : nil)
            """)
    }

    private static let ownersOnly: HTML = """
        <section>
        <p>This member is an owner. Only an owner can change anything about them.</p>
        </section>
        """

    private func list(_ names: [String]) -> String {
        names.isEmpty ? "none" : names.joined(separator: ", ")
    }

    private func fact(_ name: HTML, _ value: HTML) -> HTML {
        "<div><dt>\(name)</dt><dd>\(value)</dd></div>\n"
    }

    private func changes(_ choices: Choices) -> HTML {
        """
        <section>
        <h2>Change</h2>
        \(page.form.html(fields(choices)))
        </section>
        \(groupSection(choices))
        <section>
        <h2>\(member.isSuspended ? "Let them act again" : "Suspend" as HTML)</h2>
        <p>Whoever is suspended stays a member, and can do nothing in the organization.</p>
        \(member.isSuspended
            ? page.button("Resume", .resume) : page.button("Suspend", .suspend))
        </section>
        <section>
        <h2>Remove</h2>
        <details>
        <summary>Remove from the organization</summary>
        <p>They lose everything that they have here. Their account stays theirs.</p>
        \(page.button("Remove", .remove))
        </details>
        </section>
        """
    }

    private func fields(_ choices: Choices) -> HTML {
        var title = TextField(
            name: "title", label: "Title", kind: .text, autocomplete: "off")
        title.value = choices.title
        title.isRequired = false
        title.hint = "What they are here, such as Founder. Nothing depends on it."
        if page.note == .problem(.title) { title.problem = OrganizationNote.Problem.title.field }
        return """
            <input type="hidden" name="basis" value="\(choices.basis)">
            \(title.html)
            \(TickList.standings(choices.standings).html)
            \(TickList("role", "Roles", choices.roles).html)
            <div class="row">\(OrganizationFrame.submit("Save", .save, isPrimary: true))</div>
            """
    }

    private func groupSection(_ choices: Choices) -> HTML? {
        guard !choices.groups.isEmpty || !groups.isEmpty else { return nil }
        let leaving = groups.map {
            page.button("Take out of <bdi>\($0)</bdi>", .leave, of: $0, named: "group")
        }
        let options = choices.groups.map { "<option>\($0)</option>\n" as HTML }
        return """
            <section>
            <h2>Groups</h2>
            \(leaving)
            \(choices.groups.isEmpty ? nil : page.form.html(class: "search", joining(options)))
            </section>
            """
    }

    private func joining(_ options: [HTML]) -> HTML {
        """
        <div class="field">
        <label for="group">Group</label>
        <select id="group" name="group">
        \(options)</select>
        </div>
        \(OrganizationFrame.submit("Put in", .join))
        """
    }
}
