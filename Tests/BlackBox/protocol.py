"""The client's side of OAuth 2.1 and OpenID Connect, each step by itself so that a test can do
any of them wrong."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import httpx

from browser import Browser, Page
from harness import Client, Tenant, User


@dataclass(frozen=True)
class PKCE:
    verifier: str
    challenge: str

    @classmethod
    def new(cls, verifier: str | None = None) -> PKCE:
        verifier = verifier or secrets.token_urlsafe(32)
        return cls(verifier, base64url(hashlib.sha256(verifier.encode()).digest()))


@dataclass(frozen=True)
class Redirect:
    """An answer of the authorization endpoint that goes to the client."""

    uri: str
    parameters: dict[str, str]

    @classmethod
    def read(cls, page: Page) -> Redirect:
        assert page.status == 303, f"No redirect: {page.status} {page.words}"
        return cls.of(page.location or "")

    @classmethod
    def of(cls, location: str) -> Redirect:
        """The answer that an address holds."""
        target = urlsplit(location)
        assert not target.fragment
        values = parse_qs(target.query, keep_blank_values=True)
        assert all(len(v) == 1 for v in values.values()), location
        return cls(
            target._replace(query="").geturl(), {name: v[0] for name, v in values.items()})

    @property
    def code(self) -> str:
        assert "code" in self.parameters, self.parameters
        return self.parameters["code"]

    @property
    def error(self) -> str | None:
        return self.parameters.get("error")


def request_parameters(client: Client, pkce: PKCE | None, **changes: str | None) -> dict[str, str]:
    """The parameters of a good request, with changes; None leaves one out."""
    parameters: dict[str, str | None] = {
        "response_type": "code", "client_id": client.id, "redirect_uri": client.redirect_uri,
        "scope": "openid", "state": "st-4711",
    }
    if pkce:
        parameters |= {"code_challenge": pkce.challenge, "code_challenge_method": "S256"}
    parameters |= changes
    return {name: value for name, value in parameters.items() if value is not None}


def authorization_url(client: Client, pkce: PKCE | None, **changes: str | None) -> str:
    query = urlencode(request_parameters(client, pkce, **changes), quote_via=quote)
    return f"{client.tenant.endpoint('authorization')}?{query}"


def push(client: Client, pkce: PKCE | None = None, **changes: str | None) -> httpx.Response:
    """Pushes a good request, with changes; None leaves a parameter out (RFC 9126 §2.1)."""
    form = request_parameters(client, pkce or PKCE.new(), **changes)
    return token(client, endpoint="pushed_authorization_request", **form)


def pushed_url(client: Client, request_uri: str, **others: str) -> str:
    """Where a browser brings a pushed request up (RFC 9126 §4)."""
    query = urlencode({"client_id": client.id, "request_uri": request_uri} | others)
    return f"{client.tenant.endpoint('authorization')}?{query}"


def authorize(
    browser: Browser, client: Client, user: User | None, pkce: PKCE | None, **changes: str | None
) -> Redirect:
    """Asks for a code, signs the user in where a page asks for it, and reads the answer."""
    page = browser.get(authorization_url(client, pkce, **changes), site="cross-site")
    return Redirect.read(sign_in(browser, page, user))


def sign_in(browser: Browser, page: Page, user: User | None) -> Page:
    """Goes through the hosted pages until an answer leads to the client."""
    page = browser.follow(page)
    if page.location is not None or user is None:
        return page
    if asks_consent(page):
        return allow(browser, page)
    form = page.form("identifier", "password")
    answer = browser.submit(page, form, identifier=user.name, password=user.password)
    return allow(browser, browser.follow(answer))


def asks_consent(page: Page) -> bool:
    """Whether a page asks what an application may do."""
    return page.status == 200 and "/consent/" in page.url


def allow(browser: Browser, page: Page, answer: str = "allow", **values: Any) -> Page:
    """Answers the page that asks what an application may do, if it is that page."""
    if not asks_consent(page):
        return page
    return browser.follow(browser.submit(page, page.form("answer"), answer=answer, **values))


def begin(browser: Browser, client: Client, pkce: PKCE | None = None, **changes: Any) -> Page:
    """Goes as far as the first hosted page."""
    pkce = pkce or PKCE.new()
    page = browser.follow(browser.get(authorization_url(client, pkce, **changes)))
    assert page.status == 200, f"{page.status} {page.words}"
    return page


def token(
    client: Client, *, url: str | None = None, endpoint: str = "token",
    headers: dict[str, str] | None = None, method: str | None = None, **form: str | None
) -> httpx.Response:
    """Sends a form to the token or revocation endpoint with the client's authentication."""
    headers = dict(headers or {})
    fields = {name: value for name, value in form.items() if value is not None}
    method = method or client.method
    if method == "client_secret_basic":
        headers.setdefault("Authorization", basic(client.id, client.secret or ""))
    else:
        fields.setdefault("client_id", client.id)
    if method == "client_secret_post":
        fields.setdefault("client_secret", client.secret or "")
    url = url or client.tenant.endpoint(endpoint)
    return client.tenant.instance.http.post(url, data=fields, headers=headers)


def redeem(client: Client, code: str, pkce: PKCE | None, **changes: str | None) -> httpx.Response:
    form: dict[str, str | None] = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": client.redirect_uri,
        "code_verifier": pkce.verifier if pkce else None,
    }
    return token(client, **(form | changes))


def refresh(client: Client, refresh_token: str, **changes: str | None) -> httpx.Response:
    return token(
        client, **({"grant_type": "refresh_token", "refresh_token": refresh_token} | changes))


def revoke(client: Client, value: str, **form: str | None) -> httpx.Response:
    return token(client, endpoint="revocation", token=value, **form)


def userinfo(tenant: Tenant, access_token: str, **headers: str) -> httpx.Response:
    return tenant.instance.http.get(
        tenant.endpoint("userinfo"),
        headers={"Authorization": f"Bearer {access_token}"} | headers)


def tokens(
    client: Client, user: User, browser: Browser | None = None, **changes: str | None
) -> dict[str, Any]:
    """Everything from the first request to the tokens."""
    browser = browser or Browser(client.tenant.instance)
    pkce = PKCE.new()
    code = authorize(browser, client, user, pkce, **changes).code
    answer = redeem(client, code, pkce)
    assert answer.status_code == 200, answer.text
    return answer.json()


def end(client: Client, user: User, what: str) -> None:
    """Takes something away that tokens stand on."""
    tenant = client.tenant
    match what:
        case "password":
            tenant.cli("user", "update", user.id, "--password-stdin", stdin="Kettledrum 4711 x\n")
        case "user disabled":
            tenant.cli("user", "update", user.id, "--disable")
        case "user deleted":
            tenant.cli("user", "delete", user.id)
        case "client disabled":
            client.update("--disable")
        case "client deleted":
            tenant.cli("client", "delete", client.id)
        case "tenant disabled":
            tenant.instance.cli("tenant", "update", tenant.slug, "--disable")
        case _:
            raise AssertionError(what)


def basic(identifier: str, secret: str) -> str:
    pair = f"{quote(identifier, safe='')}:{quote(secret, safe='')}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


def base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def claims(jwt: str) -> dict[str, Any]:
    """What a token says; not verified."""
    return json.loads(from_base64url(jwt.split(".")[1]))


def header(jwt: str) -> dict[str, Any]:
    return json.loads(from_base64url(jwt.split(".")[0]))
