"""Clients that sign instead of showing a secret (private_key_jwt): attack cases 3.E, 3.G and 3.T,
and what other servers may do to the one that asks for their keys: 3.U."""

from __future__ import annotations

import json
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from ssl import TLSVersion
from typing import Any, Iterator

import httpx
import pytest
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

import dpop
import forge
from browser import Browser
from conftest import KINDS
from elsewhere import Elsewhere, answer, forever
from expect import j400, j401
from harness import TLS, Client, CommandFailed, Instance, Tenant, User
from protocol import (
    PKCE, Redirect, authorize, base64url, claims, pushed_url, redeem, refresh, request_parameters,
    sign_in, token)
from suite import verified
from visitor import set_limit
from watch import recorded

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def new_key(algorithm: str = "ES256") -> Key:
    """A key of the client's own, with a name."""
    options = {"kid": secrets.token_hex(4), "alg": algorithm, "use": "sig"}
    if algorithm in ("RS256", "PS256"):
        return RSAKey.generate_key(2048, options)
    if algorithm == "EdDSA":
        return OKPKey.generate_key("Ed25519", options)
    return ECKey.generate_key("P-256", options)


def key_set(*keys: Key) -> bytes:
    return json.dumps({"keys": [key.as_dict(private=False) for key in keys]}).encode()


@dataclass(frozen=True)
class Signing:
    """A registered client and the key it signs with."""

    client: Client
    key: Key
    algorithm: str = "ES256"

    def claims(self, **changes: Any) -> dict[str, Any]:
        """The claims of a good assertion, with changes; None leaves one out."""
        now = int(time.time())
        good = {
            "iss": self.client.id, "sub": self.client.id, "aud": self.client.tenant.issuer,
            "iat": now, "exp": now + 60, "jti": secrets.token_urlsafe(16)}
        return {name: value for name, value in (good | changes).items() if value is not None}

    def assertion(self, head: dict[str, Any] | None = None, **changes: Any) -> str:
        head = {"alg": self.algorithm, "kid": self.key.kid, "typ": "JWT"} | (head or {})
        return jwt.encode(head, self.claims(**changes), self.key, algorithms=[self.algorithm])

    def ask(self, assertion: str | None = None, **form: str | None) -> httpx.Response:
        """Asks for a token, or for what the form says, by an assertion and nothing else."""
        return present(self.client, assertion or self.assertion(), **form)


def present(client: Client, assertion: str | None, *, endpoint: str = "token",
            headers: dict[str, str] | None = None, **form: str | None) -> httpx.Response:
    fields: dict[str, str | None] = {
        "grant_type": "client_credentials", "client_assertion_type": TYPE,
        "client_assertion": assertion}
    if assertion:
        client.tenant.instance.keep_secret(assertion)
    return client.tenant.instance.http.post(
        client.tenant.endpoint(endpoint), headers=headers,
        data={name: value for name, value in (fields | form).items() if value is not None})


def register(tenant: Tenant, folder: Path, kind: str = "machine", algorithm: str = "ES256",
             *arguments: str) -> Signing:
    """A client whose key is registered with it."""
    key = new_key(algorithm)
    file = folder / f"{key.kid}.json"
    file.write_bytes(key_set(key))
    client = tenant.create_client(
        kind, "--authentication", "private_key_jwt", "--jwks", str(file), *arguments,
        method="private_key_jwt")
    assert client.secret is None
    # Tests are wrong more often than anybody may be.
    set_limit(tenant, "authentication-client", 10_000)
    set_limit(tenant, "authentication-network", 10_000)
    return Signing(client, key, algorithm)


@pytest.fixture
def signing(tenant: Tenant, tmp_path: Path) -> Signing:
    return register(tenant, tmp_path)


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    with Elsewhere() as elsewhere:
        yield elsewhere


@pytest.fixture(scope="module", params=KINDS)
def asking_instance(
    request: pytest.FixtureRequest, elsewhere: Elsewhere
) -> Iterator[Instance]:
    """An instance whose operator allows it to ask servers on loopback."""
    with Instance(request.param, elsewhere.flags) as instance:
        yield instance


@pytest.fixture
def asking(asking_instance: Instance) -> Iterator[Tenant]:
    yield asking_instance.create_tenant()
    asking_instance.check()


def publish(tenant: Tenant, url: str, key: Key | None = None) -> Signing:
    """A client whose keys are at an address."""
    client = tenant.create_client(
        "machine", "--authentication", "private_key_jwt", "--jwks-uri", url,
        method="private_key_jwt")
    return Signing(client, key or new_key())


def reasons(tenant: Tenant, count: int) -> dict[str, str]:
    """Why the keys of so many clients were not to be had; that is written a second later."""
    deadline = time.monotonic() + 10
    events: dict[str, str] = {}
    while len(events) < count and time.monotonic() < deadline:
        events = {
            event["subject"]: json.loads(event["detail"])["reason"]
            for event in tenant.instance.events(tenant)
            if event["kind"] == "client_keys.unavailable"}
    return events


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


@pytest.mark.conformance("oidcc-refresh-token-rp-key-rotation", "succeeds")
def test_a_client_that_changed_its_keys_may_still_refresh(
    tenant: Tenant, user: User, tmp_path: Path
) -> None:
    signing, pkce = register(tenant, tmp_path, "web"), PKCE.new()
    code = authorize(
        Browser(tenant.instance), signing.client, user, pkce, scope="openid offline_access").code
    given = signing.ask(
        grant_type="authorization_code", code=code, code_verifier=pkce.verifier,
        redirect_uri=signing.client.redirect_uri).json()
    changed = Signing(signing.client, new_key())
    file = tmp_path / "changed.json"
    file.write_bytes(key_set(changed.key))
    signing.client.update("--jwks", str(file))
    form = {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}
    j401(signing.ask(**form))
    assert claims(changed.ask(**form).json()["access_token"])["sub"] == user.id


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


def signed(signing: Signing, head: Any, payload: bytes) -> str:
    """Any header and payload under the client's right ES256 signature."""
    text = forge.jws(head, payload).rpartition(".")[0]
    return f"{text}.{base64url(raw_signature(signing, text.encode()))}"


def raw_signature(signing: Signing, text: bytes) -> bytes:
    r, s = decode_dss_signature(signing.key.private_key.sign(text, ec.ECDSA(SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


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


@pytest.mark.attack("GH-100", "GH-139", "GH-136")
def test_gh_100_what_the_header_brings_along(asking: Tenant, elsewhere: Elsewhere,
                                             tmp_path: Path) -> None:
    signing = register(asking, tmp_path)
    attacker = Signing(signing.client, new_key())
    address = elsewhere.answer("/attacker", answer(key_set(attacker.key)))
    seen = len(elsewhere.requests), elsewhere.connections
    for extra in ({"jwk": attacker.key.as_dict(private=False)}, {"jku": address},
                  {"x5u": address}, {"x5c": ["AAAA"]}, {"kid": address}, {"kid": "../../x"}):
        for kid in (signing.key.kid, attacker.key.kid):
            payload = json.dumps(attacker.claims()).encode()
            j401(signing.ask(signed(attacker, {"alg": "ES256", "kid": kid} | extra, payload)))
    for extra in ({"crit": ["x"], "x": 1}, {"crit": []}, {"crit": ["exp"]}, {"b64": False},
                  {"crit": ["b64"], "b64": False}, {"zip": "DEF"}, {"typ": "at+jwt"},
                  {"typ": "dpop+jwt"}, {"typ": 1}, {"kid": 1}, {"alg": ["ES256"]}):
        payload = json.dumps(signing.claims()).encode()
        j401(signing.ask(signed(
            signing, {"alg": "ES256", "kid": signing.key.kid} | extra, payload)))
    # What a header may carry beside is of no account.
    payload = json.dumps(signing.claims()).encode()
    head = {"alg": "ES256", "kid": signing.key.kid, "jku": address, "jwk": {}}
    assert signing.ask(signed(signing, head, payload)).status_code == 200
    assert (len(elsewhere.requests), elsewhere.connections) == seen


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


# How it is registered


def test_keys_are_registered_and_shown(tenant: Tenant, tmp_path: Path) -> None:
    key = new_key()
    file = tmp_path / "keys.json"
    flags = ["client", "create", "--name", "A", "--type", "machine"]
    signs = ["--authentication", "private_key_jwt"]
    private = json.dumps({"keys": [key.as_dict(private=True)]})
    for content, more in (
        (private, signs), ("{}", signs), ('{"keys":[]}', signs), ("[]", signs), ("x", signs),
        ('{"keys":[{"kty":"oct","k":"AAAA"}]}', signs), (key_set(key).decode() + "x", signs),
        (key_set(key).decode(), [*signs, "--jwks-uri", "https://rp.test/keys"]),
        (key_set(key).decode(), []), (key_set(key).decode(), ["--authentication", "secret"]),
        (key_set(key).decode(), ["--authentication", "client_secret_jwt"]),
    ):
        file.write_text(content)
        with pytest.raises(CommandFailed) as failed:
            tenant.cli(*flags, "--jwks", str(file), *more)
        assert failed.value.code == 2
        assert key.as_dict(private=True)["d"] not in failed.value.stderr
    with pytest.raises(CommandFailed):
        tenant.cli(*flags, *signs)
    with pytest.raises(CommandFailed):
        tenant.cli(*flags, *signs, "--jwks", str(tmp_path / "nowhere"))
    file.write_bytes(key_set(key))
    with pytest.raises(CommandFailed):
        tenant.create_client("spa", *signs, "--jwks", str(file))
    made = tenant.cli(*flags, *signs, "--jwks", str(file))
    assert "client_secret" not in made
    shown = tenant.cli("client", "show", made["client_id"])
    assert shown["authentication"] == "private_key_jwt" and shown["secrets"] == []
    assert shown["jwks"]["keys"][0]["x"] == key.as_dict(private=False)["x"]
    moved = tenant.cli(
        "client", "update", made["client_id"], "--jwks-uri", "https://rp.test/keys")
    assert moved["jwks_uri"] == "https://rp.test/keys" and "jwks" not in moved
    native = tenant.create_client("native", *signs, "--jwks", str(file))
    assert tenant.cli("client", "show", native.id)["authentication"] == "private_key_jwt"


@pytest.mark.attack("GH-352", "GH-355")
def test_gh_352_addresses_of_keys_that_are_none(tenant: Tenant) -> None:
    for address in (
        "http://rp.test/keys", "https://good.test@127.0.0.1/", "https://good.test#@127.0.0.1/",
        "https://127.0.0.1\\@good.test/", "https://good.test\t/", "https://good.test\n/",
        "https://good.test/\r\nHost: evil", "https://[fe80::1%25lo]/", "https://2130706433/",
        "https://0x7f000001/", "https://0177.0.0.1/", "https://127.1/", "https://u:p@good.test/",
        "file:///etc/passwd", "https://good.test:99999/", "https:///keys", "https://good.test/ü",
    ):
        with pytest.raises(CommandFailed) as failed:
            publish(tenant, address)
        assert failed.value.code == 2


# Keys at an address


@pytest.mark.conformance("oidcc-registration-jwks-uri", "succeeds")
def test_keys_are_fetched_and_kept(asking: Tenant, elsewhere: Elsewhere) -> None:
    key = new_key()
    path = f"/{secrets.token_hex(4)}?v=1"
    signing = publish(asking, elsewhere.answer(path, answer(key_set(key))), key)
    for _ in range(3):
        assert signing.ask().status_code == 200
    assert elsewhere.paths.count(path) == 1
    request = next(r for r in elsewhere.requests if path.encode() in r)
    head = {line.split(b":")[0].lower(): line for line in request.split(b"\r\n")[1:-2]}
    assert set(head) == {b"host", b"accept", b"accept-encoding", b"user-agent", b"connection"}
    assert head[b"host"] == f"host: 127.0.0.1:{elsewhere.port}".encode()


def test_keys_are_fetched_by_name(asking: Tenant, elsewhere: Elsewhere) -> None:
    key = new_key()
    path = f"/{secrets.token_hex(4)}"
    elsewhere.answer(path, answer(key_set(key), media_type="Application/JWK-set+json; a=b"))
    signing = publish(asking, elsewhere.url(path, "localhost"), key)
    assert signing.ask().status_code == 200


def test_gh_346_nobody_can_make_us_fetch(asking: Tenant, elsewhere: Elsewhere) -> None:
    key = new_key()
    path = f"/{secrets.token_hex(4)}"
    signing = publish(asking, elsewhere.answer(path, answer(key_set(key))), key)
    with ThreadPoolExecutor(16) as threads:
        def junk(_: int) -> int:
            return signing.ask(Signing(signing.client, new_key()).assertion()).status_code

        assert set(threads.map(junk, range(64))) == {401}
        assert elsewhere.paths.count(path) == 1
        assert set(threads.map(lambda _: signing.ask().status_code, range(32))) == {200}
    assert elsewhere.paths.count(path) == 1
    # Neither can whoever has no client here at all.
    stranger = Client(asking, "client_00000000000000000000000000", None, "machine", "", "")
    j401(present(stranger, Signing(stranger, key).assertion()))
    assert elsewhere.paths.count(path) == 1


@pytest.mark.attack("GH-340", "GH-349")
def test_gh_340_loopback_is_not_asked_unless_it_is_allowed(tenant: Tenant) -> None:
    with Elsewhere() as canary:
        hosts = ["127.0.0.1", "localhost", "127.1.2.3", "[::1]", "0.0.0.0"]
        clients = {}
        for host in hosts:
            signing = publish(tenant, canary.url("/keys", host))
            canary.answer("/keys", answer(key_set(signing.key)))
            j401(signing.ask())
            clients[signing.client.id] = host
        assert canary.connections == 0
        found = reasons(tenant, len(hosts))
        assert {clients[id]: reason for id, reason in found.items()} == {
            host: "forbidden_address" for host in hosts}


HOSTILE = {
    "redirect": ("redirected", lambda e: answer(
        b"", status="302 Found", headers=f"Location: {e.url('/inside')}\r\n")),
    "permanent": ("redirected", lambda e: answer(
        b"", status="308 Permanent Redirect", headers=f"Location: {e.url('/inside')}\r\n")),
    "status": ("status", lambda e: answer(b"{}", status="500 Internal Server Error")),
    "type": ("media_type", lambda e: answer(key_set(), media_type="text/html")),
    "two types": ("media_type", lambda e: answer(
        key_set(), headers="Content-Type: application/json\r\n")),
    "not json": ("content", lambda e: answer(b"<html>")),
    "not keys": ("content", lambda e: answer(b'{"keys":1}')),
    "deep": ("content", lambda e: answer(b"[" * 100_000)),
    "announced": ("too_large", lambda e: lambda: [
        b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n"]),
    "endless": ("too_large", lambda e: lambda: [
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", *[b" " * 65536] * 64]),
    "chunks": ("too_large", lambda e: lambda: [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *[b"1\r\n \r\n" * 4096] * 64]),
    "gzip": ("encoded", lambda e: answer(b"\x1f\x8b", headers="Content-Encoding: gzip\r\n")),
    "cookies": (("too_large", "malformed"), lambda e: lambda: [
        b"HTTP/1.1 200 OK\r\n", *[b"Set-Cookie: a=b\r\n" * 1000] * 100]),
    "long header": (("too_large", "malformed"), lambda e: lambda: [
        b"HTTP/1.1 200 OK\r\nX: ", *[b"x" * 65536] * 64]),
    "early answers": (("too_large", "malformed"), lambda e: lambda: [
        b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000] * 64),
    "short": ("malformed", lambda e: lambda: [
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"]),
    "0.9": ("malformed", lambda e: lambda: [b'{"keys":[]}']),
    "noise": ("malformed", lambda e: lambda: [b"\x00\xff" * 512]),
    "nothing": ("malformed", lambda e: lambda: []),
    "two lengths": ("malformed", lambda e: lambda: [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} "]),
    "slow head": ("timed_out", lambda e: lambda: slow(e, b"HTTP/1.1 200 OK\r\nX: ")),
    "slow body": ("timed_out", lambda e: lambda: slow(
        e, b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")),
    "silent": ("timed_out", lambda e: lambda: silent(e)),
}


def slow(elsewhere: Elsewhere, begin: bytes) -> Iterator[bytes]:
    yield begin
    yield from forever(b" ", elsewhere.is_over)


def silent(elsewhere: Elsewhere) -> Iterator[bytes]:
    elsewhere.is_over.wait(30)
    yield b""


@pytest.mark.attack("GH-350", "GH-353", "GH-356")
def test_gh_353_hostile_answers(asking: Tenant, elsewhere: Elsewhere) -> None:
    prefix = f"/{secrets.token_hex(4)}"
    elsewhere.answer("/inside", answer(key_set(new_key())))
    clients: dict[str, Signing] = {}
    for number, (name, (_, behaviour)) in enumerate(HOSTILE.items()):
        url = elsewhere.answer(f"{prefix}/{number}", behaviour(elsewhere))
        clients[name] = publish(asking, url)
    begun = time.monotonic()
    # Not more at once than one host is asked.
    with ThreadPoolExecutor(4) as threads:
        for refused in threads.map(lambda signing: signing.ask(), clients.values()):
            j401(refused)
    assert time.monotonic() - begun < 40
    found = reasons(asking, len(clients))
    for name, (expected, _) in HOSTILE.items():
        allowed = (expected,) if isinstance(expected, str) else expected
        assert found.get(clients[name].client.id) in allowed, name
    assert "/inside" not in elsewhere.paths
    assert not any(b"uthorization" in request for request in elsewhere.requests)


@pytest.mark.attack("GH-353")
def test_gh_353_servers_that_do_not_prove_who_they_are(
    asking: Tenant, elsewhere: Elsewhere
) -> None:
    authority = elsewhere.authority
    contexts = {
        "expired": authority.context(age=1), "other name": authority.context(("rp.test",)),
        "self-signed": authority.context(signs=False),
        "old TLS": authority.context(newest=TLSVersion.TLSv1_1),
    }
    for name, context in contexts.items():
        with Elsewhere(authority, context) as liar:
            key = new_key()
            signing = publish(asking, liar.answer("/keys", answer(key_set(key))), key)
            j401(signing.ask())
            assert liar.connections == 1 and liar.requests == [], name
    found = reasons(asking, len(contexts))
    assert len(found) == len(contexts) and set(found.values()) == {"insecure"}


def test_a_client_whose_host_was_away_is_asked_for_again_later(
    asking: Tenant, elsewhere: Elsewhere
) -> None:
    key = new_key()
    path = f"/{secrets.token_hex(4)}"
    signing = publish(asking, elsewhere.url(path), key)
    j401(signing.ask())
    elsewhere.answer(path, answer(key_set(key)))
    j401(signing.ask())
    assert elsewhere.paths.count(path) == 1
    # Another address is another question.
    other = f"/{secrets.token_hex(4)}"
    signing.client.update("--jwks-uri", elsewhere.answer(other, answer(key_set(key))))
    assert signing.ask().status_code == 200


def test_what_the_operator_allows_is_checked_at_the_start(tmp_path: Path) -> None:
    for flags in (["--outbound-allow", "10.0.0.1/8"], ["--outbound-allow", "localhost"],
                  ["--outbound-ca", "/nonexistent/ca.pem"]):
        with pytest.raises(AssertionError, match="outbound-"):
            with Instance("sqlite", flags):
                pass
