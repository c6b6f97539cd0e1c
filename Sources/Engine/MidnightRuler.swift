// The midnight ruler: laws of the clock `midnight ZONE`, asked of everything in their scope for each civil day.
public import Encoding
import Law
import Ledger

/// Civil days of any zone; nil where the zone, or its data, is not there.
public protocol CivilDays: Sendable {
    /// The civil day of an instant.
    func day(of instant: Instant, zone: String) -> CivilDate?
    /// The first instant of a civil day.
    func start(of day: CivilDate, zone: String) -> Instant?
    /// The civil day that follows one.
    func day(after day: CivilDate, zone: String) -> CivilDate?
}

/// What a pass of the ruler did.
public struct MidnightReport: Sendable, Equatable {
    /// One decision.
    public struct Decision: Sendable, Equatable {
        /// The law, with its version.
        public let law: String
        /// The thing.
        public let thing: Identifier
        /// The civil day.
        public let day: CivilDate
        /// ok, doubt or not.
        public let triage: String
        /// Whether it opened a dispute.
        public let isDisputed: Bool
    }

    /// Law and civil day, in the order in which they were ruled.
    public var days: [String] = []
    /// The decisions, in order.
    public var decisions: [Decision] = []
    /// Why a law was not asked: it is doubt, and nothing changes.
    public var doubts: [String] = []
}

/// Asks the laws; the house's only owner meanwhile.
struct MidnightRuler {
    let house: House
    let civil: any CivilDays
    /// More missed days than this look like a clock that jumped.
    static let mostMissedDays = 400

    func rule(acceptsGap: Bool) async throws -> MidnightReport {
        let now = house.surroundings.time.now()
        let register = try await house.laws.register(of: house.ledger)
        var report = MidnightReport()
        for law in register.inForce(at: now) {
            guard case .midnight(let zone)? = law.text.clock else { continue }
            let name = law.text.id.name
            guard let today = civil.day(of: now, zone: zone) else {
                try await doubt(&report, "timezone_unknown", expected: zone, found: "no data of this zone")
                continue
            }
            guard let first = try await firstDay(of: name, zone: zone, today: today, now: now) else { continue }
            let missed = today.daysSinceEpoch - first.daysSinceEpoch
            guard missed >= -1, missed <= Self.mostMissedDays || acceptsGap else {
                try await doubt(&report, "clock_jumped", expected: "\(first)", found: "\(today)")
                continue
            }
            var day = first
            while day <= today {
                guard let boundary = civil.start(of: day, zone: zone), let next = civil.day(after: day, zone: zone),
                    next > day
                else {
                    try await doubt(&report, "timezone_unknown", expected: zone, found: "no start of \(day)")
                    break
                }
                // The law of that midnight, not the one of today: what is late is decided as it would have been.
                if let then = register.inForce(at: boundary).first(where: { $0.text.id.name == name }),
                    then.text.clock == law.text.clock
                {
                    try await rule(then, day, boundary, next: civil.start(of: next, zone: zone), &report)
                }
                day = next
            }
        }
        return report
    }

    /// The first day that a law was not asked for: after the last that it was, else after the first thing was agreed.
    private func firstDay(of law: String, zone: String, today: CivilDate, now: Instant) async throws -> CivilDate? {
        let ruled = try await house.ledger.spans(
            Ledger.Query(types: [.lawRuled], subject: HouseLaws.subject, newestFirst: true, limit: 1_000))
        let last = ruled.first { $0.metadata["law"]?.string.flatMap { LawID($0)?.name } == law }
        if let day = last?.metadata["day"]?.string.flatMap({ CivilDate($0) }) {
            return civil.day(after: day, zone: zone)
        }
        let things = try await house.deliverables(onlyOpen: true)
        guard let oldest = things.map(\.createdAt).min(), let day = civil.day(of: oldest, zone: zone) else {
            return nil
        }
        return civil.day(after: day, zone: zone)
    }

    /// Asks one law for one civil day: everything in its scope, each in a transaction of its own, then the day itself.
    private func rule(
        _ law: EnactedLaw, _ day: CivilDate, _ boundary: Instant, next: Instant?, _ report: inout MidnightReport
    ) async throws {
        let set = try LawSet([(text: law.text, hash: law.hash)])
        var counts: [String: Int64] = [:]
        let ids = try await house.ledger.read { try DeliverableProjection.ids(onlyOpen: true, in: $0) }
        for id in ids {
            guard let thing = try await house.deliverable(id, saidBefore: boundary), thing.createdAt < boundary,
                law.text.covers(thing.kind)
            else { continue }
            if thing.status == .disputed || thing.isOver {
                counts["frozen", default: 0] += 1
                continue
            }
            if let done = thing.decisions.last(where: { $0.law == law.text.id.name && $0.day == day }) {
                counts[done.triage.rawValue, default: 0] += 1
                continue
            }
            // A hold that ends within the boundary's day does not postpone it (days may have 23 hours).
            if let held = thing.decisions.last?.heldUntil, let next, held >= next {
                counts["held", default: 0] += 1
                continue
            }
            guard let decision = set.decision(of: law.text.id.name, thing.facts(at: boundary)),
                let triage = thing.deadline == nil ? .doubt : decision.triage
            else {
                counts["pending", default: 0] += 1
                continue
            }
            counts[triage.rawValue, default: 0] += 1
            report.decisions.append(
                try await decide(thing, triage, decision.actions, of: law, day: day, boundary: boundary))
        }
        try await house.record([
            SpanDraft(
                id: house.surroundings.identifiers.next(), entityType: .lawRuled, who: .law, this: HouseLaws.subject,
                at: house.surroundings.time.now(),
                metadata: [
                    "law": .string(law.text.id.description), "hash": .string(law.hash),
                    "day": .string(day.description),
                    "counts": .object(
                        JSONObject(counts.sorted { $0.key < $1.key }.map { ($0.key, .integer($0.value)) })),
                ], idempotencyKey: "law:\(law.text.id):\(day)")
        ])
        report.days.append("\(law.text.id) \(day)")
    }

    /// Records a decision with its effects in one transaction; doubt twice in a row after the deadline is a dispute.
    private func decide(
        _ thing: Deliverable, _ triage: Triage, _ actions: [LawAction], of law: EnactedLaw, day: CivilDate,
        boundary: Instant
    ) async throws -> MidnightReport.Decision {
        let isPoison = thing.deadline == nil
        let composed = ActionComposition(isPoison ? [] : actions)
        let own = thing.decisions.last { $0.law == law.text.id.name }
        let isOverdue = thing.deadline.map { $0 <= boundary } ?? true
        let isDisputed = triage == .doubt && isOverdue && (own?.triage == .doubt || isPoison)
        var metadata: JSONObject = [
            "law": .string(law.text.id.description), "hash": .string(law.hash), "triage": .string(triage.rawValue),
            "day": .string(day.description), "boundary": .string(boundary.rfc3339),
            "facts": .string(thing.facts(at: boundary).values.mapValues(\.shown).shown),
        ]
        if isPoison { metadata["reason"] = "malformed" }
        switch composed.transition {
        case .terminate(let reason)?:
            metadata["transition"] = "terminate"
            metadata["reason"] = .string(reason)
        case .accept?: metadata["transition"] = "accept"
        case .hold?:
            metadata["transition"] = "hold"
            metadata["hours"] = .integer(Int64(composed.holdHours))
        case nil: break
        }
        let tags = composed.steps.compactMap {
            if case .tag(let key, let value) = $0 { "\(key)=\(value)" } else { nil }
        }
        if !tags.isEmpty { metadata["tags"] = .string(tags.joined(separator: " ")) }
        if !composed.notified.isEmpty { metadata["notified"] = .string(composed.notified.joined(separator: " ")) }
        let now = house.surroundings.time.now()
        let identifiers = house.surroundings.identifiers
        let decided = SpanDraft(
            id: identifiers.next(), entityType: .lawDecided, who: .law, this: thing.id.description, at: now,
            metadata: metadata, idempotencyKey: "law:\(law.text.id):\(thing.id):\(day)")
        let dispute = SpanDraft(
            id: identifiers.next(), entityType: .disputeOpened, who: .law, this: thing.id.description, at: now,
            metadata: ["law": .string(law.text.id.description)])
        try await house.record(isDisputed ? [decided, dispute] : [decided])
        return MidnightReport.Decision(
            law: law.text.id.description, thing: thing.id, day: day, triage: triage.rawValue, isDisputed: isDisputed)
    }

    /// What keeps a law from being asked: nothing changes, and the record says so once.
    private func doubt(_ report: inout MidnightReport, _ kind: String, expected: String, found: String) async throws {
        report.doubts.append("\(kind): \(expected), \(found)")
        let last = try await house.ledger.lastSpan(subject: HouseLaws.subject, types: [.incident])
        let metadata: JSONObject = ["kind": .string(kind), "expected": .string(expected), "found": .string(found)]
        guard last?.metadata != metadata else { return }
        try await house.record([
            SpanDraft(
                id: house.surroundings.identifiers.next(), entityType: .incident, who: .law, this: HouseLaws.subject,
                at: house.surroundings.time.now(), metadata: metadata)
        ])
    }
}

extension House {
    /// Asks the laws of midnight for every civil day that they were not asked for yet, oldest first (S1-92, S1-149).
    ///
    /// Each decision stands in one transaction with its effects; what a crash cut short goes on where it was.
    ///
    /// - Parameter acceptsGap: rules also after more than 400 missed days, which otherwise is doubt about the clock.
    public func ruleMidnights(
        _ civil: any CivilDays, acceptsGap: Bool = false
    ) async throws(EngineError) -> MidnightReport {
        try await asEngineError { try await MidnightRuler(house: self, civil: civil).rule(acceptsGap: acceptsGap) }
    }
}
