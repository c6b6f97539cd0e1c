# The chain: dense positions, and every link, hash and signature.
from blake3 import blake3
from canonical import canonical
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from fields import HASH, HEX64, is_a

ZERO = "blake3:" + "0" * 64
SIGNED = b"sanctuary/span/v1\0"

# More positions passed over than this are one fault for the whole gap.
MAXIMUM_GAP = 4096


class Chain:
    """Follows the spans in the order of the file and remembers what the next one must say."""

    def __init__(self, report, anchor):
        self.report = report
        self.anchor = anchor
        self.next_position = 0
        self.passed_over = set()
        self.last_position = -1
        self.previous = ZERO
        self.head = None
        self.origin = None
        self.public_key = None
        self.verifier = None
        self.key_id = None
        self.seen = {}
        self.seen_keys = {}

    def follow(self, span, where):
        """Checks one span against all before it; true where it stands in its place."""
        if self.next_position == 0:
            self._open(span, where)
        elif span.get("entity_type") == "ledger.opened":
            self.report.fault("genesis", where, "ledger.opened at position 0 alone", where)
        key = (span.get("id"), span.get("seq"))
        known = key if isinstance(key[0], str) and isinstance(key[1], int) else None
        in_place = self._check_position(span, where, known in self.seen)
        self._check_link(span, where)
        self._check_hash(span, where)
        self._check_identity(span, where)
        if in_place:
            self._check_unique(span, where, known)
        if known is not None:
            self.seen.setdefault(known, where)
        return in_place

    def finish(self):
        """Reports the positions that were passed over and never came."""
        for position in sorted(self.passed_over):
            self.report.fault("dropped", f"position {position}", "a span", "none")

    def skip(self):
        """Passes over a line that could not be read: what it linked to cannot be known."""
        self.last_position = self.next_position
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
            self.report.fault("foreign_ledger", where, f"this: {self.origin}", f"this: {span.get('this')}")
        if self.anchor is not None and stated != self.anchor:
            self.report.fault("foreign_key", where, self.anchor, stated)
        self.public_key = stated if is_a(HEX64, stated) else self.anchor
        if self.public_key is not None:
            raw = bytes.fromhex(self.public_key)
            self.key_id = blake3(raw).hexdigest()[:8]
            self.verifier = Ed25519PublicKey.from_public_bytes(raw)

    def _check_position(self, span, where, is_known):
        found = span.get("position")
        if type(found) is not int or found == self.next_position:
            self.next_position += 1
            return True
        if found > self.next_position:
            gap = range(self.next_position, found)
            if len(gap) + len(self.passed_over) <= MAXIMUM_GAP:
                self.passed_over.update(gap)
            else:
                self.report.fault("dropped", f"position {self.next_position}", "a span", f"position {found} after it")
            self.next_position = found + 1
            return True
        if is_known:
            self.report.fault("duplicated", where, f"position {self.next_position}", f"position {found} again")
        elif found in self.passed_over:
            self.passed_over.remove(found)
            self.report.fault("out_of_order", where, f"position {self.next_position}", f"position {found}")
        else:
            self.report.fault("inserted", where, "one span of this position", "another one")
        return False

    def _check_link(self, span, where):
        found, position = span.get("prev_hash"), span.get("position")
        expected = ZERO if position == 0 else self.previous
        # Across a gap the span before is not there to be compared: the gap itself is the fault.
        follows = position == 0 or self.last_position + 1 == position
        if follows and expected is not None and found != expected:
            self.report.fault("broken_link", where, expected, found)
        self.last_position = position if type(position) is int else self.next_position - 1
        stated = span.get("curr_hash")
        self.previous = self.head = stated if is_a(HASH, stated) else None

    def _check_hash(self, span, where):
        body = {name: value for name, value in span.items() if name not in ("curr_hash", "signature")}
        computed = "blake3:" + blake3(canonical(body)).hexdigest()
        stated = span.get("curr_hash")
        if stated != computed:
            self.report.fault("wrong_hash", where, computed, stated)
        signature = span.get("signature")
        if self.verifier is None or not is_a(HASH, stated) or not isinstance(signature, str):
            self.report.fault("wrong_signature", where, "a key, a hash and a signature", "one of them is missing")
            return
        try:
            raw = bytes.fromhex(signature.removeprefix("ed25519:"))
            self.verifier.verify(raw, SIGNED + bytes.fromhex(stated.removeprefix("blake3:")))
        except (InvalidSignature, ValueError):
            self.report.fault("wrong_signature", where, f"a signature of {self.public_key} over {stated}", signature)

    def _check_identity(self, span, where):
        if span.get("ledger") != self.origin:
            self.report.fault("foreign_ledger", where, self.origin, span.get("ledger"))
        if span.get("key") != self.key_id:
            self.report.fault("foreign_key", where, self.key_id, span.get("key"))

    def _check_unique(self, span, where, key):
        if key is not None:
            if key in self.seen:
                self.report.fault("identifier_reused", where, "an unused id and version", f"{key[0]} {key[1]}")
            elif key[1] > 0 and (key[0], key[1] - 1) not in self.seen:
                self.report.fault("wrong_version", where, f"version {key[1] - 1} of {key[0]} before", key[1])
        used = span.get("idempotency_key")
        if isinstance(used, str):
            if used in self.seen_keys:
                self.report.fault("idempotency_key_reused", where, f"{used} once", f"also at {self.seen_keys[used]}")
            self.seen_keys.setdefault(used, where)
