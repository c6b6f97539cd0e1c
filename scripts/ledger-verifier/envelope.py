# One span by itself: its bytes, its fields, and whether its type declares them.
from canonical import Malformed, canonical, parse
from declared import TYPES
from fields import DECLARABLE, OPTIONAL, REQUIRED, is_a


def read(line, where, report):
    """The span of one line, or None where nothing further can be said about it."""
    try:
        span = parse(line)
    except Malformed as refusal:
        report.fault("malformed", where, refusal.expected, refusal.found)
        return None
    if not isinstance(span, dict):
        report.fault("malformed", where, "an object", type(span).__name__)
        return None
    if canonical(span) != line:
        report.fault("not_canonical", where, _beginning(canonical(span), line), _beginning(line, canonical(span)))
    return span


def check_fields(span, where, report):
    """Checks envelope and declared fields; false where a required one is missing or wrong."""
    whole = True
    for name, (expected, holds) in REQUIRED.items():
        if name not in span:
            report.fault("field_missing", where, f"{name}: {expected}", "nothing")
            whole = False
        elif not holds(span[name]):
            report.fault("field_invalid", where, f"{name}: {expected}", f"{name}: {span[name]}")
            whole = False
    kind = span.get("entity_type")
    row = TYPES.get(kind) if isinstance(kind, str) else None
    if row is None:
        report.fault("field_unknown", where, "a type of docs/format.md", kind)
        return whole
    for name in span:
        if name in REQUIRED:
            continue
        rule = OPTIONAL.get(name) or (DECLARABLE.get(name) if name in row.also else None)
        if rule is None:
            report.fault("field_unknown", where, f"only the fields of {kind}", name)
        elif not rule[1](span[name]):
            report.fault("field_invalid", where, f"{name}: {rule[0]}", f"{name}: {span[name]}")
            whole = False
    _check_row(span, kind, row, where, report)
    return whole and _check_metadata(span, kind, row, where, report)


def _check_row(span, kind, row, where, report):
    if not is_a(row.this, span.get("this")):
        report.fault("field_invalid", where, f"this: {row.this}", f"this: {span.get('this')}")
    for name in row.needed:
        if name not in span:
            report.fault("field_missing", where, f"{name} of {kind}", "nothing")
    if row.traced and "trace_id" not in span:
        report.fault("field_missing", where, "trace_id: the run", "nothing")
    if row.related and not span.get("related_to"):
        report.fault("field_missing", where, "related_to: the resident", "nothing")
    visibility = span.get("visibility")
    if row.public is not None and (visibility == "public") != row.public:
        report.fault("field_invalid", where, f"visibility: {'public' if row.public else 'private'}", visibility)
    status = getattr(row, "status", None)
    if status is not None and "status" in span and span.get("status") != status:
        report.fault("field_invalid", where, f"status: {status}", f"status: {span.get('status')}")
    content = span.get("content")
    if isinstance(content, dict):
        for name in row.needed_content:
            if name not in content:
                report.fault("field_missing", where, f"content.{name}", "nothing")
        for name, value in content.items():
            if name not in row.content:
                report.fault("field_unknown", where, f"only the content of {kind}", f"content.{name}")
            elif not isinstance(value, str):
                report.fault("field_invalid", where, f"content.{name}: a text", f"content.{name}: {value}")


def _check_metadata(span, kind, row, where, report):
    metadata = span.get("metadata", {})
    if not isinstance(metadata, dict):
        return False
    whole = True
    for name, value in metadata.items():
        if name not in row.metadata:
            report.fault("field_unknown", where, f"only the fields of {kind}", f"metadata.{name}")
        elif row.metadata[name] is not None and not is_a(row.metadata[name], value):
            report.fault("field_invalid", where, f"metadata.{name}: {row.metadata[name]}", f"metadata.{name}: {value}")
            whole = False
    for name in row.must:
        if name not in metadata:
            report.fault("field_missing", where, f"metadata.{name}", "nothing")
            whole = False
    return whole


def _beginning(one, other):
    """The place where two byte strings part, and what stands there in the first."""
    at = next((i for i, (a, b) in enumerate(zip(one, other)) if a != b), min(len(one), len(other)))
    return f"offset {at}: {one[at:at + 40].decode('utf-8', 'replace') or 'the end'}"
