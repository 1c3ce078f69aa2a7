"""The pages on which the owners and admins of an organization manage it: who is in it, and what it
is called."""

from __future__ import annotations

import pytest

from administering import administered, form_with, has_button, is_unknown, sign_in_form
from browser import Browser
from harness import Tenant, User
from organizations import join, member, members, organization, role
from watch import recorded, unchanged


def by(rows: list[dict], user: User) -> dict:  # type: ignore[type-arg]
    return next(row for row in rows if row["user"] == user.id)


def test_whoever_manages_organizations_finds_them(tenant: Tenant) -> None:
    _, desk = administered(tenant, "initech", "owner")
    other, theirs, third = (organization(tenant, slug) for slug in ("umbra", "none", "wild"))
    join(tenant, other, desk.user, "admin")
    join(tenant, theirs, desk.user, "member", "a:b")
    # What allows everything says nothing of who somebody is.
    join(tenant, third, desk.user, "*:**")
    stranger = Browser(tenant.instance).get(f"{tenant.issuer}/organizations")
    assert "Sign in to see them." in stranger.words and "Initech" not in stranger.words
    page = desk.browser.get(f"{tenant.issuer}/organizations")
    assert page.status == 200 and "Initech owner" in page.words and "Umbra admin" in page.words
    assert "None" not in page.words and "Wild" not in page.words
    assert desk.url() in page.links
    for slug in ("none", "wild", "nowhere", "-", "x" * 70):
        assert is_unknown(desk.open(slug=slug)), slug
    member(tenant, "remove", other, desk.user)
    page = desk.browser.get(f"{tenant.issuer}/organizations")
    assert "Umbra" not in page.words


@pytest.mark.parametrize("by_what", ["role", "group"])
def test_a_role_or_a_group_makes_an_administrator_too(tenant: Tenant, by_what: str) -> None:
    org, desk = administered(tenant, "initech", "a:b")
    assert is_unknown(desk.open("members"))
    role(tenant, "chief", "admin", of=org)
    if by_what == "role":
        member(tenant, "update", org, desk.user, "--role", "chief")
    else:
        tenant.cli("organization", "group", "create", org, "chiefs", "--role", "chief")
        tenant.cli("organization", "group", "add", org, "chiefs", desk.user.id)
    assert desk.seen("members").status == 200
    tenant.cli("organization", "suspend", org)
    assert is_unknown(desk.open("members"))
    tenant.cli("organization", "activate", org)
    member(tenant, "suspend", org, desk.user)
    assert is_unknown(desk.open("members"))


def test_signing_in_leads_back_to_the_page(tenant: Tenant) -> None:
    _, desk = administered(tenant)
    browser = Browser(tenant.instance)
    url = desk.url(f"members/{desk.user.id}")
    page = browser.get(url)
    assert page.status == 200 and "Sign in to go on." in page.words
    nowhere = Browser(tenant.instance).get(desk.url("members", "nowhere"))
    assert nowhere.status == 200
    assert nowhere.words == Browser(tenant.instance).get(desk.url("members")).words
    desk.browser = browser
    page = desk.again(f"members/{desk.user.id}")
    assert page.url == url and page.status == 200 and desk.user.name in page.words


def test_members_are_shown_a_part_at_a_time_and_found(tenant: Tenant) -> None:
    org, desk = administered(tenant)
    names = [f"person_{number:02}" for number in range(60)]
    people = [tenant.create_user(username=name) for name in names]
    for each in people:
        join(tenant, org, each)
    first = desk.seen("members")
    more = next(link for link in first.links if "after=" in link)
    second = desk.browser.get(more)
    shown = [name for name in names if name in first.words]
    rest = [name for name in names if name in second.words]
    assert len(shown) == 49 and rest == names[49:], "50 on a page, with the administrator."
    assert not any("after=" in link for link in second.links)
    found = desk.browser.get(desk.url("members") + "?search=PERSON_5")
    assert [name for name in names if name in found.words] == names[50:]
    for text, count in (("person_07", 1), ("_07", 1), ("%25", 0), ("r%25n", 0), ("!", 0),
                        ("@example.com", 0), ("+person_07+", 1), ("%27", 0), ("x" * 300, 49)):
        found = desk.browser.get(desk.url("members") + f"?search={text}")
        assert found.status == 200
        assert len([name for name in names if name in found.words]) == count, text
    assert desk.user.name in desk.browser.get(
        desk.url("members") + f"?search={desk.user.name.split('@')[0]}").words
    # A cursor says where to go on, and opens nothing: of another organization, or of none.
    other, other_desk = administered(tenant, "umbra")
    cursor = more.rpartition("=")[2]
    page = other_desk.browser.get(other_desk.url("members") + f"?after={cursor}")
    assert page.status == 200 and "person_" not in page.words
    for wrong in ("x", "usr_" + "0" * 26, desk.user.id, org, ""):
        assert desk.browser.get(desk.url("members") + f"?after={wrong}").status == 200


def test_a_member_is_changed(tenant: Tenant) -> None:
    org, desk = administered(tenant, name="Ada")
    role(tenant, "billing", "invoices:write")
    role(tenant, "shop", "orders:read", of=org)
    kay = tenant.create_user("kay@acme.test", name="Kay")
    join(tenant, org, kay, "a:b")
    here = f"members/{kay.id}"
    page = desk.seen(here)
    for words in ("kay@acme.test", "Member", "a:b", "billing", "orders:read", "active", "Joined"):
        assert words in page.words, words
    with recorded(tenant, "membership.updated", actor=desk.user.id):
        page = desk.press(
            page, "save", title="Founder", role=["billing", "shop"], standing=["admin"])
    assert page.status == 200 and "The member was changed." in page.words
    row = by(members(tenant, org), kay)
    assert row["title"] == "Founder" and row["roles"] == ["billing", "shop"]
    assert row["scopes"] == ["a:b", "admin"], "What an operator gave stays."
    with recorded(tenant, "membership.suspended", actor=desk.user.id):
        page = desk.press(page, "suspend")
    assert "suspended" in page.words and by(members(tenant, org), kay)["state"] == "suspended"
    with recorded(tenant, "membership.activated", actor=desk.user.id):
        page = desk.press(page, "resume")
    assert by(members(tenant, org), kay)["state"] == "active"
    page = desk.press(page, "save", title="", role=[], standing=[])
    row = by(members(tenant, org), kay)
    assert (row["title"], row["roles"], row["scopes"]) == (None, [], ["a:b"])
    with recorded(tenant, "membership.deleted", actor=desk.user.id):
        page = desk.press(page, "remove")
    assert page.status == 200 and "The member was removed." in page.words
    assert [row["user"] for row in members(tenant, org)] == [desk.user.id]
    gone = desk.open(here)
    assert gone.status == 404 and "The organization has no such member." in gone.words


def test_groups_are_joined_and_left(tenant: Tenant) -> None:
    org, desk = administered(tenant)
    role(tenant, "boss", "owner")
    role(tenant, "billing", "invoices:write")
    for name, carried in (("bosses", "boss"), ("clerks", "billing")):
        tenant.cli("organization", "group", "create", org, name, "--role", carried)
    kay = tenant.create_user()
    join(tenant, org, kay)
    page = desk.seen(f"members/{kay.id}")
    assert "<option>clerks</option>" in page.text and "<option>bosses</option>" not in page.text
    with recorded(tenant, "organization_group.member_added", actor=desk.user.id):
        page = desk.press(page, "join", group="clerks")
    assert by(members(tenant, org), kay)["groups"] == ["clerks"]
    with recorded(tenant), unchanged(tenant):
        form = form_with(page, "leave", {"group": "clerks"})
        refused = desk.browser.submit(page, form, change="join", group="bosses")
        assert refused.status == 403 and "Only an owner can do this." in refused.words
    with recorded(tenant, "organization_group.member_removed", actor=desk.user.id):
        page = desk.press(page, "leave", {"group": "clerks"})
    assert by(members(tenant, org), kay)["groups"] == []


def test_what_was_typed_stays_with_what_is_wrong(tenant: Tenant) -> None:
    org, desk = administered(tenant)
    role(tenant, "billing", "invoices:write")
    kay = tenant.create_user()
    join(tenant, org, kay)
    title = "x" * 101
    with recorded(tenant), unchanged(tenant):
        page = desk.press(
            desk.seen(f"members/{kay.id}"), "save", title=title, role=["billing"],
            standing=["admin"])
    assert page.status == 422 and "Error: " in page.text
    fields = page.form("title", "basis").fields
    assert fields["title"] == title and fields["role"] == ["billing"]
    assert fields["standing"] == ["admin"]
    role(tenant, "gone", "a:b")
    page = desk.seen(f"members/{kay.id}")
    tenant.cli("organization", "role", "delete", "gone")
    with recorded(tenant), unchanged(tenant):
        page = desk.press(page, "save", title="Founder", role=["billing", "gone"])
    assert page.status == 422 and "There is no role gone any more." in page.words
    assert page.form("title").fields["title"] == "Founder"


def test_the_organization_gets_another_name(tenant: Tenant) -> None:
    org, desk = administered(tenant, "initech", "owner", name="Ada")
    tenant.cli("organization", "update", org, "--verified-publisher")
    page = desk.seen()
    assert "checked that the organization is who its name says" in page.words
    assert "Ada" in page.words and "Owner" in page.words and org in page.words
    with recorded(tenant), unchanged(tenant):
        refused = desk.press(page, "rename", name="\u202eevil")
        assert refused.status == 422 and refused.form("name").fields["name"] == "\u202eevil"
    with recorded(tenant, "organization.updated", actor=desk.user.id):
        page = desk.press(page, "rename", name="Initech <b>Ltd</b>")
    assert page.status == 200 and "Initech <b>Ltd</b>" in page.words
    assert "Under this one nobody has looked yet." in page.words
    shown = tenant.cli("organization", "show", org)
    assert shown["name"] == "Initech <b>Ltd</b>" and shown["slug"] == "initech"


def test_a_sign_in_of_long_ago_changes_nothing(tenant: Tenant) -> None:
    org, desk = administered(tenant)
    kay = tenant.create_user()
    join(tenant, org, kay)
    fresh = desk.seen(f"members/{kay.id}")
    desk.age(11)
    page = desk.seen(f"members/{kay.id}")
    assert "To change something, sign in again" in page.words and kay.name in page.words
    assert not has_button(page, "suspend") and not has_button(page, "save")
    with recorded(tenant), unchanged(tenant):
        page = desk.press(fresh, "save", title="Founder")
    assert page.status == 403 and "Your last sign-in is too long ago." in page.words
    assert page.form("title").fields["title"] == "Founder", "It can be sent once that is done."
    page = desk.browser.follow(desk.browser.submit(page, sign_in_form(page)))
    assert "/sign-in/" in page.url, "Being signed in is not enough."
    desk.again(f"members/{kay.id}")
    page = desk.press(fresh, "save", title="Founder")
    assert page.status == 200 and by(members(tenant, org), kay)["title"] == "Founder"
