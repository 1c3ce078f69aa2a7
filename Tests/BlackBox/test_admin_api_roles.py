"""Who may do what by the admin API: every operation of the contract with every role, for the whole
installation and for one tenant. Attack cases GH-377, GH-379 and GH-511."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from admin_api import ROLES, Admin, Operation, administrator, operations, problem
from conftest import KINDS
from harness import Instance, Tenant
from watch import unchanged

# What cannot be undone, or makes administrators.
OWNERS = {
    "tenant_delete", "key_rotate", "key_delete", "admin_link", "admin_key_create",
    "admin_person_set", "admin_person_link", "admin_person_remove",
    "admin_key_revoke", "tenant_admin_key_create", "tenant_admin_key_revoke",
}
# What helps one person.
HELPERS = {
    "consent_revoke", "backchannel_deny", "session_end", "session_end_all",
    "organization_member_suspend",
    "organization_member_activate", "organization_invitation_resend",
    "organization_invitation_revoke", "client_preview",
}
# What concerns all tenants, or protects them from each other.
INSTALLATION = {
    "tenant_create", "tenant_list", "tenant_delete", "tenant_limit_change", "admin_link",
    "admin_person_set", "admin_person_list", "admin_person_link", "admin_person_remove",
    "admin_key_create", "admin_key_list", "admin_key_revoke", "audit_key", "installation_check",
}


class World:
    """Two tenants, and a key of each role for all and for the first one."""

    def __init__(self, instance: Instance) -> None:
        self.mine, self.other = instance.create_tenant(), instance.create_tenant()
        self.of_all = {role: administrator(instance, role) for role in ROLES}
        self.of_mine = {role: administrator(instance, role, self.mine) for role in ROLES}


@pytest.fixture(scope="module", params=KINDS)
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with Instance(request.param) as instance:
        yield World(instance)


def test_the_contract_asks_for_the_roles_that_are_meant() -> None:
    known = {one.id: one for one in operations()}
    assert OWNERS | HELPERS | INSTALLATION <= set(known)
    for name, one in known.items():
        meant = (
            "viewer" if one.method == "GET" else "owner" if name in OWNERS
            else "support" if name in HELPERS else "admin")
        assert one.role == meant, name
        assert one.concerns_installation == (name in INSTALLATION), name


def ask(admin: Admin, one: Operation, tenant: str) -> tuple[int, str]:
    """What the operation answers about things that are not there, without doing anything."""
    query = {} if one.method == "GET" else {"dry_run": "true"}
    answer = admin.send(one.method, one.at(tenant), one.example, **query)
    return answer.status_code, answer.json().get("code", "done")


@pytest.mark.attack("GH-377")
def test_every_operation_with_every_role(world: World) -> None:
    wrong = []
    with unchanged(world.mine):
        for one in operations():
            for rank, role in enumerate(ROLES):
                status, code = ask(world.of_all[role], one, world.mine.slug)
                if (code == "role_required") != (rank < ROLES.index(one.role)):
                    wrong.append(f"{role} at {one.id}: {status} {code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.attack("GH-377")
def test_no_header_makes_another_method_of_one(world: World) -> None:
    viewer = world.of_all["viewer"]
    path = f"tenants/{world.mine.slug}"
    with unchanged(world.mine):
        for name in ("x-http-method-override", "x-http-method", "x-method-override"):
            answer = viewer.send("GET", path, headers={name: "DELETE"})
            assert answer.status_code == 200
        problem(viewer.send("GET", path, _method="DELETE"), 400, "invalid_request")
        assert viewer.send("GET", path, {"name": "New"}).status_code == 400
        assert viewer.send("HEAD", path).status_code in (200, 405)


@pytest.mark.attack("GH-379", "GH-511")
def test_to_the_administrator_of_a_tenant_there_is_no_other(world: World) -> None:
    wrong = []
    with unchanged(world.other):
        for one in operations():
            if not one.concerns_tenant:
                continue
            for role in ROLES:
                key = world.of_mine[role]
                found = [ask(key, one, slug) for slug in (world.other.slug, "no-such-tenant")]
                wanted = (403, "installation_required") if one.concerns_installation else (
                    404, "not_found")
                if found != [wanted, wanted]:
                    wrong.append(f"{role} at {one.id}: {found}")
    assert not wrong, "\n".join(wrong)
    told = [world.of_mine["owner"].send("GET", f"tenants/{slug}").json()["detail"].replace(
        slug, "…") for slug in (world.other.slug, "no-such-tenant", "%5Finstance", "_instance")]
    assert len(set(told[:2])) == 1, told


def test_the_administrator_of_a_tenant_administers_it(world: World) -> None:
    wrong = []
    for one in operations():
        for rank, role in enumerate(ROLES):
            status, code = ask(world.of_mine[role], one, world.mine.slug)
            meant = (
                "installation_required" if one.concerns_installation
                else "role_required" if rank < ROLES.index(one.role) else None)
            if meant != (code if code in ("installation_required", "role_required") else None):
                wrong.append(f"{role} at {one.id}: {status} {code}")
    assert not wrong, "\n".join(wrong)


def test_a_tenant_that_is_disabled_is_administered_from_above_only(world: World) -> None:
    above, within = world.of_all["owner"], world.of_mine["owner"]
    path = f"tenants/{world.mine.slug}"
    assert within.send("GET", path).status_code == 200
    above.patch(path, {"disabled": True})
    problem(within.send("GET", path), 401, "unauthenticated")
    above.patch(path, {"disabled": False})
    assert within.send("GET", path).status_code == 200


def test_the_installation_s_own_tenant_is_none(world: World) -> None:
    for slug in ("_instance", "%5Finstance", "ten_00000000000000000000000000"):
        problem(world.of_all["owner"].send("GET", f"tenants/{slug}"), 404, "not_found")
        problem(world.of_all["owner"].send("GET", f"tenants/{slug}/users"), 404, "not_found")


def test_me_says_as_what(world: World) -> None:
    one = world.of_mine["support"]
    assert one.get("me") == {
        "id": one.id, "name": "Test support", "role": "support", "tenant": world.mine.slug}
    assert world.of_all["viewer"].get("me")["tenant"] is None


def test_a_tenant_takes_its_keys_with_it(own_instance: Instance) -> None:
    tenant = own_instance.create_tenant()
    key = administrator(own_instance, "owner", tenant)
    assert key.send("GET", "me").status_code == 200
    own_instance.cli("tenant", "delete", tenant.slug)
    problem(key.send("GET", "me"), 401, "unauthenticated")
    own_instance.cli("tenant", "create", tenant.slug)
    problem(key.send("GET", f"tenants/{tenant.slug}"), 401, "unauthenticated")
