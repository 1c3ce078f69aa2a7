/// A table that stays one on a phone, where each row becomes a block with labelled lines.
///
/// The roles are written out because browsers drop them from a table that is laid out as blocks.
package struct DataTable: Sendable {
    /// What the table shows, for those who do not see what stands around it.
    package var caption: String
    /// The heads of the columns.
    package var columns: [String]
    /// The cells, row by row; the first cell names the row.
    package var rows: [[HTML]]

    /// How the columns are laid out.
    package var layout: Layout

    /// How the columns of a table are laid out.
    package enum Layout: Sendable {
        /// As wide as their cells need; on a phone each line is labelled.
        case even
        /// A name, a value and a sentence about it, which need no labels on a phone.
        case claims
    }

    /// A table.
    package init(
        _ caption: String, columns: [String], rows: [[HTML]], layout: Layout = .even
    ) {
        self.caption = caption
        self.columns = columns
        self.rows = rows
        self.layout = layout
    }

    /// The markup of the table.
    package var html: HTML {
        """
        <table role="table"\(attribute: "class", layout == .claims ? "claims" : nil)>
        <caption class="unseen">\(caption)</caption>
        <thead role="rowgroup"><tr role="row">\(heads)</tr></thead>
        <tbody role="rowgroup">
        \(rows.map(row))
        </tbody>
        </table>
        """
    }

    private var heads: [HTML] {
        columns.map { "<th role=\"columnheader\" scope=\"col\">\($0)</th>" }
    }

    private func row(_ cells: [HTML]) -> HTML {
        let lines = zip(columns, cells).enumerated().map { index, cell -> HTML in
            index == 0
                ? "<th role=\"rowheader\" scope=\"row\">\(cell.1)</th>"
                : "<td role=\"cell\" data-label=\"\(cell.0)\">\(cell.1)</td>"
        }
        return "<tr role=\"row\">\(lines)</tr>\n"
    }
}
