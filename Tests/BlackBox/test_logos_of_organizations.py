"""The logos of organizations, on every page that names one."""

from __future__ import annotations

from pathlib import Path

import pytest

from browser import Browser, Page
from consent import asked, third
from harness import CommandFailed, Instance, Tenant, User
from images import jpeg, png
from invitations import (  # noqa: F401 - fixtures
    invite, inviting, letter, mailing, relay)
from logos import DARK, LIGHT, files, load, pictures
from mails import MailRelay
from organizations import join, organization
from protocol import PKCE, begin
from watch import recorded, unchanged


def give(
    tenant: Tenant, organization: str, folder: Path, light: bytes = LIGHT,
    dark: bytes | None = None,
) -> dict:
    return tenant.cli(
        "organization", "logo", "set", organization, *files(folder, light, dark))["logos"]


def path_of(tenant: Tenant, logo: str) -> str:
    return f"{tenant.issuer.removeprefix(tenant.instance.url)}/logos/{logo}"


def choosing(tenant: Tenant, user: User, browser: Browser) -> Page:
    """The page on which somebody chooses an organization."""
    client = third(tenant, "web", "--organizations", "all", "--select-organization")
    page = begin(browser, client, PKCE.new())
    page = browser.follow(browser.submit(
        page, page.form("identifier", "password"), identifier=user.name, password=user.password))
    assert "/organization/" in page.url, page.words
    return page


def test_the_chooser_and_the_page_that_asks_show_them(
    tenant: Tenant, user: User, browser: Browser, tmp_path: Path
) -> None:
    one, two = (organization(tenant, slug) for slug in ("one", "two"))
    for each in (one, two):
        join(tenant, each, user)
    with recorded(tenant, "organization.logo_changed", actor="operator"):
        logos = give(tenant, "one", tmp_path, LIGHT, DARK)
    page = choosing(tenant, user, browser)
    # The second organization has none.
    assert pictures(page) == [
        (path_of(tenant, logos["light"]), path_of(tenant, logos["dark"]))]
    assert load(tenant, path_of(tenant, logos["light"])).content == LIGHT
    given = load(tenant, path_of(tenant, logos["dark"]))
    assert given.content == DARK and given.headers["content-type"] == "image/png"
    assert given.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert given.headers["x-content-type-options"] == "nosniff"

    page = browser.follow(browser.submit(page, page.form("csrf"), chosen_organization=one))
    assert pictures(page) == [
        (path_of(tenant, logos["light"]), path_of(tenant, logos["dark"]))]
    assert "In your organization" in page.words


def test_a_publisher_shows_its_logo_once_somebody_found_it_to_be_who_it_says(
    tenant: Tenant, user: User, browser: Browser, tmp_path: Path
) -> None:
    owner = organization(tenant, "garden")
    light = give(tenant, owner, tmp_path)["light"]
    client = third(tenant, "web", "--organization", owner)
    assert pictures(asked(client, user, browser)) == [], "A logo says who somebody is, too."
    tenant.cli("organization", "update", owner, "--verified-publisher")
    assert pictures(asked(client, user, browser)) == [(path_of(tenant, light), None)]
    tenant.cli("organization", "update", owner, "--name", "Somebody else")
    assert pictures(asked(client, user, browser)) == []


def test_an_invitation_shows_it(
    inviting: Tenant, relay: MailRelay, tmp_path: Path  # noqa: F811 - fixtures
) -> None:
    made = organization(inviting, "acme")
    light = give(inviting, made, tmp_path)["light"]
    invite(inviting, made, "bob@example.com")
    link = letter(inviting, relay, "bob@example.com")
    assert pictures(Browser(inviting.instance).get(link)) == [(path_of(inviting, light), None)]
    # A letter loads nothing: who reads it is nobody's to know.
    assert b"/logos/" not in (relay.letters("bob@example.com")[0].content or b"")


def test_another_logo_has_another_address_and_the_old_one_is_gone(
    tenant: Tenant, tmp_path: Path
) -> None:
    made = organization(tenant, "acme")
    before = give(tenant, made, tmp_path, LIGHT, DARK)
    after = give(tenant, "acme", tmp_path, jpeg())
    assert set(after) == {"light"} and after["light"] not in before.values()
    for old in before.values():
        assert load(tenant, path_of(tenant, old)).status_code == 404
    assert load(tenant, path_of(tenant, after["light"])).headers["content-type"] == "image/jpeg"
    with recorded(tenant, "organization.logo_changed", actor="operator"):
        tenant.cli("organization", "logo", "remove", made)
    assert "logos" not in tenant.cli("organization", "show", made)
    assert load(tenant, path_of(tenant, after["light"])).status_code == 404


@pytest.mark.parametrize("end", ["suspend", "delete"])
def test_what_is_suspended_or_deleted_keeps_its_logo_until_it_is_removed(
    tenant: Tenant, tmp_path: Path, end: str
) -> None:
    """As a disabled client does: pages that name it have it, and it may come back."""
    made = organization(tenant, "acme")
    light = give(tenant, made, tmp_path)["light"]
    tenant.cli("organization", end, made)
    assert load(tenant, path_of(tenant, light)).status_code == 200
    assert tenant.cli("organization", "show", made)["logos"]["light"] == light
    if end == "suspend":
        return
    tenant.cli("organization", "restore", made)
    assert tenant.cli("organization", "show", made)["logos"]["light"] == light


def test_gh_511_a_logo_is_of_one_tenant(
    tenant: Tenant, instance: Instance, tmp_path: Path
) -> None:
    made, other = organization(tenant, "acme"), instance.create_tenant()
    light = give(tenant, made, tmp_path)["light"]
    assert load(tenant, path_of(tenant, light)).status_code == 200
    assert load(tenant, path_of(other, light)).status_code == 404


@pytest.mark.parametrize("content, complaint", [
    (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "neither PNG nor JPEG"),
    (png(says=(30_000, 30_000)), "2048 pixels"), (png() + b"\0" * 262_144, "256 KiB"),
], ids=["SVG", "pixels", "bytes"])
def test_gh_413_what_is_no_logo_is_refused_for_organizations_too(
    tenant: Tenant, tmp_path: Path, content: bytes, complaint: str
) -> None:
    made = organization(tenant, "acme")
    with unchanged(tenant), pytest.raises(CommandFailed) as failed:
        give(tenant, made, tmp_path, content)
    assert complaint in failed.value.stderr and failed.value.code == 2
