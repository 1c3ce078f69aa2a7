"""A client's side of CIBA in ping mode: what it is told at its notification endpoint, and by whom."""

from __future__ import annotations

import json
import secrets

from ciba import Asked, asking_client
from elsewhere import Behaviour, Elsewhere, answer
from harness import Client, Tenant, User
from trial import eventually

DONE = answer(b"", status="204 No Content")


def pinged_client(
    tenant: Tenant, elsewhere: Elsewhere, *arguments: str, behaviour: Behaviour = DONE,
    host: str = "127.0.0.1",
) -> tuple[Client, str]:
    """A client that wants to be told of answers, and the path at which it is."""
    path = f"/{secrets.token_hex(6)}"
    elsewhere.answer(path, behaviour)
    client = asking_client(
        tenant, "--backchannel-token-delivery-mode", "ping",
        "--backchannel-client-notification-endpoint", elsewhere.url(path, host), *arguments)
    return client, path


def ask_and_be_told(client: Client, user: User, **form: str | None) -> tuple[Asked, str]:
    """What is asked, and the token by which the client will know who tells it."""
    token = secrets.token_urlsafe(32)
    return Asked.of(client, user, client_notification_token=token, **form), token


def notified(elsewhere: Elsewhere, path: str) -> list[tuple[str, str]]:
    """Which token and which request came to a path, after the checks of CIBA Core §10.2."""
    found = []
    for fields, body in elsewhere.posted(path):
        assert set(fields) == {
            b"host", b"accept", b"accept-encoding", b"user-agent", b"connection",
            b"content-type", b"content-length", b"authorization"}
        assert fields[b"content-type"] == b"application/json"
        scheme, _, token = fields[b"authorization"].decode().partition(" ")
        said = json.loads(body)
        assert scheme == "Bearer" and list(said) == ["auth_req_id"]
        found.append((token, said["auth_req_id"]))
    return found


def await_notified(elsewhere: Elsewhere, path: str, count: int = 1) -> list[tuple[str, str]]:
    """Waits until the client was told so often."""
    eventually(lambda: len(notified(elsewhere, path)) >= count, f"{path} is told", 40)
    found = notified(elsewhere, path)
    assert len(found) == count
    return found
