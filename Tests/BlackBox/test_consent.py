"""What a person is asked before somebody else's client gets anything in their name: the page, its
answers, and what is remembered."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from browser import Browser, Page
from consent import ORDERS, STOCK, allowed, asked, consents, orders, other, third  # noqa: F401 - fixtures
from expect import j400, redirected
from harness import Client, Instance, Tenant, User
from protocol import (
    PKCE, Redirect, allow, asks_consent, authorization_url, authorize, begin, claims, push,
    pushed_url, redeem, refresh, revoke, sign_in, tokens, userinfo)
from watch import recorded


def test_the_page_says_who_asks_for_what_and_where_the_answer_goes(
    other: Client, user: User, browser: Browser, tenant: Tenant
) -> None:
    orders(tenant)
    page = asked(
        other, user, browser, scope="openid email offline_access orders:read", resource=ORDERS)
    for words in (
        "Allow Herb Garden to use your account?", "at rp.test", user.name, "Who you are",
        "recognise your account", "see your e-mail address", "At Order desk", ORDERS,
        "See your orders", "When you are away", "when you are not there", "Use another account",
        "You can change your mind",
    ):
        assert words in page.words, words
    assert "Place orders" not in page.words, "It was not asked for."
    # Neither answer is easier to give, and nothing can be left out unless the client may be.
    form = page.form("answer")
    assert form.buttons == [("answer", "allow"), ("answer", "deny")]
    looks = [re.search(r'class="(\w+)"', button) for button in re.findall(
        r'<button[^>]*name="answer"[^>]*>', page.text)]
    assert len({look[1] for look in looks if look}) == 1
    assert "checkbox" not in page.text and "<script" not in page.text
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]


def test_what_was_allowed_is_remembered_and_only_news_are_asked(
    other: Client, user: User, browser: Browser, tenant: Tenant
) -> None:
    given = tokens(other, user, browser, scope="openid email")
    assert given["scope"] == "openid email"
    # The same again, or less, asks nothing: also without a page, and in another browser.
    for scope in ("openid email", "openid"):
        assert authorize(browser, other, None, PKCE.new(), scope=scope, prompt="none").code
    elsewhere = Browser(tenant.instance)
    page = begin(elsewhere, other, scope="openid email")
    answer = elsewhere.submit(
        page, page.form("password"), identifier=user.name, password=user.password)
    assert Redirect.read(answer).code
    # More asks for the difference.
    redirected(
        browser.get(authorization_url(
            other, PKCE.new(), scope="openid email profile", prompt="none")),
        other, "consent_required")
    pkce = PKCE.new()
    page = asked(other, user, browser, pkce, scope="openid email profile")
    assert "see your name" in page.words and "This is what is new" in page.words
    assert "e-mail address" not in page.words and "recognise your account" not in page.words
    answer = Redirect.read(allow(browser, page))
    assert redeem(other, answer.code, pkce).json()["scope"] == "openid email profile"
    (row,) = consents(tenant)
    assert (row["user"], row["client"], row["organization"]) == (user.id, other.id, None)
    assert list(allowed(row)) == [None]
    assert set(allowed(row)[None].split()) == {"openid", "email", "profile"}


def test_each_resource_is_asked_by_itself(
    other: Client, user: User, browser: Browser, tenant: Tenant
) -> None:
    orders(tenant)
    orders(tenant, STOCK)
    first = tokens(other, user, browser, scope="openid orders:read", resource=ORDERS)
    assert claims(first["access_token"])["aud"] == ORDERS
    page = asked(other, user, browser, scope="openid orders:read", resource=STOCK)
    assert STOCK in page.words and ORDERS not in page.words
    allow(browser, page)
    (row,) = consents(tenant)
    assert set(allowed(row)) == {None, ORDERS, STOCK}
    # A resource that is deleted takes with it what was allowed there.
    ident = next(r["id"] for r in tenant.cli("resource", "list") if r["identifier"] == STOCK)
    tenant.cli("resource", "delete", ident)
    (row,) = consents(tenant)
    assert set(allowed(row)) == {None, ORDERS}


@pytest.mark.conformance(
    "fapi2-security-profile-final-user-rejects-authentication", "refused")
def test_denying_is_told_to_the_client_and_remembered_as_nothing(
    other: Client, user: User, browser: Browser, tenant: Tenant
) -> None:
    page = asked(other, user, browser, scope="openid email")
    with recorded(tenant, "consent.denied", actor=user.id):
        redirected(allow(browser, page, "deny"), other, "access_denied")
    assert consents(tenant) == []
    # Whoever sends the form again gets the same, and the page is over for everything else.
    with recorded(tenant):
        form = page.form("answer")
        redirected(browser.submit(page, form, answer="deny"), other, "access_denied")
        again = browser.follow(browser.submit(page, form, answer="allow"))
        assert "This sign-in is finished" in again.words
    assert asks_consent(begin(browser, other, scope="openid"))


def test_some_of_it_can_be_left_out_where_the_client_lets_people(
    user: User, browser: Browser, tenant: Tenant
) -> None:
    orders(tenant)
    other, pkce = third(tenant, "web", "--partial-consent"), PKCE.new()
    wish = "openid email offline_access orders:read orders:write"
    page = asked(other, user, browser, pkce, scope=wish, resource=ORDERS)
    form = page.form("answer")
    assert set(form.fields["scope"]) == set(wish.split()) - {"openid"}
    answer = Redirect.read(allow(
        browser, page, scope=["orders:read", "admin", "profile", "openid", "email "]))
    given = redeem(other, answer.code, pkce).json()
    assert given["scope"] == "openid orders:read" and "refresh_token" not in given
    assert claims(given["access_token"])["scope"] == "openid orders:read"
    assert "email" not in claims(given["id_token"])
    # What was left out is asked for again, and nothing else.
    page = asked(other, user, browser, scope=wish, resource=ORDERS)
    assert set(page.form("answer").fields["scope"]) == {"email", "offline_access", "orders:write"}


def test_claims_by_name_follow_what_was_allowed(
    other: Client, user: User, browser: Browser
) -> None:
    """Asking by name must not get what the person was not asked about."""
    wish = '{"userinfo": {"email": null}, "id_token": {"email": null}}'
    given = tokens(other, user, browser, scope="openid", claims=wish)
    assert "email" not in claims(given["id_token"])
    assert set(userinfo(other.tenant, given["access_token"]).json()) == {"sub"}
    given = tokens(other, user, browser, scope="openid email", claims=wish)
    assert claims(given["id_token"])["email"] == user.email
    # Nor does a client of somebody else read more than it was given.
    other.update("--userinfo-scope", "registered")
    given = tokens(other, user, browser, scope="openid")
    assert set(userinfo(other.tenant, given["access_token"]).json()) == {"sub"}


def test_prompt_consent_asks_again_whosever_client_it_is(
    client: Client, other: Client, user: User, browser: Browser, tenant: Tenant
) -> None:
    for app in (client, other):
        tokens(app, user, browser, scope="openid email")
        for _ in range(2):
            pkce = PKCE.new()
            page = asked(app, user, browser, pkce, scope="openid email", prompt="consent")
            assert "see your e-mail address" in page.words
            answer = Redirect.read(allow(browser, page))
            assert redeem(app, answer.code, pkce).json()["scope"] == "openid email"
        # Saying no to more than was asked before takes nothing back.
        page = asked(app, user, browser, scope="openid email", prompt="consent")
        redirected(allow(browser, page, "deny"), app, "access_denied")
        assert authorize(
            browser, app, None, PKCE.new(), scope="openid email", prompt="none").code


def test_a_client_of_ones_own_asks_nothing(
    client: Client, user: User, browser: Browser, tenant: Tenant
) -> None:
    tokens(client, user, browser, scope="openid profile email offline_access")
    assert consents(tenant) == []
    # As soon as it is somebody else's, it does.
    client.update("--party", "third")
    redirected(
        browser.get(authorization_url(client, PKCE.new(), prompt="none")), client,
        "consent_required")
    client.update("--party", "first")
    assert authorize(browser, client, None, PKCE.new(), prompt="none").code


@pytest.mark.parametrize("uri", ["http://127.0.0.1/cb", "com.example.herbs:/cb"])
def test_what_could_pass_for_the_client_is_asked_each_time(
    tenant: Tenant, user: User, browser: Browser, uri: str
) -> None:
    """RFC 8252 §8.6: a public client whose address is nobody's own."""
    other = third(tenant, "native", redirect_uris=[uri])
    for _ in range(2):
        assert Redirect.read(allow(browser, asked(other, user, browser))).code
    redirected(
        browser.get(authorization_url(other, PKCE.new(), prompt="none")), other,
        "consent_required")
    claimed = third(tenant, "native", redirect_uris=["https://herbs.test/cb"])
    tokens(claimed, user, browser)
    assert authorize(browser, claimed, None, PKCE.new(), prompt="none").code


def test_a_pushed_request_asks_the_same(
    other: Client, user: User, browser: Browser
) -> None:
    pkce = PKCE.new()
    uri = push(other, pkce, scope="openid email").json()["request_uri"]
    page = sign_in_only(browser, browser.get(pushed_url(other, uri)), user)
    assert asks_consent(page)
    answer = Redirect.read(allow(browser, page))
    assert redeem(other, answer.code, pkce).json()["scope"] == "openid email"


def sign_in_only(browser: Browser, page: Page, user: User) -> Page:
    page = browser.follow(page)
    form = page.form("identifier", "password")
    return browser.follow(
        browser.submit(page, form, identifier=user.name, password=user.password))


def test_somebody_who_creates_an_account_is_asked(open_tenant: Tenant) -> None:
    other, browser, pkce = third(open_tenant), Browser(open_tenant.instance), PKCE.new()
    page = begin(browser, other, pkce, prompt="create", scope="openid email")
    page = browser.follow(browser.submit(
        page, page.form("email", "password"), email="new@example.com",
        password="an unlikely herring 72"))
    assert asks_consent(page) and "new@example.com" in page.words
    answer = Redirect.read(allow(browser, page))
    assert claims(redeem(other, answer.code, pkce).json()["id_token"])["email"] == (
        "new@example.com")


def test_consent_survives_a_restart(own_instance: Instance) -> None:
    tenant = own_instance.create_tenant()
    other, user, browser = third(tenant), tenant.create_user(), Browser(own_instance)
    tokens(other, user, browser, scope="openid email")
    own_instance.stop()
    own_instance.start()
    assert Redirect.read(sign_in(browser, browser.get(authorization_url(
        other, PKCE.new(), scope="openid email", prompt="none")), None)).code


# Taking it back


def test_gh_116_revoking_a_consent_revokes_what_came_of_it(
    other: Client, user: User, browser: Browser, tenant: Tenant
) -> None:
    orders(tenant)
    scope = "openid offline_access"
    whole = tokens(other, user, browser, scope=scope)
    at_orders = tokens(other, user, browser, scope=scope + " orders:read", resource=ORDERS)
    own = tokens(tenant.create_client("web"), user, scope=scope)
    (row,) = consents(tenant, user=user.name, client=other.id)
    assert set(allowed(row)) == {None, ORDERS}
    with recorded(tenant, "consent.revoked", actor="operator"):
        assert tenant.cli("consent", "revoke", row["id"]) == {"revoked": row["id"]}
    j400(refresh(other, at_orders["refresh_token"]), "invalid_grant")
    j400(refresh(other, whole["refresh_token"]), "invalid_grant")
    assert userinfo(tenant, whole["access_token"]).status_code == 401
    assert userinfo(tenant, own["access_token"]).status_code == 200
    redirected(
        browser.get(authorization_url(other, PKCE.new(), prompt="none")), other,
        "consent_required")
    # Revoking is once, and what was allowed goes with the user and with the client.
    with recorded(tenant), pytest.raises(Exception, match="no consent"):
        tenant.cli("consent", "revoke", row["id"])
    tokens(other, user, browser, scope=scope)
    tenant.cli("client", "delete", other.id)
    assert consents(tenant) == []


def test_what_is_listed_and_from_where(
    other: Client, user: User, tenant: Tenant
) -> None:
    second, users = third(tenant), [user, tenant.create_user()]
    for app in (other, second):
        for person in users:
            tokens(app, person, scope="openid")
    everything = consents(tenant)
    assert len(everything) == 4
    assert [row["id"] for row in everything] == sorted(row["id"] for row in everything)
    assert consents(tenant, after=everything[1]["id"], limit="1") == [everything[2]]
    assert {row["client"] for row in consents(tenant, user=user.id)} == {other.id, second.id}
    assert {row["user"] for row in consents(tenant, client=second.id)} == {p.id for p in users}
    assert len(consents(tenant, client=second.id, user=user.name)) == 1
    assert consents(tenant.instance.create_tenant()) == []


def test_gh_116_and_458_revoking_while_it_is_used(
    other: Client, user: User, browser: Browser, tenant: Tenant
) -> None:
    """Whatever comes first: afterwards nothing lives that stands on what was taken back."""
    for _ in range(4):
        tokens(other, user, browser, scope="openid offline_access")
        (row,) = consents(tenant)
        with ThreadPoolExecutor(5) as pool:
            codes = [pool.submit(
                browser.get, authorization_url(
                    other, PKCE.new(), scope="openid offline_access", prompt="none"))
                for _ in range(4)]
            pool.submit(tenant.cli, "consent", "revoke", row["id"]).result()
            for code in codes:
                answer = Redirect.read(code.result())
                assert answer.error in (None, "consent_required", "access_denied")
        live = tenant.instance.database.rows(
            f"SELECT id FROM authorization_grant WHERE tenant_id = '{tenant.id}' "
            "AND revoked_at IS NULL")
        assert live == []


def test_what_is_revoked_by_the_client_stays_allowed(
    other: Client, user: User, browser: Browser, tenant: Tenant
) -> None:
    given = tokens(other, user, browser, scope="openid offline_access")
    revoke(other, given["refresh_token"])
    j400(refresh(other, given["refresh_token"]), "invalid_grant")
    assert authorize(browser, other, None, PKCE.new(), prompt="none").code
