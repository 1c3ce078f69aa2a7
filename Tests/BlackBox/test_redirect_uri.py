"""Where answers may be sent: attack cases 3.B. Every request is made in a browser that is signed
in, so that a wrong answer would leak a code."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from browser import Browser
from expect import j400, page400, redirected
from harness import Client, CommandFailed, Instance, Tenant, User
from protocol import PKCE, Redirect, authorization_url, authorize, redeem, request_parameters
from watch import recorded

R1 = "https://rp.test/cb"
R2 = "https://rp.test/cb2?a=1"
LOOPBACK = "http://127.0.0.1/cb"

attack = pytest.mark.attack


@pytest.fixture
def signed_in(client: Client, user: User, browser: Browser) -> Browser:
    client.update("--redirect-uri", R1, "--redirect-uri", R2)
    authorize(browser, client, user, PKCE.new())
    return browser


def refuse_all(
    browser: Browser, client: Client, uris: list[str], **changes: str | None
) -> None:
    """Each by GET and by POST: an error page, no redirect, and nothing is recorded."""
    with recorded(client.tenant):
        for uri in uris:
            changed = changes | {"redirect_uri": uri}
            parameters = request_parameters(client, PKCE.new(), **changed)
            posted = browser.post(
                client.tenant.endpoint("authorization"), parameters, site="cross-site")
            for page in (browser.get(authorization_url(client, PKCE.new(), **changed)),
                         browser.follow(posted)):
                assert page.location is None, f"{uri!r} is redirected to {page.location}"
                page400(page)


@pytest.mark.parametrize("uris", [
    pytest.param([
        "https://rp.test.evil.test/cb", "https://rp.test-evil.test/cb", "https://rp.testevil/cb",
        "https://rp.test%2eevil.test/cb", "https://rp.test%00.evil.test/cb",
        "https://rp.test%2f.evil.test/cb", "https://rp.test%23.evil.test/cb",
        "https://rp.test%5c.evil.test/cb", "https://rp.test;.evil.test/cb",
        "https://rp.test\u3002evil.test/cb",
    ], id="gh_031_host_suffix", marks=attack("GH-031")),
    pytest.param([
        "https://evilrp.test/cb", "https://evil-rp.test/cb", "https://a.rp.test/cb",
        "https://www.rp.test/cb", "https://rp/cb", "https://test/cb", "https://r\u0440.test/cb",
        "https://xn--p-7tb.test/cb", "https://rp\u00ad.test/cb", "https://\uff52p.test/cb",
        "https://*.test/cb", "https://rp.*/cb",
    ], id="gh_032_host_prefix", marks=attack("GH-032")),
    pytest.param([
        "https://rp.test@evil.test/cb", "https://rp.test:443@evil.test/cb",
        "http://127.0.0.1:80@evil.test/", "https://x@rp.test/cb", "https://@rp.test/cb",
        "https://rp.test%40evil.test/cb", "https://rp.test%3a443%40evil.test/cb",
        "https://rp.test:@evil.test/cb", "https://rp.test#@evil.test/cb",
        "https://rp.test?@evil.test/cb", "https://rp.test\uff20evil.test/cb",
    ], id="gh_034_user_information", marks=attack("GH-034")),
    pytest.param([
        "https://rp.test\\@evil.test/cb", "https:\\\\evil.test", "https://evil.test\\.rp.test/cb",
        "/\\evil.test", "https:/\\rp.test/cb", "https://rp.test\\cb",
        "https:\\\\rp.test\\cb", "https://rp.test/cb\\..\\x", "https://rp.test\\.evil.test/cb",
        "https://rp.test/\\evil.test", "https://rp.test%5c@evil.test/cb", R1 + "\\", R1 + "%5c",
    ], id="gh_035_backslashes", marks=attack("GH-035")),
    pytest.param([
        R1 + "/", R1 + "/x", R1 + "x", "https://rp.test/c%62", "https://rp.test/./cb",
        "https://rp.test/x/../cb", "https://rp.test//cb", "https://rp.test:443/cb",
        "https://rp.test./cb", "https://rp.test/", "https://rp.test", R1 + "/../cb", R1 + "/.",
        "https://rp.test/%2e/cb", "https://rp.test/x/%2e%2e/cb", "https://rp.test/%63b", R1 + ";x",
        R1 + ";", R1 + "%2f", R1 + "%2fx", "https://rp.test:8443/cb", "https://rp.test:/cb",
        "https://rp.test:0443/cb", R1[:-1], R1 * 2, R1 + "," + R1, R1 + " " + R1,
        "https://rp.test/cb2",
    ], id="gh_037_paths", marks=attack("GH-037")),
    pytest.param([
        R1 + "?x=1", R1 + "?", "https://rp.test/cb2?a=2", "https://rp.test/cb2?a=1&b=2",
        "https://rp.test/cb2", "https://rp.test/cb2?b=2&a=1", "https://rp.test/cb2?a=%31",
        "https://rp.test/cb2?a=1&a=1", "https://rp.test/cb2?a=1&", "https://rp.test/cb2?&a=1",
        "https://rp.test/cb2?%61=1", "https://rp.test/cb2?A=1", "https://rp.test/cb2??a=1",
        "https://rp.test/cb2?a=1;b=2", R1 + "?a=1", R1 + "&x=1", R1 + "%3fx=1",
    ], id="gh_038_queries", marks=attack("GH-038")),
    pytest.param([
        R1 + "#", R1 + "#x", R1 + "%23x", R1 + "%23", R1 + "#?x", R1 + "#code=1", R1 + "##",
    ], id="gh_040_fragments", marks=attack("GH-040")),
    pytest.param([
        "HTTPS://rp.test/cb", "https://RP.test/cb", "https://rp.test/CB",
        "https://rp.TEST/cb", "Https://rp.test/cb", "https://rp.test/Cb", R1.upper(),
    ], id="gh_041_case", marks=attack("GH-041")),
    pytest.param([
        "http://rp.test/cb", "javascript:alert(1)//rp.test/cb", "data:text/html,x", "vbscript:x",
        "file:///etc/passwd", "blob:https://rp.test/x", "about:blank", "//rp.test/cb", "/cb", "cb",
        "JavaScript:alert(1)", "java\tscript:alert(1)", " javascript:alert(1)", "ftp://rp.test/cb",
        "view-source:https://rp.test/cb", "https:rp.test/cb", "https:/rp.test/cb",
        "https:///rp.test/cb", "httpss://rp.test/cb", "http+https://rp.test/cb", "wss://rp.test/cb",
        "intent://rp.test/cb", "rp.test/cb", "rp.test:/cb", "https://", "https:", ":", "null",
    ], id="gh_043_schemes", marks=attack("GH-043")),
    pytest.param([
        "https://rp.test/cafe\u0301", "https://rp.test/café", R1 + "\u0301",
        "https://rp.test/\uff43b",
        "https://rp.test/c\u0062\u0327", "https://rp\u2024test/cb", "https://rp.test\u2215cb",
        R1 + "\u200b",
        "https://rp.test/caf%C3%A9", "https://rp.test/cafe%CC%81", "\u202e" + R1, R1 + "\ufe0f",
    ], id="gh_050_unicode", marks=attack("GH-050")),
    pytest.param([
        R1 + " ", R1 + "\t", R1 + "\n", " " + R1, R1 + "\r\nX:y", "https://rp\t.test/cb",
        R1 + "%0d%0aX:y", R1 + "%20", R1 + "%00", R1 + "\u00a0", "\ufeff" + R1,
        R1 + "\r", R1 + "\x0b", R1 + "\x0c", "\n" + R1, "\t" + R1, R1 + "\u2028", R1 + "\x7f",
        R1 + "\x1b[0m", "https://rp.test/c b", "https:// rp.test/cb", "ht\ntps://rp.test/cb",
        R1 + "%09", R1 + "%0a", R1 + "%c2%a0",
        R1 + "+", "%20" + R1, R1 + "\u3000",
    ], id="gh_052_white_space", marks=attack("GH-052")),
    pytest.param([
        R1 + "x" * 1983, R1 + "?" + "y" * 5000, R1 + "/" * 1984,
        "https://" + "a." * 1000 + "test/cb",
        "https://rp.test:" + "4" * 2000 + "/cb",
    ], id="gh_055_length", marks=attack("GH-055")),
])
def test_only_the_registered_bytes(client: Client, signed_in: Browser, uris: list[str]) -> None:
    refuse_all(signed_in, client, uris)
    for good in (R1, R2):
        page = signed_in.get(authorization_url(client, PKCE.new(), redirect_uri=good))
        assert Redirect.read(page).code and (page.location or "").startswith(good)


def test_gh_052_a_nul_in_the_address(client: Client, signed_in: Browser) -> None:
    good = authorization_url(client, PKCE.new(), redirect_uri=None)
    page400(signed_in.get(f"{good}&redirect_uri=https%3A%2F%2Frp.test%2Fcb%00"))


def test_gh_055_a_long_address(client: Client, signed_in: Browser) -> None:
    parameters = request_parameters(client, PKCE.new(), redirect_uri=R1 + "?" + "y" * 70_000)
    page = signed_in.post(client.tenant.endpoint("authorization"), parameters, site="cross-site")
    assert page.status in (400, 413, 414) and page.location is None
    target = signed_in.instance.raw(
        f"GET {client.tenant.issuer}/oauth2/authorize?{urlencode(parameters)} HTTP/1.1\r\n"
        f"Host: 127.0.0.1:{signed_in.instance.port}\r\nConnection: close\r\n\r\n".encode())
    assert target.startswith((b"HTTP/1.1 400", b"HTTP/1.1 414", b"HTTP/1.1 431"))


@pytest.mark.conformance("oidcc-redirect-uri-regfrag", "refused")
@attack("GH-034", "GH-035", "GH-037", "GH-040", "GH-041", "GH-043", "GH-044", "GH-046", "GH-050")
@attack("GH-052", "GH-055", "GH-451", "GH-457", "GH-460")
@pytest.mark.parametrize("uri", [
    pytest.param(uri, id=f"{case}-{uri[:40]!r}") for case, uri in [
        ("gh_034", "https://rp.test@evil.test/cb"), ("gh_034", "https://u:p@rp.test/cb"),
        ("gh_035", "https://rp.test\\@evil.test/cb"), ("gh_037", "https://rp.test/a/../cb"),
        ("gh_040", R1 + "#x"), ("gh_040", R1 + "#"), ("gh_041", "https://RP.test/cb"),
        ("gh_043", "http://rp.test/cb"), ("gh_043", "javascript:alert(1)//rp.test/cb"),
        ("gh_043", "data:text/html,x"), ("gh_043", "vbscript:x"), ("gh_043", "file:///x"),
        ("gh_043", "blob:https://rp.test/x"), ("gh_043", "about:blank"), ("gh_043", "*"),
        ("gh_043", "https://*.rp.test/cb"), ("gh_043", "https://rp.test/*x y"),
        ("gh_044", "http://127.1/cb"), ("gh_044", "http://0x7f000001/cb"),
        ("gh_044", "http://127.0.0.2/cb"), ("gh_046", "acme:/cb"), ("gh_046", "Com.acme:/cb"),
        ("gh_046", "com_acme.app:/cb"), ("gh_050", "https://rp.test/caf\u00e9"),
        ("gh_052", R1 + " "), ("gh_052", "\thttps://rp.test/cb"), ("gh_052", R1 + "\r\nx"),
        ("gh_055", R1 + "x" * 2000), ("gh_460", ""), ("gh_460", ":"), ("gh_460", "https://"),
        ("gh_460", "https:///cb"), ("gh_457", "http://127.0.0.1:٨٠/cb"),
        ("gh_457", "https://rp.test:０/cb"), ("gh_451", "https://rp.test:+5/cb"),
        ("gh_451", "https://rp.test:65536/cb"),
    ]
])
def test_registration_refuses(empty_tenant: Tenant, uri: str) -> None:
    with pytest.raises(CommandFailed) as failure:
        empty_tenant.create_client("native", redirect_uris=[uri])
    assert failure.value.code == 2


def test_registration_refuses_addresses_to_sign_out_to(tenant: Tenant) -> None:
    for uri in ("https://u:p@rp.test/", R1 + "#x", "javascript:alert(1)", "http://rp.test/", "/x"):
        with pytest.raises(CommandFailed) as failure:
            tenant.create_client("web", "--post-logout-redirect-uri", uri)
        assert failure.value.code == 2


@pytest.fixture(scope="module")
def empty_tenant(shared_instance: Instance) -> Tenant:
    """Nothing is ever made in it, so its tests share it."""
    return shared_instance.create_tenant()


def test_gh_044_only_the_port_of_a_registered_loopback_address_may_differ(
    tenant: Tenant, user: User, browser: Browser
) -> None:
    client = tenant.create_client("native", redirect_uris=[LOOPBACK, "http://[::1]/six?x=1"])
    authorize(browser, client, user, PKCE.new())
    for good in ("http://127.0.0.1:51004/cb", LOOPBACK, "http://127.0.0.1:1/cb",
                 "http://[::1]:8080/six?x=1"):
        pkce = PKCE.new()
        answer = Redirect.read(
            browser.get(authorization_url(client, pkce, redirect_uri=good)))
        assert answer.uri == good.partition("?")[0] or "x" in answer.parameters
        j400(redeem(client, answer.code, pkce, redirect_uri="http://127.0.0.1:9/cb"),
             "invalid_grant")
    refuse_all(browser, client, [
        "http://localhost:1/cb", "http://localhost/cb", "http://127.0.0.2/cb", "http://[::1]/cb",
        "http://127.0.0.1.evil.test/cb", "http://127.1/cb", "http://0x7f000001/cb",
        "http://2130706433/cb", "http://127.0.0.1:80/cbx", "http://127.0.0.1:80/cb?x=1",
        "https://127.0.0.1:80/cb", "http://127.0.0.1:0/cb", "http://127.0.0.1:65536/cb",
        "http://127.0.0.1:+80/cb", "http://127.0.0.1:/cb", "http://127.0.0.1:8o/cb",
        "http://127.0.0.1:080/cb", "http://127.0.0.1:٨٠/cb", "http://127.0.0.1:80@evil.test/cb",
        "http://[::1]:8080/six", "http://[0:0:0:0:0:0:0:1]/six?x=1", "http://127.0.0.01/cb",
    ])


def test_gh_046_private_use_schemes_match_by_bytes(
    tenant: Tenant, user: User, browser: Browser
) -> None:
    client = tenant.create_client("native", redirect_uris=["com.acme.app:/cb"])
    answer = authorize(browser, client, user, PKCE.new())
    assert answer.uri == "com.acme.app:/cb" and answer.code
    refuse_all(browser, client, [
        "com.acme.app://cb", "com.acme.APP:/cb", "comXacme.app:/cb", "acme:/cb",
        "com.acme.app:/cb/", "com.acme.app:cb",
    ])


def test_gh_047_the_redirect_uri_is_never_guessed(client: Client, signed_in: Browser) -> None:
    client.update("--redirect-uri", R1)
    page400(signed_in.get(authorization_url(client, PKCE.new(), redirect_uri=None)))
    page400(signed_in.get(authorization_url(client, PKCE.new(), redirect_uri="")))


def test_gh_049_the_address_of_another_client(
    client: Client, tenant: Tenant, signed_in: Browser
) -> None:
    tenant.create_client("web", redirect_uris=["https://second.test/cb"])
    refuse_all(signed_in, client, ["https://second.test/cb"])


def test_gh_056_the_code_is_bound_to_its_redirect_uri(
    client: Client, user: User, signed_in: Browser
) -> None:
    for wrong in (R2, R1.upper(), R1 + "/", R1 + " ", "https://evil.test/cb"):
        pkce = PKCE.new()
        code = authorize(signed_in, client, user, pkce).code
        j400(redeem(client, code, pkce, redirect_uri=wrong), "invalid_grant")
        j400(redeem(client, code, pkce), "invalid_grant")
    # OAuth 2.1 does without it where a proof key binds the code; an empty one counts as absent.
    pkce = PKCE.new()
    code = authorize(signed_in, client, user, pkce).code
    assert redeem(client, code, pkce, redirect_uri=None).status_code == 200


def test_gh_056_without_a_proof_key_the_redirect_uri_is_required(
    client: Client, user: User, browser: Browser
) -> None:
    client.update("--pkce", "optional")
    code = authorize(browser, client, user, None).code
    j400(redeem(client, code, None, redirect_uri=None), "invalid_grant")
    j400(redeem(client, code, None), "invalid_grant")
    code = authorize(browser, client, user, None).code
    assert redeem(client, code, None).status_code == 200


def test_gh_058_a_bad_address_comes_before_every_other_error(
    client: Client, signed_in: Browser
) -> None:
    uri = "https://evil.test/cb"
    for changes in (
        {"scope": "nonsense"}, {"response_type": "token"}, {"prompt": "none"},
        {"code_challenge": "x"}, {"response_mode": "fragment"}, {"request": "x"},
    ):
        refuse_all(signed_in, client, [uri], **changes)
    # A bad client comes before that, and whatever else is wrong after it.
    page400(signed_in.get(authorization_url(
        client, PKCE.new(), client_id="nobody", redirect_uri=R1, scope="nonsense")))
    page = signed_in.get(authorization_url(
        client, PKCE.new(), scope="nonsense", response_type="token", prompt="x"))
    redirected(page, client, ("invalid_scope", "invalid_request", "unsupported_response_type"))
