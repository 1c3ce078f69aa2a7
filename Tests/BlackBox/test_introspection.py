"""Introspection (RFC 7662) and its signed answers (RFC 9701): attack cases 3.H."""

from __future__ import annotations

from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from expect import j400, j401
from harness import Client, Tenant, User
from introspection import introspect, is_inactive
from protocol import base64url, claims, end, refresh, revoke, token, tokens
from watch import recorded, unchanged

API = "https://orders.test"
OFFLINE = "openid offline_access"
JWT = "application/token-introspection+jwt"


@pytest.fixture
def server(tenant: Tenant) -> Client:
    """A client that speaks for the API."""
    client = tenant.create_client("machine")
    tenant.cli("resource", "create", "--identifier", API, "--name", "Orders", "--server",
               client.id)
    return client


@pytest.fixture(params=["jwt", "opaque"])
def form(request: Any, tenant: Tenant, server: Client) -> str:
    tenant.cli("resource", "update", API, "--token-format", request.param)
    return request.param


def test_the_client_and_the_resource_are_told(
    tenant: Tenant, client: Client, user: User, server: Client, form: str
) -> None:
    given = tokens(client, user, scope=OFFLINE, resource=API)
    for caller in (client, server):
        for hint in (None, "access_token", "refresh_token", "nonsense"):
            answer = introspect(caller, given["access_token"], token_type_hint=hint)
            said = answer.json()
            assert said["active"] is True and said["token_type"] == "Bearer"
            assert said["iss"] == tenant.issuer and said["aud"] == API
            assert said["sub"] == user.id and said["client_id"] == client.id
            assert said["scope"] == OFFLINE and said["exp"] - said["iat"] == 900
            assert said["jti"] and said["nbf"] <= said["iat"]
            assert answer.headers["cache-control"] == "no-store"


def test_a_refresh_token_is_the_clients_own_business(
    client: Client, user: User, server: Client
) -> None:
    given = tokens(client, user, scope=OFFLINE, resource=API)
    said = introspect(client, given["refresh_token"]).json()
    assert said["active"] is True and "token_type" not in said
    assert said["sub"] == user.id and said["client_id"] == client.id and said["aud"] == [API]
    is_inactive(introspect(server, given["refresh_token"]))


def test_a_rotated_refresh_token_is_inactive_and_asking_harms_nobody(
    tenant: Tenant, user: User, server: Client
) -> None:
    web = tenant.create_client("web", "--rotation", "rotate")
    given = tokens(web, user, scope=OFFLINE)
    second = refresh(web, given["refresh_token"]).json()
    with recorded(tenant), unchanged(tenant, user):
        is_inactive(introspect(web, given["refresh_token"]))
        assert introspect(web, second["refresh_token"]).json()["active"] is True
    assert refresh(web, second["refresh_token"]).status_code == 200


def test_gh_145_a_stranger_is_told_nothing(
    tenant: Tenant, client: Client, user: User, server: Client, form: str
) -> None:
    tenant.cli("resource", "create", "--identifier", "https://other.test", "--name", "Other",
               "--server", (other := tenant.create_client("machine")).id)
    strangers = (tenant.create_client("web"), other)
    given = tokens(client, user, scope=OFFLINE, resource=API)
    with recorded(tenant), unchanged(tenant, user):
        for stranger in strangers:
            for name in ("access_token", "refresh_token", "id_token"):
                is_inactive(introspect(stranger, given[name]))
    is_inactive(introspect(client, given["id_token"]))


def test_gh_146_another_tenant_is_told_nothing(
    tenant: Tenant, client: Client, user: User, server: Client, form: str
) -> None:
    given = tokens(client, user, scope=OFFLINE, resource=API)
    other = tenant.instance.create_tenant()
    stranger = other.create_client("machine")
    other.cli("resource", "create", "--identifier", API, "--name", "Orders", "--server",
              stranger.id)
    for name in ("access_token", "refresh_token"):
        is_inactive(introspect(stranger, given[name]))


@pytest.mark.parametrize("what", ["user disabled", "user deleted", "client disabled",
                                  "client deleted", "password"])
def test_gh_148_what_is_over_is_inactive(
    client: Client, user: User, server: Client, form: str, what: str
) -> None:
    given = tokens(client, user, scope=OFFLINE, resource=API)["access_token"]
    assert introspect(server, given).json()["active"] is True
    end(client, user, what)
    is_inactive(introspect(server, given))


def test_gh_148_what_is_revoked_is_inactive(
    client: Client, user: User, server: Client, form: str
) -> None:
    given = tokens(client, user, scope=OFFLINE, resource=API)
    second = refresh(client, given["refresh_token"]).json()
    revoke(client, given["access_token"])
    for caller in (client, server):
        is_inactive(introspect(caller, given["access_token"]))
        assert introspect(caller, second["access_token"]).json()["active"] is True
    revoke(client, given["refresh_token"])
    is_inactive(introspect(server, second["access_token"]))
    is_inactive(introspect(client, given["refresh_token"]))


def test_gh_148_a_machines_token(tenant: Tenant, server: Client, form: str) -> None:
    machine = tenant.create_client("machine", "--scope", "orders:read")
    given = token(machine, grant_type="client_credentials", resource=API).json()["access_token"]
    said = introspect(server, given).json()
    assert said["active"] and said["sub"] == machine.id and said["scope"] == "orders:read"
    assert revoke(machine, given).status_code == 200
    is_inactive(introspect(server, given))
    again = token(machine, grant_type="client_credentials", resource=API).json()["access_token"]
    machine.update("--disable")
    is_inactive(introspect(server, again))


def test_who_spoke_for_the_resource_and_does_no_more(
    tenant: Tenant, client: Client, user: User, server: Client
) -> None:
    given = tokens(client, user, resource=API)["access_token"]
    tenant.cli("resource", "update", API, "--server", tenant.create_client("machine").id)
    is_inactive(introspect(server, given))


def test_gh_151_random_tokens(client: Client, server: Client) -> None:
    forged = ".".join(base64url(part) for part in (b'{"alg":"none"}', b'{"active":true}', b""))
    for value in ("x", "tok_" + "A" * 43, "rt_" + "A" * 43, "e30.e30.e30", forged, "é", "\x01",
                  "A" * 30_000, "tok_", "ac_" + "A" * 43):
        for caller in (client, server):
            is_inactive(introspect(caller, value))


def test_only_who_proves_who_it_is_may_ask(
    tenant: Tenant, client: Client, user: User
) -> None:
    given = tokens(client, user)["access_token"]
    j401(token(client, endpoint="introspection", method="none", token=given))
    native = tenant.create_client("native")
    j401(introspect(native, tokens(native, user)["access_token"]))
    http, url = tenant.instance.http, tenant.endpoint("introspection")
    j401(http.post(url, data={"token": given}))
    j401(http.post(url, data={"token": given}, auth=(client.id, "cs_" + "A" * 43)))
    j401(http.post(url, data={"token": given}, headers={"Authorization": f"Bearer {given}"}))
    assert http.get(url).status_code == 405
    for body in ("", "token=", "token=x&token=y", "token=x&token_type_hint=a&token_type_hint=b"):
        j400(http.post(url, content=body, auth=(client.id, client.secret or ""), headers={
            "Content-Type": "application/x-www-form-urlencoded"}), "invalid_request")


def test_a_signed_answer(
    tenant: Tenant, client: Client, user: User, server: Client, form: str
) -> None:
    given = tokens(client, user, scope=OFFLINE, resource=API)
    http, keys = tenant.instance.http, KeySet.import_key_set(
        tenant.instance.http.get(tenant.metadata["jwks_uri"]).json())
    for value, active in ((given["access_token"], True), ("junk", False)):
        answer = http.post(
            tenant.endpoint("introspection"), data={"token": value},
            auth=(server.id, server.secret or ""),
            headers={"Accept": f"application/json;q=0.1, {JWT}"})
        assert answer.status_code == 200 and answer.headers["content-type"] == JWT
        signed = jwt.decode(answer.text, keys, algorithms=["RS256"])
        assert signed.header["typ"] == "token-introspection+jwt"
        assert signed.claims["iss"] == tenant.issuer and signed.claims["aud"] == server.id
        assert signed.claims["token_introspection"]["active"] is active
        # It is no token: nothing at its top says whose it is, and nothing here takes it for one.
        assert "sub" not in signed.claims and "exp" not in signed.claims
        is_inactive(introspect(server, answer.text))
    assert claims(answer.text)["token_introspection"] == {"active": False}
