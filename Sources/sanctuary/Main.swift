// The entry point, and the overview of the command line room.
//
//   CommandLine/   what can be said: specifications, parser, help, completion
//   Start/         the process itself: memory, signals, secrets, the home and its settings
//   Settings/      the settings file as typed values
//   Commands/      one command a file: call one room, print
//   Output/        tables, JSON, colours, progress
//   Wording/       the words for every error of every room, said once
import Cryptography
import Glibc

@main
struct Sanctuary {
    /// Everything up to the task runs on one thread: secrets leave the environment before a second one exists.
    static func main() {
        let words = Array(CommandLine.arguments.dropFirst())
        let environment = ProcessEnvironment.current()
        let plain = Output(
            isJSON: words.contains("--json"), isQuiet: words.contains("--quiet"),
            colourAllowed: !words.contains("--no-color"), environment: environment)
        do {
            try ProcessStart.prepare()
        } catch {
            end(plain, with: worded(error))
        }
        let parsed: ParsedArguments
        do throws(CommandError) {
            parsed = try ArgumentParser(commands: Commands.all).parse(words)
        } catch {
            end(plain, with: error)
        }
        if let code = Program.answer(parsed, plain) { exit(code.rawValue) }
        guard let command = CommandSpecification.find(parsed.command, in: Commands.all), let act = command.act
        else {
            end(plain, with: .usage("no command given", hint: "see 'sanctuary --help'"))
        }
        let output = Output(
            isJSON: parsed.has("json"), isQuiet: parsed.has("quiet"), colourAllowed: !parsed.has("no-color"),
            environment: environment)
        let call = Invocation(arguments: parsed, output: output, environment: environment)
        var watch = command.stopsGently ? SignalWatch(reload: command.reloads ? call.reload : nil) : nil
        let task = Task.detached { exit(await Program.run(act, call).rawValue) }
        let log = command.reloads ? DaemonLog(call) : nil
        watch?.watch(
            stop: call.stop, announce: { call.announceStop(log) }, cancel: { task.cancel() },
            leave: { output.endProgress() })
        while true { pause() }
    }

    private static func end(_ output: Output, with error: CommandError) -> Never {
        output.error(error)
        exit(error.code.rawValue)
    }
}
