"""API keys of people, of members and of organizations: what APIs are told of them, and when they stop
being good."""

from __future__ import annotations

from typing import Any

import pytest

from consent import ORDERS, orders
from expect import j400
from harness import Client, CommandFailed, Tenant, User
from introspection import introspect, is_inactive
from organizations import join, member, organization, role
from protocol import tokens, userinfo
from watch import recorded


@pytest.fixture
def api(tenant: Tenant) -> Client:
    """A client that speaks for the order desk."""
    orders(tenant)
    client = tenant.create_client("web")
    tenant.cli("resource", "update", ORDERS, "--server", client.id)
    return client


@pytest.fixture
def acme(tenant: Tenant) -> str:
    return organization(tenant, "acme")


def key(tenant: Tenant, *options: str, resource: str = ORDERS) -> dict[str, Any]:
    made = tenant.cli(
        "api-key", "create", "--name", "Nightly export", "--resource", resource, *options)
    tenant.instance.keep_secret(made["api_key"])
    return made


def listed(tenant: Tenant, *options: str) -> list[dict[str, Any]]:
    return tenant.cli("api-key", "list", *options)


def seen(client: Client, made: dict[str, Any], **form: str) -> dict[str, Any]:
    answer = introspect(client, made["api_key"], **form)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_an_api_is_told_what_a_key_says(
    tenant: Tenant, api: Client, user: User, acme: str
) -> None:
    with recorded(tenant, "api_key.created", actor="operator"):
        own = key(tenant, "--user", user.name, "--scope", "orders:read", "--expires-in", "90d")
    told = seen(api, own)
    assert {name: told[name] for name in ("active", "iss", "sub", "aud", "scope", "jti", "dat")} == {
        "active": True, "iss": tenant.issuer, "sub": user.id, "aud": ORDERS,
        "scope": "orders:read", "jti": own["id"], "dat": {"type": "token"}}
    assert told["exp"] - told["iat"] == 90 * 86_400 and "org_id" not in told
    machine = seen(api, key(tenant, "--organization", acme, "--scope", "orders:*"))
    assert (machine["sub"], machine["org_id"], machine["scope"]) == (acme, acme, "orders:*")
    assert machine["dat"] == {"type": "key"} and "exp" not in machine
    role(tenant, "clerk", "orders:read", "stock:*")
    join(tenant, acme, user, roles=("clerk",))
    both = key(tenant, "--user", user.id, "--organization", "acme", "--scope", "orders:read",
               "--scope", "orders:write", "--scope", "stock:count", "--scope", "stock:*")
    told = seen(api, both)
    assert (told["sub"], told["org_id"]) == (user.id, acme)
    assert told["scope"] == "orders:read stock:* stock:count", "What they may not do is left out."
    member(tenant, "update", acme, user, "--scope", "orders:*")
    assert seen(api, both)["scope"] == "orders:read orders:write stock:* stock:count"
    # It is shown once, and known again by how it begins.
    rows = listed(tenant)
    assert [row["id"] for row in rows] == [own["id"], machine["jti"], both["id"]]
    assert all("api_key" not in row for row in rows)
    assert own["api_key"].startswith(rows[0]["begins_with"])
    assert own["api_key"] not in str(rows)
    assert [row["id"] for row in listed(tenant, "--user", user.id)] == [own["id"], both["id"]]
    assert [row["id"] for row in listed(tenant, "--organization", "acme")] == [
        machine["jti"], both["id"]]


@pytest.mark.attack("GH-386", "GH-509")
def test_what_ends_makes_a_key_useless(
    tenant: Tenant, api: Client, user: User, acme: str
) -> None:
    join(tenant, acme, tenant.create_user(), "owner")
    join(tenant, acme, user, "orders:read")
    scope = ("--scope", "orders:read")
    own = key(tenant, "--user", user.id, *scope)
    machine = key(tenant, "--organization", acme, *scope)
    both = key(tenant, "--user", user.id, "--organization", acme, *scope)
    for take, give, dead in (
        (("user", "update", user.id, "--disable"), ("user", "update", user.id, "--enable"),
         (own, both)),
        (("organization", "suspend", acme), ("organization", "activate", acme), (machine, both)),
        (("organization", "delete", acme), ("organization", "restore", acme), (machine, both)),
        (("organization", "member", "suspend", acme, user.id),
         ("organization", "member", "activate", acme, user.id), (both,)),
        (("resource", "update", ORDERS, "--disable"), ("resource", "update", ORDERS, "--enable"),
         (own, machine, both)),
    ):
        tenant.cli(*take)
        for each in (own, machine, both):
            assert seen(api, each)["active"] is (each not in dead), take
        tenant.cli(*give)
        assert all(seen(api, each)["active"] for each in (own, machine, both)), give
    with recorded(tenant, "api_key.revoked", actor="operator"):
        tenant.cli("api-key", "revoke", own["id"])
    is_inactive(introspect(api, own["api_key"]))
    with recorded(tenant), pytest.raises(CommandFailed, match="no API key"):
        tenant.cli("api-key", "revoke", own["id"])
    # Whoever leaves takes the key along, also if they come back.
    member(tenant, "remove", acme, user)
    join(tenant, acme, user, "orders:read")
    is_inactive(introspect(api, both["api_key"]))
    assert [row["id"] for row in listed(tenant)] == [machine["id"]]


@pytest.mark.attack("GH-386", "GH-511")
def test_a_key_is_good_where_it_is_meant_to_be(
    tenant: Tenant, api: Client, user: User
) -> None:
    made = key(tenant, "--user", user.id, "--scope", "orders:read")
    text = made["api_key"]
    # Another API, another tenant, another kind of secret.
    stranger = tenant.create_client("web")
    is_inactive(introspect(stranger, text))
    other = tenant.instance.create_tenant()
    orders(other)
    elsewhere = other.create_client("web")
    other.cli("resource", "update", ORDERS, "--server", elsewhere.id)
    is_inactive(introspect(elsewhere, text))
    with pytest.raises(CommandFailed, match="no API key"):
        other.cli("api-key", "revoke", made["id"])
    for changed in (text[:-1], text + "A", text.replace("ak_", "rt_"), text[3:], text.upper(),
                    "ak_" + "A" * 43, made["id"], made["begins_with"], " " + text):
        is_inactive(introspect(api, changed))
    assert userinfo(tenant, text).status_code == 401
    given = tokens(tenant.create_client("web"), user)
    is_inactive(introspect(api, given["access_token"]))
    assert seen(api, made)["active"] is True


@pytest.mark.attack("GH-386")
def test_a_key_is_good_from_where_it_may_be_used(
    tenant: Tenant, api: Client, user: User
) -> None:
    made = key(tenant, "--user", user.id, "--network", "192.0.2.0/24", "--network",
               "2001:db8::/32")
    for address, good in (("192.0.2.7", True), ("::ffff:192.0.2.7", True), ("2001:db8::1", True),
                          ("192.0.3.7", False), ("2001:db9::1", False), ("::1", False)):
        assert seen(api, made, client_address=address)["active"] is good, address
    is_inactive(introspect(api, made["api_key"]))
    for junk in ("192.0.2.7/32", "192.0.2", "x", "192.0.2.7, 192.0.3.7"):
        j400(introspect(api, made["api_key"], client_address=junk), "invalid_request")
    anywhere = key(tenant, "--user", user.id)
    assert seen(api, anywhere)["active"] and seen(api, anywhere, client_address="::1")["active"]


def test_what_is_no_key_is_refused(tenant: Tenant, api: Client, user: User, acme: str) -> None:
    for options, complaint in (
        ((), "needs a --user"),
        (("--user", user.id, "--organization", acme), "not in the organization"),
        (("--user", user.id, "--scope", "owner"), "action on a resource"),
        (("--user", user.id, "--scope", "x"), "action on a resource"),
        (("--user", user.id, "--network", "10.0.0.1/8"), "must be a network"),
        (("--user", user.id, "--expires-in", "soon"), "must be a time"),
        (("--user", user.id, "--resource", "https://nothing.test"), "no resource"),
        (("--user", "nobody@example.com"), "no user"),
    ):
        with recorded(tenant), pytest.raises(CommandFailed, match=complaint):
            key(tenant, *options)
    assert listed(tenant) == []


def test_roles_may_come_to_more_than_one_of_them_may_have(
    tenant: Tenant, api: Client, user: User, acme: str
) -> None:
    """A role has at most 100 scopes; a member with several has what all of them say."""
    for name in ("one", "two"):
        role(tenant, name, *(f"{name}-{number}:read" for number in range(60)))
    join(tenant, acme, user, "orders:read", roles=("one", "two"))
    made = key(tenant, "--user", user.id, "--organization", acme, "--scope", "orders:read",
               "--scope", "two-59:read", "--scope", "three:read")
    assert seen(api, made)["scope"] == "orders:read two-59:read"
