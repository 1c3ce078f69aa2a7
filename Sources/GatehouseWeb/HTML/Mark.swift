/// The Gatehouse mark: an arch, and someone in it.
package enum Mark {
    /// The mark in a page; the stylesheet gives it its size and colour.
    static let inline: HTML = """
        <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">\
        <path d="M3 29V15a13 13 0 0 1 26 0v14h-5V15a8 8 0 0 0-16 0v14z"/>\
        <circle cx="16" cy="17" r="3.5"/><path d="M11 29v-1.5a5 5 0 0 1 10 0v1.5z"/></svg>
        """

    /// The mark as a file of its own, `image/svg+xml`, for the tab of the browser.
    package static let image: HTML = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><g fill="#1f7a63">\
        <path d="M3 29V15a13 13 0 0 1 26 0v14h-5V15a8 8 0 0 0-16 0v14z"/>\
        <circle cx="16" cy="17" r="3.5"/><path d="M11 29v-1.5a5 5 0 0 1 10 0v1.5z"/></g></svg>

        """
}
