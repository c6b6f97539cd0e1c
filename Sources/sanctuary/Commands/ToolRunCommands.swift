// `sanctuary tool check` and `tool run`: plugin tools tried by the operator, in the sandbox that residents use.
import Encoding
import Engine
import Files
import Sandbox
import Scheduler
import Tools

extension Commands {
    static let toolCheck = CommandSpecification(
        name: "check", summary: "read plugin tools, look for what they need, and ask servers what they offer",
        operands: "[NAME]", maximumOperands: 1,
        details: "A plugin that was never accepted is tried as well, in the sandbox. Exit code 4 where one changed."
    ) { call in
        try await call.withHouse(.reader) { house in
            let shelf = house.plugins
            var checks: [ToolCheck] = []
            let chosen = try call.operand(0).map { [try shelf.chosen($0)] } ?? shelf.plugins
            let sandbox = try call.sandbox()
            for plugin in chosen { checks.append(await ToolCheck(plugin, in: sandbox)) }
            if call.operand(0) == nil {
                checks += shelf.faults.map { ToolCheck(name: $0.name, faults: [worded($0.error).message]) }
            }
            if call.output.isJSON {
                call.output.document([
                    "ok": .bool(checks.allSatisfy(\.isFine)), "tools": .array(checks.map(\.json)),
                ])
            } else {
                for check in checks { check.show(call.output) }
            }
            if checks.contains(where: \.isChanged) { return .integrity }
            return checks.allSatisfy(\.isFine) ? .success : .failure
        }
    }

    static let toolRun = CommandSpecification(
        name: "run", summary: "call a plugin tool once, with arguments as a JSON object", operands: "TOOL [JSON]",
        minimumOperands: 1, maximumOperands: 2,
        details: """
            The arguments are read from standard input where JSON is '-' or left out. What a tool would keep for a
            resident is not kept. Exit code 1 where the tool fails.
            """
    ) { call in
        try await call.withHouse(.reader) { house in
            let name = call.operand(0) ?? ""
            let offer = try accepted(name, house.plugins)
            let arguments = try arguments(call, offer.tool)
            let now = call.surroundings.time.now()
            let day = try call.calendar().day(of: now).description
            let asked = PluginCall(offer: offer, arguments: arguments, today: day, now: now, kept: "")
            let answer = try await asked.answer(in: try call.sandbox())
            if call.output.isJSON {
                call.output.document([
                    "tool": .string(offer.tool.name), "text": .string(answer.text), "error": .bool(answer.isError),
                    "ms": .integer(Int64(answer.milliseconds)),
                ])
            } else if answer.isError {
                throw CommandError("the tool failed: \(shown(answer.text))")
            } else {
                call.output.result(answer.text)
            }
            return answer.isError ? .failure : .success
        }
    }

    /// The tool of a name, of a plugin that was accepted as it is.
    private static func accepted(_ name: String, _ shelf: PluginShelf) throws(CommandError) -> PluginOffer {
        for plugin in shelf.plugins {
            guard let tool = plugin.folder.definition.tools.first(where: { $0.name == name }) else { continue }
            let folder = plugin.folder.definition.name
            switch plugin.state {
            case .accepted: return PluginOffer(folder: plugin.folder, tool: tool)
            case .new:
                throw CommandError("\(folder) was never accepted", hint: "'sanctuary tool accept \(folder)' accepts it")
            case .changed:
                throw .integrity(
                    "the files of \(folder) are not those that were accepted",
                    hint: "look at them, then 'sanctuary tool accept \(folder)'")
            case .clashing(let tool): throw clash(plugin, tool)
            }
        }
        let known = shelf.plugins.flatMap { $0.folder.definition.tools.map(\.name) }
        throw .usage(
            "no plugin offers a tool called '\(shown(name))'",
            hint: nearestName(to: name, among: known).map { "did you mean '\($0)'?" }
                ?? "'sanctuary tool list' lists them")
    }

    private static func arguments(_ call: Invocation, _ tool: PluginTool) throws -> JSONObject {
        let given = call.operand(1) ?? "-"
        let bytes = given == "-" ? try LetterText.standardInput(maximumBytes: 65_536) : Array(given.utf8)
        guard let object = try JSON.parse(bytes, limits: JSONLimits(maximumBytes: 65_536, maximumDepth: 32)).object
        else { throw CommandError.usage("the arguments are no JSON object", hint: "write them as {\"name\": value}") }
        let checked = tool.arguments.check(object)
        if let fault = checked.fault { throw CommandError.usage("\(tool.name): \(fault)", hint: nil) }
        for note in checked.notes { call.output.note(note) }
        return checked.values
    }
}

/// What `tool check` found of one plugin.
private struct ToolCheck {
    let name: String
    var faults: [String] = []
    var notes: [String] = []
    var isChanged = false

    var isFine: Bool { faults.isEmpty }

    init(name: String, faults: [String]) {
        self.name = name
        self.faults = faults
    }

    init(_ plugin: ShelvedPlugin, in sandbox: Sandbox) async {
        let definition = plugin.folder.definition
        name = definition.name
        switch plugin.state {
        case .accepted: notes.append("accepted")
        case .new: notes.append("new: residents are not offered it")
        case .changed:
            isChanged = true
            faults.append("its files are not those that were accepted")
        case .clashing(let tool): faults.append("another plugin offers '\(tool)'")
        }
        if let missing = definition.missingProgram(among: plugin.folder.files) {
            faults.append("\(shown(missing)) is missing")
        } else if definition.kind == .mcp {
            await ask(plugin.folder, sandbox)
        } else if case .none = sandbox.tier {
            faults.append("there is no sandbox on this machine: 'sanctuary doctor' says what it lacks")
        }
    }

    /// Asks a server for its tools and compares them with what `tool.json` says.
    private mutating func ask(_ folder: PluginFolder, _ sandbox: Sandbox) async {
        do throws(SandboxError) {
            let run = try await sandbox.converse(with: folder, wish: .tools)
            guard case .tools(let tools) = run.speaker.answer else {
                faults.append("its server listed no tools")
                return
            }
            notes.append("protocol \(shown(run.speaker.version ?? "unknown")), \(counted(tools.count, "tool"))")
            for tool in folder.definition.tools {
                guard let listed = tools.first(where: { $0.name == tool.ownName }) else {
                    faults.append("its server has no tool '\(tool.ownName)'")
                    continue
                }
                let unknown = listed.required.filter { !tool.arguments.names.contains($0) }
                if !unknown.isEmpty {
                    faults.append("'\(tool.name)' lacks \(quoted(unknown)), which the server requires")
                }
            }
        } catch {
            faults.append(worded(error).message)
        }
    }

    private func quoted(_ names: [String]) -> String { listed(names.map { "'\(shown($0))'" }) }

    func show(_ output: Output) {
        output.result("\(isFine ? "ok     " : "fault  ") \(shown(name)): \(listed(faults + notes))")
    }

    var json: JSON {
        [
            "name": .string(name), "ok": .bool(isFine), "faults": .array(faults.map { .string($0) }),
            "notes": .array(notes.map { .string($0) }),
        ]
    }
}

extension PluginDefinition {
    /// The first word of the command where nothing of that name would be in the sandbox.
    func missingProgram(among files: [SandboxFile]) -> String? {
        guard let program = command.first else { return nil }
        if program.hasPrefix("/tool/") { return files.contains { "/tool/\($0.name)" == program } ? nil : program }
        return Files.exists(program) ? nil : program
    }
}
