"""Metadata, keys, aliases, and what a client made for another provider finds."""

from __future__ import annotations

from typing import Any

import pytest

from browser import Browser
from harness import Client, Instance, Tenant, User
from protocol import (
    PKCE, Redirect, authorization_url, authorize, claims, redeem, refresh, sign_in, token, tokens)

PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "k", "oth"}


def documents(tenant: Tenant) -> list[str]:
    base, path = tenant.instance.url, f"/t/{tenant.slug}"
    return [
        f"{base}{path}/.well-known/openid-configuration",
        f"{base}{path}/.well-known/oauth-authorization-server",
        f"{base}/.well-known/openid-configuration{path}",
        f"{base}/.well-known/oauth-authorization-server{path}",
    ]


def test_the_metadata_says_what_there_is(tenant: Tenant) -> None:
    answers = [tenant.instance.http.get(url) for url in documents(tenant)]
    assert all(answer.status_code == 200 for answer in answers)
    assert len({answer.content for answer in answers}) == 1
    told = answers[0].json()
    issuer = tenant.issuer
    assert told["issuer"] == issuer
    expected = {
        "authorization_endpoint": "/oauth2/authorize", "token_endpoint": "/oauth2/token",
        "userinfo_endpoint": "/oauth2/userinfo", "revocation_endpoint": "/oauth2/revoke",
        "end_session_endpoint": "/oauth2/end_session", "jwks_uri": "/.well-known/jwks.json",
        "device_authorization_endpoint": "/oauth2/device_authorization",
    }
    assert {name: told[name] for name in expected} == {
        name: issuer + path for name, path in expected.items()}
    assert told["response_types_supported"] == ["code"]
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert told["authorization_response_iss_parameter_supported"] is True
    assert set(told["grant_types_supported"]) == {
        "authorization_code", "refresh_token", "client_credentials",
        "urn:ietf:params:oauth:grant-type:device_code",
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "urn:ietf:params:oauth:grant-type:jwt-bearer", "urn:openid:params:grant-type:ciba"}
    assert set(told["token_endpoint_auth_methods_supported"]) == {
        "client_secret_basic", "client_secret_post", "none", "private_key_jwt"}
    assert "RS256" in told["id_token_signing_alg_values_supported"]
    assert "none" not in told["id_token_signing_alg_values_supported"]
    assert set(told["subject_types_supported"]) == {"public", "pairwise"}


def test_gh_428_metadata_and_keys_may_be_cached_for_a_while(tenant: Tenant) -> None:
    for url in [*documents(tenant), tenant.endpoint("jwks_uri")]:
        answer = tenant.instance.http.get(url)
        scope, age = answer.headers["cache-control"].split(", ")
        name, seconds = age.split("=")
        assert (scope, name) == ("public", "max-age") and 0 < int(seconds) <= 300
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["content-type"] == "application/json"
        assert "set-cookie" not in answer.headers


def test_gh_482_the_keys_are_public_and_each_tenant_has_its_own(
    tenant: Tenant, instance: Instance
) -> None:
    for algorithm in ("PS256", "EdDSA"):
        tenant.cli("key", "create", "--algorithm", algorithm)
    keys = instance.http.get(tenant.endpoint("jwks_uri")).json()["keys"]
    assert {key["alg"] for key in keys} >= {"RS256", "ES256", "PS256", "EdDSA"}
    for key in keys:
        assert key["use"] == "sig" and key["kid"] and not PRIVATE & set(key)
    others = instance.http.get(instance.create_tenant().endpoint("jwks_uri")).json()["keys"]
    assert not {key["kid"] for key in keys} & {key["kid"] for key in others}
    for path in ("/oauth2/jwks", "/jwks.json"):
        assert instance.http.get(tenant.issuer + path).json()["keys"] == keys


def test_gh_163_nothing_is_made_from_the_host_of_a_request(tenant: Tenant) -> None:
    good = tenant.instance.http.get(documents(tenant)[0])
    for headers in (
        {"Host": "evil.test"}, {"Host": "127.0.0.1:1"}, {"X-Forwarded-Host": "evil.test"},
        {"X-Forwarded-Proto": "https"}, {"Forwarded": "host=evil.test;proto=https"},
        {"X-Forwarded-For": "203.0.113.9"}, {"X-Forwarded-Prefix": "/evil"},
        {"X-Original-URL": "/evil"},
    ):
        answer = tenant.instance.http.get(documents(tenant)[0], headers=headers)
        if answer.status_code == 200:
            assert answer.content == good.content
        else:
            assert answer.status_code in (400, 421) and "evil" not in answer.text


def test_unknown_and_disabled_tenants_are_not_there(instance: Instance, tenant: Tenant) -> None:
    instance.cli("tenant", "update", tenant.slug, "--disable")
    there = [f"{instance.url}/t/{slug}/.well-known/openid-configuration" for slug in (
        tenant.slug, "nobody", "UPPER", "a" * 300, "%2e%2e", "x%00y", "-")]
    for url in there:
        answer = instance.http.get(url)
        assert answer.status_code in (400, 404), url
    for path in ("/.well-known/jwks.json", "/oauth2/userinfo"):
        answer = instance.http.get(f"{instance.url}/t/nobody{path}")
        assert answer.status_code == 404


@pytest.mark.parametrize("authorize_path, token_path", [
    ("/oauth2/authorize", "/oauth2/token"), ("/authorize", "/oauth/token"),
    ("/authorize", "/token"),
])
def test_the_aliases_work_alike(
    client: Client, user: User, browser: Browser, authorize_path: str, token_path: str
) -> None:
    issuer, pkce = client.tenant.issuer, PKCE.new()
    query = authorization_url(client, pkce, scope="openid offline_access").partition("?")[2]
    page = sign_in(browser, browser.get(f"{issuer}{authorize_path}?{query}"), user)
    answer = token(
        client, url=issuer + token_path, grant_type="authorization_code",
        code=Redirect.read(page).code, redirect_uri=client.redirect_uri,
        code_verifier=pkce.verifier)
    assert answer.status_code == 200
    given = answer.json()
    http = client.tenant.instance.http
    bearer = {"Authorization": f"Bearer {given['access_token']}"}
    assert http.get(f"{issuer}/userinfo", headers=bearer).json()["sub"] == user.id
    assert token(client, url=f"{issuer}/revoke", token=given["refresh_token"]).status_code == 200
    assert http.get(f"{issuer}/userinfo", headers=bearer).status_code == 401
    assert browser.get(f"{issuer}/logout?id_token_hint={given['id_token']}").status == 303


def test_seed_002_a_legacy_client_without_pkce_and_state(
    tenant: Tenant, user: User, browser: Browser
) -> None:
    client = tenant.create_client(
        "web", "--pkce", "optional", "--post-logout-redirect-uri", "http://localhost:3000",
        redirect_uris=["http://localhost:3000/callback"], method="client_secret_post")
    answer = authorize(browser, client, user, None, scope="openid offline_access", state=None)
    assert set(answer.parameters) == {"code", "iss"}
    given = redeem(client, answer.code, None, response_type="code")
    assert given.status_code == 200, given.text
    first = given.json()["refresh_token"]
    for _ in range(3):
        # It never stores a new refresh token, so the one that it has must go on working.
        again = refresh(client, first)
        assert again.status_code == 200 and again.json()["refresh_token"] == first
    # It signs out with neither a hint nor its client_id: the page asks, then it leads back.
    asked = browser.get(
        f"{tenant.endpoint('end_session')}?post_logout_redirect_uri=http://localhost:3000",
        site="cross-site")
    assert asked.status == 200
    left = browser.submit(asked, asked.form("answer"), answer="sign_out")
    assert left.location == "http://localhost:3000"


def test_seed_003_refresh_tokens_without_offline_access(
    tenant: Tenant, user: User, browser: Browser
) -> None:
    client = tenant.create_client(
        "web", "--pkce", "optional", "--refresh-tokens", "always", method="client_secret_post")
    issuer = tenant.issuer
    query = authorization_url(client, None, scope="openid profile email", state=None)
    page = sign_in(browser, browser.get(f"{issuer}/authorize?{query.partition('?')[2]}"), user)
    given: dict[str, Any] = token(
        client, url=f"{issuer}/oauth/token", grant_type="authorization_code",
        code=Redirect.read(page).code, redirect_uri=client.redirect_uri).json()
    assert claims(given["id_token"])["email"] == user.email
    again = refresh(client, given["refresh_token"], url=f"{issuer}/oauth/token")
    assert again.status_code == 200 and again.json()["scope"] == "openid profile email"


def test_refresh_tokens_are_issued_by_policy(tenant: Tenant, user: User) -> None:
    default = tenant.create_client()
    never = tenant.create_client("web", "--refresh-tokens", "never")
    assert "refresh_token" not in tokens(default, user, scope="openid")
    assert "refresh_token" in tokens(default, user, scope="openid offline_access")
    assert "refresh_token" not in tokens(never, user, scope="openid offline_access")


def test_rotation_is_by_policy(tenant: Tenant, user: User, browser: Browser) -> None:
    for kind, arguments, rotates in (
        ("web", [], False), ("web", ["--rotation", "rotate"], True), ("spa", [], True),
        ("native", [], True),
    ):
        client = tenant.create_client(kind, *arguments)
        first = tokens(client, user, Browser(tenant.instance), scope="openid offline_access")
        second = refresh(client, first["refresh_token"]).json()
        assert (second["refresh_token"] != first["refresh_token"]) is rotates


def test_access_tokens_have_the_audience_and_claims_of_the_client(
    tenant: Tenant, user: User
) -> None:
    client = tenant.create_client(
        "spa", "--audience", "https://api.example.com", "--access-token-email",
        "--access-token-lifetime", "60")
    given = tokens(client, user, scope="openid email")
    said = claims(given["access_token"])
    assert (said["aud"], said["email"]) == ("https://api.example.com", user.email)
    assert said["exp"] - said["iat"] == given["expires_in"] == 60
    assert claims(given["id_token"])["email"] == user.email
