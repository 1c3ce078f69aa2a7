"""The logos of clients: what an operator brings, what a client has elsewhere, and what is no logo."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from browser import Browser
from consent import asked, third
from elsewhere import Elsewhere, answer
from harness import CommandFailed, Client, Instance, Tenant, User
from images import jpeg, moving_png, png, webp
from logos import DARK, LIGHT, load, set_logo, shown
from protocol import PKCE, begin
from registration import Registered, let_register
from trial import eventually
from watch import recorded


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.mark.parametrize("content, media_type", [
    (png(), "image/png"), (jpeg(), "image/jpeg"), (webp(), "image/webp"),
], ids=lambda value: value if isinstance(value, str) else "")
def test_a_logo_is_served_as_what_it_is(
    client: Client, tenant: Tenant, folder: Path, content: bytes, media_type: str
) -> None:
    with recorded(tenant, "client.logo_changed", actor="operator"):
        told = set_logo(client, folder, content)
    path, dark = shown(begin(Browser(tenant.instance), client))
    assert path and path.endswith(f"/logos/{told['logos']['light']}") and dark is None
    given = load(tenant, path)
    assert given.status_code == 200 and given.content == content
    assert given.headers["content-type"] == media_type
    assert given.headers["x-content-type-options"] == "nosniff"
    assert given.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert given.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert given.headers["cross-origin-resource-policy"] == "same-origin"
    assert "set-cookie" not in given.headers


def test_pages_show_the_logo_that_fits_their_colours(
    tenant: Tenant, user: User, browser: Browser, folder: Path
) -> None:
    client = third(tenant)
    set_logo(client, folder, LIGHT, DARK)
    light, dark = shown(asked(client, user, browser))
    assert light and dark and load(tenant, light).content == LIGHT
    assert load(tenant, dark).content == DARK
    # Another logo has another address, and the old one is gone.
    set_logo(client, folder, DARK)
    other, none = shown(begin(browser, client))
    assert other not in (light, dark) and none is None
    assert load(tenant, light).status_code == load(tenant, dark).status_code == 404
    tenant.cli("client", "logo", "remove", client.id)
    assert shown(begin(browser, client)) == (None, None)
    assert "logos" not in tenant.cli("client", "show", client.id)


def test_gh_511_a_logo_is_of_one_tenant_and_ends_with_its_client(
    client: Client, tenant: Tenant, instance: Instance, folder: Path
) -> None:
    logo = set_logo(client, folder, LIGHT)["logos"]["light"]
    other = instance.create_tenant()
    mine = tenant.issuer.removeprefix(instance.url)
    theirs = other.issuer.removeprefix(instance.url)
    assert load(tenant, f"{mine}/logos/{logo}").status_code == 200
    random = "logo_" + "0" * 26
    for path in (f"{theirs}/logos/{logo}", f"{theirs}/logos/{random}", f"{mine}/logos/{random}"):
        assert load(tenant, path).status_code == 404, path
    tenant.cli("client", "delete", client.id)
    assert load(tenant, f"{mine}/logos/{logo}").status_code == 404


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'


@pytest.mark.parametrize("content, complaint", [
    (SVG, "neither PNG nor JPEG"), (b'<?xml version="1.0"?>' + SVG, "neither PNG nor JPEG"),
    (b"GIF89a=1;alert(1)//" + b"\0" * 64, "neither PNG nor JPEG"),
    (b"<!doctype html><script>alert(1)</script>", "neither PNG nor JPEG"),
    (b"", "neither PNG nor JPEG"), (b"\x89PN", "neither PNG nor JPEG"),
    (png()[:20], "neither PNG nor JPEG"), (png()[:40], "neither PNG nor JPEG"),
    (jpeg()[:12], "neither PNG nor JPEG"), (webp()[:20], "neither PNG nor JPEG"),
    (b"BM" + b"\0" * 100, "neither PNG nor JPEG"),
    (png(says=(30_000, 30_000)), "2048 pixels"), (jpeg(65_535, 65_535), "2048 pixels"),
    (webp(1 << 24, 1 << 24), "2048 pixels"), (png(says=(0, 64)), "16 to 2048 pixels"),
    (png(8, 8), "16 to 2048 pixels"), (png(says=(2**32 - 1, 64)), "2048 pixels"),
    (moving_png(), "moves"), (webp(moves=True), "moves"),
    (png() + b"\0" * 262_144, "256 KiB"),
], ids=lambda value: value if isinstance(value, str) else f"{len(value)} bytes")
def test_gh_413_what_is_no_logo_is_refused_and_the_old_one_stays(
    client: Client, tenant: Tenant, folder: Path, content: bytes, complaint: str
) -> None:
    before = set_logo(client, folder, LIGHT)["logos"]
    with recorded(tenant), pytest.raises(CommandFailed) as failed:
        set_logo(client, folder, content)
    assert complaint in failed.value.stderr and failed.value.code == 2
    with pytest.raises(CommandFailed):
        set_logo(client, folder, LIGHT, content)
    assert tenant.cli("client", "show", client.id)["logos"] == before


@pytest.mark.parametrize("name", [
    "../../etc/passwd", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "logo_", "..", "%00", "x.svg",
    "logo_00000000000000000000000000.svg"])
def test_gh_413_no_path_leads_to_anything_else(tenant: Tenant, name: str) -> None:
    answer = tenant.instance.http.get(f"{tenant.issuer}/logos/{name}")
    assert answer.status_code in (400, 404) and b"root:" not in answer.content


def test_gh_413_what_follows_an_image_is_never_more_than_an_image(
    client: Client, tenant: Tenant, folder: Path
) -> None:
    """A file that is an image and a page at once goes out as the image only."""
    both = png() + b"<html><script>alert(1)</script></html>"
    logo = set_logo(client, folder, both)["logos"]["light"]
    given = load(tenant, f"{tenant.issuer.removeprefix(tenant.instance.url)}/logos/{logo}")
    assert given.headers["content-type"] == "image/png"
    assert given.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in given.headers["content-security-policy"]


# What clients that register themselves have elsewhere


@pytest.fixture
def registering(asking: Tenant) -> Iterator[Tenant]:
    yield let_register(asking)


def logo_of(client: Client) -> str | None:
    return shown(begin(Browser(client.tenant.instance), client))[0]


@pytest.mark.conformance("oidcc-registration-logo-uri", "shown")
def test_the_logo_of_a_client_that_registered_itself_is_fetched_once(
    registering: Tenant, elsewhere: Elsewhere
) -> None:
    path = f"/{secrets.token_hex(4)}.png"
    url = elsewhere.answer(path, answer(LIGHT, media_type="image/png"))
    client = Registered.new(registering, logo_uri=url).client
    eventually(lambda: logo_of(client), "the logo is shown", 10)
    shown_at = logo_of(client)
    assert shown_at and load(registering, shown_at).content == LIGHT
    page = begin(Browser(registering.instance), client, PKCE.new())
    assert url not in page.text, "Pages load nothing from elsewhere."
    assert elsewhere.paths.count(path) == 1
    request = elsewhere.at(path)[0]
    assert b"ookie" not in request and b"uthorization" not in request
    assert registering.cli("client", "show", client.id)["logos"]["logo_uri"] == url


def test_another_address_is_another_logo(registering: Tenant, elsewhere: Elsewhere) -> None:
    one, two = (
        elsewhere.answer(f"/{secrets.token_hex(4)}", answer(content, media_type="image/png"))
        for content in (LIGHT, DARK))
    registered = Registered.new(registering, logo_uri=one)
    client = registered.client
    eventually(lambda: logo_of(client), "the logo is shown", 10)
    before = logo_of(client)
    registered.told = registered.replace(logo_uri=two).json()
    # What is shown is never what the client no longer says.
    assert logo_of(client) != before
    eventually(lambda: logo_of(client), "the other logo is shown", 10)
    path = logo_of(client)
    assert path and load(registering, path).content == DARK
    assert registered.replace(logo_uri=...).status_code == 200
    assert logo_of(client) is None


def test_what_an_operator_brings_counts(
    registering: Tenant, elsewhere: Elsewhere, folder: Path
) -> None:
    path = f"/{secrets.token_hex(4)}"
    registered = Registered.new(registering, logo_uri=elsewhere.answer(
        path, answer(LIGHT, media_type="image/png")))
    eventually(lambda: logo_of(registered.client), "the logo is shown", 10)
    set_logo(registered.client, folder, DARK)
    found = logo_of(registered.client)
    assert found and load(registering, found).content == DARK


@pytest.mark.attack("GH-340", "GH-413")
def test_what_is_no_image_elsewhere_is_not_shown(
    registering: Tenant, elsewhere: Elsewhere
) -> None:
    """Whatever the other server answers, the page is there, without a logo."""
    bad = {
        "format": answer(SVG, media_type="image/svg+xml"),
        "too_large": answer(png() + b"\0" * 300_000, media_type="image/png"),
        "dimensions": answer(png(says=(30_000, 30_000)), media_type="image/png"),
        "animated": answer(moving_png(), media_type="image/png"),
        "status": answer(LIGHT, media_type="image/png", status="404 Not Found"),
        "redirected": answer(
            b"", status="302 Found", headers=f"Location: {elsewhere.url('/other')}\r\n"),
    }
    clients = {
        reason: Registered.new(registering, logo_uri=elsewhere.answer(
            f"/{secrets.token_hex(4)}", behaviour)).client
        for reason, behaviour in bad.items()}

    def reasons() -> dict[str, str]:
        return {
            event["subject"]: json.loads(event["detail"])["reason"]
            for event in registering.instance.events(registering)
            if event["kind"] == "client.logo_unavailable"}

    eventually(lambda: len(reasons()) == len(bad), "every reason is recorded", 10)
    assert reasons() == {client.id: reason for reason, client in clients.items()}
    for client in clients.values():
        assert logo_of(client) is None


def test_links_of_an_operators_client_are_shown(tenant: Tenant) -> None:
    client = tenant.create_client(
        "web", "--policy-uri", "https://rp.test/privacy", "--tos-uri", "https://rp.test/terms")
    told = tenant.cli("client", "show", client.id)
    assert told["policy_uri"] == "https://rp.test/privacy"
    page = begin(Browser(tenant.instance), client)
    assert 'href="https://rp.test/privacy"' in page.text
    assert 'href="https://rp.test/terms"' in page.text
    tenant.cli("client", "update", client.id, "--policy-uri", "")
    assert "rp.test/privacy" not in begin(Browser(tenant.instance), client).text
    for wrong in ("http://rp.test/", "javascript:alert(1)", "https://rp.test/#a", "//rp.test"):
        with pytest.raises(CommandFailed) as failed:
            tenant.cli("client", "update", client.id, "--tos-uri", wrong)
        assert "--tos-uri is not an https address" in failed.value.stderr
