"""What a person allowed others' applications: the page of it, taking it back, and which
organization it is for."""

from __future__ import annotations

import pytest

from browser import Browser, Page
from ciba import Asked
from consent import ORDERS, allowed, asked, consents, orders, other, third  # noqa: F401 - fixtures
from device import Device, decide, device_client
from expect import j400, redirected
from harness import Client, Tenant, User
from introspection import introspect, is_inactive
from organizations import join, member, organization, told
from protocol import (
    PKCE, Redirect, allow, asks_consent, authorization_url, authorize, begin, claims, redeem,
    refresh, sign_in, tokens, userinfo)
from watch import recorded, unchanged

SCOPE = "openid email offline_access"
CHECKED, UNCHECKED = "which is known here by this name", "Nobody here has checked who that is"


def open_page(browser: Browser, tenant: Tenant, user: User | None = None) -> Page:
    """The page of a person's applications, signed in."""
    page = browser.get(f"{tenant.issuer}/applications")
    assert page.status == 200, f"{page.status} {page.words}"
    if user is None:
        return page
    page = browser.follow(browser.submit(page, page.form("csrf")))
    page = browser.follow(sign_in(browser, page, user))
    assert "Your applications" in page.words, page.words
    return page


def test_gh_116_a_person_sees_and_takes_back_what_they_allowed(
    other: Client, user: User, browser: Browser, tenant: Tenant  # noqa: F811 - a fixture
) -> None:
    orders(tenant)
    page = open_page(browser, tenant)
    assert "Sign in to see them." in page.words and "Herb Garden" not in page.words
    page = open_page(browser, tenant, user)
    assert "You have allowed none." in page.words
    given = tokens(other, user, browser, scope=SCOPE + " orders:read", resource=ORDERS)
    own = tokens(tenant.create_client("web"), user, browser, scope=SCOPE)
    page = open_page(browser, tenant)
    for words in (user.name, "Herb Garden", "see your e-mail address", "At Order desk",
                  "See your orders", "When you are away", "Since", "Last used"):
        assert words in page.words, words
    assert page.text.count("<section>") == 1, "One's own application asks nobody."
    (row,) = consents(tenant)
    with recorded(tenant, "consent.revoked", actor=user.id):
        page = browser.submit(page, page.form("consent", "csrf"))
    assert page.status == 200 and "You took it back." in page.words
    assert "You have allowed none." in page.words and consents(tenant) == []
    j400(refresh(other, given["refresh_token"]), "invalid_grant")
    is_inactive(introspect(other, given["access_token"]))
    assert userinfo(tenant, own["access_token"]).status_code == 200
    redirected(browser.get(authorization_url(other, PKCE.new(), prompt="none")), other,
               "consent_required")
    # Allowed again it is another consent.
    tokens(other, user, browser, scope=SCOPE)
    assert consents(tenant)[0]["id"] != row["id"]


@pytest.mark.attack("GH-176", "GH-511")
def test_nobody_takes_back_what_somebody_else_allowed(
    other: Client, user: User, browser: Browser, tenant: Tenant  # noqa: F811 - a fixture
) -> None:
    given = tokens(other, user, scope=SCOPE)
    mallory = tenant.create_user()
    tokens(other, mallory, browser, scope=SCOPE)
    theirs, own = (
        consents(tenant, user=person.id)[0]["id"] for person in (user, mallory))
    url = f"{tenant.issuer}/applications"
    page = open_page(browser, tenant)
    assert theirs not in page.text
    fields = page.form("consent", "csrf").fields
    assert fields["consent"] == own
    foreign = open_page(Browser(tenant.instance), tenant).form("csrf").fields["csrf"]
    with unchanged(tenant, user, mallory), recorded(tenant):
        answers = [browser.post(url, fields | {"consent": value})
                   for value in (theirs, "cns_" + "0" * 26, "x", own + "x", "%00")]
        assert {answer.status for answer in answers} == {410}
        assert len({answer.words for answer in answers}) == 1, "All look the same."
        for changes in ({"csrf": foreign}, {"csrf": ""}, {"csrf": "A" * 43}):
            assert browser.post(url, fields | changes).status == 403
        assert browser.post(url, fields, site="cross-site").status == 403
        assert Browser(tenant.instance).post(url, fields).status == 403
    other_tenant = tenant.instance.create_tenant()
    assert browser.post(f"{other_tenant.issuer}/applications", fields).status == 403
    assert refresh(other, given["refresh_token"]).status_code == 200


def test_others_tokens_say_which_consent_they_stand_on(
    other: Client, user: User, browser: Browser, tenant: Tenant  # noqa: F811 - a fixture
) -> None:
    given = tokens(other, user, browser, scope=SCOPE)
    (row,) = consents(tenant)
    assert claims(given["access_token"])["sid"] == row["id"]
    assert introspect(other, given["access_token"]).json()["sid"] == row["id"]
    # That of an ID token is the session, which signing out ends.
    assert claims(given["id_token"])["sid"] != row["id"]
    again = refresh(other, given["refresh_token"]).json()
    assert claims(again["access_token"])["sid"] == row["id"]
    tenant.cli("resource", "create", "--identifier", ORDERS, "--name", "Order desk",
               "--token-format", "opaque", "--scope", "orders:read=See your orders")
    opaque = third(tenant)
    made = tokens(opaque, user, browser, scope="openid orders:read", resource=ORDERS)
    (second,) = consents(tenant, client=opaque.id)
    assert introspect(opaque, made["access_token"]).json()["sid"] == second["id"]
    for options in ({}, {"prompt": "consent"}):
        own = tenant.create_client("web")
        assert "sid" not in claims(tokens(own, user, browser, **options)["access_token"])


@pytest.fixture
def asking(tenant: Tenant) -> Client:
    """Somebody else's client that has people select an organization."""
    return third(tenant, "web", "--organizations", "all", "--select-organization")


def test_what_is_allowed_in_one_organization_is_allowed_there(
    asking: Client, user: User, browser: Browser, tenant: Tenant
) -> None:
    one, two = (organization(tenant, slug) for slug in ("one", "two"))
    for each in (one, two):
        join(tenant, each, user, "a:b")
    page = asked(asking, user, browser, pkce := PKCE.new(), scope=SCOPE, organization="one")
    assert "In your organization One" in page.words
    assert "Choose another one" not in page.words, "The client named it."
    given = redeem(asking, Redirect.read(allow(browser, page)).code, pkce).json()
    assert claims(given["access_token"])["org_id"] == one
    assert authorize(browser, asking, None, PKCE.new(), scope=SCOPE, organization="one",
                     prompt="none").code
    redirected(browser.get(authorization_url(
        asking, PKCE.new(), scope=SCOPE, organization="two", prompt="none")),
        asking, "consent_required")
    # Nor does a refresh lead there without the person.
    with recorded(tenant):
        j400(refresh(asking, given["refresh_token"], organization_id=two), "invalid_grant")
    assert refresh(asking, given["refresh_token"], organization_id=one).status_code == 200
    page = asked(asking, user, browser, pkce := PKCE.new(), scope=SCOPE, organization="two")
    second = redeem(asking, Redirect.read(allow(browser, page)).code, pkce).json()
    rows = {row["organization"]: row["id"] for row in consents(tenant)}
    assert set(rows) == {one, two}
    assert [row["id"] for row in consents(tenant, organization="two")] == [rows[two]]
    assert claims(second["access_token"])["sid"] == rows[two]
    page = open_page(browser, tenant)
    assert page.text.count("<section>") == 2
    assert all(words in page.words for words in ("In One", "In Two"))
    tenant.cli("consent", "revoke", rows[two])
    j400(refresh(asking, second["refresh_token"]), "invalid_grant")
    assert refresh(asking, given["refresh_token"]).status_code == 200
    # Whoever leaves allows nothing there any more, also if they come back.
    member(tenant, "remove", one, user)
    join(tenant, one, user, "a:b")
    assert consents(tenant) == []
    j400(refresh(asking, given["refresh_token"]), "invalid_grant")


def test_the_page_leads_to_another_organization(
    asking: Client, user: User, browser: Browser, tenant: Tenant
) -> None:
    one, two = (organization(tenant, slug) for slug in ("one", "two"))
    for each in (one, two):
        join(tenant, each, user, "a:b")

    def chosen(page: Page, organization: str) -> Page:
        form = page.form("csrf")
        return browser.follow(browser.submit(page, form, chosen_organization=organization))

    page = begin(browser, asking, pkce := PKCE.new(), scope=SCOPE)
    page = browser.follow(browser.submit(
        page, page.form("password"), identifier=user.name, password=user.password))
    assert "Choose an organization" in page.words
    page = chosen(page, one)
    assert asks_consent(page) and "In your organization One" in page.words
    stale = page
    back = page.url.replace("/consent/", "/organization/")
    assert back.removeprefix(tenant.issuer) in page.text, "The page leads there."
    page = chosen(browser.get(back), two)
    assert "In your organization Two" in page.words
    # The question that was put for the first one is not answered for the second.
    late = browser.follow(browser.submit(stale, stale.form("answer"), answer="allow"))
    assert asks_consent(late) and "In your organization Two" in late.words
    assert consents(tenant) == []
    answer = Redirect.read(allow(browser, page))
    assert told(claims(redeem(asking, answer.code, pkce).json()["access_token"]))["org_id"] == two
    # Once answered, nothing is chosen any more.
    assert "Choose an organization" not in browser.follow(browser.get(back)).words


def test_what_was_allowed_from_elsewhere_is_there_too(
    user: User, browser: Browser, tenant: Tenant
) -> None:
    tv = device_client(tenant, "native", "--party", "third", "--scope", "openid", "--scope",
                       "offline_access")
    device = Device.begin(tv, scope="openid offline_access")
    decide(device, user, browser=browser)
    given = device.tokens()
    caller = third(tenant, "web", "--backchannel-authentication")
    request = Asked.of(caller, user)
    tenant.cli("backchannel", "allow", tenant.cli("backchannel", "list", user.id)[0]["id"])
    called = request.tokens()
    page = open_page(browser, tenant)
    assert page.text.count("<section>") == 2
    rows = {row["client"]: row for row in consents(tenant)}
    assert allowed(rows[tv.id]) == {} and allowed(rows[caller.id]) == {}
    assert claims(given["access_token"])["sid"] == rows[tv.id]["id"]
    assert claims(called["access_token"])["sid"] == rows[caller.id]["id"]
    # It allows nothing for good: the page asks all of it.
    page = asked(caller, user, browser, scope="openid")
    assert "This is what is new" not in page.words and "recognise your account" in page.words
    tenant.cli("consent", "revoke", rows[tv.id]["id"])
    j400(refresh(tv, given["refresh_token"]), "invalid_grant")
    assert userinfo(tenant, called["access_token"]).status_code == 200


def test_the_page_says_whose_application_it_is(
    other: Client, user: User, browser: Browser, tenant: Tenant  # noqa: F811 - a fixture
) -> None:
    made = organization(tenant, "acme-books")
    other.update("--organization", made)
    page = asked(other, user, browser, scope="openid")
    assert "It belongs to Acme-books" in page.words and UNCHECKED in page.words
    shown = tenant.cli("organization", "update", made, "--verified-publisher")
    assert shown["verified_publisher"] is True
    page = browser.get(page.url)
    assert "It belongs to Acme-books" in page.words and CHECKED in page.words
    # Under another name nobody has looked yet.
    shown = tenant.cli("organization", "update", made, "--name", "Bank of Britain")
    assert shown["verified_publisher"] is False
    assert UNCHECKED in browser.get(page.url).words
    tenant.cli("organization", "update", made, "--name", "Acme-books")
    assert CHECKED in browser.get(page.url).words
    tenant.cli("organization", "update", made, "--no-verified-publisher")
    assert UNCHECKED in browser.get(page.url).words
    with pytest.raises(Exception, match="third party"):
        tenant.create_client("web", "--organization", made)
