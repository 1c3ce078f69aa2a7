"""Many who ask at the same moment, and what is left of it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable
from urllib.parse import urlencode

import httpx

from harness import TLS, Client

WIDTH = 64


def at_once(width: int, request: Callable[[httpx.Client], Any]) -> list[Any]:
    """Does it so many times in the same moment, each over an open connection of its own."""
    barrier = threading.Barrier(width)

    def run(session: httpx.Client) -> Any:
        with session:
            barrier.wait(timeout=60)
            return request(session)

    sessions = [httpx.Client(timeout=60, trust_env=False, verify=TLS) for _ in range(width)]
    with ThreadPoolExecutor(width) as pool:
        return list(pool.map(run, sessions))


def post_at_once(client: Client, form: dict[str, str], width: int = WIDTH) -> list[httpx.Response]:
    """Sends one form to the token endpoint many times; the client is public."""
    instance = client.tenant.instance
    body = urlencode(form | {"client_id": client.id}).encode()
    url, health = client.tenant.endpoint("token"), f"{instance.url}/livez"
    ready = threading.Barrier(width)

    def run(session: httpx.Client) -> httpx.Response:
        # Connects first, so that the barrier lets loose requests and not handshakes.
        assert session.get(health).status_code == 200
        ready.wait(timeout=60)
        return session.post(
            url, content=body, headers={"Content-Type": "application/x-www-form-urlencoded"})

    answers = at_once(width, run)
    for answer in answers:
        instance._see_json(answer.json())
    return answers


def succeeded(answers: list[httpx.Response]) -> list[dict[str, Any]]:
    return [answer.json() for answer in answers if answer.status_code == 200]


def live_heads(client: Client) -> int:
    """How many refresh tokens of the client's grants are unused and not revoked."""
    return client.tenant.instance.database.value(
        f"""
        SELECT count(*) AS n FROM refresh_token AS token
        JOIN authorization_grant AS held
            ON held.tenant_id = token.tenant_id AND held.id = token.grant_id
        WHERE token.tenant_id = '{client.tenant.id}' AND held.client_id = '{client.id}'
            AND token.consumed_at IS NULL AND held.revoked_at IS NULL
        """)
