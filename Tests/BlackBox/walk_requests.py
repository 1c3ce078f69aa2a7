"""Uses of the metadata: the endpoints, and what an authorization request may say."""

from __future__ import annotations

import json
from collections.abc import Callable

from joserfc import jwt
from joserfc.jwk import KeySet

import device
from assertions import register
from protocol import (
    PKCE, Redirect, allow, asks_consent, authorization_url, authorize, claims, push, pushed_url,
    redeem, refresh, sign_in, token, userinfo)
from request_objects import by_value, request_object
from response_modes import ALL, answer
from walk import OFFLINE, Walk


def issuer(walk: Walk, value: str) -> None:
    given = walk.tokens()
    assert claims(given["id_token"])["iss"] == claims(given["access_token"])["iss"] == value


def keys(walk: Walk, value: str) -> None:
    given = walk.tokens()
    for name in ("id_token", "access_token"):
        jwt.decode(given[name], KeySet.import_key_set(walk.get(value)), algorithms=["RS256", "ES256"])


def authorization(walk: Walk, value: str) -> None:
    assert authorize(walk.browser(), walk.client, walk.user, PKCE.new()).code


def token_endpoint(walk: Walk, value: str) -> None:
    machine = walk.tenant.create_client("machine")
    assert token(machine, url=value, grant_type="client_credentials").status_code == 200


def userinfo_endpoint(walk: Walk, value: str) -> None:
    headers = {"Authorization": f"Bearer {walk.tokens()['access_token']}"}
    for ask in (walk.tenant.instance.http.get, walk.tenant.instance.http.post):
        assert ask(value, headers=headers).json()["sub"] == walk.user.id


def revocation(walk: Walk, value: str) -> None:
    given = walk.tokens(scope=OFFLINE)
    assert token(walk.client, url=value, token=given["refresh_token"]).status_code == 200
    assert refresh(walk.client, given["refresh_token"]).json()["error"] == "invalid_grant"


def introspection(walk: Walk, value: str) -> None:
    given = walk.tokens()
    assert token(walk.client, url=value, token=given["access_token"]).json()["active"] is True


def end_session(walk: Walk, value: str) -> None:
    browser, pkce = walk.browser(), PKCE.new()
    code = authorize(browser, walk.client, walk.user, pkce).code
    hint = redeem(walk.client, code, pkce).json()["id_token"]
    assert browser.follow(browser.get(f"{value}?id_token_hint={hint}")).status == 200
    silent = authorize(browser, walk.client, None, PKCE.new(), prompt="none")
    assert silent.error == "login_required"


def device_authorization(walk: Walk, value: str) -> None:
    client = device.device_client(walk.tenant)
    begun = device.Device.begin(client)
    device.decide(begun, walk.user)
    assert begun.tokens()["access_token"]


def pushed(walk: Walk, value: str) -> None:
    pkce = PKCE.new()
    request_uri = push(walk.client, pkce).json()["request_uri"]
    browser = walk.browser()
    page = sign_in(browser, browser.get(pushed_url(walk.client, request_uri)), walk.user)
    assert redeem(walk.client, Redirect.read(page).code, pkce).status_code == 200


def response_types(walk: Walk, values: list[str]) -> None:
    for value in values:
        sent = authorize(walk.browser(), walk.client, walk.user, PKCE.new(), response_type=value)
        assert set(value.split()) <= set(sent.parameters)


def response_modes(walk: Walk, values: list[str]) -> None:
    for mode in values:
        browser = walk.browser()
        url = authorization_url(walk.client, PKCE.new(), response_mode=mode)
        page = sign_in(browser, browser.get(url), walk.user)
        assert answer(page, walk.client, mode)["code"]


def challenge_methods(walk: Walk, values: list[str]) -> None:
    for method in values:
        pkce = PKCE.new()
        code = authorize(
            walk.browser(), walk.client, walk.user, pkce, code_challenge_method=method).code
        assert redeem(walk.client, code, None).json()["error"] == "invalid_grant"
    assert values


def prompts(walk: Walk, values: list[str]) -> None:
    for prompt in values:
        browser = walk.browser()
        page = browser.follow(browser.get(authorization_url(walk.client, PKCE.new(), prompt=prompt)))
        if prompt == "none":
            assert Redirect.read(page).error == "login_required"
        else:
            assert page.status == 200 and page.forms, prompt
        if prompt == "consent":
            form = page.form("identifier", "password")
            page = browser.follow(browser.submit(
                page, form, identifier=walk.user.name, password=walk.user.password))
            assert asks_consent(page) and Redirect.read(allow(browser, page)).code


def context_classes(walk: Walk, values: list[str]) -> None:
    for value in values:
        assert claims(walk.tokens(acr_values=value)["id_token"])["acr"] in values


def claims_parameter(walk: Walk, value: bool) -> None:
    assert value
    wish = json.dumps({"id_token": {"email": None}, "userinfo": {"name": None}})
    given = walk.tokens(claims=wish)
    assert claims(given["id_token"])["email"] == walk.user.email
    assert userinfo(walk.tenant, given["access_token"]).json()["name"] == "Kay Doe"


def is_refused(error: str, **parameters: str) -> Callable[[Walk, bool], None]:
    def use(walk: Walk, value: bool) -> None:
        assert value is False
        page = walk.browser().get(authorization_url(walk.client, PKCE.new(), **parameters))
        assert Redirect.read(page).error == error
    return use


def request_parameter(walk: Walk, value: bool) -> None:
    assert value
    requests_signed(walk, ["ES256"])


def requests_signed(walk: Walk, values: list[str]) -> None:
    for algorithm in values:
        signing, browser = register(walk.tenant, walk.folder, "web", algorithm), walk.browser()
        page = browser.get(by_value(signing.client, request_object(signing)))
        sent = Redirect.read(sign_in(browser, page, walk.user))
        assert sent.code and sent.parameters["state"] == "inside"


def is_not_demanded(walk: Walk, value: bool) -> None:
    assert value is False
    assert authorize(walk.browser(), walk.client, walk.user, PKCE.new()).code


def issuer_in_answers(walk: Walk, value: bool) -> None:
    assert value
    sent = authorize(walk.browser(), walk.client, walk.user, PKCE.new())
    assert sent.parameters["iss"] == walk.tenant.issuer


def answers_signed(walk: Walk, values: list[str]) -> None:
    for algorithm in values:
        client = walk.tenant.create_client("web", *ALL, "--id-token-algorithm", algorithm)
        browser = walk.browser()
        url = authorization_url(client, PKCE.new(), response_mode="query.jwt")
        page = sign_in(browser, browser.get(url), walk.user)
        walk.is_signed(Redirect.read(page).parameters["response"], algorithm)
