"""Injection, logs and error pages: attack cases 3.CC."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from browser import Browser
from expect import j400, j401, page400
from harness import Client, CommandFailed, Instance, Tenant, User
from protocol import (
    PKCE, Redirect, authorization_url, authorize, begin, redeem, refresh, revoke, token, tokens,
    userinfo)

PAYLOADS = [
    "' OR 1=1--", '";', "\\", "$1", "%00", ");DROP TABLE tenant;--", "%", "_", "a' || 'b",
    "x'::text", "'; ATTACH DATABASE '/tmp/x' AS x;--", "{{7*7}}", "${7*7}", "$.a",
    "../../etc/passwd",
    "<script>alert(1)</script>", "`id`", "$(id)", ";id", "-oProxyCommand=id", "%n%s%x",
]


def test_gh_464_every_field_of_the_authorization_request(
    client: Client, user: User, browser: Browser
) -> None:
    authorize(browser, client, user, PKCE.new())
    for text in PAYLOADS:
        for name in ("client_id", "redirect_uri"):
            page400(browser.get(authorization_url(client, PKCE.new(), **{name: text})))
        for name in ("scope", "prompt", "max_age", "response_type", "code_challenge",
                     "id_token_hint", "response_mode"):
            page = browser.get(authorization_url(client, PKCE.new(), **{name: text}))
            assert page.status == 303 and Redirect.read(page).error, (name, text)
        for name in ("state", "nonce"):
            answer = Redirect.read(
                browser.get(authorization_url(client, PKCE.new(), **{name: text})))
            assert answer.code
            assert answer.parameters["state"] == (text if name == "state" else "st-4711")


def test_gh_464_every_field_of_the_token_and_revocation_requests(client: Client) -> None:
    for text in PAYLOADS:
        j400(refresh(client, text), "invalid_grant")
        j400(redeem(client, text, PKCE.new()), "invalid_grant")
        j400(redeem(client, "ac_" + "A" * 43, PKCE.new(), redirect_uri=text), "invalid_grant")
        j400(token(client, grant_type=text), "unsupported_grant_type")
        j401(token(client, method="none", client_id=text, grant_type="refresh_token"))
        j401(token(client, method="none", client_secret=text, grant_type="refresh_token"))
        assert revoke(client, text).status_code == 200
        answer = userinfo(client.tenant, text.replace(" ", "+"))
        assert answer.status_code in (400, 401)


def test_gh_464_paths_and_cookies(client: Client, browser: Browser) -> None:
    base, tenant = client.tenant.instance.url, client.tenant
    for text in PAYLOADS:
        encoded = quote(text, safe="")
        for url in (f"{base}/t/{encoded}/.well-known/openid-configuration",
                    f"{tenant.issuer}/sign-in/{encoded}", f"{tenant.issuer}/{encoded}",
                    f"{tenant.issuer}/create-account/{encoded}", f"{base}/assets/{encoded}"):
            answer = browser.get(url)
            assert answer.status in (400, 403, 404), url
            assert "<script" not in answer.text
        for name in ("session", "browser"):
            cookie = f"__Host-gatehouse-{name}-{tenant.slug}={encoded}"
            page = browser.send("GET", authorization_url(client, PKCE.new()), {"Cookie": cookie})
            assert page.status == 303


def test_gh_464_every_field_of_the_forms(open_tenant: Tenant) -> None:
    client, browser = open_tenant.create_client(), Browser(open_tenant.instance)
    open_tenant.create_user("kay@example.com", name="Kay")
    for text in PAYLOADS:
        page = begin(browser, client)
        answer = browser.submit(
            page, page.form("identifier"), identifier=text, password="wrong horse battery")
        assert answer.status == 401 and "<script>alert" not in answer.text
        assert answer.form("identifier").fields["identifier"] == text
        page = begin(browser, client, prompt="create")
        answer = browser.submit(
            page, page.form("email"), email=text, name=text, password="an unlikely herring 72")
        assert answer.status == 422 and "<script>alert" not in answer.text
    assert len(open_tenant.cli("user", "list")) == 1


def test_gh_464_every_argument_of_the_command(tenant: Tenant, instance: Instance) -> None:
    commands = [["user", "show", f"--tenant={tenant.slug}"],
                ["client", "show", f"--tenant={tenant.slug}"], ["tenant", "show"]]
    for number, text in enumerate(PAYLOADS):
        with pytest.raises(CommandFailed) as failure:
            instance.cli(*commands[number % 3], "--", text)
        assert failure.value.code in (2, 3), (text, failure.value)
    for text in ("Kay' OR 1=1--", "<b>Kay</b>", "$1 \\ %s"):
        made = tenant.cli("user", "create", "--email", f"u{len(text)}@example.com", "--name", text)
        assert tenant.cli("user", "show", made["id"])["name"] == text


def test_gh_467_a_nul_is_refused_at_the_edge(
    open_tenant: Tenant, instance: Instance
) -> None:
    client, browser = open_tenant.create_client(), Browser(instance)
    alice = open_tenant.create_user("alice@example.com", username="alice")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    password = alice.password.replace(" ", "+")
    for page, body in (
        (begin(browser, client), f"identifier=alice%00x&password={password}"),
        (begin(browser, client), "identifier=alice&password=x%00y"),
        (begin(browser, client, prompt="create"),
         "email=a%00b@example.com&password=an+unlikely+herring+72"),
        (begin(browser, client, prompt="create"),
         "email=ab@example.com&name=a%00b&password=an+unlikely+herring+72"),
    ):
        csrf = page.form("csrf").fields["csrf"]
        cookies = "; ".join(f"{k}={v}" for k, v in browser.cookies.items())
        answer = instance.http.post(
            page.url, content=f"csrf={csrf}&{body}",
            headers=form | {"Cookie": cookies, "Sec-Fetch-Site": "same-origin"})
        assert answer.status_code == 400 and "location" not in answer.headers
    for name in ("token", "revocation", "authorization", "end_session"):
        answer = instance.http.post(
            open_tenant.endpoint(name), content="client_id=a%00b&state=%00", headers=form)
        assert answer.status_code == 400, name
    assert len(open_tenant.cli("user", "list")) == 1


HOSTILE_LINES = [
    "a\r\n{\"level\":\"critical\"}", "a\n\n", "\x1b[31mred\x1b[0m", '{"level":"error"}', "\u2028x",
    "\u202e\u0007", '"},{"x":"',
]


def test_gh_470_the_log_stays_one_record_for_each_line(
    client: Client, user: User, browser: Browser
) -> None:
    instance = client.tenant.instance
    for text in HOSTILE_LINES:
        page = begin(browser, client)
        browser.submit(page, page.form("identifier"), identifier=text, password=text + "12345678")
        browser.get(f"{client.tenant.issuer}/{quote(text, safe='')}")
        browser.get(authorization_url(client, PKCE.new(), client_id=text))
        token(client, method="none", client_id=text, grant_type=text)
        instance.http.get(f"{instance.url}/livez", headers={
            "User-Agent": text.replace("\r", "").replace("\n", "").replace("\x1b", "").replace(
                "\x07", "").encode(), "X-Request-Id": "x" * 300})
    for record in instance.log_records():
        assert record["level"] in ("debug", "info", "warning", "error")
        assert {"time", "level", "message"} <= set(record)
    text = instance.log.read_bytes()
    assert b"\x1b" not in text and "\u2028".encode() not in text
    assert all(byte >= 0x20 or byte == 0x0A for byte in text)


def test_gh_472_queries_are_not_logged(client: Client, user: User, browser: Browser) -> None:
    instance = client.tenant.instance
    marks = ["needle-state-4711", "needle-hint@example.com", "needle-code", "needle-nonce"]
    browser.get(authorization_url(
        client, PKCE.new(), state=marks[0], login_hint=marks[1], nonce=marks[3]))
    instance.http.get(f"{client.tenant.endpoint('token')}?code={marks[2]}")
    instance.http.get(f"{client.tenant.endpoint('userinfo')}?access_token={marks[2]}")
    browser.get(f"{instance.url}/admin/link?secret={marks[2]}")
    page = begin(browser, client)
    browser.submit(page, page.form("identifier"), identifier=marks[1], password="x" * 12)
    given = tokens(client, user, scope="openid email")
    assert userinfo(client.tenant, given["access_token"]).status_code == 200
    log = instance.log_text()
    for mark in marks:
        assert mark not in log
    assert user.name not in log and user.password not in log


def test_gh_473_error_pages_say_nothing_about_the_inside(
    client: Client, browser: Browser
) -> None:
    base = client.tenant.instance.url
    answers = [
        browser.get(f"{base}/nothing").text, browser.get(f"{client.tenant.issuer}/nothing").text,
        browser.get(authorization_url(client, PKCE.new(), client_id="x")).text,
        token(client, grant_type="x").text, userinfo(client.tenant, "x").text,
    ]
    for text in answers:
        for word in ("SELECT", "sqlite", "postgres", "Swift", "Sources/", "/tmp/", "stack"):
            assert word not in text


def test_names_with_markup_are_shown_as_text(instance: Instance) -> None:
    tenant = instance.create_tenant()
    instance.cli("tenant", "update", tenant.slug, "--name", "<img src=x onerror=alert(1)>")
    client = tenant.create_client(name='"><script>alert(1)</script>')
    user = tenant.create_user(name="<svg onload=alert(1)>")
    browser = Browser(instance)
    pages = [begin(browser, client)]
    tokens(client, user, browser)
    pages += [begin(browser, client, prompt="select_account"),
              browser.get(tenant.endpoint("end_session"))]
    for page in pages:
        assert "<script" not in page.text and "<svg onload" not in page.text
        assert "<img src=x" not in page.text
