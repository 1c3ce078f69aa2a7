"""The code flow as the conformance suite walks it: a client with a secret and without PKCE, and
every parameter that a provider has to put up with."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest

from browser import Browser
from expect import j400, page400, redirected
from harness import Client, CommandFailed, Instance, Tenant, User
from protocol import (
    PKCE, Redirect, authorization_url, authorize, begin, header, redeem, request_parameters,
    sign_in, userinfo)
from suite import let_pass, sign_in_for_tokens, verified

conformance = pytest.mark.conformance


@pytest.mark.parametrize("method", [
    pytest.param("client_secret_basic", marks=conformance(
        "oidcc-server", "code", "answer", "id-token", "userinfo", "secrets")),
    pytest.param("client_secret_post", marks=conformance(
        "oidcc-server-client-secret-post", "answer")),
])
def test_a_whole_sign_in(tenant: Tenant, user: User, browser: Browser, method: str) -> None:
    client = tenant.create_client("web", "--pkce", "optional", method=method)
    assert method in tenant.metadata["token_endpoint_auth_methods_supported"]
    answer = authorize(browser, client, user, None, nonce="n-4711")
    assert answer.uri == client.redirect_uri
    assert answer.parameters == {
        "code": answer.code, "state": "st-4711", "iss": tenant.issuer}

    response = redeem(client, answer.code, None)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"
    given = response.json()
    assert given["token_type"].lower() == "bearer"
    assert isinstance(given["expires_in"], int) and given["expires_in"] > 0
    for secret in (answer.code, given["access_token"]):
        assert len(secret) >= 43 and re.fullmatch(r"[\x20-\x7e]+", secret)
        assert re.fullmatch(r"[A-Za-z0-9._~+/-]+=*", secret)

    said = verified(client, given, nonce="n-4711")
    told = userinfo(tenant, given["access_token"])
    assert told.status_code == 200 and told.json()["sub"] == said["sub"] == user.id


@conformance("oidcc-response-type-missing", "refused")
def test_a_request_without_response_type(
    plain_client: Client, user: User, browser: Browser
) -> None:
    authorize(browser, plain_client, user, None)
    page = browser.get(authorization_url(plain_client, None, response_type=None))
    answer = redirected(page, plain_client, ("unsupported_response_type", "invalid_request"))
    assert set(answer.parameters) == {"error", "error_description", "state", "iss"}
    assert re.fullmatch(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+", answer.parameters["error_description"])


@conformance("oidcc-idtoken-signature", "default", "kid")
@conformance("oidcc-idtoken-rs256", "signed")
@pytest.mark.parametrize("arguments", [(), ("--id-token-algorithm", "RS256")])
def test_id_tokens_are_signed_with_rs256(
    tenant: Tenant, user: User, browser: Browser, arguments: tuple[str, ...]
) -> None:
    client = tenant.create_client("web", "--pkce", "optional", *arguments)
    given = sign_in_for_tokens(client, user, browser)
    assert header(given["id_token"])["alg"] == "RS256" and header(given["id_token"])["kid"]
    verified(client, given)


@conformance("oidcc-idtoken-unsigned", "never")
def test_no_id_token_is_unsigned(tenant: Tenant) -> None:
    assert "none" not in tenant.metadata["id_token_signing_alg_values_supported"]
    for name in ("none", "NONE", ""):
        with pytest.raises(CommandFailed):
            tenant.create_client("web", "--id-token-algorithm", name)


@conformance("oidcc-ensure-request-without-nonce-succeeds-for-code-flow", "succeeds")
@conformance(
    "fapi2-security-profile-final-ensure-authorization-request-without-nonce-success", "succeeds")
def test_a_request_without_nonce(plain_client: Client, user: User, browser: Browser) -> None:
    given = sign_in_for_tokens(plain_client, user, browser)
    assert "nonce" not in verified(plain_client, given)


@conformance(
    "fapi2-security-profile-final-ensure-authorization-request-with-64-char-nonce-success",
    "succeeds")
@conformance(
    "fapi2-security-profile-final-ensure-authorization-request-with-long-nonce", "whole")
@conformance(
    "fapi2-security-profile-final-ensure-authorization-request-with-long-state", "whole")
@pytest.mark.parametrize("length", [64, 384, 1000])
def test_long_nonces_and_states_come_back_whole(
    plain_client: Client, user: User, browser: Browser, length: int
) -> None:
    # Of every character that needs care in an address or in JSON.
    text = ('aB0-._~ +&=%?#/"\\<>' * length)[:length]
    answer = authorize(browser, plain_client, user, None, nonce=text, state=text)
    assert answer.parameters["state"] == text
    verified(plain_client, redeem(plain_client, answer.code, None).json(), nonce=text)


@conformance(
    "fapi2-security-profile-final-ensure-authorization-request-without-state-success", "succeeds")
def test_a_request_without_state(plain_client: Client, user: User, browser: Browser) -> None:
    answer = authorize(browser, plain_client, user, None, state=None)
    assert set(answer.parameters) == {"code", "iss"}


@conformance("oidcc-alternate-happy-flow", "order")
@conformance("fapi2-security-profile-final-ensure-other-scope-order-succeeds", "succeeds")
def test_no_order_matters(plain_client: Client, user: User, browser: Browser) -> None:
    parameters = request_parameters(
        plain_client, None, scope="offline_access email profile openid", nonce="n-1")
    for order in (sorted(parameters), sorted(parameters, reverse=True)):
        query = urlencode({name: parameters[name] for name in order})
        page = browser.get(f"{plain_client.tenant.endpoint('authorization')}?{query}")
        answer = Redirect.read(sign_in(browser, page, user))
        given = redeem(plain_client, answer.code, None).json()
        assert set(given["scope"].split()) == set(parameters["scope"].split())
        said = verified(plain_client, given, nonce="n-1")
        assert said["email"] == user.email and given["refresh_token"]


@pytest.mark.parametrize("parameter, value", [
    pytest.param("display", "page", marks=conformance("oidcc-display-page", "succeeds")),
    pytest.param("display", "popup", marks=conformance("oidcc-display-popup", "succeeds")),
    ("display", "touch"), ("display", "wap"),
    pytest.param("ui_locales", "se", marks=conformance("oidcc-ui-locales", "succeeds")),
    pytest.param("claims_locales", "se", marks=conformance("oidcc-claims-locales", "succeeds")),
    pytest.param("acr_values", "1 2", marks=conformance(
        "oidcc-ensure-request-with-acr-values-succeeds", "succeeds")),
    pytest.param("extra", "foobar", marks=conformance(
        "oidcc-ensure-request-with-unknown-parameter-succeeds", "succeeds")),
    pytest.param("claims", '{"userinfo":{"name":{"essential":true}}}', marks=conformance(
        "oidcc-claims-essential", "succeeds")),
])
def test_parameters_that_must_be_no_error(
    plain_client: Client, user: User, browser: Browser, parameter: str, value: str
) -> None:
    for _ in ("signing in", "signed in"):
        answer = authorize(browser, plain_client, user, None, **{parameter: value})
        assert set(answer.parameters) == {"code", "state", "iss"}
        verified(plain_client, redeem(plain_client, answer.code, None).json())


@conformance("oidcc-login-hint", "succeeds")
def test_a_login_hint(plain_client: Client, user: User, browser: Browser) -> None:
    page = begin(browser, plain_client, login_hint="buffy@id.test")
    assert page.form("identifier").fields["identifier"] == "buffy@id.test"
    # It is no more than a hint: whoever comes signs in.
    assert Redirect.read(sign_in(browser, page, user)).code
    assert authorize(browser, plain_client, None, None, login_hint=user.name).code


@conformance("oidcc-ensure-post-request-succeeds", "succeeds")
def test_a_request_by_a_form(plain_client: Client, user: User, browser: Browser) -> None:
    form = request_parameters(plain_client, None, nonce="n-1")
    for _ in ("signing in", "signed in"):
        page = browser.post(
            plain_client.tenant.endpoint("authorization"), form, site="cross-site",
            origin="https://rp.test")
        answer = Redirect.read(sign_in(browser, page, user))
        assert answer.parameters["state"] == "st-4711"
        verified(plain_client, redeem(plain_client, answer.code, None).json(), nonce="n-1")


@conformance("oidcc-ensure-request-with-valid-pkce-succeeds", "succeeds")
def test_pkce_by_choice(plain_client: Client, user: User, browser: Browser) -> None:
    pkce = PKCE.new()
    code = authorize(browser, plain_client, user, pkce).code
    verified(plain_client, redeem(plain_client, code, pkce).json())


@conformance("oidcc-codereuse", "refused")
@conformance("oidcc-codereuse-30seconds", "refused", "revoked")
@conformance(
    "fapi2-security-profile-final-attempt-reuse-authorization-code-after-one-second", "refused")
@pytest.mark.parametrize("seconds", [0, 1, 30])
def test_a_code_that_comes_again(own_instance: Instance, seconds: int) -> None:
    tenant = own_instance.create_tenant()
    client = tenant.create_client("web", "--pkce", "optional")
    code = authorize(Browser(own_instance), client, tenant.create_user(), None).code
    given = redeem(client, code, None).json()
    assert userinfo(tenant, given["access_token"]).status_code == 200
    if seconds:
        let_pass(own_instance, seconds)
    told = j400(redeem(client, code, None), "invalid_grant")
    assert re.fullmatch(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+", told["error_description"])
    assert userinfo(tenant, given["access_token"]).status_code == 401


@conformance("oidcc-ensure-registered-redirect-uri", "refused")
@conformance("fapi2-security-profile-final-ensure-registered-redirect-uri", "refused")
def test_an_address_that_is_not_registered(
    plain_client: Client, user: User, browser: Browser
) -> None:
    authorize(browser, plain_client, user, None)
    for added in ("1ZBGdHR9", "/x", "?x=1"):
        page = browser.get(authorization_url(
            plain_client, None, redirect_uri=plain_client.redirect_uri + added))
        page400(page)
        assert "address" in page.words, page.words


@conformance("oidcc-redirect-uri-query-OK", "succeeds")
@conformance("oidcc-redirect-uri-query-mismatch", "refused")
@conformance("oidcc-redirect-uri-query-added", "refused")
def test_addresses_with_a_query(tenant: Tenant, user: User, browser: Browser) -> None:
    uri = "https://rp.test/cb?foo=bar&x=%20y"
    client = tenant.create_client("web", "--pkce", "optional", redirect_uris=[uri])
    page = sign_in(browser, browser.get(authorization_url(client, None)), user)
    # The query stays as it was registered, byte for byte, and the answer is added to it.
    assert (page.location or "").startswith(uri + "&")
    answer = Redirect.read(page)
    assert {"foo": "bar", "x": " y", "state": "st-4711"}.items() <= answer.parameters.items()
    verified(client, redeem(client, answer.code, None).json())
    redirected_error = browser.get(authorization_url(client, None, response_type="token"))
    assert (redirected_error.location or "").startswith(uri + "&error=")
    for other in ("https://rp.test/cb", "https://rp.test/cb?foo=baz&x=%20y",
                  "https://rp.test/cb?x=%20y&foo=bar", uri + "&more=1", uri.replace("%20", "+")):
        page400(browser.get(authorization_url(client, None, redirect_uri=other)))
    plain = tenant.create_client("web", "--pkce", "optional")
    page400(browser.get(authorization_url(
        plain, None, redirect_uri=plain.redirect_uri + "?foo=bar")))


@conformance("oidcc-ensure-redirect-uri-in-authorization-request", "refused")
@conformance(
    "fapi2-security-profile-final-ensure-redirect-uri-in-authorization-request", "refused")
def test_a_request_that_names_no_address(tenant: Tenant, user: User, browser: Browser) -> None:
    client = tenant.create_client(
        "web", "--pkce", "optional", redirect_uris=["https://rp.test/cb", "https://rp.test/cb2"])
    authorize(browser, client, user, None)
    page400(browser.get(authorization_url(client, None, redirect_uri=None)))


@conformance("fapi2-security-profile-final-ensure-response-type-code-idtoken-fails", "refused")
@conformance("fapi2-security-profile-final-ensure-response-type-token-fails", "refused")
@pytest.mark.parametrize("response_type", ["code id_token", "token", "id_token", "code token"])
def test_nothing_is_issued_by_the_address(
    plain_client: Client, user: User, browser: Browser, response_type: str
) -> None:
    authorize(browser, plain_client, user, None)
    page = browser.get(authorization_url(
        plain_client, None, response_type=response_type, nonce="n-1"))
    redirected(page, plain_client, ("unsupported_response_type", "invalid_request"))
