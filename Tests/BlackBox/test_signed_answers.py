"""Every algorithm wherever it is offered: ID tokens, access tokens, answers of the authorization
endpoint, introspection and userinfo; each verified by joserfc."""

from __future__ import annotations

from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

import forge
from browser import Browser
from expect import invalid_token, redirected
from harness import Client, CommandFailed, Tenant, User
from protocol import PKCE, Redirect, authorization_url, authorize, redeem, token, tokens, userinfo

ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]


def read(tenant: Tenant, text: str, algorithm: str) -> Any:
    """A token, if a published key signed it by exactly this algorithm."""
    published = tenant.instance.http.get(tenant.endpoint("jwks_uri")).json()
    found = jwt.decode(text, KeySet.import_key_set(published), algorithms=[algorithm])
    assert found.header["alg"] == algorithm
    (key,) = [key for key in published["keys"] if key["kid"] == found.header["kid"]]
    assert key["alg"] == algorithm
    return found


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_each_algorithm_signs_whatever_is_signed(
    tenant: Tenant, user: User, browser: Browser, algorithm: str
) -> None:
    client = tenant.create_client(
        "web", "--id-token-algorithm", algorithm, "--access-token-algorithm", algorithm,
        "--userinfo-algorithm", algorithm, "--response-mode", "query",
        "--response-mode", "query.jwt")
    for name in ("id_token", "userinfo", "introspection", "authorization"):
        assert algorithm in tenant.metadata[f"{name}_signing_alg_values_supported"]
    pkce = PKCE.new()
    authorize(browser, client, user, pkce)
    page = browser.get(authorization_url(
        client, pkce, response_mode="jwt", scope="openid email", nonce="n-1"))
    answered = read(tenant, Redirect.read(page).parameters["response"], algorithm).claims
    tenant.instance.keep_secret(answered["code"])
    given = redeem(client, answered["code"], pkce).json()
    said = read(tenant, given["id_token"], algorithm)
    assert said.claims["sub"] == user.id and said.claims["aud"] == client.id
    access = read(tenant, given["access_token"], algorithm)
    assert access.header["typ"] == "at+jwt" and access.claims["sub"] == user.id
    info = userinfo(tenant, given["access_token"])
    assert info.headers["content-type"] == "application/jwt"
    assert info.headers["cache-control"] == "no-store"
    told = read(tenant, info.text, algorithm).claims
    assert told == {
        "iss": tenant.issuer, "aud": client.id, "sub": user.id, "email": user.email,
        "email_verified": told["email_verified"]}
    active = token(client, endpoint="introspection", token=given["access_token"],
                   headers={"Accept": "application/token-introspection+jwt"})
    inside = read(tenant, active.text, algorithm)
    assert inside.header["typ"] == "token-introspection+jwt"
    assert inside.claims["token_introspection"]["sub"] == user.id


def test_a_key_is_made_when_a_client_wants_an_algorithm(tenant: Tenant, user: User) -> None:
    client = tenant.create_client("web")
    assert "PS256" not in tenant.metadata["userinfo_signing_alg_values_supported"]
    given = tokens(client, user)
    assert userinfo(tenant, given["access_token"]).json()["sub"] == user.id
    client.update("--userinfo-algorithm", "PS256")
    info = userinfo(tenant, given["access_token"])
    assert read(tenant, info.text, "PS256").claims["sub"] == user.id
    assert tenant.cli("client", "show", client.id)["userinfo_algorithm"] == "PS256"
    client.update("--userinfo-algorithm", "none")
    assert userinfo(tenant, given["access_token"]).json() == {"sub": user.id}
    for wrong in ("HS256", "RS512", "rs256", ""):
        with pytest.raises(CommandFailed):
            client.update("--userinfo-algorithm", wrong)


@pytest.mark.attack("GH-136")
def test_gh_136_signed_userinfo_passes_for_nothing_else(
    tenant: Tenant, user: User, browser: Browser
) -> None:
    client = tenant.create_client("web", "--userinfo-algorithm", "ES256")
    given = tokens(client, user, browser)
    info = userinfo(tenant, given["access_token"]).text
    invalid_token(userinfo(tenant, info))
    for mode in ("none", "login"):
        page = browser.get(authorization_url(
            client, PKCE.new(), id_token_hint=info, prompt=mode))
        redirected(page, client, "invalid_request")
    told = token(client, endpoint="introspection", token=info)
    assert told.json() == {"active": False}
    page = browser.get(f"{tenant.endpoint('end_session')}?id_token_hint={info}")
    assert page.status == 200
    for bad in forge.unsigned(given["access_token"]):
        invalid_token(userinfo(tenant, bad))
