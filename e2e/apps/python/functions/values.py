"""What steps return, from nothing to too much."""

from context import Context

from .registry import Registry

MEGABYTE = 1_000_000


async def empty_values(ctx: Context) -> object:
    async def nothing() -> None:
        pass

    values = {"nothing": await ctx.run("nothing", nothing), "none": await ctx.value("none", None)}
    await ctx.tools.sleep("pause", 0)
    return {**values, "empty": await ctx.value("empty", ["", {}, [], 0, False])}


async def unicode(ctx: Context) -> object:
    text = str(ctx.event.data["text"])
    big = await ctx.value("big", text * int(ctx.event.data["times"]))
    await ctx.tools.sleep("pause", 0)
    return await ctx.value(text, big)


async def numbers(ctx: Context) -> object:
    memoized = await ctx.value(
        "numbers",
        [
            2**53 - 1, 2**53 + 2, -(2**63), 12345678901234567890, 1e21, 0.1 + 0.2, 1.5e-7, 5e-324, 1.7976931348623157e308,
            -0.5, 1.0, 0,
        ],
    )  # fmt: skip
    await ctx.tools.sleep("pause", 0)
    return await ctx.value("copy", memoized)


async def large(ctx: Context) -> object:
    lengths = []
    for i in range(5):
        lengths.append(len(await ctx.value(f"large-{i}", str(i) * (12 * MEGABYTE // 10))))
    await ctx.tools.sleep("pause", 0)
    return await ctx.value("last", lengths)


async def too_large(ctx: Context) -> object:
    return await ctx.value("too-large", "x" * (5 * MEGABYTE))


def register(app: Registry) -> None:
    app.add("empty-values", empty_values)
    app.add("unicode", unicode)
    app.add("numbers", numbers)
    app.add("large", large)
    app.add("too-large", too_large, retries=1)
