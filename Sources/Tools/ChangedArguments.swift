// Arguments that a law put in the place of a call's own: checked again, as if a model had sent them.
import Encoding
import Law

extension ResidentTools {
    /// The ruling on a call, and whom it concerns, once what a law changed was checked again.
    ///
    /// Changed arguments must fit the tool's schema as they stand, and no law may refuse or hold the call that they
    /// make; otherwise nothing is done. Changes are not changed a second time.
    ///
    /// - Parameter find: whom a call with such arguments concerns.
    func ruled(
        _ call: ProposedCall, by schema: ArgumentSchema?, target: CallTarget, _ context: ToolContext,
        find: (JSONObject) -> CallTarget
    ) -> (ruling: Ruling, target: CallTarget) {
        let ruling = checker.check(call, facts(of: target, context))
        guard let schema, ruling.arguments != call.arguments, !ruling.verdict.isDenial else {
            return (ruling, target)
        }
        let checked = schema.check(ruling.arguments)
        guard checked.fault == nil, checked.values == ruling.arguments else {
            return (ruling.refusingChange(of: call), target)
        }
        let changedTarget = find(ruling.arguments)
        guard changedTarget.fault == nil else { return (ruling.refusingChange(of: call), target) }
        var changed = call
        changed.arguments = ruling.arguments
        var again = checker.check(changed, facts(of: changedTarget, context))
        if !again.isPermitted {
            again.arguments = ruling.arguments
            return (again, changedTarget)
        }
        var settled = ruling
        settled.delayDays = max(settled.delayDays, again.delayDays)
        return (settled, changedTarget)
    }
}
