"""A client that proves to have a key, written from RFC 9449 alone, on `cryptography`.

Each part of a proof can be made wrong: `Key.proof` takes changes to its header and payload, and
`Key.sign` signs whatever it is given.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from browser import Browser
from harness import Client, Tenant, User
from protocol import PKCE, authorize, base64url, token

Changes = dict[str, Any] | None

# Made once: an RSA key takes longer than most tests.
RSA_KEYS: dict[int, rsa.RSAPrivateKey] = {}


def rsa_key(size: int = 2048) -> rsa.RSAPrivateKey:
    if size not in RSA_KEYS:
        RSA_KEYS[size] = rsa.generate_private_key(65537, size)
    return RSA_KEYS[size]


def number(value: int, size: int | None = None) -> str:
    return base64url(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


class Key:
    """A key pair and the algorithm that it signs with."""

    def __init__(self, algorithm: str = "ES256") -> None:
        self.algorithm = algorithm
        self.private: Any = {
            "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
            "EdDSA": ed25519.Ed25519PrivateKey.generate, "RS256": rsa_key, "PS256": rsa_key,
        }[algorithm]()

    @property
    def jwk(self) -> dict[str, Any]:
        """The public key (RFC 7517, RFC 7518 §6, RFC 8037 §2)."""
        public = self.private.public_key()
        if isinstance(public, ed25519.Ed25519PublicKey):
            return {"kty": "OKP", "crv": "Ed25519", "x": base64url(public.public_bytes_raw())}
        numbers = public.public_numbers()
        if isinstance(numbers, rsa.RSAPublicNumbers):
            return {"kty": "RSA", "n": number(numbers.n), "e": number(numbers.e)}
        return {"kty": "EC", "crv": "P-256", "x": number(numbers.x, 32), "y": number(numbers.y, 32)}

    @property
    def thumbprint(self) -> str:
        """RFC 7638 §3: the digest of the members that make the key, in the order of their names."""
        text = json.dumps(self.jwk, sort_keys=True, separators=(",", ":"))
        return base64url(hashlib.sha256(text.encode()).digest())

    def signature(self, data: bytes) -> bytes:
        if self.algorithm == "ES256":
            r, s = decode_dss_signature(self.private.sign(data, ec.ECDSA(SHA256())))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")
        if self.algorithm == "EdDSA":
            return self.private.sign(data)
        pss = padding.PSS(padding.MGF1(SHA256()), padding.PSS.DIGEST_LENGTH)
        return self.private.sign(
            data, padding.PKCS1v15() if self.algorithm == "RS256" else pss, SHA256())

    def sign(self, header: Any, payload: Any) -> str:
        """A JWS of these parts; objects become JSON, text stays as it is."""
        parts = [part if isinstance(part, str) else json.dumps(part) for part in (header, payload)]
        text = ".".join(base64url(part.encode()) for part in parts)
        return f"{text}.{base64url(self.signature(text.encode()))}"

    def proof(
        self, method: str, url: str, *, access_token: str | None = None, nonce: str | None = None,
        head: Changes = None, **changes: Any,
    ) -> str:
        """RFC 9449 §4.2, with changes; a member that is changed to None is left out."""
        header = {"typ": "dpop+jwt", "alg": self.algorithm, "jwk": self.jwk}
        payload = {
            "jti": secrets.token_urlsafe(16), "htm": method, "htu": url, "iat": int(time.time()),
            "ath": ath(access_token) if access_token else None, "nonce": nonce,
        }
        return self.sign(merged(header, head), merged(payload, changes))


def merged(good: dict[str, Any], changes: Changes) -> dict[str, Any]:
    return {k: v for k, v in (good | (changes or {})).items() if v is not None}


def ath(access_token: str) -> str:
    return base64url(hashlib.sha256(access_token.encode()).digest())


def ask(
    client: Client, proof: str | list[str] | None, *, url: str | None = None,
    headers: dict[str, str] | None = None, **form: str | None,
) -> httpx.Response:
    """A token request with this proof."""
    if isinstance(proof, list):
        instance, fields = client.tenant.instance, {k: v for k, v in form.items() if v is not None}
        return instance.http.post(
            url or client.tenant.endpoint("token"),
            data=fields | {"client_id": client.id} | (
                {"client_secret": client.secret} if client.secret else {}),
            headers=[("DPoP", one) for one in proof])
    return token(client, url=url, headers=(headers or {}) | ({"DPoP": proof} if proof else {}),
                 **form)


def machine_token(client: Client, key: Key, **changes: Any) -> httpx.Response:
    """Client credentials with a proof that is right but for the changes."""
    proof = key.proof("POST", client.tenant.endpoint("token"), **changes)
    return ask(client, proof, grant_type="client_credentials")


def redeem(
    client: Client, code: str, pkce: PKCE, key: Key | None, **changes: Any
) -> httpx.Response:
    proof = key.proof("POST", client.tenant.endpoint("token"), **changes) if key else None
    return ask(client, proof, grant_type="authorization_code", code=code,
               redirect_uri=client.redirect_uri, code_verifier=pkce.verifier)


def refresh(
    client: Client, refresh_token: str, key: Key | None, **changes: Any
) -> httpx.Response:
    proof = key.proof("POST", client.tenant.endpoint("token"), **changes) if key else None
    return ask(client, proof, grant_type="refresh_token", refresh_token=refresh_token)


def tokens(
    client: Client, user: User, key: Key | None, browser: Browser | None = None,
    scope: str = "openid offline_access", nonce: str | None = None, **changes: str | None,
) -> dict[str, Any]:
    """Everything from the first request to the tokens."""
    browser, pkce = browser or Browser(client.tenant.instance), PKCE.new()
    code = authorize(browser, client, user, pkce, scope=scope, **changes).code
    answer = redeem(client, code, pkce, key, **({"nonce": nonce} if nonce else {}))
    assert answer.status_code == 200, answer.text
    return answer.json()


def userinfo(
    tenant: Tenant, access_token: str, key: Key, *, method: str = "GET", scheme: str = "DPoP",
    headers: dict[str, str] | None = None, **changes: Any,
) -> httpx.Response:
    """Presents a token with a proof that is right but for the changes."""
    url = tenant.endpoint("userinfo")
    proof = key.proof(method, url, access_token=access_token, **changes)
    return present(tenant, access_token, proof, method=method, scheme=scheme, headers=headers)


def present(
    tenant: Tenant, access_token: str, proof: str | None, *, method: str = "GET",
    scheme: str = "DPoP", headers: dict[str, str] | None = None,
) -> httpx.Response:
    return tenant.instance.http.request(
        method, tenant.endpoint("userinfo"),
        headers={"Authorization": f"{scheme} {access_token}"} | (headers or {})
        | ({"DPoP": proof} if proof else {}))


def challenged(answer: httpx.Response, error: str | None, status: int = 401) -> str:
    """What a protected resource answers (RFC 9449 §7.1)."""
    assert answer.status_code == status, f"{answer.status_code} {answer.text}"
    challenges = answer.headers.get_list("www-authenticate")
    told = [text for text in challenges if text.startswith("DPoP ")]
    assert len(told) == 1 and 'algs="ES256 EdDSA PS256 RS256"' in told[0], challenges
    if error:
        assert f'error="{error}"' in challenges[0]
    assert answer.headers["cache-control"] == "no-store"
    return challenges[0]


@pytest.fixture
def machine(tenant: Tenant) -> Client:
    return tenant.create_client("machine", "--scope", "api:read")


@pytest.fixture
def key() -> Key:
    return Key()
