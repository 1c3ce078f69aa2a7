#!/usr/bin/env python3
"""Stops, restarts and fails over PostgreSQL under load."""

from __future__ import annotations

import threading
import time
from argparse import Namespace
from collections import Counter
from typing import Any

import drill
from ledger import Entry, entries
from load import Load
from replicas import Pair
from wire import Connection, Lost, Unsent

DESCRIPTION = """\
PostgreSQL is restarted, and failed over to a synchronous standby, under mixed load on three
nodes.

Two servers run on loopback; `synchronous_standby_names` makes every commit wait for the
standby. For a fail-over replication hangs for a moment (--lag), all processes of the
primary get kill -9, and the standby is promoted. Then the roles change, and it happens
again.

Proves I1 to I8, that writes succeed again within 30 s at every node, and that discovery and
key set are answered all the time.

With --asynchronous, commits do not wait for the standby. That loses acknowledged commits,
and this drill must see it: a control, which passes if there are violations."""

WRITES = ("refresh", "redeem", "revoke", "sign_in")
KEYS_AND_DISCOVERY = ("/.well-known/openid-configuration", "/.well-known/jwks.json")


class Watch(threading.Thread):
    """Asks every node for discovery and keys, all the time."""

    def __init__(self, run: drill.Drill) -> None:
        super().__init__(daemon=True)
        self.over = threading.Event()
        self.asked = 0
        self.failed: Counter[str] = Counter()
        self.connections = [
            Connection(node.port, run.installation.host) for node in run.installation.nodes]
        self.path = run.tenants[0].native.path

    def run(self) -> None:
        while not self.over.wait(0.05):
            for connection in self.connections:
                for path in KEYS_AND_DISCOVERY:
                    self.asked += 1
                    try:
                        status = str(connection.send("GET", self.path + path).status)
                    except (Lost, Unsent) as failure:
                        status = type(failure).__name__
                    if status != "200":
                        self.failed[f"{path.rpartition('/')[2]} {status}"] += 1


def program() -> bool:
    parser = drill.parser(DESCRIPTION)
    parser.add_argument("--restarts", type=int, default=2, help="planned ones (default: 2)")
    parser.add_argument("--failovers", type=int, default=3, help="how many (default: 3)")
    parser.add_argument("--lag", type=float, default=1.0,
                        help="seconds that replication hangs before the end (default: 1)")
    parser.add_argument("--detection", type=float, default=2.0,
                        help="seconds until the standby is promoted (default: 2)")
    parser.add_argument("--people", type=int, default=18, help="how many at once (default: 18)")
    parser.add_argument("--pause", type=float, default=0.08)
    parser.add_argument("--asynchronous", action="store_true",
                        help="the control: commits do not wait for the standby")
    options = parser.parse_args()
    with drill.Drill("failover", options) as run:
        pair = run.stack.enter_context(Pair(not options.asynchronous))
        run.install("postgres", nodes=3, url=pair.url)
        run.installation.start()
        run.populate(options.people)
        watch = Watch(run)
        watch.start()
        with run.load(options.pause) as load:
            faults = break_it(run, pair, options, load)
        watch.over.set()
        watch.join()
        # The database is looked at where it is now.
        run.database.url = pair.primary.url
        verdict = run.judge()
        outages = write_outages(list(entries(run.ledger.path)), faults)
        run.notes[:0] = [
            f"nodes 3, restarts {options.restarts}, fail-overs {options.failovers}, replication "
            f"{'asynchronous' if options.asynchronous else 'synchronous'}"]
        for name in ("restart", "failover"):
            run.notes.append(f"writes again at every node after a {name}: "
                             f"{drill.spread([s for kind, s in outages if kind == name])}")
        run.notes.append(f"discovery and keys: {watch.asked} asked, "
                         f"{sum(watch.failed.values())} failed {dict(watch.failed) or ''}")
        if options.asynchronous:
            return control(run, verdict)
        return run.conclude(verdict, also={
            "writes succeed again within 30 s, at every node":
                len(outages) == len(faults) and all(s <= 30 for _, s in outages),
            "discovery and keys are answered all the time": not watch.failed})


def break_it(
    run: drill.Drill, pair: Pair, options: Namespace, load: Load
) -> list[tuple[str, float]]:
    """Restarts and fails over; when each outage began."""
    faults = []
    for number in range(options.restarts):
        settle(load)
        faults.append(("restart", time.monotonic()))
        run.ledger.fault("restart")
        pair.primary.stop()
        time.sleep(1)
        pair.primary.start()
        drill.say(f"restart {number + 1} of {options.restarts}")
    for number in range(options.failovers):
        settle(load)
        pair.primary.freeze_replication()
        time.sleep(options.lag)
        run.ledger.fault("failover")
        pair.primary.kill()
        faults.append(("failover", time.monotonic()))
        time.sleep(options.detection)
        pair.fail_over()
        drill.say(f"fail-over {number + 1} of {options.failovers}")
        settle(load)
        pair.follow()
    settle(load)
    return faults


def settle(load: Load, seconds: float = 6) -> None:
    time.sleep(seconds)
    load.raise_error()


def write_outages(ledger: list[Entry], faults: list[tuple[str, float]]) -> list[tuple[str, float]]:
    """For each fault, how long until a write that was sent after it had succeeded at every node."""
    open_requests: dict[int, Entry] = {}
    successes: list[tuple[float, float, int]] = []
    for entry in ledger:
        if entry["at"] == "request" and entry["op"] in WRITES:
            open_requests[entry["id"]] = entry
        elif entry["at"] == "response" and (asked := open_requests.pop(entry["id"], None)):
            if entry.get("status") in (200, 303) and not entry.get("error"):
                successes.append((asked["time"], entry["time"], asked["node"]))
    outages = []
    for name, begun in faults:
        first: dict[int, float] = {}
        for sent, answered, node in successes:
            if sent > begun and node not in first:
                first[node] = answered - begun
        if len(first) == 3:
            outages.append((name, max(first.values())))
    return outages


def control(run: drill.Drill, verdict: Any) -> bool:
    """Passes if the judge saw that acknowledged commits were lost."""
    run.conclude(verdict)
    seen = sum(len(verdict.violations[name]) for name in ("I1", "I2", "I3"))
    run.passed = seen > 0
    print(f"control: with asynchronous replication the judge sees {seen} violations of I1 to I3: "
          f"{'PASS, it can fail' if seen else 'FAIL, it sees nothing'}")
    return run.passed


if __name__ == "__main__":
    drill.main(program)
