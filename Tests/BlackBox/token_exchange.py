"""APIs that exchange the tokens they get (RFC 8693)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from harness import Client, Tenant, User
from protocol import token, tokens
from visitor import set_limit

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS, ID, REFRESH, ANY = (
    f"urn:ietf:params:oauth:token-type:{name}"
    for name in ("access_token", "id_token", "refresh_token", "jwt"))
ORDERS, STOCK, BOOKS = "https://orders.test", "https://stock.test", "https://books.test"
SCOPE = "openid orders:read stock:read"


class Services:
    """A web app, the orders API that it calls, and the stock API that orders call in turn."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        scopes = ("--scope", "orders:read", "--scope", "stock:read", "--scope", "stock:write")
        self.app = tenant.create_client(
            "web", "--scope", "openid", "--scope", "offline_access", *scopes, "--refresh-tokens",
            "always")
        self.orders = tenant.create_client("machine", *scopes)
        self.stock = tenant.create_client("machine", *scopes)
        self.stranger = tenant.create_client("machine", *scopes)
        for identifier, server in (
                (ORDERS, self.orders), (STOCK, self.stock), (BOOKS, self.stranger)):
            tenant.cli("resource", "create", "--identifier", identifier, "--name", "An API",
                       "--server", server.id)
        # Tests are wrong more often than anybody may be.
        set_limit(tenant, "grant-client", 10_000)
        self.policy = self.allow(self.orders, STOCK)

    def allow(self, client: Client, resource: str, *options: str) -> str:
        """Adds a policy; its id."""
        return self.tenant.cli(
            "client", "exchange", "allow", client.id, "--resource", resource, *options)["id"]

    def forbid(self, client: Client, policy: str) -> None:
        self.tenant.cli("client", "exchange", "forbid", client.id, policy)

    def sign_in(self, user: User, resource: str | None = ORDERS, **changes: Any) -> dict[str, Any]:
        return tokens(self.app, user, **({"scope": SCOPE, "resource": resource} | changes))


def exchange(
    client: Client, subject: str, kind: str = ACCESS, *, headers: dict[str, str] | None = None,
    **form: str | None,
) -> httpx.Response:
    fields: dict[str, str | None] = {
        "grant_type": GRANT_TYPE, "subject_token": subject, "subject_token_type": kind}
    return token(client, headers=headers, **(fields | form))


def given(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
def services(tenant: Tenant) -> Services:
    return Services(tenant)


@pytest.fixture
def alice(services: Services, user: User) -> str:
    """An access token of a person, for the orders API."""
    return services.sign_in(user)["access_token"]
