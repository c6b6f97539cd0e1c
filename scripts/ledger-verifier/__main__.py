# Verifies an exported ledger from docs/format.md alone; see `--help` for what it answers.
import argparse
import json
import os
import signal
import sys

from canonical import MAXIMUM_BYTES, Malformed, parse
from chain import Chain
from envelope import check_fields, read
from fields import HASH, HEX64, is_a
from payloads import Payloads
from report import MESSAGES, Report
from rules import Rules

OK, FAILED, USAGE, INTEGRITY = 0, 1, 2, 4


def hex_key(text):
    text = text.lower().removeprefix("ed25519:")
    if not is_a(HEX64, text):
        raise argparse.ArgumentTypeError("a public key is 64 hex digits")
    return text


def head_hash(text):
    text = text.lower()
    text = text if text.startswith("blake3:") else "blake3:" + text
    if not is_a(HASH, text):
        raise argparse.ArgumentTypeError("a head is blake3: and 64 hex digits")
    return text


def arguments():
    parser = argparse.ArgumentParser(
        prog="verify-ledger",
        description="Verifies a ledger written by `sanctuary ledger export DIR`, without any of that program's code.",
        epilog="exit code: 0 sound, 4 something is altered or missing, 2 wrong usage, 1 the export cannot be read",
    )
    parser.add_argument("directory", metavar="DIR", help="the folder that the export wrote")
    parser.add_argument("--key", type=hex_key, metavar="HEX", help="the node's public key, known from elsewhere")
    parser.add_argument("--head", type=head_hash, metavar="HASH", help="the last span's hash, known from elsewhere")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of lines")
    return parser.parse_args()


def verify(options):
    """The report on one export; raises OSError where it cannot be read."""
    report = Report()
    with open(os.path.join(options.directory, "ledger.json"), "rb") as file:
        description = _description(file.read(MAXIMUM_BYTES + 1), report)
    chain = Chain(report, options.key)
    rules = Rules(report)
    payloads = Payloads(options.directory, report)
    with open(os.path.join(options.directory, "spans.ndjson"), "rb") as file:
        for line in _lines(file):
            _verify_line(line, report, chain, rules, payloads)
    chain.finish()
    payloads.check(rules.deleted)
    _compare(description, chain, report, options)
    return report, chain


def _verify_line(line, report, chain, rules, payloads):
    report.checked += 1
    where = f"position {chain.next_position}"
    if line.endswith(b"\n"):
        line = line[:-1]
    elif len(line) <= MAXIMUM_BYTES:
        report.fault("malformed", where, "a line feed at the end", "the end of the file")
    span = read(line, where, report)
    if span is None:
        chain.skip()
        rules.is_blind = True
        return
    if type(span.get("position")) is int:
        where = f"position {span['position']}"
    whole = check_fields(span, where, report)
    in_place = chain.follow(span, where)
    rules.is_blind = rules.is_blind or not in_place or bool(chain.passed_over)
    if whole and in_place:
        rules.follow(span, where)
    if whole:
        payloads.follow(span)
    else:
        rules.is_blind = True


def _lines(file):
    """Lines of bounded length; the rest of a longer one is passed over."""
    while line := file.readline(MAXIMUM_BYTES + 1):
        yield line
        while not line.endswith(b"\n") and (line := file.readline(MAXIMUM_BYTES + 1)):
            pass


def _description(data, report):
    try:
        value = parse(data)
    except Malformed as refusal:
        report.fault("malformed", "ledger.json", refusal.expected, refusal.found)
        return {}
    return value if isinstance(value, dict) else {}


def _compare(description, chain, report, options):
    """What ledger.json and the anchors say, against what the spans say."""
    for kind, name, found in (
        ("foreign_ledger", "origin", chain.origin),
        ("foreign_key", "public_key", chain.public_key),
        ("head_mismatch", "head", chain.head),
    ):
        if description.get(name) != found:
            report.fault(kind, f"ledger.json, {name}", description.get(name), found)
    size, spans = description.get("size"), chain.last_position + 1
    if not isinstance(size, int) or isinstance(size, bool) or size != spans:
        kind = "surplus" if isinstance(size, int) and size < spans else "truncated"
        report.fault(kind, "ledger.json, size", size, spans)
    if report.checked == 0:
        report.fault("genesis", "spans.ndjson", "ledger.opened", "no span")
    if options.head is not None and options.head != chain.head:
        report.fault("head_mismatch", f"position {chain.last_position}", options.head, chain.head)
    if options.key is None:
        report.note(f"unanchored: the key {chain.public_key} is the ledger's own word (--key HEX anchors it)")
    if options.head is None:
        report.note(f"unanchored: the head {chain.head} is the ledger's own word (--head HASH anchors it)")


def main():
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    options = arguments()
    try:
        report, chain = verify(options)
    except OSError as error:
        print(f"verify-ledger: error: {error.filename}: {error.strerror}", file=sys.stderr)
        print("verify-ledger: hint: DIR is a folder written by `sanctuary ledger export DIR`", file=sys.stderr)
        return FAILED
    for note in report.notes:
        print(f"verify-ledger: note: {note}", file=sys.stderr)
    if options.json:
        print(json.dumps({"ok": report.count == 0, "checked": report.checked, "faults": report.faults}))
        return OK if report.count == 0 else INTEGRITY
    for fault in report.faults:
        print(
            f"{fault['where']}: {MESSAGES[fault['kind']]} ({fault['kind']}): "
            f"expected {fault['expected']}, found {fault['found']}"
        )
    if report.count > len(report.faults):
        print(f"… and {report.count - len(report.faults)} more")
    if report.count:
        print(f"{report.count} fault{'s' * (report.count > 1)} in {report.checked} spans")
        return INTEGRITY
    print(f"{report.checked} spans verified, head {chain.head}")
    return OK


if __name__ == "__main__":
    sys.exit(main())
