"""An app made by Authgear's guide for Express, under Node with Debian's Express and axios: no
state, no PKCE, a secret in the body, a refresh token that it never replaces, and a logout that
says neither who nor which app. The app knows a host only, so a reverse proxy gives it one."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest

from browser import Browser, Page
from conftest import KINDS
from expect import j400
from front import Exchange, Front
from harness import REDIRECT_URI, TLS, Client, Instance, Tenant, User, free_port
from protocol import (
    PKCE, Redirect, authorize, claims, redeem, sign_in, token, tokens, userinfo)
from watch import recorded, unchanged

SEEDS = Path(__file__).resolve().parent / "seeds"
MODULES = Path(os.environ.get("NODE_PATH", "/usr/share/nodejs"))
POLICIES = [
    "--pkce", "optional", "--userinfo-scope", "registered", "--scope", "openid", "--scope",
    "email", "--scope", "offline_access"]

pytestmark = pytest.mark.skipif(
    not shutil.which("node") or not all((MODULES / n).is_dir() for n in ("express", "axios")),
    reason="Node with Express and axios is not installed (Scripts/install-packages test)")


class ExpressApp:
    """The app as a process, and the browser of one person who uses it."""

    def __init__(self, client: Client, port: int, endpoint: str) -> None:
        self.client, self.home = client, f"http://localhost:{port}"
        self.process = subprocess.Popen(
            ["node", "--require", str(SEEDS / "clock.js"), str(SEEDS / "express_app.js")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={
                "PATH": os.environ["PATH"], "NODE_PATH": str(MODULES), "PORT": str(port),
                "AUTHGEAR_ENDPOINT": endpoint, "AUTHGEAR_CLIENT_ID": client.id,
                "AUTHGEAR_CLIENT_SECRET": client.secret or "",
                "AUTHGEAR_REDIRECT_URL": client.redirect_uri})
        self.tell(None, "listening")
        self.http = httpx.Client(trust_env=False, verify=TLS, timeout=60)

    def get(self, path: str) -> httpx.Response:
        return self.http.get(self.home + path)

    def let_pass(self, minutes: int) -> None:
        """Sets the clock of the app ahead, and no other."""
        self.tell(f"{minutes * 60_000}", "set")

    def tell(self, line: str | None, answer: str) -> None:
        assert self.process.stdin and self.process.stdout
        if line is not None:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        assert self.process.stdout.readline().strip() == answer, "The app did not start."

    def end(self) -> None:
        self.http.close()
        self.process.kill()
        self.process.communicate()


@dataclass(frozen=True)
class Site:
    front: Front
    instance: Instance


@pytest.fixture(scope="module", params=KINDS)
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """An instance behind the proxy, whose address is its own."""
    with Front() as front:
        arguments = ["--base-url", front.url, "--trusted-proxies", "127.0.0.1/32"]
        with Instance(request.param, arguments) as instance:
            front.port, instance.url = instance.port, front.url
            yield Site(front, instance)


@pytest.fixture
def tenant(site: Site) -> Iterator[Tenant]:
    tenant = site.instance.create_tenant()
    site.front.slug = tenant.slug
    site.front.exchanges.clear()
    yield tenant
    site.instance.check()


@pytest.fixture
def kay(tenant: Tenant) -> User:
    return tenant.create_user("kay@example.com", username="kay", name="Kay Doe")


@pytest.fixture
def app(site: Site, tenant: Tenant) -> Iterator[ExpressApp]:
    port = free_port()
    client = tenant.create_client(
        "web", *POLICIES, "--post-logout-redirect-uri", f"http://localhost:{port}",
        redirect_uris=[f"http://localhost:{port}/auth-redirect"], method="client_secret_post")
    app = ExpressApp(client, port, site.front.url)
    yield app
    app.end()


@pytest.fixture
def browser(site: Site) -> Browser:
    return Browser(site.instance)


def log_in(app: ExpressApp, browser: Browser, user: User | None) -> httpx.Response:
    """Goes to the app's login and back to its first page."""
    begun = app.get("/login")
    assert begun.status_code == 302
    page = sign_in(browser, browser.get(begun.headers["location"], site="cross-site"), user)
    assert page.location and page.location.startswith(app.home + "/auth-redirect?")
    back = app.http.get(page.location)
    assert (back.status_code, back.headers["location"]) == (302, "/"), back.text
    return app.get("/")


def test_the_app_signs_in_with_no_state_and_no_pkce(
    site: Site, app: ExpressApp, browser: Browser, kay: User
) -> None:
    client = app.client
    begun = urlsplit(app.get("/login").headers["location"])
    assert f"{begun.scheme}://{begun.netloc}{begun.path}" == f"{site.front.url}/oauth2/authorize"
    assert parse_qsl(begun.query) == [
        ("client_id", client.id), ("redirect_uri", f"{app.home}/auth-redirect"),
        ("response_type", "code"), ("scope", "openid offline_access")]

    answer = Redirect.read(sign_in(browser, browser.get(begun.geturl(), site="cross-site"), kay))
    assert set(answer.parameters) == {"code", "iss"}
    back = app.http.get(f"{answer.uri}?{urlencode(answer.parameters)}")
    assert (back.status_code, back.headers["location"]) == (302, "/")

    sent = only(site.front.seen("/oauth2/token"))
    assert sent.status == 200 and sent.headers["Content-Type"].startswith(
        "application/x-www-form-urlencoded")
    assert sent.form == [
        ("client_id", client.id), ("client_secret", client.secret), ("code", answer.code),
        ("grant_type", "authorization_code"), ("response_type", "code"),
        ("redirect_uri", f"{app.home}/auth-redirect")]

    shown = app.get("/")
    assert shown.status_code == 200
    assert shown.json() == {"sub": kay.id, "email": "kay@example.com", "email_verified": True}
    seen = only(site.front.seen("/oauth2/userinfo"))
    assert seen.headers["Authorization"].startswith("Bearer ")


def test_the_app_refreshes_for_ever_with_the_token_that_it_got_first(
    site: Site, app: ExpressApp, browser: Browser, kay: User
) -> None:
    client, front = app.client, site.front
    log_in(app, browser, kay)
    first = tokens_of(only(front.seen("/oauth2/token")))
    known = {first["access_token"]}
    for _ in range(3):
        front.exchanges.clear()
        app.let_pass(minutes=16)
        assert app.get("/").json()["email"] == "kay@example.com"
        asked = only(front.seen("/oauth2/token"))
        assert asked.form == [
            ("client_id", client.id), ("client_secret", client.secret),
            ("grant_type", "refresh_token"), ("refresh_token", first["refresh_token"])]
        given = tokens_of(asked)
        assert given["refresh_token"] == first["refresh_token"]
        assert given["access_token"] not in known
        known.add(given["access_token"])
        used = only(front.seen("/oauth2/userinfo")).headers["Authorization"]
        assert used == f"Bearer {given['access_token']}"
    front.exchanges.clear()
    app.get("/")
    assert not front.seen("/oauth2/token"), "Within its time a token is not replaced."


def test_the_app_signs_out_by_a_page_that_asks(
    site: Site, app: ExpressApp, browser: Browser, kay: User, tenant: Tenant
) -> None:
    log_in(app, browser, kay)
    left = app.get("/logout")
    assert left.status_code == 302
    there = urlsplit(left.headers["location"])
    assert there.path == "/oauth2/end_session"
    assert parse_qsl(there.query) == [("post_logout_redirect_uri", app.home)]
    assert app.get("/").text == '<a href="/login">Login</a>'

    with recorded(tenant), unchanged(tenant, kay):
        page = browser.get(there.geturl(), site="cross-site")
    assert page.status == 200 and "Sign out" in page.words and "kay" in page.words
    stayed = browser.submit(page, page.form("answer"), answer="stay_signed_in")
    assert (stayed.location or "").startswith(site.front.url)
    assert log_in(app, browser, None).json()["sub"] == kay.id

    page = browser.get(app.get("/logout").headers["location"], site="cross-site")
    with recorded(tenant, "session.signed_out", actor=kay.id):
        gone = browser.submit(page, page.form("answer"), answer="sign_out")
    assert gone.status == 303 and gone.location == app.home
    assert browser.cookie("session") is None
    page = browser.follow(browser.get(app.get("/login").headers["location"], site="cross-site"))
    assert page.form("identifier", "password")


def test_gh_166_without_hint_and_client_only_clients_of_the_session_count(
    site: Site, app: ExpressApp, browser: Browser, kay: User, tenant: Tenant
) -> None:
    elsewhere = "https://other.test/home"
    other = tenant.create_client("web", "--post-logout-redirect-uri", elsewhere)
    # Nobody is signed in: nobody is asked, and nobody is sent to any address.
    for target in (app.home, elsewhere):
        assert ours(site, leave(browser, site, target))
    log_in(app, browser, kay)
    for target in (
        elsewhere, app.home + "/", app.home + "?x=1", "http://localhost:1", "https://evil.test",
        "http://127.0.0.1" + app.home[len("http://localhost"):], "//evil.test", "",
    ):
        page = leave(browser, site, target)
        assert page.status == 200 and page.location is None
        assert "other.test" not in page.headers["content-security-policy"]
    signed_out = browser.submit(page, page.form("answer"), answer="sign_out")
    assert ours(site, signed_out)

    # The other client counts where it got something in this very session.
    strangers = Browser(site.instance)
    tokens(other, tenant.create_user(), strangers)
    log_in(app, browser, kay)
    assert leave(browser, site, elsewhere).location is None
    authorize(browser, other, None, PKCE.new())
    page = leave(browser, site, elsewhere)
    form = page.form("answer")
    # What the form carries is read again when it comes back.
    forged = form.fields | {"answer": "sign_out", "post_logout_redirect_uri": "https://evil.test"}
    copy = browser.clone()
    assert ours(site, copy.post(form.action, forged))
    assert ours(site, browser.submit(page, form, answer="sign_out")), "The session was over."


def test_without_the_switch_the_app_is_told_to_use_pkce(
    app: ExpressApp, browser: Browser, kay: User
) -> None:
    app.client.update("--pkce", "required")
    page = browser.get(app.get("/login").headers["location"], site="cross-site")
    answer = Redirect.read(page)
    assert answer.error == "invalid_request" and "code" not in answer.parameters
    assert answer.uri == app.client.redirect_uri


def test_gh_056_061_and_071_a_code_without_pkce_needs_secret_and_address_and_works_once(
    site: Site, app: ExpressApp, browser: Browser, kay: User, tenant: Tenant
) -> None:
    client, thief = app.client, tenant.create_client("web", "--pkce", "optional")
    log_in(app, browser, kay)

    def code() -> str:
        return authorize(browser, client, None, None, state=None).code

    good = code()
    assert token(
        client, method="none", grant_type="authorization_code", code=good,
        redirect_uri=client.redirect_uri).status_code == 401
    assert redeem(client, good, None, response_type="code").status_code == 200
    j400(redeem(client, good, None), "invalid_grant")
    j400(redeem(thief, code(), None, redirect_uri=client.redirect_uri), "invalid_grant")
    j400(redeem(client, code(), None, redirect_uri=None), "invalid_grant")
    j400(redeem(client, code(), None, redirect_uri=REDIRECT_URI), "invalid_grant")
    # One that was begun with PKCE stays bound to it (RFC 9700 §4.8.2).
    bound = authorize(browser, client, None, PKCE.new()).code
    j400(redeem(client, bound, None), "invalid_grant")


def test_userinfo_of_one_app_shows_what_that_app_may_ask_for(
    app: ExpressApp, browser: Browser, kay: User, tenant: Tenant
) -> None:
    client, strict = app.client, tenant.create_client("web")
    given = tokens(client, kay, browser)
    assert "email" not in claims(given["id_token"]) | claims(given["access_token"])
    assert given.get("scope", "openid") == "openid"
    shown = userinfo(tenant, given["access_token"]).json()
    assert shown == {"sub": kay.id, "email": "kay@example.com", "email_verified": True}
    plain = tokens(strict, kay, browser)["access_token"]
    assert userinfo(tenant, plain).json() == {"sub": kay.id}

    # What it may not ask for it does not see, and without openid it sees nothing.
    client.update("--scope", "openid")
    assert userinfo(tenant, given["access_token"]).json() == {"sub": kay.id}
    client.update("--scope", "openid", "--scope", "profile", "--scope", "email")
    assert userinfo(tenant, given["access_token"]).json()["name"] == "Kay Doe"
    bare = tokens(client, kay, browser, scope="email")["access_token"]
    assert userinfo(tenant, bare).status_code == 403
    client.update("--userinfo-scope", "granted")
    assert userinfo(tenant, given["access_token"]).json() == {"sub": kay.id}

    made = [
        event for event in tenant.instance.events(tenant)
        if event["kind"] == "client.created" and event["subject"] == client.id]
    assert "userinfo_registered" in only(made)["detail"]
    assert "pkce_not_required" in only(made)["detail"], "The exceptions stand in the audit."


def leave(browser: Browser, site: Site, target: str) -> Page:
    query = urlencode({"post_logout_redirect_uri": target})
    return browser.get(f"{site.front.url}/oauth2/end_session?{query}", site="cross-site")


def ours(site: Site, page: Page) -> bool:
    """True if the answer leads to a page of ours."""
    assert page.status == 303, f"{page.status} {page.words}"
    return (page.location or "").startswith(site.front.url + "/t/")


def only(things: list[Any]) -> Any:
    (thing,) = things
    return thing


def tokens_of(exchange: Exchange) -> dict[str, str]:
    return httpx.Response(exchange.status, content=exchange.answer).json()
