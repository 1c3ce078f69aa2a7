"""Somebody else's invitation, an old one, a changed one, and looking at one: attack cases 3.M and 3.W.
"""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest

from browser import Browser, Page
from harness import CommandFailed, Tenant, User
from invitations import (  # noqa: F401 - fixtures
    PASSWORD, create_account, invitation, invite, inviting, is_offered, join_button, letter,
    listed, mailing, relay, secret_of, sign_in)
from mails import MailRelay
from organizations import join, members, organization, role
from protocol import redeem, refresh, tokens, userinfo
from races import at_once
from trial import eventually
from visitor import kinds, set_limit
from watch import recorded, unchanged


def page_of(tenant: Tenant, secret: str) -> str:
    return f"{tenant.issuer}/invitation?{urlencode({'invitation_token': secret})}"


def unknown(page: Page) -> None:
    assert page.status == 404 and "This link does not work" in page.words
    assert "Initech" not in page.words and not page.forms


@pytest.fixture
def org(inviting: Tenant) -> str:  # noqa: F811
    return organization(inviting, "initech")


@pytest.fixture
def bob(inviting: Tenant) -> User:  # noqa: F811
    return inviting.create_user()


@pytest.fixture
def link(inviting: Tenant, relay: MailRelay, org: str, bob: User) -> str:  # noqa: F811
    invite(inviting, org, bob.name, scopes=("a:b",))
    return letter(inviting, relay, bob.name)


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


def test_gh_233_looking_changes_nothing_and_binds_nothing(
    inviting: Tenant, org: str, link: str, bob: User  # noqa: F811
) -> None:
    http = inviting.instance.http
    with recorded(inviting), unchanged(inviting):
        # What scanners of mail do, more than once.
        for _ in range(3):
            assert http.get(link).status_code == 200
            assert http.head(link).status_code == 405
            assert http.options(link).status_code in (200, 204, 405)
        secret = secret_of(link)
        answer = http.post(f"{inviting.issuer}/invitation", data={"invitation_token": secret})
        assert answer.status_code == 403
    # The link that was looked at elsewhere works where the person is.
    browser = Browser(inviting.instance)
    page = sign_in(browser, browser.get(link, site="cross-site"), bob)
    assert "You are in" in join_button(browser, page).words


def test_forms_of_others_are_refused(
    inviting: Tenant, org: str, link: str, bob: User  # noqa: F811
) -> None:
    browser, other = Browser(inviting.instance), Browser(inviting.instance)
    page = sign_in(browser, browser.get(link, site="cross-site"), bob)
    form = page.form("session")
    foreign = other.get(link).form("identifier").fields["csrf"]
    with recorded(inviting), unchanged(inviting, bob):
        for fields, site in (
            (form.fields, "cross-site"), (form.fields | {"csrf": ""}, "same-origin"),
            (form.fields | {"csrf": foreign}, "same-origin"),
            ({k: v for k, v in form.fields.items() if k != "csrf"}, "same-origin"),
        ):
            answer = browser.post(form.action, fields, site=site, origin="https://evil.test"
                                  if site == "cross-site" else "null")
            assert answer.status == 403, answer.words
    assert members(inviting, org) == []


def test_gh_241_the_page_loads_nothing_of_others_and_tells_nobody(
    inviting: Tenant, link: str  # noqa: F811
) -> None:
    page = Browser(inviting.instance).get(link)
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert all(found.startswith(inviting.instance.url) for found in page.links)
    # The secret is in the page of its own link only, and in no path.
    assert all(secret_of(link) not in found.split("?")[0] for found in page.links)


def test_gh_239_addresses_that_look_alike_are_others(
    inviting: Tenant, relay: MailRelay, org: str  # noqa: F811
) -> None:
    user = inviting.create_user("alice@rp.test")
    for wrong in ("alıce@rp.test", "al\u212aice@rp.test", "alice@rp。test",
                  "alice@rp.test,evil@evil.test", "alice@rp.test\nBcc:evil@evil.test",
                  '"alice@rp.test "@evil.test', "alice@rp.test@evil.test", "<alice@rp.test>"):
        with pytest.raises(CommandFailed) as failed:
            invite(inviting, org, wrong)
        assert failed.value.code == 2
    invite(inviting, org, "alice+1@rp.test")
    browser = Browser(inviting.instance)
    page = browser.get(letter(inviting, relay, "alice+1@rp.test"))
    answer = browser.submit(page, page.form("identifier"), password=user.password)
    assert answer.status == 401 and members(inviting, org) == []


def test_gh_247_and_248_names_are_text_in_the_letter_and_the_address_is_one(
    inviting: Tenant, relay: MailRelay, org: str  # noqa: F811
) -> None:
    hostile = "<a href=//evil.test>{{secret}}</a> http://evil.test"
    inviting.cli("organization", "update", org, "--name", hostile)
    address = f"kay+{'x' * 50}@example.test"
    invite(inviting, org, address, "--by", hostile)
    eventually(lambda: relay.letters(address), "the letter", 40)
    talk, = relay.letters(address)
    assert [line for line in talk.lines if line.startswith("RCPT")] == [
        f"RCPT TO:<{address}>"]
    message = talk.message
    assert message.get_content_type() == "text/plain"
    assert message["To"] == address and message["Bcc"] is None and message["Cc"] is None
    assert message.get_content().count(hostile) == 2


def test_gh_509_whoever_is_disabled_does_not_join(
    inviting: Tenant, org: str, link: str, bob: User  # noqa: F811
) -> None:
    browser = Browser(inviting.instance)
    page = sign_in(browser, browser.get(link, site="cross-site"), bob)
    inviting.cli("user", "update", bob.id, "--disable")
    assert not is_offered(join_button(browser, page))
    page = browser.get(link)
    answer = browser.submit(page, page.form("identifier"), password=bob.password)
    assert answer.status == 401
    assert members(inviting, org) == []


def test_gh_508_no_other_secret_is_an_invitation_and_it_is_no_other(
    inviting: Tenant, link: str, bob: User  # noqa: F811
) -> None:
    secret = secret_of(link)
    app = inviting.create_client("web")
    browser = Browser(inviting.instance)
    given = tokens(app, bob, browser, scope="openid offline_access")
    others = [given["access_token"], given["refresh_token"], app.secret,
              browser.cookie("browser"), browser.cookie("session")]
    for value in others:
        unknown(Browser(inviting.instance).get(page_of(inviting, value)))
    assert redeem(app, secret, None).status_code == 400
    assert refresh(app, secret).status_code == 400
    assert userinfo(inviting, secret).status_code == 401


def test_letters_are_limited_by_address_and_organization(
    inviting: Tenant, org: str  # noqa: F811
) -> None:
    set_limit(inviting, "invitation-address", 2)
    set_limit(inviting, "invitation-organization", 3)
    made = invite(inviting, org, "a@example.test")
    invitation(inviting, "resend", org, made["id"])
    with pytest.raises(CommandFailed) as failed:
        invitation(inviting, "resend", org, made["id"])
    assert failed.value.code == 6 and "invitation-address" in str(failed.value)
    invite(inviting, org, "b@example.test")
    with pytest.raises(CommandFailed) as failed:
        invite(inviting, org, "c@example.test")
    assert failed.value.code == 6 and "invitation-organization" in str(failed.value)
    assert kinds(inviting).count("limit.exceeded") == 2
    # Another organization has letters of its own.
    organization(inviting, "other")
    invite(inviting, "other", "c@example.test")


def test_wrong_passwords_are_counted_as_everywhere(
    inviting: Tenant, link: str, bob: User  # noqa: F811
) -> None:
    set_limit(inviting, "password-name-network", 3)
    browser = Browser(inviting.instance)
    page = browser.get(link, site="cross-site")
    form = page.form("identifier", "password")
    for _ in range(3):
        assert browser.submit(page, form, password="not the password 7").status == 401
    answer = browser.submit(page, form, password=bob.password)
    assert answer.status == 429 and int(answer.headers["retry-after"]) > 0
    assert browser.submit(page, form, password="").status == 422


def test_secrets_are_in_the_letter_only(
    inviting: Tenant, link: str, bob: User  # noqa: F811
) -> None:
    secret = secret_of(link)
    browser = Browser(inviting.instance)
    join_button(browser, sign_in(browser, browser.get(link), bob))
    for table in ("invitation", "event", "one_time_secret"):
        rows = inviting.instance.database.rows(f"SELECT * FROM {table}")
        assert secret not in str(rows) and secret[4:] not in str(rows)
    details = [row["detail"] for row in inviting.instance.events(inviting)]
    assert bob.name not in str(details)
    assert secret not in inviting.instance.log_text()
