import GatehouseCore
import GatehouseWeb

/// Asks all else about an application: where it runs, and who controls it.
struct ClientWizardView: Sendable {
    let screen: PortalScreen
    let place: PortalPlace
    let kind: AppKind
    let form: PortalForm
    /// Why it was not registered.
    let problem: Problem?
    let post: PostForm
    /// The way back to the other kinds.
    let kinds: Link

    var html: HTML {
        """
        <section class="hero">
        <p class="trail"><a\(href: kinds)>New application</a> ›</p>
        <h1>\(kind.title)</h1>
        <p class="lede">\(kind.sentence)</p>
        </section>
        \(problem.map { Alert.problem("This was not registered", "<p>\($0.detail)</p>") })
        <section>
        \(post.html(
            """
            \(members(in: kind.questions).map(field))
            <details>
            <summary>Everything else that can be set</summary>
            <div class="stack">\(rest.map(field))</div>
            </details>
            <div class="row">
            <button type="submit" class="primary">Register</button>
            <a class="button secondary"\(href: kinds)>Back</a>
            </div>
            """))
        </section>
        """
    }

    private func members(in names: [String]) -> [Member] {
        names.compactMap { name in screen.endpoint.members.first { $0.name == name } }
    }

    private var rest: [Member] {
        let asked = kind.questions + kind.registration.map(\.name)
        return screen.endpoint.members.filter { !asked.contains($0.name) }
    }

    private func field(_ member: Member) -> HTML {
        PortalField(
            kind.needs(member.name) ? member.required : member, value: form.value(of: member),
            problem: problem?.sentence(about: member),
            advice: advice(for: member.name),
            check: member.name == "redirect_uris" ? check : nil
        ).html
    }

    /// Where addresses are judged while they are typed.
    private var check: Link? {
        let type = kind.registration.first { $0.name == "type" }?.value ?? ""
        return PortalScreen.byOperation[.checkRedirectURI]
            .flatMap { place.link($0, [("type", type), ("uri", "")]) }
    }

    /// What is easily got wrong.
    private func advice(for name: String) -> HTML? {
        switch (name, kind) {
        case ("redirect_uris", .native):
            """
            An address of your own scheme, such as <code>com.example.app:/callback</code>, or
            <code>http://127.0.0.1/callback</code>: for loopback any port is taken.
            """
        case ("redirect_uris", _):
            """
            Compared character by character: <code>/callback</code> and <code>/callback/</code> differ,
            and so do <code>localhost</code> and <code>127.0.0.1</code>. https, or http on loopback;
            no wildcard, no fragment.
            """
        case ("party", _):
            "Nobody is asked about your own; of a third party’s, people see whose it is and what it wants."
        default: nil
        }
    }
}
