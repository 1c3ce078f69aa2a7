"""Asking what a token is good for (RFC 7662)."""

from __future__ import annotations

import httpx

from harness import Client
from protocol import token


def introspect(client: Client, value: str, **form: str | None) -> httpx.Response:
    return token(client, endpoint="introspection", token=value, **form)


def is_inactive(answer: httpx.Response) -> None:
    assert answer.status_code == 200 and answer.json() == {"active": False}
    assert answer.headers["cache-control"] == "no-store"
