// HTML that cannot be broken out of: text and attributes are escaped where they are put in, elements always close.
import Encoding

/// A piece of markup; the only way to one from a text is the escaping one.
struct Markup: Sendable {
    private(set) var source: String

    private init(source: String) { self.source = source }

    /// Nothing.
    static let none = Markup(source: "")

    /// A text as it is to be read, control characters taken out.
    static func text(_ text: String) -> Markup { Markup(source: escaped(text)) }

    /// An element with what is in it.
    static func element(_ name: StaticString, _ attributes: [(StaticString, String)], _ content: Markup) -> Markup {
        Markup(source: "<\(name)\(written(attributes))>\(content.source)</\(name)>")
    }

    static func element(_ name: StaticString, _ content: Markup) -> Markup { element(name, [], content) }

    /// An element with a text in it.
    static func element(_ name: StaticString, _ attributes: [(StaticString, String)], _ text: String) -> Markup {
        element(name, attributes, .text(text))
    }

    static func element(_ name: StaticString, _ text: String) -> Markup { element(name, [], .text(text)) }

    /// An element that has no content, such as `<meta>`.
    static func empty(_ name: StaticString, _ attributes: [(StaticString, String)]) -> Markup {
        Markup(source: "<\(name)\(written(attributes))/>")
    }

    /// A text of the program itself, such as its style sheet.
    static func verbatim(_ text: StaticString) -> Markup { Markup(source: "\(text)") }

    static func + (a: Markup, b: Markup) -> Markup { Markup(source: a.source + "\n" + b.source) }

    /// Pieces in a row.
    static func all(_ pieces: [Markup]) -> Markup { Markup(source: pieces.map(\.source).joined(separator: "\n")) }

    private static func written(_ attributes: [(StaticString, String)]) -> String {
        attributes.map { " \($0.0)=\"\(escaped($0.1))\"" }.joined()
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in TextSafety.forTerminal(text).unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

extension Markup {
    /// A table with a caption, its first column the heads of its rows; columns of numbers stand to the right.
    ///
    /// - Parameter isHeaded: whether a heading above says what the caption says; it is then for screen readers alone.
    static func table(
        _ caption: String, isHeaded: Bool = false, columns: [(title: String, isNumber: Bool)], rows: [[String]]
    ) -> Markup {
        let head = columns.map { element("th", [("scope", "col")] + kind($0.isNumber), $0.title) }
        let body = rows.map { row in
            let cells = zip(row, columns).enumerated().map { index, cell in
                let attributes = kind(cell.1.isNumber)
                return index == 0
                    ? element("th", [("scope", "row")] + attributes, cell.0) : element("td", attributes, cell.0)
            }
            return element("tr", all(cells))
        }
        return element(
            "div", [("class", "scroll"), ("tabindex", "0"), ("role", "region"), ("aria-label", caption)],
            element(
                "table",
                element("caption", isHeaded ? [("class", "unseen")] : [], caption)
                    + element("thead", element("tr", all(head))) + element("tbody", all(body))))
    }

    private static func kind(_ isNumber: Bool) -> [(StaticString, String)] { isNumber ? [("class", "number")] : [] }
}
