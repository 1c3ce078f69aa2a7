"""Looking at invitations, the pages and letters of them, and how often they are asked for: attack cases
3.M and 3.W."""

from __future__ import annotations

import pytest

from browser import Browser
from harness import CommandFailed, Tenant, User
from invitations import (  # noqa: F401 - fixtures
    bob, invitation, invite, inviting, is_offered, join_button, letter, link, mailing, org,
    page_of, relay, secret_of, sign_in, unknown)
from mails import MailRelay
from organizations import members, organization
from protocol import redeem, refresh, tokens, userinfo
from trial import eventually
from visitor import kinds, set_limit
from watch import recorded, unchanged


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
