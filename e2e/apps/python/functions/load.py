"""What runs while things are being killed. Steps take a moment, so that a kill can hit one in the middle."""

import asyncio
import datetime
from typing import Awaitable, Callable, TypeVar

import inngest

from context import Context

from .registry import Handler, Registry

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


async def parent(ctx: Context, n: int) -> object:
    before = await work(ctx, "before", n)
    result = await ctx.tools.invoke_by_id("call", function_id="child", data={"n": before})
    return await work(ctx, "after", result)


async def child(ctx: Context, n: int) -> object:
    ctx.note("child", n)
    one = await work(ctx, "one", n + 1)
    await ctx.tools.sleep("pause", datetime.timedelta(seconds=1))
    return await work(ctx, "two", one * 2)


async def cancellable(ctx: Context, n: int) -> object:
    await work(ctx, "before", n)
    await ctx.tools.sleep("pause", datetime.timedelta(minutes=10))
    return await work(ctx, "after", n)


async def on_cancelled(ctx: Context) -> None:
    ctx.note("cancelled", ctx.event.data["run_id"])


async def tick(ctx: Context) -> object:
    async def ticked() -> str:
        ctx.note("tick", ctx.event.data["scheduledAt"])
        return "ticked"

    return await ctx.run("work", ticked)


def numbered(handler: Callable[[Context, int], Awaitable[object]]) -> Handler:
    return lambda ctx: handler(ctx, int(ctx.event.data["n"]))


def register(app: Registry) -> None:
    for fn_id, handler in {"seq": seq, "par": par, "branches": branches, "sleepy": sleepy, "flaky": flaky}.items():
        app.add(fn_id, numbered(handler), retries=RETRIES)
    # One event for the functions of all apps.
    app.add("fanout", numbered(fanout), events=["load/fanout"], retries=RETRIES)
    register_pausing(app)


def register_pausing(app: Registry) -> None:
    """Functions that pause until something happens."""
    same_id = "event.data.id == async.data.id"

    async def waiting(ctx: Context, n: int) -> object:
        await work(ctx, "before", n)
        patience = datetime.timedelta(seconds=int(ctx.event.data["seconds"]))
        answer = await ctx.tools.wait_for_event("wait", event=app.event("answer"), if_exp=same_id, timeout=patience)
        return await work(ctx, "after", "timeout" if answer is None else answer.data["n"])

    app.add("waiting", numbered(waiting), retries=RETRIES)
    app.add("parent", numbered(parent), retries=RETRIES)
    app.add("child", numbered(child), retries=RETRIES)
    cancel = [inngest.Cancel(event=app.event("cancel"), if_exp=same_id)]
    app.add("cancellable", numbered(cancellable), retries=RETRIES, cancel=cancel)
    cancelled = inngest.TriggerEvent(event="inngest/function.cancelled", expression=app.ends_run_of("cancellable"))
    app.add("on-cancelled", on_cancelled, triggers=[cancelled], retries=RETRIES)
    app.add("tick", tick, triggers=[inngest.TriggerCron(cron="* * * * *")], retries=RETRIES)
