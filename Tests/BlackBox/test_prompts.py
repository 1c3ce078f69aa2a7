"""What a client may say about the sign-in: prompt, max_age, login_hint, hints and languages."""

from __future__ import annotations

from browser import Browser
from expect import page400, redirected
from harness import Client, Instance, Tenant, User
from protocol import (
    PKCE, Redirect, authorization_url, authorize, begin, claims, redeem, request_parameters,
    sign_in, tokens)


def test_prompt_none_answers_at_once(client: Client, user: User, browser: Browser) -> None:
    silent = authorization_url(client, PKCE.new(), prompt="none")
    redirected(browser.get(silent), client, "login_required")
    tokens(client, user, browser)
    answer = Redirect.read(browser.get(authorization_url(client, PKCE.new(), prompt="none")))
    assert answer.code and answer.parameters["iss"] == client.tenant.issuer
    # Whoever is asked without a page cannot be asked for a fresh proof.
    client.tenant.cli("user", "update", user.id, "--disable")
    redirected(
        browser.get(authorization_url(client, PKCE.new(), prompt="none")), client,
        "login_required")


def test_prompt_login_asks_again_and_renews_the_time(
    client: Client, user: User, browser: Browser
) -> None:
    first = claims(tokens(client, user, browser)["id_token"])
    page = begin(browser, client, prompt="login")
    assert page.form("password").fields["identifier"] == user.name
    second = claims(tokens(client, user, browser, prompt="login")["id_token"])
    assert second["sid"] == first["sid"], "The same person's session goes on."
    assert second["auth_time"] >= first["auth_time"]


def test_prompt_select_account_offers_the_account_and_another(
    client: Client, user: User, browser: Browser, tenant: Tenant
) -> None:
    tokens(client, user, browser)
    pkce = PKCE.new()
    page = begin(browser, client, pkce, prompt="select_account")
    assert user.name in page.words
    answer = browser.follow(browser.submit(page, page.form("answer"), answer="continue"))
    given = redeem(client, Redirect.read(answer).code, pkce).json()
    assert claims(given["id_token"])["sub"] == user.id

    second = tenant.create_user()
    page = begin(browser, client, pkce, prompt="select_account")
    page = browser.follow(browser.submit(page, page.form("answer"), answer="another_account"))
    answer = browser.submit(
        page, page.form("identifier", "password"), identifier=second.name,
        password=second.password)
    given = redeem(client, Redirect.read(answer).code, pkce).json()
    assert claims(given["id_token"])["sub"] == second.id


def test_prompt_create_leads_to_a_new_account(open_tenant: Tenant) -> None:
    client, browser, pkce = open_tenant.create_client(), Browser(open_tenant.instance), PKCE.new()
    page = begin(browser, client, pkce, prompt="create", scope="openid email profile")
    password = "an unlikely herring 72"
    answer = browser.submit(
        page, page.form("email", "password"), email="new@example.com", name="New Comer",
        password=password)
    given = redeem(client, Redirect.read(browser.follow(answer)).code, pkce).json()
    said = claims(given["id_token"])
    assert (said["email"], said["email_verified"]) == ("new@example.com", False)
    assert said["name"] == "New Comer"


def test_prompt_create_where_nobody_may_create(client: Client, browser: Browser) -> None:
    page = begin(browser, client, prompt="create")
    assert page.form("identifier", "password")


def test_max_age_asks_again_only_when_the_proof_is_older(
    client: Client, user: User, browser: Browser
) -> None:
    tokens(client, user, browser)
    recent = authorize(browser, client, None, PKCE.new(), max_age="3600", prompt="none")
    assert recent.code
    # Seconds are whole, the proof is milliseconds old: 0 means that it must be renewed.
    page = begin(browser, client, max_age="0")
    assert page.form("password").fields["identifier"] == user.name
    said = claims(tokens(client, user, browser, max_age="0")["id_token"])
    assert said["auth_time"] > 0
    redirected(
        browser.get(authorization_url(client, PKCE.new(), max_age="0", prompt="none")), client,
        "login_required")


def test_max_age_that_is_no_number(client: Client, browser: Browser) -> None:
    for value in ("-1", "x", "1.5", "+5", "1e3", "0x10", " 1", "٣", "99999999999", "NaN", "１"):
        redirected(
            browser.get(authorization_url(client, PKCE.new(), max_age=value)), client,
            "invalid_request")


def test_login_hint_stands_in_the_form_and_is_escaped(client: Client, browser: Browser) -> None:
    page = begin(browser, client, login_hint="kay@example.com")
    assert page.form("identifier").fields["identifier"] == "kay@example.com"
    page = begin(browser, client, login_hint='"><script>alert(1)</script>')
    assert page.form("identifier").fields["identifier"] == '"><script>alert(1)</script>'
    assert "<script" not in page.text
    page = begin(browser, client, login_hint="x" * 2000)
    assert page.form("identifier").fields["identifier"] == ""


def test_ui_locales_and_unknown_parameters_are_no_error(
    client: Client, user: User, browser: Browser
) -> None:
    answer = authorize(
        browser, client, user, PKCE.new(), ui_locales="de-CH en", display="popup", claims="{}",
        acr_values="1 2", utm_source="x", x_resource="https://api.test")
    assert answer.code and set(answer.parameters) == {"code", "state", "iss"}


def test_id_token_hint_of_who_is_signed_in_is_taken(
    client: Client, user: User, browser: Browser
) -> None:
    hint = tokens(client, user, browser)["id_token"]
    assert authorize(
        browser, client, None, PKCE.new(), prompt="none", id_token_hint=hint).code


def test_signing_in_as_somebody_else_than_hinted_yields_no_code(
    client: Client, user: User, tenant: Tenant, instance: Instance
) -> None:
    hint = tokens(client, user)["id_token"]
    other, browser = tenant.create_user(), Browser(instance)
    page = begin(browser, client, id_token_hint=hint)
    redirected(sign_in(browser, page, other), client, "login_required")


def test_iss_and_state_are_in_every_answer(client: Client, user: User, browser: Browser) -> None:
    answer = authorize(browser, client, user, PKCE.new())
    assert answer.parameters["iss"] == client.tenant.issuer
    assert answer.parameters["state"] == "st-4711"
    answer = authorize(browser, client, user, PKCE.new(), state=None)
    assert set(answer.parameters) == {"code", "iss"}
    redirected(
        browser.get(authorization_url(client, None, state=None)), client, "invalid_request",
        state=None)


def test_a_request_by_post(client: Client, user: User, browser: Browser) -> None:
    for cookies in (True, False):
        browser.knows_same_site = cookies
        pkce = PKCE.new()
        page = browser.post(
            client.tenant.endpoint("authorization"), request_parameters(client, pkce),
            site="cross-site", origin="https://rp.test")
        answer = Redirect.read(sign_in(browser, page, user))
        assert redeem(client, answer.code, pkce).status_code == 200
    # Somebody who is signed in is so for a form as well.
    page = browser.post(
        client.tenant.endpoint("authorization"),
        request_parameters(client, PKCE.new(), prompt="none"), site="cross-site")
    assert Redirect.read(browser.follow(page)).code


def test_a_request_by_post_of_many_bytes(client: Client, user: User, browser: Browser) -> None:
    page = browser.post(
        client.tenant.endpoint("authorization"),
        request_parameters(client, PKCE.new(), unknown="x" * 20_000), site="cross-site")
    assert Redirect.read(sign_in(browser, page, user)).code


def test_a_request_without_scope(client: Client, user: User, browser: Browser) -> None:
    pkce = PKCE.new()
    answer = redeem(
        client, authorize(browser, client, user, pkce, scope=None).code, pkce)
    assert answer.status_code == 200
    assert "id_token" not in answer.json() and answer.json().get("scope", "") == ""
    assert claims(answer.json()["access_token"])["sub"] == user.id


def test_request_objects_are_refused_by_their_own_names(
    client: Client, browser: Browser
) -> None:
    for name, error in (
        ("request", "invalid_request_object"), ("request_uri", "request_uri_not_supported"),
        ("registration", "registration_not_supported"),
    ):
        page = browser.get(authorization_url(client, PKCE.new(), **{name: "x"}))
        redirected(page, client, error)


def test_a_machine_cannot_ask_for_people(tenant: Tenant, browser: Browser) -> None:
    machine = tenant.create_client("machine")
    page400(browser.get(authorization_url(machine, PKCE.new(), redirect_uri="https://rp.test/cb")))
