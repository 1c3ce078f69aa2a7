"""The mixed load on nodes whose clocks differ."""

from __future__ import annotations

import time
from argparse import Namespace

import model
from aged import Checks
from drill import Drill, say
from judge import Judge
from ledger import entries

# How far two nodes are apart at most.
APART = 60.0
JUDGED = ("I2", "I3", "I5")


def run_load(run: Drill, options: Namespace, checks: Checks) -> None:
    """Judges I2, I3 and I5; what else the judge would say is told and not judged.

    The other invariants are about answers in time, and time is what these nodes disagree on.
    """
    before = sum(1 for _ in entries(run.ledger.path))
    with run.load(options.pause):
        time.sleep(options.seconds)
    # A leeway that one node began may end a minute later at another.
    judge = Judge(after_leeway=model.SURELY_AFTER_LEEWAY + APART)
    found = judge.feed(entries(run.ledger.path, before)).verdict
    for name in JUDGED:
        checks.verdict.checked[name] += found.checked[name]
        checks.verdict.violations[name] += found.violations[name]
    others = {name: len(found.violations[name]) for name in ("I1", "I4", "I6")}
    run.notes.append(f"nodes 30 s apart under load, not judged: {others}")
    for name in others:
        for what in found.violations[name][:3]:
            say(f"not judged, {name}: {what}")
