"""What a function gets: the SDK's context with every step execution written down."""

from __future__ import annotations

from collections import Counter
from typing import Awaitable, Callable, TypeVar

import inngest

from journal import Journal

T = TypeVar("T")


class Context:
    def __init__(self, sdk: inngest.Context, journal: Journal) -> None:
        self.event = sdk.event
        self.events = sdk.events
        self.attempt = sdk.attempt
        self.tools = sdk.step
        self.group = sdk.group
        self._run = sdk.run_id
        self._journal = journal
        self._uses: Counter[str] = Counter()

    async def run(self, step_id: str, work: Callable[[], Awaitable[T]]) -> T:
        """`step.run` with a journal."""
        step = {"run": self._run, "step": self._key(step_id), "attempt": self.attempt}

        async def journalled() -> T:
            self._journal.write("step", **step)
            try:
                value = await work()
            except Exception as error:
                self._journal.write("step-failed", **step, error=str(error))
                raise
            self._journal.write("step-done", **step)
            return value

        return await self.tools.run(step_id, journalled)

    async def value(self, step_id: str, value: T) -> T:
        """A step that returns what is known already."""

        async def work() -> T:
            return value

        return await self.run(step_id, work)

    def note(self, name: str, value: object) -> None:
        self._journal.write("note", run=self._run, name=name, value=value)

    def _key(self, step_id: str) -> str:
        """The SDK tells repeated ids apart by a counter; the journal has to do the same."""
        uses = self._uses[step_id]
        self._uses[step_id] += 1
        return step_id if uses == 0 else f"{step_id}:{uses}"
