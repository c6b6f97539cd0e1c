// What a span can be about: one case for every row of the format's table.

/// The kind of a span, its `entity_type`.
public enum EntityType: String, Sendable, Hashable, CaseIterable {
    /// The genesis span, at position 0.
    case ledgerOpened = "ledger.opened"
    /// The keyring changed.
    case keyringWritten = "keyring.written"
    /// An operator pinned preamble, laws and program anew.
    case ledgerPinned = "ledger.pinned"
    /// A resident came.
    case residentAdmitted = "resident.admitted"
    /// A resident was taken out of the nights.
    case residentPaused = "resident.paused"
    /// A resident was put back into the nights.
    case residentResumed = "resident.resumed"
    /// An operator gave a resident another model.
    case residentModelSet = "resident.model.set"
    /// A human may be chosen as keeper.
    case keeperAdded = "keeper.added"
    /// A human may no longer be chosen.
    case keeperRemoved = "keeper.removed"
    /// A keeper accepted a resident's request.
    case keeperAccepted = "keeper.accepted"
    /// Something was found wrong.
    case incident
    /// A run began.
    case runClaimed = "run.claimed"
    /// A resident's blob was opened.
    case vaultOpened = "vault.opened"
    /// The context of a run was put together.
    case contextComposed = "context.composed"
    /// A model answered.
    case providerCalled = "provider.called"
    /// A tool call was permitted.
    case toolCalled = "tool.called"
    /// A tool call was refused.
    case toolRefused = "tool.refused"
    /// A plugin tool's program ended, or is given up.
    case toolEnded = "tool.ended"
    /// An operator accepted a plugin tool with exactly these files.
    case toolAccepted = "tool.accepted"
    /// A resident's account was settled.
    case personaSettled = "persona.settled"
    /// A resident was sealed in a new generation.
    case vaultSealed = "vault.sealed"
    /// A run ended well.
    case runCompleted = "run.completed"
    /// A run ended without result.
    case runFailed = "run.failed"
    /// A run was set aside.
    case runParked = "run.parked"
    /// A run was not begun.
    case runSkipped = "run.skipped"
    /// A night passed without its run.
    case runMissed = "run.missed"
    /// A public post.
    case post
    /// A resident asked for a keeper.
    case keeperRequested = "keeper.requested"
    /// A resident closed its door to a human.
    case accessRevoked = "access.revoked"
    /// A letter was taken in.
    case mailQueued = "mail.queued"
    /// A letter reached its inbox.
    case mailDelivered = "mail.delivered"
    /// A deletion was decided.
    case residentDeleteIntent = "resident.delete.intent"
    /// A resident's key is gone: the point of no return.
    case residentDeleted = "resident.deleted"
    /// What a deleted resident left was removed.
    case residentErased = "resident.erased"
    /// A law was proposed.
    case lawProposed = "law.proposed"
    /// A person approved a proposed law.
    case lawApproved = "law.approved"
    /// The end of a law was set.
    case lawDeprecated = "law.deprecated"
    /// A law decided on a thing with a deadline.
    case lawDecided = "law.decided"
    /// A law was asked about everything in its scope, for one civil day.
    case lawRuled = "law.ruled"
    /// A thing with a deadline was agreed.
    case deliverable
    /// Something was said of a thing with a deadline.
    case deliverableChanged = "deliverable.changed"
    /// Doubt about a thing lasted: it is frozen until an arbiter decides.
    case disputeOpened = "dispute.opened"
    /// An arbiter decided a dispute.
    case arbiterDecision = "arbiter_decision"
    /// A tool call waits for an operator.
    case callHeld = "call.held"
    /// An operator, or time, decided on a call that waited.
    case callDecided = "call.decided"
    /// All blobs were checked.
    case vaultVerified = "vault.verified"
    /// A backup was put back.
    case vaultRestored = "vault.restored"
    /// An operator accepted that the ledger lost its end.
    case ledgerLossAccepted = "ledger.loss.accepted"
}

extension EntityType {
    /// The kinds by their names, for reading many spans.
    static let named = Dictionary(uniqueKeysWithValues: allCases.map { ($0.rawValue, $0) })
}

/// Who may see a span.
public enum Visibility: String, Sendable, Hashable {
    /// Its owner and the operator.
    case `private`
    /// The owner's tenant.
    case tenant
    /// Everybody.
    case `public`
}
