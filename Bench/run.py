#!/usr/bin/env python3
"""Measures Gatehouse beside a bare route of the same server, in one run.

    python3 Bench/run.py --quick                          two minutes, SQLite
    python3 Bench/run.py --quick --only machine,refresh   some operations
    python3 Bench/run.py --base .build/bench/before.json  compare with a saved run

GATEHOUSE_TEST_BINARY names the program; without it .build/release/gatehouse is measured. What
counts is the server's CPU time for a request, and its ratio to `/livez`, which does nothing but
answer: machines are noisy, ratios less so. Each figure is the median of rounds taken in turns.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import signal
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import load
import machine
import members
import portal
import printed
from document import write_document
from figures import Figure, Report, Table
from installation import ROOT, Installation
from memory import grow
from operations import OPERATIONS, Operation, Run, client_credentials, named
from postgres import Cluster
from scales import Scale, database_address, new_data, scales
from scene import Scene

LATEST = ROOT / ".build/bench/latest.json"
DOCUMENT = ROOT / "docs/explanation/performance.md"
STARTS = 5
TENANTS = 10_000
SESSIONS = 1_000_000


@dataclass(frozen=True)
class Plan:
    """What a run measures."""

    operations: list[Operation]
    databases: list[str]
    scales: list[Scale]
    connections: list[int]
    seconds: int
    rounds: int
    log_level: str
    memory: bool

    @property
    def is_whole(self) -> bool:
        """True if it is what the document shows."""
        return (
            len(self.operations) == len(OPERATIONS) and len(self.databases) == 2
            and self.scales == list(scales(TENANTS, SESSIONS).values())
            and self.connections == [1, 32])


def main() -> None:
    # Ends what was started, too, when this is told to end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    options = parsed()
    plan = plan_of(options)
    if options.organizations:
        with Cluster() if "postgres" in plan.databases else contextlib.nullcontext() as cluster:
            members.run(plan.databases, cluster, plan.seconds, plan.rounds,
                        DOCUMENT if len(plan.databases) == 2 else None)
        return
    if options.portal:
        with Cluster() if "postgres" in plan.databases else contextlib.nullcontext() as cluster:
            portal.run(plan.databases, cluster)
        return
    base = Report.load(options.base) if options.base else None
    report = Report(
        datetime.datetime.now().isoformat(timespec="seconds"), machine.facts(),
        {"seconds": plan.seconds, "rounds": plan.rounds, "log_level": plan.log_level})
    print(", ".join(f"{name} {value}" for name, value in report.machine.items()))
    with Cluster() if "postgres" in plan.databases else contextlib.nullcontext() as cluster:
        if cluster:
            report.machine["postgresql"] = cluster.version
        for database in plan.databases:
            for scale in plan.scales:
                report.tables.append(measure(plan, report, database, scale, cluster))
                report.save(options.output)
    print("\n".join(printed.growth(report)))
    if base:
        print("\n".join(printed.comparison(report, base)))
    if plan.is_whole or options.document:
        write_document(report, DOCUMENT)
    print(f"\nSaved as {options.output}. Compare a later run with it by --base.")


def measure(
    plan: Plan, report: Report, database: str, scale: Scale, cluster: Cluster | None
) -> Table:
    """Makes an installation of this size and measures everything on it."""
    table = Table(database, scale.key, scale.title)
    with tempfile.TemporaryDirectory(prefix="gatehouse-bench-") as name:
        folder = Path(name)
        installation = Installation(
            new_data(folder), database_address(database, cluster), plan.log_level)
        scene = Scene.prepare(installation)
        scale.fill(scene)
        try:
            table.signatures = machine.signing_microseconds()
            measure_start(installation, table)
            print(printed.title(table))
            print(printed.heading(), flush=True)
            table.idle_share = machine.idle_share()
            if table.idle_share < machine.QUIET:
                print(printed.warning(table))
            scene.people_arrive()
            client_credentials(scene, Run(8, 1, folder))  # warms everything up; not counted
            for connections in plan.connections if scale.key == "base" else plan.connections[-1:]:
                measure_operations(plan, scene, table, Run(connections, plan.seconds, folder))
            if plan.memory and scale.key == "base":
                report.memory[database] = grow(scene, folder)
        finally:
            installation.stop()
    return table


def measure_start(installation: Installation, table: Table) -> None:
    """Starts the server some times on the same data. The last one goes on to be measured."""
    installation.start()
    taken = []
    for _ in range(STARTS):
        installation.stop()
        taken.append(installation.start())
    table.start_milliseconds = statistics.median(taken) * 1e3
    table.idle_megabytes = installation.resident_megabytes()


def measure_operations(plan: Plan, scene: Scene, table: Table, run: Run) -> None:
    figures = {
        operation.key: Figure(operation.key, operation.name, run.connections)
        for operation in plan.operations if operation.applies(scene)}
    for _ in range(plan.rounds):
        for operation in plan.operations:
            if operation.key in figures:
                try:
                    figures[operation.key].add(operation.measure(scene, run))
                except load.WrongAnswers as error:
                    raise SystemExit(f"{operation.name}: {error}\n{scene.installation.log()}")
    table.figures += figures.values()
    for figure in figures.values():
        print(printed.line(table, figure), flush=True)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    keys = ", ".join(operation.key for operation in OPERATIONS)
    add("--only", metavar="OPS", help=f"some of {keys}; the bare route is always measured")
    add("--quick", action="store_true", help="SQLite, 32 connections, one tenant, short rounds")
    add("--database", choices=["sqlite", "postgres", "both"])
    add("--scale", metavar="SCALES", help="some of base, tenants, rows")
    add("--connections", help="for example 1,32")
    add("--seconds", type=int, help="how long a round of an operation lasts")
    add("--rounds", type=int, help="how many rounds there are")
    add("--tenants", type=int, default=TENANTS, help="how many tenants the scale `tenants` has")
    add("--rows", type=int, default=SESSIONS, help="how many sessions the scale `rows` has")
    add("--organizations", action="store_true",
        help="measure a person in many organizations and an organization of many members instead")
    add("--portal", action="store_true",
        help="measure pages of the portal with 100 000 users and 10 000 clients instead")
    add("--memory", action="store_true", help="also measure the memory over 2 million requests")
    add("--log-level", default="warning", help="what the server logs at; info is its default")
    add("--document", action="store_true", help="write the document though this is not all of it")
    add("--base", type=Path, metavar="FILE", help="compare with this saved run")
    add("--output", type=Path, metavar="FILE", default=LATEST, help="where to save this run")
    return parser.parse_args()


def plan_of(options: argparse.Namespace) -> Plan:
    quick = options.quick
    keys = ["bare", *options.only.split(",")] if options.only else [
        operation.key for operation in OPERATIONS]
    database = options.database or ("sqlite" if quick else "both")
    wanted = (options.scale or ("base" if quick else "base,tenants,rows")).split(",")
    known = scales(options.tenants, options.rows)
    if unknown := set(wanted) - set(known):
        raise SystemExit(f"There is no scale {', '.join(unknown)}.")
    return Plan(
        operations=named(keys),
        databases=["sqlite", "postgres"] if database == "both" else [database],
        scales=[known[key] for key in known if key in wanted],
        connections=[int(each) for each in (
            options.connections or ("32" if quick else "1,32")).split(",")],
        seconds=options.seconds or (1 if quick else 2),
        rounds=options.rounds or 3, log_level=options.log_level,
        memory=options.memory)


if __name__ == "__main__":
    main()
