"""What the page that asks says of a person's organizations, where the client learns of several."""

from __future__ import annotations

import pytest

from browser import Browser, Page
from consent import asked, third
from harness import Client, Tenant, User
from organizations import join, member, organization, told
from protocol import PKCE, Redirect, allow, asks_consent, begin, claims, redeem


@pytest.fixture
def inside(tenant: Tenant, user: User) -> list[str]:
    """The organizations that the person is in; there is one more."""
    organization(tenant, "stranger")
    made = [organization(tenant, slug) for slug in ("acme", "initech")]
    for each in made:
        join(tenant, each, user, "a:b")
    return made


def words_of(page: Page) -> str:
    """What it says, with no space where only a tag stands."""
    return page.words.replace(" ,", ",")


def page_of(tenant: Tenant, user: User, browser: Browser, *options: str) -> Page:
    return asked(third(tenant, "web", *options), user, browser, scope="openid")


def test_all_of_them(tenant: Tenant, user: User, browser: Browser, inside: list[str]) -> None:
    words = page_of(tenant, user, browser, "--organizations", "all").words
    assert "Your organizations" in words
    assert "see every organization that you are in, also those that you join later" in words
    assert "Stranger" not in words


def test_some_of_them_by_their_names(
    tenant: Tenant, user: User, browser: Browser, inside: list[str]
) -> None:
    stranger = tenant.cli("organization", "show", "stranger")["id"]
    flags = [part for one in (*inside, stranger) for part in ("--organizations", one)]
    words = words_of(page_of(tenant, user, browser, *flags))
    assert "see that you are in Acme and Initech, with your title" in words
    # Which organizations there are besides is nobody's business.
    assert "Stranger" not in words
    member(tenant, "suspend", inside[0], user)
    words = words_of(page_of(tenant, user, browser, *flags))
    assert "see that you are in Initech, with your title" in words and "Acme" not in words


def test_none_of_those_it_is_registered_for(
    tenant: Tenant, user: User, browser: Browser
) -> None:
    stranger = organization(tenant, "stranger")
    words = page_of(tenant, user, browser, "--organizations", stranger).words
    assert "see whether you are in certain organizations" in words and "Stranger" not in words


@pytest.mark.parametrize("options", [(), ("--organizations", "all", "--select-organization")])
def test_nothing_of_them_where_it_learns_of_none_or_of_the_one_that_is_named(
    tenant: Tenant, user: User, browser: Browser, options: tuple[str, ...]
) -> None:
    made = organization(tenant, "acme")
    join(tenant, made, user, "a:b")
    words = page_of(tenant, user, browser, *options).words
    assert "Your organizations" not in words
    assert ("In your organization Acme" in words) is bool(options)


def test_many_are_not_all_named(tenant: Tenant, user: User, browser: Browser) -> None:
    made = [organization(tenant, f"o-{number}") for number in range(7)]
    for each in made:
        join(tenant, each, user)
    flags = [part for one in made for part in ("--organizations", one)]
    words = words_of(page_of(tenant, user, browser, *flags))
    assert "O-0, O-1, O-2, O-3, O-4 and 2 more" in words


def test_where_only_news_are_asked_it_stands_beside_them(
    tenant: Tenant, user: User, browser: Browser, inside: list[str]
) -> None:
    client: Client = third(tenant, "web", "--organizations", "all")
    pkce = PKCE.new()
    page = allow(browser, asked(client, user, browser, pkce, scope="openid"))
    given = redeem(client, Redirect.read(page).code or "", pkce).json()
    assert len(told(claims(given["access_token"]))["organizations"]) == 2
    page = begin(browser, client, scope="openid email")
    assert asks_consent(page) and "This is what is new." in page.words
    assert "It can also see every organization that you are in" in page.words
    assert "Your organizations" not in page.words
