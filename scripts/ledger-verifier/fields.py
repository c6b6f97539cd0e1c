# The fields of a span: the envelope, and for each type the public fields that docs/format.md declares.
import datetime
import re

HASH = "blake3:<64 hex digits>"
DIGEST = "hmac-sha512:<64 hex digits>"
UUID = "a UUID in lower case"
HEX32 = "32 hex digits"
HEX64 = "64 hex digits"
TEXT = "a text"
COUNT = "an integer from 0"
BOOL = "true or false"
HASHES = "a list of hashes"
UUIDS = "a list of UUIDs"

_uuid = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_patterns = {
    HASH: re.compile(r"blake3:[0-9a-f]{64}"),
    DIGEST: re.compile(r"hmac-sha512:[0-9a-f]{64}"),
    UUID: re.compile(_uuid),
    HEX32: re.compile(r"[0-9a-f]{32}"),
    HEX64: re.compile(r"[0-9a-f]{64}"),
}
_uuid7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_who = re.compile(rf"node|scheduler|engine|law|(resident|operator|human):{_uuid}")
_at = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
_signature = re.compile(r"ed25519:[0-9a-f]{128}")
_key = re.compile(r"[0-9a-f]{8}")


def is_a(kind, value):
    """Whether a value is what one of the words above says."""
    if kind in _patterns:
        return isinstance(value, str) and _patterns[kind].fullmatch(value) is not None
    if kind == TEXT:
        return isinstance(value, str)
    if kind == BOOL:
        return isinstance(value, bool)
    if kind == COUNT:
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    element = HASH if kind == HASHES else UUID
    return isinstance(value, list) and all(is_a(element, each) for each in value)


def is_instant(value):
    """RFC 3339 in UTC with three decimals, of a day that exists."""
    if not (isinstance(value, str) and _at.fullmatch(value)):
        return False
    try:
        datetime.datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ")
    except ValueError:
        return False
    return True


def _matches(pattern):
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _nonempty(value):
    return isinstance(value, str) and value != ""


def _of(kind):
    return lambda value: is_a(kind, value)


REQUIRED = {
    "id": ("a UUIDv7 in lower case", _matches(_uuid7)),
    "seq": (COUNT, _of(COUNT)),
    "entity_type": (TEXT, _nonempty),
    "who": ("node, scheduler, engine, law, or resident:, operator:, human: and a UUID", _matches(_who)),
    "did": ("a text", _nonempty),
    "this": ("a text", _nonempty),
    "at": ("an instant in UTC with three decimals", is_instant),
    "visibility": ("private, tenant or public", lambda v: v in ("private", "tenant", "public")),
    "v": ("1", lambda v: v == 1 and not isinstance(v, bool)),
    "ledger": ("the origin", _nonempty),
    "key": ("8 hex digits", _matches(_key)),
    "position": (COUNT, _of(COUNT)),
    "prev_hash": (HASH, _of(HASH)),
    "curr_hash": (HASH, _of(HASH)),
    "signature": ("ed25519:<128 hex digits>", _matches(_signature)),
}

# Envelope fields that every type may have; the others only where the type declares them.
OPTIONAL = {
    "parent_id": (UUID, _of(UUID)),
    "related_to": (UUIDS, _of(UUIDS)),
    "owner_id": (TEXT, _nonempty),
    "tenant_id": (TEXT, _nonempty),
    "trace_id": (UUID, _of(UUID)),
    "metadata": ("an object", lambda v: isinstance(v, dict)),
    "sealed": ("alg, kid, ct and len", lambda v: _is_sealed(v)),
}

DECLARABLE = {
    "status": (TEXT, _nonempty),
    "name": (TEXT, _nonempty),
    "content": ("an object", lambda v: isinstance(v, dict)),
    "duration_ms": (COUNT, _of(COUNT)),
    "idempotency_key": (TEXT, _nonempty),
}


def _is_sealed(value):
    return (
        isinstance(value, dict)
        and set(value) == {"alg", "kid", "ct", "len"}
        and value["alg"] == "C256"
        and is_a(HEX32, value["kid"])
        and is_a(HASH, value["ct"])
        and is_a(COUNT, value["len"])
    )
