"""An app of a person's own, by which they see and answer what clients ask from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from browser import Browser
from ciba import Asked
from expect import bearer_error, json_error
from harness import Client, Tenant, User
from protocol import tokens

SCOPE = "openid approvals"


def approving_client(
    tenant: Tenant, *arguments: str, kind: str = "web", audience: str | None = None,
    scopes: tuple[str, ...] = ("openid", "approvals", "offline_access"), name: str = "My bank app",
) -> Client:
    """An app that may answer for people, as an operator registers it."""
    return tenant.create_client(
        kind, "--audience", audience or tenant.issuer,
        *[part for scope in scopes for part in ("--scope", scope)], *arguments, name=name)


@dataclass
class Phone:
    """An app of a person's, with an access token."""

    client: Client
    token: str
    browser: Browser

    @classmethod
    def of(cls, client: Client, user: User, scope: str = SCOPE) -> Phone:
        browser = Browser(client.tenant.instance)
        given = tokens(client, user, browser, scope=scope)
        return cls(client, given["access_token"], browser)

    @property
    def url(self) -> str:
        return f"{self.client.tenant.issuer}/bc-approvals"

    def get(self, path: str = "", **headers: str) -> httpx.Response:
        return self.client.tenant.instance.http.get(
            self.url + path, headers={"Authorization": f"Bearer {self.token}"} | headers)

    def list(self) -> list[dict[str, Any]]:
        answer = self.get()
        assert answer.status_code == 200, answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert list(answer.json()) == ["approvals"]
        return answer.json()["approvals"]

    def decide(self, id: str, answer: str, **headers: str) -> httpx.Response:
        return self.client.tenant.instance.http.post(
            f"{self.url}/{id}", json={"decision": answer},
            headers={"Authorization": f"Bearer {self.token}"} | headers)


def refused(answer: httpx.Response, status: int, error: str) -> None:
    json_error(answer, status, error)


def is_pending(asked: Asked) -> bool:
    return asked.poll().json()["error"] in ("authorization_pending", "slow_down")


def rejected(phone: Phone, id: str, status: int, error: str | None) -> None:
    for answer in (phone.get(), phone.get(f"/{id}"), phone.decide(id, "allow")):
        bearer_error(answer, status, error)
