"""Functions that are cancelled while they sleep, wait or execute."""

import asyncio
import datetime
from typing import Awaitable, Callable

import inngest

from context import Context

from .registry import Handler, Registry

MINUTE = datetime.timedelta(minutes=1)


def paused(pause: Callable[[Context], Awaitable[object]]) -> Handler:
    async def pausing(ctx: Context) -> object:
        await ctx.value("before", None)
        await pause(ctx)
        return await ctx.value("after", "not cancelled")

    return pausing


async def asleep(ctx: Context) -> None:
    await ctx.tools.sleep("pause", MINUTE)


async def executing(ctx: Context) -> object:
    async def work() -> str:
        await asyncio.sleep(2)
        return "done"

    return await ctx.run("long", work)


async def on_failure(ctx: Context) -> None:
    ctx.note("on-failure", ctx.event.data["run_id"])


async def on_cancelled(ctx: Context) -> None:
    ctx.note("cancelled", ctx.event.model_dump())


async def passer_by(ctx: Context) -> object:
    return await ctx.value("work", "passed")


def register(app: Registry) -> None:
    async def waiting(ctx: Context) -> object:
        return await ctx.tools.wait_for_event("pause", event=app.event("never"), timeout=MINUTE)

    cancel = [inngest.Cancel(event=app.event("cancel"), if_exp="event.data.id == async.data.id")]
    seconds = datetime.timedelta(seconds=2)
    app.add("asleep", paused(asleep), on_failure=on_failure, cancel=cancel)
    app.add("waiting", paused(waiting), on_failure=on_failure, cancel=cancel)
    app.add("executing", paused(executing), on_failure=on_failure, cancel=cancel)
    app.add("plain", paused(asleep), on_failure=on_failure)
    app.add("never-starts", paused(asleep), on_failure=on_failure, timeouts=inngest.Timeouts(start=seconds))
    app.add("never-finishes", paused(asleep), on_failure=on_failure, timeouts=inngest.Timeouts(finish=seconds))
    app.add("on-cancelled", on_cancelled, events=["inngest/function.cancelled"])
    app.add("passer-by", passer_by)
