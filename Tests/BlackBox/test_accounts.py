"""Several accounts in one browser: which one an application gets, the page that asks, and signing
out."""

from __future__ import annotations

from accounts import (  # noqa: F401 - fixtures
    add, choices, chooser, names, shared, silent, subject, users,
)
from browser import Browser, Page
from expect import j400, redirected
from harness import Client, Tenant, User
from protocol import (
    PKCE, Redirect, allow, asks_consent, authorization_url, authorize, begin, redeem, refresh,
    tokens)
from watch import recorded


def test_the_chooser_shows_every_account_and_the_ways_on(
    client: Client, users: list[User], shared: Browser
) -> None:
    page = chooser(shared, client)
    assert names(page, users) == [u.name for u in (users[2], users[1], users[0])]
    for words in ("Ada Archer", "Kay Keeper", "Zed Zander", "Use another account", "Test app"):
        assert words in page.words
    assert page.words.count("Sign out") == 3
    assert all(
        form.buttons == [("answer", "continue"), ("answer", "sign_out")]
        for form in choices(page))
    assert "<script" not in page.text
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]


def test_choosing_goes_on_with_that_account_and_makes_it_active(
    client: Client, users: list[User], shared: Browser
) -> None:
    for user in (users[0], users[1], users[1], users[2]):
        pkce = PKCE.new()
        page = chooser(shared, client, pkce)
        form = choices(page)[names(page, users).index(user.name)]
        answer = Redirect.read(shared.follow(shared.submit(page, form, answer="continue")))
        assert subject(client, answer, pkce) == user.id
        # The next request that says nothing is about the active account.
        pkce = PKCE.new()
        answer = authorize(shared, client, None, pkce)
        assert subject(client, answer, pkce) == user.id
        assert names(chooser(shared, client), users)[0] == user.name


def test_a_hint_or_the_only_session_decides_where_no_page_may_ask(
    client: Client, users: list[User], browser: Browser, tenant: Tenant
) -> None:
    first, second, third = users
    add(browser, client, first)
    assert silent(browser, client) == first.id
    hint = tokens(client, first)["id_token"]
    add(browser, client, second)
    assert silent(browser, client) == "account_selection_required"
    for user in (first, second):
        assert silent(browser, client, login_hint=user.name) == user.id
        assert silent(browser, client, login_hint=user.name.upper()) == user.id
    assert silent(browser, client, id_token_hint=hint) == first.id
    assert silent(
        browser, client, claims='{"id_token": {"sub": {"value": "%s"}}}' % second.id) == second.id
    # A hint at somebody who is not there decides nothing, and one that is proven says no.
    assert silent(browser, client, login_hint=third.name) == "account_selection_required"
    assert silent(browser, client, login_hint="' OR 1=1--") == "account_selection_required"
    other = tokens(client, third)["id_token"]
    assert silent(browser, client, id_token_hint=other) == "login_required"
    assert silent(browser, client, login_hint=first.name, id_token_hint=other) == "login_required"
    # Two accounts, of which one can be used no more: the other one is the only one.
    tenant.cli("user", "update", second.id, "--disable")
    assert silent(browser, client) == first.id


def test_hints_preselect_and_nothing_more(
    client: Client, users: list[User], shared: Browser
) -> None:
    first = users[0]
    assert names(chooser(shared, client, login_hint=first.name), users)[0] == first.name
    pkce = PKCE.new()
    answer = authorize(shared, client, None, pkce, login_hint=first.name)
    assert subject(client, answer, pkce) == first.id
    # What is active stays so.
    pkce = PKCE.new()
    assert subject(client, authorize(shared, client, None, pkce), pkce) == users[2].id
    # A fresh proof is asked of whom the hint names.
    page = begin(shared, client, prompt="login", login_hint=first.name)
    assert page.form("password").fields["identifier"] == first.name


def test_what_the_client_demands_is_demanded_of_the_chosen_account(
    client: Client, users: list[User], shared: Browser
) -> None:
    first, pkce = users[0], PKCE.new()
    page = begin(shared, client, pkce, prompt="select_account login")
    assert page.form("password").fields["identifier"] == users[2].name
    # max_age=0 is older than any of them: whoever is chosen proves it again.
    page = begin(shared, client, pkce, prompt="select_account", max_age="0")
    page = shared.get(page.url + "?account=choose")
    form = choices(page)[names(page, users).index(first.name)]
    page = shared.follow(shared.submit(page, form, answer="continue"))
    assert page.form("password").fields["identifier"] == first.name
    answer = shared.submit(page, page.form("password"), password=first.password)
    assert subject(client, Redirect.read(shared.follow(answer)), pkce) == first.id


def test_one_account_can_be_signed_out_alone(
    tenant: Tenant, users: list[User], browser: Browser
) -> None:
    client = tenant.create_client("native", "--refresh-tokens", "always")
    given = {}
    for user in users:
        pkce = PKCE.new()
        given[user.id] = redeem(client, add(browser, client, user, pkce).code, pkce).json()
    page, gone = chooser(browser, client), users[1]
    form = choices(page)[names(page, users).index(gone.name)]
    with recorded(tenant, "session.signed_out", actor=gone.id):
        page = browser.follow(browser.submit(page, form, answer="sign_out"))
    assert names(page, users) == [users[2].name, users[0].name]
    j400(refresh(client, given[gone.id]["refresh_token"]), "invalid_grant")
    for user in (users[0], users[2]):
        assert refresh(client, given[user.id]["refresh_token"]).status_code == 200
    # The last two go the same way, and then somebody has to sign in.
    page = browser.follow(browser.submit(page, choices(page)[0], answer="sign_out"))
    assert names(page, users) == [users[0].name] and "Continue as" in page.words
    browser.follow(browser.get(page.url))
    assert silent(browser, client) == users[0].id


def test_a_browser_holds_eight_accounts(client: Client, tenant: Tenant, browser: Browser) -> None:
    people = [tenant.create_user() for _ in range(9)]
    for user in people[:8]:
        add(browser, client, user)
    assert len(choices(chooser(browser, client))) == 8
    with recorded(
            tenant, "session.signed_in", "grant.created", "session.signed_out") as events:
        add(browser, client, people[8])
    assert [e["actor"] for e in events if e["kind"] == "session.signed_out"] == [people[0].id]
    page = chooser(browser, client)
    assert len(choices(page)) == 8 and people[0].name not in page.words


def test_continue_as_offers_another_account(client: Client, user: User, browser: Browser) -> None:
    tokens(client, user, browser)
    page = chooser(browser, client)
    assert "Continue as" in page.words and "Use another account" in page.words


def test_the_consent_page_leads_to_the_accounts(
    users: list[User], client: Client, shared: Browser, tenant: Tenant
) -> None:
    other, pkce = tenant.create_client("web", "--party", "third"), PKCE.new()
    page = begin(shared, other, pkce)
    assert asks_consent(page) and users[2].name in page.words
    way = next(link for link in page.links if "account=choose" in link)
    page = shared.get(way)
    form = choices(page)[names(page, users).index(users[0].name)]
    page = shared.follow(shared.submit(page, form, answer="continue"))
    assert asks_consent(page) and users[0].name in page.words
    answer = Redirect.read(allow(shared, page))
    assert subject(other, answer, pkce) == users[0].id


def test_a_request_without_pages_tells_of_consent_before_nothing_else(
    users: list[User], shared: Browser, tenant: Tenant
) -> None:
    other = tenant.create_client("web", "--party", "third")
    redirected(
        shared.get(authorization_url(other, PKCE.new(), prompt="none")), other,
        "account_selection_required")
    redirected(
        shared.get(authorization_url(
            other, PKCE.new(), prompt="none", login_hint=users[0].name)), other,
        "consent_required")


# Signing out


def leave(browser: Browser, tenant: Tenant, **query: str) -> Page:
    url = tenant.endpoint("end_session")
    return browser.get(f"{url}?" + "&".join(f"{k}={v}" for k, v in query.items()))


def test_a_proven_logout_ends_the_session_that_it_is_about(
    client: Client, users: list[User], browser: Browser, tenant: Tenant
) -> None:
    hints = {}
    for user in users:
        pkce = PKCE.new()
        hints[user.id] = redeem(
            client, add(browser, client, user, pkce).code, pkce).json()["id_token"]
    page = browser.follow(leave(browser, tenant, id_token_hint=hints[users[1].id]))
    assert "You are signed out" in page.words and "Still signed in" in page.words
    assert names(page, users) == [users[2].name, users[0].name]
    assert names(chooser(browser, client), users) == [users[2].name, users[0].name]
    # The hint of a session that is over is none; nothing is ended without asking.
    page = leave(browser, tenant, id_token_hint=hints[users[1].id])
    assert "Sign out of" in page.words
    assert len(choices(chooser(browser, client))) == 2


def test_a_logout_that_says_of_nobody_asks_about_all(
    client: Client, users: list[User], shared: Browser, tenant: Tenant
) -> None:
    page = leave(shared, tenant)
    assert names(page, users) and len(names(page, users)) == 3
    assert "All these accounts are signed out" in page.words
    stay = shared.follow(shared.submit(page, page.form("answer"), answer="stay_signed_in"))
    assert "You are still signed in" in stay.words
    with recorded(tenant, *["session.signed_out"] * 3):
        done = shared.follow(shared.submit(page, page.form("answer"), answer="sign_out"))
    assert "You are signed out" in done.words and "Still" not in done.words
    assert shared.cookie("session") is None
    assert silent(shared, client) == "login_required"


def test_a_logout_form_ends_only_what_it_showed(
    client: Client, users: list[User], browser: Browser, tenant: Tenant
) -> None:
    add(browser, client, users[0])
    page = leave(browser, tenant)
    add(browser, client, users[1])
    with recorded(tenant, "session.signed_out", actor=users[0].id):
        browser.submit(page, page.form("answer"), answer="sign_out")
    assert silent(browser, client) == users[1].id
    form = page.form("answer")
    sessions, _, code = form.fields["csrf"].partition(".")
    with recorded(tenant):
        for token in (code, f".{code}", sessions, f"{sessions}+{sessions}.{code}", "."):
            answer = browser.post(form.action, form.fields | {"csrf": token, "answer": "sign_out"})
            assert answer.status == 403
