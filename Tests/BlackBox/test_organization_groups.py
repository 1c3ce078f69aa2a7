"""Groups of organizations: what a member has by them, wherever a client looks, and that an
organization keeps an owner. Attack cases 3.W."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from harness import Client, CommandFailed, Tenant, User
from organizations import SCOPE, join, member, members, organization, role, scopes, told_everywhere
from protocol import refresh, tokens
from test_organizations import fails
from watch import recorded, unchanged


@pytest.fixture
def app(tenant: Tenant) -> Client:
    return tenant.create_client("web", "--organizations", "all")


def group(tenant: Tenant, verb: str, organization: str, name: str, *options: str) -> Any:
    return tenant.cli("organization", "group", verb, organization, name, *options)


def test_a_group_is_made_changed_listed_and_deleted(tenant: Tenant, user: User) -> None:
    org = organization(tenant, "initech")
    role(tenant, "editor", "pages:write")
    role(tenant, "local", "x:y", of=org)
    with recorded(
        tenant, "organization_group.created", "organization_group.created", "membership.created",
        "organization_group.member_added", "organization_group.updated",
        "organization_group.member_removed", "organization_group.deleted", actor="operator",
    ):
        made = group(tenant, "create", org, "staff", "--role", "editor", "--role", "local")
        assert made["id"].startswith("grp_") and made["roles"] == ["editor", "local"]
        assert group(tenant, "create", org, "empty")["roles"] == []
        join(tenant, org, user, "a:b")
        group(tenant, "add", org, "staff", user.id)
        changed = group(tenant, "update", org, "staff", "--role", "editor")
        assert changed["id"] == made["id"] and changed["roles"] == ["editor"]
        listed = tenant.cli("organization", "group", "list", org)
        assert [(one["name"], one["roles"]) for one in listed] == [
            ("empty", []), ("staff", ["editor"])]
        shown = members(tenant, org)[0]
        assert (shown["groups"], shown["roles"]) == (["staff"], [])
        assert shown["all_scopes"] == ["a:b", "pages:write"]
        inside = tenant.cli("organization", "member", "list", org, "--group", "staff")
        assert [one["user"] for one in inside] == [user.id]
        assert tenant.cli("organization", "member", "list", org, "--group", "empty") == []
        group(tenant, "remove", org, "staff", user.id)
        group(tenant, "delete", org, "staff")
    assert members(tenant, org)[0]["all_scopes"] == ["a:b"]
    for wrong in ("two words", "", "é", "x" * 65):
        fails(2, lambda: group(tenant, "create", org, wrong))
    fails(2, lambda: group(tenant, "update", org, "empty"))
    fails(3, lambda: group(tenant, "create", org, "x", "--role", "nobody"))
    fails(4, lambda: group(tenant, "create", org, "empty"))
    fails(3, lambda: group(tenant, "add", org, "nobody", user.id))
    fails(3, lambda: group(tenant, "add", org, "empty", tenant.create_user().id))
    fails(3, lambda: group(tenant, "remove", org, "empty", user.id))
    fails(3, lambda: tenant.cli("organization", "member", "list", org, "--group", "nobody"))


def test_what_it_gives_is_told_everywhere_and_ends_at_the_next_refresh(
    tenant: Tenant, app: Client, user: User
) -> None:
    org = organization(tenant, "initech")
    role(tenant, "editor", "pages:write", "pages:read")
    role(tenant, "viewer", "pages:read")
    join(tenant, org, user, "a:b", roles=("viewer",))
    for name in ("staff", "crew"):
        group(tenant, "create", org, name, "--role", "editor")
        group(tenant, "add", org, name, user.id)
    given = tokens(app, user, scope=SCOPE)
    everything = ["a:b", "pages:read", "pages:write"]
    assert scopes(told_everywhere(app, given)) == {org: everything}
    selected = tokens(app, user, scope=SCOPE, organization=org)
    assert told_everywhere(app, selected) == {
        "org_id": org, "role": "editor", "roles": ["editor", "viewer"],
        "permissions": everything}
    # What was changed to counts for all who are in it; one of two groups is left, then none.
    group(tenant, "remove", org, "staff", user.id)
    given = refresh(app, given["refresh_token"]).json()
    assert scopes(told_everywhere(app, given)) == {org: everything}
    group(tenant, "update", org, "crew", "--role", "")
    given = refresh(app, given["refresh_token"]).json()
    assert scopes(told_everywhere(app, given)) == {org: ["a:b", "pages:read"]}
    role(tenant, "new", "new:*")
    group(tenant, "update", org, "crew", "--role", "new")
    given = refresh(app, given["refresh_token"]).json()
    assert scopes(told_everywhere(app, given)) == {org: ["a:b", "new:*", "pages:read"]}
    tenant.cli("organization", "role", "update", "new", "--scope", "newer:*")
    given = refresh(app, given["refresh_token"]).json()
    assert scopes(told_everywhere(app, given)) == {org: ["a:b", "newer:*", "pages:read"]}
    group(tenant, "delete", org, "crew")
    given = refresh(app, given["refresh_token"]).json()
    assert scopes(told_everywhere(app, given)) == {org: ["a:b", "pages:read"]}
    # What a member has by themselves is changed without touching the groups.
    assert member(tenant, "update", org, user, "--scope", "")["all_scopes"] == ["pages:read"]


def test_a_role_that_a_group_carries_stays(tenant: Tenant, user: User) -> None:
    org = organization(tenant, "initech", "--owner", user.id)
    role(tenant, "editor", "pages:write")
    group(tenant, "create", org, "staff", "--role", "editor")
    fails(4, lambda: tenant.cli("organization", "role", "delete", "editor"))
    fails(4, lambda: tenant.cli("organization", "role", "update", "editor", "--scope", "owner"))
    group(tenant, "delete", org, "staff")
    tenant.cli("organization", "role", "delete", "editor")


def test_gh_376_the_last_owner_stays_who_owns_by_a_group(tenant: Tenant, user: User) -> None:
    org = organization(tenant, "initech")
    other = tenant.create_user()
    role(tenant, "boss", "owner")
    group(tenant, "create", org, "chiefs", "--role", "boss")
    join(tenant, org, user)
    join(tenant, org, other, "admin")
    group(tenant, "add", org, "chiefs", user.id)
    with recorded(tenant), unchanged(tenant, user):
        for attempt in (
            lambda: member(tenant, "remove", org, user),
            lambda: member(tenant, "suspend", org, user),
            lambda: group(tenant, "remove", org, "chiefs", user.id),
            lambda: group(tenant, "update", org, "chiefs", "--role", ""),
            lambda: group(tenant, "delete", org, "chiefs"),
            lambda: tenant.cli("organization", "role", "update", "boss", "--scope", "a:b"),
            lambda: tenant.cli("user", "delete", user.id),
        ):
            fails(4, attempt)
    group(tenant, "add", org, "chiefs", other.id)
    member(tenant, "suspend", org, other)
    fails(4, lambda: group(tenant, "remove", org, "chiefs", user.id))
    member(tenant, "activate", org, other)
    tenant.cli("user", "delete", user.id)
    fails(4, lambda: group(tenant, "delete", org, "chiefs"))
    member(tenant, "update", org, other, "--scope", "owner")
    group(tenant, "delete", org, "chiefs")
    fails(4, lambda: member(tenant, "remove", org, other))


def test_gh_376_of_two_owners_by_a_group_who_leave_at_once_one_stays(tenant: Tenant) -> None:
    users = [tenant.create_user() for _ in range(2)]
    role(tenant, "boss", "owner")
    for slug in ("one", "two", "three"):
        organization(tenant, slug)
        group(tenant, "create", slug, "chiefs", "--role", "boss")
        for user in users:
            join(tenant, slug, user)
            group(tenant, "add", slug, "chiefs", user.id)

        def leave(number: int) -> int:
            try:
                if number == 0:
                    group(tenant, "remove", slug, "chiefs", users[0].id)
                else:
                    member(tenant, "remove", slug, users[1])
            except CommandFailed as failed:
                return failed.code
            return 0

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(leave, range(2))) == [0, 4]
        owners = [one for one in members(tenant, slug) if "owner" in one["all_scopes"]]
        assert len(owners) == 1


def test_gh_373_another_tenants_groups_do_not_exist(tenant: Tenant, user: User) -> None:
    org = organization(tenant, "initech", "--owner", user.id)
    group(tenant, "create", org, "staff")
    other = tenant.instance.create_tenant()
    theirs, stranger = organization(other, "initech"), other.create_user()
    join(other, theirs, stranger)
    random = "org_" + "0" * 26
    with unchanged(tenant, user):
        for name in (org, random):
            fails(3, lambda: group(other, "create", name, "x"))
            fails(3, lambda: group(other, "update", name, "staff", "--role", ""))
            fails(3, lambda: group(other, "delete", name, "staff"))
            fails(3, lambda: group(other, "add", name, "staff", stranger.id))
            fails(3, lambda: other.cli("organization", "group", "list", name))
        fails(3, lambda: group(other, "add", theirs, "staff", stranger.id))
    assert len(tenant.cli("organization", "group", "list", org)) == 1
