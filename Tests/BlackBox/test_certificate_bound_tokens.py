"""Tokens that are bound to a certificate (RFC 8705 §3), and what else they could be bound to."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

import dpop
from assertions import TYPE, register as register_signing
from browser import Browser
from expect import invalid_token, j400, j401
from harness import CommandFailed, Tenant, User
from mtls import SUBJECT, alias, ask, self_signed, send, tls_client, told
from mutual import (  # noqa: F401 - fixtures
    BOUND, GOOD, OFFLINE, ROOT, acme, code_for, granted, kay, mutual_instance, redeem)
from protocol import PKCE, Redirect, claims, pushed_url, request_parameters, sign_in
from test_profiles import bank
from test_resources import create as create_resource


@pytest.mark.conformance("fapi2-security-profile-final-ensure-holder-of-key-required", "refused")
@pytest.mark.parametrize("form", ["jwt", "opaque"])
def test_a_bound_token_is_for_whoever_has_the_certificate(
    acme: Tenant, kay: User, form: str
) -> None:
    create_resource(acme, "https://api.test", "--token-format", form)
    client, pkce = tls_client(acme, SUBJECT, "web", BOUND), PKCE.new()
    assert acme.cli("client", "show", client.id)[BOUND[2:].replace("-", "_")] is True
    code = code_for(client, kay, pkce, scope=OFFLINE, resource="https://api.test")
    given = granted(redeem(client, GOOD, code, pkce))
    assert given["token_type"] == "Bearer"
    token = given["access_token"]
    seen = granted(ask(client, GOOD, endpoint="introspection", grant_type=None, token=token))
    assert seen["cnf"] == {"x5t#S256": GOOD.thumbprint} and seen["token_type"] == "Bearer"
    if form == "jwt":
        assert claims(token)["cnf"] == seen["cnf"]
    assert told(acme, token, GOOD).json()["sub"] == kay.id
    same = ROOT.issue(key=GOOD.key)
    for other in (None, same, self_signed(), ROOT.issue()):
        refused = told(acme, token, other)
        invalid_token(refused)
        assert "certificate" in refused.headers["www-authenticate"]
    # The other listener asks nobody for a certificate, and DPoP is something else.
    bare = {"Authorization": f"Bearer {token}"}
    invalid_token(acme.instance.http.get(acme.endpoint("userinfo"), headers=bare))
    assert told(acme, token, GOOD, "DPoP").status_code == 401
    # A client that has a certificate is bound anew with each, whichever it shows.
    renewed = granted(ask(
        client, same, grant_type="refresh_token", refresh_token=given["refresh_token"]))
    assert told(acme, renewed["access_token"], same).status_code == 200
    invalid_token(told(acme, renewed["access_token"], GOOD))


def test_an_unbound_token_is_for_whoever_has_it(acme: Tenant, kay: User) -> None:
    client, pkce = tls_client(acme, SUBJECT, "web"), PKCE.new()
    given = granted(redeem(client, GOOD, code_for(client, kay, pkce), pkce))
    for identity in (None, GOOD, self_signed()):
        assert told(acme, given["access_token"], identity).status_code == 200


@pytest.mark.conformance("fapi2-security-profile-final-refresh-token", "key")
def test_refresh_tokens_of_public_clients_are_bound(acme: Tenant, kay: User) -> None:
    client, pkce, phone = acme.create_client("native", BOUND), PKCE.new(), self_signed()
    code = code_for(client, kay, pkce, scope=OFFLINE)
    given = granted(redeem(client, phone, code, pkce))
    first = given["refresh_token"]
    assert claims(given["access_token"])["cnf"] == {"x5t#S256": phone.thumbprint}
    for thief in (self_signed(), self_signed(key=phone.key)):
        j400(ask(client, thief, grant_type="refresh_token", refresh_token=first), "invalid_grant")
    j400(ask(client, None, grant_type="refresh_token", refresh_token=first), "invalid_request")
    for _ in range(2):
        again = granted(ask(client, phone, grant_type="refresh_token", refresh_token=first))
        # It stays: the certificate is worth more than rotation.
        assert again.get("refresh_token", first) == first
        assert claims(again["access_token"])["cnf"] == {"x5t#S256": phone.thumbprint}
    client.update("--no-tls-client-certificate-bound-access-tokens")
    j400(ask(client, phone, grant_type="refresh_token", refresh_token=first), "invalid_grant")


def test_two_certificates_race_for_one_refresh_token(acme: Tenant, kay: User) -> None:
    """Whichever comes first: a code binds its grant once."""
    client, pkce = acme.create_client("native", BOUND), PKCE.new()
    code, both = code_for(client, kay, pkce, scope=OFFLINE), [self_signed(), self_signed()]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda one: redeem(client, one, code, pkce), both))
    good = [(one, a.json()) for one, a in zip(both, answers) if a.status_code == 200]
    assert len(good) == 1, [a.text for a in answers]
    winner, given = good[0]
    assert claims(given["access_token"])["cnf"] == {"x5t#S256": winner.thumbprint}


def test_a_client_that_is_bound_to_certificates_needs_one(acme: Tenant) -> None:
    machine = acme.create_client("machine", BOUND)
    auth = httpx.BasicAuth(machine.id, machine.secret or "")
    form = {"grant_type": "client_credentials"}
    without = send(acme.instance, None, "POST", alias(acme, "token"), data=form, auth=auth)
    assert "certificate" in j400(without, "invalid_request")["error_description"]
    at_home = acme.instance.http.post(acme.endpoint("token"), data=form, auth=auth)
    j400(at_home, "invalid_request")
    given = granted(send(acme.instance, GOOD, "POST", alias(acme, "token"), data=form, auth=auth))
    assert claims(given["access_token"])["cnf"] == {"x5t#S256": GOOD.thumbprint}


# Both at once


def test_a_token_is_bound_to_one_thing(acme: Tenant, kay: User) -> None:
    key = dpop.Key()
    plain = tls_client(acme)
    proof = key.proof("POST", alias(acme, "token"))
    given = granted(ask(plain, GOOD, headers={"DPoP": proof}))
    # The certificate says who it is; the proof, what the token is bound to.
    assert given["token_type"] == "DPoP"
    assert claims(given["access_token"])["cnf"] == {"jkt": key.thumbprint}
    bound = tls_client(acme, SUBJECT, "machine", BOUND)
    proof = key.proof("POST", alias(acme, "token"))
    refused = j400(ask(bound, GOOD, headers={"DPoP": proof}), "invalid_request")
    assert "DPoP" in refused["error_description"]
    demanding = tls_client(acme, SUBJECT, "machine", "--dpop-bound-access-tokens")
    j400(ask(demanding, GOOD), "invalid_dpop_proof")
    with pytest.raises(CommandFailed) as failed:
        tls_client(acme, SUBJECT, "machine", BOUND, "--dpop-bound-access-tokens")
    assert failed.value.code == 2
    web, pkce = tls_client(acme, SUBJECT, "web", BOUND), PKCE.new()
    proof = key.proof("POST", alias(acme, "pushed_authorization_request"))
    j400(ask(
        web, GOOD, endpoint="pushed_authorization_request", grant_type=None,
        headers={"DPoP": proof}, **request_parameters(web, pkce)), "invalid_request")


def test_a_proof_is_about_the_address_that_was_asked(acme: Tenant) -> None:
    client, key = tls_client(acme), dpop.Key()
    there = key.proof("POST", acme.endpoint("token"))
    j400(ask(client, GOOD, headers={"DPoP": there}), "invalid_dpop_proof")
    signing_in = acme.create_client("machine")
    here = key.proof("POST", alias(acme, "token"))
    j400(dpop.ask(signing_in, here, grant_type="client_credentials"), "invalid_dpop_proof")


def test_a_client_that_signs_may_ask_there_as_well(acme: Tenant, tmp_path: Path) -> None:
    """The audience of an assertion is the issuer, and no address of an endpoint."""
    signing = register_signing(acme, tmp_path)
    given = granted(ask(
        signing.client, GOOD, client_assertion_type=TYPE, client_assertion=signing.assertion()))
    assert "cnf" not in claims(given["access_token"])
    j401(ask(
        signing.client, GOOD, client_assertion_type=TYPE,
        client_assertion=signing.assertion(aud=alias(acme, "token"))))
    j401(ask(signing.client, GOOD))


# Profiles


@pytest.mark.conformance("fapi2-security-profile-final-happy-flow", "succeeds")
@pytest.mark.parametrize("by_certificate", [True, False])
def test_fapi_by_mutual_tls(
    acme: Tenant, kay: User, tmp_path: Path, by_certificate: bool
) -> None:
    """Pushed requests, and tokens bound to a certificate: the client says who it is by that, or by a
    signature."""
    if by_certificate:
        client = tls_client(acme, SUBJECT, "web", "--profile", "fapi2", BOUND)
        def proves() -> dict[str, str]:
            return {}
    else:
        signing = bank(acme, tmp_path, "ES256", "fapi2", BOUND)
        client = signing.client
        def proves() -> dict[str, str]:
            return {"client_assertion_type": TYPE, "client_assertion": signing.assertion()}
    shown = acme.cli("client", "show", client.id)
    assert shown["profile"] == "fapi2" and shown["dpop_bound_access_tokens"] is False
    pkce = PKCE.new()
    pushed = ask(
        client, GOOD, endpoint="pushed_authorization_request", grant_type=None, **proves(),
        **request_parameters(client, pkce, nonce="n-1"))
    assert pushed.status_code == 201, pushed.text
    browser = Browser(acme.instance)
    page = sign_in(browser, browser.get(pushed_url(client, pushed.json()["request_uri"])), kay)
    code = Redirect.read(page).code
    if not by_certificate:
        lacking = redeem(client, None, code, pkce, **proves())
        assert "profile fapi2" in j400(lacking, "invalid_request")["error_description"]
    given = granted(redeem(client, GOOD, code, pkce, **proves()))
    assert claims(given["access_token"])["cnf"] == {"x5t#S256": GOOD.thumbprint}
    assert told(acme, given["access_token"], GOOD).json()["sub"] == kay.id
    invalid_token(told(acme, given["access_token"], None))
    with pytest.raises(CommandFailed) as failed:
        client.update("--no-tls-client-certificate-bound-access-tokens")
    assert "mutual TLS" in failed.value.stderr
    with pytest.raises(CommandFailed) as failed:
        client.update("--authentication", "secret")
    assert "mutual TLS" in failed.value.stderr
