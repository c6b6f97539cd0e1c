"""An MCP server with one tool: numbers about a text. It speaks both eras of the protocol over standard input and output."""
import json
import re
import sys

MODERN = "2026-07-28"
HANDSHAKE = ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")
SERVER = {"name": "text_statistics", "version": "1"}
TOOL = {
    "name": "text_statistics",
    "description": "Numbers about a text.",
    "inputSchema": {
        "type": "object",
        "properties": {"text": {"type": "string"}, "frequent": {"type": "integer", "minimum": 0, "maximum": 50}},
        "required": ["text"],
    },
    "annotations": {"readOnlyHint": True, "idempotentHint": True, "openWorldHint": False},
}


def statistics(text, frequent):
    words = re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", text)
    sentences = [part for part in re.split(r"[.!?…]+(?:\s|$)|\n\s*\n", text) if re.search(r"\w", part)]
    lengths = sorted(len(re.findall(r"[^\W_]+", sentence)) for sentence in sentences)
    paragraphs = [part for part in re.split(r"\n\s*\n", text) if part.strip()]
    counts = {}
    for word in words:
        counts[word.casefold()] = counts.get(word.casefold(), 0) + 1
    lines = [
        f"characters: {len(text)} ({sum(not c.isspace() for c in text)} without spaces)",
        f"words: {len(words)}, {len(counts)} different",
        f"sentences: {len(sentences)}, paragraphs: {len(paragraphs)}",
    ]
    if lengths:
        mean = sum(lengths) / len(lengths)
        lines.append(f"words in a sentence: {lengths[0]} to {lengths[-1]}, {mean:.1f} in the mean")
    if words:
        lines.append(f"letters in a word: {sum(map(len, words)) / len(words):.1f} in the mean")
        lines.append(f"longest word: {max(words, key=len)}")
        lines.append(f"reading time: about {max(1, round(len(words) / 230))} min")
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:frequent]
    if ranked:
        lines.append("used most: " + ", ".join(f"{word} {count}" for word, count in ranked))
    return "\n".join(lines)


class Refusal(Exception):
    def __init__(self, code, message, data=None):
        super().__init__(message)
        self.body = {"code": code, "message": message}
        if data is not None:
            self.body["data"] = data


def call(parameters):
    if parameters.get("name") != TOOL["name"]:
        raise Refusal(-32602, "Unknown tool")
    arguments = parameters.get("arguments") or {}
    text, frequent = arguments.get("text"), arguments.get("frequent", 10)
    if not isinstance(text, str) or not isinstance(frequent, int) or not 0 <= frequent <= 50:
        return {"content": [{"type": "text", "text": "text must be a string, frequent 0 to 50"}], "isError": True}
    return {"content": [{"type": "text", "text": statistics(text, frequent)}], "isError": False}


def answer(method, parameters):
    meta = parameters.get("_meta") or {}
    asked = meta.get("io.modelcontextprotocol/protocolVersion")
    if asked is not None and asked != MODERN:
        raise Refusal(-32022, "Unsupported protocol version", {"supported": [MODERN], "requested": asked})
    if method == "server/discover":
        result = {"supportedVersions": [MODERN], "capabilities": {"tools": {}}, "ttlMs": 3600000, "cacheScope": "public"}
        result["_meta"] = {"io.modelcontextprotocol/serverInfo": SERVER}
    elif method == "initialize":
        wanted = parameters.get("protocolVersion")
        version = wanted if wanted in HANDSHAKE else HANDSHAKE[0]
        return {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": SERVER}
    elif method == "ping":
        return {}
    elif method == "tools/list":
        result = {"tools": [TOOL]}
        if asked is not None:
            result.update(ttlMs=3600000, cacheScope="public")
    elif method == "tools/call":
        result = call(parameters)
    else:
        raise Refusal(-32601, "Method not found")
    if asked is not None:
        result["resultType"] = "complete"
    return result


def main():
    for line in sys.stdin:
        try:
            message = json.loads(line)
        except ValueError:
            reply = {"jsonrpc": "2.0", "id": None, "error": {"code": -32700, "message": "Parse error"}}
        else:
            if not isinstance(message, dict) or "id" not in message or "method" not in message:
                continue
            reply = {"jsonrpc": "2.0", "id": message["id"]}
            try:
                reply["result"] = answer(message["method"], message.get("params") or {})
            except Refusal as refusal:
                reply["error"] = refusal.body
        sys.stdout.write(json.dumps(reply) + "\n")
        sys.stdout.flush()


main()
