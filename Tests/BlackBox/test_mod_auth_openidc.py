"""mod_auth_openidc in Apache as a relying party: the code flow with PKCE, refresh, logout that it
begins, and logout that it is told of over the back channel."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from apache import Apache
from browser import Browser
from conftest import KINDS
from elsewhere import Authority
from harness import Client, Instance, Tenant, User
from logouts import outcomes, sign_out
from protocol import Redirect, claims, sign_in
from trial import eventually


@pytest.fixture(scope="module", params=KINDS)
def telling_instance(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Instance, Authority]]:
    """An instance whose operator allows it to tell Apache on loopback."""
    authority = Authority(tmp_path_factory.mktemp("authority"))
    flags = ["--outbound-allow", "127.0.0.0/8", "--outbound-ca", str(authority.file)]
    with Instance(request.param, flags) as instance:
        yield instance, authority


@pytest.fixture
def site(telling_instance: tuple[Instance, Authority]) -> Iterator[tuple[Apache, Client]]:
    instance, authority = telling_instance
    tenant = instance.create_tenant()
    with Apache(authority) as apache:
        client = tenant.create_client(
            "web", *apache.flags, redirect_uris=[apache.redirect_uri])
        apache.start(client)
        yield apache, client
    instance.check()


def come_in(
    apache: Apache, visitor: httpx.Client, browser: Browser, user: User | None
) -> httpx.Response:
    """Goes to the site, signs in where it asks, and comes back."""
    asked = visitor.get(f"{apache.origin}/who")
    assert asked.status_code == 302, apache.said()
    request = parse_qs(urlsplit(asked.headers["location"]).query)
    assert request["code_challenge_method"] == ["S256"]
    page = browser.get(asked.headers["location"], site="cross-site")
    back = sign_in(browser, page, user)
    assert Redirect.read(back).uri == apache.redirect_uri
    again = visitor.get(back.location or "")
    assert again.status_code == 302 and again.headers["location"] == f"{apache.origin}/who", (
        apache.said())
    return visitor.get(again.headers["location"])


def is_in(apache: Apache, visitor: httpx.Client) -> bool:
    return visitor.get(f"{apache.origin}/who").status_code == 200


def kinds(tenant: Tenant) -> list[str]:
    return [event["kind"] for event in tenant.instance.events(tenant)]


def test_a_person_comes_in_and_tokens_are_refreshed(site: tuple[Apache, Client]) -> None:
    apache, client = site
    user = client.tenant.create_user()
    with apache.visit() as visitor:
        page = come_in(apache, visitor, Browser(client.tenant.instance), user)
        assert page.status_code == 200 and page.text == "in\n", apache.said()
        assert page.headers["x-user"] == user.id
        first = page.headers["x-access-token"]
        client.tenant.instance.keep_secret(first, page.headers["x-refresh-token"])
        assert claims(first)["sub"] == user.id and claims(first)["client_id"] == client.id
        before = kinds(client.tenant).count("refresh_token.used")
        refreshed = visitor.get(f"{apache.redirect_uri}?" + urlencode(
            {"refresh": f"{apache.origin}/who", "access_token": first}))
        assert refreshed.status_code == 302, apache.said()
        assert refreshed.headers["location"] == f"{apache.origin}/who", apache.said()
        assert kinds(client.tenant).count("refresh_token.used") > before
        page = visitor.get(f"{apache.origin}/who")
        second = page.headers["x-access-token"]
        assert page.status_code == 200 and claims(second)["jti"] != claims(first)["jti"]


def test_it_hears_of_a_logout_over_the_back_channel(site: tuple[Apache, Client]) -> None:
    apache, client = site
    tenant = client.tenant
    user, browser, other = tenant.create_user(), Browser(tenant.instance), Browser(tenant.instance)
    with apache.visit() as here, apache.visit() as there:
        assert come_in(apache, here, browser, user).status_code == 200
        assert come_in(apache, there, other, user).status_code == 200
        sign_out(browser, tenant)
        (told,) = eventually(lambda: outcomes(tenant), "Apache is told", 40)
        assert told["client"] == client.id and not outcomes(tenant, "logout.failed")
        # The session of that browser is over at the site as well, and no other one.
        assert not is_in(apache, here) and is_in(apache, there)
        tenant.cli("user", "update", user.id, "--disable")
        eventually(lambda: len(outcomes(tenant)) == 2, "Apache is told", 40)
        assert not is_in(apache, there)


def test_it_begins_a_logout_itself(site: tuple[Apache, Client]) -> None:
    apache, client = site
    tenant = client.tenant
    browser = Browser(tenant.instance)
    with apache.visit() as visitor:
        assert come_in(apache, visitor, browser, tenant.create_user()).status_code == 200
        left = visitor.get(
            f"{apache.redirect_uri}?" + urlencode({"logout": f"{apache.origin}/bye"}))
        assert left.status_code == 302
        page = browser.get(left.headers["location"], site="cross-site")
        assert page.status == 303 and page.location == f"{apache.origin}/bye"
        assert not is_in(apache, visitor)
        # It hears of that, too, and has nothing left to end.
        eventually(lambda: outcomes(tenant) or outcomes(tenant, "logout.failed"), "it is told", 40)
