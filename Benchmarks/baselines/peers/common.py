# What the peers have in common: the same residents, the same three tools, and how a night of them is measured.
import asyncio
import os
import resource
import sys
import time

SENTENCE = 'The tide came in early, and we talked about the "lighthouse" until the lamps were lit. '
MODEL = "bench-model"
TOOLS = {
    "read_sanctuary_feed": ("Reads what others wrote.", {"limit": {"type": "integer"}}),
    "select_next_prompt": ("Chooses tomorrow's prompt.", {"prompt": {"type": "string"}}),
    "post_to_website": ("Posts to the public feed.", {"content": {"type": "string"}}),
}
PREAMBLE = "You live in this house. You may post, choose tomorrow's prompt, and read what others wrote. " * 8


def history(size=65536):
    """The past messages of a resident, so many bytes together, roles in turn."""
    text = SENTENCE * 7
    return [("assistant" if i % 2 else "user", text) for i in range(size // len(text))]


class Feed:
    """The posts of a night, in memory: the peers' tools do no less than ours, and no more."""

    def __init__(self):
        self.posts = []
        self.prompts = {}

    def act(self, resident, name, arguments):
        if name == "read_sanctuary_feed":
            return "\n".join(text for _, text in self.posts[-int(arguments.get("limit", 5)):]) or "Nothing yet."
        if name == "select_next_prompt":
            self.prompts[resident] = arguments["prompt"]
            return "Chosen."
        if name == "post_to_website":
            self.posts.append((resident, arguments["content"]))
            return "Posted."
        raise ValueError(name)


def measure(prepare, run, close):
    """Plays two nights, the second of them measured: RESIDENTS AT_ONCE FOLDER URL; prints runs, CPU and wall seconds."""
    residents, at_once = int(sys.argv[1]), int(sys.argv[2])
    folder, url = sys.argv[3], sys.argv[4]
    os.makedirs(folder, exist_ok=True)

    async def night(state):
        gate = asyncio.Semaphore(at_once)

        async def one(number):
            async with gate:
                await run(state, number)

        await asyncio.gather(*(one(number) for number in range(residents)))

    async def main():
        state = await prepare(folder, url, residents)
        await night(state)
        before, wall = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
        await night(state)
        after, wall = resource.getrusage(resource.RUSAGE_SELF), time.monotonic() - wall
        cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
        await close(state)
        print(residents, cpu, wall, after.ru_maxrss)

    asyncio.run(main())
