"""Inviting people into organizations by mail, from the command to the tokens."""

from __future__ import annotations

from browser import Browser
from harness import Tenant, User
from invitations import (  # noqa: F401 - fixtures
    PASSWORD, create_account, invitation, invite, inviting, is_offered, join_button, letter,
    listed, mailing, relay, secret_of, sign_in)
from mails import FROM, MailRelay
from organizations import SCOPE, join, member, members, organization, role, told_everywhere
from protocol import refresh, tokens
from test_organizations import fails
from watch import recorded


def test_a_person_with_an_account_joins(inviting: Tenant, relay: MailRelay) -> None:  # noqa: F811
    org = organization(inviting, "initech")
    role(inviting, "editor", "pages:write")
    user = inviting.create_user()
    app = inviting.create_client("web", "--organizations", "all")
    browser = Browser(inviting.instance)
    before = tokens(app, user, browser, scope=SCOPE)
    assert told_everywhere(app, before) == {"organizations": []}
    with recorded(
        inviting, "invitation.created", "invitation.letter_sent", "invitation.accepted",
        "membership.created",
    ) as events:
        made = invite(
            inviting, org, user.name.upper(), "--title", "Founder", "--by", "Ann", "--days", "2",
            scopes=("a:b",), roles=("editor",))
        assert made["id"].startswith("inv_")
        assert (made["state"], made["letter"], made["by"]) == ("pending", "waiting", "Ann")
        link = letter(inviting, relay, user.name.upper())
        assert link.startswith(f"{inviting.issuer}/invitation?")
        page = browser.get(link, site="cross-site")
        assert is_offered(page) and "Initech" in page.words and "Ann" in page.words
        assert members(inviting, org) == []
        page = join_button(browser, page)
        assert page.status == 200 and "You are in" in page.words
    actors = {event["kind"]: event["actor"] for event in events}
    assert actors["invitation.accepted"] == actors["membership.created"] == user.id
    assert actors["invitation.created"] == "operator"
    shown = members(inviting, org)[0]
    assert (shown["user"], shown["title"], shown["roles"]) == (user.id, "Founder", ["editor"])
    # At the next refresh, tokens know of it.

    after = refresh(app, before["refresh_token"]).json()
    told = told_everywhere(app, after)["organizations"]
    assert [(one["id"], one["scopes"], one["title"]) for one in told] == [
        (org, ["a:b", "pages:write"], "Founder")]
    found = listed(inviting, org)[0]
    assert (found["state"], found["letter"], found["user"]) == ("accepted", "sent", user.id)
    # The page goes on to say so to whoever joined, and tells others that it is used.
    assert "You are in" in browser.get(link).words
    page = Browser(inviting.instance).get(link)
    assert page.status == 410 and "was used" in page.words


def test_a_person_without_an_account_makes_one(
    inviting: Tenant, relay: MailRelay  # noqa: F811
) -> None:
    org = organization(inviting, "initech")
    address = "bob@example.test"
    invite(inviting, org, address)
    browser = Browser(inviting.instance)
    page = browser.get(letter(inviting, relay, address), site="cross-site")
    assert page.form("identifier", "password").fields["identifier"] == address
    page = create_account(browser, page)
    assert is_offered(page) and members(inviting, org) == []
    assert "You are in" in join_button(browser, page).words
    user = inviting.cli("user", "show", address)
    assert user["email_verified"] is True and members(inviting, org)[0]["user"] == user["id"]
    # And signs in with it like everybody.
    app = inviting.create_client("web", "--organizations", "all")
    bob = User(user["id"], address, PASSWORD, address)
    told = told_everywhere(app, tokens(app, bob, scope=SCOPE))
    assert [one["id"] for one in told["organizations"]] == [org]


def test_somebody_else_is_signed_in(inviting: Tenant, relay: MailRelay) -> None:  # noqa: F811
    org = organization(inviting, "initech")
    other, user = inviting.create_user(), inviting.create_user()
    app = inviting.create_client("web")
    browser = Browser(inviting.instance)
    tokens(app, other, browser)
    invite(inviting, org, user.name)
    page = browser.get(letter(inviting, relay, user.name), site="cross-site")
    assert not is_offered(page) and f"signed in as {other.name}" in page.words
    page = sign_in(browser, page, user)
    assert is_offered(page)
    # The one account stays signed in beside the other.
    assert len(browser.cookie("session").split(".")) == 2
    assert "You are in" in join_button(browser, page).words
    assert [one["user"] for one in members(inviting, org)] == [user.id]


def test_an_operator_sees_resends_and_takes_back(
    inviting: Tenant, relay: MailRelay  # noqa: F811
) -> None:
    org = organization(inviting, "initech")
    first = invite(inviting, org, "a@example.test")
    second = invite(inviting, org, "b@example.test", "--days", "30")
    assert [one["id"] for one in listed(inviting, org)] == [first["id"], second["id"]]
    assert [one["id"] for one in invitation(
        inviting, "list", org, "--after", first["id"], "--limit", "1")] == [second["id"]]
    letter(inviting, relay, "b@example.test")
    link = letter(inviting, relay, "a@example.test")
    with recorded(inviting, "invitation.resent", "invitation.letter_sent"):
        invitation(inviting, "resend", org, first["id"], "--days", "1")
        letter(inviting, relay, "a@example.test", 2)

    with recorded(inviting, "invitation.revoked"):
        assert invitation(inviting, "revoke", org, first["id"])["state"] == "revoked"
    page = Browser(inviting.instance).get(link)
    assert page.status == 404
    fails(4, lambda: invitation(inviting, "revoke", org, first["id"]))
    fails(4, lambda: invitation(inviting, "resend", org, first["id"]))
    fails(4, lambda: invite(inviting, org, "B@EXAMPLE.test"))
    # Once it was taken back, the address can be invited again.
    invite(inviting, org, "a@example.test")
    user = inviting.create_user()
    join(inviting, org, user)
    fails(4, lambda: invite(inviting, org, user.name))
    fails(3, lambda: invite(inviting, org, "c@example.test", roles=("nobody",)))
    for wrong in ("", "nobody", "a@b", "a@example.test,b@example.test", "ä@example.test"):
        fails(2, lambda: invite(inviting, org, wrong))
    for wrong in (["--days", "0"], ["--days", "31"], ["--by", "a\nb"], ["--title", "x" * 101]):
        fails(2, lambda: invite(inviting, org, "c@example.test", *wrong))
    fails(3, lambda: invitation(inviting, "revoke", org, "inv_" + "0" * 26))
    fails(3, lambda: invitation(inviting, "revoke", org, "nonsense"))
    inviting.cli("organization", "suspend", org)
    fails(4, lambda: invite(inviting, org, "c@example.test"))


def test_each_obstacle_has_a_page_and_loses_nothing(
    inviting: Tenant, relay: MailRelay  # noqa: F811
) -> None:
    org = organization(inviting, "initech")
    role(inviting, "editor", "pages:write")
    user = inviting.create_user()
    made = invite(inviting, org, user.name, scopes=("a:b",), roles=("editor",))
    link = letter(inviting, relay, user.name)
    browser = Browser(inviting.instance)
    page = sign_in(browser, browser.get(link, site="cross-site"), user)
    assert is_offered(page)
    inviting.cli("organization", "role", "delete", "editor")
    gone = join_button(browser, page)
    assert gone.status == 409 and "out of date" in gone.words
    role(inviting, "editor", "pages:write")
    join(inviting, org, user, "x:y")
    inside = join_button(browser, page)
    assert inside.status == 409 and "member already" in inside.words
    assert members(inviting, org)[0]["all_scopes"] == ["x:y"]
    member(inviting, "remove", org, user)
    inviting.cli("organization", "suspend", org)
    away = join_button(browser, page)
    assert away.status == 409 and "cannot be accepted now" in away.words
    inviting.cli("organization", "activate", org)
    inviting.instance.database.execute(
        f"UPDATE invitation SET expires_at = 1 WHERE id = '{made['id']}'")
    expired = join_button(browser, page)
    assert expired.status == 410 and "has expired" in expired.words
    assert listed(inviting, org)[0]["state"] == "expired"
    invitation(inviting, "resend", org, made["id"])
    page = browser.get(letter(inviting, relay, user.name, 2), site="cross-site")
    assert "You are in" in join_button(browser, page).words
    assert members(inviting, org)[0]["all_scopes"] == ["a:b", "pages:write"]


def test_what_the_letter_says(inviting: Tenant, relay: MailRelay) -> None:  # noqa: F811
    org = organization(inviting, "initech")
    inviting.cli("organization", "update", org, "--name", "Ünïtech & <b>Söhne</b>")
    invite(inviting, org, "kay@example.test", "--by", "Jürgen")
    link = letter(inviting, relay, "kay@example.test")
    message = relay.letters("kay@example.test")[0].message
    assert message["To"] == "kay@example.test"
    assert message["From"].addresses[0].addr_spec == FROM
    assert message["Subject"] == "Jürgen invites you to join Ünïtech & <b>Söhne</b>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime is not None and message["Message-ID"].endswith("@id.test>")
    assert message.get_content_type() == "text/plain"
    text = message.get_content()
    assert "kay@example.test" in text and "do nothing" in text and text.count(link) == 1
    secret_of(link)
