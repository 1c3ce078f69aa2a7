"""Tells of a failure when it happens: whoever stops a long run, or watches one, need not wait for its end.

A plugin of pytest, which conftest.py loads.
"""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Teller(config), "failure-teller")


class Teller:
    """Hears how each test ended, from whichever process ran it."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        terminal = self.config.pluginmanager.get_plugin("terminalreporter")
        if report.failed and terminal:
            terminal.write_line("")
            terminal.write_line(f"{report.when} failed: {report.nodeid}")
            terminal.write_line(report.longreprtext[-4_000:])
