"""Clients that made themselves known, before people: whoever uses one is asked, is told what nobody
has checked, and the client decides nothing of that. Attack cases GH-338 and GH-343."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from assertions import key_set, new_key
from browser import Browser, Page
from consent import asked
from documents import Document
from elsewhere import Elsewhere
from expect import j400, redirected
from harness import REDIRECT_URI, Client, Instance, Tenant, User
from protocol import (
    PKCE, Redirect, allow, asks_consent, authorization_url, claims, redeem, token, tokens)
from registration import Registered, let_register, register
from visitor import set_limit
from watch import recorded


@pytest.fixture
def agents(asking_instance: Instance) -> Iterator[Tenant]:
    """A tenant that takes every document and every registration."""
    tenant = let_register(asking_instance.create_tenant(), "--metadata-documents", "any")
    set_limit(tenant, "metadata-document-network", 100_000)
    yield tenant
    asking_instance.check()


@pytest.fixture
def open_to_clients(tenant: Tenant) -> Tenant:
    return let_register(tenant)


def words(page: Page) -> str:
    return " ".join(page.words.split())


def silently(browser: Browser, client: Client, **changes: str) -> Page:
    return browser.get(authorization_url(client, PKCE.new(), prompt="none", **changes))


def test_people_are_asked_what_a_client_may_do_that_registered_itself(
    open_to_clients: Tenant, user: User, browser: Browser
) -> None:
    tenant = open_to_clients
    tokens(tenant.create_client("web"), user, browser)
    registered = Registered.new(
        tenant, client_name="Acme <Bank>", policy_uri="https://rp.test/privacy",
        tos_uri="https://rp.test/terms")
    client = registered.client
    assert tenant.cli("client", "show", client.id)["party"] == "third"
    redirected(silently(browser, client), client, "consent_required")
    page = asked(client, user, browser, scope="openid email")
    for part in ("Allow Acme <Bank> to use your account?", "at rp.test", user.name,
                 "see your e-mail address"):
        assert part in words(page), part
    # Nothing vouches for it but the address that it gets its answers at.
    assert "identifies itself by" not in page.words
    assert 'href="https://rp.test/privacy"' in page.text
    assert 'href="https://rp.test/terms"' in page.text
    with recorded(tenant, "consent.denied", actor=user.id):
        redirected(allow(browser, page, "deny"), client, "access_denied")
    redirected(silently(browser, client), client, "consent_required")
    pkce = PKCE.new()
    page = asked(client, user, browser, pkce, scope="openid email")
    given = redeem(client, Redirect.read(allow(browser, page)).code, pkce).json()
    assert given["scope"] == "openid email" and claims(given["id_token"])["sub"] == user.id
    # It has a secret, so nobody passes for it: what was allowed is remembered, and no more.
    assert Redirect.read(silently(browser, client, scope="openid email")).code
    redirected(silently(browser, client, scope="openid profile"), client, "consent_required")


@pytest.mark.parametrize("uri", ["http://127.0.0.1/cb", "com.example.app:/cb"])
def test_whoever_anybody_could_pass_for_is_asked_about_each_time(
    open_to_clients: Tenant, user: User, browser: Browser, uri: str
) -> None:
    client = Registered.new(open_to_clients, redirect_uris=[uri]).client
    assert client.method == "none"
    for _ in range(2):
        page = asked(client, user, browser)
        assert Redirect.read(allow(browser, page)).code
        redirected(silently(browser, client), client, "consent_required")


def test_the_page_names_the_host_that_nobody_has_checked(
    agents: Tenant, elsewhere: Elsewhere
) -> None:
    user, browser = agents.create_user(), Browser(agents.instance)
    document = Document.new(
        elsewhere, agents, host="localhost", client_name="Acme Bank",
        policy_uri="https://rp.test/privacy", tos_uri="https://rp.test/terms")
    client = document.client
    for _ in range(2):
        page = asked(client, user, browser, scope="openid offline_access")
        said = words(page)
        for part in ("Allow Acme Bank to use your account?", "a program on this computer",
                     "It identifies itself by localhost", "nobody here has checked it",
                     "Any program on this computer could say that it is this one",
                     "when you are not there"):
            assert part in said, part
        assert 'href="https://rp.test/privacy"' in page.text
        assert 'href="https://rp.test/terms"' in page.text
        redirected(allow(browser, page, "deny"), client, "access_denied")
        page = asked(client, user, browser, scope="openid offline_access")
        assert Redirect.read(allow(browser, page)).code
        redirected(silently(browser, client), client, "consent_required")
    assert agents.cli("client", "show", document.url)["party"] == "third"
    # Whoever chooses among accounts, or goes on as somebody, is told the same.
    for changes in ({"prompt": "select_account"}, {"prompt": "login"}):
        page = browser.follow(browser.get(authorization_url(client, PKCE.new(), **changes)))
        assert page.status == 200 and not asks_consent(page)
        assert "It identifies itself by localhost" in words(page)


def test_a_document_with_an_address_of_its_own_is_remembered(
    agents: Tenant, elsewhere: Elsewhere
) -> None:
    user, browser = agents.create_user(), Browser(agents.instance)
    document = Document.new(elsewhere, agents, redirect_uris=[REDIRECT_URI])
    client = Client(agents, document.url, None, "spa", REDIRECT_URI, "none")
    page = asked(client, user, browser)
    assert "It identifies itself by 127.0.0.1" in words(page) and "at rp.test" in words(page)
    assert Redirect.read(allow(browser, page)).code
    assert Redirect.read(silently(browser, client)).code


@pytest.mark.attack("GH-338", "GH-343")
def test_gh_338_no_client_makes_itself_the_tenants_own(
    agents: Tenant, elsewhere: Elsewhere
) -> None:
    mine: dict[str, Any] = {
        "party": "first", "first_party": True, "trusted": True, "skip_consent": True,
        "partial_consent": True, "profile": "standard", "policies": {"party": "first"}}
    user, browser = agents.create_user(), Browser(agents.instance)
    tokens(agents.create_client("web"), user, browser)
    document = Document.new(elsewhere, agents, **mine)
    redirected(silently(browser, document.client), document.client, "consent_required")
    registered = Registered.new(agents, **mine)

    def party() -> str:
        return agents.cli("client", "show", registered.told["client_id"])["party"]

    # Nor by becoming a client of another kind, there and back.
    for changes in (
        mine, {"application_type": "native", "token_endpoint_auth_method": "none"},
        {"application_type": "web"}, {"token_endpoint_auth_method": "client_secret_basic"},
    ):
        registered.told |= registered.replace(**changes).json()
        assert party() == "third", changes
    redirected(silently(browser, registered.client), registered.client, "consent_required")
    # What an operator decides of a client stays, whatever the client says later.
    registered.client.update("--party", "first", "--partial-consent")
    registered.told |= registered.replace(token_endpoint_auth_method="none").json()
    shown = agents.cli("client", "show", registered.told["client_id"])
    assert shown["party"] == "first" and shown["partial_consent"] is True
    assert Redirect.read(silently(browser, registered.client)).code


@pytest.mark.attack("GH-343")
def test_gh_343_a_profile_is_not_got_rid_of(open_to_clients: Tenant) -> None:
    registered = Registered.new(open_to_clients, response_modes=["query", "query.jwt"])
    client = registered.client
    client.update(
        "--require-pushed-authorization-requests", "--dpop-bound-access-tokens")
    told = registered.read().json()
    assert told["require_pushed_authorization_requests"] and told["dpop_bound_access_tokens"]
    with pytest.raises(Exception, match="private_key_jwt"):
        client.update("--profile", "fapi2")
    registered.told |= registered.replace(
        token_endpoint_auth_method="private_key_jwt", jwks=json.loads(key_set(new_key()))).json()
    registered.told |= registered.read().json()
    client.update("--profile", "fapi2")
    registered.told |= registered.read().json()
    assert registered.told["id_token_signed_response_alg"] == "ES256"
    for changes in (
        {"require_pushed_authorization_requests": False}, {"dpop_bound_access_tokens": False},
        {"token_endpoint_auth_method": "none"}, {"id_token_signed_response_alg": "RS256"},
        {"application_type": "native", "token_endpoint_auth_method": "none"},
        {"request_object_signing_alg": "RS256"},
    ):
        j400(registered.replace(**changes), "invalid_client_metadata")
    assert registered.replace(client_name="Other").status_code == 200
    shown = open_to_clients.cli("client", "show", client.id)
    assert shown["profile"] == "fapi2" and shown["name"] == "Other"


@pytest.mark.attack("GH-338")
def test_gh_338_registering_opens_no_other_grant(
    open_to_clients: Tenant, user: User
) -> None:
    """What an operator has to allow by name is not had by whoever registers."""
    tenant = open_to_clients
    grants = {
        "urn:ietf:params:oauth:grant-type:token-exchange", "urn:openid:params:grant-type:ciba",
        "urn:ietf:params:oauth:grant-type:jwt-bearer"}
    for grant in grants:
        for types in ([grant], ["authorization_code", grant]):
            j400(register(tenant, grant_types=types), "invalid_client_metadata")
    for grant in grants - {"urn:openid:params:grant-type:ciba"}:
        with pytest.raises(Exception, match="--grant-type must be one of"):
            tenant.cli("registration", "update", "--grant-type", grant)
    registered = Registered.new(tenant)
    given = tokens(registered.client, user)
    for form in (
        {"grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
         "subject_token": given["access_token"],
         "subject_token_type": "urn:ietf:params:oauth:token-type:access_token"},
        {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": "a.b.c"},
        {"grant_type": "urn:openid:params:grant-type:ciba", "auth_req_id": "x"},
    ):
        answer = token(registered.client, **form)
        assert answer.status_code == 400
        assert answer.json()["error"] in (
            "unauthorized_client", "invalid_grant", "invalid_request", "access_denied",
            "invalid_target"), answer.text
    started = token(
        registered.client, endpoint="backchannel_authentication", scope="openid",
        login_hint=user.name)
    assert started.status_code == 400 and started.json()["error"] == "unauthorized_client"
