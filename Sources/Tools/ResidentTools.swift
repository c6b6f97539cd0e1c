// Declares, judges and performs the calls of residents.
import Community
import Encoding
public import Law
import Persona
public import Providers

/// A call with its ruling: to be recorded, then performed.
public struct JudgedCall: Sendable {
    /// The call as the law saw it.
    public let call: ProposedCall
    /// What the law says.
    public let ruling: Ruling
    /// How often its effect may come about; nil for a tool that there is not.
    public let effect: EffectClass?
    /// Whether the span's `this` must be `sealed` in place of the tool's name.
    public let isNameSealed: Bool
    let notes: [String]
    let target: CallTarget

    /// What the span of the verdict names as its `this`: the tool, `sealed`, or `undeclared` for no tool of the house.
    ///
    /// A model's free text may not stand on the ledger in clear.
    public var nameOnLedger: String {
        if isNameSealed { return "sealed" }
        return effect == nil ? "undeclared" : call.tool
    }
}

/// The eleven resident tools as one value.
public struct ResidentTools: Sendable {
    private let definitions: ToolDefinitions
    private let checker: ConstraintChecker

    /// Makes the tools of these definitions, judged by this law.
    public init(definitions: ToolDefinitions, checker: ConstraintChecker) {
        self.definitions = definitions
        self.checker = checker
    }

    /// The same tools, judged by other law.
    public func governed(by checker: ConstraintChecker) -> ResidentTools {
        ResidentTools(definitions: definitions, checker: checker)
    }

    /// What a model is offered: all eleven, or in the clean room `self_delete` alone.
    public func declarations(cleanRoom: Bool) -> [ToolDeclaration] {
        definitions.all.filter { !cleanRoom || $0.tool == .selfDelete }.map(\.declaration)
    }

    /// Checks a call against its schema, finds whom it concerns, and asks the law.
    ///
    /// Nothing takes effect.
    public func judge(_ use: ToolUse, in context: ToolContext) -> JudgedCall {
        guard let tool = ResidentTool(rawValue: use.name), let definition = definitions[tool] else {
            return ruled(
                ProposedCall(
                    tool: use.name, arguments: JSONObject(), permission: .observe, touches: []),
                definition: nil, notes: [], target: CallTarget(), context)
        }
        let checked: CheckedArguments
        switch use.arguments {
        case .object(let arguments): checked = definition.arguments.check(arguments)
        case .unparsable: checked = CheckedArguments(fault: "The arguments are no complete JSON object.")
        }
        var target = CallTarget()
        if checked.fault == nil { target = CallTarget.find(tool, checked.values, in: context) }
        let fault = checked.fault ?? target.fault
        let call = ProposedCall(
            tool: use.name, arguments: checked.values,
            argumentsCheck: fault.map { .invalid(reason: $0) } ?? .valid,
            permission: definition.permission, touches: definition.touches)
        return ruled(call, definition: definition, notes: checked.notes, target: target, context)
    }

    private func ruled(
        _ call: ProposedCall, definition: ToolDefinition?, notes: [String], target: CallTarget,
        _ context: ToolContext
    ) -> JudgedCall {
        JudgedCall(
            call: call, ruling: checker.check(call, facts(of: target, context)), effect: definition?.effect,
            isNameSealed: definition?.isNameSealed ?? false, notes: notes, target: target)
    }

    /// Everything the law is told of a call.
    private func facts(of target: CallTarget, _ context: ToolContext) -> Facts {
        let reservation = context.reservation
        return Facts(
            resident: ResidentFacts(
                id: context.resident.id, name: context.resident.name, model: context.resident.model,
                declinedProviders: Set(context.preferences.declinedProviders)),
            run: context.run,
            tokens: TokenFacts(
                balance: reservation.allocationLeft, bank: reservation.account.bank + reservation.banked,
                bankCap: reservation.account.policy.bankCap),
            rates: context.rates, person: target.person, deletion: context.deletion,
            declaredTools: Set(declarations(cleanRoom: context.run.isCleanRoom).map(\.name)),
            models: context.models, isNameTaken: isTaken(target.name, context),
            preferencesAfter: target.preferences?.json.object, approvedCalls: context.approvedCalls,
            now: context.now)
    }

    private func isTaken(_ name: String?, _ context: ToolContext) -> Bool {
        guard let folded = name?.lowercased() else { return false }
        return context.directory.residents.contains {
            $0.id != context.resident.id && $0.name.lowercased() == folded
        }
    }

    /// Does what a judged call asks for, as far as the law lets it: a read answers at once, everything else gives the
    /// effect to stage.
    ///
    /// A refusal gives its law and reason.
    public func perform(_ judged: JudgedCall, in context: ToolContext) -> ToolOutcome {
        let verdict = judged.ruling.verdict
        guard judged.ruling.isPermitted, let tool = judged.call.residentTool else {
            let text =
                "Refused by \(verdict.law):\(verdict.version) (\(verdict.reason)). \(verdict.explanation)"
            return ToolOutcome(text: Self.joined([text], notes: judged.notes), isError: true)
        }
        var outcome = act(tool, judged, in: context)
        if verdict.decision != .permit || !verdict.explanation.isEmpty, !outcome.isError {
            outcome.text += "\n(\(verdict.law):\(verdict.version), \(verdict.reason): \(verdict.explanation))"
        }
        outcome.text = Self.joined([outcome.text], notes: judged.notes)
        return outcome
    }

    private static func joined(_ parts: [String], notes: [String]) -> String {
        (parts + notes.map { "Note: \($0)" }).joined(separator: "\n")
    }
}
