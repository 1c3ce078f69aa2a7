"""What Swift and Foundation make easy to get wrong: attack cases 3.BB."""

from __future__ import annotations

import json
import unicodedata

import pytest

from browser import Browser
from expect import j400, j401, page400, redirected
from harness import Client, CommandFailed, Instance, Tenant, User
from protocol import (
    PKCE, Redirect, authorization_url, authorize, basic, begin, redeem, refresh, token, tokens,
    userinfo)

HOSTILE_NUMBERS = [
    "1e300", "nan", "inf", "9223372036854775807", "-9223372036854775808", "0x1p3", "+5", "-0",
    "18446744073709551616", "1_000", "٣", "１２", "5.0", " 5", "5 ", "",
]


def test_gh_448_protocol_texts_are_compared_as_bytes(
    client: Client, user: User, browser: Browser
) -> None:
    authorize(browser, client, user, PKCE.new())
    mark = "\u0301"
    page400(browser.get(authorization_url(client, PKCE.new(), client_id=client.id + mark)))
    page400(browser.get(
        authorization_url(client, PKCE.new(), redirect_uri=client.redirect_uri + mark)))
    for name, value in (
        ("response_type", "code" + mark), ("code_challenge_method", "S256" + mark),
        ("response_mode", "query" + mark), ("prompt", "none" + mark), ("scope", "openid" + mark),
    ):
        page = browser.get(authorization_url(client, PKCE.new(), **{name: value}))
        redirected(page, client, ("invalid_request", "unsupported_response_type", "invalid_scope"))
    j401(token(client, grant_type="refresh_token", headers={
        "Authorization": basic(client.id + mark, client.secret or "")}))
    j401(token(client, grant_type="refresh_token", headers={
        "Authorization": basic(client.id, (client.secret or "") + mark)}))
    assert tenant_status(client, client.tenant.slug + mark) in (400, 404)


def tenant_status(client: Client, slug: str) -> int:
    url = f"{client.tenant.instance.url}/t/{slug}/.well-known/openid-configuration"
    return client.tenant.instance.http.get(url).status_code


def test_gh_448_the_state_keeps_its_normal_form(
    client: Client, user: User, browser: Browser
) -> None:
    state = "Å\u212b\u0041\u030a e\u0301\u00e9"
    page = begin(browser, client, state=state, nonce=state)
    answer = Redirect.read(browser.submit(
        page, page.form("identifier"), identifier=user.name, password=user.password))
    assert answer.parameters["state"] == state
    assert unicodedata.normalize("NFC", state) != state


def test_gh_448_names_of_parameters_are_bytes(client: Client, browser: Browser) -> None:
    query = authorization_url(client, PKCE.new()).partition("?")[2]
    url = client.tenant.endpoint("authorization")
    # Canonically equal to nothing we know: unknown, so ignored, and no repetition either.
    page = browser.get(f"{url}?{query}&state%CC%81=x&redirect_uri%CC%81=https://evil.test")
    assert page.status == 303 and "/sign-in/" in (page.location or "")
    page = browser.get(f"{url}?{query}&%C3%A9=1&e%CC%81=2")
    assert page.status == 303 and "/sign-in/" in (page.location or "")


def test_gh_449_line_breaks_never_reach_a_header(
    client: Client, user: User, browser: Browser
) -> None:
    authorize(browser, client, user, PKCE.new())
    for text in ("a\r\nX-Injected: 1", "a\nX-Injected: 1", "a\rX-Injected: 1",
                 "\u2028X-Injected: 1", "a\r\n\r\n<script>"):
        for name in ("state", "nonce", "login_hint", "ui_locales"):
            page = browser.get(authorization_url(client, PKCE.new(), **{name: text}))
            assert page.status == 303 and "x-injected" not in page.headers
    with pytest.raises(CommandFailed):
        client.tenant.create_client("web", name="a\r\nX: y")


def test_gh_451_and_457_numbers(client: Client, browser: Browser) -> None:
    for number in HOSTILE_NUMBERS:
        page = browser.get(authorization_url(client, PKCE.new(), max_age=number))
        if number == "":
            assert "/sign-in/" in (page.location or ""), "An empty parameter counts as absent."
        else:
            redirected(page, client, "invalid_request")


def test_gh_451_numbers_at_the_command(tenant: Tenant) -> None:
    # Whoever has the shell may write a sign; what counts is that nothing wraps or ends.
    numbers = [n for n in (*HOSTILE_NUMBERS, "-1", "86401") if n not in ("+5", "-0")]
    flags = ["--rotation-leeway", "--access-token-lifetime"]
    for position, number in enumerate(numbers):
        with pytest.raises(CommandFailed) as failure:
            tenant.create_client("web", f"{flags[position % 2]}={number}")
        assert failure.value.code == 2, number


def test_gh_451_the_largest_max_age_is_no_overflow(
    client: Client, user: User, browser: Browser
) -> None:
    tokens(client, user, browser)
    for number in ("9999999999", "4294967296", "2147483648", "0"):
        page = browser.get(authorization_url(client, PKCE.new(), max_age=number))
        assert page.status == 303


def test_gh_451_content_lengths(tenant: Tenant) -> None:
    for length in ("-1", "+5", "5,5", "0x5", "1e3", "9223372036854775808", "٣", "5 5", ""):
        answer = tenant.instance.raw((
            f"POST /t/{tenant.slug}/oauth2/token HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n"
            "Connection: close\r\n\r\nhello").encode())
        assert answer.split(b" ")[1] in (b"400", b"413"), (length, answer[:80])


ALIKE = [
    ("\u212ael@example.com", "kel@example.com"), ("ka\u017fe@example.com", "kase@example.com"),
    ("\u0130an@example.com", "ian@example.com"), ("\u0131an@example.com", "ian@example.com"),
    ("stra\u00dfe@example.com", "strasse@example.com"), ("\ufb01n@example.com", "fin@example.com"),
    ("\uff4bel@example.com", "kel@example.com"), ("kel@example.\u212aom", "kel@example.kom"),
    ("kel@ex\u0430mple.com", "kel@example.com"),
]


def test_gh_455_names_that_look_alike_are_not_folded(open_tenant: Tenant) -> None:
    users = {plain: open_tenant.create_user(plain) for plain in {plain for _, plain in ALIKE}}
    client = open_tenant.create_client()
    for alike, plain in ALIKE:
        browser = Browser(open_tenant.instance)
        page = begin(browser, client)
        answer = browser.submit(
            page, page.form("identifier"), identifier=alike, password=users[plain].password)
        assert answer.status == 401, alike
        page = begin(browser, client, prompt="create")
        answer = browser.submit(
            page, page.form("email"), email=alike, password="an unlikely herring 72")
        assert answer.status == 422, alike
        flag, value = ("--email", alike) if alike.endswith(".com") else ("--username", alike[4:])
        with pytest.raises(CommandFailed) as failure:
            open_tenant.cli("user", "create", flag, value)
        assert failure.value.code == 2, alike
    assert len(open_tenant.cli("user", "list")) == len(users)


def test_gh_460_almost_nothing(client: Client) -> None:
    http, tenant = client.tenant.instance.http, client.tenant
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for body in (b"", b"=", b"&", b"&&&", b"==", b"a", b"%", b"%4", b"+", b"=&=", b"grant_type",
                 b"grant_type=", b"\xff", b"\x00", b"%00", b"%ff", b"grant_type=%ff"):
        for name in ("token", "revocation"):
            answer = http.post(tenant.endpoint(name), content=body, headers=form)
            assert answer.status_code in (400, 401), (name, body)
        answer = http.post(tenant.endpoint("userinfo"), content=body, headers=form)
        assert answer.status_code in (400, 401), body
        answer = http.post(tenant.endpoint("authorization"), content=body, headers=form)
        assert answer.status_code == 400 and "location" not in answer.headers
        answer = http.post(tenant.endpoint("end_session"), content=body, headers=form)
        assert answer.status_code in (200, 303, 400)
    for text in (".", "..", "...", "a", "a.", ".a", "a.b", "a.b.c.d.e", "e30.e30.", "~",
                 "e30.e30.e30"):
        answer = userinfo(tenant, text)
        assert answer.status_code in (400, 401), text
        assert refresh(client, text).status_code == 400


def test_gh_461_depth_has_an_end(client: Client) -> None:
    for deep in ("[" * 15_000, "a[b]" * 5_000, '{"a":' * 4_000):
        j400(token(client, grant_type="refresh_token", refresh_token=deep), "invalid_grant")
        answer = client.tenant.instance.http.post(
            client.tenant.endpoint("token"), content=deep.encode(),
            headers={"Content-Type": "application/json"})
        assert answer.status_code in (400, 415)


def test_gh_434_many_parameters(client: Client) -> None:
    body = "&".join(f"p{n}=1" for n in range(5_000))
    j400(token(client, grant_type="refresh_token", **{f"p{n}": "1" for n in range(300)}),
         "invalid_request")
    answer = client.tenant.instance.http.post(
        client.tenant.endpoint("token"), content=body,
        headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status_code in (400, 413)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_gh_463_a_turkish_locale_changes_nothing(kind: str) -> None:
    turkish = {"LANG": "tr_TR.UTF-8", "LC_ALL": "tr_TR.UTF-8"}
    with Instance(kind, environment=turkish) as instance:
        tenant = instance.create_tenant()
        client, browser = tenant.create_client(), Browser(instance)
        user = tenant.create_user("INDIGO@EXAMPLE.COM")
        page = begin(browser, client)
        pkce = PKCE.new()
        page = begin(browser, client, pkce)
        answer = Redirect.read(browser.submit(
            page, page.form("identifier"), identifier="indigo@example.com",
            password=user.password))
        given = redeem(client, answer.code, pkce)
        assert given.status_code == 200 and json.loads(given.content)["expires_in"] == 900
        assert userinfo(tenant, given.json()["access_token"]).json()["sub"] == user.id
