"""Requests that the server makes for a function. Where to is in the event."""

from typing import Awaitable, Callable

import inngest
from inngest.experimental import ai

from context import Context

from .registry import Handler, Registry

KEY = "secret-of-the-app"


def base_url(ctx: Context) -> str:
    return f"{ctx.event.data['origin']}/v1"


def prompt(ctx: Context) -> dict[str, object]:
    return {"messages": [{"role": "user", "content": str(ctx.event.data["content"])}]}


async def infer_openai(ctx: Context) -> object:
    model = ai.openai.Adapter(auth_key=KEY, base_url=base_url(ctx), model="some-gpt")
    return await ctx.tools.ai.infer("infer", adapter=model, body=prompt(ctx))


async def infer_anthropic(ctx: Context) -> object:
    model = ai.anthropic.Adapter(auth_key=KEY, base_url=base_url(ctx), model="some-claude")
    return await ctx.tools.ai.infer("infer", adapter=model, body={**prompt(ctx), "max_tokens": 7})


def replying(infer: Callable[[Context], Awaitable[object]]) -> Handler:
    async def reply(ctx: Context) -> object:
        return await ctx.value("after", await infer(ctx))

    return reply


async def infer_caught(ctx: Context) -> object:
    """What became of the request, if it went wrong as it should."""
    try:
        await infer_openai(ctx)
    except inngest.StepError as error:
        return await ctx.value("recover", {"name": error.name, "message": error.message})
    return "not reached"


def register(app: Registry) -> None:
    app.add("infer-openai", replying(infer_openai))
    app.add("infer-anthropic", replying(infer_anthropic))
    app.add("infer-caught", infer_caught, retries=1)
