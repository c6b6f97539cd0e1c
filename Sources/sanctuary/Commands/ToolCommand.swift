// `sanctuary tool`: plugin tools, listed and accepted; checking and running have files of their own.
import Encoding
import Engine
import Law
import Tools

extension Commands {
    static let tool = CommandSpecification(
        name: "tool", summary: "plugin tools: what they are, whether residents are offered them",
        subcommands: [toolList, toolCheck, toolAccept, toolRun])

    private static let toolList = CommandSpecification(
        name: "list", summary: "the plugin tools of the home and where each stands"
    ) { call in
        try await call.withHouse(.reader) { house in
            show(house.plugins, call.output)
            return .success
        }
    }

    private static let toolAccept = CommandSpecification(
        name: "accept", summary: "let residents be offered a plugin tool, with exactly the files that it has now",
        operands: "NAME", minimumOperands: 1, maximumOperands: 1,
        details: """
            The hash over every file of tools/NAME goes on the ledger. A file that changes afterwards takes the tool
            away from residents until it is accepted again.
            """
    ) { call in
        try await call.withHouse(.writer) { house in
            let plugin = try house.plugins.chosen(call.operand(0) ?? "")
            if plugin.state == .accepted {
                call.output.note("it was accepted already")
            } else {
                if case .clashing(let tool) = plugin.state { throw clash(plugin, tool) }
                try await house.acceptPlugin(plugin.folder)
            }
            let name = plugin.folder.definition.name
            if call.output.isJSON {
                call.output.document(["accepted": .string(name), "hash": .string(plugin.folder.hash)])
            } else {
                call.output.result("accepted \(name) (\(plugin.folder.hash))")
            }
            return .success
        }
    }

    static func clash(_ plugin: ShelvedPlugin, _ tool: String) -> CommandError {
        CommandError(
            "\(plugin.folder.definition.name) offers '\(tool)', which another plugin offers",
            hint: "rename the tool in its tool.json and accept it again")
    }

    private static func show(_ shelf: PluginShelf, _ output: Output) {
        if output.isJSON {
            let faults = shelf.faults.map { fault -> JSON in
                ["name": .string(fault.name), "state": "unreadable", "error": .string(worded(fault.error).message)]
            }
            return output.document(.array(shelf.plugins.map(\.json) + faults))
        }
        guard !shelf.plugins.isEmpty || !shelf.faults.isEmpty else {
            return output.note("no plugin tools; each is a folder below the home's tools/ with a tool.json")
        }
        var table = Table(columns: [
            .text("PLUGIN"), .text("STATE"), .flexible("TOOLS"), .text("KIND"), .number("VERSION"),
        ])
        for plugin in shelf.plugins {
            let definition = plugin.folder.definition
            table.rows.append([
                Table.Cell(definition.name), Table.Cell(plugin.state.word),
                Table.Cell(definition.tools.map(\.summary).joined(separator: ", ")),
                Table.Cell(definition.kind.rawValue),
                Table.Cell(String(definition.version)),
            ])
        }
        for fault in shelf.faults {
            table.rows.append([
                Table.Cell(shown(fault.name)), Table.Cell("unreadable"), Table.Cell(worded(fault.error).message),
                Table.Cell(""), Table.Cell(""),
            ])
        }
        output.result(table)
    }
}

extension PluginShelf {
    /// The plugin of a name; a wrong one gets a did-you-mean.
    func chosen(_ name: String) throws(CommandError) -> ShelvedPlugin {
        if let plugin = plugins.first(where: { $0.folder.definition.name == name }) { return plugin }
        if let fault = faults.first(where: { $0.name == name }) { throw worded(fault.error) }
        let nearest = nearestName(to: name, among: plugins.map(\.folder.definition.name))
        throw .usage(
            "no plugin tool is called '\(shown(name))'",
            hint: nearest.map { "did you mean '\($0)'?" } ?? "'sanctuary tool list' lists them")
    }
}

extension PluginState {
    /// The state in one word.
    var word: String {
        switch self {
        case .accepted: "accepted"
        case .new: "new"
        case .changed: "changed"
        case .clashing: "clashing"
        }
    }
}

extension PluginTool {
    /// The permission level as `tool.json` writes it.
    var level: String { permission == .safe ? "act" : permission.rawValue }

    fileprivate var summary: String { "\(name) (\(level), \(effect.rawValue))" }
}

extension ShelvedPlugin {
    fileprivate var json: JSON {
        let definition = folder.definition
        return [
            "name": .string(definition.name), "version": .integer(Int64(definition.version)),
            "summary": .string(definition.summary), "kind": .string(definition.kind.rawValue),
            "state": .string(state.word), "hash": .string(folder.hash),
            "tools": .array(
                definition.tools.map { tool in
                    [
                        "name": .string(tool.name), "permission": .string(tool.level),
                        "effect": .string(tool.effect.rawValue),
                    ]
                }),
        ]
    }
}
