// Charts as inline SVG: bars with their values in words beside them, so that colour alone says nothing.
import Providers

/// One part of a bar.
struct ChartPart: Sendable {
    let label: String
    let value: Int64
    /// One of the style sheet's classes.
    let colour: StaticString
}

/// One bar: a label, its parts, and the value as words.
struct ChartBar: Sendable {
    let label: String
    let parts: [ChartPart]
    let words: String

    var total: Int64 { parts.map { max(0, $0.value) }.saturatingSum }
}

/// Horizontal bars, each as long as its value is of the greatest.
///
/// Labels are text of the page, so that they keep their size on a narrow screen; the bars alone are drawings.
struct BarChart: Sendable {
    private static let width = 1_000
    private static let height = 18
    private static let labelLimit = 60

    let id: String
    let title: String
    let description: String
    let bars: [ChartBar]

    /// The chart; nothing where there are no bars.
    var markup: Markup {
        guard !bars.isEmpty else { return .none }
        let greatest = max(1, bars.map(\.total).max() ?? 1)
        let drawing = Markup.element(
            "div",
            [("class", "chart"), ("role", "img"), ("aria-label", title), ("aria-describedby", "\(id)-words")],
            Markup.all(bars.map { row($0, greatest: greatest) }))
        return drawing + Markup.element("p", [("id", "\(id)-words"), ("class", "unseen")], description)
    }

    /// A line with label and words, the bar below it.
    private func row(_ bar: ChartBar, greatest: Int64) -> Markup {
        let label = bar.label.count > Self.labelLimit ? bar.label.prefix(Self.labelLimit) + "…" : bar.label
        var pieces = [rectangle(x: 0, width: Self.width, colour: "track", title: nil)]
        var before: Int64 = 0
        for part in bar.parts where part.value > 0 {
            let left = Self.place(before, of: greatest)
            before = before.saturatingSum(part.value)
            let right = max(left + 1, Self.place(before, of: greatest))
            pieces.append(rectangle(x: left, width: right - left, colour: part.colour, title: part.label))
        }
        let drawing = Markup.element(
            "svg",
            [
                ("viewBox", "0 0 \(Self.width) \(Self.height)"), ("preserveAspectRatio", "none"),
                ("aria-hidden", "true"), ("xmlns", "http://www.w3.org/2000/svg"),
            ], .all(pieces))
        return .element("p", .element("span", String(label)) + .element("span", [("class", "value")], bar.words))
            + drawing
    }

    private func rectangle(x: Int, width: Int, colour: StaticString, title: String?) -> Markup {
        .element(
            "rect",
            [
                ("x", "\(x)"), ("y", "0"), ("width", "\(width)"), ("height", "\(Self.height)"), ("class", "\(colour)"),
            ], title.map { Markup.element("title", $0) } ?? .none)
    }

    private static func place(_ value: Int64, of greatest: Int64) -> Int {
        Int((Double(value) / Double(greatest) * Double(width)).rounded())
    }
}

extension Markup {
    /// What the colours of a chart stand for, in words.
    static func legend(_ entries: [(label: String, colour: StaticString)]) -> Markup {
        element(
            "ul", [("class", "legend")],
            all(
                entries.map { entry in
                    element(
                        "li",
                        element(
                            "svg",
                            [
                                ("viewBox", "0 0 12 12"), ("aria-hidden", "true"), ("class", "swatch"),
                                ("xmlns", "http://www.w3.org/2000/svg"),
                            ], element("rect", [("width", "12"), ("height", "12"), ("class", "\(entry.colour)")], none))
                            + text(entry.label))
                }))
    }
}
