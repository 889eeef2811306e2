"""What runs while things are being killed. Steps take a moment, so that a kill can hit one in the middle."""

import asyncio
import datetime
from typing import Awaitable, Callable, TypeVar

from context import Context

from .registry import Registry

T = TypeVar("T")

# More failures than any of the tests can cause.
RETRIES = 20


async def pause(ctx: Context) -> None:
    """5 to 60 ms, different from run to run."""
    await asyncio.sleep((5 + (int(ctx.event.data["n"]) * 17) % 56) / 1000)


async def work(ctx: Context, step_id: str, value: T) -> T:
    async def paused() -> T:
        await pause(ctx)
        return value

    return await ctx.run(step_id, paused)


async def seq(ctx: Context, n: int) -> object:
    one = await work(ctx, "one", n + 1)
    two = await work(ctx, "two", one * 2)
    three = await work(ctx, "three", two + one)
    return await work(ctx, "four", {"one": one, "two": two, "three": three})


async def par(ctx: Context, n: int) -> object:
    parts = await ctx.group.parallel(
        (lambda: work(ctx, "a", n), lambda: work(ctx, "b", n * 2), lambda: work(ctx, "c", n * 3)),
    )
    return await work(ctx, "sum", sum(parts))


async def branches(ctx: Context, n: int) -> object:
    async def branch(name: str) -> int:
        one = await work(ctx, f"{name}1", n + 1)
        return await work(ctx, f"{name}2", one * 2)

    left, right = await ctx.group.parallel((lambda: branch("left"), lambda: branch("right")))
    return await work(ctx, "join", left + right)


async def sleepy(ctx: Context, n: int) -> object:
    before = await work(ctx, "before", n + 1)
    await ctx.tools.sleep("pause", datetime.timedelta(seconds=1))
    return await work(ctx, "after", before * 2)


async def flaky(ctx: Context, n: int) -> object:
    before = await work(ctx, "before", n + 1)

    async def fails_first() -> int:
        await pause(ctx)
        if ctx.attempt == 0:
            raise Exception("not yet")
        return before * 2

    return await work(ctx, "after", await ctx.run("flaky", fails_first) + 1)


async def fanout(ctx: Context, n: int) -> object:
    one = await work(ctx, "one", n + 1)
    return await work(ctx, "two", one * 2)


def register(app: Registry) -> None:
    def add(fn_id: str, handler: Callable[[Context, int], Awaitable[object]], event: str) -> None:
        app.add(fn_id, lambda ctx: handler(ctx, int(ctx.event.data["n"])), events=[event], retries=RETRIES)

    for fn_id, handler in {"seq": seq, "par": par, "branches": branches, "sleepy": sleepy, "flaky": flaky}.items():
        add(fn_id, handler, app.event(fn_id))
    # One event for the functions of all apps.
    add("fanout", fanout, "load/fanout")
