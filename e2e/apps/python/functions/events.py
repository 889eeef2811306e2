"""Functions that send events, or share one."""

import inngest

from context import Context

from .registry import Registry


def register(app: Registry) -> None:
    async def sender(ctx: Context) -> object:
        event = inngest.Event(name=app.event("receiver"), data={"from": ctx.event.data["tag"]})
        await ctx.tools.send_event("send", event)
        return await ctx.value("after", "sent")

    app.add("sender", sender)
    app.add("receiver", lambda ctx: ctx.value("receive", ctx.event.data["from"]))
    app.add("shared-one", lambda ctx: ctx.value("work", "one"), events=[app.event("shared")])
    app.add("shared-two", lambda ctx: ctx.value("work", "two"), events=[app.event("shared"), app.event("other")])
