// What a verification found: one kind for each way in which a ledger can be wrong.

/// Something that a verification found wrong.
public struct Fault: Error, Sendable, Hashable {
    /// What is wrong.
    public let kind: Kind
    /// The position of the span, where one is concerned.
    public let position: Int?
    /// Where: `position 7`, or the name of a file.
    public let place: String
    /// What should be there.
    public let expected: String
    /// What is there.
    public let found: String

    /// A fault at a span.
    init(_ kind: Kind, at position: Int, expected: String, found: String) {
        self.kind = kind
        self.position = position
        self.place = "position \(position)"
        self.expected = expected
        self.found = found
    }

    /// A fault of a file.
    init(_ kind: Kind, in place: String, expected: String, found: String) {
        self.kind = kind
        self.position = nil
        self.place = place
        self.expected = expected
        self.found = found
    }

    /// The ways in which a ledger can be wrong.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The bytes are no JSON of the format.
        case malformed
        /// The bytes are not the canonical form of what they say.
        case notCanonical = "not_canonical"
        /// A field that must be there is not.
        case fieldMissing = "field_missing"
        /// A field is not of its form.
        case fieldInvalid = "field_invalid"
        /// A kind of span, or a field of it, that the format does not declare.
        case fieldUnknown = "field_unknown"
        /// The first span is no genesis, or another one is.
        case genesis
        /// The span names another ledger.
        case foreignLedger = "foreign_ledger"
        /// The span names another key.
        case foreignKey = "foreign_key"
        /// A position has no span: one was dropped.
        case dropped
        /// A span stands twice.
        case duplicated
        /// Two spans claim one position: one was put in.
        case inserted
        /// A span stands in another's place: two were swapped.
        case outOfOrder = "out_of_order"
        /// The previous hash is not the hash of the span before.
        case brokenLink = "broken_link"
        /// The hash is not that of the bytes: the span was edited.
        case wrongHash = "wrong_hash"
        /// The signature is not the node's over the hash.
        case wrongSignature = "wrong_signature"
        /// An identifier and version stand on two spans.
        case identifierReused = "identifier_reused"
        /// A version does not follow the one before.
        case wrongVersion = "wrong_version"
        /// An idempotency key stands on two spans.
        case idempotencyKeyReused = "idempotency_key_reused"
        /// A generation does not follow the one before.
        case wrongGeneration = "wrong_generation"
        /// The keyring's epoch went back.
        case wrongEpoch = "wrong_epoch"
        /// A resident was sealed after its deletion.
        case sealedAfterDeletion = "sealed_after_deletion"
        /// A completed run lacks a step.
        case incompleteRun = "incomplete_run"
        /// A completed run does not begin with its claim or end with its completion.
        case disorderedRun = "disordered_run"
        /// A sealed payload is missing and no deletion covers it.
        case payloadMissing = "payload_missing"
        /// A sealed payload is not what its span says.
        case payloadAltered = "payload_altered"
        /// A sealed payload that no span names.
        case payloadUnexpected = "payload_unexpected"
        /// A trigger that keeps the store append-only is missing or another.
        case guardAltered = "guard_altered"
        /// The store's columns say something else than the signed bytes.
        case columnMismatch = "column_mismatch"
        /// The head is missing.
        case headMissing = "head_missing"
        /// The head is not of its form.
        case headMalformed = "head_malformed"
        /// The head's signature is not the node's.
        case headSignature = "head_signature"
        /// The head names another span than the ledger ends with.
        case headMismatch = "head_mismatch"
        /// The end is cut off: the head names more spans than there are.
        case truncated
        /// There are more spans than the head or the export's description names.
        case surplus
        /// A file of the export is missing.
        case fileMissing = "file_missing"
    }
}
