"""An app made by AuthPI's quickstart, with `authpi-idp` from PyPI as the client, unchanged: an
issuer with a path, PKCE, state and nonce, and refresh tokens that work once, without
`offline_access`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from authpi_idp import (
    AuthenticatedAgent, IdpClient, IdpClientSync, LogoutOptions, OAuthError, PrincipalType,
    RefreshError, TokenExpiredError, TokenParseError)

from authpi import (
    CALLBACK, HOME, SCOPES, SINGLE_USE, Tokens, arrive, expired, log_in, seen, settings)
from browser import Browser
from harness import Client, CommandFailed, Instance, Tenant, User
from protocol import Redirect, claims, header
from test_addresses import (  # noqa: F401 - fixtures
    ToLoopback, below, browser_at, hosts, names)

@pytest.fixture
def client(tenant: Tenant) -> Client:
    return tenant.create_client(
        "web", *SINGLE_USE, "--post-logout-redirect-uri", HOME, redirect_uris=[CALLBACK])


@pytest.fixture
def kay(tenant: Tenant) -> User:
    return tenant.create_user("kay@example.com", username="kay", name="Kay Doe")


@pytest.fixture
def idp(client: Client) -> IdpClientSync:
    return IdpClientSync(**settings(client))


def test_the_quickstart(
    tenant: Tenant, client: Client, idp: IdpClientSync, kay: User, browser: Browser
) -> None:
    auth = idp.create_authorization_url(SCOPES)
    url = urlsplit(auth.url)
    assert url._replace(query="").geturl() == f"{tenant.issuer}/authorize"
    assert [name for name, _ in parse_qsl(url.query)] == [
        "client_id", "redirect_uri", "response_type", "scope", "state", "code_challenge",
        "code_challenge_method", "nonce"]
    answer = Redirect.of(arrive(auth, browser, kay))
    assert set(answer.parameters) == {"code", "state", "iss"}
    assert answer.parameters["state"] == auth.state

    agent = seen(idp.exchange_code(answer.code, auth.code_verifier), browser)
    assert (agent.id, agent.type) == (kay.id, PrincipalType.USER) and kay.id.startswith("usr_")
    assert (agent.email, agent.email_verified) == ("kay@example.com", True)
    assert agent.tokens.refresh_token, "It has one without offline_access."
    assert agent.tokens.scope == "openid profile email"
    assert 890 <= agent.expires_in <= 900 and not agent.is_expired()
    assert claims(agent.tokens.id_token or "")["nonce"] == auth.nonce
    assert header(agent.tokens.access_token)["typ"] == "at+jwt"
    told = claims(agent.tokens.access_token)
    assert (told["iss"], told["sub"], told["aud"], told["client_id"]) == (
        tenant.issuer, kay.id, client.id, client.id)

    info = idp.get_user_info(agent)
    assert (info.sub, info.email, info.email_verified, info.name) == (
        kay.id, "kay@example.com", True, "Kay Doe")
    assert isinstance(info.updated_at, int)


def test_the_callback_in_one_step_checks_state_nonce_and_errors(
    idp: IdpClientSync, kay: User, browser: Browser
) -> None:
    auth = idp.create_authorization_url(SCOPES, state="st-1", nonce="n-1")
    arrived = arrive(auth, browser, kay)
    with pytest.raises(OAuthError) as refusal:
        idp.exchange_callback(arrived, auth.model_copy(update={"state": "another"}))
    assert refusal.value.error == "invalid_state"
    assert seen(idp.exchange_callback(arrived, auth), browser).id == kay.id
    with pytest.raises(OAuthError) as refusal:
        idp.exchange_callback(arrived, auth)
    assert refusal.value.error == "invalid_grant", "A code works once."

    arrived = arrive(auth, browser, None)
    with pytest.raises(OAuthError) as refusal:
        idp.exchange_callback(arrived, auth.model_copy(update={"nonce": "another"}))
    assert refusal.value.error == "invalid_nonce"
    stranger = Browser(browser.instance)
    silent = auth.model_copy(update={"url": auth.url + "&prompt=none"})
    with pytest.raises(OAuthError) as refusal:
        idp.exchange_callback(arrive(silent, stranger, None), auth)
    assert refusal.value.error == "login_required"


def test_create_agent_refreshes_what_has_expired(
    idp: IdpClientSync, kay: User, browser: Browser
) -> None:
    agent = log_in(idp, browser, kay)
    stored, errors = expired(agent), []
    fresh = idp.create_agent(agent.tokens.model_dump(), on_refresh=errors.append)
    assert not errors and fresh.tokens == agent.tokens, "What has not expired is used as it is."
    for _ in range(3):
        kept: list[Tokens] = []
        agent = idp.create_agent(
            stored, on_refresh=kept.append, on_refresh_error=errors.append)
        seen(agent, browser)
        assert not errors and kept == [agent.tokens.model_dump()]
        assert (agent.id, agent.email) == (kay.id, "kay@example.com")
        assert agent.tokens.id_token and agent.tokens.scope == "openid profile email"
        assert agent.tokens.refresh_token != stored["refresh_token"]
        assert agent.tokens.access_token != stored["access_token"] and not agent.is_expired()
        assert idp.get_user_info(agent).sub == kay.id
        stored = expired(agent)


def test_gh_107_a_refresh_token_works_once_and_a_second_use_ends_the_session(
    idp: IdpClientSync, kay: User, browser: Browser
) -> None:
    agent = log_in(idp, browser, kay)
    stolen = expired(agent)
    second = seen(idp.refresh(agent), browser)
    third = seen(idp.refresh(second), browser)
    errors: list[Exception] = []
    with pytest.raises(RefreshError) as refusal:
        idp.create_agent(stolen, on_refresh_error=errors.append)
    assert (refusal.value.error, refusal.value.status_code) == ("invalid_grant", 400)
    assert errors == [refusal.value]
    for late in (second, third):
        with pytest.raises(RefreshError):
            idp.refresh(late)
    with pytest.raises(OAuthError):
        idp.get_user_info(third)


def test_gh_119_signing_out_ends_what_the_app_stored(
    client: Client, idp: IdpClientSync, kay: User, browser: Browser
) -> None:
    agent = log_in(idp, browser, kay)
    out = idp.create_logout_url(LogoutOptions(
        id_token_hint=agent.tokens.id_token, post_logout_redirect_uri=HOME, state="s 1"))
    page = browser.get(out, site="cross-site")
    assert page.status == 303 and page.location == HOME + "?state=s%201"
    errors: list[Exception] = []
    with pytest.raises(RefreshError):
        idp.create_agent(expired(agent), on_refresh_error=errors.append)
    assert len(errors) == 1

    # Without options it names nobody, so the person is asked.
    agent = log_in(idp, browser, kay)
    page = browser.get(idp.create_logout_url(), site="cross-site")
    assert page.status == 200 and page.form("answer")
    assert seen(idp.refresh(agent), browser).id == kay.id


def test_tokens_can_be_revoked(
    client: Client, idp: IdpClientSync, kay: User, browser: Browser
) -> None:
    agent = log_in(idp, browser, kay)
    idp.revoke_token(agent.tokens.access_token, "access_token")
    with pytest.raises(OAuthError):
        idp.get_user_info(agent)
    agent = seen(idp.refresh(agent), browser)
    idp.revoke_token(agent.tokens.refresh_token or "", "refresh_token")
    with pytest.raises(RefreshError):
        idp.refresh(agent)
    idp.revoke_token("nothing that anybody issued")
    with pytest.raises(OAuthError) as refusal:
        IdpClientSync(**settings(client) | {"client_secret": "wrong"}).revoke_token("x")
    assert refusal.value.error == "invalid_client"


def test_a_client_that_may_not_refresh_is_told_by_its_own_library(
    client: Client, idp: IdpClientSync, kay: User, browser: Browser
) -> None:
    client.update("--refresh-tokens", "offline_access")
    agent = log_in(idp, browser, kay)
    assert agent.tokens.refresh_token is None
    with pytest.raises(TokenExpiredError):
        idp.create_agent(expired(agent))
    auth = idp.create_authorization_url([*SCOPES, "offline_access"])
    offline = seen(idp.exchange_callback(arrive(auth, browser, None), auth), browser)
    assert seen(idp.refresh(offline), browser).id == kay.id


def test_machines(tenant: Tenant, idp: IdpClientSync) -> None:
    machine = tenant.create_client("machine", "--scope", "projects:write", "--scope", "users:read")
    agent = IdpClientSync(**settings(machine)).client_credentials(["projects:write"])
    tenant.instance._see_json(agent.tokens.model_dump())
    assert agent.id == machine.id and agent.tokens.refresh_token is None
    assert agent.has_access("write", "projects") and not agent.has_access("read", "users")
    with pytest.raises(OAuthError) as refusal:
        IdpClientSync(**settings(machine)).client_credentials(["billing:write"])
    assert refusal.value.error == "invalid_scope"
    with pytest.raises(OAuthError) as refusal:
        idp.client_credentials()
    assert refusal.value.error == "unauthorized_client"


def test_a_public_client(tenant: Tenant, kay: User, browser: Browser) -> None:
    client = tenant.create_client("spa", *SINGLE_USE, redirect_uris=[CALLBACK])
    idp = IdpClientSync(**settings(client))
    agent = log_in(idp, browser, kay)
    renewed = seen(idp.refresh(agent), browser)
    assert renewed.id == kay.id and renewed.tokens.refresh_token != agent.tokens.refresh_token


def test_the_asynchronous_client_does_the_same(
    client: Client, kay: User, browser: Browser
) -> None:
    async def use() -> None:
        async with IdpClient(**settings(client)) as idp:
            auth = idp.create_authorization_url(SCOPES)
            agent = seen(await idp.exchange_callback(arrive(auth, browser, kay), auth), browser)
            assert agent.id == kay.id and (await idp.get_user_info(agent)).email == agent.email
            stored: list[Tokens] = []

            async def store(tokens: Tokens) -> None:
                stored.append(tokens)

            agent = await idp.create_agent(expired(agent), on_refresh=store)
            assert stored == [seen(agent, browser).tokens.model_dump()]
            await idp.revoke_token(agent.tokens.refresh_token or "")
            with pytest.raises(RefreshError):
                await idp.refresh(agent)

    run(use())


def test_gh_107_of_many_refreshes_at_once_one_wins_at_most(
    client: Client, kay: User, browser: Browser
) -> None:
    """Two workers of an app without a lock: one gets tokens or none does; never two."""
    async def use() -> None:
        async with IdpClient(**settings(client)) as idp:
            auth = idp.create_authorization_url(SCOPES)
            agent = seen(await idp.exchange_callback(arrive(auth, browser, kay), auth), browser)
            answers = await asyncio.gather(
                *[idp.refresh(agent) for _ in range(16)], return_exceptions=True)
            won = [answer for answer in answers if isinstance(answer, AuthenticatedAgent)]
            assert len({agent.tokens.refresh_token for agent in won}) <= 1
            assert all(isinstance(a, RefreshError) for a in answers if a not in won)
            for winner in won:
                seen(winner, browser)

    run(use())


def test_an_issuer_with_a_path_has_metadata_in_both_places(
    tenant: Tenant, client: Client
) -> None:
    http, parts = tenant.instance.http, urlsplit(tenant.issuer)
    root = f"{parts.scheme}://{parts.netloc}"
    assert parts.path == f"/t/{tenant.slug}"
    for name in ("openid-configuration", "oauth-authorization-server"):
        appended = http.get(f"{tenant.issuer}/.well-known/{name}")
        inserted = http.get(f"{root}/.well-known/{name}{parts.path}")
        assert appended.status_code == inserted.status_code == 200
        assert appended.json() == inserted.json()
        assert appended.json()["issuer"] == tenant.issuer
    assert http.get(f"{tenant.issuer}/jwks.json").json()["keys"]


def test_an_issuer_without_a_path(hosts: Instance) -> None:  # noqa: F811 - a fixture
    there = below(hosts.create_tenant())
    client = there.create_client("web", *SINGLE_USE, redirect_uris=[CALLBACK])
    kay, browser = there.create_user("kay@example.com"), browser_at(there)
    idp = IdpClientSync(**settings(client))
    # Its connections find each host on this machine.
    idp._http = httpx.Client(transport=ToLoopback())
    auth = idp.create_authorization_url(SCOPES)
    assert urlsplit(auth.url).path == "/authorize"
    agent = idp.exchange_callback(arrive(auth, browser, kay), auth)
    hosts._see_json(agent.tokens.model_dump())
    assert agent.id == kay.id and claims(agent.tokens.access_token)["iss"] == there.issuer
    agent = idp.refresh(agent)
    hosts._see_json(agent.tokens.model_dump())
    assert idp.get_user_info(agent).email == "kay@example.com"


def test_plain_http_is_for_this_computer_only(tenant: Tenant) -> None:
    for uri in (CALLBACK, "http://127.0.0.1:3000/callback", "http://[::1]:3000/callback"):
        tenant.create_client("web", redirect_uris=[uri])
    for uri in ("http://app.example.com/callback", "http://localhost.evil.test/callback",
                "http://localhost@evil.test/callback", "http://0.0.0.0:3000/callback"):
        with pytest.raises(CommandFailed):
            tenant.create_client("web", redirect_uris=[uri])


def test_the_library_refuses_tokens_without_an_id_token(
    client: Client, idp: IdpClientSync, kay: User, browser: Browser
) -> None:
    auth = idp.create_authorization_url(SCOPES)
    plain = auth.url.replace("openid+profile+email", "profile")
    arrived = arrive(auth.model_copy(update={"url": plain}), browser, kay)
    with pytest.raises(TokenParseError):
        idp.exchange_callback(arrived, auth)


def run(work: Awaitable[None]) -> None:
    asyncio.run(asyncio.wait_for(work, 60))
