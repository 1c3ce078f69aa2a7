"""Signed authorization requests (RFC 9101), and the two ways to bring one."""

from __future__ import annotations

import secrets
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from joserfc import jwt

from assertions import Signing, register
from browser import Browser, Page
from expect import j400
from harness import Client, Tenant, User
from protocol import PKCE, Redirect, authorize, request_parameters

TYPE = "oauth-authz-req+jwt"
WRONG = "invalid_request_object"


def content(signing: Signing, pkce: PKCE | None = None, **changes: Any) -> dict[str, Any]:
    """What a good request object says, with changes; None leaves a member out."""
    now, client = int(time.time()), signing.client
    good = request_parameters(client, pkce or PKCE.new()) | {
        "iss": client.id, "aud": client.tenant.issuer, "iat": now, "nbf": now, "exp": now + 300,
        "jti": secrets.token_urlsafe(16), "state": "inside"}
    return {name: value for name, value in (good | changes).items() if value is not None}


def request_object(
    signing: Signing, pkce: PKCE | None = None, head: dict[str, Any] | None = None, **changes: Any
) -> str:
    head = {"alg": signing.algorithm, "kid": signing.key.kid, "typ": TYPE} | (head or {})
    return jwt.encode(
        head, content(signing, pkce, **changes), signing.key, algorithms=[signing.algorithm])


def by_value(client: Client, request: str, **beside: str) -> str:
    """Where a browser brings a request object by value (RFC 9101 §5.1)."""
    query = urlencode({"client_id": client.id, "request": request} | beside)
    return f"{client.tenant.endpoint('authorization')}?{query}"


def pushed(signing: Signing, request: str | None, **beside: str | None) -> httpx.Response:
    """Pushes a request object (RFC 9126 §3)."""
    return signing.ask(
        endpoint="pushed_authorization_request", grant_type=None, request=request, **beside)


def brought(signing: Signing, browser: Browser, request: str, **beside: str) -> Page:
    """What a browser gets that brings a request with good parameters beside it."""
    client = signing.client
    outside = request_parameters(client, PKCE.new()) | beside
    if len(request) < 4_000:
        return browser.get(by_value(client, request, **outside))
    return browser.post(
        client.tenant.endpoint("authorization"), outside | {"request": request},
        site="cross-site")


def refused(
    signing: Signing, browser: Browser, request: str, **beside: str
) -> None:
    """RED and J400: neither by value nor pushed."""
    client = signing.client
    answered = Redirect.read(brought(signing, browser, request, **beside))
    assert answered.error == WRONG and answered.uri == client.redirect_uri
    assert "code" not in answered.parameters
    assert answered.parameters["iss"] == client.tenant.issuer
    j400(pushed(signing, request), WRONG)


@pytest.fixture
def signing(tenant: Tenant, tmp_path: Path) -> Signing:
    return register(tenant, tmp_path, "web")


@pytest.fixture
def signed_in(signing: Signing, user: User, browser: Browser) -> Browser:
    """A browser in which nobody has to be asked for anything."""
    authorize(browser, signing.client, user, PKCE.new())
    return browser
