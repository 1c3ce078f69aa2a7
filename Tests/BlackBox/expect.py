"""The outcomes of the attack catalogue, as assertions."""

from __future__ import annotations

from typing import Any

import httpx

from browser import Page
from harness import Client
from protocol import Redirect


def page400(page: Page, *, never: str | None = None) -> None:
    """PAGE400: an error page of ours, no redirect, and nothing of the attacker's unescaped."""
    assert page.status == 400, f"{page.status} {page.location} {page.words}"
    assert page.location is None
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    if never is not None:
        assert never not in page.text


def redirected(
    page: Page, client: Client, error: str | tuple[str, ...], *, state: str | None = "st-4711",
    uri: str | None = None,
) -> Redirect:
    """RED(e): the exact registered address, with error, state and issuer, and no code."""
    answer = Redirect.read(page)
    allowed = (error,) if isinstance(error, str) else error
    assert answer.error in allowed, answer.parameters
    assert answer.uri == (uri or client.redirect_uri)
    assert answer.parameters.get("state") == state
    assert answer.parameters.get("iss") == client.tenant.issuer
    assert "code" not in answer.parameters
    return answer


def json_error(
    response: httpx.Response, status: int, error: str | tuple[str, ...]
) -> dict[str, Any]:
    """J400(e) and J401(e)."""
    assert response.status_code == status, f"{response.status_code} {response.text}"
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"
    body = response.json()
    assert body["error"] in ((error,) if isinstance(error, str) else error), body
    assert "access_token" not in body
    if status == 401:
        assert response.headers["www-authenticate"].startswith("Basic ")
    return body


def j400(response: httpx.Response, error: str | tuple[str, ...]) -> dict[str, Any]:
    return json_error(response, 400, error)


def j401(response: httpx.Response) -> dict[str, Any]:
    return json_error(response, 401, "invalid_client")


def bearer_error(response: httpx.Response, status: int, error: str | None) -> None:
    """What a protected resource answers (RFC 6750 §3)."""
    assert response.status_code == status, f"{response.status_code} {response.text}"
    challenge = response.headers["www-authenticate"]
    assert challenge.startswith("Bearer")
    if error:
        assert f'error="{error}"' in challenge
    else:
        assert "error" not in challenge
    assert response.headers["cache-control"] == "no-store"


def invalid_token(response: httpx.Response) -> None:
    bearer_error(response, 401, "invalid_token")
