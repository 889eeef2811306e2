"""Collects the functions of an app."""

from __future__ import annotations

from typing import Any, Awaitable, Callable, TypedDict

import inngest

from context import Context
from journal import Journal

Handler = Callable[[Context], Awaitable[Any]]


class FlowControl(TypedDict, total=False):
    """What only a few functions ask for, as the SDK calls it."""

    batch_events: inngest.Batch
    concurrency: list[inngest.Concurrency]
    debounce: inngest.Debounce
    priority: inngest.Priority
    rate_limit: inngest.RateLimit
    singleton: inngest.Singleton
    throttle: inngest.Throttle


class Registry:
    def __init__(self, client: inngest.Inngest, journal: Journal) -> None:
        self.functions: list[inngest.Function[Any]] = []
        self._client = client
        self._journal = journal

    def function(self, fn_id: str) -> inngest.Function[Any]:
        """The function as the SDK made it."""
        return next(function for function in self.functions if function.local_id == fn_id)

    def event(self, name: str) -> str:
        """The app's own event of this name, so that apps on one server do not trigger each other."""
        return f"{self._client.app_id}/{name}"

    def ends_run_of(self, fn_id: str) -> str:
        """What is true of the events that tell of the end of a run of this function."""
        return f"event.data.function_id == '{self._client.app_id}-{fn_id}'"

    def add(
        self,
        fn_id: str,
        handler: Handler,
        *,
        events: list[str] | None = None,
        triggers: list[inngest.TriggerEvent | inngest.TriggerCron] | None = None,
        retries: int | None = None,
        on_failure: Handler | None = None,
        cancel: list[inngest.Cancel] | None = None,
        timeouts: inngest.Timeouts | None = None,
        idempotency: str | None = None,
        flow: FlowControl | None = None,
    ) -> None:
        """Without `events` and `triggers` the function listens to the app's event of its own name."""
        create = self._client.create_function(
            fn_id=fn_id,
            trigger=triggers or [inngest.TriggerEvent(event=event) for event in events or [self.event(fn_id)]],
            retries=retries,
            on_failure=None if on_failure is None else self._wrap(on_failure),
            cancel=cancel,
            timeouts=timeouts,
            idempotency=idempotency,
            **(flow or {}),
        )
        self.functions.append(create(self._wrap(handler)))

    def _wrap(self, handler: Handler) -> Callable[[inngest.Context], Awaitable[Any]]:
        async def wrapped(ctx: inngest.Context) -> Any:
            return await handler(Context(ctx, self._journal))

        return wrapped
