"""One app process. Everything about it comes from its environment; the chosen port goes to stdout."""

import asyncio
import json
import logging
import os
import socket

import fastapi
import inngest
import inngest.fast_api
import uvicorn

from functions import Registry, function_set
from journal import Journal
from record import RecordCalls


def listen(port: int) -> socket.socket:
    listener = socket.socket()
    # A restart must get the same port although old connections linger on it.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    return listener


async def main() -> None:
    app_id = os.environ["E2E_APP_ID"]
    journal = Journal(os.environ["E2E_JOURNAL"])
    client = inngest.Inngest(app_id=app_id, is_production=False, logger=logging.getLogger("uvicorn.error"))
    registry = Registry(client, journal)
    function_set(os.environ["E2E_FUNCTIONS"], registry)

    app = fastapi.FastAPI()
    inngest.fast_api.serve(app, client, registry.functions)

    listener = listen(int(os.environ["E2E_PORT"]))
    print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
    config = uvicorn.Config(RecordCalls(app, journal), log_level="warning", lifespan="off")
    await uvicorn.Server(config).serve(sockets=[listener])


asyncio.run(main())
