// Rows in straight columns; a terminal gets no line that is wider than it.

/// A table of results.
struct Table: Sendable {
    /// One column.
    struct Column: Sendable {
        let title: String
        var isNumber = false
        /// Whether its texts may be cut where the terminal is too narrow.
        var isFlexible = false

        static func text(_ title: String) -> Column { Column(title: title) }
        static func number(_ title: String) -> Column { Column(title: title, isNumber: true) }
        static func flexible(_ title: String) -> Column { Column(title: title, isFlexible: true) }
    }

    /// One cell; its text is made safe and put on one line.
    struct Cell: Sendable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
        let text: String
        let colour: Colour?

        init(_ text: String, _ colour: Colour? = nil) {
            self.text = shown(text, limit: 1_000)
            self.colour = colour
        }

        init(stringLiteral value: String) { self.init(value) }
    }

    let columns: [Column]
    var rows: [[Cell]] = []

    /// The narrowest that a flexible column becomes.
    private static let narrowest = 8

    /// The lines of the table; `width` is the terminal's, nil where lines may be of any length.
    func lines(width: Int?, paint: Paint) -> [String] {
        var widths = columns.indices.map { index in
            max(TextWidth.of(columns[index].title), rows.map { TextWidth.of($0[index].text) }.max() ?? 0)
        }
        if let width { shrink(&widths, to: width) }
        let head = line(columns.map { Cell($0.title, .bold) }, widths, paint)
        return [head] + rows.map { line($0, widths, paint) }
    }

    private func shrink(_ widths: inout [Int], to width: Int) {
        while widths.reduce(0, +) + 2 * (widths.count - 1) > width {
            let flexible = columns.indices.filter { columns[$0].isFlexible && widths[$0] > Self.narrowest }
            guard let widest = flexible.max(by: { widths[$0] < widths[$1] }) else { return }
            widths[widest] -= 1
        }
    }

    private func line(_ cells: [Cell], _ widths: [Int], _ paint: Paint) -> String {
        let parts = cells.enumerated().map { index, cell in
            let text = TextWidth.cut(cell.text, to: widths[index])
            let blanks = String(repeating: " ", count: max(0, widths[index] - TextWidth.of(text)))
            let painted = cell.colour.map { paint(text, $0) } ?? text
            if columns[index].isNumber { return blanks + painted }
            return index == cells.count - 1 ? painted : painted + blanks
        }
        return parts.joined(separator: "  ")
    }
}
