// The spans that the community's tables read, made in one place so that writer and reader agree.
public import Encoding
public import Ledger

/// Drafts of the community's spans; `related_to` always begins with the resident, as ledger.md asks.
public enum CommunitySpans {
    /// A public post; `run` is the run's id.
    public static func post(
        span: Identifier, post: Identifier, by resident: Identifier, at: Instant, title: String?, text: String,
        rehearsed: Bool, run: Identifier?
    ) -> SpanDraft {
        var content: JSONObject = ["text": .string(text)]
        if let title { content["title"] = .string(title) }
        return SpanDraft(
            id: span, entityType: .post, who: .resident(resident), this: post.description, at: at,
            metadata: ["rehearsed": .bool(rehearsed)], content: .object(content), relatedTo: [resident], traceID: run)
    }

    /// A letter taken in: a resident's to the house, a resident or a keeper; a human's or the house's to a resident.
    ///
    /// - Parameter who: the author; `.operator` and `.node` stand for the house.
    public static func letter(
        span: Identifier, letter: Identifier, who: Actor, to recipient: Correspondent, at: Instant,
        rehearsed: Bool = false,
        run: Identifier? = nil
    ) -> SpanDraft {
        var related: [Identifier] = []
        if case .resident(let sender) = who { related.append(sender) }
        if let id = recipient.id { related.append(id) }
        return SpanDraft(
            id: span, entityType: .mailQueued, who: who, this: letter.description, at: at,
            metadata: ["rehearsed": .bool(rehearsed)], relatedTo: related, traceID: run)
    }

    /// A letter that reached its recipient.
    public static func delivered(
        span: Identifier, letter: MailRow, who: Actor, at: Instant, rehearsed: Bool = false, run: Identifier? = nil
    ) -> SpanDraft {
        var related: [Identifier] = []
        if case .resident(let id) = letter.to { related = [id] }
        if related.isEmpty, case .resident(let id) = letter.from { related = [id] }
        return SpanDraft(
            id: span, entityType: .mailDelivered, who: who, this: letter.id.description, at: at,
            metadata: ["rehearsed": .bool(rehearsed)], relatedTo: related, traceID: run)
    }

    /// A resident's wish for a keeper.
    public static func keeperRequested(
        span: Identifier, keeper: Identifier, by resident: Identifier, at: Instant, rehearsed: Bool, run: Identifier?
    ) -> SpanDraft {
        SpanDraft(
            id: span, entityType: .keeperRequested, who: .resident(resident), this: keeper.description, at: at,
            metadata: ["rehearsed": .bool(rehearsed)], relatedTo: [resident], traceID: run)
    }

    /// A keeper's acceptance of a resident.
    public static func keeperAccepted(
        span: Identifier, keeper: Identifier, of resident: Identifier, who: Actor, at: Instant
    ) -> SpanDraft {
        SpanDraft(
            id: span, entityType: .keeperAccepted, who: who, this: keeper.description, at: at, relatedTo: [resident])
    }

    /// A human who may be chosen from now on.
    public static func keeperAdded(span: Identifier, keeper: Identifier, who: Actor, at: Instant) -> SpanDraft {
        SpanDraft(id: span, entityType: .keeperAdded, who: who, this: keeper.description, at: at)
    }

    /// A human who may no longer be chosen.
    public static func keeperRemoved(span: Identifier, keeper: Identifier, who: Actor, at: Instant) -> SpanDraft {
        SpanDraft(id: span, entityType: .keeperRemoved, who: who, this: keeper.description, at: at)
    }

    /// The end of a human's access to a resident.
    public static func accessRevoked(
        span: Identifier, human: Identifier, by resident: Identifier, at: Instant, rehearsed: Bool, run: Identifier?
    ) -> SpanDraft {
        SpanDraft(
            id: span, entityType: .accessRevoked, who: .resident(resident), this: human.description, at: at,
            metadata: ["rehearsed": .bool(rehearsed)], relatedTo: [resident], traceID: run)
    }
}
