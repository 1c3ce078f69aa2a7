"""Somebody else's client, and the page that asks what it may do."""

from __future__ import annotations

from typing import Any

import pytest

from browser import Browser, Page
from harness import Client, Tenant, User
from protocol import PKCE, asks_consent, begin

ORDERS = "https://orders.test"
STOCK = "https://stock.test"


def third(tenant: Tenant, kind: str = "web", *options: str, **more: Any) -> Client:
    scopes = ("openid", "profile", "email", "offline_access", "orders:read", "orders:write")
    return tenant.create_client(
        kind, "--party", "third", *(p for s in scopes for p in ("--scope", s)), *options,
        name="Herb Garden", **more)


def orders(tenant: Tenant, identifier: str = ORDERS) -> None:
    tenant.cli(
        "resource", "create", "--identifier", identifier, "--name", "Order desk",
        "--scope", "orders:read=See your orders", "--scope", "orders:write=Place orders for you")


def asked(client: Client, user: User, browser: Browser, pkce: PKCE | None = None,
          **changes: Any) -> Page:
    """The page that asks, after signing in where nobody is signed in."""
    page = begin(browser, client, pkce, **changes)
    if not asks_consent(page):
        form = page.form("identifier", "password")
        page = browser.follow(
            browser.submit(page, form, identifier=user.name, password=user.password))
    assert asks_consent(page), f"{page.status} {page.url} {page.words}"
    return page


def consents(tenant: Tenant, **options: str) -> list[dict[str, Any]]:
    flags = [part for name, value in options.items() for part in (f"--{name}", value)]
    return tenant.cli("consent", "list", *flags)


def allowed(consent: dict[str, Any]) -> dict[str | None, str]:
    """The scope by resource; that of no resource is who the person is."""
    return {part["resource"]: part["scope"] for part in consent["allowed"]}


@pytest.fixture
def other(tenant: Tenant) -> Client:
    """A client of somebody else."""
    return third(tenant)
