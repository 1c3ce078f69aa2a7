"""Clients that the address of a document names, and the servers that hold such documents."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from browser import Browser, Page
from conftest import KINDS
from elsewhere import Behaviour, Elsewhere, answer
from expect import page400
from harness import Client, Instance, Tenant
from protocol import PKCE, authorization_url
from visitor import set_limit

CALLBACK = "http://127.0.0.1:4711/callback"


@dataclass(frozen=True)
class Document:
    """A document at an address, and the client that it names."""

    elsewhere: Elsewhere
    tenant: Tenant
    path: str
    url: str
    method: str = "none"

    @classmethod
    def new(cls, elsewhere: Elsewhere, tenant: Tenant, *, host: str = "127.0.0.1",
            method: str = "none", headers: str = "", **changes: Any) -> Document:
        path = f"/{secrets.token_hex(6)}/client.json"
        document = cls(elsewhere, tenant, path, elsewhere.url(path, host), method)
        document.says(headers, **changes)
        return document

    def says(self, headers: str = "", **changes: Any) -> None:
        """From now on the document is a good one, with changes; ... leaves a member out."""
        good = {
            "client_id": self.url, "client_name": "Test agent", "redirect_uris": [CALLBACK],
            "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
            "token_endpoint_auth_method": self.method}
        members = {name: value for name, value in (good | changes).items() if value is not ...}
        self.elsewhere.answer(self.path, answer(json.dumps(members).encode(), headers=headers))

    def behaves(self, behaviour: Behaviour) -> None:
        self.elsewhere.answer(self.path, behaviour)

    @property
    def client(self) -> Client:
        return Client(self.tenant, self.url, None, "native", CALLBACK, self.method)

    @property
    def asked(self) -> int:
        return self.elsewhere.paths.count(self.path)

    def ask(self, **changes: str | None) -> Page:
        """A browser comes with a good request of the client."""
        browser = Browser(self.tenant.instance)
        return browser.get(authorization_url(self.client, PKCE.new(), **changes))

    def is_refused(self, **changes: str | None) -> None:
        page400(self.ask(**changes))


def age(document: Document, milliseconds: int = 3_600_000) -> None:
    """Lets the document's time be over, as far as the database knows."""
    database = document.tenant.instance.database
    rows = database.rows(f"SELECT registration FROM client WHERE id = '{document.url}'")
    kept = json.loads(rows[0]["registration"])
    kept["fresh_until"] -= milliseconds
    database.execute(
        "UPDATE client SET registration = '" + json.dumps(kept).replace("'", "''")
        + f"' WHERE id = '{document.url}'")
    document.tenant.instance.restart()


@pytest.fixture
def agents(asking_instance: Instance) -> Iterator[Tenant]:
    """A tenant that takes every document."""
    tenant = asking_instance.create_tenant()
    tenant.cli("registration", "update", "--metadata-documents", "any")
    set_limit(tenant, "metadata-document-network", 100_000)
    set_limit(tenant, "authentication-network", 100_000)
    yield tenant
    asking_instance.check()


@pytest.fixture(params=KINDS)
def own_tenant(request: pytest.FixtureRequest, elsewhere: Elsewhere) -> Iterator[Tenant]:
    """A tenant whose instance a test may restart."""
    with Instance(request.param, elsewhere.flags) as instance:
        tenant = instance.create_tenant()
        tenant.cli("registration", "update", "--metadata-documents", "any")
        yield tenant
