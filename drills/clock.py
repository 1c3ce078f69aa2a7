#!/usr/bin/env python3
"""Steps the clock, forwards and backwards, and looks if anything comes back to life (GH-493)."""

from __future__ import annotations

import time
from argparse import Namespace

import drill
import skewed
from aged import Belongings, Checks
from desk import Desk
from moved_clock import MovedClock

DESCRIPTION = """\
Clock steps: +1 h, -1 h, +2 d, +10 y, each followed by the step back; and, on PostgreSQL,
three nodes whose clocks are 30 s behind, right, and 30 s ahead, under mixed load.

Before each step somebody spends, revokes, removes, disables and signs out of everything
there is. Proves that nothing of it works again after the step, nor after the step back (I2,
I3); that what was refused because its time was over stays refused; that no access token is
accepted later than 60 s after its end or refused earlier than 60 s before it, wherever the
clock stands; and that the cleaning up of one node at a time goes on afterwards. After the
long steps the drill waits for the cleaning up, which comes once a minute."""

HOUR, DAY = 3600.0, 86_400.0
STEPS = [("+1 h", HOUR, False), ("-1 h", -HOUR, False), ("+2 d", 2 * DAY, True),
         ("+31 d", 31 * DAY, False), ("+10 y", 3653 * DAY, True)]
GRANT_LIVES = 366 * DAY
# Longer than the minute in which expired rows are removed.
CLEANED = 65.0
SKEWS = [-30.0, 0.0, 30.0]


def program() -> bool:
    parser = drill.parser(DESCRIPTION)
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--seconds", type=float, default=30,
                        help="how long the load runs on nodes that differ (default: 30)")
    parser.add_argument("--people", type=int, default=12, help="how many at once (default: 12)")
    parser.add_argument("--pause", type=float, default=0.1)
    parser.add_argument("--quick", action="store_true", help="do not wait for the cleaning up")
    options = parser.parse_args()
    with drill.Drill("clock", options) as run:
        clocks = install(run, options)
        checks = Checks()
        if options.database == "postgres":
            skewed.run_load(run, options, checks)
        # The tenants are older than the first step back is long.
        move(clocks, 2 * HOUR)
        for name, seconds, waits in STEPS:
            step(run, clocks, checks, name, seconds, waits and not options.quick)
        ends(run, clocks, checks)
        if not options.quick:
            cleaning_goes_on(run, clocks, checks)
        return run.conclude(checks.verdict, needed=("I2", "I3"), also=checks.conditions())


def install(run: drill.Drill, options: Namespace) -> list[MovedClock]:
    """Each node has a clock of its own; commands have the one that is right."""
    skews = SKEWS if options.database == "postgres" else [0.0]
    clocks = [MovedClock(run.directory / f"clock-{n}", skew) for n, skew in enumerate(skews)]
    installation = run.install(options.database, nodes=len(skews))
    for node, clock in zip(installation.nodes, clocks, strict=True):
        node.environment = clock.environment
    installation.environment |= clocks[len(clocks) // 2].environment
    run.notes.append(f"database {options.database}, nodes {len(skews)}"
                     + (", clocks 30 s behind, right, 30 s ahead" if len(skews) > 1 else ""))
    installation.start()
    # One is disabled for each step, and another one is the user of it.
    run.populate(max(options.people, 2 * len(STEPS) + 4), victims=len(STEPS) + 2)
    return clocks


def move(clocks: list[MovedClock], seconds: float) -> None:
    for clock in clocks:
        clock.move(seconds)


def step(
    run: drill.Drill, clocks: list[MovedClock], checks: Checks, name: str, seconds: float,
    waits: bool,
) -> None:
    """One step and the step back, with belongings of its own."""
    desk = Desk(run.installation, run.ledger, run.options.seed)
    have = Belongings(run, desk, run.tenants[0], run.tenants[0].victims.pop())
    have.acquire()
    # The leeway of the refresh token that was spent passes first, at the slowest clock too.
    move(clocks, 15 + clocks[len(clocks) // 2].offset - clocks[0].offset)
    # What ended may take a second until every node knows.
    time.sleep(1.1)
    have.look(checks, f"before {name}", moved=0)
    move(clocks, seconds)
    time.sleep(1.1)
    have.look(checks, f"after {name}", moved=seconds)
    have.newcomer(checks, f"after {name}")
    if waits:
        drill.say(f"{name}: waiting for the cleaning up")
        time.sleep(CLEANED)
        # What is removed as too old, long after the end of its grant, is gone for good.
        have.is_removed = seconds > GRANT_LIVES
        step_back_while_down(run, clocks, seconds)
    else:
        move(clocks, -seconds)
    time.sleep(1.1)
    have.look(checks, f"after {name} and back", moved=0)
    have.newcomer(checks, f"after {name} and back")
    drill.say(f"{name} and back: done")


def step_back_while_down(run: drill.Drill, clocks: list[MovedClock], seconds: float) -> None:
    """The nodes that were there are gone, with whatever they had taken for themselves."""
    for node in run.installation.nodes:
        node.kill()
    move(clocks, -seconds)
    for node in run.installation.nodes:
        node.start()


def ends(run: drill.Drill, clocks: list[MovedClock], checks: Checks) -> None:
    """The end of an access token, to the second: 61 s before it and 61 s after it."""
    desk = Desk(run.installation, run.ledger, run.options.seed + 1)
    have = Belongings(run, desk, run.tenants[0], run.tenants[0].victims.pop())
    have.acquire()
    middle = clocks[len(clocks) // 2]
    before = have.expiry - 61 - middle.now()
    move(clocks, before)
    have.token_is("accepted 61 s before its end", checks, True)
    move(clocks, 122)
    have.token_is("refused 61 s after its end", checks, False)
    move(clocks, -before - 122)


def cleaning_goes_on(run: drill.Drill, clocks: list[MovedClock], checks: Checks) -> None:
    """After an excursion of ten years, a node that started afterwards cleans up."""
    drill.say("waiting for the cleaning up")
    time.sleep(CLEANED)
    limit = (clocks[len(clocks) // 2].now() + HOUR) * 1000
    lease = run.database.rows("SELECT expires_at FROM lease WHERE name = 'remove-expired'")
    checks.condition("the cleaning up goes on after ten years and back",
                     bool(lease) and lease[0]["expires_at"] < limit)


if __name__ == "__main__":
    drill.main(program)
