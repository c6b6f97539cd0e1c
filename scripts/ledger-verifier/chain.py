# The chain: dense positions, and every link, hash and signature.
import json

from blake3 import blake3
from canonical import canonical
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from fields import HASH, HEX64, is_a

ZERO = "blake3:" + "0" * 64
SIGNED = b"sanctuary/span/v1\0"


class Chain:
    """Follows the spans in the order of the file and remembers what the next one must say."""

    def __init__(self, report, anchor):
        self.report = report
        self.anchor = anchor
        self.next_position = 0
        self.previous = ZERO
        self.head = None
        self.origin = None
        self.public_key = None
        self.verifier = None
        self.key_id = None
        self.seen = {}
        self.seen_keys = {}

    def follow(self, span, where):
        """Checks one span against all before it."""
        if self.next_position == 0:
            self._open(span, where)
        elif span.get("entity_type") == "ledger.opened":
            self.report.fault("genesis", where, "ledger.opened at position 0 alone", where)
        self._check_position(span, where)
        self._check_link(span, where)
        self._check_hash(span, where)
        self._check_identity(span, where)
        self._check_unique(span, where)

    def skip(self):
        """Passes over a line that could not be read: what it linked to cannot be known."""
        self.next_position += 1
        self.previous = None
        self.head = None

    def _open(self, span, where):
        if span.get("entity_type") != "ledger.opened":
            self.report.fault("genesis", where, "ledger.opened", span.get("entity_type"))
        self.origin = span.get("ledger")
        metadata = span.get("metadata")
        stated = metadata.get("public_key") if isinstance(metadata, dict) else None
        if span.get("this") != self.origin:
            self.report.fault("origin", where, f"this: {self.origin}", f"this: {span.get('this')}")
        if self.anchor is not None and stated != self.anchor:
            self.report.fault("key", where, self.anchor, stated)
        self.public_key = stated if is_a(HEX64, stated) else self.anchor
        if self.public_key is not None:
            raw = bytes.fromhex(self.public_key)
            self.key_id = blake3(raw).hexdigest()[:8]
            self.verifier = Ed25519PublicKey.from_public_bytes(raw)

    def _check_position(self, span, where):
        found = span.get("position")
        if found != self.next_position:
            self.report.fault("position", where, self.next_position, found)
        self.next_position = (found if isinstance(found, int) else self.next_position) + 1

    def _check_link(self, span, where):
        found = span.get("prev_hash")
        if self.previous is not None and found != self.previous:
            self.report.fault("link", where, self.previous, found)
        stated = span.get("curr_hash")
        self.previous = self.head = stated if is_a(HASH, stated) else None

    def _check_hash(self, span, where):
        body = {name: value for name, value in span.items() if name not in ("curr_hash", "signature")}
        computed = "blake3:" + blake3(canonical(body)).hexdigest()
        stated = span.get("curr_hash")
        if stated != computed:
            self.report.fault("hash", where, computed, stated)
        signature = span.get("signature")
        if self.verifier is None or not is_a(HASH, stated) or not isinstance(signature, str):
            self.report.fault("signature", where, "a key, a hash and a signature", "one of them is missing")
            return
        try:
            raw = bytes.fromhex(signature.removeprefix("ed25519:"))
            self.verifier.verify(raw, SIGNED + bytes.fromhex(stated.removeprefix("blake3:")))
        except (InvalidSignature, ValueError):
            self.report.fault("signature", where, f"a signature of {self.public_key} over {stated}", signature)

    def _check_identity(self, span, where):
        if span.get("ledger") != self.origin:
            self.report.fault("origin", where, self.origin, span.get("ledger"))
        if span.get("key") != self.key_id:
            self.report.fault("key", where, self.key_id, span.get("key"))

    def _check_unique(self, span, where):
        for seen, name, value in (
            (self.seen, "id and seq", json.dumps([span.get("id"), span.get("seq")])),
            (self.seen_keys, "idempotency_key", span.get("idempotency_key")),
        ):
            if not isinstance(value, str):
                continue
            if value in seen:
                self.report.fault("duplicate", where, f"{name} {value} once", f"also at {seen[value]}")
            else:
                seen[value] = where
