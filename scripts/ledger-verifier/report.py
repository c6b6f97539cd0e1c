# What a verification found: each fault with its kind, its place and both values.

MAXIMUM_LISTED = 1_000

MESSAGES = {
    "malformed": "the line is no strict JSON",
    "not_canonical": "the bytes are not the canonical ones",
    "field": "a field is wrong",
    "undeclared": "a field or type is not declared",
    "position": "the positions are not dense",
    "duplicate": "something stands twice",
    "link": "the link to the span before is broken",
    "hash": "the span does not have its hash",
    "signature": "the signature does not hold",
    "key": "the key is another one",
    "origin": "the origin is another one",
    "genesis": "the first span and only it opens the ledger",
    "size": "the number of spans is another one",
    "head": "the head is another one",
    "generation": "the generation does not follow",
    "sealed_after_deletion": "something was sealed after a deletion",
    "admission": "the admission does not fit",
    "epoch": "the keyring's epoch went back",
    "run": "the run is not whole",
    "payload_missing": "a sealed payload is missing",
    "payload_length": "a sealed payload has another length",
    "payload_hash": "a sealed payload was altered",
    "payload_foreign": "a file belongs to no span",
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
