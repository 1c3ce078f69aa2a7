"""What nobody can do to the accounts of a browser, so that none ever becomes another one's: attack
cases 3.A, 3.I and 3.J."""

from __future__ import annotations

from accounts import (  # noqa: F401 - fixtures
    add, choices, chooser, names, shared, silent, subject, users,
)
from browser import Browser
from harness import Client, Instance, Tenant, User
from protocol import PKCE, Redirect, asks_consent, claims, redeem, refresh, tokens
from watch import recorded, unchanged


def test_gh_014_and_179_a_copy_of_the_cookies_is_worth_nothing_after_a_sign_in(
    client: Client, users: list[User], browser: Browser
) -> None:
    add(browser, client, users[0])
    add(browser, client, users[1])
    stolen = browser.clone()
    assert silent(stolen, client, login_hint=users[0].name) == users[0].id
    add(browser, client, users[2])
    for user in users:
        assert silent(stolen, client, login_hint=user.name) == "login_required"
        assert silent(browser, client, login_hint=user.name) == user.id


def test_gh_179_a_cookie_holds_nothing_but_sessions_of_its_own(
    client: Client, users: list[User], shared: Browser, instance: Instance, tenant: Tenant
) -> None:
    name = next(name for name in shared.cookies if "gatehouse-session" in name)
    value = shared.cookies[name]
    parts = value.split(".")
    assert len(parts) == 3 and all(part.startswith("ses_") for part in parts)
    strange = Browser(instance)
    strange.same_site = dict(shared.same_site)
    for bad in (
        ".".join(reversed([part[::-1] for part in parts])), value.replace("ses_", "brw_"),
        value.replace(".", "+"), parts[0] + parts[1], ".".join(["ses_" + "A" * 43] * 8),
        ".".join(parts * 3), "." * 50, value.upper(),
    ):
        strange.cookies = {name: bad}
        assert silent(strange, client) == "login_required", bad
    # Each part is a session, and no part leads to another one.
    strange.cookies = {name: parts[1]}
    assert silent(strange, client) == users[1].id
    # Sessions of another tenant are none here.
    other = instance.create_tenant()
    stranger, app = other.create_user(), other.create_client()
    elsewhere = Browser(instance)
    tokens(app, stranger, elsewhere)
    foreign = elsewhere.cookie("session") or ""
    strange.cookies = {name: f"{foreign}.{parts[1]}"}
    assert silent(strange, client) == users[1].id


def test_gh_026_only_accounts_of_the_browser_can_be_chosen(
    client: Client, users: list[User], shared: Browser, tenant: Tenant, instance: Instance
) -> None:
    victim, theirs = tenant.create_user(), Browser(instance)
    sid = claims(tokens(client, victim, theirs)["id_token"])["sid"]
    page = chooser(shared, client)
    form = choices(page)[0]
    with recorded(tenant), unchanged(tenant, victim):
        for session in (sid, "ses_00000000000000000000000000", "' OR 1=1--", victim.id):
            for answer in ("continue", "sign_out"):
                fields = form.fields | {"session": session, "answer": answer}
                back = shared.follow(shared.post(form.action, fields))
                if session == sid:
                    assert back.location is None and victim.name not in back.words
    assert silent(theirs, client) == victim.id


def test_gh_176_choosing_needs_the_form_of_this_browser(
    client: Client, users: list[User], shared: Browser, instance: Instance, tenant: Tenant
) -> None:
    shared.knows_same_site = False
    page = chooser(shared, client)
    form = choices(page)[1]
    with recorded(tenant), unchanged(tenant):
        for answer in ("continue", "sign_out", "another_account"):
            fields = form.fields | {"answer": answer}
            for sent, site, origin in (
                (fields, "cross-site", "https://evil.test"), (fields, "same-site", "null"),
                (fields | {"csrf": ""}, "same-origin", "null"),
                (fields | {"csrf": "A" * 43}, "same-origin", "null"),
            ):
                assert shared.post(form.action, sent, site=site, origin=origin).status == 403
            assert Browser(instance).post(form.action, fields).status in (400, 403)


def test_an_account_that_ended_meanwhile_is_not_gone_on_with(
    client: Client, users: list[User], shared: Browser, tenant: Tenant
) -> None:
    pkce = PKCE.new()
    page, gone = chooser(shared, client, pkce), users[1]
    form = choices(page)[names(page, users).index(gone.name)]
    tenant.cli("user", "update", gone.id, "--disable")
    with recorded(tenant):
        page = shared.follow(shared.submit(page, form, answer="continue"))
    assert "was signed out meanwhile" in page.words and gone.name not in page.words
    answer = shared.follow(shared.submit(page, choices(page)[0], answer="continue"))
    assert subject(client, Redirect.read(answer), pkce) == users[2].id
    # Also between the choice and what follows it.
    other = tenant.create_client("web", "--party", "third")
    page = chooser(shared, other)
    form = choices(page)[names(page, users).index(users[0].name)]
    page = shared.follow(shared.submit(page, form, answer="continue"))
    assert asks_consent(page) and users[0].name in page.words
    tenant.cli("user", "update", users[0].id, "--disable")
    with recorded(tenant):
        page = shared.follow(shared.submit(page, page.form("answer"), answer="allow"))
    assert "Continue as" in page.words and users[2].name in page.words


def test_a_double_click_on_an_account_goes_on_twice(
    client: Client, users: list[User], shared: Browser
) -> None:
    pkce = PKCE.new()
    page = chooser(shared, client, pkce)
    form = choices(page)[1]
    for _ in range(2):
        answer = Redirect.read(shared.follow(shared.submit(page, form, answer="continue")))
        assert subject(client, answer, pkce) == users[1].id


def test_gh_172_nobody_gets_what_another_person_was_granted(
    tenant: Tenant, users: list[User], browser: Browser
) -> None:
    client = tenant.create_client("native", "--refresh-tokens", "always")
    said = []
    for user in users:
        pkce = PKCE.new()
        said.append(redeem(client, add(browser, client, user, pkce).code, pkce).json())
    sids = [claims(given["id_token"])["sid"] for given in said]
    assert len(set(sids)) == 3
    for user, given, sid in zip(users, said, sids):
        again = claims(refresh(client, given["refresh_token"]).json()["id_token"])
        assert (again["sub"], again["sid"]) == (user.id, sid)
