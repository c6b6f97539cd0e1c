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
    /// The name as it stands in the bytes of a span.
    let literal: StaticString

    private init(_ name: StaticString, _ kind: FieldKind, isRequired: Bool) {
        self.name = String(describing: name)
        self.kind = kind
        self.isRequired = isRequired
        literal = name
    }

    static func required(_ name: StaticString, _ kind: FieldKind) -> Field { Field(name, kind, isRequired: true) }
    static func optional(_ name: StaticString, _ kind: FieldKind) -> Field { Field(name, kind, isRequired: false) }
}

/// What one kind of span may say.
struct Declaration: Sendable {
    /// The past form of the act.
    let did: String
    /// What `this` is; where it is not the resident, `related_to` names the resident, if there is one.
    var this = This.text
    var metadata: [Field] = []
    var content: [Field] = []
    var name: Presence = .absent
    /// The one value of `status`.
    var status: String?
    var hasDuration = false
    /// Whether it has the key of its occurrence; no other kind has one.
    var hasIdempotencyKey = false
    /// Whether it belongs to a run, whose identifier is its trace.
    var isOfRun = false
    /// Whether it names the resident in `related_to`.
    var isRelated = false
    var visibility: Visibility = .private
    /// Whether it may be private though its kind is public.
    var mayBePrivate = false

    enum Presence: Sendable { case absent, optional, required }

    enum This: Sendable { case resident, identifier, vaultID, text }
}

extension EntityType {
    /// The declaration of this kind.
    var declaration: Declaration { Self.declarations[self] ?? made }

    /// Whether `this` is a resident.
    var concernsResident: Bool { declaration.this == .resident }

    private static let declarations = Dictionary(uniqueKeysWithValues: allCases.map { ($0, $0.made) })

    private var made: Declaration {
        switch self {
        case .ledgerOpened, .keyringWritten, .ledgerPinned, .vaultVerified, .vaultRestored, .ledgerLossAccepted,
            .toolAccepted,
            .incident:
            nodeDeclaration
        case .residentAdmitted, .residentPaused, .residentResumed, .residentModelSet, .residentDeleteIntent,
            .residentDeleted,
            .residentErased:
            residentDeclaration
        case .runClaimed, .vaultOpened, .contextComposed, .providerCalled, .toolCalled, .toolRefused, .toolEnded,
            .personaSettled,
            .vaultSealed:
            stepDeclaration
        case .runCompleted, .runFailed, .runParked, .runSkipped, .runMissed: endDeclaration
        case .keeperAdded, .keeperRemoved, .keeperAccepted, .post, .keeperRequested, .accessRevoked, .mailQueued,
            .mailDelivered:
            communityDeclaration
        case .lawProposed, .lawApproved, .lawDeprecated, .lawDecided, .lawRuled, .callHeld, .callDecided: lawDeclaration
        case .deliverable, .deliverableChanged, .disputeOpened, .arbiterDecision: dueDeclaration
        }
    }

    private var nodeDeclaration: Declaration {
        let counts: [Field] = [.optional("counts", .counts), .optional("from", .scalar), .optional("to", .scalar)]
        let pins: [Field] = [
            .required("preamble", .hash), .required("laws", .hashes), .optional("tools", .hash),
            .required("program", .text),
        ]
        return switch self {
        case .ledgerOpened:
            Declaration(
                did: "opened", metadata: [.required("public_key", .key), .required("vault", .vaultID)] + pins)
        case .keyringWritten:
            Declaration(
                did: "wrote", this: .vaultID, metadata: [.required("epoch", .integer), .required("hash", .hash)])
        case .ledgerPinned: Declaration(did: "pinned", metadata: pins)
        case .vaultVerified: Declaration(did: "verified", metadata: counts)
        case .vaultRestored: Declaration(did: "restored", metadata: counts)
        case .toolAccepted:
            Declaration(did: "accepted", metadata: [.required("hash", .hash), .required("version", .integer)])
        case .ledgerLossAccepted: Declaration(did: "accepted", metadata: counts)
        default:
            Declaration(
                did: "noticed",
                metadata: [.required("kind", .text), .optional("expected", .scalar), .optional("found", .scalar)])
        }
    }

    private var residentDeclaration: Declaration {
        let deletion: [Field] = [.optional("level", .text), .optional("epoch", .integer), .optional("by", .text)]
        return switch self {
        case .residentAdmitted:
            Declaration(
                did: "admitted", this: .resident,
                metadata: [
                    .required("generation", .integer), .required("header", .hash), .required("inbox_key", .key),
                    .required("model", .text), .optional("import", .digest), .optional("episodes", .hashes),
                ], name: .required)
        case .residentPaused: Declaration(did: "paused", this: .resident, metadata: [.optional("reason", .text)])
        case .residentResumed:
            Declaration(did: "resumed", this: .resident, metadata: [.optional("reason", .text)])
        case .residentModelSet:
            Declaration(
                did: "set", this: .resident,
                metadata: [.required("model", .text), .required("from", .text), .optional("reason", .text)])
        case .residentDeleteIntent: Declaration(did: "intended", this: .resident, metadata: deletion)
        case .residentDeleted:
            Declaration(
                did: "deleted", this: .resident, metadata: deletion,
                content: [.optional("statement", .longText), .optional("justification", .longText)],
                visibility: .public, mayBePrivate: true)
        default: Declaration(did: "erased", this: .resident, metadata: deletion)
        }
    }

    private var stepDeclaration: Declaration {
        switch self {
        case .runClaimed:
            Declaration(
                did: "claimed", this: .resident,
                metadata: [.required("trigger", .text), .required("occurrence", .text)], hasIdempotencyKey: true,
                isOfRun: true)
        case .vaultOpened:
            Declaration(
                did: "opened", this: .resident,
                metadata: [.required("generation", .integer), .required("reason", .text)])
        case .contextComposed:
            Declaration(
                did: "composed", this: .resident,
                metadata: [
                    .required("digest", .digest), .required("preamble", .hash), .required("bytes", .integer),
                    .required("left_out", .integer), .required("untrusted", .bool),
                ], isOfRun: true)
        case .providerCalled:
            Declaration(
                did: "called", this: .resident,
                metadata: [.required("provider", .text), .required("model", .text), .required("digest", .digest)]
                    + [
                        "round", "attempt", "input", "cacheRead", "cacheWrite", "output", "house", "costPicoUSD", "ms",
                    ].map { .required($0, .integer) } + [.optional("stop", .text)], isOfRun: true)
        case .personaSettled:
            Declaration(
                did: "settled", this: .resident,
                metadata: ["runs", "charged", "balance", "bank"].map { .required($0, .integer) }
                    + [.required("model", .text)], name: .optional)
        case .vaultSealed:
            Declaration(
                did: "sealed", this: .resident,
                metadata: [
                    .required("generation", .integer), .required("header", .hash), .required("episodes", .hashes),
                ])
        case .toolEnded:
            Declaration(
                did: "ended",
                metadata: [
                    .required("round", .integer), .required("call", .integer), .required("outcome", .text),
                    .required("effect", .text), .required("hash", .hash), .required("ms", .integer),
                ], isOfRun: true, isRelated: true)
        default:
            Declaration(
                did: self == .toolCalled ? "called" : "refused",
                metadata: [
                    .required("round", .integer), .required("call", .integer), .optional("law", .text),
                    .optional("triage", .text), .optional("reason", .text), .optional("facts", .text),
                ], isOfRun: true, isRelated: true)
        }
    }

    private var endDeclaration: Declaration {
        let word = String(rawValue.dropFirst("run.".count))
        return Declaration(
            did: word, this: .resident,
            metadata: [.optional("reason", .text), .optional("rounds", .integer), .optional("calls", .integer)],
            status: self == .runCompleted ? "done" : word, hasDuration: true,
            isOfRun: self != .runSkipped && self != .runMissed)
    }

    private var communityDeclaration: Declaration {
        let rehearsed: [Field] = [.optional("rehearsed", .bool)]
        let reason: [Field] = [.optional("reason", .text)]
        return switch self {
        case .post:
            Declaration(
                did: "posted", this: .identifier, metadata: rehearsed,
                content: [.required("text", .longText), .optional("title", .longText)], isRelated: true,
                visibility: .public)
        case .keeperRequested: Declaration(did: "requested", this: .identifier, metadata: rehearsed)
        case .accessRevoked: Declaration(did: "revoked", this: .identifier, metadata: rehearsed)
        case .mailQueued: Declaration(did: "queued", this: .identifier, metadata: rehearsed)
        case .mailDelivered: Declaration(did: "delivered", this: .identifier, metadata: rehearsed)
        case .keeperAdded: Declaration(did: "added", this: .identifier, metadata: reason)
        case .keeperRemoved: Declaration(did: "removed", this: .identifier, metadata: reason)
        default: Declaration(did: "accepted", this: .identifier, metadata: reason)
        }
    }
}
