"""Answers by form_post in Chromium: the page that posts itself, and its button without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from chromium import (  # noqa: F401 - fixtures
    Visit, app, chromium, shows, sign_in, trial, visit,
)
from protocol import claims
from trial import App, Trial

ADA = "ada@example.com"


@pytest.fixture
def poster(trial: Trial, app: App) -> Iterator[App]:
    """An app that may ask for answers by form."""
    modes = [part for mode in ("query", "form_post", "form_post.jwt", "fragment")
             for part in ("--response-mode", mode)]
    trial.cli("client", "update", app.client_id, "--tenant", "demo", *modes)
    yield app


@pytest.mark.conformance("oidcc-server", "form-post")
def test_the_page_posts_itself(trial: Trial, visit: Visit, poster: App) -> None:
    page = visit()
    page.goto(poster.authorization(response_mode="form_post", state="chosen by the app"))
    sign_in(page, ADA, trial.users[ADA])
    shows(page, "Back at the app")
    (answer,) = poster.answers
    assert answer.pop("code").startswith("ac_")
    assert answer == {"state": "chosen by the app", "iss": poster.issuer}
    assert page.url == poster.redirect_uri, "Nothing of the answer stands in an address."
    # Somebody who is signed in is there at once, and so is an error.
    page.goto(poster.authorization(response_mode="form_post.jwt"))
    shows(page, "Back at the app")
    assert claims(poster.answers[1]["response"])["code"].startswith("ac_")
    page.goto(poster.authorization(response_mode="form_post", scope="openid unknown"))
    shows(page, "Back at the app")
    assert poster.answers[2]["error"] == "invalid_scope"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_the_page_has_a_button_where_no_script_runs(
    trial: Trial, visit: Visit, poster: App, scheme: str, width: int
) -> None:
    page = visit(
        java_script_enabled=False, color_scheme=scheme, viewport={"width": width, "height": 640})
    page.goto(poster.authorization(response_mode="form_post", state="s"))
    sign_in(page, ADA, trial.users[ADA])
    shows(page, "Back to the application")
    expect(page.get_by_text("127.0.0.1")).to_be_visible()
    assert not poster.answers
    page.get_by_role("button", name="Continue").click()
    shows(page, "Back at the app")
    (answer,) = poster.answers
    assert re.fullmatch(r"ac_[\w-]{43}", answer["code"]) and answer["state"] == "s"


def test_a_fragment_reaches_the_page_of_the_app(trial: Trial, visit: Visit, poster: App) -> None:
    page = visit()
    page.goto(poster.authorization(response_mode="fragment"))
    sign_in(page, ADA, trial.users[ADA])
    shows(page, "Back at the app")
    assert poster.answers == [{}] and "#code=ac_" in page.url
