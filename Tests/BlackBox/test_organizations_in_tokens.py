"""What tokens tell of organizations: the same wherever a client looks, as it is at that moment, and
no more than an operator decided. Attack cases 3.W."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from browser import Browser
from harness import Client, Tenant, User
from introspection import introspect
from organizations import (
    SCOPE, join, member, organization, role, scopes, told, told_everywhere)
from protocol import PKCE, authorize, claims, end, redeem, refresh, token, tokens, userinfo
from registration import Registered, let_register
from watch import recorded

NOTHING: dict[str, Any] = {}


@pytest.fixture
def app(tenant: Tenant) -> Client:
    return tenant.create_client("web", "--organizations", "all")


def test_the_claim_is_the_same_everywhere(tenant: Tenant, app: Client, user: User) -> None:
    before = int(time.time())
    one, two = organization(tenant, "one"), organization(tenant, "two")
    role(tenant, "editor", "pages:write", "pages:read")
    join(tenant, one, user, "owner", "billing:write", "pages:read", roles=("editor",),
         title="Founder")
    join(tenant, two, user)
    given = tokens(app, user, scope=SCOPE)
    organizations = told_everywhere(app, given)["organizations"]
    first, second = sorted(organizations, key=lambda found: found["id"])
    assert (first["id"], second["id"]) == (one, two)
    assert first["title"] == "Founder" and second["title"] is None
    assert first["scopes"] == ["billing:write", "owner", "pages:read", "pages:write"]
    assert second["scopes"] == []
    assert all(before <= found["joined_at"] <= time.time() for found in organizations)
    assert all(set(found) == {"id", "title", "scopes", "joined_at"} for found in organizations)
    # Signed like the rest of the token.
    keys = KeySet.import_key_set(tenant.instance.http.get(tenant.metadata["jwks_uri"]).json())
    for text in (given["access_token"], given["id_token"]):
        assert jwt.decode(text, keys).claims["organizations"] == organizations
    assert "organizations" in tenant.metadata["claims_supported"]


def test_it_is_as_things_are_at_sign_in_refresh_and_userinfo(
    tenant: Tenant, app: Client, user: User
) -> None:
    one, two = organization(tenant, "one"), organization(tenant, "two")
    role(tenant, "editor", "pages:read")
    join(tenant, one, user, roles=("editor",))
    join(tenant, two, user, "a:b")
    given = tokens(app, user, scope=SCOPE)

    def now() -> dict[str, list[str]]:
        """By a token that was issued before, and by one that is new."""
        access = given["access_token"]
        seen = [userinfo(tenant, access).json(), introspect(app, access).json()]
        renewed = refresh(app, given["refresh_token"]).json()
        found = [scopes(told(one)) for one in seen]
        found.append(scopes(told_everywhere(app, renewed)))
        found.append(scopes(told(claims(tokens(app, user)["access_token"]))))
        assert all(one == found[0] for one in found), found
        return found[0]

    assert now() == {one: ["pages:read"], two: ["a:b"]}
    tenant.cli("organization", "role", "update", "editor", "--scope", "pages:*")
    assert now() == {one: ["pages:*"], two: ["a:b"]}
    member(tenant, "suspend", one, user)
    assert now() == {two: ["a:b"]}
    member(tenant, "activate", one, user)
    tenant.cli("organization", "suspend", two)
    assert now() == {one: ["pages:*"]}
    tenant.cli("organization", "activate", two)
    tenant.cli("organization", "delete", one)
    assert now() == {two: ["a:b"]}
    tenant.cli("organization", "restore", one)
    member(tenant, "remove", two, user)
    assert now() == {one: ["pages:*"]}


def test_a_client_is_told_of_none_all_or_some(tenant: Tenant, user: User) -> None:
    one, two = organization(tenant, "one"), organization(tenant, "two")
    for each in (one, two):
        join(tenant, each, user, "a:b")
    today = tenant.create_client("web")
    shown = tenant.cli("client", "show", today.id)
    assert (shown["organizations"], shown["select_organization"]) == ("none", False)
    # Whatever it asks for: nothing that it says changes that.
    given = tokens(today, user, scope=SCOPE, organization=one, org=two, organization_id="x",
                   claims='{"id_token":{"organizations":null},"userinfo":{"org_id":null}}')
    assert told_everywhere(today, given) == NOTHING
    renewed = refresh(today, given["refresh_token"], organization_id=one).json()
    assert told_everywhere(today, renewed) == NOTHING
    some = tenant.create_client("web", "--organizations", two)
    assert scopes(told_everywhere(some, tokens(some, user))) == {two: ["a:b"]}
    some.update("--organizations", one, "--organizations", two)
    assert set(scopes(told_everywhere(some, tokens(some, user)))) == {one, two}
    some.update("--organizations", "all")
    given = tokens(some, user, scope=SCOPE)
    assert set(scopes(told_everywhere(some, given))) == {one, two}
    some.update("--organizations", "none")
    assert told(userinfo(tenant, given["access_token"]).json()) == NOTHING
    assert told_everywhere(some, refresh(some, given["refresh_token"]).json()) == NOTHING


def test_a_client_that_registers_itself_is_told_of_none(tenant: Tenant, user: User) -> None:
    let_register(tenant)
    join(tenant, organization(tenant, "one"), user, "a:b")
    made = Registered.new(
        tenant, organizations="all", organization_selection=True,
        organization="org_" + "0" * 26).told
    assert "organizations" not in made and "organization" not in made
    shown = tenant.cli("client", "show", made["client_id"])
    assert (shown["organizations"], shown["select_organization"]) == ("none", False)
    assert "organization" not in shown


def test_gh_380_a_new_organization_of_the_same_slug_is_another_one(
    tenant: Tenant, app: Client, user: User
) -> None:
    old = organization(tenant, "initech")
    join(tenant, old, user, "owner")
    given = tokens(app, user, scope=SCOPE)
    tenant.cli("organization", "delete", "initech", "--grace-days", "1")
    tenant.cli("organization", "update", "initech", "--slug", "initech-before")
    new = organization(tenant, "initech")
    assert new != old
    assert told(userinfo(tenant, given["access_token"]).json()) == {"organizations": []}
    renewed = refresh(app, given["refresh_token"]).json()
    assert told_everywhere(app, renewed) == {"organizations": []}


def test_gh_380_a_new_user_with_an_old_name_is_no_member(
    tenant: Tenant, app: Client
) -> None:
    org = organization(tenant, "initech")
    user = tenant.create_user("kay@example.com")
    join(tenant, org, user, "a:b")
    end(app, user, "user deleted")
    again = tenant.create_user("kay@example.com")
    assert told_everywhere(app, tokens(app, again)) == {"organizations": []}


def test_a_token_that_outgrows_a_cookie_is_told(
    tenant: Tenant, app: Client, user: User
) -> None:
    for number in range(3):
        join(tenant, organization(tenant, f"o-{number}"), user,
             *(f"resource-{number}-{n}:write" for n in range(60)))
    browser = Browser(tenant.instance)
    tokens(tenant.create_client("web"), user, browser)
    log = len(tenant.instance.log_records())
    with recorded(tenant, "grant.created", "authorization_code.redeemed",
                  "access_token.outgrown"):
        given = tokens(app, user, browser, scope=SCOPE)
    assert len(given["access_token"]) > 4096
    with recorded(tenant, "refresh_token.used", "access_token.outgrown"):
        assert refresh(app, given["refresh_token"]).status_code == 200
    warnings = [one for one in tenant.instance.log_records()[log:] if one["level"] == "warning"]
    assert len(warnings) == 2 and all(one["client"] == app.id for one in warnings), warnings
    # A client that is told of none is not concerned.
    other = tenant.create_client("web")
    with recorded(tenant, "grant.created", "authorization_code.redeemed"):
        tokens(other, user, browser)


def test_five_hundred_organizations(tenant: Tenant, app: Client, user: User) -> None:
    """Written at once, since the command would take minutes."""
    database = tenant.instance.database
    row = organization(tenant, "template")
    join(tenant, row, user, "a:b")
    rows = database.rows(f"SELECT * FROM organization WHERE id = '{row}'")
    created = rows[0]["created_at"]
    made = [f"org_{number:026d}" for number in range(499)]
    database.execute(
        "INSERT INTO organization (tenant_id, id, slug, name, metadata, created_at, updated_at)"
        " VALUES " + ", ".join(
            f"('{tenant.id}', '{id}', 's-{id[4:]}', 'x', '{{}}', {created}, {created})"
            for id in made))
    database.execute(
        "INSERT INTO membership (tenant_id, organization_id, user_id, scopes, is_owner,"
        " joined_at, updated_at) VALUES " + ", ".join(
            f"('{tenant.id}', '{id}', '{user.id}', 'owner x:y', 1, {created}, {created})"
            for id in made))
    # Such a token is too long for a header: this one only stands for what it says.
    tenant.cli("resource", "create", "--identifier", "https://api.test", "--name", "API",
               "--token-format", "opaque")
    given = tokens(app, user, scope="openid", resource="https://api.test")
    found = scopes(told(userinfo(tenant, given["access_token"]).json()))
    assert set(found) == {row, *made} and found[made[0]] == ["owner", "x:y"]
    assert scopes(told(claims(given["id_token"]))) == found
    assert scopes(told(introspect(app, given["access_token"]).json())) == found


# Clients that act for themselves


def credentials(client: Client) -> httpx.Response:
    return token(client, grant_type="client_credentials")


def test_a_machine_belongs_to_one_organization(tenant: Tenant) -> None:
    org = organization(tenant, "initech")
    machine = tenant.create_client("machine", "--scope", "a:b", "--organization", org)
    assert tenant.cli("client", "show", machine.id)["organization"] == org
    given = credentials(machine).json()["access_token"]
    assert told(claims(given)) == {"org_id": org}
    assert told(introspect(machine, given).json()) == {"org_id": org}
    free = tenant.create_client("machine", "--scope", "a:b")
    assert told(claims(credentials(free).json()["access_token"])) == NOTHING
    for verb, back in (("suspend", "activate"), ("delete", "restore")):
        tenant.cli("organization", verb, org)
        refused = credentials(machine)
        assert refused.status_code == 400 and refused.json()["error"] == "unauthorized_client"
        asked = introspect(machine, given)
        assert asked.status_code == 400 and asked.json()["error"] == "unauthorized_client"
        assert credentials(free).status_code == 200
        tenant.cli("organization", back, org)
        assert told(claims(credentials(machine).json()["access_token"])) == {"org_id": org}
    tenant.cli("client", "update", machine.id, "--organization", "none")
    assert told(claims(credentials(machine).json()["access_token"])) == NOTHING


def test_an_opaque_token_tells_the_same(tenant: Tenant, user: User) -> None:
    org = organization(tenant, "initech")
    join(tenant, org, user, "a:b")
    tenant.cli("resource", "create", "--identifier", "https://api.test", "--name", "API",
               "--token-format", "opaque")
    app = tenant.create_client("web", "--organizations", "all")
    pkce = PKCE.new()
    code = authorize(
        Browser(tenant.instance), app, user, pkce, resource="https://api.test").code
    given = redeem(app, code, pkce).json()
    seen = introspect(app, given["access_token"]).json()
    assert scopes(told(seen)) == scopes(told(claims(given["id_token"]))) == {org: ["a:b"]}
    member(tenant, "remove", org, user)
    assert told(introspect(app, given["access_token"]).json()) == {"organizations": []}
