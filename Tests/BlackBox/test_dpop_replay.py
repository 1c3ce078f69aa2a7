"""A DPoP proof works once, however many bring it and whatever else is brought; and nonces: attack
case GH-320."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

import dpop
from browser import Browser
from dpop import Key, challenged, key, machine, machine_token  # noqa: F401 - fixtures
from expect import j400
from harness import Client, Instance, Tenant, User
from protocol import PKCE, authorize, base64url, basic
from protocol import tokens as bearer_tokens
from races import at_once, succeeded

WIDTH = 32


def recorded(tenant: Tenant) -> int:
    return tenant.instance.database.value(
        f"SELECT count(*) AS n FROM dpop_proof WHERE tenant_id = '{tenant.id}'")


# Once

def test_gh_458_one_proof_passes_once_of_32_times_at_the_token_endpoint(
    tenant: Tenant, machine: Client
) -> None:
    url = tenant.endpoint("token")
    for algorithm in ("ES256", "RS256"):
        proof = Key(algorithm).proof("POST", url)
        headers = {"Authorization": basic(machine.id, machine.secret or ""), "DPoP": proof}
        answers = at_once(WIDTH, lambda session: session.post(
            url, data={"grant_type": "client_credentials"}, headers=headers))
        for answer in answers:
            tenant.instance._see_json(answer.json())
        assert len(succeeded(answers)) == 1
        for answer in answers:
            if answer.status_code != 200:
                j400(answer, "invalid_dpop_proof")
    assert recorded(tenant) == 2


def test_gh_458_one_proof_passes_once_of_32_times_at_userinfo(
    tenant: Tenant, client: Client, user: User, key: Key
) -> None:
    given, url = dpop.tokens(client, user, key)["access_token"], tenant.endpoint("userinfo")
    headers = {"Authorization": f"DPoP {given}",
               "DPoP": key.proof("GET", url, access_token=given)}
    answers = at_once(WIDTH, lambda session: session.get(url, headers=headers))
    assert [answer.status_code for answer in answers].count(200) == 1
    for answer in answers:
        if answer.status_code != 200:
            challenged(answer, "invalid_dpop_proof")


def at_the_token_endpoint(
    client: Client, proof: str, form: dict[str, str]
) -> list[httpx.Response]:
    url, body = client.tenant.endpoint("token"), form | {"client_id": client.id}
    answers = at_once(
        WIDTH, lambda session: session.post(url, data=body, headers={"DPoP": proof}))
    for answer in answers:
        client.tenant.instance._see_json(answer.json())
    return answers


def test_gh_070_and_458_one_code_and_proof_at_once_give_tokens_once_and_end_nothing(
    public_client: Client, user: User, browser: Browser, key: Key
) -> None:
    tenant, pkce = public_client.tenant, PKCE.new()
    code = authorize(browser, public_client, user, pkce, scope="openid offline_access").code
    answers = at_the_token_endpoint(
        public_client, key.proof("POST", tenant.endpoint("token")), {
            "grant_type": "authorization_code", "code": code, "code_verifier": pkce.verifier,
            "redirect_uri": public_client.redirect_uri})
    (won,) = succeeded(answers)
    for answer in answers:
        if answer.status_code != 200:
            j400(answer, "invalid_dpop_proof")
    # The others were no requests at all, so nobody is taken for a thief.
    assert dpop.userinfo(tenant, won["access_token"], key).status_code == 200
    # With a proof of its own the code comes again, and that is theft.
    j400(dpop.redeem(public_client, code, pkce, Key()), "invalid_grant")
    challenged(dpop.userinfo(tenant, won["access_token"], key), "invalid_token")


def test_gh_458_one_refresh_token_and_proof_at_once(
    public_client: Client, user: User, key: Key
) -> None:
    tenant = public_client.tenant
    held = dpop.tokens(public_client, user, key)["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": held}
    answers = at_the_token_endpoint(
        public_client, key.proof("POST", tenant.endpoint("token")), form)
    assert len(succeeded(answers)) == 1
    # Each with a proof of its own: all pass, and the token stays.
    url, body = tenant.endpoint("token"), form | {"client_id": public_client.id}
    answers = at_once(WIDTH, lambda session: session.post(
        url, data=body, headers={"DPoP": key.proof("POST", url)}))
    assert {answer.json()["refresh_token"] for answer in answers} == {held}
    for answer in answers:
        tenant.instance._see_json(answer.json())
    # An unbound token and many keys at once: it is bound to one of them, and the others go away.
    held = bearer_tokens(public_client, user, scope="openid offline_access")["refresh_token"]
    body["refresh_token"] = held
    keys = [Key() for _ in range(WIDTH)]
    waiting = iter(keys)
    answers = at_once(WIDTH, lambda session: session.post(
        url, data=body, headers={"DPoP": next(waiting).proof("POST", url)}))
    won = succeeded(answers)
    for answer in answers:
        tenant.instance._see_json(answer.json())
    assert len(won) == 1
    fitting = [one for one in keys if dpop.refresh(
        public_client, won[0]["refresh_token"], one).status_code == 200]
    assert len(fitting) == 1


@pytest.mark.conformance("fapi2-security-profile-final-dpop-negative-tests", "refused")
def test_a_proof_works_once_wherever_it_is_brought(
    tenant: Tenant, machine: Client, client: Client, user: User, key: Key
) -> None:
    url = tenant.endpoint("token")
    proof = key.proof("POST", url)
    assert dpop.ask(machine, proof, grant_type="client_credentials").status_code == 200
    j400(dpop.ask(machine, proof, grant_type="client_credentials"), "invalid_dpop_proof")
    other = tenant.create_client("machine", "--scope", "api:read")
    j400(dpop.ask(other, proof, grant_type="client_credentials"), "invalid_dpop_proof")
    # The same name in another proof of the key is the same; of another key it is another.
    name = "the-same"
    assert machine_token(machine, key, jti=name).status_code == 200
    j400(machine_token(machine, key, jti=name, iat=int(time.time()) + 5), "invalid_dpop_proof")
    for _ in range(3):
        assert machine_token(machine, Key(), jti=name).status_code == 200
    # A restart of names elsewhere does not matter: other tenants have keys and names of their own.
    neighbour = tenant.instance.create_tenant()
    there = neighbour.create_client("machine", "--scope", "api:read")
    assert machine_token(there, key, jti=name).status_code == 200


def test_a_proof_is_remembered_across_a_kill(own_instance: Instance, key: Key) -> None:
    tenant = own_instance.create_tenant()
    machine = tenant.create_client("machine", "--scope", "api:read")
    proof = key.proof("POST", tenant.endpoint("token"))
    assert dpop.ask(machine, proof, grant_type="client_credentials").status_code == 200
    own_instance.kill()
    own_instance.start()
    j400(dpop.ask(machine, proof, grant_type="client_credentials"), "invalid_dpop_proof")


def test_junk_neither_fills_the_store_nor_makes_it_forget(
    tenant: Tenant, machine: Client, public_client: Client, user: User, key: Key
) -> None:
    url, form = tenant.endpoint("token"), {"grant_type": "client_credentials"}
    proof = key.proof("POST", url)
    assert dpop.ask(machine, proof, **form).status_code == 200
    given = dpop.tokens(public_client, user, key)
    before = recorded(tenant)
    wrong = Client(tenant, machine.id, "cs_" + "A" * 43, "machine", "", "client_secret_basic")
    signer = Key()
    for number in range(60):
        for answer in (
            # Not signed by its key; not authenticated; not authenticated with the victim's name.
            machine_token(machine, signer, head={"jwk": key.jwk}),
            machine_token(wrong, signer),
            # A public client needs no secret, and has nothing to bring but what it made up.
            dpop.refresh(public_client, "rt_" + "A" * 43, signer),
            dpop.refresh(public_client, given["refresh_token"], signer),
            dpop.refresh(public_client, given["refresh_token"], key, htm="GET"),
            dpop.userinfo(tenant, given["access_token"], signer),
            dpop.userinfo(tenant, "x" * (number + 1), signer),
        ):
            assert answer.status_code in (400, 401, 429), answer.text
    assert recorded(tenant) == before
    # What is right is recorded beside the others and takes nobody's place.
    for _ in range(40):
        assert machine_token(machine, signer).status_code == 200
    assert recorded(tenant) == before + 40
    j400(dpop.ask(machine, proof, **form), "invalid_dpop_proof")
    assert dpop.refresh(public_client, given["refresh_token"], key).status_code == 200


def test_what_is_recorded_is_a_digest_and_ends_with_the_window(
    tenant: Tenant, machine: Client, key: Key
) -> None:
    now = int(time.time())
    assert machine_token(machine, key, jti="a-name", iat=now).status_code == 200
    (row,) = tenant.instance.database.rows(
        f"SELECT digest, expires_at FROM dpop_proof WHERE tenant_id = '{tenant.id}'")
    digest = row["digest"]
    if isinstance(digest, str):
        digest = bytes.fromhex(digest.removeprefix("\\x"))
    assert digest == hashlib.sha256(f"{key.thumbprint}.a-name".encode()).digest()
    # No node accepts it any later, even one whose clock is a minute behind.
    assert row["expires_at"] == (now + 120) * 1000


# Nonces

def nonce_of(tenant: Tenant, number: int) -> str:
    """As the server makes it: a code for tenant and period, by a key derived from the instance's."""
    master = base64.b64decode((tenant.instance.data / "instance.key").read_bytes())
    derived = HKDF(SHA256(), 32, salt=None, info=b"gatehouse/dpop-nonce").derive(master)
    code = hmac.new(derived, f"{tenant.id}/{number}".encode(), "sha256").digest()
    return base64url(code[:16])


def test_gh_320_a_nonce_is_demanded_where_the_client_is_set_so(tenant: Tenant, user: User) -> None:
    key = Key()
    machine = tenant.create_client("machine", "--scope", "api:read", "--dpop-nonce", "required")
    first = machine_token(machine, key)
    j400(first, "use_dpop_nonce")
    nonce = first.headers["dpop-nonce"]
    good = machine_token(machine, key, nonce=nonce)
    assert good.status_code == 200 and good.headers["dpop-nonce"]
    # It may be used as often as it is fresh.
    assert machine_token(machine, key, nonce=nonce).status_code == 200

    app = tenant.create_client("web", "--dpop-nonce", "required")
    given = dpop.tokens(app, user, key, nonce=nonce)["access_token"]
    asked = dpop.userinfo(tenant, given, key)
    assert challenged(asked, "use_dpop_nonce").startswith("DPoP ")
    answer = dpop.userinfo(tenant, given, key, nonce=asked.headers["dpop-nonce"])
    assert answer.status_code == 200 and answer.headers["dpop-nonce"]
    # A proof that is wrong is no reason to give one.
    wrong = machine_token(machine, key, nonce=nonce, htm="GET")
    j400(wrong, "invalid_dpop_proof")
    # Without a proof at all the client is as free as its settings say.
    assert dpop.ask(machine, None, grant_type="client_credentials").status_code == 200


def test_gh_320_a_request_for_a_nonce_spends_nothing(
    tenant: Tenant, user: User, browser: Browser, key: Key
) -> None:
    client, pkce = tenant.create_client("spa"), PKCE.new()
    code = authorize(browser, client, user, pkce, scope="openid offline_access").code
    asked = dpop.redeem(client, code, pkce, key)
    j400(asked, "use_dpop_nonce")
    nonce = asked.headers["dpop-nonce"]
    given = dpop.redeem(client, code, pkce, key, nonce=nonce).json()
    j400(dpop.refresh(client, given["refresh_token"], key), "use_dpop_nonce")
    assert dpop.refresh(client, given["refresh_token"], key, nonce=nonce).status_code == 200


def test_gh_320_only_own_and_fresh_nonces_count(tenant: Tenant, key: Key) -> None:
    required = tenant.create_client("machine", "--scope", "api:read", "--dpop-nonce", "required")
    optional = tenant.create_client("machine", "--scope", "api:read")
    neighbour = tenant.instance.create_tenant()
    period = int(time.time()) // 300
    # The period before is good, and the next one, for a node whose clock is ahead.
    for number in (period - 1, period, period + 1):
        assert machine_token(required, key, nonce=nonce_of(tenant, number)).status_code == 200
    current = nonce_of(tenant, period)
    wrong: list[Any] = [
        nonce_of(tenant, period - 3), nonce_of(tenant, period + 3), nonce_of(tenant, 0),
        nonce_of(neighbour, period), current[:-1], current + "A", current.lower(), current + "=",
        "", "A" * 22, "x" * 3000, "é"]
    for client in (required, optional):
        for nonce in wrong:
            answer = machine_token(client, key, nonce=nonce)
            j400(answer, "use_dpop_nonce")
            assert answer.headers["dpop-nonce"] in (current, nonce_of(tenant, period + 1))
        for nonce in (1, [current], {"n": current}, "\u0000"):
            j400(machine_token(client, key, nonce=nonce), "invalid_dpop_proof")
    # Where none is demanded none is offered either.
    answer = machine_token(optional, key)
    assert answer.status_code == 200 and "dpop-nonce" not in answer.headers


def test_gh_320_a_nonce_survives_a_restart(own_instance: Instance, key: Key) -> None:
    tenant = own_instance.create_tenant()
    machine = tenant.create_client("machine", "--scope", "api:read", "--dpop-nonce", "required")
    nonce = machine_token(machine, key).headers["dpop-nonce"]
    own_instance.restart()
    assert machine_token(machine, key, nonce=nonce).status_code == 200
