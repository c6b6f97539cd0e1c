# The home under trial: made by the program itself, read here through SQLite and the files alone.
import collections
import json
import os
import sqlite3
import subprocess


KEPT = {
    "run.claimed", "run.completed", "run.failed", "persona.settled", "provider.called", "post", "mail.queued",
    "mail.delivered",
}

Span = collections.namedtuple("Span", "who this trace reason round output text")


class Program:
    """The program with the home that it is tried on."""

    def __init__(self, binary, home):
        self.binary = binary
        self.home = home
        checkout = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
        self.environment = {
            "PATH": "/usr/bin:/bin", "SANCTUARY_HOME": home, "SANCTUARY_DATA": os.path.normpath(checkout),
            "SWIFT_BACKTRACE": "enable=no",
        }

    def start(self, *words, text=None, **options):
        process = subprocess.Popen(
            [self.binary, *words], env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, **options)
        process.stdin.write((text or "").encode())
        process.stdin.close()
        process.stdin = None
        return process

    def run(self, *words, codes=(0,), text=None):
        process = self.start(*words, text=text)
        output, errors = process.communicate()
        if process.returncode not in codes:
            raise RuntimeError(f"{' '.join(words)}: exit {process.returncode}: {errors.decode()[-2000:]}")
        return output.decode()


def make(program, port, residents, folder):
    """A home whose residents a provider on that port speaks for."""
    program.run("init", "--origin", "soak")
    settings = {
        "timezone": "UTC", "tokens": {"daily": 1_000_000, "bankCap": 1_000_000},
        "providers": {"soak": {
            "dialect": "anthropic", "baseURL": f"http://127.0.0.1:{port}",
            "models": {"m": {"input": "1", "output": "5", "window": 200_000}},
        }},
    }
    with open(os.path.join(program.home, "sanctuary.json"), "w") as file:
        json.dump(settings, file)
    files = []
    for number in range(residents):
        name = os.path.join(folder, f"{number}.json")
        with open(name, "w") as file:
            prompt = f"You keep the log of the harbour; you are resident-{number}-of-the-soak."
            json.dump({"name": f"Soak {number}", "system_prompt": prompt}, file)
        files.append(name)
    program.run("admit", *files, "--model", "soak/m")
    listed = json.loads(program.run("residents", "--json"))
    return {int(row["name"].split()[1]): row["id"] for row in listed}


class Store:
    """What the database holds, read without changing it, span by span as they come."""

    def __init__(self, home):
        self.path = os.path.join(home, "ledger.sqlite")
        self.size = 0
        # (day, resident) of every nightly run; a run's id tells it in its later spans.
        self.run_of = {}
        # (day, resident, round) whose reply is durable.
        self.recorded = set()
        # By type, what the verdict needs of each span.
        self.spans = collections.defaultdict(list)

    def connect(self):
        return sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)

    def look(self):
        """Takes in the spans since the last look, and what the journal holds now."""
        connection = self.connect()
        try:
            for (data,) in connection.execute(
                    "SELECT bytes FROM span WHERE position >= ? ORDER BY position", (self.size,)):
                self._take(json.loads(data))
            for run, name in connection.execute("SELECT run, name FROM journal"):
                part = name.split("/")
                if part[0] == "model.result":
                    self.recorded.add((*self.run_of[_text(run)], int(part[1])))
        finally:
            connection.close()

    def _take(self, span):
        self.size += 1
        kind, metadata = span["entity_type"], span.get("metadata", {})
        if kind == "run.claimed":
            self.run_of[span["trace_id"]] = (metadata["occurrence"], span["this"])
        elif kind == "provider.called" and metadata["output"] > 0:
            self.recorded.add((*self.run_of[span["trace_id"]], metadata["round"]))
        if kind in KEPT:
            self.spans[kind].append(Span(
                span["who"], span["this"], span.get("trace_id"), metadata.get("reason"), metadata.get("round"),
                metadata.get("output"), (span.get("content") or {}).get("text")))

    def rows(self, query):
        connection = self.connect()
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()


def _text(identifier):
    digits = identifier.hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
