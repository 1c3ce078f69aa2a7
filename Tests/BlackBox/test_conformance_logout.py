"""RP-initiated logout as the conformance suite walks it, and all combinations of parameters."""

from __future__ import annotations

from itertools import product
from urllib.parse import urlencode

import pytest

from browser import Browser, Page
from expect import redirected
from forge import own_key, unsigned
from harness import Client, Tenant, User
from protocol import Redirect, authorization_url, authorize
from suite import sign_in_for_tokens

conformance = pytest.mark.conformance

HOME = "https://rp.test/home"
STATE = "0123456789abcdef" * 8


@pytest.fixture
def client(tenant: Tenant) -> Client:
    return tenant.create_client(
        "web", "--pkce", "optional", "--post-logout-redirect-uri", HOME)


def leave(browser: Browser, tenant: Tenant, form: bool = False, **parameters: str | None) -> Page:
    """Goes to the end_session_endpoint with these parameters, by address or as a form."""
    url = tenant.endpoint("end_session")
    fields = {name: value for name, value in parameters.items() if value is not None}
    if form:
        # A form of another site comes without cookies, so the first answer fetches them.
        page = browser.post(url, fields, site="cross-site", origin="https://rp.test")
        while page.location and page.location.startswith(url):
            page = browser.get(page.location, site="cross-site")
        return page
    return browser.get(f"{url}?{urlencode(fields)}", site="cross-site")


def say_yes(browser: Browser, page: Page) -> Page:
    """Answers the question whether to sign out."""
    return browser.submit(page, page.form("answer"), answer="sign_out")


def is_asked(page: Page) -> bool:
    return page.status == 200 and page.location is None and bool(page.form("answer"))


def is_signed_in(browser: Browser, client: Client) -> bool:
    page = browser.get(authorization_url(client, None, prompt="none"), site="cross-site")
    if "code" in Redirect.read(page).parameters:
        return True
    redirected(page, client, "login_required")
    return False


def assert_signed_out_here(browser: Browser, client: Client, page: Page) -> Page:
    """The browser ends at a page of ours that says what happened, and the session is over."""
    assert (page.location or "").startswith(client.tenant.issuer + "/"), page.location
    end = browser.follow(page)
    assert end.status == 200 and "You are signed out" in end.words
    assert not is_signed_in(browser, client)
    return end


@conformance("oidcc-rp-initiated-logout", "redirected", "ended")
@pytest.mark.parametrize("form", [False, True], ids=["get", "post"])
def test_there_and_back(client: Client, user: User, browser: Browser, form: bool) -> None:
    hint = sign_in_for_tokens(client, user, browser)["id_token"]
    page = leave(browser, client.tenant, form, id_token_hint=hint,
                 post_logout_redirect_uri=HOME, state=STATE)
    assert page.status == 303 and page.location == f"{HOME}?state={STATE}"
    assert not is_signed_in(browser, client)


@conformance("oidcc-rp-initiated-logout-no-state", "redirected")
def test_without_state(client: Client, user: User, browser: Browser) -> None:
    hint = sign_in_for_tokens(client, user, browser)["id_token"]
    page = leave(browser, client.tenant, id_token_hint=hint, post_logout_redirect_uri=HOME)
    assert page.location == HOME and not is_signed_in(browser, client)


@pytest.mark.parametrize("target", [
    pytest.param("https://rp.test/elsewhere", marks=conformance(
        "oidcc-rp-initiated-logout-bad-post-logout-redirect-uri", "stays")),
    pytest.param(HOME + "?foo=bar", marks=conformance(
        "oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri", "stays")),
])
def test_an_address_that_is_not_registered(
    client: Client, user: User, browser: Browser, target: str
) -> None:
    hint = sign_in_for_tokens(client, user, browser)["id_token"]
    page = leave(browser, client.tenant, id_token_hint=hint, post_logout_redirect_uri=target,
                 state=STATE)
    end = assert_signed_out_here(browser, client, page)
    assert "registered" in end.words, end.words
    assert target not in end.text and STATE not in end.text


@conformance("oidcc-rp-initiated-logout-modified-id-token-hint", "stays")
def test_a_hint_without_its_signature(client: Client, user: User, browser: Browser) -> None:
    hint = sign_in_for_tokens(client, user, browser)["id_token"]
    for number, forged in enumerate(unsigned(hint)):
        page = leave(browser, client.tenant, id_token_hint=forged,
                     post_logout_redirect_uri=HOME, state=STATE)
        assert is_asked(page), f"{number}: {page.status} {page.location}"
    assert is_signed_in(browser, client)
    # Nor does the answer lead there: the request was not what it said.
    assert_signed_out_here(browser, client, say_yes(browser, page))


@conformance("oidcc-rp-initiated-logout-bad-id-token-hint", "stays")
def test_a_hint_that_another_key_signed(client: Client, user: User, browser: Browser) -> None:
    hint = sign_in_for_tokens(client, user, browser)["id_token"]
    for forged in (own_key(hint), own_key(hint, kid="suite"), own_key(hint, jwk="jwk")):
        page = leave(browser, client.tenant, id_token_hint=forged,
                     post_logout_redirect_uri=HOME, state=STATE)
        assert is_asked(page)
    assert is_signed_in(browser, client)
    assert_signed_out_here(browser, client, say_yes(browser, page))


@conformance("oidcc-rp-initiated-logout-no-id-token-hint", "asked")
def test_without_a_hint(client: Client, user: User, browser: Browser) -> None:
    authorize(browser, client, user, None)
    page = leave(browser, client.tenant, post_logout_redirect_uri=HOME, state=STATE)
    assert is_asked(page) and is_signed_in(browser, client)
    stay = browser.submit(page, page.form("answer"), answer="stay_signed_in")
    assert (stay.location or "").startswith(client.tenant.issuer + "/")
    assert is_signed_in(browser, client)


@conformance("oidcc-rp-initiated-logout-no-post-logout-redirect-uri", "ended")
def test_with_a_hint_alone(client: Client, user: User, browser: Browser) -> None:
    hint = sign_in_for_tokens(client, user, browser)["id_token"]
    page = leave(browser, client.tenant, id_token_hint=hint, state=STATE)
    assert STATE not in assert_signed_out_here(browser, client, page).text


@pytest.mark.parametrize("parameters", [
    pytest.param({}, id="no-params", marks=conformance(
        "oidcc-rp-initiated-logout-no-params", "ended")),
    pytest.param({"state": STATE}, id="only-state", marks=conformance(
        "oidcc-rp-initiated-logout-only-state", "ended")),
])
def test_with_nothing_that_proves_anything(
    client: Client, user: User, browser: Browser, parameters: dict[str, str]
) -> None:
    authorize(browser, client, user, None)
    page = leave(browser, client.tenant, **parameters)
    assert is_asked(page) and is_signed_in(browser, client)
    end = assert_signed_out_here(browser, client, say_yes(browser, page))
    assert STATE not in end.text and STATE not in end.url


@pytest.mark.parametrize("hint", ["none", "good", "of another client", "forged"])
def test_every_combination(
    client: Client, user: User, browser: Browser, tenant: Tenant, hint: str
) -> None:
    """The hint proves whose request it is; the address must be of that client and no other."""
    other = tenant.create_client("web", "--pkce", "optional")
    names = (None, client.id, other.id, "nobody", "client_00000000000000000000000000")
    for number, (named, target) in enumerate(product(names, (None, HOME, HOME + "/x"))):
        # Whether there is a state and how the request comes change by turns.
        form, state = number % 2 == 0, STATE if number % 4 < 2 else None
        good = sign_in_for_tokens(client, user, browser)["id_token"]
        theirs = sign_in_for_tokens(other, None, browser)["id_token"]
        value = {"good": good, "of another client": theirs, "forged": own_key(good)}.get(hint)
        page = leave(browser, tenant, form, id_token_hint=value, client_id=named,
                     post_logout_redirect_uri=target, state=state)
        owner = {"good": client.id, "of another client": other.id}.get(hint)
        is_proven = owner is not None and named in (None, owner)
        if not is_proven:
            assert is_asked(page) and is_signed_in(browser, client)
            page = say_yes(browser, page)
        # Without hint and name, any client of the session may have registered the address.
        is_contradicted = hint != "none" and not is_proven
        is_theirs = (owner or named or client.id) == client.id and not is_contradicted
        if target == HOME and is_theirs:
            assert page.location == HOME + (f"?state={STATE}" if state else "")
            assert not is_signed_in(browser, client)
        else:
            assert_signed_out_here(browser, client, page)


def test_with_a_hint_of_somebody_elses_session(
    client: Client, user: User, browser: Browser, tenant: Tenant
) -> None:
    hint = sign_in_for_tokens(client, tenant.create_user(), Browser(tenant.instance))["id_token"]
    sign_in_for_tokens(client, user, browser)
    page = leave(browser, tenant, id_token_hint=hint, post_logout_redirect_uri=HOME)
    assert is_asked(page) and is_signed_in(browser, client)


def test_with_nobody_signed_in(client: Client, user: User, browser: Browser) -> None:
    hint = sign_in_for_tokens(client, user, Browser(client.tenant.instance))["id_token"]
    page = leave(browser, client.tenant, id_token_hint=hint, post_logout_redirect_uri=HOME,
                 state=STATE)
    assert page.location == f"{HOME}?state={STATE}"
    end = browser.follow(leave(browser, client.tenant))
    assert end.status == 200 and "You are not signed in" in end.words
