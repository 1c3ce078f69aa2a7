"""Clients that register themselves (RFC 7591): what can be registered, and what nobody may choose.
Attack cases 3.T, and the addresses of 3.B."""

from __future__ import annotations

import json
import socket
from typing import Any

import httpx
import pytest
from authlib.integrations.httpx_client import OAuth2Client

import dpop
from assertions import Signing, key_set, new_key
from browser import Browser
from expect import j400, j401
from harness import REDIRECT_URI, TLS, Tenant, User
from protocol import PKCE, Redirect, authorization_url, begin, claims, sign_in, token, tokens
from registration import (  # noqa: F401 - fixtures
    Registered, let_register, open_to_clients, register,
)
from watch import recorded, unchanged


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
        "logo_uri": "https://127.0.0.1/logo.png", "logo_uri#de": "https://rp.test/de.png",
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


# Attacks


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
    """The listener is on loopback, where nothing may be asked: not even for the logo."""
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
