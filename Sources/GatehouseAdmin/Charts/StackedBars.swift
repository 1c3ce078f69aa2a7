import GatehouseWeb

/// Numbers over time as bars, each made of parts, with the same numbers in a table beside them.
struct StackedBars: Sendable {
    /// What the bars show.
    let title: String
    /// What the parts of a bar are, from below.
    let series: [String]
    /// The bars: what each is called, and its parts.
    let bars: [(label: String, parts: [Int])]

    private static let height = 120
    private static let width = 20

    var html: HTML {
        """
        <figure class="chart">
        <figcaption>\(title)\(legend)</figcaption>
        \(picture)
        <details><summary>As a table</summary>
        \(DataTable(title, columns: ["Time"] + series, rows: rows).html)
        </details>
        </figure>
        """
    }

    private var legend: HTML {
        HTML(
            series.enumerated().map { index, words in
                " <span class=\"key key-\(index)\">\(words)</span>"
            })
    }

    private var most: Int { max(1, bars.map { $0.parts.reduce(0, +) }.max() ?? 1) }

    private var picture: HTML {
        """
        <svg viewBox="0 0 \(bars.count * Self.width) \(Self.height)" role="img" \
        preserveAspectRatio="none" aria-label="\(title): \(total) in all">
        \(bars.enumerated().map { bar($0.offset, $0.element.parts) })
        </svg>
        """
    }

    private var total: Int { bars.flatMap(\.parts).reduce(0, +) }

    private func bar(_ place: Int, _ parts: [Int]) -> HTML {
        var (y, pieces) = (Self.height, [HTML]())
        for (index, part) in parts.enumerated() where part > 0 {
            // What happened once is seen beside what happened a thousand times.
            let height = max(2, part * Self.height / most)
            y = max(0, y - height)
            pieces.append(
                """
                <rect class="bar bar-\(index)" x="\(place * Self.width + 2)" y="\(y)" \
                width="\(Self.width - 4)" height="\(height)"/>
                """)
        }
        return HTML(pieces)
    }

    private var rows: [[HTML]] {
        bars.map { bar in ["\(bar.label)"] + bar.parts.map { "\($0)" } }
    }
}

/// How many of those who begin something come to each step of it.
struct Funnel: Sendable {
    let title: String
    let steps: [(words: String, number: Int)]

    var html: HTML {
        """
        <figure class="chart">
        <figcaption>\(title)</figcaption>
        <ol class="funnel">
        \(steps.map(step))</ol>
        </figure>
        """
    }

    private func step(_ step: (words: String, number: Int)) -> HTML {
        let most = max(1, steps.map(\.number).max() ?? 1)
        return """
            <li><span>\(step.words)</span> <strong>\(step.number)</strong>\
            <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">\
            <rect class="bar bar-0" x="0" y="0" width="\(step.number * 100 / most)" height="4"/></svg></li>

            """
    }
}

/// A few numbers over time, as small as a word.
struct Sparkline: Sendable {
    let words: String
    let numbers: [Int]

    var html: HTML {
        let most = max(1, numbers.max() ?? 1)
        let bars = numbers.enumerated().map { index, number in
            let height = number == 0 ? 1 : max(2, number * 20 / most)
            return """
                <rect class="bar bar-0" x="\(index * 8)" y="\(20 - height)" width="6" \
                height="\(height)"/>
                """ as HTML
        }
        return """
            <svg class="sparkline" viewBox="0 0 \(numbers.count * 8) 20" role="img" \
            aria-label="\(words)">\(bars)</svg>
            """
    }
}
