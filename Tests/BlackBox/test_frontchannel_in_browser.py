"""Front-channel logout in Chromium: the frames load under the policy of the page, and the browser
goes on, with scripts and without."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from chromium import (  # noqa: F401 - fixtures
    Visit, app, chromium, shows, sign_in, trial, visit,
)
from harness import TLS
from protocol import claims
from trial import App, Trial, eventually

ADA = "ada@example.com"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"


@pytest.fixture
def leaver(trial: Trial, app: App) -> Iterator[App]:
    """An app that is told of logouts at its callback."""
    trial.cli("client", "update", app.client_id, "--tenant", "demo",
              "--frontchannel-logout-uri", app.redirect_uri)
    yield app


def id_token(app: App, code: str) -> str:
    """What the app gets for its code."""
    answer = httpx.post(f"{app.issuer}/oauth2/token", trust_env=False, verify=TLS, data={
        "grant_type": "authorization_code", "code": code, "redirect_uri": app.redirect_uri,
        "code_verifier": VERIFIER, "client_id": app.client_id})
    assert answer.status_code == 200, answer.text
    return answer.json()["id_token"]


@pytest.mark.conformance("oidcc-frontchannel-rp-initiated-logout", "told")
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_the_frames_load_and_the_browser_goes_on(
    trial: Trial, visit: Visit, leaver: App, scripts: bool
) -> None:
    page = visit(java_script_enabled=scripts)
    page.goto(leaver.authorization())
    sign_in(page, ADA, trial.users[ADA])
    shows(page, "Back at the app")
    hint = id_token(leaver, leaver.answers[0]["code"])
    page.goto(leaver.logout(
        id_token_hint=hint, post_logout_redirect_uri=f"{leaver.origin}/bye", state="s"))
    page.wait_for_url(f"{leaver.origin}/bye?state=s")
    shows(page, "Back at the app")
    told = eventually(lambda: leaver.answers[1:], "the frame is loaded")
    assert told == [{"iss": leaver.issuer, "sid": claims(hint)["sid"]}]


def test_the_page_has_a_way_on_that_people_see(trial: Trial, visit: Visit, leaver: App) -> None:
    page = visit(java_script_enabled=False)
    page.goto(leaver.authorization())
    sign_in(page, ADA, trial.users[ADA])
    shows(page, "Back at the app")
    hint = id_token(leaver, leaver.answers[0]["code"])
    page.goto(leaver.logout(
        id_token_hint=hint, post_logout_redirect_uri=f"{leaver.origin}/bye"),
        wait_until="commit")
    shows(page, "You are signed out")
    page.get_by_role("link", name="Continue").click()
    page.wait_for_url(f"{leaver.origin}/bye")
