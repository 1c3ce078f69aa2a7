"""Organizations by the command line: who is in them, what they may do there, and that an
organization keeps an owner: attack cases 3.W."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable

import pytest

from command import refused
from harness import CommandFailed, Tenant, User
from organizations import join, member, members, organization, role
from watch import recorded, unchanged


def fails(code: int, command: Callable[[], Any]) -> str:
    with pytest.raises(CommandFailed) as failed:
        command()
    assert failed.value.code == code, str(failed.value)
    return str(failed.value)


def test_an_organization_is_made_shown_changed_and_listed(tenant: Tenant, user: User) -> None:
    made = tenant.cli(
        "organization", "create", "initech", "--name", "Initech", "--owner", user.id,
        "--metadata", '{"plan":"gold"}')
    assert made["id"].startswith("org_") and made["state"] == "active"
    assert (made["slug"], made["name"], made["metadata"]) == (
        "initech", "Initech", {"plan": "gold"})
    assert [one["user"] for one in members(tenant, "initech")] == [user.id]
    changed = tenant.cli(
        "organization", "update", "initech", "--slug", "initrode", "--name", "Initrode",
        "--metadata", "{}")
    assert changed["id"] == made["id"] and changed["metadata"] == {}
    assert tenant.cli("organization", "show", "initrode") == changed
    assert tenant.cli("organization", "show", made["id"]) == changed
    other = organization(tenant, "other")
    listed = [one["id"] for one in tenant.cli("organization", "list")]
    assert listed == [made["id"], other]
    assert [one["id"] for one in tenant.cli(
        "organization", "list", "--after", made["id"], "--limit", "1")] == [other]
    for wrong in (
        ["create", "Initech", "--name", "x"], ["create", "ok", "--name", ""],
        ["create", "ok", "--name", "x", "--metadata", "[]"],
        ["update", "other", "--metadata", "{" + " " * 5000 + "}"],
        ["list", "--after", "x"], ["list", "--limit", "0"],
        ["suspend", "other", "--reason", "x" * 1001], ["suspend", "other", "--by", "x" * 201],
        ["suspend", "other", "--reason", "a\nb"], ["delete", "other", "--grace-days", "366"],
    ):
        fails(2, lambda: tenant.cli("organization", *wrong))
    fails(4, lambda: tenant.cli("organization", "create", "other", "--name", "x"))
    fails(4, lambda: tenant.cli("organization", "update", "other", "--slug", "initrode"))
    fails(3, lambda: tenant.cli("organization", "show", "nobody"))


def test_each_change_has_its_event(tenant: Tenant, user: User) -> None:
    kinds = [
        "organization.created", "organization.updated", "organization.suspended",
        "organization.activated", "organization.deletion_begun", "organization.restored",
        "organization_role.created", "organization_role.updated", "organization_role.deleted",
        "membership.created", "membership.created", "membership.updated", "membership.suspended",
        "membership.activated", "membership.deleted"]
    other = tenant.create_user()
    with recorded(tenant, *kinds, actor="operator"):
        organization(tenant, "initech", "--owner", other.id)
        for verb in (["update", "--name", "x"], ["suspend", "--reason", "Unpaid", "--by", "Ann"],
                     ["activate"], ["delete"], ["restore"]):
            tenant.cli("organization", verb[0], "initech", *verb[1:])
        role(tenant, "editor", "pages:write")
        tenant.cli("organization", "role", "update", "editor", "--scope", "pages:*")
        tenant.cli("organization", "role", "delete", "editor")
        join(tenant, "initech", user)
        member(tenant, "update", "initech", user, "--title", "Founder")
        member(tenant, "suspend", "initech", user)
        member(tenant, "activate", "initech", user)
        member(tenant, "remove", "initech", user)


def test_states_exclude_each_other(tenant: Tenant) -> None:
    organization(tenant, "initech")
    shown = tenant.cli("organization", "suspend", "initech", "--reason", "Unpaid", "--by", "Ann")
    assert (shown["state"], shown["reason"], shown["suspended_by"]) == (
        "suspended", "Unpaid", "Ann")
    fails(4, lambda: tenant.cli("organization", "suspend", "initech"))
    fails(4, lambda: tenant.cli("organization", "restore", "initech"))
    shown = tenant.cli("organization", "delete", "initech", "--grace-days", "7")
    assert shown["state"] == "deleting" and shown["removed_at"]
    for verb in ("delete", "suspend", "activate"):
        fails(4, lambda: tenant.cli("organization", verb, "initech"))
    assert tenant.cli("organization", "restore", "initech")["state"] == "suspended"
    shown = tenant.cli("organization", "activate", "initech")
    assert shown["state"] == "active" and "reason" not in shown


def test_roles_and_direct_scopes_are_put_together(tenant: Tenant, user: User) -> None:
    org = organization(tenant, "initech")
    role(tenant, "editor", "pages:write", "pages:read")
    role(tenant, "local", "local:*", of=org)
    added = join(tenant, org, user, "billing:read", "pages:read", roles=("editor", "local"),
                 title="Founder")
    assert added["roles"] == ["editor", "local"] and added["title"] == "Founder"
    assert added["scopes"] == ["billing:read", "pages:read"]
    assert added["all_scopes"] == ["billing:read", "local:*", "pages:read", "pages:write"]
    changed = member(tenant, "update", org, user, "--role", "local", "--title", "")
    assert (changed["roles"], changed["title"]) == (["local"], None)
    assert member(tenant, "update", org, user, "--role", "", "--scope", "")["all_scopes"] == []
    other = organization(tenant, "other")
    fails(3, lambda: join(tenant, other, user, roles=("local",)))
    fails(4, lambda: join(tenant, org, user))
    for wrong in ("nonsense", "a:", ":b", "a b:c", "users.*:read", "Owner", "x" * 200 + ":y"):
        fails(2, lambda: join(tenant, other, user, wrong))
    fails(3, lambda: member(tenant, "remove", other, user))
    fails(4, lambda: role(tenant, "editor", "x:y"))
    fails(2, lambda: role(tenant, "two words", "x:y"))
    fails(3, lambda: tenant.cli("organization", "role", "delete", "nobody"))


def test_gh_376_the_last_owner_stays(tenant: Tenant, user: User) -> None:
    org = organization(tenant, "initech", "--owner", user.id)
    other = tenant.create_user()
    join(tenant, org, other, "admin", "*:**")
    with recorded(tenant), unchanged(tenant, user):
        for attempt in (
            lambda: member(tenant, "remove", org, user),
            lambda: member(tenant, "suspend", org, user),
            lambda: member(tenant, "update", org, user, "--scope", "admin"),
            lambda: tenant.cli("user", "delete", user.id),
        ):
            assert "own" in fails(4, attempt)
    role(tenant, "boss", "owner")
    member(tenant, "update", org, other, "--role", "boss")
    fails(4, lambda: tenant.cli("organization", "role", "update", "boss", "--scope", "a:b"))
    fails(4, lambda: tenant.cli("organization", "role", "delete", "boss"))
    tenant.cli("user", "delete", user.id)
    assert [one["user"] for one in members(tenant, org)] == [other.id]
    fails(4, lambda: member(tenant, "remove", org, other))


def test_gh_376_of_two_owners_who_leave_at_once_one_stays(tenant: Tenant) -> None:
    users = [tenant.create_user() for _ in range(2)]
    for slug in ("one", "two", "three"):
        organization(tenant, slug, "--owner", users[0].id)
        join(tenant, slug, users[1], "owner")

        def leave(user: User) -> int:
            try:
                member(tenant, "remove", slug, user)
            except CommandFailed as failed:
                return failed.code
            return 0

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(leave, users)) == [0, 4]
        assert len(members(tenant, slug)) == 1


def test_gh_389_one_slug_many_creations(tenant: Tenant) -> None:
    def create(_: int) -> int:
        try:
            organization(tenant, "initech")
        except CommandFailed as failed:
            return failed.code
        return 0

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(create, range(8))) == [0] + [4] * 7
    assert len(tenant.cli("organization", "list")) == 1


def test_gh_373_another_tenants_organizations_and_users_do_not_exist(
    tenant: Tenant, user: User
) -> None:
    org = organization(tenant, "initech", "--owner", user.id)
    role(tenant, "editor", "pages:write")
    other = tenant.instance.create_tenant()
    theirs, stranger = organization(other, "initech"), other.create_user()
    random = "org_" + "0" * 26
    with unchanged(tenant, user):
        for name in (org, random):
            for verb in ("show", "suspend", "activate", "delete", "restore"):
                fails(3, lambda: other.cli("organization", verb, name))
            fails(3, lambda: join(other, name, stranger))
            fails(3, lambda: member(other, "remove", name, user))
            fails(3, lambda: members(other, name))
            fails(3, lambda: role(other, "x", "a:b", of=name))
            fails(3, lambda: other.create_client("web", "--organizations", name))
            fails(3, lambda: other.create_client("machine", "--organization", name))
        fails(3, lambda: join(other, theirs, user))
        fails(3, lambda: join(other, theirs, stranger, roles=("editor",)))
    assert tenant.cli("organization", "show", org)["state"] == "active"
    assert members(other, theirs) == []
