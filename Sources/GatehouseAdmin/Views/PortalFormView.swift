import GatehouseCore
import GatehouseWeb

/// What is done once it is filled in and confirmed.
struct PortalFormView: Sendable {
    let screen: PortalScreen
    let place: PortalPlace
    let form: PortalForm
    /// Why it was not done.
    let problem: Problem?
    let post: PostForm
    /// The way back without doing it.
    let back: Link
    /// True if whoever looks signed in a short while ago, or need not have.
    let isFresh: Bool

    var html: HTML {
        """
        <section class="hero">
        \(PortalTrail(screen: screen, place: place).html)
        <h1>\(screen.title)</h1>
        <p class="lede">\(screen.sentence)</p>
        \(subject)
        </section>
        \(problem.map { Alert.problem("This was not done", "<p>\($0.detail)</p>") })
        <section>
        \(isFresh ? whole : stale)
        </section>
        """
    }

    /// What it is about, by its name in the address.
    private var subject: HTML? {
        guard !screen.makesNew, let name = screen.placeholders.last, name != "tenant",
            let value = place[name]
        else { return nil }
        return "<p>\(PortalWords.label(name)): <strong><bdi>\(value)</bdi></strong></p>"
    }

    private var stale: HTML {
        """
        <p>This cannot be undone, or makes administrators. It is open for 15 minutes after you sign
        in, and you signed in longer ago.</p>
        <p><a class="button secondary"\(href: back)>Back</a></p>
        """
    }

    private var whole: HTML {
        var post = post
        post.bringsFiles = screen.endpoint.members.contains { $0.kind.isFile }
        return post.html(
            """
            \(screen.asked.map { PortalField(named: $0, value: form.value(ofName: $0)).html })
            \(screen.endpoint.members.map(field))
            <div class="row">
            <button type="submit" class="\(screen.takesAway ? "primary danger" : "primary")">\
            \(screen.button)</button>
            \(screen.hasPreview ? Self.look : nil)
            <a class="button secondary"\(href: back)>Cancel</a>
            </div>
            """)
    }

    private static let look: HTML = """
        <button type="submit" class="secondary" name="\(PortalForm.lookName)" value="preview">\
        Preview</button>
        """

    private func field(_ member: Member) -> HTML {
        PortalField(
            member, value: form.value(of: member), problem: problem?.sentence(about: member)
        ).html
    }
}
