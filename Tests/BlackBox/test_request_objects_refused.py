"""Signed authorization requests that are refused: attack case GH-331 and its neighbours."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from joserfc import jwt

import forge
from assertions import Signing, key_set, new_key, register, signed
from browser import Browser
from elsewhere import Elsewhere, answer
from expect import j400, j401, page400, redirected
from harness import Client, Instance, Tenant, User
from protocol import PKCE, Redirect, authorize, request_parameters, token
from request_objects import (  # noqa: F401 - fixtures
    TYPE, WRONG, brought, by_value, content, pushed, refused, request_object, signed_in, signing,
)

attack = pytest.mark.attack
conformance = pytest.mark.conformance


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
