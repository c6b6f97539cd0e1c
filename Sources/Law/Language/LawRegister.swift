// Which laws are in force at an instant: those a home was founded with, and what was proposed and approved since.
public import Encoding

/// A law with the hash of its text.
public struct EnactedLaw: Sendable, Hashable {
    /// The law.
    public let text: LawText
    /// `blake3:` and the hash of its text's bytes.
    public let hash: String

    /// Makes one.
    public init(text: LawText, hash: String) { (self.text, self.hash) = (text, hash) }
}

/// A law that was proposed, with everything that was said of it since.
public struct ProposedLaw: Sendable, Hashable {
    /// The law.
    public let law: EnactedLaw
    /// When it was proposed.
    public let proposedAt: Instant
    /// The end of its time lock.
    public let effective: Instant
    /// How many different people must approve it.
    public let quorum: Int
    /// Who approved it, and when; each person once.
    public var approvals: [(who: String, at: Instant)] = []
    /// From when it no longer holds, and when that was said.
    public var deprecation: (from: Instant, said: Instant)?

    /// Makes a proposal.
    public init(law: EnactedLaw, proposedAt: Instant, effective: Instant, quorum: Int) {
        (self.law, self.proposedAt, self.effective, self.quorum) = (law, proposedAt, effective, max(1, quorum))
    }

    /// The instant from which it is law; nil while approvals are missing.
    public var inForceFrom: Instant? {
        guard approvals.count >= quorum else { return nil }
        return max(effective, approvals[quorum - 1].at)
    }

    /// Two proposals are the same when they are of the same law at the same time.
    public static func == (left: ProposedLaw, right: ProposedLaw) -> Bool {
        left.law == right.law && left.proposedAt == right.proposedAt && left.approvals.count == right.approvals.count
            && left.deprecation?.from == right.deprecation?.from
    }

    /// Hashes the law and when it was proposed.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(law)
        hasher.combine(proposedAt)
    }
}

/// One thing that was said about laws, in the order of the record.
public enum LawEvent: Sendable {
    /// A law was proposed.
    case proposed(EnactedLaw, at: Instant, effective: Instant, quorum: Int)
    /// A person approved a law.
    case approved(LawID, hash: String, who: String, at: Instant)
    /// A law ends.
    case deprecated(LawID, from: Instant, at: Instant)
}

/// Why a change of the laws is refused.
public enum LawChangeRefusal: String, Error, Sendable, Hashable {
    /// The constitution is pinned from the beginning and is not changed.
    case constitution
    /// The version is not above the one that is in force or proposed.
    case notNewer = "not_newer"
    /// The law was not proposed, or with another text.
    case notProposed = "not_proposed"
    /// The same person approved it already.
    case approvedAlready = "approved_already"
    /// It is not in force.
    case notInForce = "not_in_force"
    /// The notice is shorter than it must be.
    case shortNotice = "short_notice"
    /// An example fails, or one is missing.
    case examples
    /// It asks for what nothing does (``LawText/undoneActions``).
    case undone
}

/// The laws of a home through time.
public struct LawRegister: Sendable {
    /// The least time from a proposal to its law, in hours (S1-243, C-59: only upwards).
    public static let leastHours = 24
    /// The least notice of a law's end, in days (S1-249).
    public static let noticeDays = 14

    /// The laws that the home was founded with.
    public let founding: [EnactedLaw]
    /// What was proposed since, oldest first.
    public private(set) var proposals: [ProposedLaw] = []
    /// The ends of founding laws.
    private var ends: [LawID: (from: Instant, said: Instant)] = [:]

    /// Begins with founding laws.
    public init(founding: [EnactedLaw]) { self.founding = founding }

    /// Takes one more event up; what does not fit to what came before is ignored, for the record was checked when made.
    public mutating func take(_ event: LawEvent) {
        switch event {
        case .proposed(let law, let at, let effective, let quorum):
            guard refusal(ofProposing: law.text) == nil else { return }
            proposals.append(ProposedLaw(law: law, proposedAt: at, effective: effective, quorum: quorum))
        case .approved(let id, let hash, let who, let at):
            guard let index = proposals.firstIndex(where: { $0.law.text.id == id && $0.law.hash == hash }),
                !proposals[index].approvals.contains(where: { $0.who == who })
            else { return }
            proposals[index].approvals.append((who, at))
        case .deprecated(let id, let from, let at):
            if let index = proposals.firstIndex(where: { $0.law.text.id == id }) {
                proposals[index].deprecation = proposals[index].deprecation ?? (from, at)
            } else if founding.contains(where: { $0.text.id == id && $0.text.layer != .constitution }) {
                ends[id] = ends[id] ?? (from, at)
            }
        }
    }

    /// Why a law may not be proposed; nil where it may.
    public func refusal(ofProposing law: LawText) -> LawChangeRefusal? {
        let isPinned = founding.contains { $0.text.id.name == law.id.name && $0.text.layer == .constitution }
        guard law.layer != .constitution, !isPinned else { return .constitution }
        let versions =
            founding.filter { $0.text.id.name == law.id.name }.map(\.text.id.version)
            + proposals.filter { $0.law.text.id.name == law.id.name }.map(\.law.text.id.version)
        return versions.allSatisfy { $0 < law.id.version } ? nil : .notNewer
    }

    /// Why a person may not approve a law; nil where they may.
    public func refusal(ofApproving id: LawID, hash: String, who: String) -> LawChangeRefusal? {
        guard let proposal = proposals.first(where: { $0.law.text.id == id && $0.law.hash == hash }) else {
            return .notProposed
        }
        return proposal.approvals.contains { $0.who == who } ? .approvedAlready : nil
    }

    /// Why a law may not end then; nil where it may.
    public func refusal(ofDeprecating id: LawID, from: Instant, at now: Instant) -> LawChangeRefusal? {
        if founding.contains(where: { $0.text.id.name == id.name && $0.text.layer == .constitution }) {
            return .constitution
        }
        let isPending = proposals.contains { $0.law.text.id == id && ($0.inForceFrom ?? .distant) > now }
        guard isPending || inForce(at: now).contains(where: { $0.text.id == id }) else { return .notInForce }
        // What is not law yet may be taken back at once.
        if isPending { return nil }
        return from.milliseconds(since: now) >= Int64(Self.noticeDays) * 86_400_000 ? nil : .shortNotice
    }

    /// The laws in force at an instant, one version of each name: the newest that has come into force, unless it ended.
    ///
    /// A function of the record and the instant alone, so that a run which resumes has the law it began with.
    public func inForce(at instant: Instant) -> [EnactedLaw] {
        enacted(by: instant).filter { $0.end.map { $0 > instant } ?? true }.map(\.law)
            .sorted { ($0.text.layer.rawValue, $0.text.id.name) < ($1.text.layer.rawValue, $1.text.id.name) }
    }

    /// The first instant after another from which other laws may be in force; nil where none is known.
    public func nextChange(after instant: Instant) -> Instant? {
        let said = Array(ends.values) + proposals.compactMap(\.deprecation)
        let changes =
            said.flatMap { [$0.from, $0.said] } + proposals.compactMap(\.inForceFrom)
            + (founding + proposals.map(\.law)).compactMap { end(of: $0, said: nil, at: instant) }
        return changes.filter { $0 > instant }.min()
    }

    /// The laws in force at an instant whose end is known then and comes within some days, the next end first.
    public func ends(at instant: Instant, withinDays days: Int = 30) -> [(law: EnactedLaw, end: Instant)] {
        let last = instant.adding(milliseconds: Int64(days) * 86_400_000)
        return enacted(by: instant).compactMap { law, end in
            end.flatMap { $0 > instant && $0 <= last ? (law, $0) : nil }
        }
        .sorted { ($0.end, $0.law.text.id.name) < ($1.end, $1.law.text.id.name) }
    }

    /// The version of each name that came into force last by an instant, with its end where one is known.
    private func enacted(by instant: Instant) -> [(law: EnactedLaw, end: Instant?)] {
        var laws: [String: (law: EnactedLaw, end: Instant?)] = [:]
        for law in founding { laws[law.text.id.name] = (law, end(of: law, said: ends[law.text.id], at: instant)) }
        for proposal in proposals {
            guard let from = proposal.inForceFrom, from <= instant else { continue }
            // An end that was said before it came into force means that it never does.
            if let deprecation = proposal.deprecation, deprecation.said <= from { continue }
            let name = proposal.law.text.id.name
            if let present = laws[name], present.law.text.id.version > proposal.law.text.id.version { continue }
            laws[name] = (proposal.law, end(of: proposal.law, said: proposal.deprecation, at: instant))
        }
        return Array(laws.values)
    }

    /// The earlier of the end that a law names itself, as a day in UTC, and the one that was said of it by then.
    private func end(of law: EnactedLaw, said: (from: Instant, said: Instant)?, at instant: Instant) -> Instant? {
        let own = law.text.settings[.endOfLife].flatMap { CivilDate($0) }
            .map { Instant(unixMilliseconds: $0.daysSinceEpoch * 86_400_000) }
        let known = said.flatMap { $0.said <= instant ? $0.from : nil }
        return [own, known].compactMap { $0 }.min()
    }
}

extension Instant {
    fileprivate static let distant = Instant(unixMilliseconds: .max)
}
