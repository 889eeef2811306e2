"""Waiting for events. What is waited for, and how long, is in the event."""

import datetime

import inngest

from context import Context

from .registry import Handler, Registry


def patience(ctx: Context) -> datetime.timedelta:
    return datetime.timedelta(seconds=int(ctx.event.data["seconds"]))


def told(event: inngest.Event | None) -> object:
    return "timeout" if event is None else {"name": event.name, "n": event.data["n"]}


def register(app: Registry) -> None:
    def awaited(ctx: Context) -> str:
        return app.event(str(ctx.event.data["for"]))

    def waiting(condition: str | None) -> Handler:
        async def wait(ctx: Context) -> object:
            await ctx.value("before", None)
            event = await ctx.tools.wait_for_event("wait", event=awaited(ctx), if_exp=condition, timeout=patience(ctx))
            return await ctx.value("after", told(event))

        return wait

    async def wait_beside_send(ctx: Context) -> object:
        event = inngest.Event(name=awaited(ctx), data={"n": ctx.event.data["n"]})
        received, _ = await ctx.group.parallel(
            (
                lambda: ctx.tools.wait_for_event("wait", event=event.name, timeout=patience(ctx)),
                lambda: ctx.tools.send_event("send", event),
            ),
        )
        return await ctx.value("after", told(received))

    app.add("wait", waiting(None))
    app.add("wait-self", waiting(None))
    app.add("wait-if", waiting("event.data.id == async.data.id"))
    app.add("wait-invalid", waiting("event.data.id =="))
    app.add("wait-beside-send", wait_beside_send)
