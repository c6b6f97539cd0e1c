// How the layers come to one ruling.
import Encoding
import Law
import Testing

@Suite struct CompositionTests {
    private func check(_ layers: [FixedLayer], tool: String = "plugin") -> Ruling {
        var sample = Case(.postToWebsite, ["content": "a"])
        sample.call.tool = tool
        return ConstraintChecker(layers: layers).check(sample.call, sample.facts)
    }

    @Test func denyBeatsHoldBeatsDelayBeatsModifyBeatsPermit() {
        let order: [Decision] = [.permit, .modify(["a": 1]), .delay(days: 1), .hold(hours: 2), .deny]
        for (weaker, below) in order.enumerated() {
            for above in order[weaker...] {
                let constitution = FixedLayer(layer: .constitution, verdicts: [verdict(.permit)])
                let ruling = check([
                    FixedLayer(layer: .user, verdicts: [verdict(above, "above")]),
                    FixedLayer(layer: .tenant, verdicts: [verdict(below, "below")]), constitution,
                ])
                #expect(ruling.verdict.decision == above)
            }
        }
    }

    @Test func longestDelayAndHoldDecide() {
        let permit = FixedLayer(layer: .constitution, verdicts: [verdict(.permit)])
        let ruling = check([
            permit, FixedLayer(layer: .superior, verdicts: [verdict(.delay(days: 1), "short")]),
            FixedLayer(layer: .application, verdicts: [verdict(.delay(days: 3), "long"), verdict(.modify(["b": 2]))]),
        ])
        #expect(ruling.verdict.law == "long")
        #expect(ruling.delayDays == 3)
        #expect(ruling.arguments == ["b": 2])
        let held = check([
            permit, FixedLayer(layer: .superior, verdicts: [verdict(.hold(hours: 9), "long")]),
            FixedLayer(layer: .user, verdicts: [verdict(.hold(hours: 1), "short")]),
        ])
        #expect(held.verdict.law == "long")
        #expect(held.holdHours == 9)
        #expect(!held.isPermitted)
    }

    @Test func noLowerLayerRefusesARight() {
        let layers = [
            FixedLayer(layer: .constitution, verdicts: [verdict(.permit)]),
            FixedLayer(layer: .superior, verdicts: [verdict(.deny, "censor")]),
            FixedLayer(layer: .user, verdicts: [verdict(.hold(hours: 5), "later"), verdict(.delay(days: 1), "rate")]),
        ]
        let right = check(layers, tool: "post_to_website")
        #expect(right.isPermitted)
        #expect(right.verdict.law == "rate")
        #expect(right.overruled.map(\.law) == ["censor", "later"])
        #expect(check(layers, tool: "plugin").verdict.law == "censor")
    }

    @Test func noLowerLayerPermitsWhatTheConstitutionForbids() {
        let ruling = check([
            FixedLayer(layer: .constitution, verdicts: [verdict(.deny, "constitution")]),
            FixedLayer(layer: .user, verdicts: [verdict(.permit, "user")]),
        ])
        #expect(ruling.verdict.law == "constitution")
        #expect(!ruling.isPermitted)
    }

    @Test func whatCannotBeEvaluatedIsRefused() {
        for layer in LawLayer.allCases {
            let ruling = check(
                [
                    FixedLayer(layer: .constitution, verdicts: [verdict(.permit)]),
                    FixedLayer(layer: layer, fails: true),
                ], tool: "post_to_website")
            #expect(ruling.verdict.isDenial)
            #expect(ruling.verdict.reason == .evaluationFailed)
            #expect(ruling.verdict.law == "broken")
            #expect(ruling.verdict.version == "9.9.9")
            #expect(ruling.verdict.triage == .doubt)
        }
    }

    @Test func withoutAConstitutionNothingIsPermitted() {
        #expect(!check([]).isPermitted)
        #expect(!check([FixedLayer(layer: .user, verdicts: [verdict(.permit)])]).isPermitted)
        #expect(!check([FixedLayer(layer: .constitution)]).isPermitted)
    }
}
