"""Looking at a page in every way: light and dark, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from chromium import Visit

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ADA, KAY = "ada@example.com", "kay@example.com"

# What a page must survive: long words and names, as people really have them.
LONG = "Bartholomäus-Maximilian von und zu Hohenlohe-Waldenburg-Schillingsfürst"

Look = Callable[[Page, str], None]


@pytest.fixture
def page(visit: Visit) -> Page:
    return visit()


@pytest.fixture
def look() -> Iterator[Look]:
    """Checks the page that is shown now in every way; its faults are reported at the end."""
    faults: list[str] = []

    def look(page: Page, state: str) -> None:
        # No rule of the stylesheets is about both, so neither hides behind the other.
        for width, scheme in ((1280, "light"), (390, "dark")):
            page.set_viewport_size({"width": width, "height": 844})
            page.emulate_media(color_scheme=scheme)
            where = f"{state}, {scheme}, {width} px"
            faults.extend(f"{where}: {fault}" for fault in faults_of(page))

    yield look
    assert not faults, "\n".join(faults)


def faults_of(page: Page) -> list[str]:
    # A colour on its way from one scheme to the other is none that anyone reads by.
    page.evaluate("Promise.all(document.getAnimations().map(each => each.finished))")
    found = Axe().run(page, options={"runOnly": RULES}).response
    assert len(found["passes"]) > 10, "axe did not look at the page"
    faults = [
        f"{violation['id']}: {violation['help']} {[node['target'] for node in violation['nodes']]}"
        for violation in found["violations"]]
    too_wide = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if too_wide > 0:
        faults.append(f"{too_wide} px wider than the screen")
    if small := page.evaluate(SMALL_TARGETS):
        faults.append(f"smaller than 24 px: {small}")
    return faults


# Buttons, fields and lone links; links within a sentence are exempt (WCAG 2.2, 2.5.8).
SMALL_TARGETS = """() =>
    [...document.querySelectorAll('button, a.button, summary, input:not([type=hidden])')]
        .filter(e => !e.matches('.unseen'))
        .filter(e => { const r = e.getBoundingClientRect(); return r.width < 24 || r.height < 24 })
        .map(e => e.outerHTML.slice(0, 80))"""
