"""An app made by Authalla's guide: openid-client without a secret, PKCE, a state and no nonce; and
an API that checks access tokens with jose, for an audience of its own, and reads the address."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

import openid_client
from browser import Browser
from expect import j400
from harness import Client, Tenant, User
from openid_client import Configuration, Refused
from protocol import PKCE, Redirect, authorization_url, authorize, redeem, sign_in, tokens, userinfo

AUDIENCE = "https://api.example.com"
CALLBACK = "https://app.example.com/oauth/callback"


@pytest.fixture
def client(tenant: Tenant) -> Client:
    return tenant.create_client(
        "native", "--audience", AUDIENCE, "--access-token-email", redirect_uris=[CALLBACK])


@pytest.fixture
def kay(tenant: Tenant) -> User:
    return tenant.create_user("kay@example.com", username="kay", name="Kay Doe")


@pytest.fixture
def config(client: Client) -> Configuration:
    return openid_client.discovery(client.tenant.instance.http, client.tenant.issuer, client.id)


def start_authorization(config: Configuration, session: dict[str, str]) -> str:
    """The guide's handler of that name."""
    session["verifier"], session["state"] = openid_client.random_text(), openid_client.random_text()
    return openid_client.build_authorization_url(config, {
        "redirect_uri": CALLBACK, "scope": "openid profile email", "state": session["state"],
        "code_challenge": openid_client.calculate_pkce_code_challenge(session["verifier"]),
        "code_challenge_method": "S256",
    })


def callback(config: Configuration, session: dict[str, str], arrived_at: str) -> dict[str, Any]:
    """The guide's handler of that name."""
    return openid_client.authorization_code_grant(
        config, arrived_at, pkce_code_verifier=session["verifier"],
        expected_state=session["state"])


def authorized(tenant: Tenant, token: str) -> dict[str, Any]:
    """The guide's middleware for an API."""
    payload = openid_client.jwt_verify(
        tenant.instance.http, token, f"{tenant.issuer}/.well-known/jwks.json", tenant.issuer,
        AUDIENCE)
    return {"sub": payload["sub"], "email": payload.get("email")}


def arrive(config: Configuration, browser: Browser, user: User) -> tuple[dict[str, str], str]:
    session: dict[str, str] = {}
    url = start_authorization(config, session)
    page = sign_in(browser, browser.get(url, site="cross-site"), user)
    assert page.location
    return session, page.location


def test_the_app_signs_in_and_the_api_takes_its_token(
    tenant: Tenant, client: Client, config: Configuration, kay: User, browser: Browser
) -> None:
    session: dict[str, str] = {}
    begun = urlsplit(start_authorization(config, session))
    asked = dict(parse_qsl(begun.query))
    assert set(asked) == {
        "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method", "client_id",
        "response_type"}
    page = sign_in(browser, browser.get(begun.geturl(), site="cross-site"), kay)
    answer = Redirect.read(page)
    assert answer.uri == CALLBACK and set(answer.parameters) == {"code", "state", "iss"}

    given = callback(config, session, page.location or "")
    # No nonce was sent, and openid-client refuses one that it did not send.
    assert "nonce" not in given["claims"]
    assert (given["claims"]["sub"], given["claims"]["email"]) == (kay.id, "kay@example.com")
    assert given["claims"]["aud"] == client.id
    assert "refresh_token" not in given, "It was not asked for."
    assert given["scope"] == "openid profile email"

    assert authorized(tenant, given["access_token"]) == {
        "sub": kay.id, "email": "kay@example.com"}
    header, payload = openid_client.parts(given["access_token"])
    assert header["typ"] == "at+jwt" and payload["aud"] == AUDIENCE
    assert payload["client_id"] == client.id
    assert userinfo(tenant, given["access_token"]).json()["email"] == "kay@example.com"


def test_a_single_page_app_gets_the_same(tenant: Tenant, kay: User, browser: Browser) -> None:
    client = tenant.create_client(
        "spa", "--audience", AUDIENCE, "--access-token-email", redirect_uris=[CALLBACK])
    config = openid_client.discovery(tenant.instance.http, tenant.issuer, client.id)
    given = callback(config, *arrive(config, browser, kay))
    assert authorized(tenant, given["access_token"])["email"] == "kay@example.com"


def test_the_address_is_in_the_token_of_an_app_that_is_set_to_it_only(
    tenant: Tenant, client: Client, config: Configuration, kay: User, browser: Browser
) -> None:
    client.update("--no-access-token-email")
    given = callback(config, *arrive(config, browser, kay))
    assert authorized(tenant, given["access_token"]) == {"sub": kay.id, "email": None}
    assert given["claims"]["email"] == "kay@example.com"


def test_gh_059_and_061_a_public_client_cannot_do_without_pkce(
    client: Client, kay: User, browser: Browser
) -> None:
    page = browser.get(authorization_url(client, None), site="cross-site")
    assert Redirect.read(page).error == "invalid_request"
    for wrong in (None, "", PKCE.new().verifier):
        pkce = PKCE.new()
        code = authorize(browser, client, kay, pkce).code
        j400(redeem(client, code, pkce, code_verifier=wrong), "invalid_grant")


def test_the_app_refuses_what_is_not_the_answer_to_its_request(
    config: Configuration, kay: User, browser: Browser
) -> None:
    session, arrived_at = arrive(config, browser, kay)
    with pytest.raises(Refused, match="state"):
        callback(config, session | {"state": "another"}, arrived_at)
    with pytest.raises(Refused, match="iss"):
        callback(config, session, arrived_at.rpartition("iss=")[0] + "iss=https://evil.test")
    with pytest.raises(Refused, match="invalid_grant"):
        callback(config, session | {"verifier": PKCE.new().verifier}, arrived_at)


def test_gh_130_and_131_the_api_takes_no_token_for_somebody_else(
    tenant: Tenant, client: Client, kay: User, browser: Browser
) -> None:
    other = tenant.create_client("native")
    for_other = tokens(other, kay, browser)
    with pytest.raises(Refused, match="aud"):
        authorized(tenant, for_other["access_token"])
    given = tokens(client, kay, browser)
    with pytest.raises(Refused, match="aud"):
        authorized(tenant, given["id_token"])
    elsewhere = tenant.instance.create_tenant()
    foreign = elsewhere.create_client("native", "--audience", AUDIENCE)
    theirs = tokens(foreign, elsewhere.create_user())
    with pytest.raises(Refused, match="no applicable key"):
        authorized(tenant, theirs["access_token"])
    head, _, mark = given["access_token"].split(".")
    _, body, _ = for_other["access_token"].split(".")
    with pytest.raises(Refused, match="signature"):
        authorized(tenant, f"{head}.{body}.{mark}")
