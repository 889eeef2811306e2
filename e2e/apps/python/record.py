"""Writes every call of the server down before the SDK sees it."""

import json
import urllib.parse
from typing import Any

from journal import Journal


class RecordCalls:
    """ASGI middleware."""

    def __init__(self, app: Any, journal: Journal) -> None:
        self._app = app
        self._journal = journal

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return

        body = b""
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
        self._record(scope["query_string"].decode(), body)

        replayed = False

        async def replay() -> Any:
            nonlocal replayed
            if replayed:
                return await receive()
            replayed = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, replay, send)

    def _record(self, query_string: str, bytes_: bytes) -> None:
        query = dict(urllib.parse.parse_qsl(query_string))
        if "fnId" not in query:
            return
        body = json.loads(bytes_)
        ctx = body["ctx"]
        self._journal.write(
            "call",
            run=ctx["run_id"],
            fn=query["fnId"],
            target=query.get("stepId", ""),
            attempt=ctx["attempt"],
            event=body["event"]["id"],
            useApi=ctx["use_api"],
            memoized=list(body["steps"]),
            stack=ctx["stack"]["stack"] or [],
        )
