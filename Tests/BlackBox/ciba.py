"""A client that asks people who are elsewhere, and what a person sees and answers (OpenID Connect CIBA
Core)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from browser import Browser, Page
from harness import Client, Tenant, User
from protocol import sign_in, token
from visitor import set_limit

GRANT_TYPE = "urn:openid:params:grant-type:ciba"
SCOPES = ("openid", "email", "offline_access", "reports:read")


def asking_client(tenant: Tenant, *arguments: str, name: str = "Call centre") -> Client:
    """A client that may ask people who are elsewhere."""
    set_limit(tenant, "grant-client", 10_000)
    return tenant.create_client(
        "web", "--backchannel-authentication", "--id-token-algorithm", "ES256",
        *[part for scope in SCOPES for part in ("--scope", scope)], *arguments,
        redirect_uris=[], name=name)


def ask(client: Client, **form: str | None) -> httpx.Response:
    return token(client, endpoint="backchannel_authentication", **({"scope": "openid"} | form))


@dataclass
class Asked:
    """What a client asked, as it keeps it."""

    client: Client
    answer: dict[str, Any]

    @classmethod
    def of(cls, client: Client, user: User, **form: str | None) -> Asked:
        answer = ask(client, **({"login_hint": user.name} | form))
        assert answer.status_code == 200, answer.text
        assert answer.headers["cache-control"] == "no-store"
        return cls(client, answer.json())

    @property
    def id(self) -> str:
        return self.answer["auth_req_id"]

    def poll(self, client: Client | None = None, **form: Any) -> httpx.Response:
        fields = {"grant_type": GRANT_TYPE, "auth_req_id": self.id}
        return token(client or self.client, **(fields | form))

    def tokens(self) -> dict[str, Any]:
        answer = self.poll()
        assert answer.status_code == 200, answer.text
        return answer.json()


def open_page(browser: Browser, tenant: Tenant, user: User | None = None) -> Page:
    """The page of what waits, signed in."""
    page = browser.get(f"{tenant.issuer}/approvals")
    assert page.status == 200, f"{page.status} {page.words}"
    if user is None:
        return page
    page = browser.follow(browser.submit(page, page.form("csrf")))
    page = browser.follow(sign_in(browser, page, user))
    assert "Requests from elsewhere" in page.words, page.words
    return page


def press(browser: Browser, page: Page, answer: str) -> Page:
    """Answers the first question of the page."""
    return browser.submit(page, page.form("authentication", "csrf"), answer=answer)


def allowed(client: Client, user: User, **form: str | None) -> Asked:
    asked = Asked.of(client, user, **form)
    browser = Browser(client.tenant.instance)
    press(browser, open_page(browser, client.tenant, user), "allow")
    return asked
