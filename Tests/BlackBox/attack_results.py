"""Marks the tests that carry ids of the attack catalogue, and records how they end.

A plugin of pytest, which conftest.py loads. `-m attack` runs these tests alone, and
`--attack-results FILE` writes what came of each id, however many processes run the tests.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

from attacks import catalogue, ids_in_name

# What a report of a test carries to whoever writes the results.
PROPERTY = "attack"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--attack-results", type=Path, help="Where to write what came of each id.")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "attack(*ids): covers these cases of the attack catalogue")
    if config.getoption("--attack-results") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder(config), "attack-recorder")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Finds the ids of a test, and marks those that have some."""
    function = getattr(item, "originalname", None) or item.name
    ids = ids_in_name(function) + [
        str(id) for mark in item.iter_markers("attack") for id in mark.args]
    if ids:
        item.add_marker("attack")
        item.user_properties.append((PROPERTY, {
            "ids": list(dict.fromkeys(ids)),
            "test": f"{item.path.name}::{function}",
            "database": database_of(item)}))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuses an id that the list of cases does not have."""
    known = {case.id for section in catalogue() for case in section.cases}
    for item in items:
        for name, value in item.user_properties:
            if name == PROPERTY and (unknown := set(value["ids"]) - known):
                raise pytest.UsageError(f"{item.nodeid}: {unknown} is not in attacks.txt.")


class Recorder:
    """Hears how each test ended, from whichever process ran it, and writes it down at the end."""

    def __init__(self, config: pytest.Config) -> None:
        self.path: Path = config.getoption("--attack-results")
        self.outcomes: dict[str, tuple[dict[str, Any], str]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keeps the worst of set-up, test and what always holds afterwards."""
        carried = dict(report.user_properties).get(PROPERTY)
        known = self.outcomes.get(report.nodeid)
        if carried and not (known and known[1] == "failed"):
            if report.outcome != "passed" or report.when == "call":
                self.outcomes[report.nodeid] = (carried, report.outcome)

    def pytest_sessionfinish(self) -> None:
        """Writes, for each id and test, how many of its runs ended how on which database."""
        results: dict[str, dict[str, dict[str, Counter[str]]]] = defaultdict(
            lambda: defaultdict(lambda: defaultdict(Counter)))
        for carried, outcome in self.outcomes.values():
            for id in carried["ids"]:
                results[id][carried["test"]][carried["database"]][outcome] += 1
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")


def database_of(item: pytest.Item) -> str:
    """The database that a test ran on, as its parameters say."""
    callspec = getattr(item, "callspec", None)
    values = callspec.params.values() if callspec else ()
    return next((kind for kind in ("sqlite", "postgres") if kind in values), "other")
