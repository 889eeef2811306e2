"""Functions that run other functions, and those that are run."""

import datetime
from typing import Awaitable, Callable

import inngest

from context import Context

from .registry import Handler, Registry


async def child(ctx: Context) -> object:
    double = await ctx.value("double", int(ctx.event.data["n"]) * 2)
    return {"double": double, "event": ctx.event.name}


async def child_fails(_ctx: Context) -> None:
    raise ArithmeticError("the child says no")


async def child_slow(ctx: Context) -> object:
    await ctx.tools.sleep("pause", datetime.timedelta(seconds=4))
    ctx.note("slow", ctx.event.data["id"])
    return "late"


async def caught(ctx: Context) -> object:
    data = ctx.event.data
    try:
        await ctx.tools.invoke_by_id(
            "call",
            function_id=str(data["target"]),
            data={"id": data["id"]},
            timeout=datetime.timedelta(seconds=int(data["seconds"])),
        )
    except inngest.StepError as error:
        return await ctx.value("recover", {"name": error.name, "message": error.message})
    return "not reached"


def invoker(call: Callable[[Context, dict[str, object]], Awaitable[object]]) -> Handler:
    async def invoke(ctx: Context) -> object:
        await ctx.value("before", None)
        result = await call(ctx, {"n": ctx.event.data.get("n")})
        return await ctx.value("after", result)

    return invoke


def register(app: Registry) -> None:
    app.add("child", child)
    app.add("child-fails", child_fails, retries=1)
    app.add("child-slow", child_slow)
    app.add("by-id", invoker(lambda ctx, data: ctx.tools.invoke_by_id("call", function_id="child", data=data)))
    app.add(
        "by-reference",
        invoker(lambda ctx, data: ctx.tools.invoke("call", function=app.function("child"), data=data)),
    )
    app.add(
        "other-app",
        invoker(
            lambda ctx, data: ctx.tools.invoke_by_id(
                "call", app_id=str(ctx.event.data["app"]), function_id="child", data=data
            ),
        ),
    )
    app.add("uncaught", invoker(lambda ctx, data: ctx.tools.invoke_by_id("call", function_id="child-fails", data=data)))
    app.add("caught", caught)
