"""What a proof of a key has to be (RFC 9449 §4): attack cases 3.R."""

from __future__ import annotations

import time
from typing import Any

import pytest

import dpop
from dpop import Key, challenged, key, machine, machine_token  # noqa: F401 - fixtures
from expect import j400, j401
from harness import Client, Tenant, User
from protocol import basic


@pytest.mark.conformance("fapi2-security-profile-final-dpop-negative-tests", "refused")
def test_gh_313_a_proof_is_for_one_method(
    tenant: Tenant, machine: Client, key: Key, client: Client, user: User
) -> None:
    for method in ("GET", "post", "Post", "PUT", "HEAD", "", " POST", "POST ", "POS\u0422"):
        j400(machine_token(machine, key, htm=method), "invalid_dpop_proof")
    given = dpop.tokens(client, user, key)["access_token"]
    for asked, said in (("GET", "POST"), ("POST", "GET"), ("HEAD", "GET"), ("GET", "get")):
        answer = dpop.userinfo(tenant, given, key, method=asked, htm=said)
        challenged(answer, "invalid_dpop_proof")
    assert dpop.userinfo(tenant, given, key).status_code == 200


def spellings(url: str) -> tuple[list[str], list[str]]:
    """Addresses that are the same by RFC 3986 §6.2.2 and §6.2.3, and such that are not."""
    scheme, rest = url.split("://")
    host, path = rest.split("/", 1)
    port = host.partition(":")[2]
    same = [
        url, f"{url}?x=1", f"{url}#f", f"{url}?x=1#f?g", f"{url}?", f"{url}#",
        f"{scheme.upper()}://{rest}", url.replace("oauth2", "%6fauth2"),
        url.replace("oauth2", "%6Fa%75th2"), url.replace("/oauth2", "/./oauth2"),
        url.replace("/oauth2", "/x/../oauth2"), url.replace("/oauth2", "/%2e/oauth2"),
        url.replace("/oauth2", "/x/%2E%2e/oauth2"), url.replace("127", "%3127"),
    ]
    other = [
        f"{url}/", url.replace("/oauth2", "//oauth2"), url.replace("oauth2", "OAUTH2"),
        url.replace("/oauth2", "/oauth2/../oauth3"), url.replace("/oauth2/", "/oauth2%2F"),
        url.replace("http:", "https:"), url.replace(":" + port, ""),
        url.replace(":" + port, ":80"), url.replace(":" + port, f":0{port}"),
        url.replace("127.0.0.1", "localhost"), url.replace("127.0.0.1", "127.1"),
        url.replace("127.0.0.1", "evil.test"), url.replace("://", "://user@"),
        url.replace("://", "://user:x@"), url.replace("://", "://@"),
        url.replace("://", "://evil.test@"), f"//{rest}", f"/{path}", path, "", "http:", "http://",
        url.replace("://", ":/"), url.replace("://", ":\\\\"), f" {url}", f"{url} ",
        url + "%", url + "%zz", url + "\u0301", url.replace("oauth2", "\uff4fauth2"),
        url + "\u0000", url + "x" * 4000, f"{scheme}://evil.test/{path}", url.rpartition("/")[0],
    ]
    return same, other


@pytest.mark.conformance("fapi2-security-profile-final-dpop-negative-tests", "refused")
def test_gh_314_a_proof_is_for_one_address(tenant: Tenant, machine: Client, key: Key) -> None:
    url = tenant.endpoint("token")
    same, other = spellings(url)
    for text in same:
        assert machine_token(machine, key, htu=text).status_code == 200, text
    neighbour = tenant.instance.create_tenant()
    for text in [*other, tenant.endpoint("userinfo"), tenant.endpoint("revocation"),
                 neighbour.endpoint("token"), tenant.issuer]:
        j400(machine_token(machine, key, htu=text), "invalid_dpop_proof")
    for value in (1, True, [url], {"url": url}, None):
        j400(machine_token(machine, key, htu=value), "invalid_dpop_proof")


def test_gh_314_an_alias_is_an_address_of_its_own(
    tenant: Tenant, machine: Client, key: Key
) -> None:
    for path in ("/token", "/oauth/token"):
        alias = tenant.issuer + path
        proof = key.proof("POST", alias)
        answer = dpop.ask(machine, proof, url=alias, grant_type="client_credentials")
        assert answer.status_code == 200
        proof = key.proof("POST", tenant.endpoint("token"))
        answer = dpop.ask(machine, proof, url=alias, grant_type="client_credentials")
        j400(answer, "invalid_dpop_proof")


def test_gh_314_the_address_is_the_configured_one_whatever_a_request_says(acme: Tenant) -> None:
    """Even of a proxy that is trusted, only its address and scheme are believed."""
    machine, key = acme.create_client("machine", "--scope", "api:read"), Key()
    url = acme.endpoint("token")
    for name, value in (
        ("X-Forwarded-Host", "evil.test"), ("X-Host", "evil.test"), ("Host", "evil.test"),
        ("X-Original-URL", "/evil"), ("X-Forwarded-Prefix", "/evil"),
        ("Forwarded", "for=192.0.2.1;host=evil.test;proto=https"),
        ("X-Forwarded-Proto", "https"), ("X-Forwarded-Port", "443"),
    ):
        evil = url.replace(url.split("/")[2], "evil.test")
        for htu in (evil, evil.replace("http:", "https:"), url.replace("http:", "https:")):
            answer = dpop.ask(
                machine, key.proof("POST", htu), headers={name: value},
                grant_type="client_credentials")
            assert answer.status_code == 400, (name, htu)
        answer = dpop.ask(machine, key.proof("POST", url), headers={name: value},
                          grant_type="client_credentials")
        assert answer.status_code == 200, name


@pytest.mark.conformance("fapi2-security-profile-final-check-dpop-proof-nbf-exp", "accepted")
@pytest.mark.conformance(
    "fapi2-security-profile-final-ensure-dpopproof-with-iat-10seconds-before-succeeds", "accepted")
@pytest.mark.conformance(
    "fapi2-security-profile-final-ensure-dpopproof-with-iat-10seconds-after-succeeds", "accepted")
@pytest.mark.conformance("fapi2-security-profile-final-dpop-negative-tests", "refused")
def test_gh_317_a_proof_is_made_about_now(
    tenant: Tenant, machine: Client, client: Client, user: User, key: Key
) -> None:
    now = int(time.time())
    for iat in (now - 10, now + 10, now - 40, now + 40, now + 0.5, float(now)):
        assert machine_token(machine, key, iat=iat).status_code == 200, iat
    wrong = [
        now - 3600, now + 3600, now - 90, now + 90, 0, -1, -now, 2**31, 2**53, 2**63 - 1, 2**63,
        2**64, 1e300, -1e300, now * 1000, str(now), [now], {"a": now}, True, None]
    given = dpop.tokens(client, user, key)["access_token"]
    for iat in wrong:
        j400(machine_token(machine, key, iat=iat), "invalid_dpop_proof")
        challenged(dpop.userinfo(tenant, given, key, iat=iat), "invalid_dpop_proof")
    # What else says a time means what it always means.
    for more in ({"exp": now + 60}, {"nbf": now}, {"nbf": now - 60, "exp": now + 300}):
        assert machine_token(machine, key, **more).status_code == 200, more
    for more in ({"exp": now - 3600}, {"nbf": now + 3600}, {"exp": "x"}, {"nbf": []}, {"exp": -1},
                 {"exp": 2**64}, {"nbf": 1e300}):
        j400(machine_token(machine, key, **more), "invalid_dpop_proof")


def test_gh_319_names_of_proofs(machine: Client, key: Key) -> None:
    for jti in ("x", "x" * 256, "\u00e9" * 128, "\u0001", "'; DROP TABLE dpop_proof;--"):
        assert machine_token(machine, key, jti=jti).status_code == 200, jti
    for jti in ("", "\u0000", "x" * 257, "\U0001f468\u200d\U0001f469" * 200, 1, 1.5, True, ["x"], {"x": 1},
                None):
        j400(machine_token(machine, key, jti=jti), "invalid_dpop_proof")
    huge = machine_token(machine, key, jti="x" * 1_000_000)
    assert huge.status_code in (400, 431)
    graphemes = machine_token(machine, key, jti="e\u0301" * 2_000)
    assert graphemes.status_code in (400, 431)


def test_gh_322_keys_that_would_cost_too_much_or_are_none(
    machine: Client, key: Key
) -> None:
    good, modulus = Key("RS256").jwk, dpop.rsa_key().public_key().public_numbers().n
    strange = [
        # More bits than anyone needs; the number is none of a key, and nobody gets as far as that.
        {"kty": "RSA", "n": dpop.number(modulus | 1 << 4200), "e": "AQAB"},
        {"kty": "RSA", "n": dpop.number(modulus >> 1100 | 1), "e": "AQAB"},
        *({"kty": "RSA", "n": good["n"], "e": dpop.number(e)} for e in (
            1, 2, 3, 17, 65536, 2**33 + 1, 2**64 + 1, modulus - 2)),
        {"kty": "RSA", "n": good["n"], "e": ""}, {"kty": "RSA", "n": "", "e": "AQAB"},
        {"kty": "RSA", "n": good["n"], "e": "AAEAAQ"}, {"kty": "RSA", "n": good["n"]},
        # A point that is not on the curve, and none at all.
        key.jwk | {"y": key.jwk["x"]}, key.jwk | {"x": "AA"}, key.jwk | {"crv": "P-384"},
        key.jwk | {"x": dpop.number(0, 32), "y": dpop.number(0, 32)}, key.jwk | {"kty": "oct"},
        key.jwk | {"x": key.jwk["x"] + "="}, {"kty": "EC", "crv": "P-256", "x": key.jwk["x"]},
        {"kty": "OKP", "crv": "Ed25519", "x": "AA"}, {"kty": "OKP", "crv": "X25519",
                                                       "x": Key("EdDSA").jwk["x"]},
        {"kty": "oct", "k": "AAAA"}, {}, key.jwk | {"use": "enc"}, key.jwk | {"key_ops": ["sign"]},
        key.jwk | {"alg": "RS256"}, [], "x", 1, None, [key.jwk],
    ]
    for jwk in strange:
        for algorithm in ("ES256", "RS256", "EdDSA"):
            signer = Key(algorithm)
            began = time.monotonic()
            answer = machine_token(machine, signer, head={"jwk": jwk})
            j400(answer, "invalid_dpop_proof")
            assert time.monotonic() - began < 5
    big = Key("RS256")
    big.private = dpop.rsa_key(4096)
    assert machine_token(machine, big).status_code == 200


@pytest.mark.conformance("fapi2-security-profile-final-dpop-negative-tests", "refused")
def test_a_proof_says_what_it_is_and_who_signed_it(
    tenant: Tenant, machine: Client, key: Key
) -> None:
    other, url = Key(), tenant.endpoint("token")
    secret = {"d": dpop.number(key.private.private_numbers().private_value, 32)}
    heads: list[dict[str, Any]] = [
        {"typ": None}, {"typ": "JWT"}, {"typ": "at+jwt"}, {"typ": "dpop"}, {"typ": 1},
        {"alg": "none"}, {"alg": None}, {"alg": "HS256"}, {"alg": "RS256"}, {"alg": "EdDSA"},
        {"alg": "ES384"}, {"alg": "es256"}, {"jwk": other.jwk}, {"jwk": key.jwk | secret},
        {"crit": ["exp"]}, {"b64": False}, {"zip": "DEF"}, {"kid": 1},
        {"jwk": None, "kid": "x"}, {"jwk": None, "jku": "https://evil.test/keys"},
    ]
    for head in heads:
        j400(machine_token(machine, key, head=head), "invalid_dpop_proof")
    good = key.proof("POST", url)
    first, body, signature = good.split(".")
    for text in (
        "", "x", f"{first}.{body}", f"{first}.{body}.", f"{good}.x", f"{first}..{signature}",
        f"{good},{good}", f"{good[:-4]}AAAA", good + "=", f"Bearer {good}", "x" * 8_200,
        key.sign({"typ": "dpop+jwt", "alg": "ES256", "jwk": key.jwk}, "[]"),
        key.sign({"typ": "dpop+jwt", "alg": "ES256", "jwk": key.jwk}, '{"jti":"a","jti":"b"}'),
    ):
        answer = tenant.instance.http.post(
            url, data={"grant_type": "client_credentials"},
            headers={"Authorization": basic(machine.id, machine.secret or ""), "DPoP": text})
        j400(answer, "invalid_dpop_proof")
    twice = [key.proof("POST", url), key.proof("POST", url)]
    j400(dpop.ask(machine, twice, grant_type="client_credentials"), "invalid_dpop_proof")
    j400(dpop.ask(machine, [good, good], grant_type="client_credentials"), "invalid_dpop_proof")
    # None of that used up the proof.
    assert dpop.ask(machine, good, grant_type="client_credentials").status_code == 200
    # A proof is not the client's authentication.
    stranger = Client(tenant, machine.id, None, "machine", "", "none")
    j401(machine_token(stranger, key))
