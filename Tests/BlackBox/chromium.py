"""A real Chromium for the tests of pages. It goes nowhere but to this machine, and whatever it
complains of on its console fails the test."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect
from playwright.sync_api import sync_playwright

from trial import App, Trial, app_of

# Enough for a slow machine; nothing waits this long unless it fails.
expect.set_options(timeout=15_000)

# What Chromium says of every page that is answered with an error status, as ours should be, and
# of a server that a test has stopped.
EXPECTED = re.compile(
    r"Failed to load resource: "
    r"(the server responded with a status of [45]|net::ERR_CONNECTION_REFUSED)")

Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Visit]:
    """Opens a page in a browser context of its own; options are those of Playwright."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def visit(**options: object) -> Page:
        context = chromium.new_context(**options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        watch(context, complaints)
        return context.new_page()

    yield visit
    for context in contexts:
        context.close()
    assert not complaints, "\n".join(complaints)


def watch(context: BrowserContext, complaints: list[str]) -> None:
    """Collects what the console says, and requests that leave this machine."""

    def hear(message: ConsoleMessage) -> None:
        path = urlsplit(message.location.get("url", "")).path
        if EXPECTED.match(message.text) and not path.startswith("/assets/"):
            return
        if message.type in ("error", "warning"):
            complaints.append(f"{message.type}: {message.text} ({message.location})")

    context.on("console", hear)
    context.on("weberror", lambda error: complaints.append(f"exception: {error.error}"))
    context.on(
        "request", lambda request: complaints.append(f"left this machine: {request.url}")
        if urlsplit(request.url).hostname not in ("127.0.0.1", None) else None)


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    with Trial(tmp_path) as trial:
        yield trial


@pytest.fixture
def app(trial: Trial) -> Iterator[App]:
    """An app of the demo tenant."""
    with app_of(trial) as app:
        yield app


def fill_sign_in(page: Page, name: str, password: str) -> None:
    page.get_by_label("E-mail or username").fill(name)
    page.get_by_label("Password", exact=True).fill(password)


def sign_in(page: Page, name: str, password: str) -> None:
    """Fills in the page for signing in and sends it."""
    fill_sign_in(page, name, password)
    page.get_by_role("button", name="Sign in").click()


def create_account(page: Page, email: str, password: str, name: str = "") -> None:
    """Fills in the page for creating an account and sends it."""
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Create account").click()


def shows(page: Page, heading: str) -> None:
    """Waits for the page with this heading."""
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
