"""Functions that listen to what the server itself sends when runs end, and some that end."""

from context import Context

from .registry import Registry


async def succeeds(_ctx: Context) -> object:
    return {"fine": True}


async def fails(_ctx: Context) -> None:
    raise ArithmeticError("out of range")


async def on_failure(ctx: Context) -> None:
    data = ctx.event.data
    ctx.note("on-failure", {"message": data["error"]["message"], "data": data})


async def on_failed(ctx: Context) -> None:
    ctx.note("failed", ctx.event.model_dump())


async def on_finished(ctx: Context) -> None:
    ctx.note("finished", ctx.event.model_dump())


def register(app: Registry) -> None:
    app.add("succeeds", succeeds)
    app.add("fails", fails, retries=0)
    app.add("with-handler", fails, retries=0, on_failure=on_failure)
    app.add("on-failed", on_failed, events=["inngest/function.failed"])
    app.add("on-finished", on_finished, events=["inngest/function.finished"])
