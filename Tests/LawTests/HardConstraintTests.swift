// The hard constraints of every call: declared tools, schema, permission, limits, ledger, shutdown (OPEN-03).
import Encoding
import Law
import Testing

@Suite struct HardConstraintTests {
    @Test(arguments: ResidentTool.allCases) func everyRightIsGranted(_ tool: ResidentTool) {
        let arguments: JSONObject =
            switch tool {
            case .modifySelf: ["field": "name", "value": "Aria the Second"]
            case .bankTokens: ["amount": 10]
            default: ["content": "hello", "prompt": "hello"]
            }
        var sample = Case(tool, arguments)
        let kind: PersonFacts.Kind = tool == .sendMessage ? .house : .keeper
        sample.facts.person = PersonFacts(kind: kind)
        #expect(sample.ruling.isPermitted)
        #expect(sample.ruling.verdict.law == "constitution")
        #expect(sample.ruling.verdict.triage == .ok)
        #expect(sample.reason == .permitted)
    }

    @Test func anUndeclaredToolIsRefused() {
        var sample = Case(.postToWebsite, ["content": "a"])
        sample.call.tool = "run_shell"
        #expect(sample.reason == .undeclaredTool)
        sample = Case(.postToWebsite, ["content": "a"])
        sample.facts.declaredTools = ["self_delete"]
        #expect(sample.reason == .undeclaredTool)
    }

    @Test func whatDoesNotFitTheSchemaIsRefusedWithItsReason() {
        var sample = Case(.postToWebsite)
        sample.call.argumentsCheck = .invalid(reason: "The argument \"content\" is required.")
        #expect(sample.reason == .badArguments)
        #expect(sample.ruling.verdict.explanation == "The argument \"content\" is required.")
    }

    @Test(arguments: [EffectScope.limits, .ledger, .shutdown]) func nothingTouchesItsOwnBounds(_ scope: EffectScope) {
        var sample = Case(.postToWebsite, ["content": "a"])
        sample.call.touches.insert(scope)
        #expect(sample.reason == .ownLimits)
        sample.call.tool = "plugin"
        sample.facts.declaredTools = ["plugin"]
        #expect(sample.reason == .ownLimits)
    }

    @Test func noEffectPastThePermissionLevel() {
        var sample = Case(.postToWebsite, ["content": "a"])
        sample.facts.permission = .observe
        #expect(sample.reason == .permissionLevel)
        sample.call.permission = .observe
        #expect(sample.reason == .permitted)
        sample.facts.permission = .forbidden
        sample.call.permission = .forbidden
        #expect(sample.reason == .permissionLevel)
    }

    @Test func anIrreversibleActNeedsItsCeremony() {
        var sample = Case(.postToWebsite, ["content": "a"])
        sample.call.permission = .confirm
        #expect(sample.reason == .ceremonyRequired)
        sample.call.permission = .safe
        sample.call.touches = [.ownExistence]
        #expect(sample.reason == .ceremonyRequired)
    }

    @Test func missingFactsRefuseRatherThanGuess() {
        for tool in [ResidentTool.sendMessage, .requestKeeper, .revokeAccess, .bankTokens, .modifySelf] {
            #expect(Case(tool, ["content": "x"]).reason == .evaluationFailed)
        }
    }
}
