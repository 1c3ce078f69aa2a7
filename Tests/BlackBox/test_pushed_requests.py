"""Pushing of authorization requests (RFC 9126 §2), and attack case GH-332."""

from __future__ import annotations

import re

import httpx
import pytest
from authlib.integrations.httpx_client import OAuth2Client

from browser import Browser
from expect import j400, j401
from harness import TLS, Client, Instance, Tenant, User
from protocol import PKCE, Redirect, claims, push, pushed_url, redeem, request_parameters, sign_in
from pushed_requests import PREFIX, pushed
from watch import recorded


# What it is for


@pytest.mark.conformance(
    "fapi2-security-profile-final-par-without-duplicate-parameters", "succeeds")
@pytest.mark.parametrize("kind, method", [
    ("web", "client_secret_basic"), ("web", "client_secret_post"), ("native", "none"),
    ("spa", "none"),
])
def test_every_kind_of_client_pushes_its_request(
    tenant: Tenant, user: User, browser: Browser, kind: str, method: str
) -> None:
    client, pkce = tenant.create_client(kind, method=method), PKCE.new()
    answer = push(client, pkce, scope="openid email", nonce="n-1", state="s &=\u00e9")
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/json"
    told = answer.json()
    assert set(told) == {"request_uri", "expires_in"}
    assert re.fullmatch(PREFIX + r"par_[A-Za-z0-9_-]{43}", told["request_uri"])
    # 5 to 600 seconds (RFC 9126 §2.2); less than 600 (FAPI 2.0 §5.3.2.2).
    assert 5 <= told["expires_in"] < 600
    page = sign_in(browser, browser.get(pushed_url(client, told["request_uri"])), user)
    given = Redirect.read(page)
    assert given.uri == client.redirect_uri and given.parameters["state"] == "s &=\u00e9"
    assert given.parameters["iss"] == tenant.issuer
    redeemed = redeem(client, given.code, pkce)
    assert redeemed.status_code == 200
    said = claims(redeemed.json()["id_token"])
    assert (said["nonce"], said["sub"]) == ("n-1", user.id) and "email" in said


def test_the_client_may_stand_in_its_authentication_only(
    client: Client, user: User, browser: Browser
) -> None:
    reference = pushed(client, client_id=None)
    page = sign_in(browser, browser.get(pushed_url(client, reference)), user)
    assert Redirect.read(page).code


def test_a_request_may_be_brought_by_post(client: Client, user: User, browser: Browser) -> None:
    form = {"client_id": client.id, "request_uri": pushed(client)}
    page = browser.post(client.tenant.endpoint("authorization"), form, site="cross-site")
    assert Redirect.read(sign_in(browser, page, user)).code


@pytest.mark.parametrize("kind, method", [("web", "client_secret_basic"), ("native", "none")])
def test_authlib_pushes_and_signs_in(
    tenant: Tenant, user: User, browser: Browser, kind: str, method: str
) -> None:
    """Authlib makes the request; its session authenticates the push as it does a token request."""
    client, pkce = tenant.create_client(kind), PKCE.new()
    with OAuth2Client(
        client.id, client.secret, scope="openid email", redirect_uri=client.redirect_uri,
        token_endpoint_auth_method=method, code_challenge_method="S256", trust_env=False,
        verify=TLS,
    ) as app:
        url, state = app.create_authorization_url(
            tenant.endpoint("authorization"), code_verifier=pkce.verifier)
        parameters = dict(httpx.URL(url).params)
        if method == "none":
            # Authlib says who it is by itself.
            del parameters["client_id"]
        answer = app.request(
            "POST", tenant.endpoint("pushed_authorization_request"), data=parameters,
            withhold_token=True, auth=app.client_auth(method))
        assert answer.status_code == 201, answer.text
        tenant.instance._see_json(answer.json())
        page = browser.get(pushed_url(client, answer.json()["request_uri"]))
        given = Redirect.read(sign_in(browser, page, user))
        assert given.parameters["state"] == state
        query = f"{given.uri}?{httpx.QueryParams(given.parameters)}"
        token = app.fetch_token(
            tenant.endpoint("token"), authorization_response=query, code_verifier=pkce.verifier,
            state=state)
    tenant.instance._see_json(dict(token))
    assert claims(token["id_token"])["sub"] == user.id


def test_the_metadata_tells_of_it(tenant: Tenant) -> None:
    told = tenant.metadata
    assert told["pushed_authorization_request_endpoint"] == tenant.issuer + "/oauth2/par"
    assert told["require_pushed_authorization_requests"] is False


# What is refused when it is pushed


@pytest.mark.conformance(
    "fapi2-security-profile-final-plain-fapi-tolerate-unregistered-redirect-uri", "refused")
@pytest.mark.conformance(
    "fapi2-security-profile-final-ensure-request-object-without-redirect-uri-fails", "refused")
@pytest.mark.conformance("fapi2-security-profile-final-par-ensure-pkce-required", "refused")
@pytest.mark.conformance("fapi2-security-profile-final-par-plain-pkce-rejected", "refused")
@pytest.mark.conformance(
    "fapi2-security-profile-final-par-authorization-request-containing-request_uri-form-param",
    "refused")
def test_a_push_is_checked_as_a_whole(client: Client, tenant: Tenant) -> None:
    wrong: list[tuple[str, dict[str, str | None]]] = [
        ("invalid_request", {"redirect_uri": "https://evil.test/cb"}),
        ("invalid_request", {"redirect_uri": client.redirect_uri + "/"}),
        ("invalid_request", {"redirect_uri": None}),
        ("invalid_request", {"response_type": None}),
        ("unsupported_response_type", {"response_type": "token"}),
        ("unsupported_response_type", {"response_type": "code id_token"}),
        ("invalid_request", {"response_mode": "fragment"}),
        ("invalid_request", {"response_mode": "web_message"}),
        ("invalid_scope", {"scope": "openid admin"}),
        ("invalid_request", {"prompt": "none login"}),
        ("invalid_request", {"max_age": "-1"}),
        ("invalid_request", {"id_token_hint": "a.b.c"}),
        ("invalid_request", {"claims": "{"}),
        ("invalid_request", {"state": "x" * 2049}),
        # PKCE.
        ("invalid_request", {"code_challenge": None, "code_challenge_method": None}),
        ("invalid_request", {"code_challenge_method": "plain"}),
        ("invalid_request", {"code_challenge_method": None}),
        # A request in a request (RFC 9126 §2.1).
        ("invalid_request", {"request_uri": PREFIX + "par_" + "a" * 43}),
        ("invalid_request", {"request_uri": "https://rp.test/request.jwt"}),
        ("invalid_request", {"request_uri": ""}),
        ("invalid_request_object", {"request": "eyJhbGciOiJub25lIn0.e30."}),
        ("registration_not_supported", {"registration": "{}"}),
    ]
    with recorded(tenant):
        for error, changes in wrong:
            body = j400(push(client, **changes), error)
            assert "request_uri" not in body, changes
    machine = tenant.create_client("machine")
    j400(push(machine, redirect_uri="https://rp.test/cb"), "invalid_request")


def test_a_parameter_that_stands_twice_is_refused(client: Client) -> None:
    form = request_parameters(client, PKCE.new())
    for name in [*form, "nonce", "redirect%5Furi", "request_uri"]:
        body = "&".join(
            [str(httpx.QueryParams(form)), f"{name}=x", f"{name}=x"])
        answer = client.tenant.instance.http.post(
            client.tenant.endpoint("pushed_authorization_request"), content=body,
            auth=(client.id, client.secret or ""),
            headers={"Content-Type": "application/x-www-form-urlencoded"})
        j400(answer, "invalid_request")


def test_a_push_is_authenticated_as_a_token_request_is(
    client: Client, public_client: Client, tenant: Tenant, instance: Instance
) -> None:
    other = tenant.create_client("web")
    foreign = instance.create_tenant().create_client("web")
    url = tenant.endpoint("pushed_authorization_request")
    form = request_parameters(client, PKCE.new())
    post = instance.http.post
    j401(post(url, data=form))
    j401(post(url, data=form | {"client_secret": "cs_" + "a" * 43}))
    j401(post(url, data=form | {"client_secret": other.secret}))
    j401(post(url, data=form | {"client_id": "nobody"}))
    j401(post(url, data=form | {"client_id": ""}))
    j401(post(url, data=form | {"client_assertion": "a.b.c"}))
    j401(post(url, data=form | {"client_id": foreign.id, "client_secret": foreign.secret}))
    # A public client has no secret, and one with a secret is not public.
    j401(post(url, data=form | {"client_id": public_client.id, "client_secret": other.secret}))
    # Two ways at once, and two names.
    both = form | {"client_secret": client.secret}
    j400(post(url, data=both, auth=(client.id, client.secret)), "invalid_request")
    j400(post(url, data=form, auth=(other.id, other.secret)), "invalid_request")


@pytest.mark.conformance("fapi2-security-profile-final-par-attempt-invalid-http-method", "refused")
def test_only_post_and_only_forms(client: Client) -> None:
    url, http = client.tenant.endpoint("pushed_authorization_request"), client.tenant.instance.http
    form = request_parameters(client, PKCE.new())
    for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH"):
        answer = http.request(method, url, params=form, auth=(client.id, client.secret))
        assert answer.status_code == 405 and "POST" in answer.headers["allow"]
    answer = http.post(url, json=form, auth=(client.id, client.secret))
    assert answer.status_code in (400, 415) and "request_uri" not in answer.text
    # Parameters in the query are not those of a push.
    assert http.post(url, params=form, auth=(client.id, client.secret)).status_code in (400, 415)


def test_gh_332_a_push_is_bounded_and_not_kept_for_long(client: Client) -> None:
    for size in (16_384, 60_000, 1_000_000):
        answer = push(client, unknown="x" * size)
        assert answer.status_code == 413 and answer.json()["error"] == "invalid_request"
    reference = pushed(client, unknown="x" * 15_000)
    rows = client.tenant.instance.database.rows(
        "SELECT payload, created_at, expires_at FROM one_time_secret "
        f"WHERE tenant_id = '{client.tenant.id}' AND purpose = 'par'")
    assert len(rows) == 1
    # What nobody reads is not kept, nor is anything that opens something.
    assert len(rows[0]["payload"]) < 1_000 and "secret" not in rows[0]["payload"]
    assert reference.rpartition("_")[2] not in rows[0]["payload"]
    assert rows[0]["expires_at"] - rows[0]["created_at"] <= 600_000


def test_the_secret_of_a_client_is_not_kept_with_its_request(tenant: Tenant) -> None:
    client = tenant.create_client("web", method="client_secret_post")
    pushed(client)
    kept = str(tenant.instance.database.rows(
        f"SELECT payload FROM one_time_secret WHERE tenant_id = '{tenant.id}'"))
    assert client.secret and client.secret not in kept and "client_secret" not in kept


def test_pages_of_registered_origins_may_push(tenant: Tenant) -> None:
    client = tenant.create_client("spa")
    answer = push(client, headers=None)
    assert "access-control-allow-origin" not in answer.headers
    form = request_parameters(client, PKCE.new())
    for origin, allowed in (("https://rp.test", True), ("https://evil.test", False)):
        answer = tenant.instance.http.post(
            tenant.endpoint("pushed_authorization_request"), data=form,
            headers={"Origin": origin})
        assert answer.status_code == 201
        assert (answer.headers.get("access-control-allow-origin") == origin) is allowed
        tenant.instance._see_json(answer.json())
