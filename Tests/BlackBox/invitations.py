"""Invitations into organizations: asking, the letter, and answering it in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from browser import Browser, Page
from conftest import KINDS
from harness import Instance, Tenant, User
from mails import MailRelay
from organizations import flags, organization
from trial import eventually

PASSWORD = "teapot gravel unicorn 41"


@pytest.fixture(scope="module", params=KINDS)
def mailing(request: pytest.FixtureRequest) -> Iterator[tuple[Instance, MailRelay]]:
    """An instance that has a relay for its mail."""
    with MailRelay() as relay:
        with Instance(request.param, relay.flags, relay.environment) as instance:
            yield instance, relay


@pytest.fixture
def relay(mailing: tuple[Instance, MailRelay]) -> MailRelay:
    return mailing[1]


@pytest.fixture
def inviting(mailing: tuple[Instance, MailRelay]) -> Iterator[Tenant]:
    """A tenant that makes no accounts for strangers, and can invite people."""
    yield mailing[0].create_tenant()
    mailing[0].check()


def invite(
    tenant: Tenant, organization: str, address: str, *options: str,
    scopes: tuple[str, ...] = (), roles: tuple[str, ...] = (),
) -> dict[str, Any]:
    return tenant.cli(
        "organization", "invite", address, "--organization", organization,
        *flags("--scope", scopes), *flags("--role", roles), *options)


def invitation(tenant: Tenant, verb: str, organization: str, *options: str) -> Any:
    return tenant.cli("organization", "invitation", verb, organization, *options)


def listed(tenant: Tenant, organization: str) -> list[dict[str, Any]]:
    return invitation(tenant, "list", organization)


def letter(tenant: Tenant, relay: MailRelay, address: str, count: int = 1) -> str:
    """The link in the newest of so many letters to an address, once the audit knows of it too."""
    link = relay.await_letter(address, count)
    eventually(
        lambda: not tenant.instance.database.rows(
            f"SELECT id FROM invitation WHERE tenant_id = '{tenant.id}' "
            f"AND email = '{address}' AND letter_due_at IS NOT NULL"),
        "the letter is noted")
    return link


def secret_of(link: str) -> str:
    address = urlsplit(link)
    (name, secret), = parse_qsl(address.query)
    assert name == "invitation_token" and secret.startswith("ivt_")
    return secret


def sign_in(browser: Browser, page: Page, user: User) -> Page:
    """Signs in on the page of an invitation, and goes on to what follows."""
    form = page.form("identifier", "password")
    return browser.follow(browser.submit(page, form, password=user.password))


def create_account(browser: Browser, page: Page, name: str = "Bob") -> Page:
    """Makes an account by way of the page of an invitation."""
    link = next(link for link in page.links if "/create-account" in link)
    page = browser.get(link, site="same-origin")
    form = page.form("email", "name", "password")
    return browser.follow(browser.submit(page, form, name=name, password=PASSWORD))


def join_button(browser: Browser, page: Page) -> Page:
    """Presses the button that accepts."""
    return browser.follow(browser.submit(page, page.form("session", "invitation_token")))


def is_offered(page: Page) -> bool:
    return page.status == 200 and any("session" in form.fields for form in page.forms)


# Somebody who is invited, for attacks


def page_of(tenant: Tenant, secret: str) -> str:
    return f"{tenant.issuer}/invitation?{urlencode({'invitation_token': secret})}"


def unknown(page: Page) -> None:
    assert page.status == 404 and "This link does not work" in page.words
    assert "Initech" not in page.words and not page.forms


@pytest.fixture
def org(inviting: Tenant) -> str:
    return organization(inviting, "initech")


@pytest.fixture
def bob(inviting: Tenant) -> User:
    return inviting.create_user()


@pytest.fixture
def link(inviting: Tenant, relay: MailRelay, org: str, bob: User) -> str:
    invite(inviting, org, bob.name, scopes=("a:b",))
    return letter(inviting, relay, bob.name)
