"""An app made by a guide for Auth0 that is written in addresses and forms alone: `/authorize` and
`/oauth/token`, a secret in the body, no PKCE, no state, and a refresh without `offline_access`."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

import openid_client
from browser import Browser, Page
from expect import invalid_token, j400, j401, page400
from harness import Client, CommandFailed, Tenant, User
from protocol import PKCE, Redirect, authorization_url, claims, sign_in, userinfo

CALLBACK = "https://your-app.com/callback"
CALLBACKS = [CALLBACK, "https://staging.your-app.com/callback"]
LOGOUTS = ["https://your-app.com/", "https://staging.your-app.com/bye"]
AUDIENCE = "https://your-app.com/api"
POLICIES = [
    "--pkce", "optional", "--refresh-tokens", "always", "--audience", AUDIENCE,
    *[part for uri in LOGOUTS for part in ("--post-logout-redirect-uri", uri)]]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def client(tenant: Tenant) -> Client:
    return tenant.create_client("web", *POLICIES, redirect_uris=CALLBACKS)


@pytest.fixture
def kay(tenant: Tenant) -> User:
    return tenant.create_user("kay@example.com", username="kay", name="Kay Doe")


def begin_at(client: Client, callback: str = CALLBACK) -> str:
    return (
        f"{client.tenant.issuer}/authorize?client_id={client.id}&response_type=code"
        f"&redirect_uri={callback}&scope=openid profile email")


def post_form(client: Client, form: str) -> httpx.Response:
    return client.tenant.instance.http.post(
        f"{client.tenant.issuer}/oauth/token", content=form, headers=FORM)


def exchange(
    client: Client, code: str, callback: str = CALLBACK, secret: str = ""
) -> httpx.Response:
    return post_form(client, (
        f"grant_type=authorization_code&client_id={client.id}"
        f"&client_secret={secret or client.secret}&code={code}&redirect_uri={callback}"))


def renew(client: Client, refresh_token: str) -> httpx.Response:
    return post_form(client, (
        f"grant_type=refresh_token&client_id={client.id}&client_secret={client.secret}"
        f"&refresh_token={refresh_token}"))


def arrive(
    client: Client, browser: Browser, user: User | None, callback: str = CALLBACK
) -> Redirect:
    page = browser.get(begin_at(client, callback), site="cross-site")
    return Redirect.read(sign_in(browser, page, user))


def given_to(client: Client, browser: Browser, user: User | None) -> dict[str, Any]:
    answer = exchange(client, arrive(client, browser, user).code)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_flow_of_the_guide(
    tenant: Tenant, client: Client, kay: User, browser: Browser
) -> None:
    asked = parse_qsl(urlsplit(begin_at(client)).query)
    assert [name for name, _ in asked] == ["client_id", "response_type", "redirect_uri", "scope"]
    answer = arrive(client, browser, kay)
    assert answer.uri == CALLBACK and set(answer.parameters) == {"code", "iss"}

    answered = exchange(client, answer.code)
    assert answered.status_code == 200 and answered.headers["cache-control"] == "no-store"
    given = answered.json()
    assert set(given) == {
        "access_token", "token_type", "expires_in", "refresh_token", "id_token", "scope"}
    assert given["token_type"] == "Bearer" and given["scope"] == "openid profile email"
    said = claims(given["id_token"])
    assert (said["sub"], said["aud"], said["email"], said["name"]) == (
        kay.id, client.id, "kay@example.com", "Kay Doe")

    # The API of the guide, and the endpoint that takes the same token.
    payload = openid_client.jwt_verify(
        tenant.instance.http, given["access_token"], f"{tenant.issuer}/.well-known/jwks.json",
        tenant.issuer, AUDIENCE)
    assert payload["sub"] == kay.id
    shown = tenant.instance.http.get(
        f"{tenant.issuer}/userinfo", headers={"Authorization": f"Bearer {given['access_token']}"})
    assert shown.json()["email"] == "kay@example.com"

    # Later, again and again, with the token that was stored once.
    known = {given["access_token"]}
    for _ in range(3):
        later = renew(client, given["refresh_token"])
        assert later.status_code == 200, later.text
        assert later.json()["refresh_token"] == given["refresh_token"]
        assert later.json()["access_token"] not in known
        known.add(later.json()["access_token"])
        assert userinfo(tenant, later.json()["access_token"]).status_code == 200


def test_an_app_that_rotates_has_to_store_what_it_gets(
    client: Client, kay: User, browser: Browser
) -> None:
    client.update("--rotation", "rotate", "--rotation-leeway", "0")
    given = given_to(client, browser, kay)
    second = renew(client, given["refresh_token"]).json()
    assert second["refresh_token"] != given["refresh_token"]
    third = renew(client, second["refresh_token"])
    assert third.status_code == 200
    j400(renew(client, given["refresh_token"]), "invalid_grant")
    j400(renew(client, third.json()["refresh_token"]), "invalid_grant")


def test_gh_119_without_offline_access_a_refresh_token_ends_with_the_session(
    tenant: Tenant, client: Client, kay: User, browser: Browser
) -> None:
    given = given_to(client, browser, kay)
    page = browser.get(f"{tenant.issuer}/logout", site="cross-site")
    browser.submit(page, page.form("answer"), answer="sign_out")
    j400(renew(client, given["refresh_token"]), "invalid_grant")
    invalid_token(userinfo(tenant, given["access_token"]))


def test_who_asks_for_a_refresh_token_only_by_scope_gets_none_here(
    client: Client, kay: User, browser: Browser
) -> None:
    client.update("--refresh-tokens", "offline_access")
    assert "refresh_token" not in given_to(client, browser, kay)


def test_every_callback_of_the_list_is_good_and_no_other(
    client: Client, kay: User, browser: Browser
) -> None:
    for callback in CALLBACKS:
        answer = arrive(client, browser, kay, callback)
        assert answer.uri == callback
        assert exchange(client, answer.code, callback).status_code == 200
    code = arrive(client, browser, None).code
    j400(exchange(client, code, CALLBACKS[1]), "invalid_grant")
    for callback in (CALLBACK + "/", "https://your-app.com/", "https://evil.test/callback"):
        page400(browser.get(begin_at(client, callback), site="cross-site"))


def test_every_logout_address_of_the_list_is_good_and_no_other(
    tenant: Tenant, client: Client, kay: User, browser: Browser
) -> None:
    def leave(target: str) -> Page:
        hint = given_to(client, browser, kay)["id_token"]
        return browser.get(
            f"{tenant.issuer}/logout?id_token_hint={hint}&post_logout_redirect_uri={target}",
            site="cross-site")

    for target in LOGOUTS:
        assert leave(target).location == target
        assert browser.cookie("session") is None
    for target in ("https://your-app.com", LOGOUTS[0] + "x", "https://evil.test/"):
        assert (leave(target).location or "").startswith(tenant.issuer + "/")


def test_gh_059_and_062_the_switch_is_for_this_client_only_and_stands_in_the_audit(
    tenant: Tenant, client: Client, kay: User, browser: Browser
) -> None:
    strict = tenant.create_client("web", redirect_uris=CALLBACKS)
    page = browser.get(begin_at(strict), site="cross-site")
    answer = Redirect.read(page)
    assert answer.error == "invalid_request" and "code" not in answer.parameters
    for kind in ("spa", "native"):
        with pytest.raises(CommandFailed):
            tenant.create_client(kind, "--pkce", "optional")
    detail = next(
        event["detail"] for event in tenant.instance.events(tenant)
        if event["kind"] == "client.created" and event["subject"] == client.id)
    assert "pkce_not_required" in detail and "refresh_token_always" in detail
    # A verifier for a code that was asked for without a challenge is a sign of a swapped code.
    code = arrive(client, browser, kay).code
    j400(post_form(client, (
        f"grant_type=authorization_code&client_id={client.id}&client_secret={client.secret}"
        f"&code={code}&redirect_uri={CALLBACK}&code_verifier={PKCE.new().verifier}")),
        "invalid_grant")
    # Who does send a challenge is held to it.
    page = browser.get(authorization_url(client, PKCE.new()), site="cross-site")
    j400(exchange(client, Redirect.read(page).code), "invalid_grant")


def test_gh_071_and_085_a_code_is_worth_nothing_to_a_thief(
    tenant: Tenant, client: Client, kay: User, browser: Browser
) -> None:
    code = arrive(client, browser, kay).code
    j401(post_form(client, (
        f"grant_type=authorization_code&client_id={client.id}&code={code}"
        f"&redirect_uri={CALLBACK}")))
    other = tenant.create_client("web", *POLICIES, redirect_uris=CALLBACKS)
    wrong = exchange(client, code, secret=other.secret or "")
    assert wrong.status_code == 401
    j400(exchange(other, arrive(client, browser, None).code), "invalid_grant")
    given = given_to(client, browser, None)
    j400(renew(other, given["refresh_token"]), "invalid_grant")
    assert renew(client, given["refresh_token"]).status_code == 200
