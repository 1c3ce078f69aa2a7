"""References to pushed authorization requests (RFC 9126)."""

from __future__ import annotations

from harness import Client
from protocol import PKCE, push

PREFIX = "urn:ietf:params:oauth:request_uri:"


def pushed(client: Client, pkce: PKCE | None = None, **changes: str | None) -> str:
    """The reference to a pushed request."""
    answer = push(client, pkce, **changes)
    assert answer.status_code == 201, answer.text
    return answer.json()["request_uri"]
