# OpenAI's Agents SDK: its runner, its SQLite session within its encrypted session, chat completions.
import os

from agents import Agent, FunctionTool, OpenAIChatCompletionsModel, RunConfig, Runner, set_tracing_disabled
from agents.extensions.memory import EncryptedSession
from agents.memory import SQLiteSession
from openai import AsyncOpenAI

import json

from common import MODEL, PREAMBLE, TOOLS, Feed, history, measure


class State:
    pass


async def prepare(folder, url, residents):
    set_tracing_disabled(True)
    state = State()
    state.feed = Feed()
    state.client = AsyncOpenAI(base_url=url + "/v1", api_key="sk-bench", max_retries=0)
    state.secret = os.urandom(32).hex()
    state.path = os.path.join(folder, "agents.sqlite")

    def tool(name):
        words, fields = TOOLS[name]

        async def act(context, arguments):
            return state.feed.act(0, name, json.loads(arguments))

        schema = {"type": "object", "properties": fields, "additionalProperties": False, "required": list(fields)}
        return FunctionTool(name=name, description=words, params_json_schema=schema, on_invoke_tool=act)

    state.agent = Agent(
        name="Resident", instructions=PREAMBLE, tools=[tool(name) for name in TOOLS],
        model=OpenAIChatCompletionsModel(model=MODEL, openai_client=state.client))
    state.sessions = []
    for number in range(residents):
        inner = SQLiteSession(str(number), state.path)
        session = EncryptedSession(
            session_id=str(number), underlying_session=inner, encryption_key=state.secret, ttl=86_400)
        await session.add_items([{"role": role, "content": text} for role, text in history()])
        state.sessions.append(session)
    return state


async def run(state, number):
    result = await Runner.run(
        state.agent, "It is a new day.", session=state.sessions[number], run_config=RunConfig(tracing_disabled=True))
    assert result.final_output, "no words"


async def close(state):
    await state.client.close()


if __name__ == "__main__":
    measure(prepare, run, close)
