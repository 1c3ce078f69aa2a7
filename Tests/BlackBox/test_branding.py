"""Branding: colours, corners, logos and links of the pages of a tenant, and what may not be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from browser import Browser, Form, Page
from harness import CommandFailed, Instance, Tenant
from logos import DARK, LIGHT, files, load, pictures
from portal import Portal
from protocol import PKCE, begin
from watch import recorded, unchanged


def paint(tenant: Tenant, *options: str) -> dict:
    return tenant.cli("branding", "update", *options)


def sheets(page: Page) -> list[str]:
    return re.findall(r'<link rel="stylesheet" href="([^"]+)">', page.text)


def sign_in_page(tenant: Tenant) -> Page:
    return begin(Browser(tenant.instance), tenant.create_client("web"), PKCE.new())


def style(tenant: Tenant, page: Page) -> str:
    """The stylesheet of the tenant's colours."""
    answer = tenant.instance.http.get(tenant.instance.url + sheets(page)[-1])
    assert answer.status_code == 200 and answer.headers["content-type"] == "text/css"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    return answer.text


def test_pages_have_the_colours_from_the_next_request_on(tenant: Tenant) -> None:
    assert len(sheets(sign_in_page(tenant))) == 1, "Nobody chose a colour yet."
    with recorded(tenant, "tenant.updated", actor="operator"):
        shown = paint(tenant, "--accent", "#1D4ED8", "--corners", "round")
    assert (shown["accent"], shown["dark_accent"], shown["corners"]) == ("#1d4ed8", None, "round")
    assert all(float(pair["ratio"].removesuffix(":1")) >= 4.5 for pair in shown["contrast"])
    page = sign_in_page(tenant)
    text = style(tenant, page)
    assert "--accent: #1d4ed8;" in text and "--corner: 1.5rem;" in text
    # The pages of errors, too; those of other tenants, and those of nobody, keep theirs.
    error = Browser(tenant.instance).get(f"{tenant.issuer}/oauth2/authorize")
    assert error.status == 400 and sheets(error) == sheets(page)
    assert len(sheets(sign_in_page(tenant.instance.create_tenant()))) == 1

    paint(tenant, "--dark-accent", "#93c5fd")
    assert "--accent: #93c5fd;" in style(tenant, sign_in_page(tenant))
    paint(tenant, "--accent", "", "--dark-accent", "", "--corners", "soft")
    assert len(sheets(sign_in_page(tenant))) == 1


def test_links_and_logos_stand_at_foot_and_head(tenant: Tenant, tmp_path: Path) -> None:
    page = sign_in_page(tenant)
    assert "<footer" not in page.text and pictures(page) == []
    paint(tenant, "--support-uri", "https://help.example.com/?a=1&b=2", "--terms-uri",
          "https://example.com/terms")
    with recorded(tenant, "tenant.logo_changed", actor="operator"):
        logos = tenant.cli("branding", "logo", "set", *files(tmp_path, LIGHT, DARK))["logos"]
    page = sign_in_page(tenant)
    assert page.text.count("<footer") == 1
    assert 'href="https://help.example.com/?a=1&amp;b=2">Help<' in page.text
    assert "Terms" in page.words and "Privacy" not in page.words
    path = tenant.issuer.removeprefix(tenant.instance.url) + "/logos/"
    assert pictures(page) == [(path + logos["light"], path + logos["dark"])]
    assert load(tenant, path + logos["light"]).content == LIGHT
    with recorded(tenant, "tenant.logo_changed", actor="operator"):
        assert "logos" not in tenant.cli("branding", "logo", "remove")
    assert load(tenant, path + logos["light"]).status_code == 404
    assert pictures(sign_in_page(tenant)) == []


def test_a_tenants_logo_ends_with_it_and_leaves_those_of_others(
    instance: Instance, tmp_path: Path
) -> None:
    one, other = instance.create_tenant(), instance.create_tenant()
    client = one.create_client("web")
    kept = one.cli("client", "logo", "set", client.id, *files(tmp_path, LIGHT))["logos"]["light"]
    for tenant in (one, other):
        tenant.cli("branding", "logo", "set", *files(tmp_path, DARK))
    one.cli("branding", "logo", "remove")
    path = one.issuer.removeprefix(instance.url) + "/logos/"
    assert load(one, path + kept).content == LIGHT
    assert "logos" in other.cli("branding", "show")
    instance.cli("tenant", "delete", other.slug)
    assert not instance.database.rows(f"SELECT id FROM logo WHERE tenant_id = '{other.id}'")


@pytest.mark.parametrize("options, said", [
    (["--accent", "#ffcc00"], "cannot be read on light pages"),
    (["--accent", "#ffffff"], "cannot be read on light pages"),
    (["--dark-accent", "#1d4ed8"], "cannot be read on dark pages"),
    (["--accent", "red"], "is not a colour"),
    (["--accent", "#1d4ed8;}body{display:none"], "is not a colour"),
    (["--accent", "#fff url(//evil.test)"], "is not a colour"),
    (["--corners", "oval"], "square, soft or round"),
    (["--support-uri", "javascript:alert(1)"], "is not an address"),
    (["--privacy-uri", "http://example.com/"], "is not an address"),
    (["--terms-uri", "https://example.com/\"><script>"], "is not an address"),
    (["--terms-uri", "//example.com/terms"], "is not an address"),
])
def test_gh_394_what_cannot_be_read_or_is_no_value_is_refused(
    tenant: Tenant, options: list[str], said: str
) -> None:
    before = paint(tenant, "--accent", "#1d4ed8")
    with unchanged(tenant), pytest.raises(CommandFailed) as refused:
        paint(tenant, *options)
    assert said in refused.value.stderr
    assert tenant.cli("branding", "show") == before


def test_the_nearest_colour_that_is_proposed_is_taken(tenant: Tenant) -> None:
    for option, color in (("--accent", "#ffcc00"), ("--dark-accent", "#1d4ed8")):
        with pytest.raises(CommandFailed) as refused:
            paint(tenant, option, color)
        nearest = re.search(r"nearest that can is (#[0-9a-f]{6})", refused.value.stderr)
        assert nearest
        assert nearest[1] in paint(tenant, option, nearest[1]).values()


@pytest.mark.parametrize("name", [
    "1D4ED8-93c5fd-round.css", "1d4ed8-93c5fd-oval.css", "red-93c5fd-round.css", "x.css",
    "1d4ed8-93c5fd-round.css%00", "..%2f..%2fetc%2fpasswd", "1d4ed8-93c5fd-round.js",
])
def test_gh_427_no_other_name_is_a_stylesheet(instance: Instance, name: str) -> None:
    answer = instance.http.get(f"{instance.url}/assets/brand/{name}")
    assert answer.status_code in (400, 404) and "immutable" not in answer.headers["cache-control"]


# The portal: pages are looked at before anything is saved.


@pytest.fixture
def admin(instance: Instance, tenant: Tenant) -> Portal:
    return Portal.person(instance, "admin", tenant)


def frames(page: Page) -> list[str]:
    return [source.replace("&amp;", "&") for source in re.findall(r'<iframe src="([^"]+)"', page.text)]


def test_the_portal_shows_pages_before_they_are_saved(tenant: Tenant, admin: Portal) -> None:
    path = f"/admin/tenants/{tenant.slug}/branding/edit"
    edit = admin.get(path)
    assert "frame-src 'self'" in edit.headers["content-security-policy"]
    assert len(frames(edit)) == 12
    with unchanged(tenant):
        looked = admin.send(path, accent="#1d4ed8", look="preview")
    assert looked.status == 200 and looked.form("csrf", "accent").fields["accent"] == "#1d4ed8"
    assert "6.7" in looked.words, "The contrast of what is looked at."
    for source in frames(looked):
        sample = admin.get(source)
        assert sample.status == 200 and "#" not in sheets(sample)[-1]
        assert re.search(r"/1d4ed8-[0-9a-f]{6}-soft-(light|dark)\.css$", sheets(sample)[-1])
        assert "frame-ancestors 'self'" in sample.headers["content-security-policy"]
        assert "<script" not in sample.text
    sample = admin.get(frames(looked)[0])
    assert "sandbox allow-same-origin" in sample.headers["content-security-policy"]
    assert "form-action 'none'" in sample.headers["content-security-policy"]
    saved = admin.send(path, accent="#1d4ed8")
    assert saved.status == 303 and tenant.cli("branding", "show")["accent"] == "#1d4ed8"


def test_who_looked_first_does_not_undo_what_another_one_did_meanwhile(
    tenant: Tenant, admin: Portal
) -> None:
    path = f"/admin/tenants/{tenant.slug}/branding/edit"
    page = admin.get(path)
    paint(tenant, "--corners", "round")
    form = page.form("csrf", "accent")
    looked = admin.browser.submit(page, form, accent="#1d4ed8", look="preview")
    assert looked.status == 200
    with unchanged(tenant):
        refused = admin.browser.submit(looked, looked.form("csrf", "accent"))
    assert refused.status == 412 and "changed since you looked" in refused.words
    assert tenant.cli("branding", "show")["corners"] == "round"


def test_samples_have_the_logo_of_their_scheme(
    tenant: Tenant, admin: Portal, tmp_path: Path
) -> None:
    logos = tenant.cli("branding", "logo", "set", *files(tmp_path, LIGHT, DARK))["logos"]
    for scheme in ("light", "dark"):
        sample = admin.get(
            f"/admin/tenants/{tenant.slug}/branding/sample?page=sign-in&scheme={scheme}")
        (shown, other), = pictures(sample)
        assert shown.endswith(logos[scheme]) and other is None
        assert load(tenant, shown).status_code == 200


def test_the_portal_says_what_cannot_be_read(tenant: Tenant, admin: Portal) -> None:
    path = f"/admin/tenants/{tenant.slug}/branding/edit"
    for look in ({}, {"look": "preview"}):
        with unchanged(tenant):
            page = admin.send(path, accent="#ffcc00", **look)
        assert "cannot be read on light pages" in page.words
        # What is there now is shown meanwhile.
        assert all("ffcc00" not in source for source in frames(page)) and frames(page)
    preview = admin.get(f"/admin/tenants/{tenant.slug}/branding/preview?accent=%23ffcc00")
    assert preview.status == 200 and "cannot be read" in preview.words


@pytest.mark.parametrize("query", [
    "", "page=sign-in", "page=nothing&scheme=dark", "page=sign-in&scheme=blue",
    "page=sign-in&scheme=dark&accent=red", "page=%00&scheme=%ff",
    "page=sign-in&scheme=dark&name=<script>&accent=" + "a" * 5_000,
])
def test_a_sample_that_there_is_not(tenant: Tenant, admin: Portal, query: str) -> None:
    answer = admin.get(f"/admin/tenants/{tenant.slug}/branding/sample?{query}")
    assert answer.status in (400, 404), answer.words


def test_gh_379_previews_are_for_who_administers_the_tenant(
    instance: Instance, tenant: Tenant, admin: Portal
) -> None:
    other = instance.create_tenant()
    for part in ("preview", "sample?page=sign-in&scheme=dark"):
        path = f"/admin/tenants/{{}}/branding/{part}"
        assert admin.get(path.format(tenant.slug)).status == 200
        for slug in (other.slug, "nobody"):
            assert admin.get(path.format(slug)).status == 404
        assert Browser(instance).get(instance.url + path.format(tenant.slug)).status == 401
    # Whoever may look sees them, and changes nothing.
    viewer = Portal.person(instance, "viewer", tenant)
    assert viewer.get(f"/admin/tenants/{tenant.slug}/branding/preview").status == 200
    page = viewer.get(f"/admin/tenants/{tenant.slug}/branding")
    assert page.status == 200 and "/branding/edit" not in " ".join(page.links)
    with unchanged(tenant):
        sent = viewer.browser.submit(page, Form(
            f"{instance.url}/admin/tenants/{tenant.slug}/branding/edit", "post",
            {"csrf": viewer.token, "accent": "#1d4ed8"}))
    assert sent.status == 403


# Logos come as files.


def upload(admin: Portal, path: str, **files: bytes) -> Page:
    """Sends the form of a page as a browser does that was given files."""
    page = admin.get(path)
    assert 'enctype="multipart/form-data"' in page.text
    boundary = "----Form7"
    parts = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"'.encode()
        + (b'; filename="a.png"\r\nContent-Type: image/png' if name != "csrf" else b"")
        + b"\r\n\r\n" + content + b"\r\n"
        for name, content in ({"csrf": page.form("csrf").fields["csrf"].encode()} | files).items())
    return admin.browser.send(
        "POST", page.form("csrf").action,
        {"Sec-Fetch-Site": "same-origin", "Origin": "null",
         "Content-Type": f"multipart/form-data; boundary={boundary}"},
        parts + f"--{boundary}--\r\n".encode())


def test_the_portal_takes_logos_as_files(tenant: Tenant, admin: Portal) -> None:
    client = tenant.create_client("web")
    for path, shown in (
            ("branding", lambda: tenant.cli("branding", "show")),
            (f"clients/{client.id}", lambda: tenant.cli("client", "show", client.id))):
        answer = upload(admin, f"/admin/tenants/{tenant.slug}/{path}/logos/edit", light=LIGHT, dark=b"")
        assert answer.status == 303, answer.words
        logos = shown()["logos"]
        assert set(logos) == {"light"}
        where = tenant.issuer.removeprefix(tenant.instance.url) + "/logos/" + logos["light"]
        assert load(tenant, where).content == LIGHT


@pytest.mark.parametrize("content, said", [
    (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "neither PNG"),
    (b"", "missing"), (b"\x89PNG" + b"\0" * 300_000, "more than 256 KiB"),
], ids=["svg", "nothing", "large"])
def test_gh_413_a_file_that_is_no_logo_is_refused_in_the_portal(
    tenant: Tenant, admin: Portal, content: bytes, said: str
) -> None:
    with unchanged(tenant):
        page = upload(admin, f"/admin/tenants/{tenant.slug}/branding/logos/edit", light=content)
    assert page.status == 400 and said in page.words


@pytest.mark.parametrize("kind, body", [
    ("multipart/form-data", b"x"), ("multipart/form-data; boundary=", b"x"),
    ("multipart/form-data; boundary=x", b"--x--\r\n"), ("multipart/form-data; boundary=x", b""),
    ("multipart/form-data; boundary=x", b"--x\r\n" * 10_000),
    ("multipart/form-data; boundary=x", b"\r\n--x" * 100_000),
    ("multipart/form-data; boundary=x", b"--x" + b"\r\n\r\n" * 200_000),
    ("multipart/form-data; boundary=x", b"\0" * (1 << 20)),
    ("multipart/form-data; boundary=x", b"a" * ((1 << 20) + 1)),
    ("multipart/mixed; boundary=x", b"--x--\r\n"),
], ids=range(10))
def test_gh_440_a_form_with_files_that_is_none_is_refused(
    tenant: Tenant, admin: Portal, kind: str, body: bytes
) -> None:
    with unchanged(tenant):
        answer = admin.browser.send(
            "POST", f"{tenant.instance.url}/admin/tenants/{tenant.slug}/branding/logos/edit",
            {"Sec-Fetch-Site": "same-origin", "Origin": "null", "Content-Type": kind}, body)
    assert answer.status in (400, 403, 413, 415), answer.words
