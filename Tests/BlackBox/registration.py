"""A client that registers itself (RFC 7591, RFC 7592), each step by itself so that a test can do
any of them wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from harness import REDIRECT_URI, Client, Tenant
from visitor import set_limit

Metadata = dict[str, Any]


def let_register(tenant: Tenant, *arguments: str, mode: str = "open") -> Tenant:
    """Opens a tenant, and lets a test register more than anybody should."""
    tenant.cli("registration", "update", "--mode", mode, *arguments)
    for name in ("registration-network", "access-token-network"):
        set_limit(tenant, name, 100_000)
    return tenant


def initial_access_token(tenant: Tenant, *arguments: str) -> str:
    return tenant.cli("registration", "token", "create", *arguments)["initial_access_token"]


def register(tenant: Tenant, token: str | None = None, **changes: Any) -> httpx.Response:
    """Registers a good client, with changes; ... leaves a member out."""
    metadata: Metadata = {"redirect_uris": [REDIRECT_URI], "client_name": "Test app"}
    return tenant.instance.http.post(
        f"{tenant.issuer}/oauth2/register", headers=bearer(token),
        json={name: value for name, value in (metadata | changes).items() if value is not ...})


def bearer(token: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


@dataclass
class Registered:
    """A client that registered itself, and what it was told."""

    tenant: Tenant
    told: Metadata

    @classmethod
    def new(cls, tenant: Tenant, token: str | None = None, **changes: Any) -> Registered:
        answer = register(tenant, token, **changes)
        assert answer.status_code == 201, answer.text
        return cls(tenant, answer.json())

    @property
    def client(self) -> Client:
        method = self.told["token_endpoint_auth_method"]
        return Client(
            self.tenant, self.told["client_id"], self.told.get("client_secret"),
            self.told["application_type"], (self.told["redirect_uris"] or [""])[0], method)

    @property
    def token(self) -> str:
        return self.told["registration_access_token"]

    @property
    def url(self) -> str:
        return self.told["registration_client_uri"]

    def read(self, token: str | None = None) -> httpx.Response:
        return self.tenant.instance.http.get(self.url, headers=bearer(token or self.token))

    def replace(self, token: str | None = None, **changes: Any) -> httpx.Response:
        """Asks for the registration as it was told, with changes; ... leaves a member out."""
        metadata = {
            name: value for name, value in (self.wanted | changes).items() if value is not ...}
        return self.tenant.instance.http.put(
            self.url, json=metadata, headers=bearer(token or self.token))

    @property
    def wanted(self) -> Metadata:
        """What the client may send back of what it was told (RFC 7592 §2.2)."""
        return {
            name: value for name, value in self.told.items() if name not in (
                "registration_access_token", "registration_client_uri", "client_secret",
                "client_secret_expires_at", "client_id_issued_at")}

    def end(self, token: str | None = None) -> httpx.Response:
        return self.tenant.instance.http.delete(self.url, headers=bearer(token or self.token))


def refused(response: httpx.Response) -> None:
    """A token that opens nothing, whatever is wrong with it (RFC 6750 §3.1)."""
    assert response.status_code == 401, f"{response.status_code} {response.text}"
    assert response.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert response.headers["cache-control"] == "no-store"
    assert response.json()["error"] == "invalid_token"


@pytest.fixture
def open_to_clients(tenant: Tenant) -> Tenant:
    return let_register(tenant)
