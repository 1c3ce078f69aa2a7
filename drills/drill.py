"""What every drill begins and ends with: its arguments, a directory of its own, an end that cleans
up whatever happens, and the judgement."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

import blackbox  # noqa: F401  (before what it makes importable)
from cluster import Cluster
from database import Database, PostgresDatabase, SQLiteDatabase

from ledger import Ledger
from load import Load
from nodes import BINARY, Installation
from population import Tenant, populate
from replay import Replay
from stored import Stored
from verdict import Verdict

# What a drill with the mixed load has to put to the test.
ALL = ("I1", "I2", "I3", "I4", "I5", "I6", "I7", "I8")


def parser(description: str) -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--seed", type=int, default=1, help="of what is random (default: 1)")
    made.add_argument("--keep", type=Path, metavar="DIR",
                      help="copy the ledger and the logs there, also after a pass")
    return made


def main(program: Callable[[], bool]) -> None:
    """Runs a drill. It ends with 0 if it passed, 1 if it did not, and always cleans up."""
    def end(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)
    try:
        sys.exit(0 if program() else 1)
    except KeyboardInterrupt:
        sys.exit(130)


class DrillCluster(Cluster):
    """A PostgreSQL for one drill, with a database of its own."""

    def database(self) -> PostgresDatabase:
        return PostgresDatabase(self.url)


class Drill:
    """One run: a directory, a ledger, an installation and its load."""

    def __init__(self, name: str, options: argparse.Namespace) -> None:
        if not os.access(BINARY, os.X_OK):
            sys.exit(f"There is no program at {BINARY}: `make build` makes it; GATEHOUSE_BINARY "
                     "names another one.")
        self.name = name
        self.options = options
        self.directory = Path(tempfile.mkdtemp(prefix="gh-drill-"))
        self.stack = ExitStack()
        self.stack.callback(self._remove_directory)
        self.ledger = Ledger(self.directory / "ledger.jsonl")
        self.begun = time.monotonic()
        self.notes: list[str] = []
        self.passed = False

    def __enter__(self) -> Drill:
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.close()

    def install(
        self, kind: str, *, nodes: int = 1, arguments: list[str] | None = None,
        environment: dict[str, str] | None = None, directory: Path | None = None,
        url: str | None = None,
    ) -> Installation:
        """An installation on SQLite, on a PostgreSQL of the drill's own, or on the one of `url`."""
        if kind == "postgres" and url is None:
            url = self.stack.enter_context(DrillCluster()).url
        self.installation = Installation(
            directory or self.directory, nodes=nodes, database=url, arguments=arguments,
            environment=environment)
        self.stack.callback(self.installation.remove)
        self.database: Database = (
            PostgresDatabase(url) if url
            else SQLiteDatabase(self.installation.nodes[0].data / "gatehouse.db"))
        return self.installation

    def populate(self, people: int, victims: int = 1) -> list[Tenant]:
        self.tenants = populate(self.installation, people=people, victims=victims)
        return self.tenants

    @contextmanager
    def load(self, pause: float) -> Iterator[Load]:
        """Runs the mixed load beside what is in the `with`."""
        load = Load(self.installation, self.ledger, self.tenants, pause=pause,
                    seed=self.options.seed * 1000)
        begun = time.monotonic()
        load.start()
        try:
            yield load
        finally:
            load.stop_event.set()
        load.stop()
        seconds = time.monotonic() - begun
        self.notes.append(
            f"load: {load.flows} flows in {seconds:.0f} s ({load.flows / seconds:.0f}/s) by "
            f"{len(load.agents)} agents")

    def judge(self) -> Verdict:
        """Replays the ledger against the server and the database."""
        judge = Replay(self.installation, self.ledger, self.tenants).judge()
        for node in self.installation.nodes:
            node.stop()
        Stored(self.database, judge.world, judge.verdict).check()
        return judge.verdict

    def conclude(
        self, verdict: Verdict, needed: tuple[str, ...] = ALL, also: dict[str, bool] | None = None
    ) -> bool:
        """Prints the verdict. `also` are conditions of this drill besides the invariants."""
        failed = verdict.failed(needed)
        counts = ", ".join(f"{name}: {n}" for name, n in sorted(verdict.counts.items()))
        print(f"\ndrill {self.name}, {time.monotonic() - self.begun:.0f} s in all, on "
              f"{os.cpu_count()} cores with a load average of {os.getloadavg()[1]:.0f}")
        for note in self.notes:
            print(f"  {note}")
        if counts:
            print(f"  {counts}")
        if table := verdict.table(needed):
            print(table)
        for condition, holds in (also or {}).items():
            print(f"  {condition:<66} {'PASS' if holds else 'FAIL'}")
        self.passed = not failed and all((also or {}).values())
        print(f"verdict of {self.name}: {'PASS' if self.passed else 'FAIL'}", flush=True)
        return self.passed

    def _remove_directory(self) -> None:
        self.ledger.close()
        kept = self.options.keep
        if kept is None and not self.passed and self.ledger.path.stat().st_size:
            kept = Path(tempfile.mkdtemp(prefix="gh-drill-failed-"))
        if kept is not None:
            kept.mkdir(parents=True, exist_ok=True)
            for file in (self.ledger.path, *self.directory.glob("*.log")):
                if file.exists():
                    shutil.copy(file, kept)
            print(f"The ledger and the logs are in {kept}", file=sys.stderr)
        shutil.rmtree(self.directory, ignore_errors=True)


def say(what: str) -> None:
    """Tells how a drill goes on; not a part of its result."""
    print(what, file=sys.stderr, flush=True)


def spread(seconds: list[float]) -> str:
    """How long something took, told by its middle and its worst."""
    if not seconds:
        return "never"
    return f"median {statistics.median(seconds):.2f} s, worst {max(seconds):.2f} s"
