"""Pushed authorization requests that a browser brings up (RFC 9126 §4): attack cases 3.S."""

from __future__ import annotations

import httpx
import pytest

from browser import Browser, Page
from expect import j400, page400, redirected
from harness import Client, Instance, Tenant, User
from protocol import (
    PKCE, Redirect, authorization_url, authorize, claims, pushed_url, redeem, request_parameters,
    sign_in, token, tokens)
from pushed_requests import PREFIX, pushed
from races import at_once


def grants(client: Client) -> int:
    return client.tenant.instance.database.value(
        "SELECT count(*) AS n FROM authorization_grant "
        f"WHERE tenant_id = '{client.tenant.id}' AND client_id = '{client.id}'")


def age(client: Client, seconds: int) -> None:
    """Lets every pushed request of a client be so much older."""
    client.tenant.instance.database.execute(
        f"UPDATE one_time_secret SET expires_at = expires_at - {seconds * 1000} "
        f"WHERE tenant_id = '{client.tenant.id}' AND purpose = 'par'")


@pytest.mark.conformance(
    "fapi2-security-profile-final-par-ensure-reused-request-uri-prior-to-auth-completion-succeeds",
    "succeeds")
@pytest.mark.conformance("fapi2-security-profile-final-par-attempt-reuse-request_uri", "refused")
def test_gh_323_a_request_leads_to_one_code(client: Client, user: User, browser: Browser) -> None:
    """Pages may be loaded again, until somebody is done."""
    url = pushed_url(client, pushed(client))
    first = browser.follow(browser.get(url))
    again = browser.follow(browser.get(url))
    elsewhere = Browser(browser.instance)
    other = elsewhere.follow(elsewhere.get(url))
    assert all(page.form("identifier", "password") for page in (first, again, other))
    assert Redirect.read(sign_in(browser, again, user)).code
    # Used to completion: by reload, in the page that was open, in another browser.
    page400(browser.get(url))
    page400(Browser(browser.instance).get(url))
    page400(browser.get(url + "&prompt=none"))
    page400(sign_in(browser, first, user) if first.forms else first)
    page400(sign_in(elsewhere, other, user))
    assert grants(client) == 1


def test_gh_323_a_double_click_ends_the_same_visit_twice(
    client: Client, user: User, browser: Browser
) -> None:
    page = browser.follow(browser.get(pushed_url(client, pushed(client))))
    form = page.form("identifier", "password")
    twin = browser.clone()
    answers = [
        each.submit(page, form, identifier=user.name, password=user.password)
        for each in (browser, twin)]
    assert all(Redirect.read(answer).code for answer in answers)


@pytest.mark.parametrize("kind", ["web", "native"])
def test_gh_323_and_458_one_request_yields_one_code_of_32_at_once(
    tenant: Tenant, user: User, browser: Browser, kind: str
) -> None:
    client = tenant.create_client(kind)
    authorize(browser, client, user, PKCE.new())
    before = grants(client)
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    for _ in range(3):
        url = pushed_url(client, pushed(client))

        def bring(session: httpx.Client) -> Page:
            return Page(session.get(url, headers={"Cookie": cookies}))

        answers = at_once(32, bring)
        won = [page for page in answers if page.status == 303]
        assert len(won) == 1 and Redirect.read(won[0]).code
        tenant.instance.keep_secret(Redirect.read(won[0]).code)
        for page in answers:
            if page.status != 303:
                page400(page)
    assert grants(client) == before + 3


@pytest.mark.conformance(
    "fapi2-security-profile-final-par-attempt-to-use-request_uri-for-different-client", "refused")
def test_gh_325_a_request_of_another_client_or_tenant(
    client: Client, tenant: Tenant, user: User, browser: Browser, instance: Instance
) -> None:
    other = tenant.create_client("web")
    neighbour = instance.create_tenant().create_client("web")
    authorize(browser, client, user, PKCE.new())
    reference = pushed(client)
    for wrong in (other, neighbour):
        page400(browser.get(pushed_url(wrong, reference)))
    page400(browser.get(pushed_url(neighbour, reference).replace(neighbour.id, client.id)))
    endpoint = tenant.endpoint("authorization")
    page400(browser.get(f"{endpoint}?request_uri={reference}"))
    page400(browser.get(f"{endpoint}?request_uri={reference}&client_id=nobody"))
    page400(browser.get(pushed_url(client, reference) + f"&client_id={client.id}"))
    # Nobody but its client spends it.
    assert Redirect.read(browser.get(pushed_url(client, reference))).code


def test_gh_326_references_that_nobody_made(
    client: Client, user: User, browser: Browser
) -> None:
    authorize(browser, client, user, PKCE.new())
    reference = pushed(client)
    given = tokens(client, user, scope="openid offline_access")
    secret = reference.rpartition(":")[2]
    wrong = [
        PREFIX, PREFIX + "x", PREFIX + "par_" + "A" * 43, reference[:-1], reference + "A",
        reference[:-1] + chr(ord(reference[-1]) ^ 1), PREFIX + secret.upper(),
        PREFIX + secret.swapcase(), PREFIX + secret.replace("par_", "ac_"),
        PREFIX + secret.replace("par_", ""), PREFIX + given["refresh_token"],
        PREFIX + given["access_token"], PREFIX + (client.secret or ""), PREFIX + " " + secret,
        PREFIX + secret + "\n", PREFIX + "' OR 1=1 --", PREFIX + "\u0661",
    ]
    for value in wrong:
        page400(browser.get(pushed_url(client, value)))
    # Another way to name a request is none that we read; and it is not told to anybody's address.
    for value in (reference.upper(), reference.replace("urn:", "URN:"), "https://rp.test/r.jwt",
                  secret, "file:///etc/passwd", "urn:ietf:params:oauth:request_uri"):
        page400(browser.get(pushed_url(client, value)))
        url = authorization_url(client, PKCE.new(), request_uri=value)
        redirected(browser.get(url), client, "request_uri_not_supported")
    page400(browser.get(pushed_url(client, reference) + "&request_uri=x"))
    assert Redirect.read(browser.get(pushed_url(client, reference))).code


def test_gh_326_and_508_a_reference_opens_nothing_else(
    client: Client, user: User, browser: Browser
) -> None:
    reference = pushed(client)
    secret = reference.rpartition(":")[2]
    for value in (reference, secret, secret.replace("par_", "ac_")):
        j400(redeem(client, value, None), "invalid_grant")
        j400(token(client, grant_type="refresh_token", refresh_token=value), "invalid_grant")
    assert Redirect.read(sign_in(browser, browser.get(pushed_url(client, reference)), user)).code


@pytest.mark.conformance(
    "fapi2-security-profile-final-par-attempt-to-use-expired-request_uri", "refused")
def test_a_request_that_expired(client: Client, user: User, browser: Browser) -> None:
    url = pushed_url(client, pushed(client))
    page = browser.follow(browser.get(url))
    age(client, 600)
    page400(browser.get(url))
    # Who began in time may take their time on the page.
    assert Redirect.read(sign_in(browser, page, user)).code
    page400(browser.get(url))


@pytest.mark.conformance(
    "fapi2-security-profile-final-ensure-unsigned-authorization-request-without-using-par-fails",
    "refused")
def test_gh_328_a_client_that_has_to_push(tenant: Tenant, user: User, browser: Browser) -> None:
    client = tenant.create_client("web", "--require-pushed-authorization-requests")
    authorize(browser, tenant.create_client(), user, PKCE.new())
    redirected(browser.get(authorization_url(client, PKCE.new())), client, "invalid_request")
    page = browser.post(
        tenant.endpoint("authorization"), request_parameters(client, PKCE.new()),
        site="cross-site")
    redirected(browser.follow(page), client, "invalid_request")
    assert Redirect.read(browser.get(pushed_url(client, pushed(client)))).code
    assert client.update("--no-require-pushed-authorization-requests")[
        "require_pushed_authorization_requests"] is False
    assert Redirect.read(browser.get(authorization_url(client, PKCE.new()))).code


@pytest.mark.conformance(
    "fapi2-security-profile-final-ensure-different-nonce-inside-and-outside-request-object",
    "inside")
@pytest.mark.conformance(
    "fapi2-security-profile-final-ensure-different-state-inside-and-outside-request-object",
    "inside")
@pytest.mark.conformance(
    "fapi2-security-profile-final-state-only-outside-request-object-not-used", "ignored")
def test_gh_329_parameters_beside_a_request_are_not_read(
    client: Client, user: User, browser: Browser
) -> None:
    authorize(browser, client, user, PKCE.new())
    pkce = PKCE.new()
    reference = pushed(client, pkce, scope="openid", state="pushed", nonce="pushed")
    beside = {
        "scope": "openid email offline_access", "redirect_uri": "https://evil.test/cb",
        "state": "evil", "prompt": "login", "login_hint": "mallory@evil.test", "nonce": "evil",
        "response_mode": "fragment", "response_type": "token", "max_age": "0", "claims": "{",
        "code_challenge": PKCE.new().challenge, "code_challenge_method": "plain",
        "id_token_hint": "a.b.c", "request": "a.b.c", "registration": "{}", "acr_values": "x",
    }
    given = Redirect.read(browser.get(pushed_url(client, reference, **beside)))
    assert given.uri == client.redirect_uri and given.parameters["state"] == "pushed"
    redeemed = redeem(client, given.code, pkce)
    assert redeemed.status_code == 200 and redeemed.json()["scope"] == "openid"
    said = claims(redeemed.json()["id_token"])
    assert said["nonce"] == "pushed" and "email" not in said
    assert "refresh_token" not in redeemed.json()
    # What the pushed request leaves out, the address does not add.
    pkce = PKCE.new()
    reference = pushed(client, pkce, state=None)
    given = Redirect.read(browser.get(pushed_url(client, reference, **beside)))
    assert set(given.parameters) == {"code", "iss"}
    assert "nonce" not in claims(redeem(client, given.code, pkce).json()["id_token"])


def test_what_was_withdrawn_since_counts(tenant: Tenant, user: User, browser: Browser) -> None:
    client = tenant.create_client("web")
    authorize(browser, client, user, PKCE.new())
    scoped, moved, gone = (pushed(client, scope="openid email") for _ in range(3))
    client.update("--scope", "openid")
    redirected(browser.get(pushed_url(client, scoped)), client, "invalid_scope")
    client.update("--scope", "openid email", "--redirect-uri", "https://rp.test/other")
    page400(browser.get(pushed_url(client, moved)))
    client.update("--disable")
    page400(browser.get(pushed_url(client, gone)))


def test_errors_of_a_pushed_request_go_to_the_client(
    client: Client, browser: Browser
) -> None:
    reference = pushed(client, prompt="none", state="s-1")
    redirected(
        browser.get(pushed_url(client, reference)), client, "login_required", state="s-1")


def test_where_the_page_explains_it_names_the_rule(tenant: Tenant, browser: Browser) -> None:
    client = tenant.create_client("web")
    page = browser.get(pushed_url(client, PREFIX + "x"))
    page400(page)
    assert "start again" in page.words and "RFC 9126" not in page.text
    tenant.instance.cli("tenant", "update", tenant.slug, "--explain-errors")
    page = browser.get(pushed_url(client, PREFIX + "x"))
    page400(page)
    assert "RFC 9126" in page.text
