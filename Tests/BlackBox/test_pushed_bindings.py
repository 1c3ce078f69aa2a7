"""What a pushed request carries besides its parameters: a key for its code (RFC 9449 §10.1), and
more than one resource (RFC 8707)."""

from __future__ import annotations

import httpx
import pytest

import dpop
from browser import Browser
from dpop import Key
from expect import j400
from harness import Client, Tenant, User
from protocol import PKCE, Redirect, claims, redeem, request_parameters, sign_in, token
from watch import recorded

PAR = "pushed_authorization_request"


@pytest.fixture
def native(tenant: Tenant) -> Client:
    return tenant.create_client("native")


def push(client: Client, proof: str | None, pkce: PKCE, **changes: str | None) -> httpx.Response:
    return token(client, endpoint=PAR, headers={"DPoP": proof} if proof else {},
                 **request_parameters(client, pkce, **changes))


def code(client: Client, user: User, reference: str) -> str:
    """Brings a pushed request, and signs the user in."""
    browser = Browser(client.tenant.instance)
    query = httpx.QueryParams({"client_id": client.id, "request_uri": reference})
    page = browser.get(f"{client.tenant.endpoint('authorization')}?{query}", site="cross-site")
    return Redirect.read(sign_in(browser, page, user)).code


@pytest.mark.conformance(
    "fapi2-security-profile-final-ensure-dpopproof-at-par-endpoint-binding-success", "succeeds")
@pytest.mark.conformance(
    "fapi2-security-profile-final-ensure-token-endpoint-fails-with-mismatched-dpop-proof-jkt",
    "refused")
def test_a_proof_binds_the_code_to_its_key(native: Client, user: User) -> None:
    key, url = Key(), native.tenant.endpoint(PAR)
    for named in (None, key.thumbprint):
        pkce = PKCE.new()
        answer = push(native, key.proof("POST", url), pkce, dpop_jkt=named)
        assert answer.status_code == 201, answer.text
        held = code(native, user, answer.json()["request_uri"])
        given = dpop.redeem(native, held, pkce, key).json()
        assert claims(given["access_token"])["cnf"] == {"jkt": key.thumbprint}
        answer = push(native, key.proof("POST", url), pkce, dpop_jkt=named)
        held = code(native, user, answer.json()["request_uri"])
        j400(dpop.redeem(native, held, pkce, Key()), "invalid_grant")


@pytest.mark.conformance(
    "fapi2-security-profile-final-ensure-mismatched-dpop-jkt-fails", "refused")
def test_a_proof_of_a_pushed_request_is_checked_and_counts_once(
    native: Client, tenant: Tenant
) -> None:
    key, url, pkce = Key(), tenant.endpoint(PAR), PKCE.new()
    proof = key.proof("POST", url)
    assert push(native, proof, pkce).status_code == 201
    with recorded(tenant):
        for bad in (proof, key.proof("GET", url), key.proof("POST", tenant.endpoint("token")),
                    key.proof("POST", url, iat=1), "x.y.z"):
            j400(push(native, bad, pkce), "invalid_dpop_proof")
        j400(push(native, key.proof("POST", url), pkce, dpop_jkt=Key().thumbprint),
             "invalid_dpop_proof")


def test_a_nonce_is_offered_where_one_is_needed(tenant: Tenant) -> None:
    spa, key, pkce = tenant.create_client("spa"), Key(), PKCE.new()
    url = tenant.endpoint(PAR)
    refused = push(spa, key.proof("POST", url), pkce)
    j400(refused, "use_dpop_nonce")
    nonce = refused.headers["dpop-nonce"]
    assert push(spa, key.proof("POST", url, nonce=nonce), pkce).status_code == 201


def test_several_resources_are_pushed_together(tenant: Tenant, user: User) -> None:
    resources = ["https://orders.test", "https://payments.test"]
    for resource in resources:
        tenant.cli("resource", "create", "--identifier", resource, "--name", "An API")
    client, pkce = tenant.create_client("web"), PKCE.new()
    form = list(request_parameters(client, pkce).items()) + [("resource", r) for r in resources]
    answer = tenant.instance.http.post(
        tenant.endpoint(PAR), content=str(httpx.QueryParams(form)),
        auth=(client.id, client.secret or ""),
        headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status_code == 201, answer.text
    held = code(client, user, answer.json()["request_uri"])
    given = redeem(client, held, pkce).json()
    assert claims(given["access_token"])["aud"] == resources
