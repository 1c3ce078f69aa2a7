"""Clients that sign instead of showing a secret (RFC 7523 §2.2), and their keys."""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

import forge
from harness import Client, Tenant
from protocol import base64url
from visitor import set_limit

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]


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


def publish(tenant: Tenant, url: str, key: Key | None = None) -> Signing:
    """A client whose keys are at an address."""
    client = tenant.create_client(
        "machine", "--authentication", "private_key_jwt", "--jwks-uri", url,
        method="private_key_jwt")
    return Signing(client, key or new_key())


def signed(signing: Signing, head: Any, payload: bytes) -> str:
    """Any header and payload under the client's right ES256 signature."""
    text = forge.jws(head, payload).rpartition(".")[0]
    return f"{text}.{base64url(raw_signature(signing, text.encode()))}"


def raw_signature(signing: Signing, text: bytes) -> bytes:
    r, s = decode_dss_signature(signing.key.private_key.sign(text, ec.ECDSA(SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


@pytest.fixture
def signing(tenant: Tenant, tmp_path: Path) -> Signing:
    return register(tenant, tmp_path)
