// What stands behind a file descriptor: a terminal, how wide, and whether it wants colours.
import Files
import Glibc

/// A file descriptor that text goes to.
struct Terminal: Sendable {
    let descriptor: Int32
    let isTerminal: Bool
    let wantsColour: Bool
    /// Columns when the program began; nil where it is no terminal.
    let width: Int?

    init(descriptor: Int32, environment: ProcessEnvironment, colourAllowed: Bool) {
        self.descriptor = descriptor
        isTerminal = isatty(descriptor) == 1
        wantsColour = Self.wantsColour(
            isTerminal: isTerminal, environment: environment, colourAllowed: colourAllowed)
        width = isTerminal ? Self.width(of: descriptor, environment) : nil
    }

    /// Whether anybody sees colours and has not refused them; no-color.org: any value but the empty one refuses.
    static func wantsColour(isTerminal: Bool, environment: ProcessEnvironment, colourAllowed: Bool) -> Bool {
        isTerminal && colourAllowed && environment.nonEmpty("NO_COLOR") == nil && environment["TERM"] != "dumb"
    }

    /// Whether a line may be written over; a dumb terminal cannot.
    func canRedraw(_ environment: ProcessEnvironment) -> Bool { isTerminal && environment["TERM"] != "dumb" }

    /// Columns as the window is now; nil where it is no terminal.
    func currentWidth(_ environment: ProcessEnvironment) -> Int? {
        isTerminal ? Self.width(of: descriptor, environment) : nil
    }

    private static func width(of descriptor: Int32, _ environment: ProcessEnvironment) -> Int {
        if let columns = environment["COLUMNS"].flatMap({ Int($0) }), columns > 0 { return columns }
        return TerminalSize.columns(of: descriptor) ?? 80
    }
}
