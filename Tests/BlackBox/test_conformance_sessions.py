"""Who is asked again and who is not, as the conformance suite looks at it: by pages, and by the
auth_time of the second ID token."""

from __future__ import annotations

import time

import pytest

from browser import Browser
from expect import redirected
from harness import Client, Instance, User
from protocol import Redirect, authorization_url, begin, redeem, sign_in
from suite import let_pass, sign_in_for_tokens, verified

conformance = pytest.mark.conformance


@pytest.mark.parametrize("changes", [
    pytest.param({"prompt": "login"}, id="prompt-login", marks=conformance(
        "oidcc-prompt-login", "asked", "later")),
    pytest.param({"max_age": "1"}, id="max-age-1", marks=conformance(
        "oidcc-max-age-1", "asked", "later")),
])
def test_somebody_is_asked_again(own_instance: Instance, changes: dict[str, str]) -> None:
    tenant = own_instance.create_tenant()
    client, user = tenant.create_client("web", "--pkce", "optional"), tenant.create_user()
    browser = Browser(own_instance)
    first = verified(client, sign_in_for_tokens(client, user, browser))
    let_pass(own_instance, 2)
    silent = browser.get(authorization_url(client, None, prompt="none"))
    assert "code" in Redirect.read(silent).parameters, "Nobody would have to be asked."

    before = int(time.time())
    page = browser.follow(browser.get(authorization_url(client, None, nonce="n-2", **changes)))
    assert page.form("password").fields["identifier"] == user.name
    answer = Redirect.read(sign_in(browser, page, user))
    second = verified(client, redeem(client, answer.code, None).json(), nonce="n-2")
    assert second["sub"] == first["sub"]
    # The first time is told as it was; it lies two seconds back by now.
    assert second["auth_time"] > first["auth_time"] - 2 and second["auth_time"] >= before


@conformance("oidcc-prompt-none-logged-in", "silent", "same")
@conformance("oidcc-max-age-10000", "silent", "same")
@conformance("oidcc-id-token-hint", "silent", "same")
def test_somebody_is_not_asked_again(own_instance: Instance) -> None:
    tenant = own_instance.create_tenant()
    client, user = tenant.create_client("web", "--pkce", "optional"), tenant.create_user()
    browser = Browser(own_instance)
    given = sign_in_for_tokens(client, user, browser, max_age="15000")
    first = verified(client, given)
    let_pass(own_instance, 60)
    for changes in ({"prompt": "none"}, {"max_age": "10000"}, {},
                    {"prompt": "none", "id_token_hint": given["id_token"]},
                    {"prompt": "none", "max_age": "10000", "login_hint": user.name}):
        # Without a user, a page that asks for something fails the test.
        second = verified(client, sign_in_for_tokens(client, None, browser, **changes))
        assert second["sub"] == first["sub"] and second["sid"] == first["sid"]
        assert second["auth_time"] == first["auth_time"] - 60, "A minute has passed since then."


@conformance("oidcc-prompt-none-not-logged-in", "refused", "state")
def test_nobody_is_there_to_be_silent_about(plain_client: Client, browser: Browser) -> None:
    state = "0123456789abcdef" * 8
    page = browser.get(authorization_url(plain_client, None, prompt="none", state=state))
    answer = redirected(page, plain_client, "login_required", state=state)
    assert set(answer.parameters) == {"error", "error_description", "state", "iss"}


def test_a_hint_of_somebody_else_is_no_silent_sign_in(
    plain_client: Client, user: User, browser: Browser, instance: Instance
) -> None:
    other = plain_client.tenant.create_user()
    hint = sign_in_for_tokens(plain_client, other, Browser(instance))["id_token"]
    sign_in_for_tokens(plain_client, user, browser)
    page = browser.get(authorization_url(
        plain_client, None, prompt="none", id_token_hint=hint))
    redirected(page, plain_client, "login_required")
    # Asked with pages, the person who is meant may sign in.
    page = begin(browser, plain_client, id_token_hint=hint)
    assert page.forms
