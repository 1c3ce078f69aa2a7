"""A wall clock that a drill can move while the server runs (libfaketime).

Only the wall clock is moved. The monotonic clock, by which the server waits, goes on as it is.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LIBRARIES = ["/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib*/faketime/libfaketimeMT.so.1"]


class MovedClock:
    """The clock of the processes that get its `environment`."""

    def __init__(self, path: Path, offset: float = 0.0) -> None:
        self.path = path
        self.offset = offset
        self.move_to(offset)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": library(), "FAKETIME_TIMESTAMP_FILE": str(self.path),
            "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1"}

    def now(self) -> float:
        """What time it is there."""
        return time.time() + self.offset

    def move(self, seconds: float) -> None:
        self.move_to(self.offset + seconds)

    def move_to(self, offset: float) -> None:
        """Sets how far it is from the true time. Whoever reads it sees the old or the new one."""
        written = self.path.with_suffix(".new")
        written.write_text(f"{offset:+.3f}\n")
        os.replace(written, self.path)
        self.offset = offset


def library() -> str:
    for pattern in LIBRARIES:
        for found in Path("/").glob(pattern.lstrip("/")):
            return str(found)
    sys.exit("libfaketime is missing: `Scripts/install-packages drill` installs it.")


@contextmanager
def no_leftovers() -> Iterator[None]:
    """Removes what libfaketime leaves in shared memory where its processes were killed."""
    before = set(Path("/dev/shm").glob("*faketime_*"))
    try:
        yield
    finally:
        for left in set(Path("/dev/shm").glob("*faketime_*")) - before:
            number = left.name.rpartition("_")[2]
            if not Path(f"/proc/{number}").exists():
                left.unlink(missing_ok=True)
