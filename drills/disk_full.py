#!/usr/bin/env python3
"""Fills the disk under load, and makes room again."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from argparse import Namespace
from pathlib import Path

import drill
from failover import WRITES, Watch
from ledger import Entry, entries
from load import Load
from verdict import Verdict

DESCRIPTION = """\
The disk of the data directory is full, under mixed load, on SQLite.

The data directory is a small file system in memory (tmpfs), which needs root. It is filled
to the last byte for some seconds and emptied again, twice.

Proves I1 to I8; that writes get 503 with Retry-After, and quickly; that discovery and key
set are answered all the time; and that it writes again by itself within 10 s after there is
room."""


def program() -> bool:
    parser = drill.parser(DESCRIPTION)
    parser.add_argument("--rounds", type=int, default=2, help="how often (default: 2)")
    parser.add_argument("--seconds", type=float, default=8,
                        help="how long the disk is full (default: 8)")
    parser.add_argument("--size", default="256m", help="of the file system (default: 256m)")
    parser.add_argument("--people", type=int, default=12, help="how many at once (default: 12)")
    parser.add_argument("--pause", type=float, default=0.08)
    options = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("The drill disk-full mounts a small file system, and needs root for that.")
    with drill.Drill("disk-full", options) as run:
        data = run.directory / "data-0"
        data.mkdir(mode=0o700)
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={options.size},mode=0700", "tmpfs", data],
            check=True)
        run.stack.callback(unmount, data)
        run.install("sqlite")
        run.installation.start()
        run.populate(options.people)
        watch = Watch(run)
        watch.start()
        with run.load(options.pause) as load:
            full = fill_and_empty(run, data, options, load)
        watch.over.set()
        watch.join()
        verdict = run.judge()
        return conclude(run, verdict, watch, Measured(list(entries(run.ledger.path)), full))


def unmount(path: Path) -> None:
    subprocess.run(["umount", "--lazy", path], check=True)


def fill_and_empty(
    run: drill.Drill, data: Path, options: Namespace, load: Load
) -> list[tuple[float, float]]:
    """When the disk was full: from and until."""
    full = []
    for number in range(options.rounds):
        time.sleep(6)
        load.raise_error()
        filler = data / "filler"
        run.ledger.fault("disk full")
        begun = time.monotonic()
        while time.monotonic() < begun + options.seconds:
            fill(filler)
            time.sleep(0.05)
        filler.unlink()
        full.append((begun, time.monotonic()))
        run.ledger.fault("room again")
        drill.say(f"full and empty again: {number + 1} of {options.rounds}")
    time.sleep(11)
    return full


def fill(path: Path) -> None:
    """Takes all the space there is."""
    with path.open("ab", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            try:
                while file.write(b"\0" * size):
                    pass
            except OSError:
                pass


class Measured:
    """What the ledger tells about the time in which the disk was full."""

    def __init__(self, ledger: list[Entry], full: list[tuple[float, float]]) -> None:
        asked = {e["id"]: e for e in ledger if e["at"] == "request" and e["op"] in WRITES}
        self.refusals: list[float] = []
        self.recoveries: list[float] = []
        last, first = [until for _, until in full], [float("inf")] * len(full)
        for entry in ledger:
            if entry["at"] != "response" or entry["id"] not in asked:
                continue
            sent = asked[entry["id"]]["time"]
            if entry.get("status") == 503:
                self.refusals.append(entry["time"] - sent)
            for number, (_, until) in enumerate(full):
                ends = full[number + 1][0] if number + 1 < len(full) else float("inf")
                if not until < sent < ends:
                    continue
                if entry.get("status") == 503:
                    last[number] = max(last[number], entry["time"])
                elif entry.get("status") == 200:
                    first[number] = min(first[number], entry["time"])
        for number, (_, until) in enumerate(full):
            self.recoveries.append(max(first[number], last[number]) - until)


def conclude(run: drill.Drill, verdict: Verdict, watch: Watch, measured: Measured) -> bool:
    refusals = sorted(measured.refusals)
    p99 = refusals[int(len(refusals) * 0.99)] if refusals else 0.0
    run.notes[:0] = [
        f"{len(refusals)} writes got 503, p99 after {p99:.2f} s",
        f"writes as before, after there was room: {drill.spread(measured.recoveries)}",
        f"discovery and keys: {watch.asked} asked, {sum(watch.failed.values())} failed "
        f"{dict(watch.failed) or ''}"]
    return run.conclude(verdict, also={
        "writes get 503 while the disk is full": len(refusals) > 0,
        "these come within a second (p99)": p99 <= 1,
        "it writes again by itself within 10 s": max(measured.recoveries) <= 10,
        "discovery and keys are answered all the time": not watch.failed})


if __name__ == "__main__":
    drill.main(program)
