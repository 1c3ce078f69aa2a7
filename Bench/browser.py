"""Browsers that sign people in: the pages, one after the other, and the code at the end."""

from __future__ import annotations

import asyncio
import html
import re
import time
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode, urlsplit

FIELD = re.compile(r'name="csrf"\s+value="([^"]*)"')
# The verifier and the challenge of RFC 7636, appendix B. Any pair costs the server the same.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
REDIRECT_URI = "https://app.example.com/callback"


class Unexpected(Exception):
    """The server answered in a way that ends the sign-in."""


@dataclass
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: str

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")


@dataclass
class Connection:
    """A connection that is kept open, with one request at a time."""

    port: int
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None

    async def send(
        self, path: str, *, headers: dict[str, str] | None = None, body: str | None = None
    ) -> Answer:
        """Sends a GET or, with a body, a POST of a form."""
        if self.writer is None or self.reader is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        sent = {"Host": f"127.0.0.1:{self.port}"} | (headers or {})
        if body is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
            sent["Content-Length"] = str(len(body))
        lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
        method = "GET" if body is None else "POST"
        self.writer.write(f"{method} {path} HTTP/1.1\r\n{lines}\r\n{body or ''}".encode())
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in head[1:] if line)
        answer = Answer(
            int(head[0].split()[1]), [(name.lower(), value.strip()) for name, _, value in pairs],
            "")
        length = int(answer.header("content-length") or 0)
        answer.body = (await self.reader.readexactly(length)).decode()
        return answer

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()


@dataclass(frozen=True)
class App:
    """An app, and where its people sign in."""

    port: int
    tenant: str
    client: str
    # The organization that it asks for, if it asks for one.
    organization: str = ""


@dataclass
class Browser:
    """A browser with its cookies, for one app."""

    connection: Connection
    app: App
    cookies: dict[str, str] = field(default_factory=dict)

    async def sign_in(self, name: str, password: str) -> str:
        """Goes from the app's request through the page to the code."""
        answer = await self._get(authorization_path(self.app))
        page = urlsplit(answer.header("location")).path
        answer = await self._get(page)
        found = FIELD.search(answer.body)
        if found is None:
            raise Unexpected(f"no form: {answer.status} {answer.body[:200]}")
        form = {"csrf": html.unescape(found.group(1)), "identifier": name, "password": password}
        answer = await self._post(page, form)
        code = parse_qs(urlsplit(answer.header("location")).query).get("code")
        if answer.status != 303 or not code:
            raise Unexpected(f"no code: {answer.status} {answer.header('location')}")
        return code[0]

    async def redeem(self, code: str) -> None:
        """Swaps the code for tokens, as the app does."""
        answer = await self.connection.send(
            f"/t/{self.app.tenant}/oauth2/token", body=exchange_form(self.app, code))
        if answer.status != 200 or '"access_token"' not in answer.body:
            raise Unexpected(f"no token: {answer.status} {answer.body[:200]}")

    async def _get(self, path: str) -> Answer:
        return self._take(await self.connection.send(path, headers={"Cookie": self.cookie}))

    async def _post(self, path: str, form: dict[str, str]) -> Answer:
        headers = {"Cookie": self.cookie, "Origin": "null", "Sec-Fetch-Site": "same-origin"}
        return self._take(
            await self.connection.send(path, headers=headers, body=urlencode(form)))

    def _take(self, answer: Answer) -> Answer:
        for name, value in answer.headers:
            if name == "set-cookie":
                key, _, content = value.partition(";")[0].partition("=")
                self.cookies[key] = content
        return answer

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())


def authorization_path(app: App) -> str:
    query = urlencode({
        "response_type": "code", "client_id": app.client, "redirect_uri": REDIRECT_URI,
        "scope": "openid offline_access", "state": "af0ifjsldkj", "nonce": "n-0S6_WzA2Mj",
        "code_challenge": CHALLENGE, "code_challenge_method": "S256"} | (
            {"organization": app.organization} if app.organization else {}))
    return f"/t/{app.tenant}/oauth2/authorize?{query}"


def exchange_form(app: App, code: str) -> str:
    return urlencode({
        "grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI,
        "code_verifier": VERIFIER, "client_id": app.client})


async def sign_in_repeatedly(
    app: App, people: list[tuple[str, str]], workers: int, seconds: float
) -> list[float]:
    """Signs people in, some at a time, each in a new browser; the seconds that each took."""
    until = time.perf_counter() + seconds
    taken: list[float] = []

    async def work(number: int) -> None:
        connection = Connection(app.port)
        turn = number
        while time.perf_counter() < until:
            began = time.perf_counter()
            browser = Browser(connection, app)
            await browser.redeem(await browser.sign_in(*people[turn % len(people)]))
            taken.append(time.perf_counter() - began)
            turn += workers
        connection.close()

    await asyncio.gather(*(work(number) for number in range(workers)))
    return taken


async def open_sessions(app: App, people: list[tuple[str, str]]) -> list[str]:
    """Signs each person in once; the cookies of their browsers."""
    connection = Connection(app.port)
    cookies = []
    for name, password in people:
        browser = Browser(connection, app)
        await browser.redeem(await browser.sign_in(name, password))
        cookies.append(browser.cookie)
    connection.close()
    return cookies
