"""What the drivers asked and what they were told, in order, on disk.

A request is in the ledger before it is sent and a response after it was received, each flushed to
the disk before the driver goes on. So the order of the lines proves what came before what: a
request whose line follows the line of a response was sent after that response was here.
"""

from __future__ import annotations

import itertools
import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Entry = dict[str, Any]


class Ledger:
    """An append-only file of JSON lines. Threads that append together share one flush."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("ab", buffering=0)
        self._turn = threading.Condition()
        self._waiting: list[bytes] = []
        self._appended = 0
        self._durable = 0
        self._is_flushing = False
        self._numbers = itertools.count(1)

    def request(self, op: str, node: int, **facts: Any) -> int:
        """Writes down a request that is about to be sent; its number."""
        number = next(self._numbers)
        self._append({"at": "request", "id": number, "op": op, "node": node, **facts})
        return number

    def response(self, number: int, outcome: str, **facts: Any) -> None:
        """Writes down what became of a request: `answered`, `lost`, or `unsent`."""
        self._append({"at": "response", "id": number, "outcome": outcome, **facts})

    def fault(self, what: str, **facts: Any) -> None:
        """Writes down that something was broken, or is whole again."""
        self._append({"at": "fault", "what": what, **facts})

    def close(self) -> None:
        self._file.close()

    def _append(self, entry: Entry) -> None:
        with self._turn:
            # The time is taken in here, so that times and lines have the same order.
            entry["time"] = time.monotonic()
            self._waiting.append(json.dumps(entry, separators=(",", ":")).encode() + b"\n")
            self._appended += 1
            mine = self._appended
            while self._durable < mine:
                if self._is_flushing:
                    self._turn.wait()
                else:
                    self._flush()

    def _flush(self) -> None:
        """Writes everything that waits; the lock is free meanwhile."""
        self._is_flushing = True
        lines, last = b"".join(self._waiting), self._appended
        self._waiting = []
        self._turn.release()
        try:
            self._file.write(lines)
            os.fsync(self._file.fileno())
        finally:
            self._turn.acquire()
            self._durable, self._is_flushing = last, False
            self._turn.notify_all()


def entries(path: Path, start: int = 0) -> Iterator[Entry]:
    """The entries of a ledger, oldest first, beginning after so many."""
    with path.open("rb") as file:
        for line in itertools.islice(file, start, None):
            yield json.loads(line)
