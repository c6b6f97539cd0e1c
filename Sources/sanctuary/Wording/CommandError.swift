// What a command ends with when it did not do all that was asked: one line what is wrong, one line what to do next.

/// The exit codes of interface.md.
enum ExitCode: Int32, Sendable {
    /// All that was asked for was done.
    case success = 0
    /// It failed.
    case failure = 1
    /// The command line, a setting or a name was wrong.
    case usage = 2
    /// Part of a batch failed; the rest was done.
    case partial = 3
    /// Something was altered, rolled back, swapped or is missing.
    case integrity = 4
    /// Refused by law.
    case refused = 5
}

/// A worded error.
///
/// The rules: lower case, no full stop, the offending value named and never a secret or a private word; the hint says
/// what to do next, with the command where there is one.
struct CommandError: Error, Sendable, Equatable {
    let code: ExitCode
    let message: String
    let hint: String?

    init(_ message: String, hint: String? = nil, code: ExitCode = .failure) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    /// A wrong command line, setting or name.
    static func usage(_ message: String, hint: String? = nil) -> CommandError {
        CommandError(message, hint: hint, code: .usage)
    }

    /// Something was altered, rolled back, swapped or is missing.
    static func integrity(_ message: String, hint: String? = nil) -> CommandError {
        CommandError(message, hint: hint, code: .integrity)
    }

    /// The same with another hint.
    func hinting(_ hint: String) -> CommandError { CommandError(message, hint: hint, code: code) }

    /// The same about something that is named first.
    func about(_ subject: String) -> CommandError { CommandError("\(subject): \(message)", hint: hint, code: code) }
}
