"""Tokens that come back: attack cases 3.G, at userinfo and as id_token_hint at both endpoints."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Callable, Iterator

import pytest

import forge
from browser import Browser
from expect import invalid_token, redirected
from harness import Client, CommandFailed, Instance, Tenant, User
from protocol import PKCE, authorization_url, authorize, claims, header, tokens, userinfo

Refuse = Callable[[str], None]


@pytest.fixture
def given(client: Client, user: User, browser: Browser) -> dict[str, str]:
    return tokens(client, user, browser, scope="openid offline_access")


@pytest.fixture(params=["userinfo", "authorization", "end_session"])
def door(
    request: pytest.FixtureRequest, client: Client, browser: Browser, given: dict[str, str]
) -> tuple[str, Refuse]:
    """A place where tokens are taken: one that is right there, and how a wrong one is refused."""
    tenant = client.tenant

    def at_userinfo(token: str) -> None:
        answer = userinfo(tenant, token)
        assert answer.status_code in (400, 401), token
        assert 'error="invalid_' in answer.headers["www-authenticate"]
        assert answer.content == b""

    def at_authorization(token: str) -> None:
        page = browser.get(
            authorization_url(client, PKCE.new(), prompt="none", id_token_hint=token))
        redirected(page, client, "invalid_request")

    def at_end_session(token: str) -> None:
        page = browser.get(f"{tenant.endpoint('end_session')}?id_token_hint={token}")
        assert page.status == 200 and page.form("answer"), "It proves nothing, so we ask."
        assert browser.cookie("session"), "The session is as it was."

    doors = {
        "userinfo": (given["access_token"], at_userinfo),
        "authorization": (given["id_token"], at_authorization),
        "end_session": (given["id_token"], at_end_session),
    }
    return doors[request.param]


def try_all(door: tuple[str, Refuse], forged: Iterator[str]) -> None:
    good, refuse = door
    for token in forged:
        if token != good and " " not in token:
            refuse(token)


def test_gh_127_unsigned_tokens(door: tuple[str, Refuse]) -> None:
    try_all(door, forge.unsigned(door[0]))


def test_gh_128_public_keys_as_secrets(door: tuple[str, Refuse], tenant: Tenant) -> None:
    keys = tenant.instance.http.get(tenant.endpoint("jwks_uri")).json()["keys"]
    try_all(door, forge.confused(door[0], keys))


def test_gh_130_tokens_of_another_tenant(door: tuple[str, Refuse], instance: Instance) -> None:
    other = instance.create_tenant()
    theirs = tokens(other.create_client(), other.create_user())
    try_all(door, iter([theirs["access_token"], theirs["id_token"]]))


def test_gh_133_134_136_137_454_rewritten_tokens(door: tuple[str, Refuse]) -> None:
    try_all(door, forge.rewritten(door[0]))


def test_gh_142_the_right_token_stays_right_and_its_likes_wrong(
    given: dict[str, str], tenant: Tenant
) -> None:
    good = given["access_token"]
    for _ in range(2):
        assert userinfo(tenant, good).status_code == 200
        invalid_token(userinfo(tenant, good[:-6] + "AAAAAA"))
        invalid_token(userinfo(tenant, good[:-1]))
    other = tenant.instance.create_tenant()
    invalid_token(userinfo(other, good))


def test_gh_131_tokens_are_for_what_they_are(
    given: dict[str, str], client: Client, browser: Browser
) -> None:
    invalid_token(userinfo(client.tenant, given["id_token"]))
    answer = userinfo(client.tenant, given["refresh_token"])
    assert answer.status_code in (400, 401)
    page = browser.get(authorization_url(
        client, PKCE.new(), prompt="none", id_token_hint=given["access_token"]))
    redirected(page, client, "invalid_request")
    admin = client.tenant.instance.http.get(
        f"{client.tenant.instance.url}/admin",
        headers={"Authorization": f"Bearer {given['access_token']}"})
    assert admin.status_code == 401


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """An attacker's server on loopback: its address, and what was asked of it."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()
    thread.join()


def test_gh_139_keys_that_the_token_brings_along(
    door: tuple[str, Refuse], listener: tuple[str, list[str]]
) -> None:
    good, refuse = door
    url, asked = listener
    for extra in ({}, {"jwk": "jwk"}, {"jku": f"{url}/jwks"}, {"x5u": f"{url}/cert"},
                  {"x5c": ["MIIB"]}, {"jwk": "jwk", "kid": None}, {"jku": f"{url}/j", "kid": "x"}):
        refuse(forge.own_key(good, **extra))
    assert not asked, "The server fetched a key that a token named."


def test_gh_140_what_people_call_themselves_sets_no_claim(tenant: Tenant, client: Client) -> None:
    name = '","sub":"usr_0","iss":"https://evil.test","x":"'
    user = tenant.create_user("kay@example.com", name=name)
    given = tokens(client, user, scope="openid profile email")
    said = claims(given["id_token"])
    assert (said["sub"], said["iss"], said["name"]) == (user.id, tenant.issuer, name)
    assert userinfo(tenant, given["access_token"]).json()["name"] == name


def test_gh_131_a_hint_of_another_client_names_the_person_only(
    client: Client, user: User, browser: Browser, tenant: Tenant
) -> None:
    other = tenant.create_client("native", redirect_uris=["https://other.test/cb"])
    hint = tokens(other, user, browser)["id_token"]
    answer = authorize(browser, client, None, PKCE.new(), prompt="none", id_token_hint=hint)
    assert answer.code and answer.uri == client.redirect_uri


def test_gh_485_an_unknown_algorithm_is_refused_when_it_is_registered(tenant: Tenant) -> None:
    for algorithm in ("none", "HS256", "rs256", "ES512", ""):
        with pytest.raises(CommandFailed) as failure:
            tenant.create_client("web", "--id-token-algorithm", algorithm)
        assert failure.value.code == 2
    given = tokens(tenant.create_client(), tenant.create_user())
    assert header(given["id_token"])["alg"] == "RS256"
