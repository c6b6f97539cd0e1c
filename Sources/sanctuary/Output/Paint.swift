// Colours, where somebody sees them.

/// The colours and weights that output uses (ECMA-48 SGR).
enum Colour: Int, Sendable {
    case bold = 1
    case dim = 2
    case red = 31
    case green = 32
    case yellow = 33
}

/// Paints text, or leaves it as it is.
struct Paint: Sendable {
    let isOn: Bool

    func callAsFunction(_ text: String, _ colour: Colour) -> String {
        isOn && !text.isEmpty ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text
    }
}
