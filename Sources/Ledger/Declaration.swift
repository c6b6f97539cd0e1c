// The living table of the format: what each kind of span may say in public. The writer refuses everything else.
internal import Encoding

/// What a declared field may hold.
enum FieldKind: Sendable {
    /// A code, a name or a public word, at most 1,024 bytes.
    case text
    /// A text of any length that a span can hold, for what residents publish.
    case longText
    case integer
    case bool
    /// `blake3:` and 64 hex digits.
    case hash
    /// `hmac-sha512:` and 64 hex digits.
    case digest
    /// 64 hex digits.
    case key
    /// 32 hex digits.
    case vaultID
    /// A list of hashes.
    case hashes
    /// A short text, an integer or a boolean.
    case scalar
    /// An integer, or integers by name.
    case counts
}

/// One declared field.
struct Field: Sendable {
    let name: String
    let kind: FieldKind
    let isRequired: Bool

    static func required(_ name: String, _ kind: FieldKind) -> Field { Field(name: name, kind: kind, isRequired: true) }
    static func optional(_ name: String, _ kind: FieldKind) -> Field {
        Field(name: name, kind: kind, isRequired: false)
    }
}

/// What one kind of span may say.
struct Declaration: Sendable {
    /// The past form of the act.
    let did: String
    /// Whether `this` is the resident; where it is not, `related_to` names the resident, if there is one.
    var concernsResident = false
    var metadata: [Field] = []
    var content: [Field] = []
    var name: Presence = .absent
    /// The one value of `status`.
    var status: String?
    var hasDuration = false
    var needsIdempotencyKey = false
    var visibility: Visibility = .private

    enum Presence: Sendable { case absent, optional, required }
}

extension EntityType {
    /// The declaration of this kind.
    var declaration: Declaration { Self.declarations[self] ?? made }

    /// Whether `this` is a resident.
    var concernsResident: Bool { declaration.concernsResident }

    private static let declarations = Dictionary(uniqueKeysWithValues: allCases.map { ($0, $0.made) })

    private var made: Declaration {
        switch self {
        case .ledgerOpened, .keyringWritten, .ledgerPinned, .vaultVerified, .vaultRestored, .ledgerLossAccepted,
            .incident:
            nodeDeclaration
        case .residentAdmitted, .residentPaused, .residentResumed, .residentDeleteIntent, .residentDeleted,
            .residentErased:
            residentDeclaration
        case .runClaimed, .vaultOpened, .contextComposed, .providerCalled, .toolCalled, .toolRefused, .personaSettled,
            .vaultSealed:
            stepDeclaration
        case .runCompleted, .runFailed, .runParked, .runSkipped, .runMissed: endDeclaration
        case .keeperAdded, .keeperRemoved, .keeperAccepted, .post, .keeperRequested, .accessRevoked, .mailQueued,
            .mailDelivered:
            communityDeclaration
        }
    }

    private var nodeDeclaration: Declaration {
        let counts: [Field] = [.optional("counts", .counts), .optional("from", .scalar), .optional("to", .scalar)]
        let pins: [Field] = [.required("preamble", .hash), .required("laws", .hashes), .required("program", .text)]
        return switch self {
        case .ledgerOpened:
            Declaration(
                did: "opened", metadata: [.required("public_key", .key), .required("vault", .vaultID)] + pins)
        case .keyringWritten:
            Declaration(did: "wrote", metadata: [.required("epoch", .integer), .required("hash", .hash)])
        case .ledgerPinned: Declaration(did: "pinned", metadata: pins)
        case .vaultVerified: Declaration(did: "verified", metadata: counts)
        case .vaultRestored: Declaration(did: "restored", metadata: counts)
        case .ledgerLossAccepted: Declaration(did: "accepted", metadata: counts)
        default:
            Declaration(
                did: "noticed",
                metadata: [.required("kind", .text), .optional("expected", .scalar), .optional("found", .scalar)])
        }
    }

    private var residentDeclaration: Declaration {
        let deletion: [Field] = [.optional("level", .scalar), .optional("epoch", .integer), .optional("by", .text)]
        return switch self {
        case .residentAdmitted:
            Declaration(
                did: "admitted", concernsResident: true,
                metadata: [
                    .required("generation", .integer), .required("header", .hash), .required("inbox_key", .key),
                    .required("model", .text), .optional("import", .digest),
                ], name: .required)
        case .residentPaused: Declaration(did: "paused", concernsResident: true, metadata: [.optional("reason", .text)])
        case .residentResumed:
            Declaration(did: "resumed", concernsResident: true, metadata: [.optional("reason", .text)])
        case .residentDeleteIntent: Declaration(did: "intended", concernsResident: true, metadata: deletion)
        case .residentDeleted:
            Declaration(
                did: "deleted", concernsResident: true, metadata: deletion,
                content: [.optional("statement", .longText), .optional("justification", .longText)],
                visibility: .public)
        default: Declaration(did: "erased", concernsResident: true, metadata: deletion)
        }
    }

    private var stepDeclaration: Declaration {
        switch self {
        case .runClaimed:
            Declaration(
                did: "claimed", concernsResident: true,
                metadata: [.required("trigger", .text), .required("occurrence", .text)], needsIdempotencyKey: true)
        case .vaultOpened:
            Declaration(
                did: "opened", concernsResident: true,
                metadata: [.required("generation", .integer), .required("reason", .text)])
        case .contextComposed:
            Declaration(
                did: "composed", concernsResident: true,
                metadata: [
                    .required("digest", .digest), .required("preamble", .hash), .required("bytes", .integer),
                    .required("left_out", .integer), .required("untrusted", .bool),
                ])
        case .providerCalled:
            Declaration(
                did: "called", concernsResident: true,
                metadata: [.required("provider", .text), .required("model", .text), .required("digest", .digest)]
                    + [
                        "round", "attempt", "input", "cacheRead", "cacheWrite", "output", "house", "costPicoUSD", "ms",
                    ].map { .required($0, .integer) } + [.optional("stop", .text)])
        case .personaSettled:
            Declaration(
                did: "settled", concernsResident: true,
                metadata: ["runs", "charged", "balance", "bank"].map { .required($0, .integer) }
                    + [.required("model", .text)], name: .optional)
        case .vaultSealed:
            Declaration(
                did: "sealed", concernsResident: true,
                metadata: [
                    .required("generation", .integer), .required("header", .hash), .required("episodes", .hashes),
                ])
        default:
            Declaration(
                did: self == .toolCalled ? "called" : "refused",
                metadata: [
                    .required("round", .integer), .required("call", .integer), .optional("law", .text),
                    .optional("triage", .text), .optional("reason", .text),
                ])
        }
    }

    private var endDeclaration: Declaration {
        let word = String(rawValue.dropFirst("run.".count))
        return Declaration(
            did: word, concernsResident: true,
            metadata: [.optional("reason", .text), .optional("rounds", .integer), .optional("calls", .integer)],
            status: self == .runCompleted ? "done" : word, hasDuration: true)
    }

    private var communityDeclaration: Declaration {
        let rehearsed: [Field] = [.optional("rehearsed", .bool)]
        let reason: [Field] = [.optional("reason", .text)]
        return switch self {
        case .post:
            Declaration(
                did: "posted", metadata: rehearsed,
                content: [.required("text", .longText), .optional("title", .longText)], visibility: .public)
        case .keeperRequested: Declaration(did: "requested", metadata: rehearsed)
        case .accessRevoked: Declaration(did: "revoked", metadata: rehearsed)
        case .mailQueued: Declaration(did: "queued", metadata: rehearsed)
        case .mailDelivered: Declaration(did: "delivered", metadata: rehearsed)
        case .keeperAdded: Declaration(did: "added", metadata: reason)
        case .keeperRemoved: Declaration(did: "removed", metadata: reason)
        default: Declaration(did: "accepted", metadata: reason)
        }
    }
}
