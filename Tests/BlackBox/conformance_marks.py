"""Knows the marker of tests that cover conditions of the conformance suite.

A plugin of pytest, which conftest.py loads. `-m conformance` runs these tests alone.
"""

from __future__ import annotations

import pytest

from conformance import catalogue, names, names_in_arguments


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "conformance(module, *conditions): covers these of the conformance suite")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuses a name that the list of modules does not have."""
    known = {name for section in catalogue() for name in names(section)}
    for item in items:
        for mark in item.iter_markers("conformance"):
            if unknown := set(names_in_arguments([str(a) for a in mark.args])) - known:
                raise pytest.UsageError(f"{item.nodeid}: {unknown} is not in conformance.txt.")
