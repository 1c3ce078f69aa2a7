"""Tokens that outgrow cookies and headers, told to the operator before there is one."""

from __future__ import annotations

import json

import pytest

from browser import Browser
from conftest import KINDS
from harness import Client, Instance, Tenant, User
from organizations import join, member, organization, role
from protocol import tokens
from watch import recorded

FORESEEN = "access_token.outgrowth_foreseen"


def many(number: int, count: int = 40) -> tuple[str, ...]:
    return tuple(f"resource-{number}-{n}:write" for n in range(count))


def fill(tenant: Tenant, user: User, count: int, each_scopes: int = 40) -> list[str]:
    """Puts somebody into organizations, each with some scopes."""
    made = [organization(tenant, f"o-{number}") for number in range(count)]
    for number, each in enumerate(made):
        join(tenant, each, user, *many(number, each_scopes))
    return made


@pytest.fixture
def app(tenant: Tenant) -> Client:
    return tenant.create_client("web", "--organizations", "all")


def longest(client: Client) -> dict | None:
    return client.tenant.cli("client", "show", client.id).get("longest_tokens")


def test_whoever_puts_somebody_in_is_warned_before_a_token_is_too_long(
    tenant: Tenant, app: Client, user: User
) -> None:
    fill(tenant, user, 1)
    assert tenant.instance.warned == "" and longest(app)["fit"] == "comfortable"
    with recorded(tenant, "organization.created", "membership.created", FORESEEN) as added:
        join(tenant, organization(tenant, "second"), user, *many(7))
    said = tenant.instance.warned
    assert app.id in said and user.id in said and "--select-organization" in said
    foreseen, = (event for event in added if event["kind"] == FORESEEN)
    detail = json.loads(foreseen["detail"])
    assert foreseen["subject"] == app.id and detail["user"] == user.id
    assert detail["organizations"] == "2" and detail["fit"] in ("tight", "outgrown")
    found = longest(app)
    assert found["user"] == user.id and found["organizations"] == 2
    assert str(found["token_bytes"]) == detail["bytes"]
    assert app.id in tenant.instance.warned, "Whoever looks is told, too."


def test_the_forecast_is_what_tokens_become(tenant: Tenant, app: Client, user: User) -> None:
    fill(tenant, user, 3, 60)
    found = longest(app)
    given = tokens(app, user, Browser(tenant.instance))
    real = max(len(given["access_token"]), len(given["id_token"]))
    assert found["fit"] == "outgrown" and real > 4096
    assert abs(found["token_bytes"] - real) < 700


def test_a_role_and_a_group_are_foreseen(tenant: Tenant, app: Client) -> None:
    one, two = (organization(tenant, slug) for slug in ("one", "two"))
    user, other = tenant.create_user(), tenant.create_user()
    role(tenant, "editor", "a:b")
    role(tenant, "heavy", *many(1))
    for each in (one, two):
        join(tenant, each, user, roles=("editor",))
        join(tenant, each, other)
    assert tenant.instance.warned == ""
    with recorded(tenant, "organization_role.updated", FORESEEN):
        tenant.cli(
            "organization", "role", "update", "editor",
            *(part for scope in many(2) for part in ("--scope", scope)))
    assert user.id in tenant.instance.warned
    tenant.cli("organization", "role", "update", "editor", "--scope", "a:b")
    assert tenant.instance.warned == ""

    tenant.cli("organization", "group", "create", one, "writers")
    tenant.cli("organization", "group", "add", one, "writers", other.id)
    assert tenant.instance.warned == ""
    join_more = [part for scope in many(3) for part in ("--scope", scope)]
    with recorded(tenant, "membership.updated"):
        tenant.cli("organization", "member", "update", two, other.id, *join_more)
    with recorded(tenant, "organization_group.updated", FORESEEN):
        tenant.cli("organization", "group", "update", one, "writers", "--role", "heavy")
    assert other.id in tenant.instance.warned


def test_what_a_client_is_told_is_foreseen(tenant: Tenant, user: User) -> None:
    app = tenant.create_client("web")
    first, *_ = fill(tenant, user, 3, 30)
    assert longest(app) is None, "It is told of none."
    with recorded(tenant, "client.updated"):
        tenant.cli("client", "update", app.id, "--organizations", first)
    assert tenant.instance.warned == "" and longest(app)["organizations"] == 1
    with recorded(tenant, "client.updated", FORESEEN):
        tenant.cli("client", "update", app.id, "--organizations", "all")
    assert user.id in tenant.instance.warned
    with recorded(tenant, "client.updated"):
        tenant.cli("client", "update", app.id, "--select-organization")
    assert tenant.instance.warned == "", "One at a time fits."
    # Nobody selects one on a device.
    tenant.cli("client", "update", app.id, "--device-authorization")
    assert longest(app)["organizations"] == 3


def test_what_counts_again_is_foreseen(tenant: Tenant, app: Client, user: User) -> None:
    made = fill(tenant, user, 3)
    tenant.cli("organization", "suspend", made[0])
    tenant.cli("organization", "suspend", made[1])
    assert tenant.instance.warned == "" and longest(app)["fit"] == "comfortable"
    with recorded(tenant, "organization.activated", FORESEEN):
        tenant.cli("organization", "activate", made[0])
    with recorded(tenant, "membership.suspended"):
        member(tenant, "suspend", made[2], user)
    with recorded(tenant, "membership.activated", FORESEEN):
        member(tenant, "activate", made[2], user)
    tenant.cli("organization", "delete", made[0])
    with recorded(tenant, "organization.restored", FORESEEN):
        tenant.cli("organization", "restore", made[0])
    assert app.id in tenant.instance.warned


def test_several_clients_are_one_warning_and_an_event_each(
    tenant: Tenant, app: Client, user: User
) -> None:
    tenant.create_client("web", "--organizations", "all")
    fill(tenant, user, 1)
    made = organization(tenant, "second")
    with recorded(tenant, "membership.created", FORESEEN, FORESEEN):
        join(tenant, made, user, *many(2))
    assert "1 more client" in tenant.instance.warned


@pytest.mark.parametrize("kind", KINDS)
def test_a_command_without_a_server_warns_too(kind: str) -> None:
    with Instance(kind) as instance:
        tenant = instance.create_tenant()
        app, user = tenant.create_client("web", "--organizations", "all"), tenant.create_user()
        fill(tenant, user, 1)
        made = organization(tenant, "second")
        instance.stop()
        join(tenant, made, user, *many(2))
        assert app.id in instance.warned
        instance.start()
