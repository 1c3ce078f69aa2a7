"""The client's side of every operation of the load, written down in the ledger around the wire."""

from __future__ import annotations

import random
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import blackbox  # noqa: F401  (before what it makes importable)
from protocol import PKCE, basic

from ledger import Ledger
from nodes import CommandFailed, Installation
from wire import Answer, Connection, Lost, Unsent

NAVIGATION = {
    "Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document",
    "Sec-Fetch-User": "?1"}
FORM_TOKEN = re.compile(rb'name="csrf"[^>]*value="([^"]*)"|value="([^"]*)"[^>]*name="csrf"')
REDIRECT_URI = "https://rp.test/cb"
NODE_OF_COMMANDS = -1
# What a command ends with while the server is away, or another process has the data directory.
UNAVAILABLE = {5, 6}


@dataclass(frozen=True)
class App:
    """A client of a tenant, as its developer knows it."""

    id: str
    secret: str | None
    kind: str
    issuer: str
    scope: str = "openid offline_access"

    @property
    def path(self) -> str:
        return urlsplit(self.issuer).path

    @property
    def rotates(self) -> bool:
        return self.secret is None

    def authentication(self) -> tuple[dict[str, str], dict[str, str]]:
        """Headers and form fields that prove who it is."""
        if self.secret is None:
            return {}, {"client_id": self.id}
        return {"Authorization": basic(self.id, self.secret)}, {}


@dataclass
class Browser:
    """The cookies of one browser."""

    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def session(self) -> str:
        return next((v for k, v in self.cookies.items() if "session" in k), "")

    def headers(self, site: str = "none") -> dict[str, str]:
        headers = NAVIGATION | {"Sec-Fetch-Site": site}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        return headers

    def take(self, answer: Answer) -> None:
        for cookie in answer.cookies:
            name, _, value = cookie.partition(";")[0].partition("=")
            if "max-age=0" in cookie.lower():
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value


@dataclass
class Told:
    """What became of a request: an outcome, and of an answer what the ledger says of it."""

    outcome: str
    status: int = 0
    error: str | None = None
    issued: dict[str, Any] = field(default_factory=dict)
    location: str = ""
    body: bytes = b""

    @property
    def is_settled(self) -> bool:
        """Whether to ask again makes no sense."""
        is_away = self.status in (503, 429) or self.error == "unavailable"
        return self.outcome == "answered" and not is_away

    @property
    def is_success(self) -> bool:
        return self.is_settled and self.error is None


Reading = Callable[[Answer], tuple[str | None, dict[str, Any]]]


class Desk:
    """Asks one node at a time and remembers in the ledger. Not for two threads at once."""

    def __init__(self, installation: Installation, ledger: Ledger, seed: int) -> None:
        self.installation = installation
        self.ledger = ledger
        self.random = random.Random(seed)
        self.connections = [
            Connection(node.port, installation.host) for node in installation.nodes]
        self.node = self.random.randrange(len(self.connections))

    def ask(
        self, op: str, method: str, target: str, reading: Reading, *,
        headers: dict[str, str] | None = None, form: dict[str, str] | None = None,
        present: str = "", lineage: dict[str, Any] | None = None, browser: Browser | None = None,
    ) -> Told:
        """Sends one request to the node of the moment."""
        number = self.ledger.request(
            op, self.node, present=present, lineage=lineage or {})
        try:
            answer = self.connections[self.node].send(method, target, headers, form)
        except (Lost, Unsent) as failure:
            outcome = "lost" if isinstance(failure, Lost) else "unsent"
            self.ledger.response(number, outcome)
            return Told(outcome)
        if browser is not None:
            browser.take(answer)
        error, issued = (
            (f"status {answer.status}", {}) if answer.status >= 500 else reading(answer))
        self.ledger.response(
            number, "answered", status=answer.status, error=error, issued=issued,
            retry_after=answer.headers.get("retry-after"))
        return Told("answered", answer.status, error, issued,
                    answer.headers.get("location", ""), answer.body)

    def move(self) -> None:
        """Turns to another node, if there is one."""
        others = [n for n in range(len(self.connections)) if n != self.node]
        if others:
            self.node = self.random.choice(others)

    # Pages

    def authorize(self, app: App, browser: Browser, lineage: dict[str, Any]) -> tuple[Told, str]:
        """Asks for a code; with it comes the verifier. Without a session it begins a sign-in."""
        pkce = PKCE.new()
        query = urlencode({
            "response_type": "code", "client_id": app.id, "redirect_uri": REDIRECT_URI,
            "scope": app.scope, "state": secrets.token_urlsafe(6),
            "code_challenge": pkce.challenge, "code_challenge_method": "S256"})
        session = browser.session
        told = self.ask(
            "authorize" if session else "page", "GET", f"{app.path}/oauth2/authorize?{query}",
            read_code if session else read_page, headers=browser.headers("cross-site"),
            present=session, lineage=lineage, browser=browser)
        return told, pkce.verifier

    def sign_in(
        self, app: App, browser: Browser, account: Account, lineage: dict[str, Any]
    ) -> tuple[Told, str]:
        """Signs in with a password, in a browser without a session."""
        told, verifier = self.authorize(app, browser, lineage)
        if not told.is_success:
            return told, verifier
        path = urlsplit(told.location).path
        page = self.ask("page", "GET", path, read_page, headers=browser.headers("cross-site"),
                        browser=browser)
        found = FORM_TOKEN.search(page.body) if page.is_success else None
        if found is None:
            return Told("lost"), verifier
        form = {"csrf": (found[1] or found[2]).decode(), "identifier": account.email,
                "password": account.password}
        said = lineage | {"password": account.password, "email": account.email}
        reading = with_session(browser)
        told = self.ask(
            "sign_in", "POST", path, reading,
            headers=browser.headers("same-origin") | {"Origin": "null"}, form=form,
            present=account.id, lineage=said, browser=browser)
        return told, verifier

    def sign_out(self, app: App, browser: Browser, id_token: str) -> Told:
        query = urlencode({"id_token_hint": id_token})
        return self.ask(
            "sign_out", "GET", f"{app.path}/oauth2/end_session?{query}", read_page,
            headers=browser.headers("cross-site"), present=browser.session)

    # Endpoints

    def redeem(self, app: App, code: str, verifier: str, lineage: dict[str, Any]) -> Told:
        return self._token("redeem", app, code, lineage, {
            "grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI,
            "code_verifier": verifier})

    def refresh(self, app: App, value: str, lineage: dict[str, Any]) -> Told:
        return self._token("refresh", app, value, lineage, {
            "grant_type": "refresh_token", "refresh_token": value})

    def client_credentials(self, app: App) -> Told:
        lineage = {"issuer": app.issuer, "client": app.id}
        return self._token("client_credentials", app, app.secret or "", lineage, {
            "grant_type": "client_credentials"})

    def revoke(self, app: App, value: str) -> Told:
        headers, form = app.authentication()
        return self.ask(
            "revoke", "POST", f"{app.path}/oauth2/revoke", read_json, headers=headers,
            form=form | {"token": value}, present=value)

    def userinfo(self, app: App, value: str, lineage: dict[str, Any]) -> Told:
        return self.ask(
            "userinfo", "GET", f"{app.path}/oauth2/userinfo", read_userinfo,
            headers={"Authorization": f"Bearer {value}"}, present=value, lineage=lineage)

    def _token(
        self, op: str, app: App, present: str, lineage: dict[str, Any], form: dict[str, str]
    ) -> Told:
        headers, fields = app.authentication()
        return self.ask(
            op, "POST", f"{app.path}/oauth2/token", read_json, headers=headers,
            form=form | fields, present=present, lineage=lineage)

    # Commands

    def command(self, op: str, present: str, lineage: dict[str, Any], *arguments: str) -> Told:
        # On SQLite a command is the server's own work; elsewhere the nodes have to notice.
        node = NODE_OF_COMMANDS if self.installation.database else 0
        number = self.ledger.request(op, node, present=present, lineage=lineage)
        try:
            said = self.installation.cli(*arguments)
        except CommandFailed as failure:
            is_full = "disk is full" in str(failure)
            error = ("not_found" if failure.code == 3 else
                     "unavailable" if failure.code in UNAVAILABLE or is_full else "failed")
            self.ledger.response(
                number, "answered", status=failure.code, error=error, words=str(failure))
            return Told("answered", failure.code, error)
        issued = {}
        if op == "add_secret":
            issued = {"id": said["id"], "secret": said["client_secret"]}
        self.ledger.response(number, "answered", status=0, error=None, issued=issued)
        return Told("answered", 0, None, issued)


@dataclass(frozen=True)
class Account:
    id: str
    email: str
    password: str


def read_json(answer: Answer) -> tuple[str | None, dict[str, Any]]:
    body = answer.json()
    if answer.status != 200 and "error" not in body:
        return f"status {answer.status}", {}
    return body.get("error"), {k: v for k, v in body.items() if k.endswith("_token")}


def read_userinfo(answer: Answer) -> tuple[str | None, dict[str, Any]]:
    if answer.status == 200:
        return None, {"sub": answer.json().get("sub")}
    found = re.search(r'error="(\w+)"', answer.headers.get("www-authenticate", ""))
    return (found[1] if found else f"status {answer.status}"), {}


def read_page(answer: Answer) -> tuple[str | None, dict[str, Any]]:
    return (None, {}) if answer.status in (200, 303) else (f"status {answer.status}", {})


def read_code(answer: Answer) -> tuple[str | None, dict[str, Any]]:
    """A redirect to the app with a code, or to the sign-in page."""
    location = answer.headers.get("location", "")
    if answer.status != 303:
        return f"status {answer.status}", {}
    values = {k: v[0] for k, v in parse_qs(urlsplit(location).query).items()}
    if not location.startswith(REDIRECT_URI):
        return "login_required", {}
    if "code" not in values:
        return values.get("error", "no code"), {}
    return None, {"code": values["code"], "iss": values.get("iss")}


def with_session(browser: Browser) -> Reading:
    """Reads the answer to a password: a code, and the session that the browser got."""
    def read(answer: Answer) -> tuple[str | None, dict[str, Any]]:
        if answer.status in (200, 400, 401, 403, 422):
            return "refused", {}
        error, issued = read_code(answer)
        return error, issued | {"session": browser.session}
    return read
