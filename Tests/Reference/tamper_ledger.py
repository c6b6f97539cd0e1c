# Makes altered copies of an exported ledger: tamper_ledger.py EXPORT SEEDFILE OUT VARIANT... (the seed signs some).
import json
import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts", "ledger-verifier"))
from blake3 import blake3  # noqa: E402
from canonical import canonical  # noqa: E402
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: E402
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: E402

RESIDENT = "019a9d3c-8c00-7abc-8def-000000000001"
HASH = "blake3:" + "ab" * 32


class Export:
    """A ledger in memory: its spans, its lines as they will be written, and its description."""

    def __init__(self, directory, seed):
        self.directory = directory
        self.key = Ed25519PrivateKey.from_private_bytes(seed)
        self.foreign = Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64)))
        with open(os.path.join(directory, "spans.ndjson"), "rb") as file:
            self.spans = [json.loads(line) for line in file]
        with open(os.path.join(directory, "ledger.json"), "rb") as file:
            self.description = json.load(file)
        self.lines = None

    def rehash(self, index, key=None):
        """Gives a span the hash of its bytes, and a signature where a key is given."""
        span = self.spans[index]
        body = {name: value for name, value in span.items() if name not in ("curr_hash", "signature")}
        digest = blake3(canonical(body)).digest()
        span["curr_hash"] = "blake3:" + digest.hex()
        if key is not None:
            span["signature"] = "ed25519:" + key.sign(b"sanctuary/span/v1\0" + digest).hex()

    def rechain(self, start, key=None):
        """Hashes and links everything from `start` on anew, and describes the result."""
        for index in range(start, len(self.spans)):
            self.spans[index]["position"] = index
            self.spans[index]["prev_hash"] = (
                self.spans[index - 1]["curr_hash"] if index else "blake3:" + "0" * 64
            )
            self.rehash(index, key)
        self.describe()

    def describe(self):
        self.description["size"] = len(self.spans)
        self.description["head"] = self.spans[-1]["curr_hash"]

    def find(self, kind):
        return next(i for i, span in enumerate(self.spans) if span["entity_type"] == kind)

    def signed(self, span):
        """Puts a further span at the end and signs the whole chain."""
        number = 0x2000 + len(self.spans)
        base = {
            "at": "2026-11-21T05:10:00.000Z", "did": "did", "id": f"019a9d3c-8c00-7abc-8def-{number:012x}", "seq": 0,
            "key": self.spans[0]["key"], "ledger": self.spans[0]["ledger"], "v": 1, "visibility": "private",
            "who": "engine", "this": RESIDENT,
        }
        self.spans.append(base | span)
        self.rechain(0, self.key)

    def write(self):
        lines = self.lines or [canonical(span) for span in self.spans]
        with open(os.path.join(self.directory, "spans.ndjson"), "wb") as file:
            file.write(b"".join(line + b"\n" for line in lines))
        with open(os.path.join(self.directory, "ledger.json"), "w") as file:
            json.dump(self.description, file)

    def payload(self):
        folder = os.path.join(self.directory, "sealed")
        return os.path.join(folder, sorted(os.listdir(folder))[0])

    def deletion(self):
        return {
            "entity_type": "resident.deleted", "visibility": "public",
            "metadata": {"level": "D0", "epoch": 4, "by": "resident"},
        }


def edit(x):
    x.spans[x.find("post")]["content"]["text"] = "A loud day."


def edit_rehashed(x):
    edit(x)
    x.rehash(x.find("post"))


def edit_rechained(x):
    edit(x)
    x.rechain(x.find("post"))


def edit_resigned(x):
    edit(x)
    x.rechain(x.find("post"), x.foreign)


def other_key(x):
    public = x.foreign.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    x.spans[0]["metadata"]["public_key"] = x.description["public_key"] = public.hex()
    for span in x.spans:
        span["key"] = blake3(public).hexdigest()[:8]
    x.rechain(0, x.foreign)


def drop(x):
    del x.spans[7]


def insert(x):
    extra = dict(x.spans[7], id="019a9d3c-8c00-7abc-8def-000000009999", position=8)
    x.spans.insert(8, extra)


def swap(x):
    x.spans[7], x.spans[8] = x.spans[8], x.spans[7]


def duplicate(x):
    x.spans.insert(8, dict(x.spans[7]))


def duplicate_signed(x):
    x.spans.append(dict(x.spans[-1]))
    x.rechain(0, x.key)


def truncate(x):
    del x.spans[-2:]


def truncate_described(x):
    truncate(x)
    x.describe()


def empty(x):
    x.lines = [b""]
    x.spans = []


def without_genesis(x):
    del x.spans[0]
    x.rechain(0, x.key)


def _line(x, index, change):
    x.lines = [canonical(span) for span in x.spans]
    changed = change(x.lines[index])
    assert changed != x.lines[index]
    x.lines[index] = changed


def version_skipped(x):
    x.signed({"entity_type": "incident", "seq": 2, "metadata": {"kind": "trial"}})


def surplus(x):
    x.signed({"entity_type": "incident", "metadata": {"kind": "trial"}})
    x.description["size"] -= 1


def gap(x):
    for span in x.spans[10:]:
        span["position"] += 5000


def not_an_identifier(x):
    x.spans[5]["id"], x.spans[6]["seq"], x.spans[7]["position"] = [1], "one", True


def whitespace(x):
    _line(x, 5, lambda line: line.replace(b'{"at":', b'{"at": '))


def key_order(x):
    _line(x, 5, lambda line: json.dumps(dict(reversed(json.loads(line).items())), separators=(",", ":")).encode())


def escaped(x):
    _line(x, 5, lambda line: line.replace(b'"claimed"', b'"\\u0063laimed"'))


def duplicate_key(x):
    _line(x, 5, lambda line: line.replace(b'{"at":', b'{"at":"2026-11-21T05:00:00.005Z","at":'))


def lone_surrogate(x):
    _line(x, 5, lambda line: line.replace(b'"claimed"', b'"\\ud800"'))


def bad_utf8(x):
    _line(x, 5, lambda line: line.replace(b'"claimed"', b'"\xff"'))


def fraction(x):
    _line(x, 5, lambda line: line.replace(b'"position":5', b'"position":5.0'))


def large_integer(x):
    _line(x, 5, lambda line: line.replace(b'"position":5', b'"position":9007199254740992'))


def deep(x):
    _line(x, 5, lambda line: line.replace(b'"claimed"', b"[" * 32 + b"]" * 32))


def long_line(x):
    _line(x, 5, lambda line: line.replace(b'"claimed"', b'"' + b"c" * 66_000 + b'"'))


def trailing_bytes(x):
    _line(x, 5, lambda line: line + b"{}")


def missing_field(x):
    del x.spans[5]["who"]
    x.rechain(0, x.key)


def wrong_time(x):
    x.spans[5]["at"] = "2026-02-30T05:00:00.005Z"
    x.rechain(0, x.key)


def undeclared_field(x):
    x.spans[5]["metadata"]["prompt"] = "words"
    x.rechain(0, x.key)


def undeclared_type(x):
    x.signed({"entity_type": "run.dreamt"})


def other_origin(x):
    x.spans[5]["ledger"] = "elsewhere.example"
    x.rechain(0, x.key)


def other_key_id(x):
    x.spans[5]["key"] = "00000000"
    x.rechain(0, x.key)


def claimed_twice(x):
    claim = x.spans[x.find("run.claimed")]
    again = {name: claim[name] for name in ("entity_type", "idempotency_key", "metadata", "trace_id")}
    x.signed(again)


def generation_skipped(x):
    x.spans[x.find("vault.sealed")]["metadata"]["generation"] = 2
    x.rechain(0, x.key)


def generation_opened(x):
    x.spans[x.find("vault.opened")]["metadata"]["generation"] = 3
    x.rechain(0, x.key)


def admitted_twice(x):
    admission = dict(x.spans[x.find("resident.admitted")])
    x.signed({name: admission[name] for name in ("entity_type", "metadata", "name")})


def epoch_back(x):
    x.signed({"entity_type": "keyring.written", "this": "c5" * 16, "metadata": {"epoch": 2, "hash": HASH}})


def sealed_after_deletion(x):
    x.signed(x.deletion())
    x.signed({"entity_type": "vault.sealed", "metadata": {"generation": 2, "header": HASH, "episodes": []}})


def step_missing(x):
    del x.spans[x.find("context.composed")]
    x.rechain(0, x.key)


def verdict_missing(x):
    del x.spans[x.find("tool.refused")]
    x.rechain(0, x.key)


def after_the_end(x):
    x.signed({"entity_type": "vault.opened", "trace_id": "019a9d3c-8c00-7abc-8def-0000000000aa",
              "metadata": {"generation": 1, "reason": "run"}})


def without_claim(x):
    del x.spans[x.find("run.claimed")]
    x.rechain(0, x.key)


def self_deleted(x):
    run = {"trace_id": "019a9d3c-8c00-7abc-8def-0000000000ab"}
    x.signed(run | {"entity_type": "run.claimed", "idempotency_key": f"nightly:2026-11-22:{RESIDENT}",
                    "metadata": {"trigger": "nightly", "occurrence": "2026-11-22"}})
    x.signed(run | x.deletion())
    x.signed(run | {"entity_type": "run.completed", "status": "done", "metadata": {"reason": "self_deleted"}})
    os.remove(x.payload())


def payload_altered(x):
    with open(x.payload(), "r+b") as file:
        file.seek(100)
        byte = file.read(1)[0]
        file.seek(100)
        file.write(bytes([byte ^ 1]))


def payload_cut(x):
    os.truncate(x.payload(), 99)


def payload_missing(x):
    os.remove(x.payload())


def payload_foreign(x):
    shutil.copyfile(x.payload(), os.path.join(x.directory, "sealed", "019a9d3c-8c00-7abc-8def-000000001005.0"))


def payloads_left_out(x):
    shutil.rmtree(os.path.join(x.directory, "sealed"))


def unaltered(_):
    pass


def main():
    source, seed_file, out, *variants = sys.argv[1:]
    with open(seed_file) as file:
        seed = bytes.fromhex(file.read().strip())
    for variant in variants:
        copy = os.path.join(out, variant)
        shutil.copytree(source, copy, copy_function=shutil.copyfile)
        export = Export(copy, seed)
        globals()[variant](export)
        export.write()


if __name__ == "__main__":
    main()
