// What the ledger itself says of a resident, from verified spans and no projection.
public import Cryptography
public import Encoding
public import SQLite

/// The state of a resident as its last verified spans state it; what the vault is opened with.
public struct ResidentTruth: Sendable, Hashable {
    /// Whether a resident takes part in the nights.
    public enum Status: String, Sendable, Hashable {
        /// It does.
        case active
        /// It was taken out for a time.
        case paused
        /// It was deleted.
        case deleted = "deleted_memorial"
    }

    /// The resident.
    public let resident: Identifier
    /// The generation that is current.
    public let generation: Int
    /// The BLAKE3 hash of that generation's header, 32 bytes.
    public let header: [UInt8]
    /// The header hashes of its episodes, in their order.
    public let episodes: [[UInt8]]
    /// The model it runs on.
    public let model: String
    /// Its public handle.
    public let name: String
    /// Its X25519 public key for letters, hex digits.
    public let inboxKey: String
    /// Whether it takes part in the nights.
    public let status: Status
    /// The position of the span that states the generation.
    public let position: Int
}

extension Ledger {
    /// What the last verified spans say of a resident; nil where it was never admitted.
    public func truth(of resident: Identifier) async throws -> ResidentTruth? {
        let key = key
        return try await read { try $0.truth(of: resident, verifiedWith: key) }
    }
}

extension Connection {
    /// What the last verified spans say of a resident; also for an effect, on the writer's own connection.
    public func truth(of resident: Identifier, verifiedWith key: VerifyingKey) throws -> ResidentTruth? {
        func last(_ types: EntityType...) throws -> Span? {
            try lastSpan(subject: resident.description, types: types, verifiedWith: key)
        }
        guard let admitted = try last(.residentAdmitted),
            let sealed = try last(.vaultSealed, .residentAdmitted),
            let generation = sealed.metadata["generation"]?.integer,
            let header = sealed.metadata["header"]?.string.flatMap(HashText.blake3Bytes)
        else { return nil }
        let settled = try last(.personaSettled)
        let status: ResidentTruth.Status
        if try last(.residentDeleted, .residentErased) != nil {
            status = .deleted
        } else {
            status = try last(.residentPaused, .residentResumed)?.entityType == .residentPaused ? .paused : .active
        }
        return ResidentTruth(
            resident: resident, generation: Int(generation), header: header,
            episodes: sealed.metadata["episodes"]?.array?.compactMap { $0.string.flatMap(HashText.blake3Bytes) } ?? [],
            model: (settled ?? admitted).metadata["model"]?.string ?? "",
            name: settled?.name ?? admitted.name ?? "", inboxKey: admitted.metadata["inbox_key"]?.string ?? "",
            status: status, position: sealed.position)
    }

    /// The last span of those kinds about a subject; its place, hash and signature are checked.
    public func lastSpan(subject: String, types: [EntityType], verifiedWith key: VerifyingKey) throws -> Span? {
        let newest = try types.compactMap { try lastSpan(subject: subject, kind: $0) }
        guard let span = newest.max(by: { $0.position < $1.position }) else { return nil }
        try span.checkSignature(with: key)
        guard types.contains(span.entityType), span.subject == subject else {
            throw Fault(
                .columnMismatch, at: span.position, expected: "\(span.entityType.rawValue) of \(span.this)",
                found: "another kind or subject")
        }
        return span
    }
}

extension SealedReference {
    /// Whether a payload is the one that the span names.
    func matches(_ payload: [UInt8]) -> Bool { BLAKE3.hash(payload) == hash }
}
