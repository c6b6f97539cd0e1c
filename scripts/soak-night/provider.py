# A provider of models on loopback that speaks Anthropic's dialect and remembers every request that it was sent.
import asyncio
import hashlib
import json
import random
import re
import threading
import time

# Stands in every resident's own prompt, and nowhere else: whose request it is.
MARK = re.compile(rb"resident-(\d+)-of-the-soak")


class Request:
    """One request: whose, of which round, and whether its answer was sent whole."""

    def __init__(self, number, resident, round_, digest):
        self.number = number
        self.resident = resident
        self.round = round_
        self.digest = digest
        self.at = time.monotonic()
        self.day = None
        self.answered = False


def _event(name, **fields):
    return f"event: {name}\ndata: {json.dumps({'type': name, **fields})}\n\n"


def _opening():
    usage = {"input_tokens": 900, "output_tokens": 1}
    message = {
        "id": "msg_soak", "type": "message", "role": "assistant", "model": "m", "content": [], "stop_reason": None,
        "usage": usage,
    }
    return _event("message_start", message=message)


def _closing(reason):
    return _event("message_delta", delta={"stop_reason": reason}, usage={"output_tokens": 40}) + _event("message_stop")


def calls(number):
    """Three tool calls; the post and the letter bear the number of the request that they answer."""
    wanted = [
        ("post_to_website", {"content": f"An evening by the harbour, number {number}."}),
        ("send_message", {"to": "house", "content": f"A letter, number {number}."}),
        ("select_next_prompt", {"prompt": "What did you find on the shore today?"}),
    ]
    text = _opening()
    for index, (name, arguments) in enumerate(wanted):
        block = {"type": "tool_use", "id": f"toolu_{number}_{index}", "name": name, "input": {}}
        delta = {"type": "input_json_delta", "partial_json": json.dumps(arguments)}
        text += _event("content_block_start", index=index, content_block=block)
        text += _event("content_block_delta", index=index, delta=delta)
        text += _event("content_block_stop", index=index)
    return text + _closing("tool_use")


def words():
    """The end of the turn."""
    text = _opening() + _event("content_block_start", index=0, content_block={"type": "text", "text": ""})
    text += _event("content_block_delta", index=0, delta={"type": "text_delta", "text": "I wrote, and rest now."})
    return text + _event("content_block_stop", index=0) + _closing("end_turn")


class Provider:
    """Listens on a thread of its own; `requests` is in the order of arrival."""

    def __init__(self, slowest):
        self.requests = []
        # The night that is being played; the harness sets it while no program runs.
        self.day = None
        self._slowest = slowest
        self._random = random.Random(1)
        self._open = 0
        self._ready = threading.Event()
        threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True).start()
        self._ready.wait()

    async def _serve(self):
        server = await asyncio.start_server(self._converse, "127.0.0.1", 0, limit=1 << 22, backlog=1024)
        self.port = server.sockets[0].getsockname()[1]
        self._loop = asyncio.get_running_loop()
        self._ready.set()
        await server.serve_forever()

    def settle(self):
        """Waits until everything that dead programs sent was read, so that it counts for the life that sent it."""
        asyncio.run_coroutine_threadsafe(self._settled(), self._loop).result()

    async def _settled(self):
        # Connections are accepted in the order in which they came: once this one is answered, all others are known.
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(b"PING\r\n\r\n")
        await reader.readexactly(1)
        while self._open > 1:
            await asyncio.sleep(0.001)
        writer.close()

    async def _converse(self, reader, writer):
        self._open += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                if head == b"PING\r\n\r\n":
                    writer.write(b".")
                    continue
                length = re.search(rb"(?i)content-length: *(\d+)", head)
                body = await reader.readexactly(int(length.group(1)))
                await self._answer(body, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._open -= 1
            writer.close()

    async def _answer(self, body, writer):
        mark = MARK.search(body)
        round_ = 2 if b'"tool_result"' in body else 1
        digest = hashlib.sha256(body).hexdigest()
        request = Request(len(self.requests), int(mark.group(1)) if mark else -1, round_, digest)
        request.day = self.day
        self.requests.append(request)
        await asyncio.sleep(self._random.uniform(0, self._slowest))
        text = (words() if round_ == 2 else calls(request.number)).encode()
        head = f"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: {len(text)}\r\n\r\n"
        # In two pieces, so that a death can fall into the middle of a stream.
        half = len(text) // 2
        writer.write(head.encode() + text[:half])
        await writer.drain()
        await asyncio.sleep(self._random.uniform(0, self._slowest / 4))
        writer.write(text[half:])
        await writer.drain()
        request.answered = True
