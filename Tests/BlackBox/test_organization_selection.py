"""Signing in to one organization: named by the client, chosen by the person, or switched to later.
Attack cases 3.W."""

from __future__ import annotations

from typing import Any

import pytest

from browser import Browser, Page
from consent import third
from expect import j400
from harness import Client, Tenant, User
from introspection import introspect, is_inactive
from organizations import SCOPE, join, member, organization, role, scopes, told, told_everywhere
from protocol import (
    PKCE, Redirect, authorization_url, authorize, begin, claims, push, pushed_url, redeem, refresh,
    sign_in, tokens, userinfo)
from request_objects import Signing, brought, request_object, signed_in, signing  # noqa: F401,E501 - fixtures
from token_exchange import STOCK, Services, exchange
from watch import recorded, unchanged

NAMES = ("organization", "org", "organization_id")


@pytest.fixture
def app(tenant: Tenant) -> Client:
    return tenant.create_client("web", "--organizations", "all")


@pytest.fixture
def choosing(tenant: Tenant) -> Client:
    """A client that has people select."""
    return tenant.create_client("web", "--organizations", "all", "--select-organization")


@pytest.fixture
def one(tenant: Tenant, user: User) -> str:
    role(tenant, "editor", "pages:read")
    role(tenant, "boss", "owner")
    made = organization(tenant, "one")
    join(tenant, made, user, "a:b", roles=("editor", "boss"))
    return made


@pytest.fixture
def two(tenant: Tenant, user: User) -> str:
    made = organization(tenant, "two")
    join(tenant, made, user, "x:y")
    return made


def in_one(one: str) -> dict[str, Any]:
    return {"org_id": one, "role": "boss", "roles": ["boss", "editor"],
            "permissions": ["a:b", "owner", "pages:read"]}


def in_two(two: str) -> dict[str, Any]:
    return {"org_id": two, "roles": [], "permissions": ["x:y"]}


def test_a_client_names_one(
    app: Client, user: User, one: str, two: str, browser: Browser
) -> None:
    for name in NAMES:
        for value in (one, "one"):
            given = tokens(app, user, browser, scope=SCOPE, **{name: value})
            assert told_everywhere(app, given) == in_one(one)
    both = tokens(app, user, browser, scope=SCOPE, organization=two, org=two)
    assert told_everywhere(app, both) == in_two(two)
    assert introspect(app, both["refresh_token"]).json()["org_id"] == two
    without = tokens(app, user, browser)
    assert set(scopes(told_everywhere(app, without))) == {one, two}


def test_it_is_kept_through_a_signed_request(
    signing: Signing, signed_in: Browser, one: str  # noqa: F811 - a fixture
) -> None:
    signing.client.update("--organizations", "all")
    pkce = PKCE.new()
    request = request_object(signing, pkce, organization="one")
    code = Redirect.read(brought(signing, signed_in, request, organization="nobody")).code
    given = signing.ask(grant_type="authorization_code", code=code,
                        redirect_uri=signing.client.redirect_uri, code_verifier=pkce.verifier)
    assert told(claims(given.json()["access_token"])) == in_one(one)


def test_it_is_kept_through_a_pushed_request(
    tenant: Tenant, app: Client, user: User, one: str, browser: Browser
) -> None:
    pkce = PKCE.new()
    pushed = push(app, pkce, organization="one").json()
    page = browser.get(pushed_url(app, pushed["request_uri"], organization="two"))
    code = Redirect.read(sign_in(browser, page, user)).code
    assert told_everywhere(app, redeem(app, code, pkce).json()) == in_one(one)


def test_gh_382_somebody_elses_organization(
    tenant: Tenant, app: Client, user: User, one: str, browser: Browser
) -> None:
    theirs = organization(tenant, "theirs", "--owner", tenant.create_user().id)
    other = tenant.instance.create_tenant()
    elsewhere = organization(other, "elsewhere", "--owner", other.create_user().id)
    tokens(app, user, browser)
    given = tokens(app, user, browser, scope=SCOPE, organization=one)
    for value in (theirs, "theirs", elsewhere, "elsewhere", "nobody", "org_" + "0" * 26, "ONE",
                  one + "x", "x" * 5000, "one one", "%00"):
        with recorded(tenant):
            answer = authorize(browser, app, user, PKCE.new(), organization=value)
            assert answer.error == "access_denied", value
            assert authorize(browser, app, None, PKCE.new(), organization=value,
                             prompt="none").error == "access_denied"
            j400(refresh(app, given["refresh_token"], organization_id=value), "invalid_grant")
    with recorded(tenant):
        # Two names in one request are none.
        assert authorize(browser, app, user, PKCE.new(), organization=one,
                         org=theirs).error == "access_denied"
    # None of it took anything away.
    assert told_everywhere(app, refresh(app, given["refresh_token"]).json()) == in_one(one)
    # The client is not told of this one, so nobody signs in to it there.
    some = tenant.create_client("web", "--organizations", theirs)
    assert authorize(browser, some, user, PKCE.new(), organization=one).error == "access_denied"


def test_gh_373_two_organizations_in_one_request(
    tenant: Tenant, app: Client, user: User, one: str, two: str, browser: Browser
) -> None:
    tokens(app, user, browser)
    with unchanged(tenant, user), recorded(tenant):
        for changes in ({"organization": one, "org": two}, {"org": two, "organization_id": one},
                        {"organization": "one", "organization_id": two}):
            assert authorize(
                browser, app, user, PKCE.new(), **changes).error == "access_denied"
        url = authorization_url(app, PKCE.new(), organization=one) + f"&organization={two}"
        assert Redirect.read(browser.get(url)).error == "invalid_request"


def test_what_ends_is_over_at_every_door(
    tenant: Tenant, app: Client, user: User, one: str, browser: Browser
) -> None:
    given = tokens(app, user, browser, scope=SCOPE, organization=one)
    other = tenant.create_user()
    join(tenant, one, other, "owner")
    for take, give in (
        (lambda: member(tenant, "suspend", one, user),
         lambda: member(tenant, "activate", one, user)),
        (lambda: tenant.cli("organization", "suspend", one),
         lambda: tenant.cli("organization", "activate", one)),
        (lambda: tenant.cli("organization", "delete", one),
         lambda: tenant.cli("organization", "restore", one)),
        (lambda: app.update("--organizations", "none") and app.update(
            "--organizations", organization(tenant, "another")),
         lambda: app.update("--organizations", "all")),
    ):
        pkce = PKCE.new()
        code = authorize(browser, app, user, pkce, organization=one).code
        take()
        j400(redeem(app, code, pkce), "invalid_grant")
        j400(refresh(app, given["refresh_token"]), "invalid_grant")
        assert userinfo(tenant, given["access_token"]).status_code == 401
        is_inactive(introspect(app, given["access_token"]))
        is_inactive(introspect(app, given["refresh_token"]))
        assert authorize(
            browser, app, user, PKCE.new(), organization=one).error == "access_denied"
        give()
        assert told_everywhere(app, refresh(app, given["refresh_token"]).json()) == in_one(one)
    member(tenant, "remove", one, user)
    j400(refresh(app, given["refresh_token"]), "invalid_grant")


def test_a_refresh_switches_and_stays(
    tenant: Tenant, user: User, one: str, two: str, browser: Browser
) -> None:
    for options in ((), ("--rotation", "rotate")):
        app = tenant.create_client("web", "--organizations", "all", *options)
        given = tokens(app, user, browser, scope=SCOPE)
        assert set(scopes(told_everywhere(app, given))) == {one, two}
        for switch, expected in ((one, in_one(one)), (None, in_one(one)), (two, in_two(two)),
                                 (None, in_two(two)), (one, in_one(one))):
            answer = refresh(app, given["refresh_token"], organization_id=switch)
            assert answer.status_code == 200, answer.text
            given = answer.json()
            assert told_everywhere(app, given) == expected
        # The name is that of an organization, not of its address.
        j400(refresh(app, given["refresh_token"], organization_id="two"), "invalid_grant")
        assert told_everywhere(app, refresh(app, given["refresh_token"]).json()) == in_one(one)


@pytest.mark.attack("GH-382")
def test_a_token_stays_one_for_its_own_organization(
    tenant: Tenant, user: User, one: str, two: str, browser: Browser
) -> None:
    """Whatever its grant is switched to: it neither gains what the person may do elsewhere, nor
    outlives that they act in its own."""
    app = tenant.create_client("web", "--organizations", "all")
    first = tokens(app, user, browser, scope=SCOPE, organization=two)
    second = refresh(app, first["refresh_token"], organization_id=one).json()
    assert told_everywhere(app, second) == in_one(one)
    assert told_everywhere(app, first) == in_two(two)
    app.update("--organizations", "none")
    is_inactive(introspect(app, first["access_token"]))
    app.update("--organizations", "all")
    assert told_everywhere(app, first) == in_two(two)
    member(tenant, "remove", two, user)
    is_inactive(introspect(app, first["access_token"]))
    assert userinfo(tenant, first["access_token"]).status_code == 401
    assert told_everywhere(app, second) == in_one(one)


@pytest.mark.attack("GH-382")
def test_an_exchanged_token_is_for_the_organization_of_its_subject(
    tenant: Tenant, user: User, one: str, two: str, browser: Browser
) -> None:
    services = Services(tenant)
    for client in (services.app, services.orders):
        client.update("--organizations", "all")
    first = services.sign_in(user, organization=two)
    refresh(services.app, first["refresh_token"], organization_id=one)
    given = exchange(services.orders, first["access_token"], resource=STOCK)
    assert given.status_code == 200, given.text
    assert told(claims(given.json()["access_token"])) == in_two(two)
    member(tenant, "remove", two, user)
    assert exchange(services.orders, first["access_token"], resource=STOCK).status_code == 400


# The page


def offers(page: Page) -> list[str]:
    assert page.status == 200 and "/organization/" in page.url, f"{page.status} {page.url}"
    return [value for name, value in page.form("csrf").buttons if name == "chosen_organization"]


def chosen(browser: Browser, page: Page, organization: str) -> Page:
    return browser.follow(
        browser.submit(page, page.form("csrf"), chosen_organization=organization))


def test_a_person_chooses(
    tenant: Tenant, choosing: Client, user: User, one: str, two: str, browser: Browser
) -> None:
    pkce = PKCE.new()
    page = sign_in_to_page(browser, choosing, user, pkce)
    assert "Choose an organization" in page.words and "One" in page.words and "Two" in page.words
    answer = Redirect.read(chosen(browser, page, two))
    assert told_everywhere(choosing, redeem(choosing, answer.code, pkce).json()) == in_two(two)
    # Each sign-in asks, also where somebody is signed in; silently nobody can be asked.
    page = begin(browser, choosing, PKCE.new())
    assert "/organization/" in page.url
    silent = authorize(browser, choosing, None, PKCE.new(), prompt="none")
    assert silent.error == "interaction_required"
    # Named by the client, nobody is asked.
    given = tokens(choosing, user, browser, scope=SCOPE, organization="one", prompt="none")
    assert told_everywhere(choosing, given) == in_one(one)


def sign_in_to_page(
    browser: Browser, client: Client, user: User, pkce: PKCE | None = None, **changes: Any
) -> Page:
    page = begin(browser, client, pkce, **changes)
    form = page.form("identifier", "password")
    page = browser.follow(
        browser.submit(page, form, identifier=user.name, password=user.password))
    assert "/organization/" in page.url, page.url
    return page


def test_nobody_is_asked_who_has_no_choice(
    tenant: Tenant, choosing: Client, user: User, one: str, browser: Browser
) -> None:
    given = tokens(choosing, user, browser, scope=SCOPE)
    assert told_everywhere(choosing, given) == in_one(one)
    member_of_none = tenant.create_user()
    assert authorize(
        Browser(tenant.instance), choosing, member_of_none, PKCE.new()).error == "access_denied"
    two = organization(tenant, "two")
    join(tenant, two, user, "x:y")
    # Of two the client may know of one only.
    some = tenant.create_client("web", "--organizations", two, "--select-organization")
    assert told_everywhere(some, tokens(some, user, browser, scope=SCOPE)) == in_two(two)


def test_gh_382_the_page_offers_and_takes_no_other_organization(
    tenant: Tenant, choosing: Client, user: User, one: str, two: str, browser: Browser
) -> None:
    theirs = organization(tenant, "theirs", "--owner", tenant.create_user().id)
    pkce = PKCE.new()
    page = sign_in_to_page(browser, choosing, user, pkce)
    form = page.form("csrf")
    with recorded(tenant):
        for value in (theirs, "one", "", "x", "org_" + "0" * 26):
            again = browser.follow(
                browser.post(form.action, form.fields | {"chosen_organization": value}))
            assert "/organization/" in again.url and again.status == 200
        stranger = Browser(tenant.instance)
        assert stranger.get(page.url).status == 400
        assert stranger.post(
            form.action, form.fields | {"chosen_organization": one}).status in (400, 403)
        for fields in ({"csrf": ""}, {"csrf": "A" * 43}):
            refused = browser.post(
                form.action, form.fields | {"chosen_organization": one} | fields)
            assert refused.status == 403
    # One that was left while the page was shown: there is nothing to choose any more.
    member(tenant, "remove", two, user)
    answer = Redirect.read(chosen(browser, page, two))
    assert told(claims(redeem(choosing, answer.code, pkce).json()["access_token"])) == in_one(one)


def test_others_clients_ask_for_consent_after_the_organization(
    tenant: Tenant, user: User, one: str, two: str, browser: Browser
) -> None:
    other = third(tenant, "web", "--organizations", "all", "--select-organization")
    pkce = PKCE.new()
    page = sign_in_to_page(browser, other, user, pkce, scope="openid")
    page = chosen(browser, page, one)
    assert "/consent/" in page.url
    answer = Redirect.read(
        browser.follow(browser.submit(page, page.form("answer"), answer="allow")))
    assert told(claims(redeem(other, answer.code, pkce).json()["access_token"])) == in_one(one)
    # Nobody is asked what they allow a client that gets nothing.
    refused = authorize(browser, other, user, PKCE.new(), organization="nobody", scope=SCOPE)
    assert refused.error == "access_denied"
