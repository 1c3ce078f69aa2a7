"""An instance that asks clients for certificates, an authority that it trusts, and what clients do
there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from browser import Browser
from conftest import KINDS
from elsewhere import Elsewhere
from harness import Client, Tenant, User
from mtls import Authority, Identity, MutualTLSInstance, ask, patient
from protocol import PKCE, authorize

ROOT = Authority("Clients of Example")
INTERMEDIATE = Authority("Department", by=ROOT, path_length=0)
GOOD = ROOT.issue()
BOUND = "--tls-client-certificate-bound-access-tokens"
OFFLINE = "openid offline_access"


@pytest.fixture(scope="module", params=KINDS)
def mutual_instance(
    request: pytest.FixtureRequest, elsewhere: Elsewhere,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[MutualTLSInstance]:
    folder = tmp_path_factory.mktemp("mutual")
    with MutualTLSInstance(request.param, folder, [ROOT], elsewhere.flags) as instance:
        yield instance


@pytest.fixture
def acme(mutual_instance: MutualTLSInstance) -> Iterator[Tenant]:
    yield patient(mutual_instance.create_tenant())
    mutual_instance.check()


@pytest.fixture
def kay(acme: Tenant) -> User:
    return acme.create_user()


def granted(response: httpx.Response) -> dict[str, Any]:
    assert response.status_code == 200, f"{response.status_code} {response.text}"
    return response.json()


def code_for(client: Client, user: User, pkce: PKCE, **changes: str | None) -> str:
    return authorize(Browser(client.tenant.instance), client, user, pkce, **changes).code


def redeem(
    client: Client, identity: Identity | None, code: str, pkce: PKCE, **more: Any
) -> httpx.Response:
    return ask(client, identity, grant_type="authorization_code", code=code,
               redirect_uri=client.redirect_uri, code_verifier=pkce.verifier, **more)


def signed_by_client(issuer: Identity) -> Identity:
    """A certificate that the key of a client signed, as if it were an authority."""
    authority = object.__new__(Authority)
    authority.key, authority.name = issuer.key, issuer.certificate.subject
    authority.parent, authority.certificate = None, issuer.certificate
    return authority.issue()
