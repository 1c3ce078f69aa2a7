"""Signed authorization requests (RFC 9101): attack case GH-331 and its neighbours, and what FAPI 2.0
Message Signing wants of them."""

from __future__ import annotations

import json
import secrets
import time
from pathlib import Path
from typing import Any, Iterator
from urllib.parse import urlencode

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

import forge
from assertions import ALGORITHMS, Signing, key_set, new_key, present, register, signed
from browser import Browser, Page
from conftest import KINDS
from elsewhere import Elsewhere, answer
from expect import j400, j401, page400, redirected
from harness import Client, CommandFailed, Instance, Tenant, User
from protocol import (
    PKCE, Redirect, authorize, claims, pushed_url, redeem, request_parameters, sign_in, token)

TYPE = "oauth-authz-req+jwt"
WRONG = "invalid_request_object"

attack = pytest.mark.attack
conformance = pytest.mark.conformance


def content(signing: Signing, pkce: PKCE | None = None, **changes: Any) -> dict[str, Any]:
    """What a good request object says, with changes; None leaves a member out."""
    now, client = int(time.time()), signing.client
    good = request_parameters(client, pkce or PKCE.new()) | {
        "iss": client.id, "aud": client.tenant.issuer, "iat": now, "nbf": now, "exp": now + 300,
        "jti": secrets.token_urlsafe(16), "state": "inside"}
    return {name: value for name, value in (good | changes).items() if value is not None}


def request_object(
    signing: Signing, pkce: PKCE | None = None, head: dict[str, Any] | None = None, **changes: Any
) -> str:
    head = {"alg": signing.algorithm, "kid": signing.key.kid, "typ": TYPE} | (head or {})
    return jwt.encode(
        head, content(signing, pkce, **changes), signing.key, algorithms=[signing.algorithm])


def by_value(client: Client, request: str, **beside: str) -> str:
    """Where a browser brings a request object by value (RFC 9101 §5.1)."""
    query = urlencode({"client_id": client.id, "request": request} | beside)
    return f"{client.tenant.endpoint('authorization')}?{query}"


def pushed(signing: Signing, request: str | None, **beside: str | None) -> httpx.Response:
    """Pushes a request object (RFC 9126 §3)."""
    return signing.ask(
        endpoint="pushed_authorization_request", grant_type=None, request=request, **beside)


def refused(
    signing: Signing, browser: Browser, request: str, **beside: str
) -> None:
    """RED and J400: neither by value nor pushed."""
    client = signing.client
    answered = Redirect.read(brought(signing, browser, request, **beside))
    assert answered.error == WRONG and answered.uri == client.redirect_uri
    assert "code" not in answered.parameters
    assert answered.parameters["iss"] == client.tenant.issuer
    j400(pushed(signing, request), WRONG)


def brought(signing: Signing, browser: Browser, request: str, **beside: str) -> Page:
    """What a browser gets that brings a request with good parameters beside it."""
    client = signing.client
    outside = request_parameters(client, PKCE.new()) | beside
    if len(request) < 4_000:
        return browser.get(by_value(client, request, **outside))
    return browser.post(
        client.tenant.endpoint("authorization"), outside | {"request": request},
        site="cross-site")


@pytest.fixture
def signing(tenant: Tenant, tmp_path: Path) -> Signing:
    return register(tenant, tmp_path, "web")


@pytest.fixture
def signed_in(signing: Signing, user: User, browser: Browser) -> Browser:
    """A browser in which nobody has to be asked for anything."""
    authorize(browser, signing.client, user, PKCE.new())
    return browser


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


# What is refused


@attack("GH-331", "GH-127", "GH-128")
@conformance(
    "fapi2-security-profile-final-ensure-request-object-signature-algorithm-is-not-none",
    "refused")
@conformance("fapi2-security-profile-final-ensure-request-object-with-invalid-signature-fails",
             "refused")
@conformance("fapi2-security-profile-final-ensure-matching-key-in-authorization-request",
             "refused")
def test_gh_331_signatures(
    signing: Signing, signed_in: Browser, tenant: Tenant, tmp_path: Path
) -> None:
    good = request_object(signing)
    public = signing.key.as_dict(private=False)
    for bad in [*forge.unsigned(good), *forge.confused(good, [public])]:
        refused(signing, signed_in, bad)
    other = register(tenant, tmp_path, "web")
    head, body, _ = good.split(".")
    for bad in (
        request_object(Signing(signing.client, new_key())),
        request_object(Signing(signing.client, other.key)),
        request_object(Signing(signing.client, new_key()), head={"kid": signing.key.kid}),
        f"{head}.{body}.{request_object(other).split('.')[2]}", f"{head}.{body}.AAAA",
        head + "." + request_object(signing, scope="openid email").split(".")[1] + "."
        + good.split(".")[2],
    ):
        refused(signing, signed_in, bad)
    # Another client's good request is none of this one.
    refused(signing, signed_in, request_object(other))
    assert Redirect.read(signed_in.get(by_value(signing.client, good))).code


@attack("GH-331")
@conformance("fapi2-security-profile-final-ensure-expired-request-object-fails", "refused")
@conformance("fapi2-security-profile-final-ensure-request-object-with-bad-aud-fails", "refused")
@conformance(
    "fapi2-security-profile-final-par-authorization-request-containing-request_uri", "refused")
def test_gh_331_who_for_whom_and_when(
    signing: Signing, signed_in: Browser, tenant: Tenant, instance: Instance
) -> None:
    now, client = int(time.time()), signing.client
    other = tenant.create_client("web")
    for changes in (
        {"aud": instance.create_tenant().issuer}, {"aud": tenant.endpoint("authorization")},
        {"aud": tenant.issuer + "/"}, {"aud": []}, {"aud": 1}, {"aud": [tenant.issuer, 1]},
        {"iss": other.id}, {"iss": ""}, {"iss": [client.id]}, {"client_id": other.id},
        {"client_id": None}, {"client_id": ""}, {"client_id": [client.id]}, {"sub": client.id},
        {"exp": now - 60}, {"exp": 0}, {"exp": -1}, {"exp": "soon"}, {"exp": 2**64},
        {"nbf": now + 60}, {"iat": now + 60}, {"nbf": "now"}, {"exp": True},
        {"request": request_object(signing)}, {"request": ""},
        {"request_uri": "https://evil.test/x"},
        {"request_uri": "urn:ietf:params:oauth:request_uri:par_x"},
    ):
        payload = json.dumps(content(signing, **changes)).encode()
        request = signed(
            signing, {"alg": "ES256", "kid": signing.key.kid, "typ": TYPE}, payload)
        refused(signing, signed_in, request)


@attack("GH-331")
def test_gh_331_the_two_things_that_a_client_signs(
    signing: Signing, signed_in: Browser
) -> None:
    """Neither passes for the other, also where both say no more of themselves than JWT."""
    for kind in ("JWT", "client-authentication+jwt", TYPE):
        # An assertion has no address inside, and it is inside that counts if the client signed it;
        # the type that only assertions have is that of nothing which could be one.
        assertion = signing.assertion({"typ": kind})
        if kind.startswith("client"):
            refused(signing, signed_in, assertion)
        else:
            page400(brought(signing, signed_in, assertion))
            j400(pushed(signing, assertion), WRONG)
        both = content(signing) | signing.claims()
        head = {"alg": "ES256", "kid": signing.key.kid, "typ": kind}
        refused(signing, signed_in, jwt.encode(head, both, signing.key, algorithms=["ES256"]))
        j401(signing.ask(request_object(signing, head={"typ": kind})))
        j401(signing.ask(
            request_object(signing, head={"typ": kind}), client_id=signing.client.id))
    for kind in ("at+jwt", "dpop+jwt", "logout+jwt", "token-introspection+jwt", "", "x"):
        refused(signing, signed_in, request_object(signing, head={"typ": kind}))


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    with Elsewhere() as elsewhere:
        yield elsewhere


@pytest.fixture(scope="module", params=KINDS)
def asking_instance(request: pytest.FixtureRequest, elsewhere: Elsewhere) -> Iterator[Instance]:
    """An instance whose operator allows it to ask servers on loopback."""
    with Instance(request.param, elsewhere.flags) as instance:
        yield instance


@pytest.fixture
def asking(asking_instance: Instance) -> Iterator[Tenant]:
    yield asking_instance.create_tenant()
    asking_instance.check()


@attack("GH-331", "GH-139", "GH-136")
def test_gh_331_headers_and_addresses_bring_nothing_along(
    asking: Tenant, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    signing, user = register(asking, tmp_path, "web"), asking.create_user()
    browser = Browser(asking.instance)
    authorize(browser, signing.client, user, PKCE.new())
    attacker = Signing(signing.client, new_key())
    address = elsewhere.answer("/attacker", answer(key_set(attacker.key)))
    seen = len(elsewhere.requests), elsewhere.connections
    for extra in (
        {"jwk": attacker.key.as_dict(private=False)}, {"jku": address}, {"x5u": address},
        {"x5c": ["AAAA"]}, {"kid": address}, {"kid": "../../x"}, {"crit": ["x"], "x": 1},
        {"crit": []}, {"b64": False}, {"crit": ["b64"], "b64": False}, {"zip": "DEF"},
        {"cty": "JWT", "crit": ["cty"]},
    ):
        for kid in (signing.key.kid, attacker.key.kid):
            head = {"alg": "ES256", "kid": kid, "typ": TYPE} | extra
            payload = json.dumps(content(attacker)).encode()
            refused(signing, browser, signed(attacker, head, payload))
            if set(extra) & {"crit", "b64", "zip"}:
                refused(signing, browser, signed(signing, head, payload))
    outside = request_parameters(signing.client, PKCE.new())
    for uri in (address, address.replace("https", "http"), "urn:x", "file:///etc/passwd"):
        page = browser.get(by_value(
            signing.client, request_object(signing), **(outside | {"request_uri": uri})))
        redirected(page, signing.client, (WRONG, "request_uri_not_supported"))
    assert (len(elsewhere.requests), elsewhere.connections) == seen


@attack("GH-331")
def test_gh_331_what_is_no_object_at_all(signing: Signing, signed_in: Browser) -> None:
    head = {"alg": "ES256", "kid": signing.key.kid, "typ": TYPE}
    good = json.dumps(content(signing))
    payloads = [
        b"", b"[]", b"null", b"{", b"\xff", good.encode()[:-1],
        good.replace('"state"', '"client_id": "x", "state"').encode(),
        (good[:-1] + ',"claims":' + "[" * 4_000 + "]" * 4_000 + "}").encode(),
        (good[:-1] + "," + ",".join(f'"p{i}":"v"' for i in range(200)) + "}").encode(),
        json.dumps(content(signing, state="a\0b")).encode(),
        json.dumps(content(signing, redirect_uri=["https://rp.test/cb"])).encode(),
        json.dumps(content(signing) | {"nonce": None}).encode(),
    ]
    for payload in payloads[:-2] + payloads[-1:]:
        refused(signing, signed_in, signed(signing, head, payload))
    page400(brought(signing, signed_in, signed(signing, head, payloads[-2])))
    for bad in ("x", ".", "..", "a.b.c", "a" * 5_000, forge.jws(head, good) + "." * 5):
        refused(signing, signed_in, bad)
    for bad in forge.rewritten(request_object(signing)):
        refused(signing, signed_in, bad)


def test_two_requests_are_none(signing: Signing, signed_in: Browser) -> None:
    client = signing.client
    url = by_value(client, request_object(signing), **request_parameters(client, PKCE.new()))
    page = signed_in.get(f"{url}&request={request_object(signing)}")
    assert Redirect.read(page).error in ("invalid_request", WRONG)
    page400(signed_in.get(f"{by_value(client, request_object(signing))}&client_id={client.id}"))
    page = signed_in.get(by_value(client, "", **request_parameters(client, PKCE.new())))
    redirected(page, client, WRONG)


def test_a_client_without_keys_signs_nothing(
    client: Client, user: User, browser: Browser
) -> None:
    authorize(browser, client, user, PKCE.new())
    signing = Signing(client, new_key())
    outside = request_parameters(client, PKCE.new())
    redirected(browser.get(by_value(client, request_object(signing), **outside)), client, WRONG)
    j400(token(client, endpoint="pushed_authorization_request",
               request=request_object(signing)), WRONG)


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


@attack("GH-346")
def test_gh_346_keys_at_an_address_are_asked_for_again(
    asking: Tenant, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    key, user, browser = new_key(), asking.create_user(), Browser(asking.instance)
    path = f"/requests-{asking.slug}"
    url = elsewhere.answer(path, answer(key_set(key)))
    client = asking.create_client("web", "--jwks-uri", url)
    authorize(browser, client, user, PKCE.new())
    for request in (request_object(Signing(client, key)),) * 2:
        assert Redirect.read(browser.get(by_value(client, request))).code
    assert elsewhere.paths.count(path) == 1
    # A new key is looked for at most once a minute, however many are invented.
    outside = request_parameters(client, PKCE.new())
    for _ in range(10):
        request = request_object(Signing(client, new_key()))
        redirected(browser.get(by_value(client, request, **outside)), client, WRONG)
    assert elsewhere.paths.count(path) <= 2
