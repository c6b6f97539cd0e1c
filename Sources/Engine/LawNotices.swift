// What laws of midnight told a role: kept on their decisions, shown to the operator.
public import Encoding
import Law

/// A law's word to a role about a thing with a deadline.
public struct LawNotice: Sendable, Equatable {
    /// The thing.
    public let thing: Identifier
    /// What the thing is called.
    public let name: String
    /// The law, by its name.
    public let law: String
    /// The civil day that was ruled.
    public let day: CivilDate
    /// ok, doubt or not.
    public let triage: String
    /// Who is told, in the words of the law.
    public let roles: [String]
}

extension House {
    /// How long the notice of what is over is shown, in days.
    static let noticeDays: Int64 = 14

    /// What the last decision on each thing told a role: of things that are open, and of what ended within 14 days.
    public func lawNotices() async throws(EngineError) -> [LawNotice] {
        let oldest = surroundings.time.now().adding(milliseconds: -Self.noticeDays * 86_400_000)
        return try await deliverables().compactMap { thing in
            guard let last = thing.decisions.last, !last.notified.isEmpty,
                !thing.isOver || last.boundary.map({ $0 >= oldest }) ?? true
            else { return nil }
            return LawNotice(
                thing: thing.id, name: thing.name, law: last.law, day: last.day, triage: last.triage.rawValue,
                roles: last.notified)
        }
    }
}
