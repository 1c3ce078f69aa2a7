"""Whoever is no administrator, an admin who would be more, forms of others, and what is not of the
organization."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from administering import Desk, administered, form_with, has_button, is_unknown, sign_in_form
from another_node import another
from browser import Browser, Page
from consent import third
from harness import Instance, Tenant, User
from invitations import invite, listed
from organizations import join, member, members, organization, role
from protocol import sign_in, tokens
from watch import recorded, unchanged

PARTS = ("", "members", "members/{user}", "invitations", "applications", "keys")
API = "https://api.test"


def without(page: Page, *texts: str) -> str:
    """The markup of a page without what is different each time."""
    text = page.text
    for one in texts:
        text = text.replace(one, "…")
    return text


@pytest.mark.attack("GH-511")
def test_whoever_is_no_administrator_learns_nothing(tenant: Tenant) -> None:
    """The same answer as for what does not exist, to whatever is asked."""
    _, desk = administered(tenant)
    theirs, owner = administered(tenant, "umbra00", "owner")
    join(tenant, theirs, desk.user, "member", "*:**", "admin:**")
    csrf = form_with(desk.seen(), "rename", {}).fields
    with unchanged(tenant), recorded(tenant):
        for part in PARTS:
            part = part.format(user=owner.user.id)
            seen = [desk.open(part, slug) for slug in ("umbra00", "nowhere")]
            assert all(is_unknown(page) for page in seen), part
            assert without(seen[0], "umbra00") == without(seen[1], "nowhere")
            for change in ("rename", "save", "suspend", "remove", "join", "invite", "resend",
                           "revoke", "create", "x"):
                values = csrf | {"change": change, "name": "Mine", "email": "a@b.test",
                                 "group": "g", "basis": "1", "resource": API}
                seen = [desk.browser.post(desk.url(part, slug), values)
                        for slug in ("umbra00", "nowhere")]
                assert {page.status for page in seen} <= {403, 404}, (part, change)
                assert seen[0].status == seen[1].status, (part, change)
                if seen[0].status == 404:
                    assert without(seen[0], "umbra00") == without(seen[1], "nowhere")
    nobody = [Browser(tenant.instance).get(desk.url("keys", slug))
              for slug in ("umbra00", "nowhere")]
    assert nobody[0].words == nobody[1].words and nobody[0].status == nobody[1].status == 200


@pytest.mark.attack("GH-176", "GH-511")
def test_forms_of_others_do_nothing(tenant: Tenant) -> None:
    org, desk = administered(tenant)
    kay = tenant.create_user()
    join(tenant, org, kay)
    here = desk.url(f"members/{kay.id}")
    page = desk.open(f"members/{kay.id}")
    fields = form_with(page, "suspend", {}).fields | {"change": "suspend"}
    stranger = sign_in_form(Browser(tenant.instance).get(here)).fields["csrf"]
    with unchanged(tenant, kay), recorded(tenant):
        for changes in ({"csrf": stranger}, {"csrf": ""}, {"csrf": "A" * 43}, {"account": ""},
                        {"account": "x"}, {"change": "x"}, {"change": "invite"}):
            assert desk.browser.post(here, fields | changes).status == 403, changes
        assert desk.browser.post(here, fields, site="cross-site").status == 403
        assert desk.browser.post(here, fields, site="same-site").status == 403
        assert Browser(tenant.instance).post(here, fields).status == 403
        for other in ("applications", "approvals"):
            assert desk.browser.post(f"{tenant.issuer}/{other}", fields).status == 403
        # The cookie alone is somebody's, and their sign-in is not.
        alone = Browser(tenant.instance)
        alone.cookies = {k: v for k, v in desk.browser.cookies.items() if "browser" in k}
        asked = alone.post(here, fields)
        assert asked.status == 200 and "Sign in to go on." in asked.words
    assert desk.browser.post(here, fields).status == 200


@pytest.mark.attack("GH-511")
def test_what_is_another_organizations_is_not_there(tenant: Tenant) -> None:
    org, desk = administered(tenant, "initech", "owner")
    other, neighbour = administered(tenant, "umbra", "owner")
    tenant.cli("resource", "create", "--identifier", API, "--name", "API")
    app = third(tenant, "web", "--organizations", "all", "--select-organization")
    tokens(app, neighbour.user, scope="openid", organization="umbra")
    consent = tenant.cli("consent", "list")[0]["id"]
    key = tenant.cli("api-key", "create", "--name", "K", "--organization", other,
                     "--resource", API)["id"]
    own = tenant.cli("api-key", "create", "--name", "K", "--user", neighbour.user.id,
                     "--resource", API)["id"]
    invited = invite(tenant, other, "bob@umbra.test")["id"]
    tenant.cli("organization", "group", "create", other, "theirs")
    tenant.cli("organization", "role", "create", "theirs", "--organization", other)
    csrf = form_with(desk.seen(), "rename", {}).fields
    orders = [
        (f"members/{neighbour.user.id}", {"change": "remove"}),
        (f"members/{neighbour.user.id}", {"change": "suspend"}),
        (f"members/{neighbour.user.id}", {"change": "save", "basis": "0"}),
        (f"members/{desk.user.id}", {"change": "join", "group": "theirs"}),
        (f"members/{desk.user.id}", {"change": "leave", "group": "theirs"}),
        ("invitations", {"change": "resend", "invitation": invited}),
        ("invitations", {"change": "revoke", "invitation": invited}),
        ("applications", {"change": "revoke", "consent": consent}),
        ("keys", {"change": "revoke", "key": key}), ("keys", {"change": "revoke", "key": own}),
    ]
    with unchanged(tenant), recorded(tenant):
        for part, values in orders:
            page = desk.browser.post(desk.url(part), csrf | values)
            assert page.status == 410, (part, values, page.status, page.words)
        basis = desk.seen(f"members/{desk.user.id}").form("basis").fields["basis"]
        page = desk.browser.post(desk.url(f"members/{desk.user.id}"), csrf | {
            "change": "save", "basis": basis, "role": "theirs", "standing": "owner"})
        assert page.status == 422 and "There is no role theirs any more." in page.words
    for part in ("applications", "keys", "invitations", "members"):
        words = desk.seen(part).words
        assert "bob@umbra.test" not in words and neighbour.user.name not in words, part
    # Another tenant may have the same names, and is another world.
    far = tenant.instance.create_tenant()
    _, away = administered(far, "initech", "owner")
    away.browser.cookies |= desk.browser.cookies
    page = Browser(tenant.instance).get(away.url())
    assert "Sign in to go on." in page.words
    with unchanged(far):
        assert desk.browser.post(away.url("keys"), csrf | {"change": "create"}).status == 403


@pytest.mark.attack("GH-376")
def test_an_admin_touches_no_owner_and_makes_none(tenant: Tenant) -> None:
    org, desk = administered(tenant)
    owner, kay = tenant.create_user(), tenant.create_user()
    role(tenant, "boss", "owner")
    tenant.cli("organization", "group", "create", org, "bosses", "--role", "boss")
    join(tenant, org, owner, roles=("boss",))
    join(tenant, org, kay)
    tenant.cli("resource", "create", "--identifier", API, "--name", "API")
    key = tenant.cli("api-key", "create", "--name", "K", "--user", owner.id, "--organization", org,
                     "--resource", API)["id"]
    app = third(tenant, "web", "--organizations", "all", "--select-organization")
    tokens(app, owner, scope="openid", organization="initech")
    consent = tenant.cli("consent", "list")[0]["id"]
    asked = invite(tenant, org, "chief@acme.test", scopes=("owner",))["id"]
    page = desk.seen(f"members/{owner.id}")
    assert "Only an owner can change anything about them." in page.words
    assert not has_button(page, "save") and not has_button(page, "remove")
    page = desk.seen(f"members/{kay.id}")
    assert 'value="owner"' not in page.text and 'value="boss"' not in page.text
    fields = page.form("basis").fields
    plain = {name: fields[name] for name in ("csrf", "account", "basis")}
    me = desk.seen(f"members/{desk.user.id}").form("basis").fields
    orders = [
        (f"members/{owner.id}", plain | {"change": change})
        for change in ("save", "suspend", "resume", "remove")
    ] + [
        (f"members/{kay.id}", plain | {"change": "save", "role": "boss"}),
        (f"members/{kay.id}", plain | {"change": "save", "standing": "owner"}),
        (f"members/{kay.id}", plain | {"change": "join", "group": "bosses"}),
        (f"members/{desk.user.id}", plain | {
            "change": "save", "standing": "owner", "basis": me["basis"]}),
        (f"members/{desk.user.id}", plain | {"change": "join", "group": "bosses"}),
        ("invitations", plain | {"change": "invite", "email": "a@b.test", "standing": "owner"}),
        ("invitations", plain | {"change": "invite", "email": "a@b.test", "role": "boss"}),
        ("invitations", plain | {"change": "resend", "invitation": asked}),
        ("invitations", plain | {"change": "revoke", "invitation": asked}),
        ("applications", plain | {"change": "revoke", "consent": consent}),
        ("keys", plain | {"change": "revoke", "key": key}),
    ]
    with unchanged(tenant), recorded(tenant):
        for part, values in orders:
            page = desk.browser.post(desk.url(part), values)
            assert page.status == 403 and "Only an owner can do this." in page.words, (part, values)
    # An owner may all of that, but somebody has to stay.
    member(tenant, "update", org, desk.user, "--scope", "owner")
    for part, values in orders[10:]:
        if values["change"] != "invite":
            assert desk.browser.post(desk.url(part), values).status == 200, (part, values)
    assert desk.browser.post(desk.url(f"members/{owner.id}"), orders[3][1]).status == 200
    me = desk.seen(f"members/{desk.user.id}").form("basis").fields
    for change in ("remove", "suspend", "save"):
        with recorded(tenant):
            page = desk.browser.post(desk.url(f"members/{desk.user.id}"), plain | {
                "change": change, "basis": me["basis"]})
        assert page.status == 409 and "Nobody else owns the organization." in page.words, change


@pytest.mark.attack("GH-176")
def test_two_tabs_and_two_people(tenant: Tenant) -> None:
    org, desk = administered(tenant)
    second = tenant.create_user()
    kay = tenant.create_user()
    join(tenant, org, second, "admin")
    join(tenant, org, kay)
    here = f"members/{kay.id}"
    old = desk.seen(here)
    assert desk.press(desk.seen(here), "save", title="First").status == 200
    with recorded(tenant), unchanged(tenant):
        page = desk.press(old, "save", title="Second")
    assert page.status == 409 and "Somebody changed this member meanwhile." in page.words
    assert page.form("title").fields["title"] == "Second"
    # By now somebody else is signed in: what the first one saw is not done in their name.
    ours = desk.seen(here)
    page = desk.open("", "nowhere")
    page = desk.browser.follow(desk.browser.submit(page, sign_in_form(page)))
    page = desk.browser.get(page.url + "?account=other")
    desk.browser.follow(sign_in(desk.browser, page, second))
    assert second.name.split("@")[0] in desk.seen().words
    with recorded(tenant), unchanged(tenant, kay):
        page = desk.press(ours, "suspend")
    assert page.status == 409 and "Somebody else is signed in" in page.words
    removed = desk.press(desk.seen(here), "remove")
    assert removed.status == 200
    with recorded(tenant):
        assert desk.press(ours, "remove").status in (409, 410)


def test_gh_509_whoever_is_removed_changes_nothing_anywhere(instance_of: Instance) -> None:
    tenant = instance_of.create_tenant()
    with ExitStack() as stack:
        nodes = [instance_of]
        if instance_of.kind == "postgres":
            nodes.append(stack.enter_context(another(instance_of)))
        ends = {
            "removed": lambda org, user: member(tenant, "remove", org, user),
            "suspended": lambda org, user: member(tenant, "suspend", org, user),
            "made less": lambda org, user: member(tenant, "update", org, user, "--scope", ""),
            "disabled": lambda _, user: tenant.cli("user", "update", user.id, "--disable"),
            "organization": lambda org, _: tenant.cli("organization", "suspend", org),
        }
        for number, (name, end) in enumerate(ends.items()):
            org, desk = administered(tenant, f"initech{number}")
            kay = tenant.create_user()
            join(tenant, org, kay)
            form = form_with(desk.seen(f"members/{kay.id}"), "suspend", {})
            end(org, desk.user)
            for node in nodes:
                with unchanged(tenant, kay), recorded(tenant):
                    page = at_node(desk, node, form.action, form.fields | {"change": "suspend"})
                    assert page.status in (200, 404), (name, page.status)
                    assert kay.name not in page.words, name


def at_node(desk: Desk, node: Instance, url: str, values: dict) -> Page:  # type: ignore[type-arg]
    """Sends a form of a browser to one of the nodes."""
    copy = Browser(node)
    copy.cookies = dict(desk.browser.cookies)
    first = desk.tenant.instance
    host = {"Host": first.url.partition("://")[2]}
    return copy.post(url.replace(first.url, node.url), values, headers=host)


@pytest.fixture(params=["sqlite", "postgres"])
def instance_of(request: pytest.FixtureRequest):  # type: ignore[no-untyped-def]
    with Instance(request.param) as instance:
        yield instance


@pytest.mark.attack("GH-376", "GH-389")
def test_of_two_owners_who_remove_each_other_one_stays(tenant: Tenant) -> None:
    for number in range(3):
        org, one = administered(tenant, f"initech{number}", "owner")
        user = tenant.create_user()
        join(tenant, org, user, "owner")
        two = Desk(tenant, f"initech{number}", user)
        forms = [
            (one, form_with(one.seen(f"members/{user.id}"), "remove", {})),
            (two, form_with(two.seen(f"members/{one.user.id}"), "remove", {})),
        ]
        with ThreadPoolExecutor(2) as pool:
            pages = list(pool.map(
                lambda of: of[0].browser.clone().post(
                    of[1].action, of[1].fields | {"change": "remove"}), forms))
        assert sorted(page.status for page in pages) in ([200, 404], [200, 409]), pages
        assert len(members(tenant, org)) == 1


def test_injected_words_stay_words(tenant: Tenant) -> None:
    org, desk = administered(tenant, "initech", "owner", name="<script>alert(1)</script>")
    kay = tenant.create_user(name="\"><img src=x onerror=alert(2)>")
    join(tenant, org, kay, title="<b>bold</b>")
    for part in PARTS:
        page = desk.seen(part.format(user=kay.id))
        assert "<script" not in page.text and "<img" not in page.text, part
        assert "<b>bold" not in page.text
    invite(tenant, org, "'or'1=1@acme.test")
    assert "'or'1=1@acme.test" in desk.seen("invitations").words
    assert listed(tenant, org)[0]["email"] == "'or'1=1@acme.test"
