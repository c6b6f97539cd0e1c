// What a person sees: the bytes that a program wrote to its terminal, drawn as a terminal of that width draws them.

/// A window that never scrolls, as wide as the real one.
struct Screen {
    private(set) var rows: [[Character]] = [[]]
    private(set) var row = 0
    private(set) var column = 0
    /// How often a line was longer than the window.
    private(set) var wraps = 0
    /// Sequences that this window does not know; a program that uses others would leave a terminal in another mode.
    private(set) var unknown: [String] = []
    private let columns: Int

    /// Draws all of it.
    init(_ bytes: [UInt8], columns: Int) {
        self.columns = columns
        // As text, but CR and LF apart, which Swift takes for one character.
        var rest = String(decoding: bytes, as: UTF8.self).unicodeScalars[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\r": column = 0
            case "\n": moveDown()
            case "\u{1B}": control(&rest)
            default: put(Character(scalar))
            }
        }
    }

    /// The lines without the blanks at their ends.
    var lines: [String] {
        rows.map { row in
            var row = row
            while row.last == " " { row.removeLast() }
            return String(row)
        }
    }

    /// Everything in sight.
    var text: String { lines.joined(separator: "\n") }

    private mutating func moveDown() {
        row += 1
        if row == rows.count { rows.append([]) }
    }

    private mutating func put(_ character: Character) {
        // A full line is continued on the next one only by the character that has no room any more.
        if column == columns {
            wraps += 1
            column = 0
            moveDown()
        }
        while rows[row].count <= column { rows[row].append(" ") }
        rows[row][column] = character
        column += 1
    }

    /// One control sequence: colours, the cursor up, the rest of a line (ECMA-48: SGR, CUU, EL).
    private mutating func control(_ rest: inout Substring.UnicodeScalarView) {
        var sequence = ""
        while let scalar = rest.popFirst() {
            sequence.unicodeScalars.append(scalar)
            if scalar != "[", ("@"..."~").contains(scalar) { break }
        }
        switch sequence.last {
        case "m": break
        case "A": row = max(0, row - (Int(sequence.dropFirst().dropLast()) ?? 1))
        case "K" where sequence == "[K": rows[row].removeLast(max(0, rows[row].count - column))
        default: unknown.append(sequence)
        }
    }
}
