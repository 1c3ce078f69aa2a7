"""Authorization requests that were refused, as whoever administers finds them: what was sent, which rule
failed, what is registered instead, and where they differ."""

from __future__ import annotations

import re
from typing import Any

import pytest

from admin_api import administrator, problem
from browser import Browser
from harness import Client, CommandFailed, Tenant
from protocol import PKCE, authorization_url
from trial import eventually


def incident_of(text: str) -> str:
    found = re.search(r"<dt>Incident</dt><dd><code>([^<]+)</code>", text)
    assert found, text
    return found[1]


def shown(tenant: Tenant, incident: str) -> dict[str, Any]:
    """The request of an incident, which is written down within a second."""
    def look() -> dict[str, Any] | None:
        try:
            return tenant.cli("refused", "show", incident)
        except CommandFailed as failed:
            assert failed.code == 3
            return None

    return eventually(look, "The request is kept.")


def ask(browser: Browser, client: Client, **changed: str) -> Any:
    return browser.get(authorization_url(client, PKCE.new(), **changed))


def test_an_address_that_is_not_registered_is_told_beside_the_nearest_one(
    tenant: Tenant, browser: Browser
) -> None:
    client = tenant.create_client(redirect_uris=[
        "https://other.test/callback", "https://rp.test/callback"])
    page = ask(browser, client, redirect_uri="https://rp.test/callbak", login_hint="kay@a.test",
               state="s" * 30)
    assert page.status == 400 and "callback" not in page.text
    told = shown(tenant, incident_of(page.text))
    assert told["rule"] == "The redirect_uri is not registered for the client."
    assert told["client"] == client.id and told["error"] is None
    assert told["sent"]["redirect_uri"] == "https://rp.test/callbak"
    assert told["registered"] == ["https://other.test/callback", "https://rp.test/callback"]
    assert (told["nearest"], told["differs_at"]) == ("https://rp.test/callback", 22)
    assert told["sent"]["login_hint"] == "(10 bytes)" and told["sent"]["state"] == "(30 bytes)"
    assert "kay@a.test" not in str(tenant.instance.database.rows("SELECT * FROM refused_request"))
    listed = tenant.cli("refused", "list", "--client", client.id)
    assert [one["incident"] for one in listed] == [told["incident"]]
    # As the advice says, it is mended, and then it goes on.
    client.update("--redirect-uri", "https://rp.test/callbak")
    assert ask(browser, client, redirect_uri="https://rp.test/callbak").status == 303


def test_what_the_client_was_told_is_told_here_too(tenant: Tenant, browser: Browser) -> None:
    client = tenant.create_client("web", "--scope", "openid")
    answer = ask(browser, client, scope="openid payroll")
    assert "error=invalid_scope" in (answer.location or "")
    told = shown(tenant, answer.headers["x-request-id"])
    assert told["error"] == "invalid_scope" and told["registered"] == ["openid"]
    # Nobody signed in is the course of things.
    silent = ask(browser, client, scope="openid", prompt="none")
    assert "error=login_required" in (silent.location or "")
    listed = tenant.cli("refused", "list")
    assert [one["error"] for one in listed] == ["invalid_scope"]


def test_an_unknown_client_is_found_too(tenant: Tenant, browser: Browser) -> None:
    client = tenant.create_client()
    client.update("--disable")
    told = shown(tenant, incident_of(ask(browser, client).text))
    assert told["client"] == client.id and "disabled" in told["advice"]


@pytest.mark.attack("GH-388", "GH-379")
def test_a_flood_fills_nothing_and_shows_nobody_else_s(tenant: Tenant, browser: Browser) -> None:
    client = tenant.create_client()
    for number in range(80):
        page = ask(browser, client, redirect_uri=f"https://evil.test/{number}",
                   scope="x" * 3_000, **{f"p{index}": "y" for index in range(40)})
    first = tenant.cli("refused", "list", "--limit", "1000")
    assert len(first) <= 60 and page.status == 400
    rows = tenant.instance.database.rows("SELECT content FROM refused_request")
    assert all(len(row["content"]) < 8_000 for row in rows)
    other = tenant.instance.create_tenant()
    key = administrator(tenant.instance, "owner", other)
    for incident in {one["incident"] for one in first[:3]} | {"nobody"}:
        problem(key.send("GET", f"tenants/{other.slug}/refused-requests/{incident}"), 404,
                "not_found")
    assert key.get(f"tenants/{other.slug}/refused-requests")["items"] == []
