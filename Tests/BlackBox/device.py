"""The device's side of RFC 8628, written from the text of it, and the person's who lets it in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from browser import Browser, Page
from harness import Client, Tenant, User
from protocol import sign_in, token

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"
OFFLINE = "openid offline_access"


def device_client(tenant: Tenant, kind: str = "native", *arguments: str) -> Client:
    """A client that people may let in from another device."""
    return tenant.create_client(kind, "--device-authorization", *arguments, redirect_uris=[])


def ask(client: Client, **form: str | None) -> httpx.Response:
    """One device authorization request (RFC 8628 §3.1)."""
    return token(client, endpoint="device_authorization", **form)


@dataclass
class Device:
    """A device with its codes, as it shows and keeps them."""

    client: Client
    codes: dict[str, Any]

    @classmethod
    def begin(cls, client: Client, **form: str | None) -> Device:
        answer = ask(client, **({"scope": "openid"} | form))
        assert answer.status_code == 200, answer.text
        assert answer.headers["cache-control"] == "no-store"
        return cls(client, answer.json())

    @property
    def code(self) -> str:
        return self.codes["device_code"]

    @property
    def user_code(self) -> str:
        return self.codes["user_code"]

    def poll(self, client: Client | None = None, **form: str | None) -> httpx.Response:
        """One device access token request (RFC 8628 §3.4)."""
        return token(
            client or self.client,
            **({"grant_type": GRANT_TYPE, "device_code": self.code} | form))

    def tokens(self) -> dict[str, Any]:
        answer = self.poll()
        assert answer.status_code == 200, answer.text
        return answer.json()


def enter(
    browser: Browser, tenant: Tenant, code: str, headers: dict[str, str] | None = None
) -> Page:
    """Types a code into the page for it; what comes of it, without following."""
    page = browser.get(f"{tenant.issuer}/device", headers=headers)
    assert page.status == 200, f"{page.status} {page.words}"
    form = page.form("user_code", "csrf")
    return browser.post(form.action, form.fields | {"user_code": code}, headers=headers)


def open_decision(browser: Browser, device: Device, user: User | None) -> Page:
    """Goes as far as the page on which the person decides."""
    tenant = device.client.tenant
    page = browser.follow(enter(browser, tenant, device.user_code))
    if user is None:
        form = page.form("answer")
        if ("answer", "continue") in form.buttons:
            page = browser.follow(browser.submit(page, form, answer="continue"))
    else:
        page = browser.follow(sign_in(browser, page, user))
    assert ("answer", "allow") in page.form("answer").buttons, f"{page.status} {page.words}"
    return page


def decide(
    device: Device, user: User | None, answer: str = "allow", browser: Browser | None = None
) -> Page:
    """Everything that the person does, from the code to the page at the end."""
    browser = browser or Browser(device.client.tenant.instance)
    page = open_decision(browser, device, user)
    return browser.follow(browser.submit(page, page.form("answer"), answer=answer))
