"""Claims that a client asks for one by one (OpenID Connect Core §5.5), and how sure we are of who
somebody is: `acr_values`, `acr` and step-up (RFC 9470)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from browser import Browser, Page
from expect import j400, redirected
from harness import Client, Tenant, User
from protocol import (
    PKCE, Redirect, authorization_url, authorize, begin, claims, push, refresh, tokens, userinfo)

PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
PERSON = {"name", "preferred_username", "updated_at", "email", "email_verified"}


@pytest.fixture
def kay(tenant: Tenant) -> User:
    return tenant.create_user("kay@example.com", username="kay", name="Kay Doe")


def wish(**members: Any) -> str:
    return json.dumps(members)


def told(tenant: Tenant, answer: dict[str, Any]) -> tuple[set[str], set[str]]:
    """What ID token and userinfo say of the person."""
    info = userinfo(tenant, answer["access_token"])
    assert info.status_code == 200
    return set(claims(answer["id_token"])) & PERSON, set(info.json()) & PERSON


def ask(browser: Browser, client: Client, **changes: str | None) -> Page:
    return browser.get(authorization_url(client, PKCE.new(), **changes))


# Claims by name


@pytest.mark.conformance("oidcc-claims-essential", "succeeds", "returned")
@pytest.mark.conformance(
    "fapi2-security-profile-final-test-claims-parameter-identity-claims", "returned")
def test_claims_come_where_they_are_asked_for(client: Client, kay: User) -> None:
    tenant = client.tenant
    assert tenant.metadata["claims_parameter_supported"] is True
    for asked, in_token, in_userinfo in (
        ({"userinfo": {"name": {"essential": True}}}, set(), {"name"}),
        ({"id_token": {"email": None}}, {"email"}, set()),
        ({"id_token": {"email": {"essential": False}, "email_verified": {}},
          "userinfo": {"preferred_username": {"value": "somebody else"}}},
         {"email", "email_verified"}, {"preferred_username"}),
        ({"userinfo": {"phone_number": {"essential": True}, "x": None}, "other": [1]},
         set(), set()),
        ({}, set(), set()),
    ):
        assert told(tenant, tokens(client, kay, claims=wish(**asked))) == (in_token, in_userinfo)
    answer = tokens(client, kay, scope="openid email", claims=wish(userinfo={"name": None}))
    email = {"email", "email_verified"}
    assert told(tenant, answer) == (email, email | {"name"})


def test_claims_are_remembered_with_the_grant(client: Client, kay: User) -> None:
    asked = wish(id_token={"name": None}, userinfo={"email": None})
    first = tokens(client, kay, scope="openid offline_access", claims=asked)
    assert told(client.tenant, first) == ({"name"}, {"email"})
    second = refresh(client, first["refresh_token"]).json()
    assert told(client.tenant, second) == ({"name"}, {"email"})
    # Another sign-in has wishes of its own.
    other = tokens(client, kay, scope="openid offline_access")
    assert told(client.tenant, other) == (set(), set())
    assert told(client.tenant, second) == ({"name"}, {"email"})


def test_asking_by_name_gets_nothing_that_asking_by_scope_does_not(
    tenant: Tenant, kay: User
) -> None:
    client = tenant.create_client("web", "--scope", "openid", "--scope", "offline_access",
                                  "--scope", "email")
    asked = wish(
        id_token={name: {"essential": True} for name in PERSON | {"groups", "roles"}},
        userinfo={name: None for name in PERSON})
    answer = tokens(client, kay, scope="openid offline_access", claims=asked)
    email = {"email", "email_verified"}
    assert told(tenant, answer) == (email, email)
    # What was taken from the client since is not told any more.
    client.update("--scope", "openid", "--scope", "offline_access")
    assert told(tenant, refresh(client, answer["refresh_token"]).json()) == (set(), set())
    assert told(tenant, answer)[1] == set()


def test_gh_140_no_wish_overrides_a_claim_of_ours(client: Client, kay: User) -> None:
    plain = claims(tokens(client, kay)["id_token"])
    asked = {name: {"value": "evil"} for name in (
        "iss", "aud", "exp", "amr", "azp", "scope", "org", "roles", "cnf", "email", "name")}
    said = claims(tokens(client, kay, claims=wish(id_token=asked))["id_token"])
    assert "evil" not in str(said)
    assert set(said) == set(plain) | {"email", "name"}
    assert (said["iss"], said["aud"], said["amr"]) == (plain["iss"], plain["aud"], plain["amr"])


@pytest.mark.parametrize("text", [
    "", "{", "[]", "null", "7", '"x"', '{"userinfo":7}', '{"userinfo":{"email":true}}',
    '{"id_token":{"email":{"essential":"yes"}}}', '{"id_token":{"acr":{"value":1}}}',
    '{"userinfo":{},"userinfo":{}}', '{"userinfo":{"x":{"value":"' + "y" * 4096 + '"}}}',
    '{"userinfo":{"x":{"value":' + "[" * 1000 + "]" * 1000 + "}}}",
    '{"userinfo":{"x":{"value":"\\u0000"}}}', '{"userinfo":{"\\ud800":null}}',
])
def test_a_malformed_wish_is_refused(client: Client, browser: Browser, text: str) -> None:
    page = ask(browser, client, claims=text)
    if text:
        redirected(page, client, "invalid_request")
        j400(push(client, claims=text), "invalid_request")
    else:
        # A parameter without a value is not there (RFC 6749 §3.1).
        assert page.status == 303 and "error" not in (page.location or "")


def test_a_wish_for_one_person_is_never_answered_with_another(
    client: Client, kay: User, browser: Browser, tenant: Tenant
) -> None:
    ada = tenant.create_user()
    authorize(browser, client, kay, PKCE.new())
    for member in ("id_token", "userinfo"):
        mine = wish(**{member: {"sub": {"value": kay.id}}})
        adas = wish(**{member: {"sub": {"value": ada.id}}})
        assert Redirect.read(ask(browser, client, claims=mine, prompt="none")).code
        redirected(ask(browser, client, claims=adas, prompt="none"), client, "login_required")
        page = begin(browser, client, claims=adas)
        answer = browser.submit(
            page, page.form("identifier"), identifier=kay.name, password=kay.password)
        redirected(answer, client, "login_required")
    hint = tokens(client, kay)["id_token"]
    both = ask(browser, client, claims=wish(id_token={"sub": {"value": ada.id}}),
               id_token_hint=hint)
    redirected(both, client, "invalid_request")
    for subject in ("nobody", "", "' OR 1=1 --", kay.id.upper(), kay.id + " "):
        page = ask(browser, client, claims=wish(id_token={"sub": {"value": subject}}))
        redirected(page, client, "invalid_request")


@pytest.mark.conformance("oidcc-claims-locales", "succeeds")
def test_claims_locales_change_nothing(client: Client, kay: User) -> None:
    assert tokens(client, kay, claims_locales="se", ui_locales="se")["id_token"]


# Authentication context classes


def test_gh_229_tokens_say_how_somebody_signed_in(client: Client, kay: User) -> None:
    answer = tokens(client, kay, scope="openid offline_access")
    for token in (answer["id_token"], answer["access_token"],
                  refresh(client, answer["refresh_token"]).json()["access_token"]):
        assert claims(token)["acr"] == PASSWORD
    assert claims(answer["id_token"])["amr"] == ["pwd"]


@pytest.mark.conformance("oidcc-ensure-request-with-acr-values-succeeds", "returned")
def test_every_class_that_is_offered_can_be_asked_for(client: Client, kay: User) -> None:
    offered = client.tenant.metadata["acr_values_supported"]
    assert offered == [PASSWORD]
    for value in (*offered, " ".join(offered), "urn:mfa " + offered[0]):
        answer = tokens(client, kay, acr_values=value)
        assert claims(answer["id_token"])["acr"] in offered
    wished = wish(id_token={"acr": {"essential": True, "values": ["urn:mfa", *offered]}})
    assert claims(tokens(client, kay, claims=wished)["id_token"])["acr"] in offered


@pytest.mark.conformance("fapi2-security-profile-final-test-essential-acr-sca-claim", "answered")
def test_gh_229_a_class_that_nobody_can_meet_is_never_claimed(
    client: Client, kay: User, browser: Browser
) -> None:
    for value in ("urn:openbanking:psd2:sca", "mfa", "phr", "x" * 2048):
        # A wish that is not fulfilled (OpenID Connect Core §5.5.1.1)
        assert claims(tokens(client, kay, acr_values=value)["id_token"])["acr"] == PASSWORD
        voluntary = wish(id_token={"acr": {"value": value}})
        assert claims(tokens(client, kay, claims=voluntary)["id_token"])["acr"] == PASSWORD
        # and a condition that is not met.
        essential = wish(id_token={"acr": {"essential": True, "values": [value]}})
        page = ask(browser, client, claims=essential, acr_values=PASSWORD)
        redirected(page, client, "unmet_authentication_requirements")
        j400(push(client, claims=essential), "unmet_authentication_requirements")
    redirected(ask(browser, client, acr_values="x" * 2049), client, "invalid_request")


def test_a_resource_may_ask_for_a_fresh_sign_in(
    client: Client, kay: User, browser: Browser
) -> None:
    """RFC 9470: what a resource wants of `acr` and age comes as `acr_values` and `max_age`."""
    first = claims(tokens(client, kay, browser)["access_token"])
    assert first["acr"] == PASSWORD and first["auth_time"]
    page = begin(browser, client, acr_values=PASSWORD, max_age="0")
    assert page.form("identifier", "password")
    silent = ask(browser, client, acr_values=PASSWORD, max_age="0", prompt="none")
    redirected(silent, client, "login_required")
    answer = tokens(client, kay, browser, acr_values=PASSWORD, max_age="0")
    assert claims(answer["access_token"])["auth_time"] >= first["auth_time"]
