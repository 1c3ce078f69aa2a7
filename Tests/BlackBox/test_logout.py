"""Signing out: attack cases 3.I for RP-initiated logout, and the open redirects of GH-053."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from browser import Browser, Page
from expect import invalid_token, j400
from harness import Client, Instance, Tenant, User
from protocol import (
    PKCE, Redirect, authorization_url, authorize, begin, claims, refresh, tokens, userinfo)
from watch import recorded, unchanged

HOME = "https://rp.test/home"

SLASHES = [
    "//evil.test", "///evil.test", "/\\evil.test", "/%09/evil.test", "/.evil.test",
    "https:evil.test", "http:/evil.test", "\\\\evil.test", "https://evil.test", "//evil.test/%2f..",
    "/evil.test//", "/%5cevil.test", "/%2f/evil.test", "/%2f%2fevil.test", "/;@evil.test",
    "///\\evil.test",
    "/\t/evil.test", "/\n/evil.test", "\\/evil.test", "////evil.test", "./evil.test",
    "..//evil.test",
    "https:\\evil.test", "https:/evil.test", "//evil.test@rp.test", "https://rp.test//evil.test",
    HOME + "/../../evil", HOME + "%2f", HOME + "&x=1", HOME + ";x", HOME.upper(),
    HOME + "\u0301",
    "data:text/html,x", "com.evil.app:/x", "https://evil.test/?" + HOME,
    "https://evil.test#" + HOME,
    "https:///evil.test", "https://rp.test@evil.test/home", "https://rp.test\\@evil.test/home",
    "https://rp.test.evil.test/home", "javascript:alert(1)", "https://RP.test/home", HOME + "/",
    HOME + "?x=1", HOME + "#x", " " + HOME, HOME + "\r\nX: y", "https://rp.test/cb", "",
]


@pytest.fixture
def client(tenant: Tenant) -> Client:
    return tenant.create_client("web", "--post-logout-redirect-uri", HOME)


def leave(browser: Browser, tenant: Tenant, **parameters: str) -> Page:
    return browser.get(
        f"{tenant.endpoint('end_session')}?{urlencode(parameters)}", site="cross-site")


def is_signed_in(browser: Browser, client: Client) -> bool:
    answer = Redirect.read(browser.get(authorization_url(client, PKCE.new(), prompt="none")))
    return "code" in answer.parameters


def test_a_proven_request_signs_out_and_leads_back(
    client: Client, user: User, browser: Browser
) -> None:
    given = tokens(client, user, browser, scope="openid")
    stolen = browser.clone()
    page = leave(browser, client.tenant, id_token_hint=given["id_token"],
                 post_logout_redirect_uri=HOME, state="s 1")
    assert page.status == 303 and page.location == f"{HOME}?state=s%201"
    assert not is_signed_in(browser, client) and not is_signed_in(stolen, client)
    invalid_token(userinfo(client.tenant, given["access_token"]))
    assert "session.signed_out" in [
        e["kind"] for e in client.tenant.instance.events(client.tenant)]


def test_a_request_by_post(client: Client, user: User, browser: Browser) -> None:
    given = tokens(client, user, browser)
    page = browser.follow(browser.post(client.tenant.endpoint("end_session"), {
        "id_token_hint": given["id_token"], "post_logout_redirect_uri": HOME}, site="cross-site"))
    assert page.location == HOME and not is_signed_in(browser, client)


def test_gh_164_a_foreign_request_never_ends_a_session(
    client: Client, user: User, browser: Browser, tenant: Tenant
) -> None:
    tokens(client, user, browser)
    browser.knows_same_site = False
    image = {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image", "Accept": "image/*"}
    fetch = {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Origin": "https://evil.test"}
    with recorded(tenant), unchanged(tenant, user):
        for parameters in ({}, {"client_id": client.id}, {"logout_hint": user.name},
                           {"client_id": client.id, "post_logout_redirect_uri": HOME},
                           {"answer": "sign_out"}, {"id_token_hint": "a.b.c"}):
            url = f"{tenant.endpoint('end_session')}?{urlencode(parameters)}"
            for page in (
                leave(browser, tenant, **parameters),
                browser.follow(
                    browser.post(tenant.endpoint("end_session"), parameters, site="cross-site")),
                browser.get(url, site="cross-site", headers=image),
                browser.get(url, site="cross-site", headers=fetch),
            ):
                assert page.status == 200 and page.form("answer") and page.location is None
                assert "access-control-allow-origin" not in page.headers
    assert is_signed_in(browser, client)

    form = leave(browser, tenant).form("answer")
    yes = form.fields | {"answer": "sign_out"}
    for fields, site, origin in (
        (yes, "cross-site", "https://evil.test"), (yes, "cross-site", "null"),
        (yes, "same-site", "null"), (yes, "same-origin", "https://evil.test"),
        (yes | {"csrf": "x"}, "same-origin", "null"), (yes | {"csrf": ""}, "same-origin", "null"),
        ({"answer": "sign_out"}, "same-origin", "null"),
    ):
        with recorded(tenant), unchanged(tenant, user):
            page = browser.post(form.action, fields, site=site, origin=origin)
        assert page.status == 403, (fields, site, origin)
    assert is_signed_in(browser, client)
    # A token for the form of another browser is none for this one.
    other = Browser(tenant.instance)
    tokens(client, tenant.create_user(), other)
    theirs = leave(other, tenant).form("answer")
    assert browser.post(form.action, theirs.fields | {"answer": "sign_out"}).status == 403
    assert is_signed_in(browser, client)

    stay = browser.follow(browser.post(form.action, form.fields | {"answer": "stay_signed_in"}))
    assert "still signed in" in stay.words and is_signed_in(browser, client)
    with recorded(tenant, "session.signed_out", actor=user.id):
        gone = browser.follow(browser.post(form.action, yes))
    assert "signed out" in gone.words and not is_signed_in(browser, client)


def test_gh_166_and_053_nobody_is_sent_to_an_unregistered_address(
    client: Client, user: User, browser: Browser, tenant: Tenant
) -> None:
    other = tenant.create_client(
        "web", "--post-logout-redirect-uri", "https://other.test/home")
    hint = tokens(client, user, browser)["id_token"]
    strangers = Browser(tenant.instance)
    targets = [*SLASHES, "https://other.test/home", "http://localhost:3000"]
    for target in targets:
        # With a session, without a proof: the page asks, and the answer leads nowhere else.
        page = leave(browser, tenant, post_logout_redirect_uri=target, client_id=client.id)
        assert page.status == 200 and page.location is None
        assert "evil.test" not in page.headers["content-security-policy"]
        # Without a session nobody is asked.
        for parameters in ({"id_token_hint": hint}, {"client_id": client.id}, {}):
            page = leave(strangers, tenant, post_logout_redirect_uri=target, **parameters)
            assert page.status == 303
            assert (page.location or "").startswith(tenant.issuer + "/"), (target, page.location)
    # With a hint of one client and the id of another, nothing is proven.
    page = leave(browser, tenant, id_token_hint=hint, client_id=other.id,
                 post_logout_redirect_uri="https://other.test/home")
    assert page.status == 200 and page.location is None
    page = leave(browser, tenant, id_token_hint=hint, post_logout_redirect_uri="//evil.test")
    assert (page.location or "").startswith(tenant.issuer + "/")
    assert not is_signed_in(browser, client)


def test_gh_166_an_address_is_of_its_tenant(
    client: Client, user: User, instance: Instance
) -> None:
    browser = Browser(instance)
    hint = tokens(client, user, browser)["id_token"]
    other = instance.create_tenant()
    page = leave(browser, other, id_token_hint=hint, post_logout_redirect_uri=HOME)
    assert (page.location or "").startswith(other.issuer + "/")
    assert is_signed_in(browser, client)


def test_gh_167_the_state_is_echoed_encoded_and_bounded(
    client: Client, user: User, browser: Browser, tenant: Tenant
) -> None:
    hint = tokens(client, user, browser)["id_token"]
    for state in ("\r\nSet-Cookie: x=1", "<script>", "a&b=c#d", "é🦊"):
        page = leave(browser, tenant, id_token_hint=hint, post_logout_redirect_uri=HOME,
                     state=state)
        answer = Redirect.read(page)
        assert (answer.uri, answer.parameters) == (HOME, {"state": state})
    page = browser.post(tenant.endpoint("end_session"), {
        "id_token_hint": hint, "post_logout_redirect_uri": HOME, "state": "x" * 60_000})
    assert page.status in (303, 400) and len(page.location or "") < 4_096
    page = leave(browser, tenant, state="<script>alert(1)</script>")
    assert "<script" not in (page.text + (page.location or ""))


def test_gh_172_the_next_person_in_a_browser_gets_a_session_of_their_own(
    client: Client, user: User, browser: Browser, tenant: Tenant
) -> None:
    second = tenant.create_user()
    first = tokens(client, user, browser, scope="openid offline_access")
    leave(browser, tenant, id_token_hint=first["id_token"])
    theirs = tokens(client, second, browser, scope="openid offline_access")
    said, before = claims(theirs["id_token"]), claims(first["id_token"])
    assert said["sub"] == second.id and said["sid"] != before["sid"]
    again = claims(refresh(client, first["refresh_token"]).json()["id_token"])
    assert again["sub"] == user.id, "An offline grant stays with the person who gave it."
    # An old hint says nothing about the new session.
    page = leave(browser, tenant, id_token_hint=first["id_token"])
    assert page.status == 200 and is_signed_in(browser, client)


def test_gh_175_pages_take_no_return_address(
    client: Client, user: User, tenant: Tenant
) -> None:
    for name in ("returnTo", "return_to", "continue", "RelayState", "next", "redirect", "account"):
        for target in ("//evil.test", "https://evil.test", "/\\evil.test", "/%09/evil.test"):
            browser = Browser(tenant.instance)
            page = begin(browser, client)
            seen = browser.get(f"{page.url}?{urlencode({name: target})}")
            assert seen.status == 200 and "evil.test" not in seen.text
    form = seen.form("identifier")
    answer = browser.post(
        f"{form.action}?returnTo=//evil.test",
        form.fields | {"identifier": user.name, "password": user.password,
                       "returnTo": "https://evil.test"})
    assert Redirect.read(answer).uri == client.redirect_uri


def test_an_expired_hint_still_says_who_is_meant(
    tenant: Tenant, user: User, browser: Browser
) -> None:
    client = tenant.create_client()
    hint = tokens(client, user, browser)["id_token"]
    assert leave(browser, tenant, id_token_hint=hint).status == 303
    # The session is over; the same hint again changes nothing and fails nothing.
    page = browser.follow(leave(browser, tenant, id_token_hint=hint))
    assert page.status == 200 and "not signed in" in page.words


def test_signing_out_ends_what_was_meant_to_last_as_long(
    tenant: Tenant, user: User, browser: Browser
) -> None:
    client = tenant.create_client("native", "--refresh-tokens", "always")
    given = tokens(client, user, browser)
    authorize(browser, client, None, PKCE.new())
    asked = leave(browser, tenant)
    browser.submit(asked, asked.form("answer"), answer="sign_out")
    j400(refresh(client, given["refresh_token"]), "invalid_grant")


def test_a_client_that_does_not_exist_is_not_the_same_as_none(
    client: Client, user: User, browser: Browser, tenant: Tenant
) -> None:
    for named in ("nobody", "client_00000000000000000000000000"):
        authorize(browser, client, user, PKCE.new())
        asked = leave(browser, tenant, client_id=named, post_logout_redirect_uri=HOME)
        left = browser.submit(asked, asked.form("answer"), answer="sign_out")
        assert (left.location or "").startswith(tenant.issuer + "/"), left.location
        assert not is_signed_in(browser, client)
