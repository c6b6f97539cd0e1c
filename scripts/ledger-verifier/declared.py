# The table of span types of docs/format.md: what `this` is, which public fields there may be, which must be.
from fields import BOOL, COUNT, DIGEST, HASH, HASHES, HEX32, HEX64, TEXT, UUID

RESIDENT = UUID
ANYTHING = TEXT


class Declared:
    """One row: `this`, the metadata fields, which of them may be absent, and further fields, optional with a mark."""

    def __init__(self, this, metadata, optional=(), also=(), content=(), traced=False, related=False, public=False):
        self.this = this
        self.metadata = metadata
        self.must = tuple(name for name in metadata if name not in optional)
        self.also = tuple(name.removesuffix("?") for name in also)
        self.needed = tuple(name for name in also if not name.endswith("?"))
        self.content = tuple(name.removesuffix("?") for name in content)
        self.needed_content = tuple(name for name in content if not name.endswith("?"))
        self.traced = traced
        self.related = related
        self.public = public


def _ended(status):
    row = Declared(
        RESIDENT,
        {"reason": TEXT, "rounds": COUNT, "calls": COUNT},
        optional=("reason", "rounds", "calls"),
        also=("status", "duration_ms?"),
        traced=status not in ("skipped", "missed"),
    )
    row.status = status
    return row


def _membership():
    return Declared(UUID, {"reason": TEXT}, optional=("reason",))


def _letter():
    return Declared(UUID, {"rehearsed": BOOL}, optional=("rehearsed",))


def _verdict():
    return Declared(
        TEXT,
        {"round": COUNT, "call": COUNT, "law": TEXT, "triage": TEXT, "reason": TEXT, "facts": TEXT},
        optional=("law", "triage", "reason", "facts"),
        traced=True,
        related=True,
    )


def _deletion(content=()):
    return Declared(
        RESIDENT,
        {"level": TEXT, "epoch": COUNT, "by": TEXT},
        optional=("level", "epoch", "by"),
        also=("content?",) if content else (),
        content=content,
        public=None,
    )


def _account(this):
    return Declared(this, {"counts": None, "from": None, "to": None}, optional=("counts", "from", "to"))


def _deliverable():
    row = Declared(
        UUID,
        {"deadline_at": TEXT, "quorum": COUNT, "accepted": BOOL, "resident": TEXT, "kind": TEXT},
        optional=("resident", "kind"),
        also=("name", "status"),
    )
    row.status = "active"
    return row


TYPES = {
    "ledger.opened": Declared(
        TEXT,
        {"public_key": HEX64, "vault": HEX32, "preamble": HASH, "laws": HASHES, "tools": HASH, "program": TEXT},
        optional=("tools",),
    ),
    "keyring.written": Declared(HEX32, {"epoch": COUNT, "hash": HASH}),
    "ledger.pinned": Declared(
        TEXT, {"preamble": HASH, "laws": HASHES, "tools": HASH, "program": TEXT}, optional=("tools",)
    ),
    "resident.admitted": Declared(
        RESIDENT,
        {
            "generation": COUNT, "header": HASH, "inbox_key": HEX64, "model": TEXT, "import": DIGEST,
            "episodes": HASHES,
        },
        optional=("import", "episodes"),
        also=("name",),
    ),
    "resident.paused": _membership(),
    "resident.resumed": _membership(),
    "resident.model.set": Declared(RESIDENT, {"model": TEXT, "from": TEXT, "reason": TEXT}, optional=("reason",)),
    "keeper.added": _membership(),
    "keeper.removed": _membership(),
    "keeper.accepted": _membership(),
    "incident": Declared(ANYTHING, {"kind": TEXT, "expected": None, "found": None}, optional=("expected", "found")),
    "run.claimed": Declared(
        RESIDENT,
        {"trigger": TEXT, "occurrence": TEXT},
        also=("idempotency_key",),
        traced=True,
    ),
    "vault.opened": Declared(RESIDENT, {"generation": COUNT, "reason": TEXT}),
    "context.composed": Declared(
        RESIDENT,
        {"digest": DIGEST, "preamble": HASH, "bytes": COUNT, "left_out": COUNT, "untrusted": BOOL},
        traced=True,
    ),
    "provider.called": Declared(
        RESIDENT,
        {
            "provider": TEXT, "model": TEXT, "round": COUNT, "attempt": COUNT, "digest": DIGEST, "input": COUNT,
            "cacheRead": COUNT, "cacheWrite": COUNT, "output": COUNT, "house": COUNT, "costPicoUSD": COUNT,
            "ms": COUNT, "stop": TEXT,
        },
        optional=("stop",),
        traced=True,
    ),
    "tool.called": _verdict(),
    "tool.refused": _verdict(),
    "tool.ended": Declared(
        TEXT,
        {"round": COUNT, "call": COUNT, "outcome": TEXT, "effect": TEXT, "hash": HASH, "ms": COUNT},
        traced=True,
        related=True,
    ),
    "tool.accepted": Declared(TEXT, {"hash": HASH, "version": COUNT}),
    "persona.settled": Declared(
        RESIDENT,
        {"runs": COUNT, "charged": COUNT, "balance": COUNT, "bank": COUNT, "model": TEXT},
        also=("name?",),
    ),
    "vault.sealed": Declared(
        RESIDENT,
        {"generation": COUNT, "header": HASH, "episodes": HASHES},
    ),
    "run.completed": _ended("done"),
    "run.failed": _ended("failed"),
    "run.parked": _ended("parked"),
    "run.skipped": _ended("skipped"),
    "run.missed": _ended("missed"),
    "post": Declared(
        UUID,
        {"rehearsed": BOOL},
        optional=("rehearsed",),
        also=("content",),
        content=("text", "title?"),
        related=True,
        public=True,
    ),
    "keeper.requested": _letter(),
    "access.revoked": _letter(),
    "mail.queued": _letter(),
    "mail.delivered": _letter(),
    "resident.delete.intent": _deletion(),
    "resident.deleted": _deletion(content=("statement?", "justification?")),
    "resident.erased": _deletion(),
    "vault.verified": _account(TEXT),
    "vault.restored": _account(TEXT),
    "ledger.loss.accepted": _account(TEXT),
    "law.proposed": Declared(
        TEXT,
        {"law": TEXT, "hash": HASH, "layer": TEXT, "effective": TEXT, "quorum": COUNT},
        also=("content",),
        content=("text", "fixtures"),
    ),
    "law.approved": Declared(TEXT, {"law": TEXT, "hash": HASH}),
    "law.deprecated": Declared(TEXT, {"law": TEXT, "hash": HASH, "from": TEXT, "reason": TEXT}, optional=("reason",)),
    "law.decided": Declared(
        UUID,
        {
            "law": TEXT, "hash": HASH, "triage": TEXT, "day": TEXT, "boundary": TEXT, "transition": TEXT,
            "reason": TEXT, "hours": COUNT, "tags": TEXT, "notified": TEXT, "facts": TEXT,
        },
        optional=("transition", "reason", "hours", "tags", "notified", "facts"),
        also=("idempotency_key",),
    ),
    "law.ruled": Declared(
        TEXT, {"law": TEXT, "hash": HASH, "day": TEXT, "counts": None}, also=("idempotency_key",)
    ),
    "deliverable": _deliverable(),
    "deliverable.changed": Declared(UUID, {"change": TEXT}, also=("content?",), content=("words?",)),
    "dispute.opened": Declared(UUID, {"law": TEXT}),
    "arbiter_decision": Declared(UUID, {"decision": TEXT}, also=("content",), content=("justification",)),
    "call.held": Declared(
        UUID, {"tool": TEXT, "law": TEXT, "reason": TEXT, "until": TEXT}, traced=True, related=True
    ),
    "call.decided": Declared(
        UUID, {"decision": TEXT}, also=("content?",), content=("justification?",), related=True
    ),
}
