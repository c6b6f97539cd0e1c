// Standard output for results, standard error for everything else; a closed pipe ends the writing, not the work.
import Encoding
import Glibc
import Synchronization

/// Where a command prints.
final class Output: Sendable {
    private struct State {
        var isClosed = false
        var failure: Int32?
        /// How many lines of progress stand on the terminal.
        var progressLines = 0
    }

    let isJSON: Bool
    let isQuiet: Bool
    let environment: ProcessEnvironment
    let standardOutput: Terminal
    let standardError: Terminal
    private let state = Mutex(State())

    init(isJSON: Bool, isQuiet: Bool, colourAllowed: Bool, environment: ProcessEnvironment) {
        self.isJSON = isJSON
        self.isQuiet = isQuiet
        self.environment = environment
        standardOutput = Terminal(
            descriptor: STDOUT_FILENO, environment: environment, colourAllowed: colourAllowed && !isJSON)
        standardError = Terminal(descriptor: STDERR_FILENO, environment: environment, colourAllowed: colourAllowed)
    }

    /// Paints what goes to standard output.
    var paint: Paint { Paint(isOn: standardOutput.wantsColour) }

    /// Whether the reader of standard output has gone.
    var isClosed: Bool { state.withLock(\.isClosed) }

    /// The `errno` of standard output, where writing failed otherwise than by a closed pipe.
    var failure: Int32? { state.withLock(\.failure) }

    /// Writes a line of a log to standard error, whatever is quiet.
    func log(_ line: String) { say(line) }

    /// Prints one or more lines of a result.
    func result(_ text: String) {
        state.withLock { state in
            clearProgress(&state)
            write(text + "\n", &state)
        }
    }

    /// Prints a table.
    func result(_ table: Table) {
        result(table.lines(width: standardOutput.width, paint: paint).joined(separator: "\n"))
    }

    /// Prints the one document of a command: indented where a person reads it.
    func document(_ json: JSON) {
        let bytes = standardOutput.isTerminal ? json.prettyPrinted() : json.serialized()
        result(String(decoding: bytes, as: UTF8.self))
    }

    /// Prints one object of a stream, on one line.
    func event(_ json: JSON) { result(String(decoding: json.serialized(), as: UTF8.self)) }

    /// Says something beside the result.
    func note(_ text: String) {
        guard !isQuiet else { return }
        say(text)
    }

    /// Says that something is amiss although the command goes on.
    func warning(_ text: String, hint: String? = nil) {
        let paint = Paint(isOn: standardError.wantsColour)
        say("sanctuary: \(paint("warning:", .yellow)) \(text)")
        if let hint { say("sanctuary: hint: \(hint)") }
    }

    /// Says why the command did not do what it was asked.
    func error(_ error: CommandError) {
        let paint = Paint(isOn: standardError.wantsColour)
        say("sanctuary: \(paint("error:", .red)) \(error.message)")
        if let hint = error.hint { say("sanctuary: hint: \(hint)") }
    }

    /// Shows how far long work is: lines that are drawn over, each cut to the terminal so that it stays one.
    func progress(_ lines: [String]) {
        guard !lines.isEmpty else { return endProgress() }
        state.withLock { state in
            // The window may have changed since; the terminal's echo of Ctrl-C (`^C`) has room behind the last line.
            let columns = standardError.currentWidth(environment)
            let shown = lines.map { line in columns.map { TextWidth.cut(line, to: max(1, $0 - 2)) } ?? line }
            let text = Self.clearing(state.progressLines) + shown.joined(separator: "\n")
            state.progressLines = shown.count
            Self.write(text, to: STDERR_FILENO)
        }
    }

    /// What takes so many lines of progress off the terminal, from the last one up; the cursor stands on the last.
    static func clearing(_ lines: Int) -> String {
        "\r\u{1B}[K" + String(repeating: "\u{1B}[1A\u{1B}[K", count: max(0, lines - 1))
    }

    /// Takes the progress away.
    func endProgress() { state.withLock { clearProgress(&$0) } }

    private func say(_ text: String) {
        state.withLock { state in
            clearProgress(&state)
            Self.write(text + "\n", to: STDERR_FILENO)
        }
    }

    private func clearProgress(_ state: inout State) {
        guard state.progressLines > 0 else { return }
        Self.write(Self.clearing(state.progressLines), to: STDERR_FILENO)
        state.progressLines = 0
    }

    private func write(_ text: String, _ state: inout State) {
        guard !state.isClosed, state.failure == nil else { return }
        switch Self.write(text, to: STDOUT_FILENO) {
        case 0: break
        case EPIPE: state.isClosed = true
        case let code: state.failure = code
        }
    }

    /// Writes all of it; 0, or the `errno` that ended it.
    @discardableResult
    private static func write(_ text: String, to descriptor: Int32) -> Int32 {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&request, 1, -1)
            } else if errno != EINTR {
                return errno
            }
        }
        return 0
    }
}
