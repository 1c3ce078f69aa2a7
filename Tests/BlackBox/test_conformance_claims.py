"""Userinfo, scopes and refresh tokens, as the conformance suite asks for them."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from browser import Browser
from expect import j400, redirected
from harness import Client, Tenant, User
from protocol import authorization_url, authorize, redeem, refresh, userinfo
from suite import about_the_person, full_user, sign_in_for_tokens, verified

conformance = pytest.mark.conformance

PROFILE = {"name": str, "preferred_username": str, "updated_at": int}
EMAIL = {"email": str, "email_verified": bool}
# OpenID Connect Core §5.1, beyond what is known here.
STANDARD = {
    "given_name", "family_name", "middle_name", "nickname", "profile", "picture", "website",
    "gender", "birthdate", "zoneinfo", "locale", "phone_number", "phone_number_verified", "address",
}


def ask(client: Client, way: str, token: str) -> httpx.Response:
    """Asks userinfo with the token in one of three places."""
    http, url = client.tenant.instance.http, client.tenant.endpoint("userinfo")
    bearer = {"Authorization": f"Bearer {token}"}
    match way:
        case "get":
            return http.get(url, headers=bearer)
        case "post-header":
            return http.post(url, headers=bearer)
        case _:
            return http.post(url, data={"access_token": token})


@pytest.mark.parametrize("way", [
    pytest.param("get", marks=conformance("oidcc-userinfo-get", "answer")),
    pytest.param("post-header", marks=conformance("oidcc-userinfo-post-header", "answer")),
    pytest.param("post-body", marks=conformance("oidcc-userinfo-post-body", "answer")),
])
def test_userinfo(plain_client: Client, browser: Browser, way: str) -> None:
    user = full_user(plain_client.tenant)
    given = sign_in_for_tokens(plain_client, user, browser, scope="openid profile email")
    answer = ask(plain_client, way, given["access_token"])
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/json"
    assert answer.json()["sub"] == verified(plain_client, given)["sub"]
    assert set(answer.json()) == {"sub", *PROFILE, *EMAIL}


@pytest.mark.parametrize("scope, expected", [
    pytest.param("openid", {}, id="openid"),
    pytest.param("openid profile", PROFILE, id="profile", marks=conformance(
        "oidcc-scope-profile", "userinfo")),
    pytest.param("openid email", EMAIL, id="email", marks=conformance(
        "oidcc-scope-email", "userinfo", "id-token")),
])
def test_a_scope_brings_its_claims_and_no_others(
    plain_client: Client, browser: Browser, scope: str, expected: dict[str, type]
) -> None:
    user = full_user(plain_client.tenant)
    given = sign_in_for_tokens(plain_client, user, browser, scope=scope)
    told = userinfo(plain_client.tenant, given["access_token"]).json()
    assert told.pop("sub") == user.id
    assert {name: type(value) for name, value in told.items()} == expected
    assert about_the_person(verified(plain_client, given)) == told
    if "profile" in scope:
        assert (told["name"], told["preferred_username"]) == ("Kay Doe", "kay")
    if "email" in scope:
        assert (told["email"], told["email_verified"]) == ("kay@example.com", True)


@conformance("oidcc-scope-profile", "userinfo")
def test_what_is_not_known_is_left_out(
    plain_client: Client, user: User, browser: Browser
) -> None:
    """Never null and never empty (OpenID Connect Core §5.3.2)."""
    given = sign_in_for_tokens(plain_client, user, browser, scope="openid profile")
    told = userinfo(plain_client.tenant, given["access_token"]).json()
    assert set(told) == {"sub", "updated_at"}


@conformance("oidcc-scope-all", "offered")
def test_every_scope_on_offer_at_once(plain_client: Client, browser: Browser) -> None:
    offered: list[str] = plain_client.tenant.metadata["scopes_supported"]
    user = full_user(plain_client.tenant)
    given = sign_in_for_tokens(plain_client, user, browser, scope=" ".join(offered))
    assert given["scope"].split() == offered
    told = userinfo(plain_client.tenant, given["access_token"]).json()
    claims = set(plain_client.tenant.metadata["claims_supported"])
    assert set(told) == {"sub", *PROFILE, *EMAIL} <= claims and not claims & STANDARD


@pytest.mark.parametrize("scope", [
    pytest.param("openid address", marks=conformance("oidcc-scope-address", "not-offered")),
    pytest.param("openid phone", marks=conformance("oidcc-scope-phone", "not-offered")),
    pytest.param("openid profile email address phone", marks=conformance(
        "oidcc-scope-all", "not-offered")),
])
def test_scopes_of_what_nobody_has_here(
    plain_client: Client, user: User, browser: Browser, scope: str
) -> None:
    assert not {"address", "phone"} & set(plain_client.tenant.metadata["scopes_supported"])
    authorize(browser, plain_client, user, None)
    page = browser.get(authorization_url(plain_client, None, scope=scope))
    redirected(page, plain_client, "invalid_scope")


def authorized(client: Client, user: User, browser: Browser) -> dict[str, Any]:
    """A sign-in that brings a refresh token, asked for as OpenID Connect Core §11 wants."""
    return sign_in_for_tokens(
        client, user, browser, scope="openid offline_access", prompt="consent", nonce="n-1")


@conformance("oidcc-refresh-token", "works", "id-token", "consent")
@conformance("fapi2-security-profile-final-refresh-token", "works")
def test_a_refresh_brings_what_the_sign_in_brought(
    plain_client: Client, user: User, browser: Browser
) -> None:
    assert "refresh_token" in plain_client.tenant.metadata["grant_types_supported"]
    given = authorized(plain_client, user, browser)
    first = verified(plain_client, given, nonce="n-1")
    value, seen = given["refresh_token"], {given["access_token"]}
    for _ in range(3):
        assert re.fullmatch(r"[\x20-\x7e]{43,}", value)
        answer = refresh(plain_client, value)
        assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-type"] == "application/json"
        renewed = answer.json()
        assert renewed["token_type"].lower() == "bearer" and renewed["expires_in"] > 0
        assert renewed["access_token"] not in seen
        seen.add(renewed["access_token"])
        told = userinfo(plain_client.tenant, renewed["access_token"])
        assert told.status_code == 200 and told.json()["sub"] == user.id
        # The nonce was for the first request; nothing else that identifies may change.
        again = verified(plain_client, renewed)
        for name in ("iss", "sub", "aud", "azp", "auth_time", "sid"):
            assert again[name] == first[name]
        assert again["iat"] >= first["iat"]
        value = renewed["refresh_token"]


@conformance("oidcc-refresh-token", "bound")
@conformance("fapi2-security-profile-final-refresh-token", "bound")
def test_a_refresh_token_is_of_no_use_to_another_client(
    plain_client: Client, user: User, browser: Browser
) -> None:
    second = plain_client.tenant.create_client("web", "--pkce", "optional")
    mine, theirs = (authorized(app, user, browser) for app in (plain_client, second))
    j400(refresh(second, mine["refresh_token"]), "invalid_grant")
    j400(refresh(plain_client, theirs["refresh_token"]), "invalid_grant")
    for app, given in ((plain_client, mine), (second, theirs)):
        assert refresh(app, given["refresh_token"]).status_code == 200


@conformance("fapi2-security-profile-final-ensure-client-id-in-token-endpoint", "refused")
@conformance(
    "fapi2-security-profile-final-ensure-authorization-code-is-bound-to-client", "refused")
def test_a_code_is_of_no_use_to_another_client(
    plain_client: Client, user: User, browser: Browser, tenant: Tenant
) -> None:
    second = tenant.create_client("web", "--pkce", "optional")
    code = authorize(browser, plain_client, user, None).code
    j400(redeem(second, code, None), "invalid_grant")
    answer = redeem(plain_client, code, None, client_id=second.id)
    assert answer.status_code in (400, 401)
    assert answer.json()["error"] in ("invalid_request", "invalid_client", "invalid_grant")
    assert redeem(plain_client, code, None).status_code == 200
