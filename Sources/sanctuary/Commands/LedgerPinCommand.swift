// `sanctuary ledger pin`: puts a changed preamble or changed schemas on the record.
import Encoding
import Engine

extension Commands {
    static let ledgerPin = CommandSpecification(
        name: "pin", summary: "pin the preamble and the tools' schemas as they are now; recorded",
        options: [.flag("confirm", "yes, every context opens with the new text from now on")],
        details: """
            Without --confirm it shows what is pinned and what lies there, and changes nothing. The preamble is what
            residents are promised: a change of it waits 48 hours for review (CONTRIBUTING).
            """
    ) { call in
        let isConfirmed = call.arguments.has("confirm")
        let change = try await House.pin(
            at: try call.existingHome(), isConfirmed: isConfirmed, surroundings: call.surroundings)
        if call.output.isJSON {
            call.output.document([
                "changed": .bool(change.isChange), "pinned": .bool(change.isChange && isConfirmed),
                "preamble": ["pinned": .string(change.preamble.pinned), "found": .string(change.preamble.found)],
                "tools": ["pinned": .string(change.tools.pinned), "found": .string(change.tools.found)],
            ])
        } else if change.isChange {
            show("preamble", change.preamble, call.output)
            show("tools", change.tools, call.output)
        } else {
            call.output.result("nothing to pin: preamble and schemas are the pinned ones")
        }
        guard change.isChange else { return .success }
        guard isConfirmed else {
            throw CommandError.usage(
                "the change is not confirmed",
                hint: "read the texts; then repeat it with --confirm, or put back the old")
        }
        if !call.output.isJSON { call.output.result("pinned anew; the change is on the record") }
        return .success
    }

    private static func show(_ name: String, _ hashes: (pinned: String, found: String), _ output: Output) {
        guard hashes.pinned != hashes.found else { return output.result("\(name): unchanged, \(hashes.pinned)") }
        output.result("\(name): pinned \(shown(hashes.pinned, limit: 200))")
        output.result(String(repeating: " ", count: name.count) + "  found  \(hashes.found)")
    }
}
