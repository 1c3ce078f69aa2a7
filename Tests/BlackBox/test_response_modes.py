"""How answers travel: query, fragment, form_post and their signed forms (JARM). Verified by joserfc,
which knows nothing but the published keys."""

from __future__ import annotations

import pytest
from authlib.integrations.httpx_client import OAuth2Client

from browser import Browser, Page
from expect import j400, page400, redirected
from harness import TLS, Client, CommandFailed, Tenant, User
from protocol import (
    PKCE, Redirect, authorization_url, authorize, claims, push, pushed_url, redeem, sign_in)
from response_modes import ALL, MODES, answer, fields, verified


@pytest.fixture
def any_mode(tenant: Tenant) -> Client:
    """A client that may ask for every mode; the query is its usual one."""
    return tenant.create_client("web", *ALL)


def ask(browser: Browser, client: Client, pkce: PKCE | None = None, **changes: str | None) -> Page:
    return browser.get(authorization_url(client, pkce or PKCE.new(), **changes))


@pytest.mark.conformance("oidcc-server", "form-post")
@pytest.mark.parametrize("mode", MODES)
def test_every_mode_carries_codes_and_errors(
    any_mode: Client, user: User, browser: Browser, mode: str
) -> None:
    client, pkce = any_mode, PKCE.new()
    assert mode in client.tenant.metadata["response_modes_supported"]
    state = "s &=\u00e9\"'<>#%20"
    silent = ask(browser, client, response_mode=mode, prompt="none", state=state)
    told = answer(silent, client, mode)
    assert told.pop("error_description")
    assert told == {
        "error": "login_required", "state": state, "iss": client.tenant.issuer}
    # By way of the page for signing in, and then at once.
    page = browser.follow(ask(browser, client, pkce, response_mode=mode, state=state))
    told = answer(sign_in(browser, page, user), client, mode)
    assert set(told) == {"code", "state", "iss"} and told["state"] == state
    assert redeem(client, told["code"], pkce).status_code == 200
    pkce = PKCE.new()
    told = answer(ask(browser, client, pkce, response_mode=mode, state=None), client, mode)
    assert set(told) == {"code", "iss"}
    assert redeem(client, told["code"], pkce).status_code == 200


@pytest.mark.conformance("oidcc-response-type-missing", "form-post")
@pytest.mark.parametrize("mode", MODES)
def test_what_is_wrong_with_a_request_is_told_in_its_mode(
    any_mode: Client, browser: Browser, mode: str
) -> None:
    for error, changes in (
        ("invalid_scope", {"scope": "openid admin"}), ("invalid_request", {"prompt": "xyzzy"}),
        ("unsupported_response_type", {"response_type": "token"}),
        ("invalid_request", {"response_type": None}),
        ("invalid_request", {"code_challenge": None, "code_challenge_method": None}),
        ("invalid_request_object", {"request": "a.b.c"}),
    ):
        page = ask(browser, any_mode, response_mode=mode, **changes)
        told = answer(page, any_mode, mode)
        assert (told["error"], told["state"]) == (error, "st-4711") and "code" not in told
    # Nothing goes in any mode to an address that is not proven.
    for changes in ({"redirect_uri": "https://evil.test/cb"}, {"client_id": "nobody"}):
        page400(ask(browser, any_mode, response_mode=mode, **changes), never="evil.test")


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
def test_signed_answers_are_signed_as_the_client_is_registered(
    tenant: Tenant, user: User, browser: Browser, algorithm: str
) -> None:
    client = tenant.create_client(
        "web", "--response-mode", "query.jwt", "--id-token-algorithm", algorithm)
    page = sign_in(browser, ask(browser, client, response_mode="jwt"), user)
    token = fields(page, client, "query.jwt")["response"]
    said = verified(client, token, algorithm)
    tenant.instance.keep_secret(token, said["code"])
    assert set(said) == {"iss", "aud", "exp", "code", "state"}
    # It says nothing of anybody, so it passes for no ID token.
    hint = ask(browser, client, response_mode="jwt", id_token_hint=token)
    told = verified(client, fields(hint, client, "query.jwt")["response"], algorithm)
    assert told["error"] == "invalid_request"


def test_gh_008_a_client_gets_answers_only_in_modes_it_is_registered_for(
    tenant: Tenant, user: User, browser: Browser
) -> None:
    form = tenant.create_client("web", "--response-mode", "form_post")
    both = tenant.create_client(
        "web", "--response-mode", "fragment.jwt", "--response-mode", "query")
    authorize(browser, tenant.create_client(), user, PKCE.new())
    for mode in (None, "query", "fragment", "jwt", "form_post.jwt", "web_message", "x"):
        told = answer(ask(browser, form, response_mode=mode), form, "form_post")
        assert told["error"] == "invalid_request" and "code" not in told
        j400(push(form, response_mode=mode), "invalid_request")
    assert answer(ask(browser, form, response_mode="form_post"), form, "form_post")["code"]
    for mode in ("fragment", "query.jwt", "form_post", "garbage"):
        told = answer(
            ask(browser, both, response_mode=mode), both,
            "query" if mode == "garbage" else "fragment.jwt")
        assert told["error"] == "invalid_request" and "code" not in told
    assert answer(ask(browser, both, response_mode=None), both, "query")["code"]
    assert both.update("--response-mode", "query")["response_modes"] == ["query"]
    redirected(ask(browser, both, response_mode="fragment.jwt"), both, "invalid_request")


def test_a_form_is_not_posted_where_no_form_can_go(tenant: Tenant, browser: Browser) -> None:
    """A private-use scheme of an installed app takes no body."""
    client = tenant.create_client("native", *ALL, redirect_uris=["com.example.app:/cb"])
    for mode in ("form_post", "form_post.jwt"):
        told = answer(ask(browser, client, response_mode=mode), client, "query")
        assert told["error"] == "invalid_request"
    told = answer(ask(browser, client, response_mode="fragment", prompt="none"), client, "fragment")
    assert told["error"] == "login_required"


def test_the_page_that_posts_is_for_its_target_only(
    any_mode: Client, user: User, browser: Browser
) -> None:
    page = sign_in(browser, ask(browser, any_mode, response_mode="form_post"), user)
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    policy = dict(
        part.strip().partition(" ")[::2]
        for part in page.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'" and policy["base-uri"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["form-action"] == "'self' https://rp.test"
    assert policy["script-src"].startswith("'sha256-") and " " not in policy["script-src"]
    assert page.text.count("<script") == 1 and "unsafe" not in str(policy)
    hostile = '"><script>alert(1)</script>'
    page = ask(browser, any_mode, response_mode="form_post", state=hostile)
    assert page.text.count("<script") == 1 and page.forms[0].fields["state"] == hostile


def test_a_pushed_request_is_answered_in_its_mode(
    any_mode: Client, user: User, browser: Browser
) -> None:
    client, pkce = any_mode, PKCE.new()
    reference = push(client, pkce, response_mode="form_post.jwt").json()["request_uri"]
    page = browser.follow(browser.get(pushed_url(client, reference)))
    told = answer(sign_in(browser, page, user), client, "form_post.jwt")
    assert redeem(client, told["code"], pkce).status_code == 200


def test_authlib_takes_a_posted_answer(any_mode: Client, user: User, browser: Browser) -> None:
    client, pkce = any_mode, PKCE.new()
    with OAuth2Client(
        client.id, client.secret, scope="openid", redirect_uri=client.redirect_uri,
        code_challenge_method="S256", trust_env=False, verify=TLS,
    ) as app:
        url, state = app.create_authorization_url(
            client.tenant.endpoint("authorization"), code_verifier=pkce.verifier,
            response_mode="form_post")
        told = answer(sign_in(browser, browser.get(url), user), client, "form_post")
        assert told["state"] == state
        token = app.fetch_token(
            client.tenant.endpoint("token"), code=told["code"], code_verifier=pkce.verifier)
    client.tenant.instance._see_json(dict(token))
    assert claims(token["id_token"])["sub"] == user.id


def test_a_mode_that_is_none_cannot_be_registered(tenant: Tenant) -> None:
    for mode in ("web_message", "QUERY", "", "query,fragment"):
        with pytest.raises(CommandFailed, match="response-mode"):
            tenant.create_client("web", "--response-mode", mode)
    assert tenant.cli("client", "show", tenant.create_client().id)["response_modes"] == ["query"]


def test_the_default_is_the_query(client: Client, user: User, browser: Browser) -> None:
    assert Redirect.read(sign_in(browser, ask(browser, client), user)).code
