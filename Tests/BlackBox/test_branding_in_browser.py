"""Branding in a real browser: looked at while it is typed, and nothing that axe finds fault with."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from accessibility import faults_of, page  # noqa: F401 - fixtures
from chromium import Visit, app, chromium, shows, trial, visit  # noqa: F401 - fixtures
from trial import App, Trial


def enter(trial: Trial, page: Page) -> None:  # noqa: F811 - a fixture
    page.goto(trial.cli("admin", "link")["url"])
    page.get_by_role("button", name="Open the administration").click()
    page.goto(f"{trial.url}/admin/tenants/demo/branding/edit")


def color_of_the_button(page: Page) -> str:  # noqa: F811 - a fixture
    frame = page.frame_locator('iframe[title="Sign in, light"]')
    button = frame.get_by_role("button", name="Sign in", include_hidden=True)
    return str(button.evaluate("button => getComputedStyle(button).backgroundColor"))


def test_colours_are_seen_while_they_are_typed(trial: Trial, visit: Visit) -> None:  # noqa: F811 - fixtures
    page = visit()
    enter(trial, page)
    before = color_of_the_button(page)
    page.get_by_label("Accent", exact=False).first.fill("#1d4ed8")
    source = page.locator('iframe[title="Sign in, light"]')
    expect(source).to_have_attribute("src", re.compile("1d4ed8"))
    assert before != color_of_the_button(page) == "rgb(29, 78, 216)"
    page.get_by_label("Accent", exact=False).first.fill("#ffcc00")
    expect(page.get_by_text("cannot be read on light pages")).to_be_visible()
    page.reload()
    assert color_of_the_button(page) == before, "Nothing was saved."
    assert not faults_of(page)


def test_without_scripts_a_button_shows_them(trial: Trial, visit: Visit) -> None:  # noqa: F811 - fixtures
    page = visit(java_script_enabled=False)
    enter(trial, page)
    page.get_by_label("Accent", exact=False).first.fill("#1d4ed8")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator('iframe[title="Sign in, light"]')).to_have_attribute(
        "src", re.compile("1d4ed8"))


@pytest.mark.parametrize("accent, corners", [
    ("#876b00", "square"), ("#b3005e", "round"), ("#3b3b3b", "soft"), ("#1d4ed8", "round")])
def test_no_colour_that_is_taken_makes_a_page_that_some_cannot_read(
    trial: Trial, app: App, page: Page, accent: str, corners: str  # noqa: F811 - fixtures
) -> None:
    trial.cli("branding", "update", "--tenant", "demo", "--accent", accent, "--corners", corners)
    try:
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.goto(app.authorization())
            shows(page, "Sign in")
            page.get_by_role("button", name="Sign in").hover()
            assert not faults_of(page)
            page.get_by_role("link", name="Create account").click()
            assert not faults_of(page)
    finally:
        trial.cli("branding", "update", "--tenant", "demo", "--accent", "", "--corners", "soft")

