# What must hold at the end, whatever was killed: read from the files, from the provider's notes and by other verifiers.
import collections
import hashlib
import os
import re
import subprocess

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

HERE = os.path.dirname(os.path.abspath(__file__))
NUMBER = re.compile(r"number (\d+)\.")


class Verdict:
    """Collects what does not hold."""

    def __init__(self, harness):
        self.harness = harness
        self.faults = []
        self.lines = []

    def check(self, holds, words):
        if not holds:
            self.faults.append(words)

    def all(self):
        store = self.harness.store
        store.look()
        by_kind = store.spans
        self._runs(by_kind)
        self._effects(by_kind)
        self._letters(by_kind)
        self._requests()
        self._files(by_kind)
        self._verifiers()
        return self.faults

    def _count(self, spans, key):
        return collections.Counter(key(span) for span in spans)

    def _runs(self, by_kind):
        """One completed run a resident and day; only worker deaths can leave a day without one."""
        store = self.harness.store
        completed = self._count(by_kind["run.completed"], lambda span: store.run_of[span.trace])
        claimed = self._count(by_kind["run.claimed"], lambda span: store.run_of[span.trace])
        given_up = {
            store.run_of[span.trace] for span in by_kind["run.failed"]
            if span.reason == "worker_deaths"
        }
        for name, counts in (("completed", completed), ("claimed", claimed)):
            for place, count in counts.items():
                self.check(count == 1, f"run of {place} was {name} {count} times")
        for day in self.harness.days:
            for resident in self.harness.residents.values():
                if (day, resident) not in completed:
                    self.check((day, resident) in given_up, f"no run of {resident} on {day}")
        steps = self._count(by_kind["persona.settled"], lambda span: span.trace)
        self.check(all(count == 1 for count in steps.values()), "a run was settled twice")
        rounds = self._count(
            (s for s in by_kind["provider.called"] if s.output > 0),
            lambda span: (span.trace, span.round))
        self.check(all(count == 1 for count in rounds.values()), "a reply was recorded twice")
        self.lines.append(f"runs: {len(completed)} completed, {len(given_up)} given up after three worker deaths")

    def _effects(self, by_kind):
        """A post and a letter a completed run, each answering a request of that resident and day, none twice."""
        store = self.harness.store
        done = {span.trace for span in by_kind["run.completed"]}
        for kind in ("post", "mail.queued"):
            own = [span for span in by_kind[kind] if span.who.startswith("resident:")]
            counts = self._count(own, lambda span: span.trace)
            self.check(all(count == 1 for count in counts.values()), f"{kind}: twice in one run")
            self.check(set(counts) == done, f"{kind}: not exactly the completed runs have one")
        asked = {request.number: request for request in self.harness.provider.requests}
        numbers = collections.Counter()
        for span in by_kind["post"]:
            number = int(NUMBER.search(span.text).group(1))
            numbers[number] += 1
            day, resident = store.run_of[span.trace]
            request = asked[number]
            self.check(
                (request.day, self.harness.residents[request.resident]) == (day, resident),
                f"post {number} stands under another's run")
        self.check(all(count == 1 for count in numbers.values()), "a post stands twice")
        self.lines.append(f"effects: {len(numbers)} posts, each once")

    def _letters(self, by_kind):
        """What `message` acknowledged was queued once; nothing was delivered twice."""
        queued = self._count(by_kind["mail.queued"], lambda span: span.this)
        delivered = self._count(by_kind["mail.delivered"], lambda span: span.this)
        acknowledged = self.harness.acknowledged
        for letter in acknowledged:
            self.check(queued[letter] == 1, f"acknowledged letter {letter} was queued {queued[letter]} times")
        self.check(all(count == 1 for count in queued.values()), "a letter was queued twice")
        self.check(all(count == 1 for count in delivered.values()), "a letter was delivered twice")
        self.check(set(delivered) <= set(queued), "a letter was delivered that nobody queued")
        self.lines.append(f"letters: {len(acknowledged)} acknowledged, all queued; {len(delivered)} delivered, once")

    def _requests(self):
        """No request after its reply was durable, none repeated within one life of the program."""
        faults = self.harness.repeated
        for words in faults[:20]:
            self.check(False, words)
        requests = self.harness.provider.requests
        bodies = collections.Counter(request.digest for request in requests)
        again = sum(count - 1 for count in bodies.values())
        needed = 2 * len({(r.day, r.resident) for r in requests})
        self.lines.append(
            f"requests: {len(requests)} ({needed} in a night without deaths), {again} bodies repeated, each after a "
            "death before its reply was durable")

    def _files(self, by_kind):
        """Nothing unfinished, one blob a resident, the generation that counts its completed runs."""
        store, home = self.harness.store, self.harness.program.home
        unfinished = store.rows("SELECT count(*) FROM run WHERE state IN ('queued', 'running', 'parked')")[0][0]
        self.check(unfinished == 0, f"{unfinished} runs are unfinished")
        self.check(store.rows("SELECT count(*) FROM journal")[0][0] == 0, "the journal is not empty")
        self.check(store.rows("PRAGMA integrity_check") == [("ok",)], "SQLite's own check fails")
        completed = self._count(by_kind["run.completed"], lambda span: span.this)
        blobs = collections.Counter()
        for folder, _, names in os.walk(os.path.join(home, "vault", "blobs")):
            for name in names:
                if re.fullmatch(r"[0-9a-f]{32}\.e\d+\.blob", name):
                    # An episode, which never changes; `vault verify` holds it to the ledger.
                    continue
                if name.endswith(".blob"):
                    resident, generation = name.split(".")[:2]
                    blobs[resident] += 1
                    digits = f"{resident[:8]}-{resident[8:12]}-{resident[12:16]}-{resident[16:20]}-{resident[20:]}"
                    self.check(
                        int(generation) == completed[digits],
                        f"{folder}/{name}: {completed[digits]} runs were completed")
                else:
                    self.check(name.endswith(".spare"), f"{folder}/{name} was left behind")
        self.check(
            len(blobs) == len(self.harness.residents) and set(blobs.values()) == {1}, "not one blob a resident")
        left = os.listdir(os.path.join(home, "spool")) if os.path.isdir(os.path.join(home, "spool")) else []
        left = [name for name in left if name.endswith((".letter", ".admission", ".refused"))]
        self.check(not left, f"left in the spool: {left[:5]}")

    def _verifiers(self):
        """The program's own verifications, and the independent one of an export against the node's key and head."""
        program, folder = self.harness.program, self.harness.folder
        for words in (("ledger", "verify"), ("vault", "verify")):
            try:
                self.lines.append(f"{' '.join(words)}: {program.run(*words).strip().splitlines()[-1]}")
            except RuntimeError as error:
                self.check(False, str(error))
        # Verifying leaves its own span.
        self.harness.store.look()
        export = os.path.join(folder, "export")
        program.run("ledger", "export", export)
        with open(os.path.join(program.home, "keys", "node.ed25519")) as file:
            seed = bytes.fromhex(file.read().strip())
        key = Ed25519PrivateKey.from_private_bytes(seed).public_key()
        public = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        with open(os.path.join(program.home, "ledger.head")) as file:
            size, head, signature = file.read().split()
        message = b"sanctuary/head/v1\0" + int(size).to_bytes(8, "big") + bytes.fromhex(head.removeprefix("blake3:"))
        try:
            key.verify(bytes.fromhex(signature.removeprefix("ed25519:")), message)
        except Exception:
            self.check(False, "the signature of ledger.head is wrong")
        self.check(int(size) == self.harness.store.size, f"ledger.head says {size}, there are {self.harness.store.size}")
        checked = subprocess.run(
            [os.path.join(HERE, "..", "verify-ledger"), export, "--key", public.hex(), "--head", head],
            capture_output=True, text=True)
        last = (checked.stdout + checked.stderr).strip().splitlines()[-1]
        self.check(checked.returncode == 0, f"verify-ledger: exit {checked.returncode}: {last}")
        self.lines.append(f"verify-ledger: {checked.stdout.strip().splitlines()[-1] if checked.stdout else last}")
