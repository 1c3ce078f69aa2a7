/// A logo on a page: an image for light pages, and one for dark ones if that is another.
package struct LogoImage: Sendable, Hashable {
    /// Where the image is.
    package var light: Link
    /// Where the other one is.
    package var dark: Link?

    /// A logo.
    package init(light: Link, dark: Link? = nil) {
        self.light = light
        self.dark = dark
    }

    /// The image; the name stands beside it, so it says nothing more to those who hear the page.
    package var html: HTML {
        """
        <picture class="logo">\
        \(dark.map {
            "<source media=\"(prefers-color-scheme: dark)\"\(srcset: $0)>" as HTML
        })\
        <img\(src: light) alt=""></picture>
        """
    }
}
