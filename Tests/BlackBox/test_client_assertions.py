"""Clients that sign instead of showing a secret (private_key_jwt): attack cases 3.E and 3.G."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwt
from joserfc.jwk import RSAKey

import dpop
import forge
from assertions import (  # noqa: F401 - fixtures
    ALGORITHMS, Signing, key_set, new_key, present, raw_signature, register, signed, signing,
)
from browser import Browser
from expect import j400, j401
from harness import TLS, Client, CommandFailed, Instance, Tenant, User
from protocol import (
    PKCE, Redirect, authorize, base64url, claims, pushed_url, redeem, refresh, request_parameters,
    sign_in, token)
from suite import verified
from visitor import set_limit
from watch import recorded

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


# How it works


@pytest.mark.conformance("oidcc-ensure-client-assertion-with-iss-aud-succeeds", "succeeds")
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_client_authenticates_by_a_signature(
    tenant: Tenant, tmp_path: Path, algorithm: str
) -> None:
    assert algorithm in tenant.metadata["token_endpoint_auth_signing_alg_values_supported"]
    assert algorithm in tenant.metadata["revocation_endpoint_auth_signing_alg_values_supported"]
    signing = register(tenant, tmp_path, "machine", algorithm)
    given = signing.ask().json()
    assert claims(given["access_token"])["client_id"] == signing.client.id
    assert signing.ask(client_id=signing.client.id).status_code == 200
    assert signing.ask(signing.assertion({"typ": "client-authentication+jwt"})).status_code == 200
    ended = signing.ask(endpoint="revocation", grant_type=None, token=given["access_token"])
    assert ended.status_code == 200
    j401(signing.ask("x.y.z", endpoint="revocation", grant_type=None, token="x"))


@pytest.mark.conformance(
    "fapi2-security-profile-final-ensure-client-assertion-in-token-endpoint", "refused")
@pytest.mark.conformance("fapi2-security-profile-final-refresh-token", "key")
def test_a_web_application_signs_at_every_step(
    tenant: Tenant, user: User, tmp_path: Path
) -> None:
    signing = register(tenant, tmp_path, "web")
    pkce = PKCE.new()
    code = authorize(
        Browser(tenant.instance), signing.client, user, pkce, scope="openid offline_access").code
    j401(redeem(signing.client, code, pkce, method="none"))
    given = signing.ask(
        grant_type="authorization_code", code=code, code_verifier=pkce.verifier,
        redirect_uri=signing.client.redirect_uri).json()
    j401(refresh(signing.client, given["refresh_token"], method="none"))
    again = signing.ask(grant_type="refresh_token", refresh_token=given["refresh_token"]).json()
    assert claims(again["access_token"])["sub"] == user.id


@pytest.mark.conformance("fapi2-security-profile-final-happy-flow", "succeeds")
def test_two_clients_push_sign_and_prove(tenant: Tenant, user: User, tmp_path: Path) -> None:
    """All that FAPI 2.0 wants at once: pushed requests, signing clients and bound tokens."""
    browser = Browser(tenant.instance)
    for algorithm in ("ES256", "PS256"):
        signing = register(
            tenant, tmp_path, "web", algorithm, "--id-token-algorithm", algorithm,
            "--require-pushed-authorization-requests", "--dpop-bound-access-tokens")
        client, key, pkce = signing.client, dpop.Key(algorithm), PKCE.new()
        reference = push(signing, pkce, nonce="n-1").json()["request_uri"]
        page = sign_in(browser, browser.get(pushed_url(client, reference)), user)
        answer = Redirect.read(page)
        assert answer.parameters == {
            "code": answer.code, "state": "st-4711", "iss": tenant.issuer}
        given = present(
            client, signing.assertion(), grant_type="authorization_code", code=answer.code,
            redirect_uri=client.redirect_uri, code_verifier=pkce.verifier,
            headers={"DPoP": key.proof("POST", tenant.endpoint("token"))}).json()
        assert given["token_type"] == "DPoP"
        assert verified(client, given, nonce="n-1", algorithm=algorithm)["sub"] == user.id
        told = dpop.userinfo(tenant, given["access_token"], key)
        assert told.status_code == 200 and told.json()["sub"] == user.id


def push(signing: Signing, pkce: PKCE, assertion: str | None = None,
         **changes: str | None) -> httpx.Response:
    """Pushes a good request, by an assertion."""
    return signing.ask(
        assertion, endpoint="pushed_authorization_request", grant_type=None,
        **request_parameters(signing.client, pkce, **changes))


@pytest.mark.conformance("fapi2-security-profile-final-par-test-array-as-audience-fails", "refused")
@pytest.mark.conformance(
    "fapi2-security-profile-final-par-test-par-endpoint-url-as-audience-fails", "refused")
@pytest.mark.conformance(
    "fapi2-security-profile-final-par-test-token-endpoint-url-as-audience-fails", "refused")
@pytest.mark.conformance(
    "fapi2-security-profile-final-par-ensure-jwt-client-"
    "assertions-nbf-8-seconds-in-the-future-is-accepted",
    "accepted")
@pytest.mark.conformance(
    "fapi2-security-profile-final-par-ensure-jwt-client-"
    "assertions-nbf-over-60-seconds-in-the-future-fails",
    "refused")
def test_a_push_is_signed_for_now_and_for_the_issuer_alone(
    tenant: Tenant, tmp_path: Path
) -> None:
    signing, pkce, now = register(tenant, tmp_path, "web"), PKCE.new(), int(time.time())
    for audience in (
        [tenant.issuer], tenant.endpoint("pushed_authorization_request"),
        tenant.endpoint("token"),
    ):
        j401(push(signing, pkce, signing.assertion(aud=audience)))
    assert push(signing, pkce, signing.assertion(nbf=now + 8)).status_code == 201
    j401(push(signing, pkce, signing.assertion(nbf=now + 70, exp=now + 130)))
    assert push(signing, pkce).status_code == 201


def test_authlib_authenticates_by_a_signature(tenant: Tenant, tmp_path: Path) -> None:
    signing = register(tenant, tmp_path)
    with OAuth2Client(
        signing.client.id, signing.key, token_endpoint_auth_method="private_key_jwt",
        trust_env=False, verify=TLS,
    ) as session:
        session.register_client_auth_method(
            PrivateKeyJWT(tenant.issuer, headers={"kid": signing.key.kid}, alg="ES256"))
        for _ in range(3):
            given = session.fetch_token(
                tenant.endpoint("token"), grant_type="client_credentials")
            tenant.instance._see_json(given)
            assert claims(given["access_token"])["client_id"] == signing.client.id


# What is refused


def test_gh_094_an_assertion_works_once_and_not_for_long(signing: Signing) -> None:
    tenant = signing.client.tenant
    first = signing.assertion(jti="first")
    assert signing.ask(first).status_code == 200
    with recorded(tenant, "client_assertion.reused"):
        j401(signing.ask(first))
        j401(signing.ask(first))
    j401(signing.ask(signing.assertion(jti="first")))
    now = int(time.time())
    for exp in (now + 315_360_000, now + 86_400, now + 3_700, 2**53, 2**63 - 1):
        j401(signing.ask(signing.assertion(exp=exp)))
    # What others, and the client itself, send meanwhile pushes nothing out.
    for _ in range(30):
        assert signing.ask().status_code == 200
        j401(signing.ask(Signing(signing.client, new_key()).assertion()))
    j401(signing.ask(first))
    rows = tenant.instance.database.rows(
        f"SELECT count(*) AS n FROM client_assertion WHERE client_id = '{signing.client.id}'")
    assert rows[0]["n"] == 31


def test_gh_094_one_of_thirty_two_at_once(signing: Signing) -> None:
    with ThreadPoolExecutor(32) as threads:
        for _ in range(4):
            assertion = signing.assertion()
            answers = list(threads.map(lambda _: signing.ask(assertion), range(32)))
            assert sorted(answer.status_code for answer in answers) == [200] + [401] * 31


@pytest.mark.conformance(
    "fapi2-security-profile-final-ensure-client-assertion-with-wrong-aud-fails", "refused")
def test_gh_095_the_audience_is_the_issuer_alone(signing: Signing, instance: Instance) -> None:
    issuer = signing.client.tenant.issuer
    other = instance.create_tenant()
    for audience in (
        signing.client.tenant.endpoint("token"), signing.client.tenant.endpoint("revocation"),
        [issuer], [issuer, "https://rp.test"], issuer + "/", issuer.upper(), other.issuer,
        instance.url, "", [], None, {"a": issuer}, 1, issuer + "\u0301", "https://rp.test",
    ):
        j401(signing.ask(signing.assertion(aud=audience)))
    assert signing.ask().status_code == 200
    moved = Client(other, signing.client.id, None, "machine", "", "private_key_jwt")
    j401(present(moved, signing.assertion(aud=other.issuer)))


@pytest.mark.conformance(
    "fapi2-security-profile-final-ensure-client-assertion-with-no-sub-fails", "refused")
def test_gh_095_who_it_is_from(signing: Signing, tenant: Tenant) -> None:
    other = tenant.create_client("machine")
    for changes in (
        {"iss": None}, {"sub": None}, {"iss": other.id}, {"sub": other.id}, {"iss": [other.id]},
        {"sub": [signing.client.id]}, {"iss": "", "sub": ""}, {"iss": other.id, "sub": other.id},
        {"sub": 1}, {"jti": None}, {"jti": ""}, {"jti": ["a"]}, {"jti": 7}, {"jti": {}},
    ):
        j401(signing.ask(signing.assertion(**changes)))
    j401(signing.ask(client_id=other.id))
    j401(signing.ask(client_assertion_type=None))
    j401(signing.ask(client_assertion_type="urn:ietf:params:oauth:client-assertion-type:saml2-bearer"))
    j401(present(signing.client, None, client_id=signing.client.id))
    j400(present(signing.client, signing.assertion(), client_secret="x"), "invalid_request")
    assert signing.ask(signing.assertion(jti="é" * 3000)).status_code == 200


@pytest.mark.conformance(
    "fapi2-security-profile-final-ensure-client-assertion-with-exp-is-5-minutes-in-past-fails",
    "refused")
def test_gh_097_times(signing: Signing) -> None:
    now = int(time.time())
    for changes in (
        {"nbf": now + 8}, {"iat": now + 8}, {"iat": None}, {"nbf": now - 300}, {"exp": now + 3600},
        {"exp": now + 30.5},
    ):
        assert signing.ask(signing.assertion(**changes)).status_code == 200, changes
    for changes in (
        {"exp": None}, {"exp": now - 300}, {"exp": now - 60}, {"nbf": now + 61}, {"iat": now + 61},
        {"exp": str(now + 60)}, {"exp": 1e300}, {"exp": -1}, {"exp": float("nan")},
        {"exp": float("inf")}, {"exp": True}, {"exp": [now + 60]}, {"nbf": "now"}, {"iat": {}},
        {"exp": 2**64}, {"exp": -(2**63)},
    ):
        head = {"alg": "ES256", "kid": signing.key.kid}
        payload = json.dumps(signing.claims(**changes)).encode()
        j401(signing.ask(signed(signing, head, payload)))


@pytest.mark.attack("GH-098", "GH-127", "GH-128")
def test_gh_098_algorithms(signing: Signing, tenant: Tenant, tmp_path: Path) -> None:
    good = signing.assertion()
    public = signing.key.as_dict(private=False)
    for bad in [*forge.unsigned(good), *forge.confused(good, [public])]:
        j401(signing.ask(bad))
    shared = j401(present(tenant.create_client("machine"), next(iter(
        forge.confused(good, [public])))))
    assert "client_secret_jwt" in shared["error_description"]
    assert "client_secret_jwt" not in tenant.metadata["token_endpoint_auth_methods_supported"]
    only_pss = register(tenant, tmp_path, "machine", "PS256")
    plain = RSAKey.import_key({k: v for k, v in only_pss.key.as_dict(private=True).items()
                               if k != "alg"})
    j401(only_pss.ask(jwt.encode(
        {"alg": "RS256", "kid": only_pss.key.kid}, only_pss.claims(), plain,
        algorithms=["RS256"])))
    assert only_pss.ask().status_code == 200
    assert signing.ask(good).status_code == 200


@pytest.mark.attack("GH-101", "GH-133", "GH-134", "GH-137")
def test_gh_101_signatures(signing: Signing) -> None:
    head, body, _ = signing.assertion().split(".")
    right = raw_signature(signing, f"{head}.{body}".encode())
    r, s = int.from_bytes(right[:32], "big"), int.from_bytes(right[32:], "big")

    def pair(one: int, two: int) -> bytes:
        return one.to_bytes(32, "big") + two.to_bytes(32, "big")

    der = signing.key.private_key.sign(f"{head}.{body}".encode(), ec.ECDSA(SHA256()))
    for wrong in (
        pair(0, 0), pair(r, 0), pair(0, s), pair(ORDER, s), pair(r, ORDER), pair(r + 1, s),
        pair(2**256 - 1, 2**256 - 1), der, b"",
        right[:-1], right + b"\0", right * 2, right[32:] + right[:32], b"\xff" * 64, b"\0" * 64,
    ):
        j401(signing.ask(f"{head}.{body}.{base64url(wrong)}"))
    for bad in forge.rewritten(signing.assertion()):
        j401(signing.ask(bad))
    assert signing.ask(f"{head}.{body}.{base64url(right)}").status_code == 200


@pytest.mark.attack("GH-085", "GH-088")
def test_gh_088_a_client_has_one_way(signing: Signing, tenant: Tenant, tmp_path: Path) -> None:
    j401(token(signing.client, method="none", grant_type="client_credentials"))
    with pytest.raises(CommandFailed):
        tenant.cli("client", "secret", "add", signing.client.id)
    machine = tenant.create_client("machine")
    j401(present(machine, Signing(machine, signing.key).assertion()))
    # Both ways to send a secret, or the one that is registered.
    for method, other in (("client_secret_basic", "client_secret_post"),
                          ("client_secret_post", "client_secret_basic")):
        machine.update("--authentication", method)
        assert token(machine, method=method, grant_type="client_credentials").status_code == 200
        j401(token(machine, method=other, grant_type="client_credentials"))
    # A client that signs from now on has lost its secrets for good.
    file = tmp_path / "keys.json"
    file.write_bytes(key_set(signing.key))
    changed = machine.update("--authentication", "private_key_jwt", "--jwks", str(file))
    assert changed["authentication"] == "private_key_jwt"
    for method in ("client_secret_basic", "client_secret_post", "none"):
        j401(token(machine, method=method, grant_type="client_credentials"))
    assert Signing(machine, signing.key).ask().status_code == 200
    machine.update("--authentication", "secret")
    j401(token(machine, method="client_secret_basic", grant_type="client_credentials"))
    j401(Signing(machine, signing.key).ask())


@pytest.mark.parametrize("what", ["client disabled", "key removed", "tenant disabled"])
def test_gh_103_what_is_taken_away_is_refused_at_once(
    signing: Signing, tenant: Tenant, tmp_path: Path, what: str
) -> None:
    assert signing.ask().status_code == 200
    if what == "client disabled":
        signing.client.update("--disable")
    elif what == "key removed":
        file = tmp_path / "other.json"
        file.write_bytes(key_set(new_key()))
        signing.client.update("--jwks", str(file))
    else:
        tenant.instance.cli("tenant", "update", tenant.slug, "--disable")
    assert signing.ask().status_code in ((401, 404) if what == "tenant disabled" else (401,))


def test_failures_count_as_wrong_secrets_do(signing: Signing, tenant: Tenant) -> None:
    set_limit(tenant, "authentication-client", 3)
    stranger = Signing(signing.client, new_key())
    statuses = [signing.ask(stranger.assertion()).status_code for _ in range(6)]
    assert statuses == [401] * 3 + [429] * 3
    assert signing.ask().status_code == 200
