// Calls of plugin tools in a run: the intent is durable before the program starts, the result before the run goes on.
import Encoding
import Law
import Ledger
import Providers
import Sandbox
import Tools
import Vault

extension RunSession {
    /// Calls a plugin's tool that the law permitted.
    ///
    /// A call whose worker died in it is made again where twice is as once; else the resident is told that nobody
    /// knows whether it took effect. An approval is spent with the intent, so that no run that fails after it leaves it
    /// to another. A stop of the house ends the program, and the run with it, which goes on at the next start.
    func call(
        _ judged: JudgedCall, of offer: PluginOffer, _ use: ToolUse, round: Int, call: Int,
        after steps: inout [SealedStep]
    ) async throws -> ToolOutcome {
        guard !engine.stop.isRequested else { throw interrupted(after: &steps) }
        let approval = useApproval(of: judged)
        let isResumed = journal.last("tool.intent/\(round)/\(call)") != nil
        if !isResumed {
            let keys = try keys()
            pending.append(try permitted(judged, round: round, call: call, keys: keys))
            let intent: JSON = [
                "tool": .string(use.name), "effect": .string(offer.tool.effect.rawValue),
                "hash": .string(offer.folder.hash),
            ]
            steps.append(try journal.seal("tool.intent/\(round)/\(call)", intent, keys: keys))
            try await write(steps, using: approval)
            steps = []
        }
        let made =
            isResumed && offer.tool.effect == .once ? (Self.unknown, "unknown", 0) : await run(judged, offer)
        guard let (outcome, word, elapsed) = made else { throw interrupted(after: &steps) }
        pending.append(
            span(
                .toolEnded, this: use.name,
                metadata: [
                    "round": .integer(Int64(round)), "call": .integer(Int64(call)), "outcome": .string(word),
                    "effect": .string(offer.tool.effect.rawValue), "hash": .string(offer.folder.hash),
                    "ms": .integer(Int64(elapsed)),
                ]))
        note(use, outcome, round: round, call: call, isRefused: false)
        let step = try journal.seal(outcome, round: round, call: call, isRefused: false, keys: try keys())
        try await write([step])
        return outcome
    }

    /// The end of a run that stops here; what its calls came to before is kept.
    private func interrupted(after steps: inout [SealedStep]) -> RunEnd {
        unwritten += steps
        steps = []
        return .interrupted
    }

    private static let unknown = ToolOutcome(
        text: "It is not known whether this took effect: the house stopped while the tool was working, and it is not"
            + " asked again because it must not act twice. Look whether it did before you ask once more.",
        isError: true)

    /// Runs the program; nil where a stop of the house ended it.
    ///
    /// No key of the resident is held meanwhile.
    private func run(
        _ judged: JudgedCall, _ offer: PluginOffer
    ) async -> (outcome: ToolOutcome, word: String, milliseconds: Int)? {
        let plugin = offer.folder.definition.name
        let call = PluginCall(
            offer: offer, arguments: judged.ruling.arguments, today: context.today, now: time.now(),
            kept: context.kept[plugin] ?? "")
        own.release()
        do throws(SandboxError) {
            guard let sandbox = house.sandbox else { throw .unavailable(.bubblewrap) }
            let answer = try await engine.stop.cancelling { () async -> Result<PluginAnswer, SandboxError> in
                do throws(SandboxError) { return .success(try await call.answer(in: sandbox)) } catch {
                    return .failure(error)
                }
            }.get()
            guard !answer.isCutShort else { return nil }
            let outcome = tools.outcome(of: answer, to: judged, in: context)
            return (outcome, answer.isError ? "error" : "done", answer.milliseconds)
        } catch {
            // The sandbox's own failure is the operator's affair; nothing the program may have written is shown.
            pending.append(
                SpanDraft(
                    id: house.surroundings.identifiers.next(), entityType: .incident, who: .engine, this: plugin,
                    at: time.now(), metadata: ["kind": "sandbox_failed", "found": .string(error.reasonCode)],
                    traceID: claim.run))
            var outcome = ToolOutcome(
                text: "The house could not run this tool. That is no fault of yours; its operator is told.",
                isError: true)
            if case .lost = error, offer.tool.effect == .once { outcome = Self.unknown }
            return (outcome, "sandbox_failed", 0)
        }
    }
}

extension SandboxError {
    /// A code for the ledger: never text that a program wrote.
    var reasonCode: String {
        switch self {
        case .unavailable(let lack): "unavailable_\(lack.rawValue)"
        case .invalidProgram: "invalid_program"
        case .noResources: "no_resources"
        case .spawnFailed: "spawn_failed"
        case .setupFailed: "setup_failed"
        case .lost: "lost"
        case .filterFailed: "filter_failed"
        case .groupFailed: "group_failed"
        case .folderUnusable: "folder_unusable"
        case .fileRefused: "file_refused"
        }
    }
}
