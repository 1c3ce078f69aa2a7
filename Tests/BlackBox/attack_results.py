"""Marks the tests that carry ids of the attack catalogue, and records how they end.

A plugin of pytest, which conftest.py loads. `-m attack` runs these tests alone, and
`--attack-results FILE` writes what came of each id.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from attacks import catalogue, ids_in_name

IDS = pytest.StashKey[list[str]]()
OUTCOMES = pytest.StashKey[dict[str, str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--attack-results", type=Path, help="Where to write what came of each id.")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "attack(*ids): covers these cases of the attack catalogue")
    config.stash[OUTCOMES] = {}


def pytest_itemcollected(item: pytest.Item) -> None:
    """Finds the ids of a test, and marks those that have some."""
    function = getattr(item, "originalname", None) or item.name
    ids = ids_in_name(function) + [
        str(id) for mark in item.iter_markers("attack") for id in mark.args]
    item.stash[IDS] = list(dict.fromkeys(ids))
    if ids:
        item.add_marker("attack")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuses an id that the list of cases does not have."""
    known = {case.id for section in catalogue() for case in section.cases}
    for item in items:
        if unknown := set(item.stash[IDS]) - known:
            raise pytest.UsageError(f"{item.nodeid}: {unknown} is not in attacks.txt.")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport:
    """Keeps the worst of set-up, test and what always holds afterwards."""
    report: pytest.TestReport = yield
    outcomes = item.config.stash[OUTCOMES]
    if item.stash[IDS] and outcomes.get(item.nodeid) != "failed":
        if report.outcome != "passed" or report.when == "call":
            outcomes[item.nodeid] = report.outcome
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Writes, for each id and test, how many of its runs ended how on which database."""
    path = session.config.getoption("--attack-results")
    if not path:
        return
    results: dict[str, dict[str, dict[str, Counter[str]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(Counter)))
    for item in session.items:
        outcome = session.config.stash[OUTCOMES].get(item.nodeid)
        if outcome is None:
            continue
        name = f"{item.path.name}::{getattr(item, 'originalname', item.name)}"
        for id in item.stash[IDS]:
            results[id][name][database_of(item)][outcome] += 1
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")


def database_of(item: pytest.Item) -> str:
    """The database that a test ran on, as its parameters say."""
    callspec = getattr(item, "callspec", None)
    values = callspec.params.values() if callspec else ()
    return next((kind for kind in ("sqlite", "postgres") if kind in values), "other")
