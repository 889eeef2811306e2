"""One step after the other, with pauses or without."""

import asyncio
import datetime
from typing import Any

from context import Context

from .registry import Registry


async def sequence(ctx: Context) -> object:
    one = await ctx.value("one", ctx.event.data["n"] + 1)
    two = await ctx.value("two", one * 2)
    three = await ctx.value("three", {"sum": one + two})
    return {"one": one, "two": two, "three": three}


async def no_steps(ctx: Context) -> object:
    return {"hello": ctx.event.data["name"]}


async def nothing(ctx: Context) -> None:
    await ctx.value("only", "ignored")


async def loop(ctx: Context) -> object:
    total = 0
    for i in range(100):
        total += await ctx.value(f"step-{i}", i)
    return {"sum": total}


async def same_id(ctx: Context) -> object:
    return {"seen": [await ctx.value("again", i) for i in range(3)]}


async def sleep(ctx: Context) -> object:
    await ctx.value("before", None)
    await ctx.tools.sleep("pause", datetime.timedelta(seconds=1))
    await ctx.value("after", None)
    return "rested"


async def short_sleep(ctx: Context) -> object:
    await ctx.value("before", None)
    await ctx.tools.sleep("pause", 300)
    await ctx.value("after", None)
    return "rested"


async def sleep_until(ctx: Context) -> object:
    await ctx.value("before", None)
    await ctx.tools.sleep_until("pause", datetime.datetime.fromisoformat(str(ctx.event.data["until"])))
    await ctx.value("after", None)
    return "rested"


async def slow(ctx: Context) -> object:
    async def work() -> Any:
        await asyncio.sleep(2)
        return "slow"

    return [await ctx.run("slow", work), await ctx.value("after", "after")]


def register(app: Registry) -> None:
    app.add("sequence", sequence)
    app.add("no-steps", no_steps)
    app.add("nothing", nothing)
    app.add("loop", loop)
    app.add("same-id", same_id)
    app.add("sleep", sleep)
    app.add("short-sleep", short_sleep)
    app.add("sleep-until", sleep_until)
    app.add("slow", slow)
