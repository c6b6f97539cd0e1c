// One command from start to exit code.
import Glibc

enum Program {
    /// What needs no home: help, the version, and nothing at all; nil where a command is to be run.
    static func answer(_ parsed: ParsedArguments, _ output: Output) -> ExitCode? {
        let help = Help(commands: Commands.all)
        if parsed.has("help") {
            output.result(String(help.text(for: parsed.command).dropLast()))
            return code(.success, output)
        }
        if parsed.has("version") {
            output.result("sanctuary \(Version.number)")
            return code(.success, output)
        }
        guard parsed.command.isEmpty else { return nil }
        output.note(String(help.text(for: []).dropLast()))
        return .usage
    }

    /// Runs a command; whatever it throws is worded here.
    static func run(
        _ act: @Sendable (Invocation) async throws -> ExitCode, _ call: Invocation
    ) async -> ExitCode {
        do {
            let result = try await act(call)
            call.output.endProgress()
            return code(result, call.output)
        } catch {
            let error = worded(error)
            call.output.error(error)
            return error.code
        }
    }

    /// A result that could not be printed is none; a reader who left wanted no more of it.
    private static func code(_ result: ExitCode, _ output: Output) -> ExitCode {
        guard let failure = output.failure else { return result }
        output.error(CommandError("cannot write to standard output: \(lowered(String(cString: strerror(failure))))"))
        return result == .success ? .failure : result
    }
}
