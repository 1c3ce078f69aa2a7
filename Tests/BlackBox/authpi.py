"""An app that `authpi-idp` from PyPI signs people in to, set up as AuthPI's quickstart says."""

from __future__ import annotations

import time
from typing import Any

from authpi_idp import AuthenticatedAgent, AuthorizationUrl, IdpClientSync

from browser import Browser
from harness import Client, User
from protocol import sign_in

CALLBACK = "http://localhost:3000/callback"
HOME = "http://localhost:3000/"
SCOPES = ["openid", "profile", "email"]
SINGLE_USE = ["--refresh-tokens", "always", "--rotation", "rotate", "--rotation-leeway", "0"]

Tokens = dict[str, Any]


def settings(client: Client) -> dict[str, Any]:
    return {
        "issuer_url": client.tenant.issuer, "client_id": client.id,
        "client_secret": client.secret, "redirect_uri": CALLBACK}


def arrive(auth: AuthorizationUrl, browser: Browser, user: User | None) -> str:
    """Sends the browser to sign in; the address that it comes back to."""
    page = sign_in(browser, browser.get(auth.url, site="cross-site"), user)
    assert page.location and page.location.startswith(CALLBACK + "?")
    return page.location


def log_in(
    idp: IdpClientSync, browser: Browser, user: User | None, org: str | None = None
) -> AuthenticatedAgent:
    auth = idp.create_authorization_url(SCOPES, org=org)
    return seen(idp.exchange_callback(arrive(auth, browser, user), auth), browser)


def seen(agent: AuthenticatedAgent, browser: Browser) -> AuthenticatedAgent:
    """Keeps the tokens, which must not occur in the log."""
    browser.instance._see_json(agent.tokens.model_dump())
    return agent


def expired(agent: AuthenticatedAgent) -> Tokens:
    """The tokens as the app stored them, an hour later."""
    return agent.tokens.model_dump() | {"expires_at": int(time.time()) - 1}
