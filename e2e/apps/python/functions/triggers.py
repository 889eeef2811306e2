"""What makes a function start, and what does not."""

import inngest

from context import Context

from .registry import Handler, Registry


def named(fn_id: str) -> Handler:
    """Returns its own id, so that the outputs of an event's runs tell which functions it started."""

    async def name(ctx: Context) -> object:
        return await ctx.value("name", fn_id)

    return name


def register(app: Registry) -> None:
    candidates = {
        "above": "event.data.x > 5",
        "below": "event.data.x < 5",
        "absent": "event.data.x == null",
        "tagged": "event.data.kind == 'a' && event.data.tags.exists(tag, tag == 'b')",
    }
    for fn_id, expression in candidates.items():
        trigger = inngest.TriggerEvent(event=app.event("candidate"), expression=expression)
        app.add(fn_id, named(fn_id), triggers=[trigger])

    app.add(
        "twice",
        named("twice"),
        triggers=[
            inngest.TriggerEvent(event=app.event("twice"), expression="event.data.n == 1"),
            inngest.TriggerEvent(event=app.event("twice"), expression="event.data.n < 10"),
        ],
    )
    app.add("idempotent", named("idempotent"), idempotency="event.data.key")
    app.add("plain", named("plain"))
