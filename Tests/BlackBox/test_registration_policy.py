"""Who may register clients, and how many: initial access tokens, the policy of a tenant, and
limits. Attack cases 3.T."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from browser import Browser
from expect import j400
from harness import REDIRECT_URI, Tenant
from protocol import PKCE, Redirect, authorization_url
from registration import (  # noqa: F401 - fixtures
    Registered, bearer, initial_access_token, let_register, open_to_clients, refused, register,
)
from visitor import limited_json, set_limit
from watch import recorded


def test_gh_334_nobody_registers_unless_the_tenant_opens_it(tenant: Tenant) -> None:
    assert "registration_endpoint" not in tenant.metadata
    token = initial_access_token(tenant)
    http = tenant.instance.http
    with recorded(tenant):
        for path in ("/oauth2/register", "/register"):
            for presented in (None, token):
                answer = http.post(
                    f"{tenant.issuer}{path}", json={"redirect_uris": [REDIRECT_URI]},
                    headers=bearer(presented))
                assert answer.status_code == 404
        other = f"{tenant.issuer}/oauth2/register/client_00000000000000000000000000"
        assert http.get(other, headers=bearer("rat_x")).status_code == 404
    let_register(tenant, mode="initial-access-token")
    metadata = http.get(f"{tenant.issuer}/.well-known/openid-configuration").json()
    assert metadata["registration_endpoint"] == f"{tenant.issuer}/oauth2/register"
    with recorded(tenant):
        refused(register(tenant))
    assert register(tenant, token).status_code == 201
    registered = Registered.new(tenant, initial_access_token(tenant))
    tenant.cli("registration", "update", "--mode", "off")
    assert registered.read().status_code == 404
    assert Redirect.read(Browser(tenant.instance).get(authorization_url(
        registered.client, PKCE.new(), prompt="none"))).error == "login_required"
    assert http.post(f"{tenant.issuer}/oauth2/register/x").status_code == 405


def test_gh_335_a_token_works_so_often_so_long_and_here(tenant: Tenant) -> None:
    let_register(tenant, mode="initial-access-token")
    twice = initial_access_token(tenant, "--uses", "2")
    for _ in range(2):
        with recorded(tenant, "client.created") as events:
            assert register(tenant, twice).status_code == 201
        assert json.loads(events[0]["detail"])["initial_access_token"].startswith("initok_")
    refused(register(tenant, twice))
    other = let_register(tenant.instance.create_tenant(), mode="initial-access-token")
    foreign = initial_access_token(other)
    refused(register(tenant, foreign))
    assert register(other, foreign).status_code == 201
    old = initial_access_token(tenant)
    tenant.instance.database.execute(
        f"UPDATE initial_access_token SET expires_at = 1 WHERE tenant_id = '{tenant.id}'")
    refused(register(tenant, old))
    deleted = tenant.cli("registration", "token", "create")
    tenant.cli("registration", "token", "delete", deleted["id"])
    refused(register(tenant, deleted["initial_access_token"]))
    for wrong in ("x", "iat_" + "A" * 43, twice + "A", twice.upper(), Registered.new(
            tenant, initial_access_token(tenant)).token):
        refused(register(tenant, wrong))
    # What is wrong with the metadata does not use the token up.
    good = initial_access_token(tenant)
    j400(register(tenant, good, redirect_uris=["x"]), "invalid_redirect_uri")
    assert register(tenant, good).status_code == 201


def test_gh_335_of_thirty_two_at_once_as_many_as_allowed(tenant: Tenant) -> None:
    let_register(tenant, mode="initial-access-token")
    for uses in (1, 3):
        token = initial_access_token(tenant, "--uses", str(uses))
        with ThreadPoolExecutor(32) as threads:
            answers = list(threads.map(lambda _: register(tenant, token), range(32)))
        codes = sorted(answer.status_code for answer in answers)
        assert codes == [201] * uses + [401] * (32 - uses)


def test_gh_335_a_token_allows_no_more_than_it_says(tenant: Tenant) -> None:
    let_register(
        tenant, "--scope", "openid", "--scope", "api:read", "--scope", "api:write",
        mode="initial-access-token")
    narrow = initial_access_token(
        tenant, "--uses", "9", "--scope", "openid", "--scope", "api:read", "--scope", "admin",
        "--grant-type", "authorization_code", "--redirect-host", "*.rp.test")
    uris = ["https://app.rp.test/cb"]
    good = Registered.new(tenant, narrow, redirect_uris=uris)
    assert good.told["scope"] == "openid api:read"
    for changes, error in (
        ({"scope": "openid api:write"}, "invalid_client_metadata"),
        ({"scope": "admin"}, "invalid_client_metadata"),
        ({"grant_types": ["authorization_code", "refresh_token"]}, "invalid_client_metadata"),
        ({"redirect_uris": ["https://rp.test/cb"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://evilrp.test/cb"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["http://127.0.0.1/cb"]}, "invalid_redirect_uri"),
    ):
        j400(register(tenant, narrow, **({"redirect_uris": uris} | changes)), error)
        # And so it is for every change to come.
        j400(good.replace(**changes), error)


def test_gh_347_each_condition_of_the_policy_is_asked(tenant: Tenant) -> None:
    conditions: list[tuple[list[str], dict[str, Any], dict[str, Any]]] = [
        (["--scope", "openid"], {"scope": "openid"}, {"scope": "openid email"}),
        (["--grant-type", "authorization_code"], {},
         {"grant_types": ["authorization_code", "refresh_token"]}),
        (["--authentication", "client_secret_post"], {}, {"token_endpoint_auth_method": "none"}),
        (["--redirect-host", "*.rp.test"], {"redirect_uris": ["https://a.rp.test/"]},
         {"redirect_uris": ["https://rp.test/"]}),
    ]
    everything: list[str] = []
    for arguments, _, _ in conditions:
        everything += arguments
    let_register(tenant, *everything)
    good = {key: value for _, fits, _ in conditions for key, value in fits.items()}
    assert register(tenant, **good).status_code == 201
    for _, _, wrong in conditions:
        # Only the one condition is broken.
        j400(register(tenant, **(good | wrong)), (
            "invalid_client_metadata", "invalid_redirect_uri"))
    tenant.cli("registration", "update", "--most-clients", "2")
    assert register(tenant, **good).status_code == 201
    full = register(tenant, **good)
    assert full.status_code == 403 and full.json()["error"] == "access_denied"


def test_gh_347_the_last_place_is_taken_once(open_to_clients: Tenant) -> None:
    open_to_clients.cli("registration", "update", "--most-clients", "3")
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda _: register(open_to_clients), range(16)))
    assert sorted(a.status_code for a in answers) == [201] * 3 + [403] * 13


# Limits and ends


def test_a_network_registers_so_many_and_no_more(tenant: Tenant) -> None:
    let_register(tenant)
    set_limit(tenant, "registration-network", 2)
    token = initial_access_token(tenant)
    assert register(tenant).status_code == 201 and register(tenant).status_code == 201
    answer = register(tenant)
    assert answer.status_code == 429 and int(answer.headers["retry-after"]) >= 1
    # Whoever has a token is not a stranger.
    assert register(tenant, token).status_code == 201


def test_guessing_tokens_is_limited(tenant: Tenant) -> None:
    let_register(tenant, mode="initial-access-token")
    set_limit(tenant, "access-token-network", 2)
    refused(register(tenant, "iat_" + "A" * 43))
    refused(register(tenant, "iat_" + "B" * 43))
    limited_json(register(tenant, "iat_" + "C" * 43))
    assert register(tenant, initial_access_token(tenant)).status_code == 201


def test_the_command_tells_of_it(tenant: Tenant) -> None:
    assert tenant.cli("registration", "show")["mode"] == "off"
    with recorded(tenant, "tenant.registration_policy_changed", actor="operator"):
        shown = tenant.cli(
            "registration", "update", "--mode", "open", "--metadata-documents", "listed",
            "--allow-host", "*.example.com", "--deny-host", "evil.example.com",
            "--remove-unused-after", "12h")
    assert shown == tenant.cli("registration", "show")
    assert shown["allowed_hosts"] == ["*.example.com"] and shown["remove_unused_after"] == "12h"
    with recorded(tenant, "initial_access_token.created", actor="operator"):
        made = tenant.cli("registration", "token", "create", "--expires-in", "30m")
    listed = tenant.cli("registration", "token", "list")
    assert [one["id"] for one in listed] == [made["id"]]
    assert "initial_access_token" not in listed[0] and listed[0]["uses_left"] == 1
    with recorded(tenant, "initial_access_token.deleted", actor="operator"):
        tenant.cli("registration", "token", "delete", made["id"])
