# asyncio and the provider's own SDK: a file of AES-GCM a resident, replaced whole and flushed; SQLite for what was done.
import asyncio
import json
import os
import sqlite3

from anthropic import AsyncAnthropic
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from common import MODEL, PREAMBLE, TOOLS, Feed, history, measure

DECLARED = [
    {"name": name, "description": words, "input_schema": {"type": "object", "properties": fields}}
    for name, (words, fields) in TOOLS.items()
]


class State:
    def __init__(self, folder, url):
        self.folder = folder
        self.client = AsyncAnthropic(base_url=url, api_key="sk-bench", max_retries=0)
        self.cipher = AESGCM(AESGCM.generate_key(256))
        self.feed = Feed()
        self.database = sqlite3.connect(os.path.join(folder, "runs.sqlite"), isolation_level=None)
        self.database.executescript(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
            "CREATE TABLE IF NOT EXISTS journal (resident INTEGER, round INTEGER, reply BLOB);"
            "CREATE TABLE IF NOT EXISTS run (resident INTEGER, posted TEXT)")

    def path(self, number):
        return os.path.join(self.folder, f"{number}.sealed")

    def open(self, number):
        with open(self.path(number), "rb") as file:
            data = file.read()
        return json.loads(self.cipher.decrypt(data[:12], data[12:], str(number).encode()))

    def seal(self, number, messages):
        nonce = os.urandom(12)
        data = nonce + self.cipher.encrypt(nonce, json.dumps(messages).encode(), str(number).encode())
        with open(self.path(number) + ".new", "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.rename(self.path(number) + ".new", self.path(number))


async def prepare(folder, url, residents):
    state = State(folder, url)
    for number in range(residents):
        state.seal(number, [{"role": role, "content": text} for role, text in history()])
    return state


async def run(state, number):
    kept = state.open(number)
    messages = kept + [{"role": "user", "content": "It is a new day."}]
    for round_ in range(1, 9):
        async with state.client.messages.stream(
            model=MODEL, max_tokens=4096, system=PREAMBLE, messages=messages, tools=DECLARED
        ) as stream:
            reply = await stream.get_final_message()
        # The reply is durable before anything is done with it.
        sealed = state.cipher.encrypt(nonce := os.urandom(12), reply.to_json().encode(), b"journal")
        state.database.execute("INSERT INTO journal VALUES (?, ?, ?)", (number, round_, nonce + sealed))
        messages.append({"role": "assistant", "content": [block.to_dict() for block in reply.content]})
        uses = [block for block in reply.content if block.type == "tool_use"]
        if not uses:
            break
        messages.append({"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": use.id, "content": state.feed.act(number, use.name, use.input)}
            for use in uses
        ]})
    # As here: the words of the day go into the history, the calls do not. The oldest make way.
    words = "".join(block.text for block in reply.content if block.type == "text")
    kept += [{"role": "user", "content": "It is a new day."}, {"role": "assistant", "content": words}]
    state.seal(number, kept[2:])
    state.database.execute("BEGIN")
    state.database.execute("INSERT INTO run VALUES (?, ?)", (number, "done"))
    state.database.execute("DELETE FROM journal WHERE resident = ?", (number,))
    state.database.execute("COMMIT")


async def close(state):
    await state.client.close()


if __name__ == "__main__":
    measure(prepare, run, close)
