"""Front-channel logout: the page at the end loads the pages of the clients that want it, and goes
on; and what leads back into a client."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from browser import Browser, Page
from harness import Client, CommandFailed, Tenant, User
from logouts import HOME, frames, leave, sign_out
from protocol import Redirect, authorization_url, claims, tokens

conformance = pytest.mark.conformance

LOGOUT = "https://rp.test/logout"


@pytest.fixture
def client(tenant: Tenant) -> Client:
    return tenant.create_client(
        "web", "--post-logout-redirect-uri", HOME, "--frontchannel-logout-uri", LOGOUT)


def policy(page: Page, directive: str) -> list[str] | None:
    for part in page.headers["content-security-policy"].split(";"):
        name, *sources = part.split()
        if name == directive:
            return sources
    return None


@conformance("oidcc-frontchannel-logout-discovery-endpoint-verification", "members")
def test_discovery_says_so(tenant: Tenant) -> None:
    assert tenant.metadata["frontchannel_logout_supported"] is True
    assert tenant.metadata["frontchannel_logout_session_supported"] is True
    assert "check_session_iframe" not in tenant.metadata


@conformance("oidcc-frontchannel-rp-initiated-logout", "told")
def test_the_page_loads_the_address_of_the_client(
    client: Client, user: User, browser: Browser, tenant: Tenant
) -> None:
    given = tokens(client, user, browser)
    page = leave(browser, tenant, id_token_hint=given["id_token"],
                 post_logout_redirect_uri=HOME, state="a&b")
    assert page.status == 200 and "You are signed out" in page.words
    (frame,) = frames(page)
    target = urlsplit(frame)
    assert frame.startswith(LOGOUT + "?") and not target.fragment
    assert parse_qs(target.query) == {
        "iss": [tenant.issuer], "sid": [claims(given["id_token"])["sid"]]}
    # The policy names that origin and nothing else, and the way on is there twice.
    assert policy(page, "frame-src") == ["https://rp.test"]
    assert policy(page, "default-src") == ["'none'"]
    assert f'<a class="button primary" href="{HOME}?state=a%26b">' in page.text
    assert f'<meta http-equiv="refresh" content="5;url={HOME}?state=a%26b">' in page.text
    (script,) = policy(page, "script-src") or []
    assert script.startswith("'sha256-")
    # The session is over, whatever the browser makes of the page.
    again = Redirect.read(
        browser.get(authorization_url(client, None, prompt="none", **CHALLENGE)))
    assert again.error == "login_required"
    # And there is nothing more to load.
    assert leave(browser, tenant, post_logout_redirect_uri=HOME,
                 id_token_hint=given["id_token"]).location == HOME


CHALLENGE = {"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
             "code_challenge_method": "S256"}


def test_a_person_who_signs_out_here_stays_here(
    client: Client, user: User, browser: Browser, tenant: Tenant
) -> None:
    tokens(client, user, browser)
    page = sign_out(browser, tenant)
    assert page.status == 200 and len(frames(page)) == 1
    assert 'http-equiv="refresh"' not in page.text and policy(page, "script-src") is None


def test_each_client_of_the_session_has_a_frame(
    client: Client, user: User, browser: Browser, tenant: Tenant
) -> None:
    other = tenant.create_client(
        "spa", "--frontchannel-logout-uri", "https://app.test:8443/bye?a=b",
        redirect_uris=["https://app.test:8443/cb"])
    plain = tenant.create_client("web")
    absent = tenant.create_client("web", "--frontchannel-logout-uri", LOGOUT + "/absent")
    twin = tenant.create_client("web", "--frontchannel-logout-uri", LOGOUT + "/twin")
    for one in (client, other, plain, twin):
        tokens(one, user, browser)
    tokens(absent, user)
    disabled = tenant.create_client("web", "--frontchannel-logout-uri", LOGOUT + "/disabled")
    tokens(disabled, user, browser)
    disabled.update("--disable")
    page = sign_out(browser, tenant)
    loaded = {frame.split("?")[0] for frame in frames(page)}
    assert loaded == {LOGOUT, LOGOUT + "/twin", "https://app.test:8443/bye"}
    assert sorted(policy(page, "frame-src") or []) == ["https://app.test:8443", "https://rp.test"]
    assert all('sandbox="allow-scripts allow-same-origin"' in tag
               for tag in re.findall("<iframe[^>]*>", page.text))


def test_an_installed_application_is_gone_back_to(
    user: User, browser: Browser, tenant: Tenant
) -> None:
    client = tenant.create_client(
        "native", "--post-logout-redirect-uri", "com.example.app:/bye",
        "--frontchannel-logout-uri", "http://127.0.0.1:7070/bye",
        redirect_uris=["http://127.0.0.1:7070/cb"])
    hint = tokens(client, user, browser)["id_token"]
    page = leave(browser, tenant, id_token_hint=hint,
                 post_logout_redirect_uri="com.example.app:/bye", state="s")
    assert 'href="com.example.app:/bye?state=s"' in page.text
    assert policy(page, "frame-src") == ["http://127.0.0.1:7070"]


@pytest.mark.attack("GH-166")
def test_gh_166_an_address_that_is_not_registered_is_not_gone_on_to(
    client: Client, user: User, browser: Browser, tenant: Tenant
) -> None:
    hint = tokens(client, user, browser)["id_token"]
    page = leave(browser, tenant, id_token_hint=hint,
                 post_logout_redirect_uri="https://evil.test/", state="s")
    assert page.status == 200 and "registered" in page.words and "evil" not in page.text
    assert len(frames(page)) == 1 and 'http-equiv="refresh"' not in page.text


def test_addresses_that_are_none(tenant: Tenant) -> None:
    for address in (
        "https://evil.test/logout", "http://rp.test/logout", "https://rp.test:8443/logout",
        "https://www.rp.test/logout", "https://rp.test/logout#x", "javascript:alert(1)",
        "https://rp.test@evil.test/", "https://rp.test/?iss=x", "https://rp.test/?sid=x",
        "https://[::1]/logout", "https://rp.test/\r\nx", "//rp.test/logout", "logout",
    ):
        with pytest.raises(CommandFailed) as failed:
            tenant.create_client("web", "--frontchannel-logout-uri", address)
        assert failed.value.code == 2, address
    client = tenant.create_client("web", "--frontchannel-logout-uri", LOGOUT)
    # Nor does it stay behind when the redirect URIs move away.
    with pytest.raises(CommandFailed):
        client.update("--redirect-uri", "https://new.test/cb")
    moved = client.update(
        "--redirect-uri", "https://new.test/cb", "--frontchannel-logout-uri", "",
        "--frontchannel-logout-session-required")
    assert "frontchannel_logout_uri" not in moved


# Where a sign-in begins


@conformance("oidcc-3rd_party-init-login", "begun")
def test_a_page_leads_to_where_the_client_begins_a_sign_in(
    user: User, browser: Browser, tenant: Tenant
) -> None:
    client = tenant.create_client(
        "web", "--initiate-login-uri", "https://rp.test/login?a=b", name="Herb <Garden>")
    assert tenant.cli("client", "show", client.id)["initiate_login_uri"].endswith("/login?a=b")
    hint = tokens(client, user, browser)["id_token"]
    page = browser.follow(leave(browser, tenant, id_token_hint=hint))
    assert page.status == 200 and "Sign in to Herb <Garden> again" in page.words
    (link,) = [link for link in page.links if link.startswith("https://rp.test/")]
    assert parse_qs(urlsplit(link).query) == {"a": ["b"], "iss": [tenant.issuer]}
    # Nobody else's address is shown, whatever the page is asked for.
    elsewhere = tenant.instance.create_tenant()
    foreign = elsewhere.create_client("web", "--initiate-login-uri", "https://foreign.test/login")
    plain = tenant.create_client("web")
    for named in (foreign.id, plain.id, "https://evil.test/", "client_x", ""):
        page = browser.get(f"{tenant.issuer}/signed-out?client={named}")
        assert page.status == 200 and "Sign in to" not in page.words
    client.update("--disable")
    page = browser.get(f"{tenant.issuer}/signed-out?client={client.id}")
    assert page.status == 200 and "Sign in to" not in page.words


@conformance("oidcc-3rd_party-init-login-nohttps", "refused")
def test_an_address_that_is_not_https_begins_nothing(tenant: Tenant) -> None:
    for address in ("http://rp.test/login", "http://127.0.0.1/login", "rp.test/login",
                    "https://rp.test/login#x", "https://rp.test/?iss=https://evil.test"):
        with pytest.raises(CommandFailed) as failed:
            tenant.create_client("web", "--initiate-login-uri", address)
        assert failed.value.code == 2, address
