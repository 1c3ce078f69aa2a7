/// A word at the head of a form: what went wrong, or what there is to know.
package enum Alert {
    /// The id of the problem, for `aria-describedby`.
    package static let id = "problem"

    /// What went wrong.
    ///
    /// It is announced, and the keyboard starts here.
    package static func problem(_ title: HTML, _ details: HTML? = nil) -> HTML {
        """
        <div class="alert problem" id="problem" role="alert" tabindex="-1" autofocus>
        <p class="title">\(title)</p>
        \(details)
        </div>
        """
    }

    /// What there is to know before going on.
    package static func note(_ text: HTML) -> HTML {
        "<div class=\"alert note\"><p>\(text)</p></div>"
    }

    /// What just happened.
    ///
    /// It is announced without taking the keyboard.
    package static func news(_ title: HTML, _ details: HTML? = nil) -> HTML {
        """
        <div class="alert news" role="status">
        <p class="title">\(title)</p>
        \(details)
        </div>
        """
    }
}
