"""The pages on which an organization's administrators invite people, take back what members allowed
applications, and make API keys."""

from __future__ import annotations

import pytest

from administering import administered, form_with, has_button
from browser import Browser
from consent import ORDERS, orders, third
from expect import j400
from harness import Tenant
from introspection import introspect, is_inactive
from invitations import (  # noqa: F401 - fixtures
    invitation, inviting, is_offered, join_button, letter, listed, mailing, relay, sign_in)
from mails import MailRelay
from organizations import join, members, organization, role
from protocol import refresh, tokens
from visitor import set_limit
from watch import recorded, unchanged

API = "https://invoices.test"


def test_somebody_is_invited_again_and_joins(
    inviting: Tenant, relay: MailRelay  # noqa: F811
) -> None:
    org, desk = administered(inviting, "initech", "admin", name="Ada Lovelace")
    role(inviting, "billing", "invoices:write")
    role(inviting, "boss", "owner")
    page = desk.seen("invitations")
    assert 'value="billing"' in page.text and 'value="boss"' not in page.text
    bob = inviting.create_user()
    page = desk.press(page, "invite", email=bob.name, role=["billing"], standing=["admin"])
    assert page.status == 200 and "The invitation is on its way." in page.words
    (row,) = listed(inviting, org)
    assert (row["by"], row["scopes"], row["roles"]) == ("Ada Lovelace", ["admin"], ["billing"])
    first = letter(inviting, relay, bob.name)
    page = desk.seen("invitations")
    for words in (bob.name, "admin, billing", "waits for an answer"):
        assert words in page.words, words
    about = {"invitation": row["id"]}
    page = desk.press(page, "resend", about)
    assert "Another letter is on its way." in page.words
    second = letter(inviting, relay, bob.name, 2)
    browser = Browser(inviting.instance)
    assert browser.get(first).status == 404
    page = sign_in(browser, browser.get(second), bob)
    assert is_offered(page)
    join_button(browser, page)
    member = next(row for row in members(inviting, org) if row["user"] == bob.id)
    assert member["roles"] == ["billing"] and "admin" in member["scopes"]
    page = desk.seen("invitations")
    assert "accepted" in page.words and not has_button(page, "resend", **about)
    kinds = [event["kind"] for event in inviting.instance.events(inviting)
             if event["actor"] == desk.user.id]
    assert "invitation.created" in kinds and "invitation.resent" in kinds


def test_what_cannot_be_asked_for_is_said(tenant: Tenant) -> None:
    org, desk = administered(tenant)
    role(tenant, "billing", "invoices:write")
    kay = tenant.create_user("kay@acme.test")
    join(tenant, org, kay)
    for address, status, words in (
            ("", 422, "no e-mail address"), ("x@", 422, "no e-mail address"),
            ("KAY@acme.test", 409, "is a member already")):
        with recorded(tenant), unchanged(tenant):
            page = desk.press(
                desk.seen("invitations"), "invite", email=address, role=["billing"],
                standing=["admin"])
        assert page.status == status and words in page.words
        fields = page.form("email").fields
        assert (fields["email"], fields["role"], fields["standing"]) == (
            address, ["billing"], ["admin"])
    page = desk.press(desk.seen("invitations"), "invite", email="bob@acme.test")
    page = desk.press(page, "invite", email="BOB@acme.test")
    assert page.status == 409 and "waits for an answer" in page.words
    set_limit(tenant, "invitation-organization", 1)
    with unchanged(tenant):
        page = desk.press(page, "invite", email="eve@acme.test")
    assert page.status == 429 and "Letters were asked for too often." in page.words
    about = {"invitation": listed(tenant, org)[0]["id"]}
    with recorded(tenant, "invitation.revoked", actor=desk.user.id):
        page = desk.press(desk.seen("invitations"), "revoke", about)
    assert "The invitation was taken back." in page.words and "taken back" in page.words
    old = form_with(page, "invite", {}).fields
    page = desk.browser.post(
        desk.url("invitations"), old | about | {"change": "revoke"})
    assert page.status == 410 and listed(tenant, org)[0]["state"] == "revoked"


@pytest.mark.attack("GH-116")
def test_what_members_allowed_is_seen_and_taken_back(tenant: Tenant) -> None:
    org, desk = administered(tenant)
    orders(tenant)
    kay = tenant.create_user(name="Kay")
    join(tenant, org, kay, "a:b")
    other = organization(tenant, "other")
    join(tenant, other, kay, "a:b")
    app = third(tenant, "web", "--organizations", "all", "--select-organization")
    page = desk.seen("applications")
    assert "No member has allowed" in page.words
    scope = "openid email offline_access orders:read"
    here, there = (
        tokens(app, kay, scope=scope, resource=ORDERS, organization=slug)
        for slug in ("initech", "other"))
    page = desk.seen("applications")
    for words in ("Herb Garden for Kay", kay.name, "See your orders", "Since", "Last used"):
        assert words in page.words, words
    assert page.text.count("Take it back") == 1, "What they allowed elsewhere is theirs."
    old = form_with(page, "revoke", {})
    with recorded(tenant, "consent.revoked", actor=desk.user.id):
        page = desk.press(page, "revoke")
    assert page.status == 200 and "It was taken back." in page.words
    j400(refresh(app, here["refresh_token"]), "invalid_grant")
    is_inactive(introspect(app, here["access_token"]))
    assert refresh(app, there["refresh_token"]).status_code == 200
    with recorded(tenant), unchanged(tenant):
        page = desk.browser.submit(page, old, change="revoke")
    assert page.status == 410
    # What they allowed as nobody but themselves is not the organization's.
    alone = third(tenant)
    tokens(alone, kay, scope="openid")
    assert "Take it back" not in desk.seen("applications").text


def test_an_api_key_is_shown_once_and_revoked(tenant: Tenant) -> None:
    org, desk = administered(tenant, "initech", "admin", "reports:read")
    machine = tenant.create_client("machine")
    tenant.cli("resource", "create", "--identifier", API, "--name", "Invoices API",
               "--server", machine.id)
    role(tenant, "billing", "invoices:*")
    role(tenant, "boss", "owner", "secrets:read")
    page = desk.seen("keys")
    assert "Invoices API" in page.words and "There are none." in page.words
    for values, words in (
            ({"name": ""}, "1 to 100 visible characters"), ({"resource": []}, "1 to 10 APIs"),
            ({"scopes": "owner"}, "an action on a resource"), ({"scopes": "x"}, "an action on"),
            ({"days": "0"}, "a number of 1 to 3650"), ({"days": "x"}, "a number of 1 to 3650")):
        typed = {"name": "Robot", "resource": [API], "scopes": "invoices:read", "days": "30"}
        with recorded(tenant), unchanged(tenant):
            wrong = desk.press(page, "create", **(typed | values))
        assert wrong.status == 422 and words in wrong.words, values
        fields = form_with(wrong, "create", {}).fields
        assert {name: fields[name] for name in typed} == typed | values
    for scopes in ("*:**", "secrets:read", "invoices:read orders:read"):
        with recorded(tenant), unchanged(tenant):
            wrong = desk.press(page, "create", name="Robot", resource=[API], scopes=scopes)
        assert wrong.status == 403 and "A key can do no more than you can" in wrong.words
    with recorded(tenant, "api_key.created", actor=desk.user.id):
        made = desk.press(
            page, "create", name="Robot", resource=[API], scopes="invoices:read reports:read",
            days="30")
    assert made.status == 200 and "it is not shown again" in made.words
    key = next(word for word in made.words.split() if word.startswith("ak_") and "…" not in word)
    tenant.instance.keep_secret(key)
    page = desk.seen("keys")
    assert key not in page.text and "Robot" in page.words and "the organization" in page.words
    told = introspect(machine, key).json()
    assert told["active"] and told["sub"] == org and told["scope"] == "invoices:read reports:read"
    with recorded(tenant, "api_key.revoked", actor=desk.user.id):
        page = desk.press(page, "revoke", {"key": told["jti"]})
    assert "The key was revoked." in page.words
    is_inactive(introspect(machine, key))
    with recorded(tenant):
        again = form_with(page, "create", {}).fields
        assert desk.browser.post(desk.url("keys"), again | {
            "change": "revoke", "key": told["jti"]}).status == 410


def test_a_key_of_a_member_is_revoked_there(tenant: Tenant) -> None:
    org, desk = administered(tenant)
    kay = tenant.create_user()
    join(tenant, org, kay, "a:b")
    tenant.cli("resource", "create", "--identifier", API, "--name", "Invoices API")
    theirs = tenant.cli("api-key", "create", "--name", "Kays", "--user", kay.id,
                        "--organization", org, "--resource", API)
    tenant.cli("api-key", "create", "--name", "Private", "--user", kay.id, "--resource", API)
    page = desk.seen("keys")
    assert kay.name in page.words and "Private" not in page.words
    page = desk.press(page, "revoke", {"key": theirs["id"]})
    assert page.status == 200
    assert [row["name"] for row in tenant.cli("api-key", "list")] == ["Private"]
