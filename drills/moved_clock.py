"""A wall clock that a drill can move while the server runs.

Only the wall clock is moved. The monotonic clock, by which the server waits, goes on as it is.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
import sys
import time
from pathlib import Path

SOURCE = Path(__file__).with_suffix(".c")


class MovedClock:
    """The clock of the processes that get its `environment`."""

    def __init__(self, path: Path, offset: float = 0.0) -> None:
        self.path = path
        self.library = built(path.parent / "moved_clock.so")
        path.write_bytes(bytes(8))
        self.move_to(offset)

    @property
    def environment(self) -> dict[str, str]:
        return {"LD_PRELOAD": str(self.library), "DRILL_CLOCK": str(self.path)}

    def now(self) -> float:
        """What time it is there."""
        return time.time() + self.offset

    def move(self, seconds: float) -> None:
        self.move_to(self.offset + seconds)

    def move_to(self, offset: float) -> None:
        """Sets how far it is from the true time: eight bytes in place, which are mapped there."""
        with self.path.open("r+b", buffering=0) as file:
            file.write(struct.pack("=q", round(offset * 1e9)))
        self.offset = offset


def built(library: Path) -> Path:
    """Compiles what is put before the C library, unless it is there already."""
    if not library.exists():
        compiler = shutil.which("cc") or shutil.which("clang")
        if compiler is None:
            sys.exit("A C compiler is missing; the one of the Swift toolchain is called clang.")
        subprocess.run(
            [compiler, "-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", library, SOURCE,
             "-ldl", "-pthread"], check=True)
    return library
