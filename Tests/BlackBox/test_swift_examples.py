"""The examples of the Swift SDK, which a tutorial builds, with a running Gatehouse: a web app that
leaves sign-in to it, and an API that takes its tokens."""

from __future__ import annotations

import base64
import secrets
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

import httpx
import pytest

from browser import Browser, Page
from harness import TLS, Client, Tenant, User, free_port
from protocol import end, sign_in
from trial import clean_environment, eventually

# Where `swift test` and `swift build` leave the examples, which are no part of what is shipped.
BUILT = Path(__file__).resolve().parents[2] / ".build/debug"
SCOPES = ["openid", "profile", "email", "offline_access", "projects:read"]


@dataclass
class Examples:
    """The web app and the API, running."""

    web: str
    api: str
    client: Client
    user: User
    app: Browser
    provider: Browser

    def get(self, path: str, browser: Browser | None = None) -> Page:
        return (browser or self.app).get(self.web + path, site="same-origin")

    def callback(self) -> str:
        """Goes to the provider and signs in: where the browser is sent then."""
        login = self.get("/dashboard")
        assert login.status == 303 and login.location == f"{self.web}/login?return_to=%2Fdashboard"
        begun = self.app.get(login.location)
        assert begun.location.startswith(self.client.tenant.endpoint("authorization"))
        answer = sign_in(
            self.provider, self.provider.get(begun.location, site="cross-site"), self.user)
        assert answer.location.startswith(f"{self.web}/callback?")
        return answer.location

    def sign_in(self) -> None:
        page = self.app.get(self.callback(), site="cross-site")
        assert page.status == 303 and page.location == f"{self.web}/dashboard", page.text


@pytest.fixture
def examples(tenant: Tenant, tmp_path: Path) -> Iterator[Examples]:
    web, api = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
    identifier = f"https://projects-{secrets.token_hex(4)}.test"
    tenant.cli(
        "resource", "create", "--name", "Projects", "--identifier", identifier,
        "--scope", "projects:read=See your projects")
    # The SDK refreshes a minute before the end: with each request.
    client = tenant.create_client(
        "web", *(part for scope in SCOPES for part in ("--scope", scope)),
        "--access-token-lifetime", "60", "--rotation", "rotate",
        redirect_uris=[f"{web}/callback"])
    environment = clean_environment(
        ISSUER=tenant.issuer, CLIENT_ID=client.id, CLIENT_SECRET=client.secret or "",
        API_IDENTIFIER=identifier, API_URL=api,
        SESSION_KEY=base64.b64encode(secrets.token_bytes(32)).decode())
    processes = []
    try:
        for name, address in (("ExampleAPI", api), ("ExampleWeb", web)):
            with (tmp_path / name).open("wb") as log:
                processes.append(
                    subprocess.Popen(
                        [BUILT / name], stdout=log, stderr=log,
                        env=environment | {"PORT": address.rpartition(":")[2]}))
            eventually(lambda: answers(address), (tmp_path / name).read_text())
        instance = tenant.instance
        yield Examples(
            web, api, client, tenant.create_user(name="Kay"), Browser(instance),
            Browser(instance))
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=30)


def answers(address: str) -> bool:
    try:
        httpx.get(address, trust_env=False, verify=TLS)
        return True
    except httpx.TransportError:
        return False


def test_somebody_signs_in_and_the_app_calls_the_api_for_them(examples: Examples) -> None:
    examples.sign_in()
    page = examples.get("/dashboard")
    assert page.status == 200 and page.text == "Hello Kay. Organizations: []\n"
    page = examples.get("/projects")
    assert page.status == 200 and page.text == f"The projects of {examples.user.id}.\n", page.text
    page = examples.app.post(f"{examples.web}/orgs/org_1/projects", {})
    assert page.status == 403, "nobody belongs to this organization"


def test_many_requests_with_old_tokens_make_one_refresh(examples: Examples) -> None:
    def refreshes() -> int:
        tenant = examples.client.tenant
        kinds = [event["kind"] for event in tenant.instance.events(tenant)]
        assert "refresh_token.reused" not in kinds
        return kinds.count("refresh_token.used")

    examples.sign_in()
    before = refreshes()
    old = examples.app.clone()
    with ThreadPoolExecutor(10) as pool:
        pages = list(pool.map(lambda _: examples.get("/dashboard", old.clone()), range(20)))
    assert {page.status for page in pages} == {200}
    assert refreshes() == before + 1
    # Each of them got the new tokens.
    assert all("__Host-session=" in page.headers["set-cookie"] for page in pages)
    assert examples.get("/projects").status == 200


def test_an_answer_counts_once_and_in_the_browser_that_asked(examples: Examples) -> None:
    callback = examples.callback()
    thief = Browser(examples.client.tenant.instance)
    assert thief.get(callback, site="cross-site").status == 400
    assert thief.cookie("session") is None
    attempt = examples.app.clone()
    assert examples.app.get(callback, site="cross-site").status == 303
    assert attempt.get(callback, site="cross-site").status == 400


def test_a_session_that_was_tampered_with_is_none(examples: Examples) -> None:
    examples.sign_in()
    value = examples.app.cookies["__Host-session"]
    for broken in (value[:-1] + ("A" if value[-1] != "A" else "B"), value[1:], "A" * 60):
        examples.app.cookies["__Host-session"] = broken
        page = examples.get("/dashboard")
        assert page.status == 303 and "/login" in page.location
    # The cookie of an attempt is none of a session.
    examples.app.cookies.pop("__Host-session")
    examples.app.get(f"{examples.web}/login")
    attempt = next(name for name in examples.app.cookies if name.startswith("__Host-attempt-"))
    examples.app.cookies["__Host-session"] = examples.app.cookies[attempt]
    assert examples.get("/dashboard").status == 303


@pytest.mark.parametrize("path", [
    "//evil.test", "https://evil.test", "/\\evil.test", "/%0d%0aX: y", "\\\\evil.test"])
def test_signing_in_leads_back_to_the_app_only(examples: Examples, path: str) -> None:
    begun = examples.app.get(f"{examples.web}/login?return_to={path}")
    answer = sign_in(
        examples.provider, examples.provider.get(begun.location, site="cross-site"),
        examples.user)
    page = examples.app.get(answer.location, site="cross-site")
    assert page.location == f"{examples.web}/"


def test_whoever_may_not_act_any_more_is_signed_out(examples: Examples) -> None:
    examples.sign_in()
    end(examples.client, examples.user, "user disabled")
    page = examples.get("/dashboard")
    assert page.status == 303 and page.location.startswith(f"{examples.web}/login")
    assert examples.app.cookie("session") is None


def test_signing_out_ends_both_sessions(examples: Examples) -> None:
    examples.sign_in()
    page = examples.app.post(f"{examples.web}/logout", {})
    assert page.status == 303
    assert page.location.startswith(examples.client.tenant.endpoint("end_session"))
    assert examples.get("/dashboard").status == 303


def test_signing_out_makes_a_copy_of_the_session_worthless(examples: Examples) -> None:
    examples.sign_in()
    copy = examples.app.clone()
    assert examples.app.post(f"{examples.web}/logout", {}).status == 303
    # The copy is due for a refresh, and its refresh token was revoked.
    page = examples.get("/dashboard", copy)
    assert page.status == 303 and page.location.startswith(f"{examples.web}/login")


def test_another_page_signs_nobody_out(examples: Examples) -> None:
    examples.sign_in()
    for site in ("cross-site", "same-site"):
        page = examples.app.post(f"{examples.web}/logout", {}, site=site)
        assert page.status == 403 and "set-cookie" not in page.headers
    # The browser keeps the cookies back, too: then there is nothing to end.
    stranger = Browser(examples.client.tenant.instance)
    page = stranger.post(f"{examples.web}/logout", {})
    assert page.status == 303 and "set-cookie" not in page.headers
    assert examples.get("/dashboard").status == 200


def test_new_tokens_come_with_an_error_too(examples: Examples) -> None:
    examples.sign_in()
    page = examples.app.post(f"{examples.web}/orgs/org_1/projects", {})
    assert page.status == 403 and "__Host-session=" in page.headers["set-cookie"]


def test_a_made_up_callback_spoils_no_attempt(examples: Examples) -> None:
    callback = examples.callback()
    for query in ("", "?state=another&error=access_denied"):
        assert examples.app.get(
            f"{examples.web}/callback{query}", site="cross-site").status == 400
    assert examples.app.get(callback, site="cross-site").status == 303


def test_the_api_says_what_it_wants(examples: Examples) -> None:
    def ask(**headers: str) -> httpx.Response:
        return httpx.get(
            f"{examples.api}/projects", headers=headers, trust_env=False, verify=TLS)

    answer = ask()
    metadata = f"{examples.api}/.well-known/oauth-protected-resource"
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == f'Bearer resource_metadata="{metadata}"'
    document = httpx.get(metadata, trust_env=False, verify=TLS).json()
    assert document["authorization_servers"] == [examples.client.tenant.issuer]
    assert document["scopes_supported"] == ["projects:read"]
    answer = ask(authorization="Bearer nonsense")
    assert answer.status_code == 401 and 'error="invalid_token"' in answer.headers[
        "www-authenticate"]
