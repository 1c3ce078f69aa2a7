"""Signed authorization requests (RFC 9101): attack case GH-331, and what FAPI 2.0 Message Signing
wants of them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from joserfc.jwk import RSAKey

from assertions import ALGORITHMS, Signing, key_set, new_key, present, register
from browser import Browser
from expect import j400, j401, page400
from harness import CommandFailed, Tenant, User
from protocol import (
    PKCE, Redirect, authorize, claims, pushed_url, redeem, request_parameters, sign_in, token)
from request_objects import (  # noqa: F401 - fixtures
    WRONG, by_value, pushed, request_object, signed_in, signing,
)

attack = pytest.mark.attack
conformance = pytest.mark.conformance


# What it is for


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_signed_request_is_taken_by_value_and_pushed(
    tenant: Tenant, user: User, browser: Browser, tmp_path: Path, algorithm: str
) -> None:
    assert tenant.metadata["request_parameter_supported"] is True
    assert tenant.metadata["request_uri_parameter_supported"] is False
    assert algorithm in tenant.metadata["request_object_signing_alg_values_supported"]
    signing = register(tenant, tmp_path, "web", algorithm)
    client = signing.client
    for way in ("by value", "by post", "pushed", "pushed again"):
        pkce = PKCE.new()
        request = request_object(signing, pkce, nonce="n-1")
        if way == "by value":
            page = browser.get(by_value(client, request), site="cross-site")
        elif way == "by post":
            form = {"client_id": client.id, "request": request}
            page = browser.post(tenant.endpoint("authorization"), form, site="cross-site")
        else:
            reference = pushed(signing, request).json()["request_uri"]
            page = browser.get(pushed_url(client, reference))
        given = Redirect.read(sign_in(browser, page, user))
        assert given.parameters["state"] == "inside" and given.uri == client.redirect_uri
        redeemed = signing.ask(
            grant_type="authorization_code", code=given.code, code_verifier=pkce.verifier,
            redirect_uri=client.redirect_uri).json()
        assert claims(redeemed["id_token"])["nonce"] == "n-1"


@pytest.mark.parametrize("kind, method", [
    ("web", "client_secret_basic"), ("web", "client_secret_post"), ("native", "none"),
])
def test_a_client_that_authenticates_otherwise_may_sign_its_requests(
    tenant: Tenant, user: User, browser: Browser, tmp_path: Path, kind: str, method: str
) -> None:
    key, pkce = new_key(), PKCE.new()
    file = tmp_path / "keys.json"
    file.write_bytes(key_set(key))
    client = tenant.create_client(kind, "--jwks", str(file), method=method)
    signing = Signing(client, key)
    shown = tenant.cli("client", "show", client.id)
    assert shown["jwks"]["keys"][0]["kid"] == key.kid
    assert shown["authentication"] == ("none" if method == "none" else "secret")
    page = browser.get(by_value(client, request_object(signing, pkce)))
    given = Redirect.read(sign_in(browser, page, user))
    assert redeem(client, given.code, pkce).status_code == 200
    answered = token(client, endpoint="pushed_authorization_request",
                     request=request_object(signing, pkce))
    assert answered.status_code == 201
    # The keys are not what it proves itself by.
    j401(present(client, signing.assertion(), client_id=client.id))
    with pytest.raises(CommandFailed):
        tenant.create_client("spa", "--jwks", str(file))


@conformance("fapi2-security-profile-final-ensure-request-object-with-multiple-aud-succeeds",
             "succeeds")
@conformance(
    "fapi2-security-profile-final-ensure-request-object-with-nbf-8-seconds-in-the-future-"
    "is-accepted", "accepted")
def test_what_may_be_said_otherwise(signing: Signing, signed_in: Browser) -> None:
    now, issuer = int(time.time()), signing.client.tenant.issuer
    for changes in (
        {"aud": [issuer, "https://other.test"]}, {"aud": None}, {"iss": None}, {"exp": None},
        {"nbf": None}, {"jti": None}, {"nbf": now + 8, "exp": now + 308}, {"nbf": now - 7200},
        {"exp": now + 86_400}, {"sub": "somebody"}, {"extra": [{"a": 1}]},
    ):
        page = signed_in.get(by_value(signing.client, request_object(signing, **changes)))
        assert Redirect.read(page).code, changes
    for kind in ("JWT", "jwt", "application/oauth-authz-req+jwt"):
        request = request_object(signing, head={"typ": kind})
        assert Redirect.read(signed_in.get(by_value(signing.client, request))).code


# Only what is inside counts


@attack("GH-331", "GH-329")
@conformance(
    "fapi2-security-profile-final-ensure-different-nonce-inside-and-outside-request-object",
    "inside")
@conformance(
    "fapi2-security-profile-final-ensure-different-state-inside-and-outside-request-object",
    "inside")
@conformance("fapi2-security-profile-final-state-only-outside-request-object-not-used", "ignored")
def test_gh_331_only_what_is_inside_counts(
    signing: Signing, signed_in: Browser
) -> None:
    client, pkce = signing.client, PKCE.new()
    outside = {
        "state": "outside", "nonce": "outside", "scope": "openid email", "prompt": "login",
        "redirect_uri": "https://evil.test/cb", "response_mode": "form_post",
        "response_type": "token", "max_age": "0", "claims": "{", "resource": "x",
        "code_challenge": PKCE.new().challenge}
    request = request_object(signing, pkce, nonce="inside")
    page = signed_in.get(by_value(client, request, **outside))
    assert "outside" not in (page.location or "")
    given = Redirect.read(page)
    assert given.parameters["state"] == "inside" and given.uri == client.redirect_uri
    told = signing.ask(
        grant_type="authorization_code", code=given.code, code_verifier=pkce.verifier,
        redirect_uri=client.redirect_uri).json()
    said = claims(told["id_token"])
    assert said["nonce"] == "inside" and "email" not in said and told["scope"] == "openid"
    bare = request_object(signing, pkce, state=None, nonce=None)
    given = Redirect.read(signed_in.get(by_value(client, bare, **outside)))
    assert set(given.parameters) == {"code", "iss"}
    answered = pushed(signing, request_object(signing, state=None), **outside)
    page = signed_in.get(pushed_url(client, answered.json()["request_uri"]))
    assert "state" not in Redirect.read(page).parameters


@conformance("oidcc-ensure-request-object-with-redirect-uri", "refused")
@conformance("fapi2-security-profile-final-ensure-request-object-without-redirect-uri-fails",
             "refused")
def test_the_address_is_the_one_inside(
    tenant: Tenant, user: User, browser: Browser, tmp_path: Path
) -> None:
    two = ["https://rp.test/cb", "https://rp.test/other"]
    signing = register(
        tenant, tmp_path, "web", "ES256", "--redirect-uri", two[1])
    client = signing.client
    authorize(browser, client, user, PKCE.new())
    request = request_object(signing, redirect_uri=two[1])
    assert Redirect.read(browser.get(by_value(client, request, redirect_uri=two[0]))).uri == two[1]
    for inside in ("https://evil.test/cb", None, two[0] + "/"):
        request = request_object(signing, redirect_uri=inside)
        page400(browser.get(by_value(client, request, redirect_uri=two[0])), never="evil")
        j400(pushed(signing, request, redirect_uri=two[0]), "invalid_request")
    # Without a signature, there is no address inside; without one outside there is none at all.
    stranger = Signing(client, new_key())
    page400(browser.get(by_value(client, request_object(stranger))))
    page400(browser.get(by_value(
        client, request_object(stranger, redirect_uri="https://evil.test/cb"),
        redirect_uri="https://evil.test/cb")), never="evil")


@pytest.mark.parametrize("changes, error", [
    ({"prompt": "none", "max_age": 0}, "login_required"),
    ({"prompt": "none", "max_age": 3600}, None),
    ({"prompt": "none", "acr_values": "urn:nobody"}, None),
    ({"prompt": "none", "claims": {"id_token": {"acr": {"essential": True,
                                                         "value": "urn:nobody"}}}},
     "unmet_authentication_requirements"),
    ({"prompt": "none", "claims": {"id_token": {"sub": {"value": "usr_" + "0" * 26}}}},
     "login_required"),
    ({"prompt": "none", "claims": '{"id_token":{"email":null}}'}, None),
    ({"prompt": "none login"}, "invalid_request"), ({"prompt": "xyzzy"}, "invalid_request"),
    ({"max_age": -1}, "invalid_request"), ({"max_age": "soon"}, "invalid_request"),
    ({"claims": "{"}, "invalid_request"), ({"claims": ["email"]}, "invalid_request"),
    ({"scope": "openid admin"}, "invalid_scope"), ({"scope": ["openid"]}, "invalid_scope"),
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_type": None}, "invalid_request"), ({"code_challenge": None}, "invalid_request"),
    ({"response_mode": "fragment"}, "invalid_request"),
    ({"resource": ["https://nobody.test"]}, "invalid_target"),
    ({"registration": {"client_name": "x"}}, "registration_not_supported"),
    ({"dpop_jkt": "x"}, "invalid_request"), ({"id_token_hint": "a.b.c"}, "invalid_request"),
])
def test_what_is_asked_for_inside_is_asked_for(
    signing: Signing, signed_in: Browser, changes: dict[str, Any], error: str | None
) -> None:
    page = signed_in.get(by_value(signing.client, request_object(signing, **changes)))
    given = Redirect.read(page)
    assert given.error == error and given.parameters["state"] == "inside"
    if error is None:
        assert given.code


def test_a_fresh_sign_in_is_asked_for_inside(
    signing: Signing, user: User, signed_in: Browser
) -> None:
    for changes in ({"prompt": "login"}, {"max_age": 0}):
        page = signed_in.follow(
            signed_in.get(by_value(signing.client, request_object(signing, **changes))))
        assert page.status == 200
        assert Redirect.read(sign_in(signed_in, page, user)).code
    password = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
    pkce = PKCE.new()
    page = signed_in.get(by_value(
        signing.client, request_object(signing, pkce, acr_values=password)))
    told = signing.ask(
        grant_type="authorization_code", code=Redirect.read(page).code,
        code_verifier=pkce.verifier, redirect_uri=signing.client.redirect_uri).json()
    assert claims(told["id_token"])["acr"] == password


# What a client is set to


@attack("GH-331", "GH-328")
@conformance("fapi2-security-profile-final-ensure-unsigned-request-at-par-endpoint-fails",
             "refused")
def test_gh_331_a_client_that_has_to_sign(
    tenant: Tenant, user: User, browser: Browser, tmp_path: Path
) -> None:
    signing = register(tenant, tmp_path, "web", "ES256", "--require-signed-request-object")
    client = signing.client
    assert tenant.cli("client", "show", client.id)["require_signed_request_object"] is True
    outside = request_parameters(client, PKCE.new())
    page = browser.get(f"{tenant.endpoint('authorization')}?{urlencode(outside)}")
    assert Redirect.read(page).error == "invalid_request"
    j400(pushed(signing, None, **outside), "invalid_request")
    pkce = PKCE.new()
    page = browser.get(by_value(client, request_object(signing, pkce)))
    assert Redirect.read(sign_in(browser, page, user)).code
    answered = pushed(signing, request_object(signing))
    page = browser.get(pushed_url(client, answered.json()["request_uri"]))
    assert Redirect.read(page).code
    with pytest.raises(CommandFailed) as failed:
        tenant.create_client("web", "--require-signed-request-object")
    assert "--jwks" in failed.value.stderr


def test_a_client_may_be_set_to_one_algorithm(
    tenant: Tenant, user: User, browser: Browser, tmp_path: Path
) -> None:
    key = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
    file = tmp_path / "keys.json"
    file.write_bytes(key_set(key))
    client = tenant.create_client("web", "--jwks", str(file))
    authorize(browser, client, user, PKCE.new())
    outside = request_parameters(client, PKCE.new())
    for allowed, others in (("PS256", ["RS256"]), ("any", []), ("RS256", ["PS256"])):
        client.update("--request-object-algorithm", allowed)
        for algorithm in ("PS256", "RS256"):
            request = request_object(Signing(client, key, algorithm))
            page = browser.get(by_value(client, request, **outside))
            assert Redirect.read(page).error == (WRONG if algorithm in others else None)
