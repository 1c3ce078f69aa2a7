"""Somebody else's invitation, an old one and a changed one: attack cases 3.M and 3.W."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor

from browser import Browser
from harness import CommandFailed, Tenant, User
from invitations import (  # noqa: F401 - fixtures
    PASSWORD, bob, invitation, invite, inviting, is_offered, join_button, letter, link, listed,
    mailing, org, page_of, relay, secret_of, sign_in, unknown)
from mails import MailRelay
from organizations import join, members, organization, role
from protocol import tokens
from races import at_once
from watch import recorded, unchanged


def test_gh_143_and_181_every_wrong_link_looks_the_same(
    inviting: Tenant, link: str, bob: User  # noqa: F811
) -> None:
    secret = secret_of(link)
    random = "ivt_" + secrets.token_urlsafe(32)
    other = inviting.instance.create_tenant()
    seen = set()
    with recorded(inviting), unchanged(inviting):
        for tenant, wrong in (
            (inviting, random), (inviting, ""), (inviting, "x"), (inviting, secret + "A"),
            (inviting, secret[:-1]), (inviting, secret.upper()), (inviting, " " + secret),
            (inviting, secret.replace("ivt_", "ses_")), (inviting, "ivt_" + "=" * 43),
        ):
            page = Browser(inviting.instance).get(page_of(tenant, wrong))
            unknown(page)
            seen.add((page.text, page.headers.get("set-cookie")))
        page = Browser(inviting.instance).get(f"{inviting.issuer}/invitation")
        unknown(page)
        seen.add((page.text, page.headers.get("set-cookie")))
        # Of another tenant it is as unknown as a random one.
        theirs = {
            Browser(inviting.instance).get(page_of(other, wrong)).text
            for wrong in (secret, random)}
    assert len(seen) == 1 and len(theirs) == 1
    unknown(Browser(inviting.instance).get(
        f"{inviting.issuer}/invitation/create-account?invitation_token={random}"))


def test_gh_143_and_245_nothing_of_it_can_be_changed(
    inviting: Tenant, org: str, link: str, bob: User  # noqa: F811
) -> None:
    other = organization(inviting, "other")
    role(inviting, "boss", "owner")
    browser = Browser(inviting.instance)
    page = sign_in(browser, browser.get(link, site="cross-site"), bob)
    form = page.form("session")
    answer = browser.submit(
        page, form, organization=other, organization_id=other, role="boss", roles="boss",
        scope="owner", scopes="owner", email="mallory@example.test", user_id="usr_x")
    assert "You are in" in browser.follow(answer).words
    assert members(inviting, other) == []
    assert [(one["user"], one["all_scopes"]) for one in members(inviting, org)] == [
        (bob.id, ["a:b"])]


def test_gh_245_nobody_else_accepts_it(
    inviting: Tenant, org: str, link: str, bob: User  # noqa: F811
) -> None:
    mallory = inviting.create_user()
    app = inviting.create_client("web")
    browser = Browser(inviting.instance)
    tokens(app, mallory, browser)
    page = browser.get(link, site="cross-site")
    assert not is_offered(page)
    form = page.form("identifier", "password")
    with recorded(inviting, "session.sign_in_failed"), unchanged(inviting, mallory):
        # Mallory's password does not open the account of the address, whatever name is sent.
        answer = browser.submit(
            page, form, identifier=mallory.name, password=mallory.password)
        assert answer.status == 401 and "does not match" in answer.words
        session = inviting.instance.database.value(
            f"SELECT id FROM browser_session WHERE user_id = '{mallory.id}'")
        accepting = f"{inviting.issuer}/invitation"
        answer = browser.post(accepting, form.fields | {"session": session})
        assert not is_offered(browser.follow(answer))
    assert members(inviting, org) == []
    # Bob's session, named by Mallory's browser, is none of it.
    tokens(app, bob, Browser(inviting.instance))
    session = inviting.instance.database.value(
        f"SELECT id FROM browser_session WHERE user_id = '{bob.id}'")
    browser.follow(browser.post(accepting, form.fields | {"session": session}))
    assert members(inviting, org) == []


def test_gh_244_an_account_that_was_prepared_is_not_let_in(
    inviting: Tenant, relay: MailRelay, org: str  # noqa: F811
) -> None:
    # Mallory registered Bob's address, and signs Bob's browser in with that account.
    address = f"bob-{secrets.token_hex(4)}@example.test"
    prepared = inviting.create_user(address, verified=False)
    app = inviting.create_client("web")
    browser = Browser(inviting.instance)
    tokens(app, prepared, browser)
    invite(inviting, org, address)
    page = browser.get(letter(inviting, relay, address), site="cross-site")
    assert not is_offered(page) and "password once more" in page.words
    session = inviting.instance.database.value(
        f"SELECT id FROM browser_session WHERE user_id = '{prepared.id}'")
    form = page.form("identifier", "password")
    with recorded(inviting):
        answer = browser.post(
            f"{inviting.issuer}/invitation", form.fields | {"session": session})
        assert not is_offered(browser.follow(answer))
    # Nor can Bob be talked into a second account with the address.
    link = next(link for link in page.links if "/create-account" in link)
    page = browser.get(link, site="same-origin")
    answer = browser.submit(
        page, page.form("email", "password"), name="Bob", password=PASSWORD)
    assert answer.status == 422 and "could not create" in answer.words
    assert inviting.cli("user", "show", address)["email_verified"] is False
    assert members(inviting, org) == []


def test_gh_244_whoever_proves_account_and_address_is_let_in(
    inviting: Tenant, relay: MailRelay, org: str  # noqa: F811
) -> None:
    user = inviting.create_user(verified=False)
    invite(inviting, org, user.name)
    browser = Browser(inviting.instance)
    page = browser.get(letter(inviting, relay, user.name), site="cross-site")
    with recorded(inviting, "session.signed_in", "user.updated", actor=user.id):
        page = sign_in(browser, page, user)
    assert is_offered(page)
    assert inviting.cli("user", "show", user.id)["email_verified"] is True


def test_gh_025_the_address_on_the_form_is_only_shown(
    inviting: Tenant, relay: MailRelay, org: str  # noqa: F811
) -> None:
    address = f"bob-{secrets.token_hex(4)}@example.test"
    invite(inviting, org, address)
    browser = Browser(inviting.instance)
    page = browser.get(letter(inviting, relay, address), site="cross-site")
    page = browser.get(next(link for link in page.links if "/create-account" in link),
                       site="same-origin")
    form = page.form("email", "password")
    assert form.fields["email"] == address
    page = browser.follow(browser.submit(
        page, form, email="mallory@example.test", name="M", password=PASSWORD))
    assert is_offered(page)
    emails = [one["email"] for one in inviting.cli("user", "list")]
    assert emails == [address]


def test_gh_232_and_245_and_458_it_is_accepted_once(
    inviting: Tenant, org: str, link: str, bob: User  # noqa: F811
) -> None:
    browser = Browser(inviting.instance)
    page = sign_in(browser, browser.get(link, site="cross-site"), bob)
    form = page.form("session")
    cookies = "; ".join(f"{k}={v}" for k, v in browser.cookies.items())
    with recorded(inviting, "invitation.accepted", "membership.created", actor=bob.id):
        answers = at_once(32, lambda http: http.post(
            form.action, data=form.fields,
            headers={"Cookie": cookies, "Sec-Fetch-Site": "same-origin"}))
    assert {answer.status_code for answer in answers} == {303}
    assert len(members(inviting, org)) == 1
    again = join_button(browser, page)
    assert again.status == 200 and "You are in" in again.words
    # Once more, after the member was taken out: it was used.
    inviting.cli("organization", "member", "remove", org, bob.id)
    join_button(browser, page)
    assert members(inviting, org) == []


def test_gh_245_accepted_or_taken_back(
    inviting: Tenant, relay: MailRelay, bob: User  # noqa: F811
) -> None:
    browser = Browser(inviting.instance)
    tokens(inviting.create_client("web"), bob, browser)
    for slug in ("one", "two", "three"):
        organization(inviting, slug)
        made = invite(inviting, slug, bob.name)
        count = ("one", "two", "three").index(slug) + 1
        page = browser.get(letter(inviting, relay, bob.name, count), site="cross-site")
        form = page.form("session")

        def act(number: int) -> bool:
            if number == 0:
                return "You are in" in browser.follow(browser.submit(page, form)).words
            try:
                invitation(inviting, "revoke", slug, made["id"])
            except CommandFailed as failed:
                assert failed.code == 4
                return False
            return True

        with ThreadPoolExecutor(2) as pool:
            accepted, revoked = pool.map(act, range(2))
        assert accepted != revoked
        assert len(members(inviting, slug)) == accepted
        assert listed(inviting, slug)[0]["state"] == ("accepted" if accepted else "revoked")


def test_gh_245_and_380_after_it_was_taken_back_or_the_organization_went(
    inviting: Tenant, org: str, link: str, bob: User  # noqa: F811
) -> None:
    browser = Browser(inviting.instance)
    page = sign_in(browser, browser.get(link, site="cross-site"), bob)
    invitation(inviting, "revoke", org, listed(inviting, org)[0]["id"])
    with recorded(inviting), unchanged(inviting, bob):
        answer = join_button(browser, page)
        assert answer.status == 410 and "taken back" in answer.words
    inviting.cli("organization", "delete", org, "--grace-days", "0")
    # One of the same name is another one.
    inviting.cli("organization", "update", org, "--slug", "gone")
    other = organization(inviting, "initech")
    join_button(browser, page)
    assert members(inviting, other) == []


def test_gh_235_after_its_time(
    inviting: Tenant, org: str, link: str, bob: User  # noqa: F811
) -> None:
    browser = Browser(inviting.instance)
    page = sign_in(browser, browser.get(link, site="cross-site"), bob)
    database = inviting.instance.database
    database.execute("UPDATE invitation SET expires_at = created_at + 1 "
                     f"WHERE organization_id = '{org}'")
    with recorded(inviting), unchanged(inviting, bob):
        assert join_button(browser, page).status == 410
        page = Browser(inviting.instance).get(link)
        assert page.status == 410 and "has expired" in page.words and not page.forms


def test_gh_236_only_the_newest_link_works(
    inviting: Tenant, relay: MailRelay, org: str, link: str, bob: User  # noqa: F811
) -> None:
    browser = Browser(inviting.instance)
    page = sign_in(browser, browser.get(link, site="cross-site"), bob)
    invitation(inviting, "resend", org, listed(inviting, org)[0]["id"])
    unknown(browser.get(link))
    unknown(join_button(browser, page))
    newest = letter(inviting, relay, bob.name, 2)
    unknown(browser.get(link))
    assert "You are in" in join_button(browser, browser.get(newest)).words
