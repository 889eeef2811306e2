"""Functions that never come to an end by themselves."""

from functools import partial

from context import Context

from .registry import Registry

STEPS = 1_001


async def too_many_steps(ctx: Context) -> object:
    for i in range(STEPS):
        await ctx.value(f"step-{i}", None)
    return "not reached"


async def too_many_parallel_steps(ctx: Context) -> object:
    await ctx.group.parallel(tuple(partial(ctx.value, f"step-{i}", None) for i in range(STEPS)))
    return "not reached"


def register(app: Registry) -> None:
    app.add("too-many-steps", too_many_steps)
    app.add("too-many-parallel-steps", too_many_parallel_steps)
