// What spans about laws, and about things with deadlines, may say in public.

extension EntityType {
    /// Changes of laws, their decisions, and calls that wait for an operator.
    var lawDeclaration: Declaration {
        let law: [Field] = [.required("law", .text), .required("hash", .hash)]
        return switch self {
        case .lawProposed:
            Declaration(
                did: "proposed",
                metadata: law + [
                    .required("layer", .text), .required("effective", .text), .required("quorum", .integer),
                ], content: [.required("text", .longText), .required("fixtures", .longText)])
        case .lawApproved: Declaration(did: "approved", metadata: law)
        case .lawDeprecated:
            Declaration(did: "deprecated", metadata: law + [.required("from", .text), .optional("reason", .text)])
        case .lawDecided:
            Declaration(
                did: "decided", this: .identifier,
                metadata: law + [
                    .required("triage", .text), .required("day", .text), .required("boundary", .text),
                    .optional("transition", .text), .optional("reason", .text), .optional("hours", .integer),
                    .optional("tags", .text), .optional("notified", .text), .optional("facts", .text),
                ], hasIdempotencyKey: true)
        case .lawRuled:
            Declaration(
                did: "ruled", metadata: law + [.required("day", .text), .required("counts", .counts)],
                hasIdempotencyKey: true)
        case .callHeld:
            Declaration(
                did: "held", this: .identifier,
                metadata: [
                    .required("tool", .text), .required("law", .text), .required("reason", .text),
                    .required("until", .text),
                ], isOfRun: true, isRelated: true)
        default:
            Declaration(
                did: "decided", this: .identifier, metadata: [.required("decision", .text)],
                content: [.optional("justification", .longText)], isRelated: true)
        }
    }

    /// Things with deadlines.
    var dueDeclaration: Declaration {
        switch self {
        case .deliverable:
            Declaration(
                did: "created", this: .identifier,
                metadata: [
                    .required("deadline_at", .text), .required("quorum", .integer), .required("accepted", .bool),
                    .optional("resident", .text), .optional("kind", .text),
                ], name: .required, status: "active")
        case .deliverableChanged:
            Declaration(
                did: "changed", this: .identifier, metadata: [.required("change", .text)],
                content: [.optional("words", .longText)])
        case .disputeOpened:
            Declaration(did: "opened", this: .identifier, metadata: [.required("law", .text)])
        default:
            Declaration(
                did: "decided", this: .identifier, metadata: [.required("decision", .text)],
                content: [.required("justification", .longText)])
        }
    }
}
