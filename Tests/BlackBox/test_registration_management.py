"""Clients that manage their own registration (RFC 7592): attack cases 3.T."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from assertions import Signing, key_set, new_key
from browser import Browser
from expect import j400, j401
from harness import Client, Tenant, User
from protocol import PKCE, Redirect, authorization_url, authorize, redeem, refresh, tokens
from registration import (  # noqa: F401 - fixtures
    Registered, bearer, let_register, open_to_clients, refused,
)
from watch import recorded, unchanged


def test_a_client_reads_replaces_and_ends_its_registration(
    open_to_clients: Tenant, user: User
) -> None:
    tenant = open_to_clients
    registered = Registered.new(tenant, grant_types=["authorization_code", "refresh_token"])
    secret = registered.told["client_secret"]
    given = tokens(registered.client, user, scope="openid offline_access")
    old = registered.token
    with recorded(tenant, "client.updated", actor=registered.told["client_id"]):
        answer = registered.replace(client_name="New name", client_secret=secret)
    told = answer.json()
    assert answer.status_code == 200 and told["client_name"] == "New name"
    assert "client_secret" not in told and told["registration_access_token"] != old
    assert told["client_id_issued_at"] == registered.told["client_id_issued_at"]
    refused(registered.read(old))
    refused(registered.replace(old))
    registered.told |= told
    assert registered.read().json()["client_name"] == "New name"
    assert refresh(registered.client, given["refresh_token"]).status_code == 200
    with recorded(tenant, "client.deleted", actor=registered.told["client_id"]):
        assert registered.end().status_code == 204
    refused(registered.read())
    refused(registered.end())
    j401(refresh(registered.client, given["refresh_token"]))


def test_what_is_left_out_goes_back_to_the_default(open_to_clients: Tenant) -> None:
    registered = Registered.new(
        open_to_clients, client_uri="https://rp.test/", dpop_bound_access_tokens=True,
        grant_types=["authorization_code", "refresh_token"], response_modes=["form_post"])
    told = registered.replace(
        client_uri=..., dpop_bound_access_tokens=None, grant_types=..., response_modes=...).json()
    assert "client_uri" not in told and told["dpop_bound_access_tokens"] is False
    assert told["grant_types"] == ["authorization_code"] and told["response_modes"] == ["query"]


def test_a_client_that_becomes_public_has_no_secret_left(
    open_to_clients: Tenant, user: User
) -> None:
    registered = Registered.new(open_to_clients)
    secret = registered.told["client_secret"]
    registered.told |= registered.replace(token_endpoint_auth_method="none").json()
    client = registered.client
    assert client.method == "none"
    pkce = PKCE.new()
    code = authorize(Browser(client.tenant.instance), client, user, pkce).code
    j401(redeem(Client(client.tenant, client.id, secret, "web", client.redirect_uri,
                       "client_secret_basic"), code, pkce))
    assert redeem(client, code, pkce).status_code == 200
    again = registered.replace(token_endpoint_auth_method="client_secret_basic").json()
    assert again["client_secret"] not in (None, secret)


@pytest.mark.parametrize("changes", [
    {"client_id": ...}, {"client_id": "client_00000000000000000000000000"},
    {"client_secret": "cs_x"}, {"client_secret": 1}, {"client_secret_expires_at": 0},
    {"registration_access_token": "x"}, {"registration_client_uri": "https://rp.test"},
    {"client_id_issued_at": 1},
])
def test_a_change_says_whose_it_is_and_nothing_else(
    open_to_clients: Tenant, changes: dict[str, Any]
) -> None:
    registered = Registered.new(open_to_clients)
    with recorded(open_to_clients):
        j400(registered.replace(**changes), "invalid_client_metadata")
    assert registered.read().status_code == 200


def test_of_two_changes_at_once_one_is_made(open_to_clients: Tenant) -> None:
    for round in range(4):
        registered = Registered.new(open_to_clients)
        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(
                lambda n: registered.replace(client_name=f"Name {n}"), range(8)))
        assert sorted(a.status_code for a in answers) == [200] + [401] * 7
        told = next(a.json() for a in answers if a.status_code == 200)
        registered.told |= told
        assert registered.read().json()["client_name"] == told["client_name"]


def test_a_disabled_client_manages_nothing(open_to_clients: Tenant) -> None:
    registered = Registered.new(open_to_clients)
    registered.client.update("--disable")
    refused(registered.read())
    refused(registered.replace())
    registered.client.update("--enable")
    assert registered.read().status_code == 200


# Attacks


def test_gh_343_a_change_is_judged_as_the_beginning_was(
    open_to_clients: Tenant, user: User
) -> None:
    tenant = let_register(
        open_to_clients, "--authentication", "client_secret_basic",
        "--authentication", "private_key_jwt", "--redirect-host", "rp.test")
    registered = Registered.new(tenant)
    key = new_key()
    with recorded(tenant):
        for changes in (
            {"token_endpoint_auth_method": "none"},
            {"token_endpoint_auth_method": "client_secret_post"},
            {"grant_types": ["authorization_code", "client_credentials"]},
            {"scope": "openid admin"}, {"id_token_signed_response_alg": "none"},
            {"token_endpoint_auth_method": "private_key_jwt", "jwks": {
                "keys": [key.as_dict(private=True)]}},
        ):
            j400(registered.replace(**changes), "invalid_client_metadata")
        j400(registered.replace(redirect_uris=["https://evil.test/cb"]), "invalid_redirect_uri")
    told = registered.replace(pkce="optional", requires_pkce=False).json()
    registered.told |= told
    page = Browser(tenant.instance).get(authorization_url(registered.client, None))
    assert Redirect.read(page).error == "invalid_request"
    # A policy that became stricter holds for changes too.
    tenant.cli("registration", "update", "--scope", "openid")
    j400(registered.replace(), "invalid_client_metadata")
    told = registered.replace(scope="openid").json()
    assert told["scope"] == "openid"


def test_gh_343_and_344_one_client_cannot_touch_another(open_to_clients: Tenant) -> None:
    mine, other = Registered.new(open_to_clients), Registered.new(open_to_clients)
    admin = open_to_clients.create_client("web")
    with unchanged(open_to_clients, other.client, admin):
        refused(other.read(mine.token))
        refused(other.replace(mine.token, client_name="Mine"))
        refused(other.end(mine.token))
        http = open_to_clients.instance.http
        for identifier in (admin.id, "x", mine.told["client_id"].upper(), "", "%2e%2e"):
            for headers in (bearer(mine.token), {}, bearer("rat_" + "A" * 43),
                            {"Authorization": "Basic x"}):
                answer = http.get(
                    f"{open_to_clients.issuer}/oauth2/register/{identifier}", headers=headers)
                assert answer.status_code in (400, 401, 404, 405), answer.text
    elsewhere = let_register(open_to_clients.instance.create_tenant())
    refused(http.get(
        f"{elsewhere.issuer}/oauth2/register/{mine.told['client_id']}",
        headers=bearer(mine.token)))


def test_gh_344_no_secret_is_shown_again(open_to_clients: Tenant) -> None:
    for method in ("client_secret_basic", "client_secret_post", "none"):
        registered = Registered.new(open_to_clients, token_endpoint_auth_method=method)
        for answer in (registered.read(), registered.replace()):
            told = answer.json()
            assert "client_secret" not in told and "client_secret_expires_at" not in told
    rows = json.dumps(open_to_clients.instance.database.rows_of_tenant(
        open_to_clients.id), default=str)
    assert registered.token not in rows


def test_gh_346_and_343_a_client_changes_its_keys(open_to_clients: Tenant) -> None:
    tenant = let_register(open_to_clients, "--grant-type", "client_credentials", "--scope", "x")
    old, new = new_key(), new_key()
    registered = Registered.new(
        tenant, redirect_uris=..., grant_types=["client_credentials"],
        token_endpoint_auth_method="private_key_jwt", jwks=json.loads(key_set(old)))
    assert Signing(registered.client, old).ask().status_code == 200
    registered.told |= registered.replace(jwks=json.loads(key_set(new))).json()
    j401(Signing(registered.client, old).ask())
    assert Signing(registered.client, new).ask().status_code == 200
