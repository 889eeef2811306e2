"""What the app serves after a deploy: `sequence` is as before, `parallel` listens to another event, the rest is gone."""

from context import Context

from .basics import sequence
from .registry import Registry


async def brand_new(_ctx: Context) -> object:
    return "new"


def register(app: Registry) -> None:
    app.add("sequence", sequence)
    app.add("parallel", lambda ctx: ctx.value("moved", "moved"), events=[app.event("moved")])
    app.add("brand-new", brand_new)
