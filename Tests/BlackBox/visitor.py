"""Somebody at a sign-in page, from an address of their choice; and what too many attempts get."""

from __future__ import annotations

import httpx

from browser import Browser, Page
from harness import Client, Tenant, User
from protocol import Redirect, begin

WRONG = "not the password 77"


class Visitor:
    """Somebody with a browser and an address, before the sign-in page of one interaction."""

    def __init__(self, app: Client, address: str = "192.0.2.1", **changes: str) -> None:
        self.app, self.address = app, address
        self.browser = Browser(app.tenant.instance)
        self.open(**changes)

    def open(self, **changes: str) -> None:
        """Begins another interaction in the same browser."""
        self.form = begin(self.browser, self.app, **changes).form("identifier", "password")

    def attempt(self, name: str, password: str = WRONG) -> Page:
        fields = self.form.fields | {"identifier": name, "password": password}
        return self.browser.post(self.form.action, fields, headers=self.headers)

    @property
    def headers(self) -> dict[str, str]:
        return {"X-Forwarded-For": self.address}

    @classmethod
    def known(cls, app: Client, user: User, address: str = "192.0.2.1") -> Visitor:
        """One in whose browser the user signed in before, and signed out."""
        visitor = cls(app, address)
        assert Redirect.read(visitor.attempt(user.name, user.password)).code
        visitor.browser.cookies = {
            name: value for name, value in visitor.browser.cookies.items() if "device" in name}
        assert len(visitor.browser.cookies) == 1
        visitor.open()
        return visitor


def limited(page: Page) -> int:
    """Asserts that a page refuses to look at a password; the seconds to wait."""
    assert page.status == 429, f"{page.status} {page.words}"
    assert page.location is None and "Too many attempts to sign in." in page.words
    assert "set-cookie" not in page.headers
    return int(page.headers["retry-after"])


def limited_json(answer: httpx.Response, longest: int = 900) -> None:
    assert answer.status_code == 429, f"{answer.status_code} {answer.text}"
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert 1 <= int(answer.headers["retry-after"]) <= longest
    body = answer.json()
    assert set(body) == {"error", "error_description", "incident"}
    assert body["error"] == "temporarily_unavailable"


def set_limit(tenant: Tenant, name: str, allowed: int) -> None:
    tenant.instance.cli("tenant", "limit", tenant.slug, name, "--allow", str(allowed))


def kinds(tenant: Tenant) -> list[str]:
    return [event["kind"] for event in tenant.instance.events(tenant)]
