"""Another issuer whose assertions are a grant (RFC 7523 §2.1), and the client that brings them."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import Key

from assertions import key_set, new_key
from harness import Client, Tenant
from protocol import token
from visitor import set_limit

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ISSUER = "https://partner.test"
API = "https://orders.test"


@dataclass
class Partner:
    """Another issuer that a tenant trusts, its key, and the client that brings its assertions."""

    tenant: Tenant
    client: Client
    name: str = ISSUER
    algorithm: str = "ES256"
    key: Key = field(default_factory=new_key)

    def claims(self, subject: str, **changes: Any) -> dict[str, Any]:
        """The claims of a good assertion, with changes; None leaves one out."""
        now = int(time.time())
        good = {
            "iss": self.name, "sub": subject, "aud": self.tenant.issuer, "iat": now,
            "exp": now + 60, "jti": secrets.token_urlsafe(16)}
        return {name: value for name, value in (good | changes).items() if value is not None}

    def assertion(
        self, subject: str, head: dict[str, Any] | None = None, key: Key | None = None,
        **changes: Any,
    ) -> str:
        head = {"alg": self.algorithm, "kid": self.key.kid, "typ": "JWT"} | (head or {})
        made = jwt.encode(
            {name: value for name, value in head.items() if value is not None},
            self.claims(subject, **changes), key or self.key, algorithms=[self.algorithm])
        self.tenant.instance.keep_secret(made)
        return made

    def ask(self, assertion: str, client: Client | None = None, **form: Any) -> httpx.Response:
        fields: dict[str, Any] = {"grant_type": GRANT_TYPE, "assertion": assertion}
        return token(client or self.client, **(fields | form))

    def update(self, *options: str) -> dict[str, Any]:
        return self.tenant.cli("trusted-issuer", "update", self.name, *options)


def trust(
    tenant: Tenant, folder: Path, *options: str, name: str = ISSUER, algorithm: str = "ES256",
    subject: str = "user", client: Client | None = None,
) -> Partner:
    """An issuer whose keys are registered with it."""
    client = client or tenant.create_client(
        "machine", "--scope", "orders:read", "--scope", "orders:write")
    partner = Partner(tenant, client, name, algorithm, new_key(algorithm))
    file = folder / f"{partner.key.kid}.json"
    file.write_bytes(key_set(partner.key))
    tenant.cli("trusted-issuer", "create", name, "--jwks", str(file), "--client", client.id,
               "--subject", subject, *options)
    # Tests are wrong more often than anybody may be.
    set_limit(tenant, "grant-client", 10_000)
    return partner


def given(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
def partner(tenant: Tenant, tmp_path: Path) -> Partner:
    tenant.cli("resource", "create", "--identifier", API, "--name", "Orders")
    return trust(tenant, tmp_path, "--scope", "orders:read", "--resource", API)
