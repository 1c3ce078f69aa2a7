"""Organizations, who is in them, and what clients are told of them."""

from __future__ import annotations

from typing import Any

from browser import Browser
from harness import Client, Tenant, User
from introspection import introspect
from protocol import claims, userinfo

NAMES = ("organizations", "org_id", "role", "roles", "permissions")
SCOPE = "openid profile email offline_access"


def organization(tenant: Tenant, slug: str, *options: str) -> str:
    """A new organization, by its id."""
    return tenant.cli(
        "organization", "create", slug, "--name", slug.capitalize(), *options)["id"]


def role(tenant: Tenant, name: str, *scopes: str, of: str | None = None) -> None:
    tenant.cli(
        "organization", "role", "create", name, *flags("--scope", scopes),
        *(["--organization", of] if of else []))


def join(
    tenant: Tenant, organization: str, user: User, *scopes: str, roles: tuple[str, ...] = (),
    title: str | None = None,
) -> dict[str, Any]:
    return tenant.cli(
        "organization", "member", "add", organization, user.id, *flags("--scope", scopes),
        *flags("--role", roles), *(["--title", title] if title else []))


def member(tenant: Tenant, verb: str, organization: str, user: User, *options: str) -> Any:
    return tenant.cli("organization", "member", verb, organization, user.id, *options)


def members(tenant: Tenant, organization: str) -> list[dict[str, Any]]:
    return tenant.cli("organization", "member", "list", organization)


def flags(name: str, values: tuple[str, ...]) -> list[str]:
    return [part for value in values for part in (name, value)]


def told(answer: dict[str, Any]) -> dict[str, Any]:
    """What claims say of organizations, and nothing else of them.

    Where one is selected, `organizations` says the same of that one alone, and is left out here.
    """
    found = {name: answer[name] for name in NAMES if name in answer}
    if "permissions" in found:
        (only,) = found.pop("organizations")
        assert set(only) == {"id", "title", "scopes", "joined_at"}
        assert (only["id"], only["scopes"]) == (found["org_id"], found["permissions"])
    return found


def told_everywhere(client: Client, tokens: dict[str, Any]) -> dict[str, Any]:
    """What a client is told of organizations, which must be the same wherever it looks."""
    access = tokens["access_token"]
    info = userinfo(client.tenant, access)
    assert info.status_code == 200, info.text
    seen = introspect(client, access).json()
    assert seen["active"] is True
    found = [told(claims(access)), told(claims(tokens["id_token"])), told(info.json()), told(seen)]
    assert all(one == found[0] for one in found), found
    return found[0]


def scopes(told: dict[str, Any]) -> dict[str, list[str]]:
    """The scopes by organization."""
    return {one["id"]: one["scopes"] for one in told["organizations"]}


def new_browser(tenant: Tenant) -> Browser:
    return Browser(tenant.instance)
