# Strict JSON and RFC 8785, within the limits of docs/format.md ("Canonical bytes"): only what can be read in one way.
import json

MAXIMUM_BYTES = 65_535
MAXIMUM_DEPTH = 32
MAXIMUM_INTEGER = 2**53 - 1


class Malformed(Exception):
    """A text that the strict reader refuses; carries what was expected and what was found."""

    def __init__(self, expected, found):
        super().__init__(expected)
        self.expected = expected
        self.found = found


def parse(data, maximum_bytes=MAXIMUM_BYTES):
    """The value of one JSON text given as bytes; raises Malformed for everything that is not strictly one value."""
    if len(data) > maximum_bytes:
        raise Malformed(f"at most {maximum_bytes} bytes", f"{len(data)} bytes")
    try:
        text = data.decode("utf-8", "strict")
    except UnicodeDecodeError as error:
        raise Malformed("UTF-8", f"byte 0x{data[error.start]:02x} at offset {error.start}") from None
    _check_depth(text)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_fraction,
            parse_constant=_constant,
        )
    except json.JSONDecodeError as error:
        raise Malformed(f"strict JSON ({error.msg})", f"offset {error.pos}") from None
    _check_strings(value)
    return value


def canonical(value):
    """The RFC 8785 bytes of a value that `parse` returned."""
    return _write(value).encode("utf-8")


def _write(value):
    if value is True:
        return "true"
    if value is False:
        return "false"
    if value is None:
        return "null"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        # The standard writer escapes as RFC 8785 asks: short forms, \u00xx in lower case, everything else as it is.
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return "[" + ",".join(map(_write, value)) + "]"
    ordered = sorted(value, key=lambda key: key.encode("utf-16-be"))
    return "{" + ",".join(_write(key) + ":" + _write(value[key]) for key in ordered) + "}"


def _check_depth(text):
    """Counts brackets outside strings before any recursive reader sees the text."""
    if text.count("[") + text.count("{") <= MAXIMUM_DEPTH:
        return
    depth = 0
    in_string = escaped = False
    for character in text:
        if in_string:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                in_string = False
        elif character == '"':
            in_string = True
        elif character in "[{":
            depth += 1
            if depth > MAXIMUM_DEPTH:
                raise Malformed(f"a depth of at most {MAXIMUM_DEPTH}", f"{depth}")
        elif character in "]}":
            depth -= 1


def _object(pairs):
    value = {}
    for key, member in pairs:
        if key in value:
            raise Malformed("each key once", f"the key {key!a} twice")
        value[key] = member
    return value


def _integer(digits):
    if len(digits) > 17 or not digits.isascii() or abs(int(digits)) > MAXIMUM_INTEGER:
        raise Malformed("integers within ±(2^53-1)", digits[:40])
    return int(digits)


def _fraction(digits):
    raise Malformed("no number but integers", digits[:40])


def _constant(name):
    raise Malformed("no number but integers", name)


def _check_strings(value):
    if isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            code = ord(value[error.start])
            raise Malformed("no lone surrogate", f"\\u{code:04x}") from None
    elif isinstance(value, list):
        for element in value:
            _check_strings(element)
    elif isinstance(value, dict):
        for key, member in value.items():
            _check_strings(key)
            _check_strings(member)
