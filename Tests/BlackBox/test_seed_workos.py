"""An app made by WorkOS's guide for OAuth applications: openid-client's strategy for Passport, with
a secret; and an API that checks access tokens with jose, at `/oauth2/jwks`, for the client's id."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

import openid_client
from browser import Browser
from expect import j401, page400
from harness import Client, Tenant, User
from openid_client import Configuration, Refused, Strategy
from protocol import Redirect, sign_in, token, tokens

CALLBACK = "https://app.example.com/auth/callback"
SCOPE = "openid profile email offline_access"


@pytest.fixture
def client(tenant: Tenant) -> Client:
    return tenant.create_client("web", redirect_uris=[CALLBACK], method="client_secret_post")


@pytest.fixture
def kay(tenant: Tenant) -> User:
    return tenant.create_user("kay@example.com", username="kay", name="Kay Doe")


def configured(client: Client) -> Configuration:
    return openid_client.discovery(
        client.tenant.instance.http, client.tenant.issuer, client.id, client.secret)


def arrive(strategy: Strategy, browser: Browser, user: User) -> dict[str, Any]:
    """Sends the browser to sign in, and takes what it comes back with."""
    session: dict[str, str] = {}
    page = browser.get(strategy.authorization_request(session), site="cross-site")
    arrived = sign_in(browser, page, user).location
    assert arrived
    return strategy.authorization_code_grant(session, arrived)


def bearer_token_middleware(tenant: Tenant, authorization: str, audience: str) -> dict[str, Any]:
    """The guide's middleware of that name."""
    return openid_client.jwt_verify(
        tenant.instance.http, authorization.removeprefix("Bearer "),
        f"{tenant.issuer}/oauth2/jwks", tenant.issuer, audience)


@pytest.mark.parametrize("kind", ["web", "native"])
def test_the_strategy_signs_in_and_refreshes(
    tenant: Tenant, kay: User, browser: Browser, kind: str
) -> None:
    client = tenant.create_client(kind, redirect_uris=[CALLBACK])
    config = configured(client)
    strategy = Strategy(config, SCOPE, CALLBACK)
    begun: dict[str, str] = {}
    asked = parse_qsl(urlsplit(strategy.authorization_request(begun)).query)
    assert [name for name, _ in asked] == [
        "code_challenge", "code_challenge_method", "redirect_uri", "scope", "client_id",
        "response_type"]
    assert config.supports_pkce and set(begun) == {"code_verifier"}, "So it sends no state."

    given = arrive(strategy, browser, kay)
    said = given["claims"]
    assert (said["sub"], said["aud"], said["email"], said["email_verified"], said["name"]) == (
        kay.id, client.id, "kay@example.com", True, "Kay Doe")
    assert "nonce" not in said and given["scope"] == SCOPE

    renewed = openid_client.refresh_token_grant(config, given["refresh_token"])
    assert renewed["claims"]["sub"] == kay.id
    assert renewed["access_token"] != given["access_token"]
    kept = renewed["refresh_token"] == given["refresh_token"]
    assert kept == (kind == "web"), "Only who has a secret keeps a refresh token."
    again = openid_client.refresh_token_grant(config, renewed["refresh_token"])
    for one in (given, renewed, again):
        checked = bearer_token_middleware(tenant, f"Bearer {one['access_token']}", client.id)
        assert checked["sub"] == kay.id and checked["aud"] == client.id
        assert checked["aud"].startswith("client_") and checked["scope"] == SCOPE


def test_the_keys_are_the_same_under_each_of_their_names(tenant: Tenant) -> None:
    http = tenant.instance.http
    documents = [
        http.get(tenant.issuer + path).json()
        for path in ("/.well-known/jwks.json", "/oauth2/jwks", "/jwks.json")]
    assert documents[0]["keys"] and documents[0] == documents[1] == documents[2]


def test_metadata_says_what_the_guide_relies_on(tenant: Tenant) -> None:
    said = tenant.metadata
    assert said["issuer"] == tenant.issuer
    assert said["authorization_endpoint"] == f"{tenant.issuer}/oauth2/authorize"
    assert said["token_endpoint"] == f"{tenant.issuer}/oauth2/token"
    assert "S256" in said["code_challenge_methods_supported"]
    assert "plain" not in said["code_challenge_methods_supported"]
    assert {"authorization_code", "refresh_token"} <= set(said["grant_types_supported"])
    assert {"email", "offline_access", "openid", "profile"} <= set(said["scopes_supported"])
    assert {"none", "client_secret_post", "client_secret_basic"} <= set(
        said["token_endpoint_auth_methods_supported"])
    assert "code" in said["response_types_supported"]
    assert "query" in said["response_modes_supported"]


def test_gh_047_the_strategy_has_to_know_its_callback_address(
    client: Client, browser: Browser
) -> None:
    """The guide leaves `callbackURL` out, and the library then sends no address. OpenID Connect
    Core §3.1.2.1 requires one, and none is guessed, not even where only one is registered."""
    begun = Strategy(configured(client), SCOPE, None).authorization_request({})
    assert "redirect_uri" not in dict(parse_qsl(urlsplit(begun).query))
    page400(browser.get(begun, site="cross-site"))


def test_gh_085_and_112_neither_codes_nor_refresh_tokens_do_without_the_secret(
    client: Client, kay: User, browser: Browser
) -> None:
    strategy = Strategy(configured(client), SCOPE, CALLBACK)
    given = arrive(strategy, browser, kay)
    forgetful = openid_client.discovery(
        client.tenant.instance.http, client.tenant.issuer, client.id)
    with pytest.raises(Refused, match="401"):
        openid_client.refresh_token_grant(forgetful, given["refresh_token"])
    j401(token(
        client, method="none", grant_type="refresh_token", refresh_token=given["refresh_token"]))
    session: dict[str, str] = {}
    page = browser.get(strategy.authorization_request(session), site="cross-site")
    arrived = sign_in(browser, page, kay).location or ""
    assert Redirect.of(arrived).code
    with pytest.raises(Refused, match="401"):
        Strategy(forgetful, SCOPE, CALLBACK).authorization_code_grant(session, arrived)
    assert openid_client.refresh_token_grant(strategy.config, given["refresh_token"])


def test_gh_131_the_api_takes_no_token_of_another_application(
    tenant: Tenant, client: Client, kay: User, browser: Browser
) -> None:
    other = tenant.create_client("web")
    theirs = tokens(other, kay, browser)["access_token"]
    with pytest.raises(Refused, match="aud"):
        bearer_token_middleware(tenant, f"Bearer {theirs}", client.id)


def test_machines_are_clients_too(tenant: Tenant) -> None:
    machine = tenant.create_client("machine", "--scope", "posts:read")
    given = token(machine, grant_type="client_credentials", scope="posts:read").json()
    checked = bearer_token_middleware(tenant, f"Bearer {given['access_token']}", machine.id)
    assert checked["sub"] == checked["client_id"] == machine.id
    assert "sid" not in checked and "refresh_token" not in given
