"""What a client promises by a profile: FAPI 2.0 and its message signing, from registration to the
last token."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

import dpop
from assertions import Signing, key_set, new_key, present, register
from browser import Browser
from expect import j400, j401
from harness import Client, CommandFailed, Tenant, User
from protocol import (
    PKCE, Redirect, authorization_url, authorize, claims, pushed_url, request_parameters, sign_in)
from request_objects import content, request_object

STRONG = ["PS256", "ES256", "EdDSA"]
WRONG = "invalid_request_object"

conformance = pytest.mark.conformance


def bank(
    tenant: Tenant, folder: Path, algorithm: str = "ES256", profile: str = "fapi2",
    *arguments: str,
) -> Signing:
    """A client of a profile, with nothing else said than its keys."""
    return register(tenant, folder, "web", algorithm, "--profile", profile, *arguments)


def push(signing: Signing, pkce: PKCE, key: dpop.Key | None = None, **form: Any) -> httpx.Response:
    """Pushes a request as the client's profile wants it, or these parameters instead."""
    tenant = signing.client.tenant
    headers = {"DPoP": key.proof("POST", tenant.endpoint("pushed_authorization_request"))} \
        if key else None
    form = form or request_parameters(signing.client, pkce)
    return signing.ask(
        endpoint="pushed_authorization_request", grant_type=None, headers=headers, **form)


def redeem(
    signing: Signing, code: str, pkce: PKCE, key: dpop.Key | None, assertion: str | None = None
) -> httpx.Response:
    tenant = signing.client.tenant
    headers = {"DPoP": key.proof("POST", tenant.endpoint("token"))} if key else None
    return present(
        signing.client, assertion or signing.assertion(), grant_type="authorization_code",
        code=code, redirect_uri=signing.client.redirect_uri, code_verifier=pkce.verifier,
        headers=headers)


def code(signing: Signing, user: User, browser: Browser, pkce: PKCE, **changes: str) -> str:
    form = request_parameters(signing.client, pkce, **changes)
    reference = push(signing, pkce, **form).json()["request_uri"]
    page = sign_in(browser, browser.get(pushed_url(signing.client, reference)), user)
    return Redirect.read(page).code


def keys(tenant: Tenant) -> KeySet:
    return KeySet.import_key_set(tenant.instance.http.get(tenant.endpoint("jwks_uri")).json())


# Registering


def test_a_profile_sets_what_it_asks_for(tenant: Tenant, tmp_path: Path) -> None:
    signing = bank(tenant, tmp_path)
    shown = tenant.cli("client", "show", signing.client.id)
    assert shown["profile"] == "fapi2" and shown["pkce"] == "required"
    assert shown["require_pushed_authorization_requests"] is True
    assert shown["dpop_bound_access_tokens"] is True and shown["rotation"] == "stable"
    assert "RS256" not in (shown["id_token_algorithm"], shown["access_token_algorithm"])
    assert shown["require_signed_request_object"] is False
    signing = bank(tenant, tmp_path, "PS256", "fapi2-message-signing")
    shown = tenant.cli("client", "show", signing.client.id)
    assert shown["require_signed_request_object"] is True
    assert shown["response_modes"] == ["query.jwt"]
    details = [
        event["detail"] for event in tenant.instance.events(tenant)
        if event["kind"] == "client.created"]
    assert '"fapi2"' in details[0] and '"fapi2-message-signing"' in details[1]


def test_every_contradiction_is_named(tenant: Tenant, tmp_path: Path) -> None:
    with pytest.raises(CommandFailed) as failed:
        tenant.create_client(
            "web", "--profile", "fapi2", "--no-dpop-bound-access-tokens",
            "--no-require-pushed-authorization-requests", "--id-token-algorithm", "RS256",
            "--pkce", "optional", "--rotation", "rotate", "--device-authorization",
            redirect_uris=["https://rp.test/cb", "http://127.0.0.1/cb"])
    assert failed.value.code == 2
    for words in ("fapi2", "private_key_jwt", "pushed", "DPoP", "PS256", "PKCE", "rotation",
                  "https://", "device"):
        assert words in failed.value.stderr, words
    signing = bank(tenant, tmp_path, "ES256", "fapi2-message-signing")
    for flags, words in (
        (["--response-mode", "query"], ".jwt"), (["--no-require-signed-request-object"], "signed"),
        (["--userinfo-algorithm", "RS256"], "PS256"),
        (["--access-token-algorithm", "RS256"], "PS256"),
        (["--request-object-algorithm", "RS256"], "PS256"),
        (["--authentication", "secret"], "private_key_jwt"),
        (["--redirect-uri", "com.example.app:/cb"], "https://"),
        (["--no-dpop-bound-access-tokens"], "DPoP"),
    ):
        with pytest.raises(CommandFailed) as failed:
            signing.client.update(*flags)
        assert words in failed.value.stderr and "fapi2-message-signing" in failed.value.stderr
    for kind in ("spa", "native"):
        with pytest.raises(CommandFailed):
            tenant.create_client(kind, "--profile", "fapi2")
    with pytest.raises(CommandFailed):
        tenant.create_client("web", "--profile", "fapi1")
    # A client may take on a profile later, and put it off again.
    file = tmp_path / "keys.json"
    file.write_bytes(key_set(new_key()))
    client = tenant.create_client("web")
    with pytest.raises(CommandFailed):
        client.update("--profile", "fapi2")
    changed = client.update("--profile", "fapi2", "--authentication", "private_key_jwt",
                            "--jwks", str(file))
    assert changed["profile"] == "fapi2" and changed["dpop_bound_access_tokens"] is True
    assert client.update("--profile", "standard")["profile"] == "standard"


def test_what_is_let_off_a_default_is_legacy(tenant: Tenant) -> None:
    client = tenant.create_client("web", "--pkce", "optional")
    assert tenant.cli("client", "show", client.id)["profile"] == "legacy"
    event = tenant.instance.events(tenant)[-1]
    assert "pkce_not_required" in event["detail"]
    with pytest.raises(CommandFailed) as failed:
        client.update("--profile", "standard")
    assert "pkce_not_required" in failed.value.stderr
    assert client.update("--profile", "standard", "--pkce", "required")["profile"] == "standard"
    assert client.update("--userinfo-scope", "registered")["profile"] == "legacy"
    assert client.update("--name", "Other")["profile"] == "legacy"
    assert tenant.cli("client", "show", tenant.create_client("web").id)["profile"] == "standard"


# FAPI 2.0 Security Profile


@conformance("fapi2-security-profile-final-happy-flow", "succeeds")
@pytest.mark.parametrize("algorithm", STRONG)
def test_everything_that_fapi_wants(
    tenant: Tenant, user: User, browser: Browser, tmp_path: Path, algorithm: str
) -> None:
    signing = bank(
        tenant, tmp_path, algorithm, "fapi2", "--id-token-algorithm", algorithm)
    key, pkce = dpop.Key(algorithm), PKCE.new()
    form = request_parameters(
        signing.client, pkce, scope="openid offline_access", nonce="n-1")
    reference = push(signing, pkce, key, **form).json()["request_uri"]
    page = sign_in(browser, browser.get(pushed_url(signing.client, reference)), user)
    given = Redirect.read(page)
    assert given.parameters["iss"] == tenant.issuer
    told = redeem(signing, given.code, pkce, key).json()
    assert told["token_type"] == "DPoP"
    read = jwt.decode(told["id_token"], keys(tenant), algorithms=[algorithm])
    assert read.claims["sub"] == user.id and read.claims["nonce"] == "n-1"
    assert claims(told["access_token"])["cnf"]["jkt"] == key.thumbprint
    assert dpop.userinfo(tenant, told["access_token"], key).json()["sub"] == user.id
    # The refresh token is bound, so it stays.
    for _ in range(2):
        again = present(
            signing.client, signing.assertion(), grant_type="refresh_token",
            refresh_token=told["refresh_token"],
            headers={"DPoP": key.proof("POST", tenant.endpoint("token"))}).json()
        assert again["refresh_token"] == told["refresh_token"]


@conformance(
    "fapi2-security-profile-final-ensure-unsigned-authorization-request-without-using-par-fails",
    "refused")
@conformance("fapi2-security-profile-final-ensure-holder-of-key-required", "refused")
@conformance("fapi2-security-profile-final-ensure-signed-client-assertion-with-RS256-fails",
             "refused")
@pytest.mark.attack("GH-328")
def test_gh_328_a_breach_is_refused_in_the_name_of_the_profile(
    tenant: Tenant, user: User, browser: Browser, tmp_path: Path
) -> None:
    plain = tenant.create_client("web")
    authorize(browser, plain, user, PKCE.new())
    key = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
    file = tmp_path / "rsa.json"
    file.write_bytes(key_set(key))
    client = tenant.create_client(
        "web", "--profile", "fapi2", "--authentication", "private_key_jwt", "--jwks", str(file),
        method="private_key_jwt")
    signing, weak = Signing(client, key, "PS256"), Signing(client, key, "RS256")
    named = "This client's profile fapi2 asks for "
    given = Redirect.read(browser.get(authorization_url(client, PKCE.new())))
    assert given.error == "invalid_request"
    assert given.parameters["error_description"].startswith(named + "pushed")
    by_value = Redirect.read(browser.get(authorization_url(
        client, PKCE.new(), request=request_object(signing))))
    assert by_value.error == "invalid_request"
    pkce = PKCE.new()
    j401(push(weak, pkce))
    j400(push(signing, pkce, request=request_object(weak)), WRONG)
    secret = code(signing, user, browser, pkce)
    j401(redeem(signing, secret, pkce, dpop.Key(), weak.assertion()))
    unbound = j400(redeem(signing, secret, pkce, None), "invalid_dpop_proof")
    assert unbound["error_description"].startswith(named + "a DPoP proof")
    weakly = j400(redeem(signing, secret, pkce, dpop.Key("RS256")), "invalid_dpop_proof")
    assert weakly["error_description"].startswith(named + "PS256")
    assert redeem(signing, secret, pkce, dpop.Key("PS256")).status_code == 200


def test_no_resource_makes_tokens_weaker(
    tenant: Tenant, user: User, browser: Browser, tmp_path: Path
) -> None:
    api = "https://orders.test"
    tenant.cli("resource", "create", "--identifier", api, "--name", "Orders",
               "--algorithm", "RS256")
    signing, pkce = bank(tenant, tmp_path), PKCE.new()
    secret = code(signing, user, browser, pkce, resource=api)
    refused = j400(redeem(signing, secret, pkce, dpop.Key()), "invalid_target")
    assert "fapi2" in refused["error_description"]
    tenant.cli("resource", "update", api, "--algorithm", "EdDSA")
    pkce = PKCE.new()
    secret = code(signing, user, browser, pkce, resource=api)
    told = redeem(signing, secret, pkce, dpop.Key()).json()
    assert jwt.decode(told["access_token"], keys(tenant), algorithms=["EdDSA"])


# FAPI 2.0 Message Signing


def signed_code(
    signing: Signing, user: User, browser: Browser, pkce: PKCE, **changes: Any
) -> dict[str, Any]:
    """The claims of the signed answer to a request that was signed and pushed."""
    tenant = signing.client.tenant
    request = request_object(signing, pkce, **({"response_mode": "jwt"} | changes))
    answered = push(signing, pkce, request=request)
    assert answered.status_code == 201, answered.text
    page = browser.get(pushed_url(signing.client, answered.json()["request_uri"]))
    given = Redirect.read(sign_in(browser, page, user))
    assert set(given.parameters) == {"response"}
    read = jwt.decode(given.parameters["response"], keys(tenant), algorithms=STRONG)
    tenant.instance.keep_secret(given.parameters["response"], read.claims.get("code"))
    assert read.claims["iss"] == tenant.issuer and read.claims["aud"] == signing.client.id
    assert time.time() < read.claims["exp"] <= time.time() + 600
    return dict(read.claims)


@pytest.mark.parametrize("algorithm", STRONG)
@conformance("fapi2-security-profile-final-happy-flow", "succeeds")
def test_everything_that_message_signing_wants(
    tenant: Tenant, user: User, browser: Browser, tmp_path: Path, algorithm: str
) -> None:
    signing = bank(
        tenant, tmp_path, algorithm, "fapi2-message-signing", "--id-token-algorithm", algorithm,
        "--userinfo-algorithm", algorithm)
    key, pkce = dpop.Key(algorithm), PKCE.new()
    answered = signed_code(signing, user, browser, pkce, nonce="n-1")
    assert answered["state"] == "inside"
    told = redeem(signing, answered["code"], pkce, key).json()
    read = jwt.decode(told["id_token"], keys(tenant), algorithms=[algorithm])
    assert read.claims["nonce"] == "n-1"
    info = dpop.userinfo(tenant, told["access_token"], key)
    assert info.headers["content-type"] == "application/jwt"
    assert jwt.decode(info.text, keys(tenant), algorithms=[algorithm]).claims["sub"] == user.id
    # Whoever asks about the token is answered by a JWT, whatever it accepts.
    told_of = signing.ask(endpoint="introspection", grant_type=None, token=told["access_token"],
                          headers={"Accept": "application/json"})
    assert told_of.headers["content-type"] == "application/token-introspection+jwt"
    said = jwt.decode(told_of.text, keys(tenant), algorithms=[algorithm])
    assert said.header["typ"] == "token-introspection+jwt"
    assert said.claims["token_introspection"]["active"] is True
    assert said.claims["aud"] == signing.client.id and said.claims["iss"] == tenant.issuer


@conformance("fapi2-security-profile-final-ensure-request-object-without-exp-fails", "refused")
@conformance("fapi2-security-profile-final-ensure-request-object-without-nbf-fails", "refused")
@conformance("fapi2-security-profile-final-ensure-expired-request-object-fails", "refused")
@conformance("fapi2-security-profile-final-ensure-request-object-with-bad-aud-fails", "refused")
@conformance("fapi2-security-profile-final-ensure-request-object-with-exp-over-60-fails",
             "refused")
@conformance("fapi2-security-profile-final-ensure-request-object-with-nbf-over-60-fails",
             "refused")
@conformance(
    "fapi2-security-profile-final-ensure-request-object-with-nbf-8-seconds-in-the-future-"
    "is-accepted", "accepted")
@conformance("fapi2-security-profile-final-ensure-request-object-with-multiple-aud-succeeds",
             "succeeds")
@pytest.mark.attack("GH-331")
def test_gh_331_a_request_is_for_an_hour_at_most(tenant: Tenant, tmp_path: Path) -> None:
    signing = bank(tenant, tmp_path, "ES256", "fapi2-message-signing")
    now, pkce = int(time.time()), PKCE.new()
    good = {"response_mode": "jwt"}
    for changes in (
        {"exp": None}, {"nbf": None}, {"aud": None}, {"aud": "https://other.test"},
        {"exp": now + 3_660, "nbf": now}, {"nbf": now - 3_660, "exp": now + 60},
        {"nbf": now - 3_660, "exp": now - 100}, {"exp": now - 60}, {"nbf": now + 60},
        {"nbf": now, "exp": now + 315_360_000}, {"nbf": -(2**40), "exp": now + 60},
        {"nbf": -(2**53), "exp": 2**53},
    ):
        request = request_object(signing, pkce, **(good | changes))
        j400(push(signing, pkce, request=request), WRONG)
    for changes in (
        {}, {"nbf": now + 8, "exp": now + 300}, {"nbf": now - 3_000, "exp": now + 500},
        {"exp": now + 3_590}, {"aud": [tenant.issuer, "https://other.test"]},
    ):
        request = request_object(signing, pkce, **(good | changes))
        assert push(signing, pkce, request=request).status_code == 201, changes


@conformance("fapi2-security-profile-final-ensure-unsigned-request-at-par-endpoint-fails",
             "refused")
@conformance("fapi2-security-profile-final-ensure-signed-request-object-with-RS256-fails",
             "refused")
def test_message_signing_takes_nothing_unsigned(tenant: Tenant, tmp_path: Path) -> None:
    key = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
    file = tmp_path / "rsa.json"
    file.write_bytes(key_set(key))
    client = tenant.create_client(
        "web", "--profile", "fapi2-message-signing", "--authentication", "private_key_jwt",
        "--jwks", str(file), method="private_key_jwt")
    signing, weak, pkce = Signing(client, key, "PS256"), Signing(client, key, "RS256"), PKCE.new()
    named = "This client's profile fapi2-message-signing asks for "
    told = j400(push(signing, pkce), "invalid_request")
    assert told["error_description"].startswith(named + "signed requests")
    told = j400(push(signing, pkce, request=request_object(weak, pkce, response_mode="jwt")), WRONG)
    assert told["error_description"].startswith(named + "PS256")
    for mode in (None, "query", "form_post"):
        told = j400(push(signing, pkce, request=request_object(
            signing, pkce, response_mode=mode)), "invalid_request")
        assert told["error_description"].startswith(named + "a response_mode")
    assert push(signing, pkce, request=request_object(
        signing, pkce, response_mode="jwt")).status_code == 201
    # Beside the object there is nothing.
    beside = {name: value for name, value in content(signing, pkce).items()
              if name in ("scope", "response_type", "redirect_uri", "state")}
    bare = request_object(signing, pkce, redirect_uri=None, response_mode="jwt")
    j400(push(signing, pkce, request=bare, **beside), "invalid_request")
