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
    /// The plugin's tool that is called, where it is one.
    public let plugin: PluginOffer?
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

/// The eleven resident tools, and the plugins that an operator accepted, as one value.
public struct ResidentTools: Sendable {
    private let definitions: ToolDefinitions
    var checker: ConstraintChecker
    /// The plugins of the home.
    public let plugins: PluginShelf
    /// What models are offered, and its names: made once, for a run asks for them with every call.
    private let offered: [ToolDeclaration]
    private let offeredNames: Set<String>

    /// Makes the tools of these definitions and plugins, judged by this law.
    public init(definitions: ToolDefinitions, checker: ConstraintChecker, plugins: PluginShelf = .empty) {
        self.definitions = definitions
        self.checker = checker
        self.plugins = plugins
        offered = definitions.all.map(\.declaration) + plugins.declarations
        offeredNames = Set(offered.map(\.name))
    }

    /// The same tools, judged by other law.
    public func governed(by checker: ConstraintChecker) -> ResidentTools {
        var tools = self
        tools.checker = checker
        return tools
    }

    /// What a model is offered: all eleven and the accepted plugins, or in the clean room `self_delete` alone.
    public func declarations(cleanRoom: Bool) -> [ToolDeclaration] {
        cleanRoom ? offered.filter { $0.name == ResidentTool.selfDelete.rawValue } : offered
    }

    /// Checks a call against its schema, finds whom it concerns, and asks the law.
    ///
    /// Nothing takes effect.
    public func judge(_ use: ToolUse, in context: ToolContext) -> JudgedCall {
        guard let tool = ResidentTool(rawValue: use.name), let definition = definitions[tool] else {
            if let offer = plugins[tool: use.name] { return judge(use, offer, in: context) }
            return ruled(
                ProposedCall(
                    tool: use.name, arguments: JSONObject(), permission: .observe, touches: []),
                definition: nil, notes: [], target: CallTarget(), context, find: { _ in CallTarget() })
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
        return ruled(call, definition: definition, notes: checked.notes, target: target, context) { arguments in
            CallTarget.find(tool, arguments, in: context)
        }
    }

    /// The same of a plugin's tool.
    private func judge(_ use: ToolUse, _ offer: PluginOffer, in context: ToolContext) -> JudgedCall {
        let checked: CheckedArguments
        switch use.arguments {
        case .object(let arguments): checked = offer.tool.arguments.check(arguments)
        case .unparsable: checked = CheckedArguments(fault: "The arguments are no complete JSON object.")
        }
        let call = ProposedCall(
            tool: use.name, arguments: checked.values,
            argumentsCheck: checked.fault.map { .invalid(reason: $0) } ?? .valid,
            permission: offer.tool.permission, touches: offer.folder.definition.touches)
        let (ruling, _) = ruled(call, by: offer.tool.arguments, target: CallTarget(), context) { _ in CallTarget() }
        return JudgedCall(
            call: call, ruling: ruling, effect: offer.tool.effect,
            isNameSealed: false, plugin: offer, notes: checked.notes, target: CallTarget())
    }

    private func ruled(
        _ call: ProposedCall, definition: ToolDefinition?, notes: [String], target: CallTarget,
        _ context: ToolContext, find: (JSONObject) -> CallTarget
    ) -> JudgedCall {
        let (ruling, target) = ruled(call, by: definition?.arguments, target: target, context, find: find)
        return JudgedCall(
            call: call, ruling: ruling, effect: definition?.effect, isNameSealed: definition?.isNameSealed ?? false,
            plugin: nil, notes: notes, target: target)
    }

    /// Everything the law is told of a call.
    func facts(of target: CallTarget, _ context: ToolContext) -> Facts {
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
            declaredTools: context.run.isCleanRoom ? [ResidentTool.selfDelete.rawValue] : offeredNames,
            models: context.models, isNameTaken: isTaken(target.name, context),
            preferencesAfter: target.preferences?.json.object, approvedCalls: context.approvedCalls,
            now: context.now)
    }

    private func isTaken(_ name: String?, _ context: ToolContext) -> Bool {
        guard let folded = name.map({ DisplayName.folded($0) }) else { return false }
        return context.directory.residents.contains {
            $0.id != context.resident.id && DisplayName.folded($0.name) == folded
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

    /// What a plugin's answer means for the run: its words in their envelope, and what is kept for the resident.
    public func outcome(of answer: PluginAnswer, to judged: JudgedCall, in context: ToolContext) -> ToolOutcome {
        let plugin = judged.plugin?.folder.definition.name ?? ""
        let budget = ReadingBudget.bytes(tokensLeft: context.run.tokensLeft)
        let text = UntrustedEnvelope.wrap(
            ReadingBudget.cut(answer.text, bytes: budget), kind: .toolOutput, attributes: ["tool": judged.call.tool])
        return ToolOutcome(
            text: Self.joined([text], notes: judged.notes), isError: answer.isError,
            effect: answer.kept.map { .keeping(plugin: plugin, text: $0) }, isUntrusted: true)
    }

    private static func joined(_ parts: [String], notes: [String]) -> String {
        (parts + notes.map { "Note: \($0)" }).joined(separator: "\n")
    }
}
