"""Steps side by side."""

import datetime

from context import Context

from .registry import Registry


async def parallel(ctx: Context) -> object:
    parts = await ctx.group.parallel(
        (lambda: ctx.value("a", 1), lambda: ctx.value("b", 2), lambda: ctx.value("c", 3)),
    )
    return await ctx.value("after", sum(parts))


async def branches(ctx: Context) -> object:
    async def branch(name: str) -> str:
        one = await ctx.value(f"{name}1", name)
        two = await ctx.value(f"{name}2", f"{one}-2")
        return await ctx.value(f"{name}3", f"{two}-3")

    left, right = await ctx.group.parallel((lambda: branch("left"), lambda: branch("right")))
    return await ctx.value("join", {"left": left, "right": right})


async def parallel_retry(ctx: Context) -> object:
    async def flaky() -> str:
        if ctx.attempt == 0:
            raise Exception("not yet")
        return "flaky"

    both = await ctx.group.parallel((lambda: ctx.value("steady", "steady"), lambda: ctx.run("flaky", flaky)))
    return await ctx.value("after", list(both))


async def parallel_sleep(ctx: Context) -> object:
    await ctx.group.parallel(
        (lambda: ctx.value("beside", None), lambda: ctx.tools.sleep("pause", datetime.timedelta(seconds=1))),
    )
    return await ctx.value("after", "rested")


def register(app: Registry) -> None:
    app.add("parallel", parallel)
    app.add("branches", branches)
    app.add("parallel-retry", parallel_retry)
    app.add("parallel-sleep", parallel_sleep)
