"""Several accounts in one browser, and the page on which one is chosen."""

from __future__ import annotations

from typing import Any

import pytest

from browser import Browser, Form, Page
from harness import Client, Tenant, User
from protocol import PKCE, Redirect, authorize, begin, claims, redeem


def add(browser: Browser, client: Client, user: User, pkce: PKCE | None = None) -> Redirect:
    """Signs one more account in."""
    page = begin(browser, client, pkce, prompt="login")
    if page.form("identifier").fields["identifier"]:
        page = browser.follow(
            browser.submit(page, page.form("answer"), answer="another_account"))
    return Redirect.read(browser.follow(browser.submit(
        page, page.form("identifier", "password"), identifier=user.name,
        password=user.password)))


def chooser(browser: Browser, client: Client, pkce: PKCE | None = None, **changes: Any) -> Page:
    page = begin(browser, client, pkce, **({"prompt": "select_account"} | changes))
    assert "Choose an account" in page.words
    return page


def choices(page: Page) -> list[Form]:
    return [form for form in page.forms if "session" in form.fields]


def names(page: Page, users: list[User]) -> list[str]:
    """The accounts of a page, in its order."""
    found = [(page.words.index(user.name), user.name) for user in users if user.name in page.words]
    return [name for _, name in sorted(found)]


def subject(client: Client, answer: Redirect, pkce: PKCE) -> str:
    return claims(redeem(client, answer.code, pkce).json()["id_token"])["sub"]


def silent(browser: Browser, client: Client, **changes: Any) -> str | None:
    """Whom a request without pages is about, or its error."""
    pkce = PKCE.new()
    answer = authorize(browser, client, None, pkce, prompt="none", **changes)
    return answer.error or subject(client, answer, pkce)


@pytest.fixture
def users(tenant: Tenant) -> list[User]:
    """Three people; the last one is the active account."""
    return [tenant.create_user(name=name) for name in ("Ada Archer", "Kay Keeper", "Zed Zander")]


@pytest.fixture
def shared(client: Client, users: list[User], browser: Browser) -> Browser:
    """A browser in which all of them are signed in."""
    for user in users:
        add(browser, client, user)
    return browser
