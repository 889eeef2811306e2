"""Errors in steps and between them."""

import inngest

from context import Context

from .registry import Registry


def too_early(ctx: Context, times: int) -> dict[str, int]:
    """Fails so many times."""
    if ctx.attempt < times:
        raise Exception(f"attempt {ctx.attempt} is too early")
    return {"attempt": ctx.attempt}


async def boom() -> None:
    raise TypeError("boom for good")


async def step_retry(ctx: Context) -> object:
    async def flaky() -> dict[str, int]:
        return too_early(ctx, 2)

    await ctx.value("before", None)
    result = await ctx.run("flaky", flaky)
    return await ctx.value("after", result)


async def step_fails(ctx: Context) -> None:
    await ctx.value("before", None)
    await ctx.run("boom", boom)


async def step_caught(ctx: Context) -> object:
    try:
        await ctx.run("boom", boom)
    except inngest.StepError as error:
        return await ctx.value("recover", {"caught": error.message})
    return "not reached"


async def step_fatal(ctx: Context) -> object:
    async def fatal() -> None:
        raise inngest.NonRetriableError("never again")

    return await ctx.run("fatal", fatal)


async def body_fatal(ctx: Context) -> None:
    await ctx.value("before", None)
    ctx.note("body", ctx.attempt)
    raise inngest.NonRetriableError("never again")


async def step_retry_after(ctx: Context) -> object:
    async def patient() -> str:
        if ctx.attempt == 0:
            raise inngest.RetryAfterError("later", int(ctx.event.data["delayMs"]))
        return "patient"

    return await ctx.run("patient", patient)


async def body_retry_after(ctx: Context) -> object:
    ctx.note("body", ctx.attempt)
    if ctx.attempt == 0:
        raise inngest.RetryAfterError("later", int(ctx.event.data["delayMs"]))
    return await ctx.value("patient", "patient")


async def body_retry(ctx: Context) -> object:
    await ctx.value("before", None)
    ctx.note("body", ctx.attempt)
    return too_early(ctx, 2)


async def only_boom(ctx: Context) -> None:
    await ctx.run("boom", boom)


async def no_retries_body(ctx: Context) -> None:
    ctx.note("body", ctx.attempt)
    await boom()


def register(app: Registry) -> None:
    app.add("step-retry", step_retry)
    app.add("step-fails", step_fails, retries=1)
    app.add("step-caught", step_caught, retries=1)
    app.add("step-fatal", step_fatal)
    app.add("body-fatal", body_fatal)
    app.add("step-retry-after", step_retry_after)
    app.add("body-retry-after", body_retry_after)
    app.add("body-retry", body_retry)
    app.add("no-retries", only_boom, retries=0)
    app.add("no-retries-body", no_retries_body, retries=0)
