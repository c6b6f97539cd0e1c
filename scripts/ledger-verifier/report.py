# What a verification found: each fault with its kind, its place and both values.

MAXIMUM_LISTED = 1_000

MESSAGES = {
    "malformed": "the line is no strict JSON of the format",
    "not_canonical": "the bytes are not the canonical ones",
    "field_missing": "a field is missing",
    "field_invalid": "a field is not of its form",
    "field_unknown": "a field or type is not declared",
    "genesis": "the first span, and only it, opens the ledger",
    "foreign_ledger": "it belongs to another ledger",
    "foreign_key": "it belongs to another key",
    "dropped": "a position has no span",
    "duplicated": "a span stands twice",
    "inserted": "two spans claim one position",
    "out_of_order": "a span stands in another's place",
    "broken_link": "the link to the span before is broken",
    "wrong_hash": "the hash is not that of the span's bytes",
    "wrong_signature": "the signature does not hold",
    "identifier_reused": "an id and version stand on two spans",
    "wrong_version": "a version does not follow the one before",
    "idempotency_key_reused": "an idempotency key stands on two spans",
    "wrong_generation": "a generation does not follow the one before",
    "sealed_after_deletion": "a resident was sealed after its deletion",
    "wrong_epoch": "the keyring's epoch went back",
    "incomplete_run": "a completed run lacks a step",
    "disordered_run": "a run does not begin with its claim or end with its completion",
    "payload_missing": "a sealed payload is missing and no deletion covers it",
    "payload_altered": "a sealed payload is not what its span says",
    "payload_unexpected": "a file that no span names",
    "truncated": "the end is cut off",
    "surplus": "there are more spans than were named",
    "head_mismatch": "the ledger ends in another span",
}


class Report:
    """Collects faults in the order in which they were found."""

    def __init__(self):
        self.checked = 0
        self.faults = []
        self.count = 0
        self.notes = []

    def fault(self, kind, where, expected, found):
        """Notes one fault; values are shortened and made safe for a terminal."""
        assert kind in MESSAGES, kind
        self.count += 1
        if len(self.faults) < MAXIMUM_LISTED:
            self.faults.append(
                {"kind": kind, "where": where, "expected": shown(expected), "found": shown(found)}
            )

    def note(self, text):
        """Says something that is no fault but that a reader must know."""
        self.notes.append(text)


def shown(value):
    """A value as one short line without control characters."""
    text = "nothing" if value is None else str(value)
    text = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text[:300])
    return text
