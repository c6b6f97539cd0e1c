// Changing the laws: proposed with examples that pass, held by a time lock, approved by people, ended with notice.
import Cryptography
public import Encoding
public import Law
import Ledger

extension House {
    /// The laws of the home through time, as the record has them now.
    public func lawRegister() async throws(EngineError) -> LawRegister {
        try await asEngineError { try await laws.register(of: ledger) }
    }

    /// Proposes a law; it holds once its time lock has passed and enough people approved it.
    ///
    /// - Parameters:
    ///   - bytes: the law's text, UTF-8.
    ///   - fixtures: its examples, which must all pass.
    @discardableResult
    public func proposeLaw(_ bytes: [UInt8], fixtures: [UInt8]) async throws(EngineError) -> ProposedLaw {
        try await asEngineError {
            guard let text = String(validating: bytes, as: UTF8.self),
                let examples = String(validating: fixtures, as: UTF8.self)
            else { throw EngineError.unexpected("law is not UTF-8") }
            let law = try LawText(text)
            if let refusal = try await laws.register(of: ledger).refusal(ofProposing: law) {
                throw EngineError.lawChange(refusal, law: law.id.description)
            }
            try HouseLaws.check(law, against: fixtures)
            let now = surroundings.time.now()
            let effective = now.adding(milliseconds: Int64(settings.lawTimeLockHours) * 3_600_000)
            let enacted = EnactedLaw(text: law, hash: FoundingLaws.hash(of: bytes))
            try await record([
                lawSpan(
                    .lawProposed, enacted, who: .operator(operatorID), at: now,
                    metadata: [
                        "layer": .string(law.layer.word), "effective": .string(effective.rfc3339),
                        "quorum": .integer(Int64(settings.lawQuorum)),
                    ], content: ["text": .string(text), "fixtures": .string(examples)])
            ])
            return ProposedLaw(law: enacted, proposedAt: now, effective: effective, quorum: settings.lawQuorum)
        }
    }

    /// Approves a proposed law for a person; nil for the operator of the node.
    public func approveLaw(_ id: LawID, as name: String?) async throws(EngineError) -> ProposedLaw {
        try await asEngineError {
            let register = try await laws.register(of: ledger)
            guard let proposal = register.proposals.last(where: { $0.law.text.id == id }) else {
                throw EngineError.lawChange(.notProposed, law: id.description)
            }
            let person: Actor = .operator(try name.map { try newPersonID(named: $0) } ?? operatorID)
            if let refusal = register.refusal(ofApproving: id, hash: proposal.law.hash, who: person.text) {
                throw EngineError.lawChange(refusal, law: id.description)
            }
            try await record([
                lawSpan(.lawApproved, proposal.law, who: person, at: surroundings.time.now(), metadata: [:])
            ])
            let after = try await laws.register(of: ledger).proposals.last { $0.law.text.id == id }
            return after ?? proposal
        }
    }

    /// Ends a law from an instant on; what is not law yet is taken back.
    public func deprecateLaw(_ id: LawID, from: Instant, reason: String?) async throws(EngineError) {
        try await asEngineError {
            let register = try await laws.register(of: ledger)
            let now = surroundings.time.now()
            if let refusal = register.refusal(ofDeprecating: id, from: from, at: now) {
                throw EngineError.lawChange(refusal, law: id.description)
            }
            let known = register.proposals.map(\.law) + register.founding
            guard let law = known.first(where: { $0.text.id == id }) else {
                throw EngineError.lawChange(.notInForce, law: id.description)
            }
            var metadata: JSONObject = ["from": .string(from.rfc3339)]
            if let reason { metadata["reason"] = .string(reason) }
            try await record([lawSpan(.lawDeprecated, law, who: .operator(operatorID), at: now, metadata: metadata)])
        }
    }

    private func lawSpan(
        _ type: EntityType, _ law: EnactedLaw, who: Actor, at now: Instant, metadata: JSONObject,
        content: JSON? = nil
    ) -> SpanDraft {
        var fields: JSONObject = ["law": .string(law.text.id.description), "hash": .string(law.hash)]
        for (key, value) in metadata { fields[key] = value }
        return SpanDraft(
            id: surroundings.identifiers.next(), entityType: type, who: who, this: HouseLaws.subject, at: now,
            metadata: fields, content: content)
    }
}
