"""Authlib as a relying party, as its users write one: discovery, code and PKCE, ID token,
userinfo, refresh, logout. joserfc verifies every token against the published keys."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest
from authlib.integrations.base_client.sync_app import BaseApp, OAuth2Mixin
from authlib.integrations.base_client.sync_openid import OpenIDMixin
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jwt
from joserfc.jwk import KeySet

from browser import Browser
from harness import TLS, Client, Tenant, User
from protocol import Redirect, claims, header, sign_in, tokens, userinfo

HOME = "https://rp.test/home"
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]


class RelyingParty(OAuth2Mixin, OpenIDMixin, BaseApp):
    """Authlib's client for any web framework, on httpx."""

    client_cls = OAuth2Client


def relying_party(client: Client, method: str, scope: str) -> RelyingParty:
    return RelyingParty(
        SimpleNamespace(update_token=lambda *_, **__: None), name="gatehouse",
        client_id=client.id, client_secret=client.secret,
        server_metadata_url=f"{client.tenant.issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": scope, "code_challenge_method": "S256",
            "token_endpoint_auth_method": method, "trust_env": False, "verify": TLS,
        })


def arrive(relying_party: RelyingParty, client: Client, user: User, browser: Browser) -> Any:
    """Sends the browser to sign in and takes what it comes back with; the token and the nonce."""
    begun = relying_party.create_authorization_url(client.redirect_uri)
    answer = Redirect.read(sign_in(browser, browser.get(begun["url"]), user))
    assert answer.parameters["state"] == begun["state"]
    assert answer.parameters["iss"] == client.tenant.issuer
    token = relying_party.fetch_access_token(
        client.redirect_uri, code=answer.code, code_verifier=begun["code_verifier"],
        grant_type="authorization_code")
    client.tenant.instance._see_json(token)
    return token, begun["nonce"]


def verified(tenant: Tenant, token: str, algorithm: str) -> jwt.Token:
    """Verifies a token with the published keys and no other knowledge."""
    keys = KeySet.import_key_set(tenant.instance.http.get(tenant.endpoint("jwks_uri")).json())
    return jwt.decode(token, keys, algorithms=[algorithm])


@pytest.mark.parametrize("kind, method", [
    ("web", "client_secret_basic"), ("web", "client_secret_post"), ("native", "none"),
    ("spa", "none"),
])
def test_authlib_signs_in_refreshes_and_signs_out(
    tenant: Tenant, browser: Browser, kind: str, method: str
) -> None:
    client = tenant.create_client(kind, "--post-logout-redirect-uri", HOME)
    user = tenant.create_user("kay@example.com", username="kay", name="Kay Doe")
    app = relying_party(client, method, "openid profile email offline_access")

    token, nonce = arrive(app, client, user, browser)
    told = app.parse_id_token(token, nonce, claims_options={
        "iss": {"essential": True, "value": tenant.issuer},
        "aud": {"essential": True, "value": client.id},
        "nonce": {"essential": True, "value": nonce},
        "at_hash": {"essential": True}, "auth_time": {"essential": True},
    })
    assert told["sub"] == user.id
    assert (told["email"], told["email_verified"]) == ("kay@example.com", True)
    assert (told["name"], told["preferred_username"]) == ("Kay Doe", "kay")

    info = app.userinfo(token=token)
    assert info["sub"] == user.id and info["email"] == "kay@example.com"
    posted = app.post(tenant.endpoint("userinfo"), token=token)
    assert posted.json() == dict(info)

    with app._get_oauth_client(**app.load_server_metadata()) as session:
        session.token = token
        renewed = session.refresh_token(tenant.endpoint("token"), token["refresh_token"])
    tenant.instance._see_json(dict(renewed))
    again = app.parse_id_token(renewed, nonce=None)
    assert (again["sub"], again["auth_time"]) == (user.id, told["auth_time"])
    assert renewed["access_token"] != token["access_token"]
    assert app.userinfo(token=renewed)["sub"] == user.id

    out = app.create_logout_url(HOME, id_token_hint=token["id_token"])
    left = browser.get(out["url"], site="cross-site")
    assert left.location == f"{HOME}?state={out['state']}"
    assert browser.cookie("session") is None


def test_authlib_notices_a_wrong_nonce_and_a_wrong_access_token(
    client: Client, user: User, browser: Browser
) -> None:
    app = relying_party(client, "client_secret_basic", "openid")
    token, nonce = arrive(app, client, user, browser)
    with pytest.raises(Exception, match="nonce"):
        app.parse_id_token(token, "another")
    with pytest.raises(Exception, match="at_hash"):
        app.parse_id_token(dict(token) | {"access_token": "another"}, nonce)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_joserfc_verifies_every_token(tenant: Tenant, user: User, algorithm: str) -> None:
    client = tenant.create_client("web", "--id-token-algorithm", algorithm)
    before = int(time.time())
    given = tokens(client, user, scope="openid offline_access", nonce="n-1")
    identity = verified(tenant, given["id_token"], algorithm)
    access = verified(tenant, given["access_token"], "ES256")
    assert (identity.header["alg"], identity.header["typ"]) == (algorithm, "JWT")
    assert (access.header["alg"], access.header["typ"]) == ("ES256", "at+jwt")
    assert identity.header["kid"] != access.header["kid"] or algorithm == "ES256"
    assert algorithm in tenant.instance.http.get(
        f"{tenant.issuer}/.well-known/openid-configuration"
    ).json()["id_token_signing_alg_values_supported"]

    said = identity.claims
    assert said["iss"] == tenant.issuer and said["aud"] == said["azp"] == client.id
    assert said["sub"] == user.id and said["nonce"] == "n-1" and said["amr"] == ["pwd"]
    assert before <= said["iat"] <= time.time() and said["exp"] - said["iat"] == 900
    assert before <= said["auth_time"] <= said["iat"]

    said = access.claims
    assert said["iss"] == tenant.issuer and said["aud"] == said["client_id"] == client.id
    assert said["sub"] == user.id and said["scope"] == "openid offline_access"
    assert said["exp"] - said["iat"] == given["expires_in"] == 900 and said["jti"]


@pytest.mark.conformance("oidcc-server-rotate-keys", "new")
def test_a_key_that_is_rotated_still_verifies_what_it_signed(
    tenant: Tenant, client: Client, user: User
) -> None:
    before = tokens(client, user)
    for algorithm in ("RS256", "ES256"):
        tenant.cli("key", "rotate", "--algorithm", algorithm, "--now")
    after = tokens(client, user)
    for name, algorithm in (("id_token", "RS256"), ("access_token", "ES256")):
        assert header(before[name])["kid"] != header(after[name])["kid"]
        assert verified(tenant, before[name], algorithm).claims["sub"] == user.id
        assert verified(tenant, after[name], algorithm).claims["sub"] == user.id


def test_joserfc_verifies_the_tokens_of_a_machine(tenant: Tenant) -> None:
    client = tenant.create_client(
        "machine", "--scope", "api:read", "--audience", "https://api.test")
    with OAuth2Client(
        client.id, client.secret, token_endpoint_auth_method="client_secret_basic",
        scope="api:read", trust_env=False, verify=TLS,
    ) as session:
        token = session.fetch_token(tenant.endpoint("token"), grant_type="client_credentials")
    tenant.instance._see_json(dict(token))
    assert "refresh_token" not in token and "id_token" not in token
    said = verified(tenant, token["access_token"], "ES256").claims
    assert said["sub"] == said["client_id"] == client.id
    assert (said["aud"], said["scope"]) == ("https://api.test", "api:read")
    assert claims(token["access_token"])["iss"] == tenant.issuer


def test_what_a_command_does_beside_the_server_counts_at_once(
    tenant: Tenant, user: User, browser: Browser
) -> None:
    """On PostgreSQL a command may go to the database itself, as another node does."""
    instance = tenant.instance
    if not instance.database.url:
        pytest.skip("SQLite has one process.")
    where = ["--tenant", tenant.slug, "--database", instance.database.url]
    # The server has the keys in memory when the command makes one more.
    instance.http.get(tenant.endpoint("jwks_uri"))
    made = instance.cli(
        "client", "create", "--name", "Beside", "--type", "native", "--redirect-uri",
        "https://rp.test/cb", "--id-token-algorithm", "EdDSA", *where)
    client = Client(tenant, made["client_id"], None, "native", "https://rp.test/cb", "none")
    given = tokens(client, user, browser)
    assert header(given["id_token"])["alg"] == "EdDSA"
    instance.cli("user", "update", user.id, "--disable", *where)
    assert userinfo(tenant, given["access_token"]).status_code == 401
