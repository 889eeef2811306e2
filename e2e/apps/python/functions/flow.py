"""Functions that may not run as often, or as many at once, as they are triggered."""

import asyncio
import datetime

import inngest

from context import Context

from .registry import FlowControl, Registry

KEY = "event.data.key"


def seconds(number: float) -> datetime.timedelta:
    return datetime.timedelta(seconds=number)


async def working(ctx: Context) -> object:
    """Works as long as its event says, and returns the event's number."""

    async def work() -> object:
        await asyncio.sleep(ctx.event.data.get("ms", 0) / 1000)
        return ctx.event.data.get("n")

    return await ctx.run("work", work)


async def sleeping(ctx: Context) -> object:
    await ctx.value("before", None)
    await ctx.tools.sleep("pause", seconds(4))
    return await ctx.value("after", "rested")


async def batched(ctx: Context) -> object:
    return await ctx.value("numbers", [event.data["n"] for event in ctx.events])


def register(app: Registry) -> None:
    shared = FlowControl(concurrency=[inngest.Concurrency(limit=1, key=KEY, scope="env")])
    app.add("plain", working)
    app.add("one-asleep", sleeping, flow={"concurrency": [inngest.Concurrency(limit=1)]})
    app.add("one-per-key", working, flow={"concurrency": [inngest.Concurrency(limit=1, key=KEY)]})
    app.add("shared-one", working, events=[app.event("shared")], flow=shared)
    app.add("shared-two", working, events=[app.event("shared")], flow=shared)
    app.add("pair", working, flow={"concurrency": [inngest.Concurrency(limit=2, key=KEY)]})
    app.add("throttled", working, flow={"throttle": inngest.Throttle(limit=1, period=seconds(5), burst=2)})
    app.add("limited", working, flow={"rate_limit": inngest.RateLimit(limit=10, period=seconds(60))})
    app.add("debounced", working, flow={"debounce": inngest.Debounce(period=seconds(4), key=KEY)})
    app.add(
        "debounced-at-most",
        working,
        flow={"debounce": inngest.Debounce(period=seconds(4), timeout=seconds(3), key=KEY)},
    )
    app.add(
        "prioritised",
        working,
        flow={"concurrency": [inngest.Concurrency(limit=1)], "priority": inngest.Priority(run="event.data.priority")},
    )
    app.add(
        "batched",
        batched,
        flow={"batch_events": inngest.Batch(max_size=3, timeout=seconds(3), key=KEY, if_exp="event.data.collect")},
    )
    app.add("first-only", sleeping, flow={"singleton": inngest.Singleton(key=KEY, mode="skip")})
    app.add("last-only", sleeping, flow={"singleton": inngest.Singleton(key=KEY, mode="cancel")})
    app.add("frail", sleeping, retries=0)
