"""A relying party's side of logout: what it is told over the back channel, and how it believes it."""

from __future__ import annotations

import json
import secrets
import time
from typing import Any
from urllib.parse import parse_qs, urlencode

from joserfc import jwt
from joserfc.jwk import KeySet

from browser import Browser, Page
from elsewhere import Behaviour, Elsewhere, answer
from harness import Client, Tenant
from trial import eventually

EVENT = "http://schemas.openid.net/event/backchannel-logout"
HOME = "https://rp.test/home"

DONE = answer(b"", headers="Cache-Control: no-store\r\n")


def listening(
    tenant: Tenant, elsewhere: Elsewhere, *arguments: str, behaviour: Behaviour = DONE,
    host: str = "127.0.0.1", kind: str = "web",
) -> tuple[Client, str]:
    """A client that wants to hear of logouts, and the path at which it does."""
    path = f"/{secrets.token_hex(6)}"
    elsewhere.answer(path, behaviour)
    client = tenant.create_client(
        kind, "--post-logout-redirect-uri", HOME, "--backchannel-logout-uri",
        elsewhere.url(path, host), *arguments)
    return client, path


def told(elsewhere: Elsewhere, path: str) -> list[str]:
    """The logout tokens that were posted to a path, after the checks of Back-Channel Logout §2.5
    that are about the request."""
    tokens = []
    for fields, body in elsewhere.posted(path):
        assert set(fields) == {
            b"host", b"accept", b"accept-encoding", b"user-agent", b"connection",
            b"content-type", b"content-length"}
        assert fields[b"content-type"] == b"application/x-www-form-urlencoded"
        form = parse_qs(body.decode(), strict_parsing=True)
        assert list(form) == ["logout_token"] and len(form["logout_token"]) == 1
        tokens.append(form["logout_token"][0])
    return tokens


def await_told(elsewhere: Elsewhere, path: str, count: int = 1) -> list[str]:
    """Waits until the client was told so often."""
    eventually(lambda: len(told(elsewhere, path)) >= count, f"{path} is told of a logout", 40)
    found = told(elsewhere, path)
    assert len(found) == count
    return found


def believed(client: Client, token: str, algorithm: str = "RS256") -> dict[str, Any]:
    """The claims of a logout token, after the checks of Back-Channel Logout §2.6."""
    tenant = client.tenant
    keys = tenant.instance.http.get(tenant.endpoint("jwks_uri")).json()
    read = jwt.decode(token, KeySet.import_key_set(keys), algorithms=[algorithm])
    assert read.header["typ"] == "logout+jwt" and read.header["alg"] == algorithm
    said = read.claims
    assert said["iss"] == tenant.issuer and said["aud"] == client.id
    assert said["iat"] - 5 <= time.time() < said["exp"] and said["exp"] - said["iat"] <= 120
    assert said["events"] == {EVENT: {}} and "nonce" not in said
    assert said["sub"] and said["sid"] and said["jti"]
    return said


def outcomes(tenant: Tenant, kind: str = "logout.delivered") -> list[dict[str, str]]:
    """The details of what was recorded of deliveries."""
    return [json.loads(event["detail"]) | {"sid": event["subject"]}
            for event in tenant.instance.events(tenant) if event["kind"] == kind]


def waiting(tenant: Tenant) -> int:
    """How many clients have yet to be told."""
    rows = tenant.instance.database.rows(
        f"SELECT client_id FROM delivery WHERE tenant_id = '{tenant.id}'")
    return len(rows)


def leave(browser: Browser, tenant: Tenant, **parameters: str) -> Page:
    return browser.get(
        f"{tenant.endpoint('end_session')}?{urlencode(parameters)}", site="cross-site")


def sign_out(browser: Browser, tenant: Tenant) -> Page:
    """Signs out on the page, as a person does."""
    page = leave(browser, tenant)
    return browser.submit(page, page.form("answer"), answer="sign_out")


def frames(page: Page) -> list[str]:
    return [link for link in page.links
            if f'src="{link.replace("&", "&amp;")}"' in page.text and "<iframe" in page.text]
