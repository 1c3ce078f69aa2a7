"""Hostile names, addresses and texts, in every field of every noun, on every page of the portal. Attack cases
GH-394, GH-415, GH-416 and GH-419."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page as BrowserPage

from browser import Browser
from chromium import Visit, chromium, visit  # noqa: F401 - fixtures
from conftest import KINDS
from harness import CommandFailed, Instance
from isolation import Holdings
from portal import Portal, screens, values
from protocol import PKCE, authorization_url
from trial import eventually

MARK = "x4711"
PAYLOADS = [
    f'"><img src={MARK} onerror=alert(1)>',
    f"'><svg/onload=alert('{MARK}')>",
    f"</textarea></title></script><script>alert('{MARK}')</script>",
    f"javascript:alert('{MARK}')",
    "\u202egnp.exe\u202c \u200b" + MARK,
    f'"\u0301><b {MARK}>',
]


def spoil(holdings: Holdings) -> int:
    """Puts each payload wherever something is taken that people typed; how often it was taken."""
    tenant, ids, taken = holdings.tenant, holdings.ids, 0
    client, org = ids["client"], ids["organization"]
    for number, text in enumerate(PAYLOADS):
        commands: list[list[str]] = [
            ["client", "update", client, "--name", text],
            ["client", "create", "--type", "web", "--name", text, "--redirect-uri",
             f"https://rp.test/{quote(text)}"],
            ["client", "update", client, "--policy-uri", f"https://rp.test/{quote(text)}"],
            ["client", "update", client, "--policy-uri", text],
            ["client", "update", client, "--initiate-login-uri", text],
            ["user", "update", holdings.user.id, "--name", text],
            ["user", "create", "--email", f"{text}@example.com"],
            ["user", "create", "--username", text],
            ["organization", "update", org, "--name", text],
            ["organization", "update", org, "--metadata", json.dumps({text: text})],
            ["organization", "suspend", ids["other organization"], "--reason", text, "--by",
             text],
            ["organization", "member", "update", holdings.user.id, "--organization", org,
             "--title", text],
            ["organization", "invite", f"guest{number}@example.com", "--organization", org,
             "--by", text, "--title", text],
            ["organization", "group", "create", org, text],
            ["resource", "update", ids["resource"], "--name", text],
            ["resource", "update", ids["resource"], "--scope", f"a:b{number}={text}"],
            ["api-key", "create", "--name", text, "--user", holdings.user.id, "--resource",
             ids["identifier"]],
            ["admin", "key", "create", "--name", text, "--role", "viewer"],
            ["tenant", "update", "--name", text],
        ]
        for command in commands:
            try:
                if command[0] == "tenant":
                    tenant.instance.cli(*command[:2], tenant.slug, *command[2:])
                else:
                    tenant.cli(*command)
                taken += 1
            except CommandFailed:
                # It is refused, which is as good.
                pass
    return taken


@pytest.fixture(scope="module", params=KINDS)
def spoilt(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[
        tuple[Holdings, Portal]]:
    with Instance(request.param) as instance:
        holdings = Holdings.of(instance.create_tenant(), tmp_path_factory.mktemp("hostile"))
        holdings.tenant.cli("domain", "add", holdings.ids["host"])
        holdings.forget_names()
        assert spoil(holdings) > len(PAYLOADS) * 8
        client = holdings.client
        browser = Browser(instance)
        for text in PAYLOADS:
            for name in ("redirect_uri", "state", "scope", "client_id", "response_mode"):
                browser.get(authorization_url(client, PKCE.new(), **{name: text}))
        # What was refused is written behind its answer.
        eventually(
            lambda: len(holdings.tenant.cli("refused", "list", "--limit", "1000")) >= 15,
            "What was refused is kept.")
        yield holdings, Portal.owner(instance)


def paths(holdings: Holdings, portal: Portal) -> list[str]:
    """Every page, and every one that a list leads to."""
    found = ["/admin"]
    for screen in screens():
        path = screen.at(values(holdings, screen))
        found.append(path)
        if not screen.is_form and portal.get(path).status == 200:
            found += [
                link.removeprefix(portal.instance.url)
                for link in portal.get(path).links
                if link.startswith(portal.instance.url + path + "/")
                and not link.partition("?")[0].endswith("/export")]
    return list(dict.fromkeys(found))


class Faults(HTMLParser):
    """What of a page is more than text: as a browser takes it apart."""

    KNOWN = set(
        "html head meta title link body header nav main section h1 h2 h3 p a ul ol li dl div dt dd span "
        "strong code pre bdi wbr br time table caption thead tbody tr th td form label input select option "
        "textarea button details summary svg path circle rect g text iframe figure figcaption script mark".split())

    def __init__(self, text: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.frames: list[str] = []
        self.scripts = 0
        self.in_script = False
        self.feed(text)
        if self.scripts > 1:
            self.faults.append("more than one script")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.in_script = tag == "script"
        self.scripts += self.in_script
        if tag not in self.KNOWN or MARK in tag:
            self.faults.append(f"the element {tag}")
        if tag == "iframe":
            self.frames.append(dict(attrs)["src"] or "")
            if dict(attrs).get("sandbox") != "allow-same-origin" or not re.match(
                    "/admin/tenants/[^/]+/branding/sample", self.frames[-1]):
                self.faults.append(f"the frame {attrs}")
        for name, value in attrs:
            if name.startswith("on") or name == "style" or MARK in name:
                self.faults.append(f"the attribute {name}")
            if name in ("href", "src", "action") and re.match(
                    r"\s*(?!https?:|/|#)", value or "", re.I):
                self.faults.append(f"{name}={value}")

    def handle_endtag(self, tag: str) -> None:
        self.in_script = False

    def handle_data(self, data: str) -> None:
        if self.in_script and MARK in data:
            self.faults.append("a text in a script")


def harmless(text: str) -> list[str]:
    """What is wrong with a page that shows payloads."""
    return Faults(text).faults


def test_gh_394_what_is_stored_is_harmless_on_every_page(spoilt: tuple[Holdings, Portal]) -> None:
    holdings, portal = spoilt
    shown = 0
    for path in paths(holdings, portal):
        page = portal.get(path)
        assert page.status in (200, 404), (path, page.words)
        assert harmless(page.text) == [], path
        for frame in Faults(page.text).frames:
            assert harmless(portal.get(frame).text) == [], frame
        shown += MARK in page.words
    # The payloads are there, or nothing was proven.
    assert shown > 20, shown


def test_gh_416_what_is_asked_for_is_harmless(spoilt: tuple[Holdings, Portal]) -> None:
    holdings, portal = spoilt
    slug = holdings.tenant.slug
    for text in PAYLOADS:
        encoded = quote(text, safe="")
        for path in (
            f"/admin/tenants/{encoded}", f"/admin/tenants/{slug}/users/{encoded}",
            f"/admin/tenants/{slug}/users?done={encoded}&after={encoded}",
            f"/admin/tenants/{slug}/events?kind={encoded}&actor={encoded}&subject={encoded}",
            f"/admin/tenants/{slug}/clients/new?kind={encoded}",
            f"/admin/tenants/{slug}/clients/{holdings.ids['client']}/integration?with={encoded}",
            f"/admin/link?secret={encoded}", f"/admin/{encoded}",
        ):
            page = portal.get(path)
            assert page.status < 500 and harmless(page.text) == [], path
        sent = portal.send(
            f"/admin/tenants/{slug}/users/new", email=text, name=text, username=text)
        assert sent.status in (303, 400, 409) and harmless(sent.text) == []
        sent = portal.send(
            f"/admin/tenants/{slug}/clients/new?kind=web", name=text, redirect_uris=text)
        assert sent.status in (200, 400) and harmless(sent.text) == []


def test_gh_415_nothing_runs_in_a_real_browser(
    spoilt: tuple[Holdings, Portal], visit: Visit  # noqa: F811 - a fixture
) -> None:
    holdings, portal = spoilt
    page: BrowserPage = visit()
    ran: list[str] = []
    page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: ran.append(request.url) if MARK in request.url.split("?")[0]
            and "/admin/" not in request.url else None)
    link = portal.instance.cli("admin", "link")["url"]
    page.goto(link)
    page.get_by_role("button", name="Open the administration").click()
    for screen in screens():
        if not screen.is_form:
            page.goto(portal.instance.url + screen.at(values(holdings, screen)))
    assert not ran
