import GatehouseCore
import GatehousePages
import GatehouseWeb

/// Pages as they would look, light and dark, and how well their colours are read.
struct BrandingPreviewView: Sendable {
    /// Where the same is found for other values.
    let address: Link
    let branding: Branding
    let samples: [Sample]
    /// Why the values that somebody asks for are not shown.
    let problem: String?

    /// One page in one scheme.
    struct Sample: Sendable {
        let page: PageSample.Page
        let scheme: PageScheme
        let link: Link

        var title: String { "\(page.words), \(scheme.rawValue)" }
    }

    var html: HTML {
        """
        <section id="preview"\(attribute: "data-preview", address.target)>
        <h2>Preview</h2>
        <p class="hint">What people see, with made-up names. Nothing is saved until you save it.</p>
        <div role="status">\(problem.map { "<p class=\"wrong\">\($0)</p>" as HTML })</div>
        <div class="samples">\(samples.map(frame))</div>
        <h2>Contrast</h2>
        <p class="hint">Text needs 4.5:1 to be read by everyone (WCAG 2.2, level AA). Colours that have
        less are refused.</p>
        \(contrast.html)
        </section>
        """
    }

    /// A sample can be looked at, and nothing else: it takes neither clicks nor the keyboard.
    private func frame(_ sample: Sample) -> HTML {
        """
        <figure><figcaption>\(sample.title)</figcaption>\
        <div class="sample"><iframe\(src: sample.link) title="\(sample.title)" \
        sandbox="allow-same-origin" loading="lazy" inert tabindex="-1"></iframe></div></figure>

        """
    }

    private var contrast: DataTable {
        DataTable(
            "Contrast", columns: ["Where", "Pages", "Colours", "Contrast"],
            rows: PageScheme.allCases.flatMap { scheme in
                Contrast(of: branding.accent(in: scheme), in: scheme).pairs.map { pair in
                    [
                        "\(pair.place.label)", "\(scheme.rawValue)", swatch(pair),
                        "\(pair.words)",
                    ]
                }
            })
    }

    private func swatch(_ pair: Contrast.Pair) -> HTML {
        """
        <svg class="swatch" viewBox="0 0 40 24" aria-hidden="true" focusable="false">\
        <rect width="40" height="24" rx="4" fill="\(pair.background.text)"/>\
        <text x="20" y="17" text-anchor="middle" fill="\(pair.text.text)">Aa</text></svg> \
        <span class="whole">\(pair.text.text)</span> on <span class="whole">\(pair.background.text)</span>
        """
    }
}

extension Contrast.Place {
    /// Where the colours meet, for people.
    fileprivate var label: String {
        switch self {
        case .linkOnCard: "Links on the card"
        case .linkAroundCard: "Links around it"
        case .chosen: "What is chosen"
        case .button: "Buttons"
        case .buttonUnderPointer: "Buttons under the pointer"
        }
    }
}
