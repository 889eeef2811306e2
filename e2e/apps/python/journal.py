"""What an app writes down about itself; the same lines as apps/ts/journal.ts."""

import json
import os
import time


class Journal:
    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        # A predecessor killed in the middle of a line must not spoil ours.
        os.write(self._file, b"\n")
        self.write("started", pid=os.getpid())

    def write(self, kind: str, **fields: object) -> None:
        """Synchronous, so that the line is in the kernel's hands before the app goes on."""
        entry = {"at": time.time_ns() // 1_000_000, "kind": kind, **fields}
        os.write(self._file, json.dumps(entry).encode() + b"\n")
