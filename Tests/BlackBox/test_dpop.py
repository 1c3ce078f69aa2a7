"""Tokens that are bound to a key (RFC 9449): what works, and attack cases GH-124 and GH-316."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jws
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

import dpop
from browser import Browser
from dpop import Key, challenged, key, machine, machine_token  # noqa: F401 - fixtures
from expect import bearer_error, invalid_token, j400, j401, redirected
from harness import TLS, Client, Tenant, User
from protocol import PKCE, authorization_url, authorize, claims, revoke, sign_in, token
from protocol import tokens as bearer_tokens
from protocol import userinfo as bearer_userinfo

ALGORITHMS = ["ES256", "EdDSA", "PS256", "RS256"]
OFFLINE = "openid offline_access"


def bound(tenant: Tenant, given: dict[str, Any], key: Key) -> dict[str, Any]:
    """The claims of an access token that is bound to the key, verified by the published keys."""
    assert given["token_type"] == "DPoP"
    keys = KeySet.import_key_set(tenant.instance.http.get(tenant.endpoint("jwks_uri")).json())
    jws.deserialize_compact(given["access_token"], keys, algorithms=["ES256"])
    said = claims(given["access_token"])
    assert said["cnf"] == {"jkt": key.thumbprint}
    return said


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("kind", ["native", "web"])
def test_every_grant_type_gives_bound_tokens(
    tenant: Tenant, user: User, kind: str, algorithm: str
) -> None:
    client, key = tenant.create_client(kind), Key(algorithm)
    # The same thumbprint and signature by a library of others.
    known = {"EC": ECKey, "OKP": OKPKey, "RSA": RSAKey}[key.jwk["kty"]].import_key(key.jwk)
    assert known.thumbprint() == key.thumbprint
    registry = jws.JWSRegistry(algorithms=[algorithm])
    registry.max_header_length = 2048
    jws.deserialize_compact(key.proof("POST", "x"), known, registry=registry)

    first = dpop.tokens(client, user, key)
    bound(tenant, first, key)
    assert "cnf" not in claims(first["id_token"])
    again = dpop.refresh(client, first["refresh_token"], key).json()
    bound(tenant, again, key)
    assert again["refresh_token"] == first["refresh_token"]
    for given in (first, again):
        for method in ("GET", "POST"):
            answer = dpop.userinfo(tenant, given["access_token"], key, method=method)
            assert answer.status_code == 200 and answer.json()["sub"] == user.id
        assert dpop.userinfo(tenant, given["access_token"], key, method="HEAD").status_code == 200

    machine = tenant.create_client("machine", "--scope", "api:read")
    given = machine_token(machine, key).json()
    assert bound(tenant, given, key)["sub"] == machine.id
    assert "refresh_token" not in given


def test_the_metadata_names_the_algorithms(tenant: Tenant, machine: Client) -> None:
    named = tenant.metadata["dpop_signing_alg_values_supported"]
    assert named == ALGORITHMS
    for algorithm in named:
        assert machine_token(machine, Key(algorithm)).status_code == 200


def test_authlib_gets_bound_tokens_with_the_proofs_of_this_client(
    tenant: Tenant, user: User, browser: Browser, key: Key
) -> None:
    """Authlib knows nothing of DPoP but takes what is put into its requests."""
    client = tenant.create_client("native", "--dpop-bound-access-tokens")

    def prove(request: httpx.Request) -> None:
        request.headers["DPoP"] = key.proof(request.method, str(request.url))

    with OAuth2Client(
        client.id, token_endpoint_auth_method="none", redirect_uri=client.redirect_uri,
        scope=OFFLINE, code_challenge_method="S256", trust_env=False, verify=TLS,
        event_hooks={"request": [prove]},
    ) as session:
        verifier = PKCE.new().verifier
        url, _ = session.create_authorization_url(
            tenant.endpoint("authorization"), code_verifier=verifier, dpop_jkt=key.thumbprint)
        location = sign_in(browser, browser.get(url), user).location
        given = session.fetch_token(
            tenant.endpoint("token"), authorization_response=location, code_verifier=verifier)
        tenant.instance._see_json(dict(given))
        renewed = session.refresh_token(tenant.endpoint("token"), given["refresh_token"])
        tenant.instance._see_json(dict(renewed))
    bound(tenant, given, key)
    bound(tenant, renewed, key)
    assert dpop.userinfo(tenant, renewed["access_token"], key).json()["sub"] == user.id


# Bound access tokens

@pytest.mark.conformance("fapi2-security-profile-final-dpop-negative-tests", "refused")
def test_gh_316_a_bound_token_is_of_use_with_its_key_only(
    tenant: Tenant, client: Client, user: User, key: Key
) -> None:
    url = tenant.endpoint("userinfo")
    given = dpop.tokens(client, user, key)["access_token"]
    somebody = tenant.create_user()
    foreign = dpop.tokens(client, somebody, key)["access_token"]
    # Another key; the token of somebody else with the same key; no digest of the token.
    challenged(dpop.userinfo(tenant, given, Key()), "invalid_token")
    challenged(dpop.userinfo(tenant, given, key, ath=dpop.ath(foreign)), "invalid_dpop_proof")
    challenged(dpop.userinfo(tenant, given, key, ath=None), "invalid_dpop_proof")
    for value in ("", "x", dpop.ath(given) + "=", dpop.ath(given).lower(), 1, [dpop.ath(given)]):
        challenged(dpop.userinfo(tenant, given, key, ath=value), "invalid_dpop_proof")
    challenged(dpop.present(tenant, given, None), "invalid_dpop_proof")
    proof = key.proof("GET", url, access_token=given)
    answer = tenant.instance.http.get(url, headers=[
        ("Authorization", f"DPoP {given}"), ("DPoP", proof), ("DPoP", Key().proof("GET", url))])
    challenged(answer, "invalid_dpop_proof")
    # As a bearer token, with and without its proof.
    for way in (
        bearer_userinfo(tenant, given), dpop.userinfo(tenant, given, key, scheme="Bearer"),
        tenant.instance.http.post(url, data={"access_token": given}),
        tenant.instance.http.post(url, data={"access_token": given}, headers={
            "DPoP": key.proof("POST", url, access_token=given)}),
    ):
        invalid_token(way)
        challenged(way, "invalid_token")
    # A token that is not bound, by the scheme of those that are.
    free = bearer_tokens(client, user)["access_token"]
    challenged(dpop.userinfo(tenant, free, key), "invalid_token")
    assert bearer_userinfo(tenant, free).status_code == 200
    # Beside a bearer token a proof says nothing.
    assert dpop.userinfo(tenant, free, key, scheme="Bearer", htm="PUT").status_code == 200
    for scheme in ("dpop", "DPOP", "DPoP"):
        assert dpop.userinfo(tenant, given, key, scheme=scheme).json()["sub"] == user.id
    revoke(client, given)
    challenged(dpop.userinfo(tenant, given, key), "invalid_token")


def test_gh_316_a_token_comes_once_by_whatever_scheme(
    tenant: Tenant, client: Client, user: User, key: Key
) -> None:
    given = dpop.tokens(client, user, key)["access_token"]
    http, url = tenant.instance.http, tenant.endpoint("userinfo")

    def proof(method: str) -> tuple[str, str]:
        return ("DPoP", key.proof(method, url, access_token=given))

    bound_to = ("Authorization", f"DPoP {given}")
    for answer in (
        http.get(url, headers=[bound_to, bound_to, proof("GET")]),
        http.get(url, headers=[bound_to, ("Authorization", f"Bearer {given}"), proof("GET")]),
        http.get(url, headers=[("Authorization", f"Bearer {given}"), bound_to, proof("GET")]),
        http.post(url, data={"access_token": given}, headers=[bound_to, proof("POST")]),
        http.get(f"{url}?access_token={given}", headers=[bound_to, proof("GET")]),
        http.get(url, headers=[("Authorization", f"DPoP  {given}"), proof("GET")]),
        http.get(url, headers=[("Authorization", f"DPoP {given} x"), proof("GET")]),
        http.get(url, headers=[("Authorization", "DPoP"), proof("GET")]),
    ):
        assert answer.status_code in (400, 401) and user.id not in answer.text
    bare = http.get(url)
    bearer_error(bare, 401, None)
    challenged(bare, None)


# Bound refresh tokens

@pytest.mark.conformance("fapi2-security-profile-final-refresh-token", "key")
def test_gh_124_the_refresh_token_of_a_public_client_is_bound_to_its_key(
    tenant: Tenant, public_client: Client, user: User, key: Key
) -> None:
    given = dpop.tokens(public_client, user, key)
    held = given["refresh_token"]
    for _ in range(2):
        j400(dpop.refresh(public_client, held, None), "invalid_dpop_proof")
        j400(dpop.refresh(public_client, held, Key()), "invalid_grant")
        j400(dpop.refresh(public_client, held, key, htu=tenant.endpoint("userinfo")),
             "invalid_dpop_proof")
        j400(dpop.refresh(public_client, held, key, head={"jwk": Key().jwk}),
             "invalid_dpop_proof")
    # Guessing ends nothing, and the token stays what it is.
    for _ in range(3):
        again = dpop.refresh(public_client, held, key)
        assert again.status_code == 200 and again.json()["refresh_token"] == held
    rows = tenant.instance.database.rows(
        f"SELECT confirmation FROM authorization_grant WHERE tenant_id = '{tenant.id}'")
    assert [row["confirmation"] for row in rows] == [f'{{"jkt":"{key.thumbprint}"}}']
    assert revoke(public_client, held).status_code == 200
    j400(dpop.refresh(public_client, held, key), "invalid_grant")


def test_gh_124_the_first_proof_at_a_refresh_binds_what_follows(
    public_client: Client, user: User, key: Key
) -> None:
    first = bearer_tokens(public_client, user, scope=OFFLINE)
    assert first["token_type"] == "Bearer"
    answer = dpop.refresh(public_client, first["refresh_token"], key)
    second = answer.json()
    bound(public_client.tenant, second, key)
    assert second["refresh_token"] != first["refresh_token"]
    # The same request again, as after a lost answer: with the key the same, without it nothing.
    again = dpop.refresh(public_client, first["refresh_token"], key)
    assert again.json()["refresh_token"] == second["refresh_token"]
    j400(dpop.refresh(public_client, first["refresh_token"], None), "invalid_dpop_proof")
    j400(dpop.refresh(public_client, second["refresh_token"], None), "invalid_dpop_proof")
    j400(dpop.refresh(public_client, second["refresh_token"], Key()), "invalid_grant")
    third = dpop.refresh(public_client, second["refresh_token"], key).json()
    assert third["refresh_token"] == second["refresh_token"]


def test_the_refresh_token_of_a_confidential_client_is_bound_by_its_authentication(
    client: Client, user: User, key: Key
) -> None:
    given = dpop.tokens(client, user, key)
    other = Key()
    bound(client.tenant, dpop.refresh(client, given["refresh_token"], other).json(), other)
    assert dpop.refresh(client, given["refresh_token"], None).json()["token_type"] == "Bearer"


@pytest.mark.conformance("fapi2-security-profile-final-ensure-holder-of-key-required", "refused")
def test_a_client_may_be_set_to_get_bound_tokens_only(
    tenant: Tenant, user: User, browser: Browser, key: Key
) -> None:
    client = tenant.create_client("web", "--dpop-bound-access-tokens")
    pkce = PKCE.new()
    code = authorize(browser, client, user, pkce, scope=OFFLINE).code
    j400(dpop.redeem(client, code, pkce, None), "invalid_dpop_proof")
    # What lacks the proof does not spend the code.
    given = dpop.redeem(client, code, pkce, key).json()
    j400(dpop.refresh(client, given["refresh_token"], None), "invalid_dpop_proof")
    machine = tenant.create_client("machine", "--scope", "api:read", "--dpop-bound-access-tokens")
    j400(token(machine, grant_type="client_credentials"), "invalid_dpop_proof")
    assert machine_token(machine, key).status_code == 200
    shown = tenant.cli("client", "show", machine.id)
    assert shown["dpop_bound_access_tokens"] is True and shown["dpop_nonce"] == "optional"
    machine.update("--no-dpop-bound-access-tokens")
    assert token(machine, grant_type="client_credentials").json()["token_type"] == "Bearer"


# Codes that are bound to a key

@pytest.mark.conformance(
    "fapi2-security-profile-final-ensure-dpop-auth-code-binding-success", "succeeds")
@pytest.mark.conformance(
    "fapi2-security-profile-final-ensure-token-endpoint-fails-with-mismatched-dpop-jkt", "refused")
def test_dpop_jkt_binds_the_code(
    public_client: Client, user: User, browser: Browser, key: Key
) -> None:
    def code() -> tuple[str, PKCE]:
        pkce = PKCE.new()
        asked = authorize(browser, public_client, user, pkce, dpop_jkt=key.thumbprint)
        return asked.code, pkce

    bound(public_client.tenant, dpop.redeem(public_client, *code(), key).json(), key)
    j400(dpop.redeem(public_client, *code(), Key()), "invalid_grant")
    j400(dpop.redeem(public_client, *code(), None), "invalid_dpop_proof")
    # Tried with the wrong key, a code is spent as by any other wrong request.
    held, pkce = code()
    j400(dpop.redeem(public_client, held, pkce, Key()), "invalid_grant")
    j400(dpop.redeem(public_client, held, pkce, key), "invalid_grant")


def test_dpop_jkt_survives_the_pages(public_client: Client, user: User, key: Key) -> None:
    browser, pkce = Browser(public_client.tenant.instance), PKCE.new()
    code = authorize(browser, public_client, user, pkce, dpop_jkt=key.thumbprint).code
    j400(dpop.redeem(public_client, code, pkce, Key()), "invalid_grant")


@pytest.mark.parametrize("value", [
    "x", "A" * 42, "A" * 44, "A" * 42 + "B", "A" * 42 + "=", "é" * 43, "+" * 43])
def test_a_dpop_jkt_that_is_no_thumbprint(
    public_client: Client, browser: Browser, value: str
) -> None:
    page = browser.get(authorization_url(public_client, PKCE.new(), dpop_jkt=value))
    redirected(page, public_client, "invalid_request")


# From pages in a browser

def test_a_page_may_send_proofs_and_read_nonces(
    tenant: Tenant, user: User, browser: Browser, key: Key
) -> None:
    client = tenant.create_client("spa")
    pkce, origin = PKCE.new(), {"Origin": "https://rp.test"}
    for name in ("token", "userinfo"):
        asked = tenant.instance.http.options(tenant.endpoint(name), headers=origin | {
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type,dpop"})
        allowed = asked.headers["access-control-allow-headers"].lower().split(", ")
        assert {"authorization", "content-type", "dpop"} <= set(allowed)
    code = authorize(browser, client, user, pkce).code
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": pkce.verifier,
            "redirect_uri": client.redirect_uri}
    url = tenant.endpoint("token")
    first = dpop.ask(client, key.proof("POST", url), headers=origin, **form)
    j400(first, "use_dpop_nonce")
    exposed = first.headers["access-control-expose-headers"].lower().split(", ")
    assert {"dpop-nonce", "www-authenticate"} <= set(exposed)
    nonce = first.headers["dpop-nonce"]
    second = dpop.ask(client, key.proof("POST", url, nonce=nonce), headers=origin, **form)
    given = second.json()["access_token"]
    answer = dpop.userinfo(tenant, given, key, headers=origin)
    assert challenged(answer, "use_dpop_nonce").startswith("DPoP ")
    assert "dpop-nonce" in answer.headers["access-control-expose-headers"]
    assert dpop.userinfo(tenant, given, key, nonce=answer.headers["dpop-nonce"]).status_code == 200


def test_gh_508_a_proof_opens_no_door_and_nothing_else_is_a_proof(
    tenant: Tenant, client: Client, user: User, browser: Browser, key: Key
) -> None:
    url, pkce = tenant.endpoint("token"), PKCE.new()
    given = dpop.tokens(client, user, key, browser)
    proof = key.proof("POST", url)
    j400(dpop.refresh(client, proof, key), "invalid_grant")
    j400(dpop.redeem(client, proof, pkce, key), "invalid_grant")
    j401(token(client, method="none", client_secret=proof, grant_type="refresh_token"))
    invalid_token(bearer_userinfo(tenant, proof))
    challenged(dpop.userinfo(tenant, proof, key), "invalid_token")
    hinted = browser.get(authorization_url(
        client, PKCE.new(), prompt="none", id_token_hint=proof, scope="openid"))
    redirected(hinted, client, "invalid_request")
    for other in (given["access_token"], given["id_token"], given["refresh_token"], client.id):
        answer = dpop.ask(client, other, grant_type="refresh_token",
                          refresh_token=given["refresh_token"])
        j400(answer, "invalid_dpop_proof")
    # A token of the right key and claims, but of another type, is none either.
    j400(dpop.refresh(client, given["refresh_token"], key, head={"typ": "at+jwt"}),
         "invalid_dpop_proof")
    assert dpop.refresh(client, given["refresh_token"], key).status_code == 200
