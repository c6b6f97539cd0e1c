"""A resident's notebook: one JSON object in, one out. What is kept comes in as `kept` and goes out as `kept`; no file is
written, and nothing stays here."""
import json
import sys

MOST_NOTES = 200


def main():
    call = json.load(sys.stdin)
    arguments, today = call["arguments"], call["today"]
    notes = json.loads(call["kept"]) if call.get("kept") else {}
    action = arguments["action"]
    title, text = arguments.get("title", "").strip(), arguments.get("text", "")
    if action == "list":
        listed = [f"{name} ({note['at']}, {len(note['text'])} characters)" for name, note in sorted(notes.items())]
        return {"text": "\n".join(listed) or "Your notebook is empty."}
    if action == "search":
        words = text.casefold().split()
        if not words:
            return {"error": "Give the words to search for as text."}
        found = [
            f"{name}: {line}"
            for name, note in sorted(notes.items())
            for line in note["text"].splitlines()
            if all(word in f"{name} {line}".casefold() for word in words)
        ]
        return {"text": "\n".join(found[:50]) or "Nothing in your notebook has these words."}
    if not title:
        return {"error": f"To {action} a note, give its title."}
    if action in ("write", "add"):
        if not text:
            return {"error": "Give the text of the note."}
        if title not in notes and len(notes) >= MOST_NOTES:
            return {"error": f"The notebook is full: it has {MOST_NOTES} notes."}
        before = notes[title]["text"] + "\n" if action == "add" and title in notes else ""
        notes[title] = {"at": today, "text": before + text}
        return {"text": f"Noted under {title!r}.", "kept": json.dumps(notes, ensure_ascii=False)}
    if title not in notes:
        return {"error": f"There is no note {title!r}."}
    if action == "read":
        return {"text": notes[title]["text"]}
    del notes[title]
    return {"text": f"Removed {title!r}.", "kept": json.dumps(notes, ensure_ascii=False)}


json.dump(main(), sys.stdout)
