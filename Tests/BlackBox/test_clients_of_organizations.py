"""Clients that belong to an organization do nothing while nobody acts in it: what each of them is told,
and that others are told of what they had. Every door: test_every_door.py."""

from __future__ import annotations

import pytest

from browser import Browser, Page
from change_feed import changes, follower, follower_token, means
from ciba import ask as ask_elsewhere
from consent import asked, third
from device import ask as ask_device
from expect import j400, page400
from harness import Client, Tenant, User
from introspection import introspect, is_inactive
from organizations import organization
from protocol import PKCE, authorization_url, push, refresh, token, tokens
from trial import eventually
from watch import recorded

STOCK = "https://stock.test"


@pytest.fixture
def publisher(tenant: Tenant) -> str:
    return organization(tenant, "publisher")


@pytest.fixture
def app(tenant: Tenant, publisher: str) -> Client:
    return third(
        tenant, "web", "--organization", publisher, "--device-authorization",
        "--backchannel-authentication", "--refresh-tokens", "always")


def is_refused(answer) -> None:
    found = j400(answer, "unauthorized_client")
    assert found["error_description"] == "The organization of the client is suspended or deleted."


@pytest.mark.parametrize("end, again", [("suspend", "activate"), ("delete", "restore")])
def test_each_endpoint_says_why(
    tenant: Tenant, app: Client, user: User, browser: Browser, end: str, again: str
) -> None:
    given = tokens(app, user, browser, scope="openid offline_access")
    tenant.cli("organization", end, "publisher")
    with recorded(tenant):
        page = Browser(tenant.instance).get(authorization_url(app, PKCE.new()))
        page400(page)
        assert "This application is switched off here" in page.words
        is_refused(refresh(app, given["refresh_token"]))
        is_refused(token(app, grant_type="authorization_code", code="x", redirect_uri="x"))
        is_refused(push(app))
        is_refused(ask_device(app, scope="openid"))
        is_refused(ask_elsewhere(app, login_hint=user.name))
        is_refused(introspect(app, given["access_token"]))
    # Whoever cannot prove to be the client learns nothing of it.
    wrong = Client(tenant, app.id, "cs_" + "0" * 43, app.kind, app.redirect_uri, app.method)
    assert refresh(wrong, given["refresh_token"]).json()["error"] == "invalid_client"
    tenant.cli("organization", again, "publisher")
    assert refresh(app, given["refresh_token"]).status_code == 200


def test_a_visit_that_began_before_ends_nowhere(
    tenant: Tenant, app: Client, user: User, browser: Browser
) -> None:
    page = asked(app, user, browser)
    tenant.cli("organization", "suspend", "publisher")
    with recorded(tenant):
        answer: Page = browser.submit(page, page.form("question"), answer="allow")
        assert "code=" not in (answer.location or "") and answer.status == 400, answer.words


def test_a_machine_of_an_organization_is_no_caller(
    tenant: Tenant, user: User, publisher: str
) -> None:
    machine = tenant.create_client("machine", "--organization", publisher)
    tenant.cli("resource", "create", "--identifier", STOCK, "--name", "Stock", "--server", machine.id)
    client = tenant.create_client("web")
    access = tokens(client, user, scope="openid", resource=STOCK)["access_token"]
    assert introspect(machine, access).json()["active"] is True
    tenant.cli("organization", "suspend", publisher)
    is_refused(introspect(machine, access))
    is_refused(token(machine, grant_type="client_credentials"))
    assert introspect(client, access).json()["active"] is True, "The token is another client's."


@pytest.mark.attack("GH-509")
def test_an_api_and_the_change_feed_hear_of_it(
    tenant: Tenant, app: Client, user: User, publisher: str
) -> None:
    server = tenant.create_client("machine")
    tenant.cli("resource", "create", "--identifier", STOCK, "--name", "Stock", "--server", server.id)
    mine = tokens(app, user, scope="openid", resource=STOCK)["access_token"]
    other = tokens(tenant.create_client("web"), user, scope="openid", resource=STOCK)["access_token"]
    feed = follower_token(follower(tenant))
    _, cursor = changes(tenant, feed)
    assert introspect(server, mine).json()["active"] is True
    tenant.cli("organization", "suspend", publisher)
    is_inactive(introspect(server, mine))
    assert introspect(server, other).json()["active"] is True
    found, cursor = eventually(lambda: (got := changes(tenant, feed, cursor))[0] and got)
    assert {each["kind"] for each in found} == {"organization", "client"}
    assert any(means(each, mine) for each in found)
    assert not any(means(each, other) for each in found)
    # That somebody may act again outdates nothing.
    tenant.cli("organization", "activate", publisher)
    assert introspect(server, mine).json()["active"] is True
    assert changes(tenant, feed, cursor)[0] == []


def test_it_follows_the_client_to_another_organization(
    tenant: Tenant, app: Client, user: User, publisher: str
) -> None:
    given = tokens(app, user, scope="openid offline_access")
    tenant.cli("organization", "suspend", publisher)
    is_refused(refresh(app, given["refresh_token"]))
    other = organization(tenant, "other")
    tenant.cli("client", "update", app.id, "--organization", other)
    answer = refresh(app, given["refresh_token"])
    assert answer.status_code == 200, answer.text
    tenant.cli("organization", "suspend", other)
    is_refused(refresh(app, answer.json().get("refresh_token", given["refresh_token"])))
    tenant.cli("client", "update", app.id, "--organization", "none")
    assert refresh(app, given["refresh_token"]).status_code == 200
