"""Clients that register themselves (RFC 7591) and manage that (RFC 7592): attack cases 3.T, and the
addresses of 3.B."""

from __future__ import annotations

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from authlib.integrations.httpx_client import OAuth2Client

import dpop
from browser import Browser
from expect import j400, j401
from harness import REDIRECT_URI, TLS, Client, Tenant, User
from protocol import (
    PKCE, Redirect, authorization_url, authorize, begin, claims, redeem, refresh, sign_in, token,
    tokens)
from registration import (
    Registered, bearer, initial_access_token, let_register, refused, register)
from test_client_assertions import Signing, key_set, new_key
from visitor import limited_json, set_limit
from watch import recorded, unchanged


@pytest.fixture
def open_to_clients(tenant: Tenant) -> Tenant:
    return let_register(tenant)


# How it works


def test_a_client_registers_and_signs_somebody_in(open_to_clients: Tenant, user: User) -> None:
    tenant = open_to_clients
    with recorded(tenant, "client.created", actor="anonymous") as events:
        answer = register(tenant)
    told = answer.json()
    assert answer.status_code == 201 and answer.headers["cache-control"] == "no-store"
    assert json.loads(events[0]["detail"]) == {"origin": "registered"}
    assert events[0]["subject"] == told["client_id"]
    assert told == {
        "client_id": told["client_id"], "client_id_issued_at": told["client_id_issued_at"],
        "client_secret": told["client_secret"], "client_secret_expires_at": 0,
        "registration_access_token": told["registration_access_token"],
        "registration_client_uri": f"{tenant.issuer}/oauth2/register/{told['client_id']}",
        "client_name": "Test app", "redirect_uris": [REDIRECT_URI],
        "post_logout_redirect_uris": [], "application_type": "web",
        "grant_types": ["authorization_code"], "response_types": ["code"],
        "token_endpoint_auth_method": "client_secret_basic",
        "scope": "openid profile email offline_access", "subject_type": "public",
        "id_token_signed_response_alg": "RS256", "response_modes": ["query"],
        "require_pushed_authorization_requests": False, "dpop_bound_access_tokens": False,
        "tls_client_certificate_bound_access_tokens": False,
        "require_signed_request_object": False}
    client = Registered(tenant, told).client
    given = tokens(client, user, scope="openid offline_access")
    assert "refresh_token" not in given, "The grant type was not registered."
    assert claims(given["id_token"])["aud"] == client.id
    j400(register_by_form(tenant), "invalid_request")


def register_by_form(tenant: Tenant) -> httpx.Response:
    return tenant.instance.http.post(
        f"{tenant.issuer}/register", data={"redirect_uris": REDIRECT_URI})


def test_all_that_a_client_can_be_can_be_registered(
    tenant: Tenant, user: User, tmp_path: Any
) -> None:
    let_register(
        tenant, "--scope", "openid", "--scope", "offline_access", "--scope", "api:read",
        *[part for name in (
            "authorization_code", "refresh_token", "client_credentials",
            "urn:ietf:params:oauth:grant-type:device_code") for part in ("--grant-type", name)])
    key = new_key()
    wanted = {
        "application_type": "web", "token_endpoint_auth_method": "private_key_jwt",
        "jwks": json.loads(key_set(key)),
        "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
        "redirect_uris": [REDIRECT_URI, "https://rp.test/other?a=1"],
        "post_logout_redirect_uris": ["https://rp.test/bye"], "scope": "openid offline_access",
        "id_token_signed_response_alg": "ES256", "authorization_signed_response_alg": "ES256",
        "response_modes": ["query", "form_post.jwt"],
        "require_pushed_authorization_requests": True, "dpop_bound_access_tokens": True,
        "client_name": "Käthe’s app", "client_name#de": "Käthes App", "client_name#ja-Jpan": "アプリ",
        "logo_uri": "https://rp.test/logo.png", "logo_uri#de": "https://rp.test/de.png",
        "client_uri": "https://rp.test/", "policy_uri": "https://rp.test/policy",
        "tos_uri": "https://rp.test/terms", "tos_uri#de": "https://rp.test/agb",
        "contacts": ["kay@rp.test"], "software_id": "4NRB1-0XZABZI9E6-5SM3R",
        "software_version": "1.2", "subject_type": "public",
    }
    registered = Registered.new(tenant, **wanted)
    assert {name: registered.told[name] for name in wanted} == wanted
    assert registered.read().json() == registered.told
    signing = Signing(registered.client, key)
    pkce, proving = PKCE.new(), dpop.Key()
    pushed = signing.ask(
        endpoint="pushed_authorization_request", grant_type=None, response_type="code",
        redirect_uri=REDIRECT_URI, scope="openid offline_access",
        code_challenge=pkce.challenge, code_challenge_method="S256")
    assert pushed.status_code == 201, pushed.text
    plain = Browser(tenant.instance).get(authorization_url(registered.client, PKCE.new()))
    assert Redirect.read(plain).error == "invalid_request"
    machine = Registered.new(
        tenant, redirect_uris=..., grant_types=["client_credentials"], scope="api:read")
    assert machine.told["response_types"] == [] and machine.told["redirect_uris"] == []
    given = token(machine.client, grant_type="client_credentials")
    assert claims(given.json()["access_token"])["scope"] == "api:read"
    device = Registered.new(
        tenant, redirect_uris=...,
        grant_types=["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"])
    assert device.told["token_endpoint_auth_method"] == "none"
    assert device.told["application_type"] == "native"
    begun = token(device.client, endpoint="device_authorization", scope="openid")
    assert begun.status_code == 200, begun.text


def test_members_that_nobody_knows_are_left_out(open_to_clients: Tenant) -> None:
    unknown = {
        "userinfo_encrypted_response_alg": "RSA-OAEP", "request_uris": ["https://rp.test/r"],
        "default_max_age": 3600, "x": {"y": [1, None]}, "software_statement": "a.b.c",
        "client_name#": "x", "client_name#a b": "x", "policy_uri#?": "https://x.test/",
        "contacts#de": ["x"], "logo_uri": None,
    }
    # A member that has no languages is refused, rather than half understood.
    j400(register(open_to_clients, **unknown), "invalid_client_metadata")
    unknown.pop("contacts#de")
    registered = Registered.new(open_to_clients, **unknown)
    assert not set(registered.told) & set(unknown)


@pytest.mark.parametrize(("kind", "uris", "wanted", "method"), [
    ("web", ["https://rp.test/cb"], {}, "client_secret_basic"),
    ("native", ["http://127.0.0.1/cb"], {}, "none"),
    ("native", ["http://localhost:3000/cb", "https://rp.test/cb"], {}, "none"),
    ("native", ["com.example.app:/cb"], {}, "none"),
    ("native", ["https://rp.test/cb"], {"application_type": "native"}, "none"),
    ("web", ["https://rp.test/cb"], {"token_endpoint_auth_method": "none"}, "none"),
    ("web", ["https://rp.test/cb"], {"token_endpoint_auth_method": "client_secret_post"},
     "client_secret_post"),
])
def test_what_kind_of_client_it_becomes(
    open_to_clients: Tenant, kind: str, uris: list[str], wanted: dict[str, Any], method: str
) -> None:
    told = Registered.new(open_to_clients, redirect_uris=uris, **wanted).told
    assert told["application_type"] == kind and told["token_endpoint_auth_method"] == method
    assert ("client_secret" in told) == method.startswith("client_secret")


def test_authlib_uses_what_was_registered(open_to_clients: Tenant, user: User) -> None:
    tenant, pkce = open_to_clients, PKCE.new()
    told = Registered.new(
        tenant, grant_types=["authorization_code", "refresh_token"],
        token_endpoint_auth_method="client_secret_post").told
    with OAuth2Client(
        told["client_id"], told["client_secret"], redirect_uri=REDIRECT_URI,
        token_endpoint_auth_method="client_secret_post", code_challenge_method="S256",
        scope="openid offline_access", trust_env=False, verify=TLS,
    ) as session:
        address, state = session.create_authorization_url(
            tenant.endpoint("authorization"), code_verifier=pkce.verifier)
        browser = Browser(tenant.instance)
        page = sign_in(browser, browser.get(address, site="cross-site"), user)
        given = session.fetch_token(
            tenant.endpoint("token"), authorization_response=page.location,
            code_verifier=pkce.verifier, state=state)
        tenant.instance._see_json(given)
        assert claims(given["id_token"])["sub"] == user.id
        again = session.refresh_token(tenant.endpoint("token"))
        tenant.instance._see_json(again)
        assert claims(again["access_token"])["sub"] == user.id


# Management


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


# Attacks


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


EVIL = [
    "http://rp.test/cb", "https://rp.test/cb#", "https://rp.test/cb#x", "https://kay@rp.test/cb",
    "https://rp.test@evil.test/cb", "https://rp.test:443@evil.test/cb", "javascript:alert(1)//rp.test/cb",
    "data:text/html,x", "vbscript:x", "file:///etc/passwd", "blob:https://rp.test/x",
    "about:blank", "https://*.rp.test/cb", "https://rp.test/*", "https://rp.test\\@evil.test/cb",
    "https:\\\\evil.test", "/cb", "//rp.test/cb", "", "rp.test", "https:rp.test/cb",
    "HTTPS://rp.test/cb", "https://RP.test/cb", "https://rp.test/a/../cb", "https://rp.test/%2e%2e/",
    "https://rp.test/cb ", " https://rp.test/cb", "https://rp.test/cb\n", "https://rp.test/c\tb",
    "https://rp.test/café", "https://rp.test/cb?code=1", "https://rp.test/cb?state=1&error=2",
    "https://rp.test/cb?%zz", "http://127.0.0.2/cb", "http://127.1/cb", "http://0x7f000001/cb",
    "http://127.0.0.1.evil.test/", "acme:/cb", "com.acme.APP:/cb", "https://rp.test/" + "a" * 2000,
    "https://rp.test:0/cb", "https://rp.test:65536/cb", "https://[fe80::1]/cb",
]


@pytest.mark.attack("GH-034", "GH-035", "GH-040", "GH-041", "GH-043", "GH-044", "GH-046", "GH-055")
@pytest.mark.conformance("oidcc-redirect-uri-regfrag", "refused")
def test_gh_337_no_hostile_address_is_registered(open_to_clients: Tenant) -> None:
    good = Registered.new(open_to_clients)
    with recorded(open_to_clients):
        for uri in EVIL:
            j400(register(open_to_clients, redirect_uris=[uri]), "invalid_redirect_uri")
            j400(register(
                open_to_clients, redirect_uris=[REDIRECT_URI, uri]), "invalid_redirect_uri")
            j400(good.replace(redirect_uris=[uri]), "invalid_redirect_uri")
            if "*" not in uri:
                j400(register(open_to_clients, post_logout_redirect_uris=[uri]),
                     "invalid_client_metadata")
        for uris in ([], ..., ["https://rp.test/cb"] * 1_000):
            j400(register(open_to_clients, redirect_uris=uris), "invalid_redirect_uri")
        for uris in ("https://rp.test/cb", [1], {"a": 1}, [["https://rp.test/cb"]]):
            j400(register(open_to_clients, redirect_uris=uris), "invalid_client_metadata")
        for uri in ("http://127.0.0.1/cb", "http://localhost/cb", "com.acme.app:/cb"):
            j400(register(open_to_clients, redirect_uris=[uri], application_type="web"),
                 "invalid_redirect_uri")


def test_gh_338_members_that_nobody_may_choose(open_to_clients: Tenant) -> None:
    tenant = open_to_clients
    victim = tenant.create_client("web")
    wishes = {
        "client_id": victim.id, "client_secret": "cs_" + "A" * 43, "trusted": True,
        "skip_consent": True, "tenant_id": "ten_1", "owner": "usr_1", "roles": ["admin"],
        "__proto__": {"scope": "admin"}, "kind": "machine", "type": "machine", "disabled": False,
        "requires_pkce": False, "pkce": "optional", "policies": {"requires_pkce": False},
        "access_token_lifetime": 86400, "audience": "https://api.test", "origin": "administrator",
        "first_party": True, "party": "first", "profile": "legacy", "partial_consent": True,
        "backchannel_authentication": True, "userinfo_scope": "registered", "registration_access_token": "rat_" + "A" * 43, "id": victim.id,
        "client_id_issued_at": 1, "refresh_tokens": "always", "rotation": "stable",
    }
    with unchanged(tenant, victim):
        told = Registered.new(tenant, **wishes).told
    own = {"client_id", "client_secret", "registration_access_token", "client_id_issued_at"}
    assert not set(told) & (set(wishes) - own)
    assert all(told[name] != wishes[name] for name in own)
    shown = tenant.cli("client", "show", told["client_id"])
    assert shown["pkce"] == "required" and shown["type"] == "web" and not shown["disabled_at"]
    assert shown["audience"] == told["client_id"] and shown["origin"] == "registered"
    assert shown["refresh_tokens"] == "never" and shown["access_token_lifetime"] == 900
    assert shown["party"] == "third" and shown["profile"] == "standard"
    assert shown["backchannel_authentication"] is False and shown["partial_consent"] is False
    rows = tenant.instance.database.rows(
        f"SELECT registration, policies FROM client WHERE id = '{told['client_id']}'")
    assert "admin" not in json.dumps(rows[0])
    with recorded(tenant):
        for types in (
            ["urn:ietf:params:oauth:grant-type:token-exchange"], ["client_credentials"],
            ["authorization_code", "urn:ietf:params:oauth:grant-type:token-exchange"],
            ["authorization_code", "urn:ietf:params:oauth:grant-type:jwt-bearer"],
            ["authorization_code", "urn:openid:params:grant-type:ciba"],
            ["authorization_code", "client_credentials"], ["password"], ["implicit"], [],
            ["authorization_code", "urn:ietf:params:oauth:grant-type:device_code"],
            ["refresh_token"], "authorization_code", [1], ["authorization_code\u0000"],
        ):
            j400(register(tenant, grant_types=types), "invalid_client_metadata")
        for scope in ("admin", "openid admin", "openid\u00e9", ["openid"], 1, "openid \"x\""):
            j400(register(tenant, scope=scope), "invalid_client_metadata")


@pytest.mark.parametrize("changes", [
    {"client_name": ""}, {"client_name": "x" * 101}, {"client_name": "a\nb"}, {"client_name": 1},
    {"client_name": "\u202egnp.exe"}, {"client_name#de": 5}, {"client_name#de": "a\u0007"},
    {"response_types": ["token"]}, {"response_types": ["code id_token"]}, {"response_types": "code"},
    {"response_modes": ["web_message"]}, {"response_modes": [1]}, {"application_type": "tv"},
    {"token_endpoint_auth_method": "client_secret_jwt"}, {"token_endpoint_auth_method": "NONE"},
    {"token_endpoint_auth_method": "private_key_jwt"}, {"token_endpoint_auth_method": 1},
    {"token_endpoint_auth_method": "tls_client_auth"}, {"jwks": []}, {"jwks": {"keys": []}},
    {"jwks": {"keys": [{"kty": "oct", "k": "AAAA"}]}}, {"jwks_uri": "http://rp.test/keys"},
    {"jwks_uri": "https://rp.test/keys#a"}, {"jwks_uri": "https://a@rp.test/keys"},
    {"jwks_uri": 1}, {"logo_uri": "http://rp.test/a.png"}, {"logo_uri": "javascript:alert(1)"},
    {"policy_uri": "data:text/html,x"}, {"tos_uri": "https://rp.test/a#b"}, {"tos_uri#de": "x"},
    {"client_uri": "https://kay:pw@rp.test/"}, {"contacts": "kay@rp.test"}, {"contacts": [1]},
    {"contacts": ["a"] * 11}, {"software_id": "x" * 101}, {"software_version": 1.5},
    {"id_token_signed_response_alg": "none"}, {"id_token_signed_response_alg": "HS256"},
    {"id_token_signed_response_alg": "rs256"}, {"authorization_signed_response_alg": "ES256"},
    {"require_pushed_authorization_requests": "true"}, {"dpop_bound_access_tokens": 1},
    {"subject_type": "ephemeral"}, {"subject_type": "PAIRWISE"}, {"subject_type": ["public"]},
    {"sector_identifier_uri": "http://rp.test/list"}, {"sector_identifier_uri": "https://rp.test/#a"},
    {"sector_identifier_uri": 1}, {"request_object_signing_alg": "none"},
    {"request_object_signing_alg": "HS256"}, {"require_signed_request_object": "true"},
    {"require_signed_request_object": True}, {"userinfo_signed_response_alg": "none"},
    {"userinfo_signed_response_alg": "HS256"}, {"userinfo_signed_response_alg": "EdDSA"},
    {"backchannel_logout_uri": "http://rp.test/out"}, {"backchannel_logout_uri": "https://a@rp.test/"},
    {"backchannel_logout_uri": "https://rp.test/#a"}, {"backchannel_logout_session_required": 1},
    {"frontchannel_logout_uri": "http://rp.test/out"}, {"frontchannel_logout_uri": "https://evil.test/"},
    {"frontchannel_logout_uri": "https://rp.test:8443/"}, {"frontchannel_logout_uri": "javascript:x"},
    {"frontchannel_logout_uri": "https://rp.test/?iss=a"}, {"frontchannel_logout_uri": 1},
    {"frontchannel_logout_session_required": "false"}, {"initiate_login_uri": "http://rp.test/"},
    {"initiate_login_uri": "https://rp.test/#a"}, {"initiate_login_uri": "https://rp.test/?iss=a"},
    {"initiate_login_uri": ["https://rp.test/"]}, {"post_logout_redirect_uris": "https://rp.test/"},
    {"post_logout_redirect_uris": ["x"]},
    {"redirect_uris": ["http://127.0.0.1/cb"], "token_endpoint_auth_method": "client_secret_basic"},
])
@pytest.mark.attack("GH-485")
def test_gh_338_what_is_wrong_is_named(open_to_clients: Tenant, changes: dict[str, Any]) -> None:
    with recorded(open_to_clients):
        body = j400(register(open_to_clients, **changes), "invalid_client_metadata")
    names = [name.partition("#")[0] for name in changes]
    assert any(name in body["error_description"] for name in names), body


def test_gh_482_a_private_key_is_refused(open_to_clients: Tenant) -> None:
    key = new_key()
    j400(register(
        open_to_clients, token_endpoint_auth_method="private_key_jwt",
        jwks={"keys": [key.as_dict(private=True)]}), "invalid_client_metadata")
    j400(register(
        open_to_clients, jwks={"keys": [key.as_dict(private=True)]}), "invalid_client_metadata")
    j400(register(
        open_to_clients, token_endpoint_auth_method="private_key_jwt",
        jwks=json.loads(key_set(key)), jwks_uri="https://rp.test/keys"),
        "invalid_client_metadata")


@pytest.mark.parametrize("body", [
    b"", b"x", b"[]", b"null", b"{", b'{"a":1,"a":2}', b'{"redirect_uris":["https://rp.test/cb"]} x',
    b"\xff", b'{"client_name":"\\ud800"}', b"[" * 5000, b'{"client_name":"\\u0000"}',
    b'{"redirect_uris":["https://rp.test/cb"],"redirect_uris":["https://evil.test/"]}',
])
def test_gh_338_what_is_no_object_is_refused(open_to_clients: Tenant, body: bytes) -> None:
    answer = open_to_clients.instance.http.post(
        f"{open_to_clients.issuer}/register", content=body,
        headers={"Content-Type": "application/json"})
    j400(answer, "invalid_client_metadata")


def test_gh_338_a_long_body_is_not_read(open_to_clients: Tenant) -> None:
    assert register(open_to_clients, x="a" * 70_000).status_code == 413


def test_gh_340_nothing_is_asked_for_when_a_client_registers(open_to_clients: Tenant) -> None:
    """The listener is on loopback, where nothing may be asked; nor is it for what is shown only."""
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.settimeout(0.2)
        host = f"https://127.0.0.1:{canary.getsockname()[1]}"
        names = ("logo_uri", "policy_uri", "tos_uri", "client_uri", "initiate_login_uri",
                 "backchannel_logout_uri", "frontchannel_logout_uri")
        for subject_type in ("public", "pairwise"):
            j400(register(
                open_to_clients, redirect_uris=[f"{host}/cb"], subject_type=subject_type,
                sector_identifier_uri=f"{host}/list"), "invalid_client_metadata")
        registered = Registered.new(
            open_to_clients, request_uris=[f"{host}/r"], jwks_uri=f"{host}/keys",
            token_endpoint_auth_method="private_key_jwt", redirect_uris=[f"{host}/cb"],
            application_type="native", **{name: f"{host}/{name}" for name in names})
        page = begin(Browser(open_to_clients.instance), registered.client)
        assert page.status == 200 and f"{host}/logo_uri" not in page.text
        j401(Signing(registered.client, new_key()).ask())
        with pytest.raises(TimeoutError):
            canary.accept()


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


def test_a_disabled_client_manages_nothing(open_to_clients: Tenant) -> None:
    registered = Registered.new(open_to_clients)
    registered.client.update("--disable")
    refused(registered.read())
    refused(registered.replace())
    registered.client.update("--enable")
    assert registered.read().status_code == 200


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
