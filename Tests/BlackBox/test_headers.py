"""Headers, cookies and framing: attack cases 3.Z."""

from __future__ import annotations

import subprocess
from urllib.parse import urlsplit

import pytest

from browser import Browser, Page
from harness import BINARY, Client, Instance, Tenant, User
from protocol import PKCE, authorization_url, begin, authorize, redeem, token, tokens, userinfo


def every_page(tenant: Tenant) -> list[Page]:
    """One of each kind of page that a browser may be shown."""
    tenant.instance.cli("tenant", "update", tenant.slug, "--registration", "open")
    client, user, browser = tenant.create_client(), tenant.create_user(), Browser(tenant.instance)
    sign_in = begin(browser, client)
    refused = browser.submit(sign_in, sign_in.form("identifier"), identifier="x", password="y" * 9)
    account = begin(browser, client, prompt="create")
    problem = browser.submit(account, account.form("email"), email="x", password="y")
    pages = [
        sign_in, refused, account, problem,
        browser.get(authorization_url(client, PKCE.new(), redirect_uri="https://evil.test/")),
        browser.get(f"{tenant.issuer}/sign-in/int_00000000000000000000000000"),
        browser.post(sign_in.form("identifier").action, {"csrf": "x"}),
        browser.get(f"{tenant.issuer}/signed-out"),
        browser.get(f"{tenant.instance.url}/admin"),
        browser.get(f"{tenant.instance.url}/admin/link?secret=x"),
    ]
    tokens(client, user, browser)
    pages += [
        begin(browser, client, prompt="login"), begin(browser, client, prompt="select_account"),
        browser.get(tenant.endpoint("end_session")),
        browser.get(f"{tenant.issuer}/signed-out"),
    ]
    return pages


def test_gh_422_424_427_every_page_has_the_strictest_headers(tenant: Tenant) -> None:
    for page in every_page(tenant):
        where = f"{page.status} {page.url}"
        assert page.headers["content-type"] == "text/html; charset=utf-8", where
        policy = {
            directive.split()[0]: directive.split()[1:]
            for directive in page.headers["content-security-policy"].split(";")}
        assert policy["default-src"] == ["'none'"], where
        assert policy["base-uri"] == ["'none'"], where
        assert policy["frame-ancestors"] == ["'none'"], where
        assert policy["form-action"][0] == "'self'", where
        assert set(policy["form-action"][1:]) <= {"https://rp.test"}, where
        assert "object-src" not in policy and "script-src" not in policy, where
        assert "unsafe" not in page.headers["content-security-policy"], where
        assert page.headers["cache-control"] == "no-store", where
        assert page.headers["x-content-type-options"] == "nosniff", where
        assert page.headers["referrer-policy"] == "no-referrer", where
        assert page.headers["x-frame-options"] == "DENY", where
        assert page.headers["cross-origin-opener-policy"] == "same-origin", where
        assert "server" not in page.headers and "x-powered-by" not in page.headers, where
        assert "<script" not in page.text and " style=" not in page.text, where
        assert " onclick" not in page.text and "javascript:" not in page.text, where
        for link in page.links:
            assert urlsplit(link).netloc == urlsplit(tenant.instance.url).netloc, where


def test_gh_421_a_secure_request_gets_strict_transport_security(instance: Instance) -> None:
    # Over plain HTTP the header must not be sent, and nobody's word is taken for TLS.
    answer = instance.http.get(f"{instance.url}/admin", headers={"X-Forwarded-Proto": "https"})
    assert "strict-transport-security" not in answer.headers


def test_gh_421_a_base_address_without_tls_is_refused(instance: Instance) -> None:
    ended = subprocess.run(
        [BINARY, "config", "check", "--data", "/nonexistent", "--base-url", "http://id.test"],
        capture_output=True, text=True, cwd="/", timeout=60)
    assert ended.returncode == 2 and "https" in ended.stderr


STRANGERS = [
    "https://evil.test", "null", "https://rp.test.evil.test", "https://evilrp.test",
    "https://rp-test", "http://rp.test", "https://rp.test:8443", "https://RP.test", "*",
]


@pytest.mark.parametrize("kind", ["web", "spa", "native"])
def test_gh_425_no_stranger_may_read_across_origins(
    tenant: Tenant, user: User, kind: str
) -> None:
    client, http = tenant.create_client(kind), tenant.instance.http
    bearer = {"Authorization": f"Bearer {tokens(client, user)['access_token']}"}
    strangers = STRANGERS + ([] if kind == "spa" else ["https://rp.test"])
    for origin in strangers:
        asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        for answer in (
            token(client, grant_type="refresh_token", refresh_token="x",
                  headers={"Origin": origin}),
            http.get(tenant.endpoint("userinfo"), headers=bearer | {"Origin": origin}),
            http.get(f"{tenant.instance.url}/admin", headers={"Origin": origin}),
            http.get(authorization_url(client, PKCE.new()), headers={"Origin": origin}),
            *(http.options(url, headers=asked) for url in (
                tenant.endpoint("token"), tenant.endpoint("userinfo"),
                tenant.endpoint("authorization"), f"{tenant.instance.url}/admin")),
        ):
            assert "access-control-allow-origin" not in answer.headers, (origin, answer.url)
            assert "access-control-allow-credentials" not in answer.headers


def test_gh_425_a_page_of_a_browser_app_may_read_its_tokens(tenant: Tenant, user: User) -> None:
    client, browser, pkce = tenant.create_client("spa"), Browser(tenant.instance), PKCE.new()
    code = authorize(browser, client, user, pkce).code
    answer = token(
        client, grant_type="authorization_code", code=code, redirect_uri=client.redirect_uri,
        code_verifier=pkce.verifier, headers={"Origin": "https://rp.test"})
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "https://rp.test"
    assert "Origin" in answer.headers["vary"]
    assert "access-control-allow-credentials" not in answer.headers
    told = userinfo(tenant, answer.json()["access_token"], Origin="https://rp.test")
    assert told.headers["access-control-allow-origin"] == "https://rp.test"
    for name in ("token", "userinfo", "revocation"):
        asked = tenant.instance.http.options(tenant.endpoint(name), headers={
            "Origin": "https://rp.test", "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type"})
        assert asked.status_code == 204
        assert asked.headers["access-control-allow-origin"] == "https://rp.test"
        assert "POST" in asked.headers["access-control-allow-methods"]
        assert "authorization" in asked.headers["access-control-allow-headers"].lower()
        assert "access-control-allow-credentials" not in asked.headers


def test_gh_427_suffixes_do_not_make_pages_cacheable(
    client: Client, user: User, browser: Browser
) -> None:
    tokens(client, user, browser)
    tenant = client.tenant
    page = begin(browser, client, prompt="login")
    for url in (f"{page.url}/x.css", f"{page.url};.js", f"{page.url}.css", f"{page.url}%2fx.css",
                f"{tenant.endpoint('userinfo')}/x.css", f"{tenant.endpoint('userinfo')};.js",
                f"{tenant.instance.url}/admin/x.css", f"{tenant.instance.url}/assets/../admin",
                f"{tenant.issuer}/signed-out/x.css", f"{tenant.issuer}/.well-known/x.json"):
        seen = browser.get(url)
        assert seen.status in (400, 401, 404), url
        assert "no-store" in seen.headers["cache-control"], url
        assert user.name not in seen.text


def test_gh_427_headers_without_a_key_change_nothing(client: Client, browser: Browser) -> None:
    url = authorization_url(client, PKCE.new(), redirect_uri="https://evil.test/")
    for name in ("X-Forwarded-Host", "X-Host", "X-Original-URL", "X-Rewrite-URL", "Forwarded"):
        page = browser.get(url, headers={name: "attacker.test"})
        assert page.status == 400 and "attacker.test" not in page.text


def test_gh_430_other_methods(tenant: Tenant) -> None:
    port, paths = tenant.instance.port, (
        "/oauth2/token", "/oauth2/authorize", "/.well-known/jwks.json", "/oauth2/revoke")
    for method in ("TRACE", "PROPFIND", "PUT", "DELETE", "PATCH", "GET /x", "get", "CONNECT",
                   "TRACK",
                   "MKCOL", "BREW", "PURGE", "DEBUG", "M-SEARCH", "X" * 200):
        for path in paths:
            answer = tenant.instance.raw(
                f"{method} /t/{tenant.slug}{path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
                "Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
            status = int(answer.split(b" ")[1])
            assert status in (400, 405, 501), (method, path, status)
            if status == 405:
                assert b"\r\nallow: " in answer.lower()
            assert b"TRACE" not in answer.split(b"\r\n\r\n", 1)[-1]


def test_gh_430_options_and_head(tenant: Tenant) -> None:
    http = tenant.instance.http
    for target in ("*", f"/t/{tenant.slug}/oauth2/token"):
        answer = tenant.instance.raw(
            f"OPTIONS {target} HTTP/1.1\r\nHost: 127.0.0.1:{tenant.instance.port}\r\n"
            "Connection: close\r\n\r\n".encode())
        assert int(answer.split(b" ")[1]) in (200, 204, 400, 404, 405), target
    # A header that names another method is a header, and no method.
    for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        told = http.get(tenant.endpoint("token"), headers={name: "POST"})
        assert told.status_code == 405
        told = http.post(tenant.endpoint("jwks_uri"), headers={name: "GET"})
        assert told.status_code == 405
    answer = http.options(tenant.endpoint("token"))
    assert answer.status_code in (200, 204) and "POST" in answer.headers["allow"]
    answer = http.get(tenant.endpoint("token"))
    assert answer.status_code == 405 and answer.headers["allow"].startswith("POST")
    there, head = http.get(tenant.endpoint("jwks_uri")), http.head(tenant.endpoint("jwks_uri"))
    assert head.status_code == 200 and head.content == b""
    assert head.headers["content-type"] == there.headers["content-type"]


def test_json_answers_cannot_be_framed_or_sniffed(client: Client, user: User) -> None:
    browser, pkce = Browser(client.tenant.instance), PKCE.new()
    code = authorize(browser, client, user, pkce).code
    for answer in (redeem(client, code, pkce), redeem(client, code, pkce)):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == (
            "default-src 'none'; frame-ancestors 'none'")
        assert answer.headers["content-type"] == "application/json"
