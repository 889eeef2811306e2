"""A function that is due every minute, which is as often as a schedule can be."""

import inngest

from context import Context

from .registry import Registry


async def tick(ctx: Context) -> object:
    ctx.note("tick", ctx.event.model_dump())
    return await ctx.value("work", "ticked")


def register(app: Registry) -> None:
    # The event only shows that the app is there.
    app.add("tick", tick, triggers=[inngest.TriggerCron(cron="* * * * *"), inngest.TriggerEvent(event=app.event("tick"))])
