# LangGraph: its prebuilt agent loop, its SQLite checkpointer with its own encryption, the provider through langchain.
import os
import warnings

import aiosqlite
from langchain_anthropic import ChatAnthropic
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_core.tools import StructuredTool
from langgraph.checkpoint.serde.encrypted import EncryptedSerializer
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from common import MODEL, PREAMBLE, TOOLS, Feed, history, measure

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from langgraph.prebuilt import create_react_agent


class State:
    pass


async def prepare(folder, url, residents):
    state = State()
    state.feed = Feed()

    def tool(name):
        async def act(limit: int = 5, prompt: str = "", content: str = ""):
            return state.feed.act(0, name, {"limit": limit, "prompt": prompt, "content": content})

        return StructuredTool.from_function(coroutine=act, name=name, description=TOOLS[name][0])

    state.connection = await aiosqlite.connect(os.path.join(folder, "graph.sqlite"))
    await state.connection.execute("PRAGMA synchronous = FULL")
    serializer = EncryptedSerializer.from_pycryptodome_aes(key=os.urandom(32))
    saver = AsyncSqliteSaver(state.connection, serde=serializer)
    model = ChatAnthropic(
        model=MODEL, base_url=url, api_key="sk-bench", max_tokens=4096, streaming=True, max_retries=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        state.agent = create_react_agent(
            model, [tool(name) for name in TOOLS], checkpointer=saver, prompt=SystemMessage(PREAMBLE))
    for number in range(residents):
        past = [AIMessage(text) if role == "assistant" else HumanMessage(text) for role, text in history()]
        await state.agent.aupdate_state({"configurable": {"thread_id": str(number)}}, {"messages": past})
    return state


async def run(state, number):
    result = await state.agent.ainvoke(
        {"messages": [HumanMessage("It is a new day.")]}, {"configurable": {"thread_id": str(number)}})
    assert result["messages"][-1].content, "no words"


async def close(state):
    await state.connection.close()


if __name__ == "__main__":
    measure(prepare, run, close)
