"""The modules of the conformance suite that register their clients themselves (Dynamic OP)."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from assertions import Signing, key_set, new_key
from browser import Browser
from conftest import KINDS
from elsewhere import Elsewhere, answer
from expect import j400, page400
from harness import REDIRECT_URI, Instance, Tenant, User
from protocol import PKCE, Redirect, authorization_url, authorize, begin, sign_in
from registration import Registered, let_register, register
from suite import verified


@pytest.fixture
def dynamic(tenant: Tenant) -> Tenant:
    return let_register(tenant)


def signing_client(tenant: Tenant, **changes: object) -> Signing:
    """A client as the plan registers it: with keys, by private_key_jwt."""
    key = new_key()
    registered = Registered.new(tenant, **({
        "token_endpoint_auth_method": "private_key_jwt", "jwks": json.loads(key_set(key)),
    } | changes))
    return Signing(registered.client, key)


def tokens_of(signing: Signing, user: User, **changes: str) -> dict[str, str]:
    pkce, client = PKCE.new(), signing.client
    code = authorize(Browser(client.tenant.instance), client, user, pkce, **changes).code
    given = signing.ask(
        grant_type="authorization_code", code=code, code_verifier=pkce.verifier,
        redirect_uri=changes.get("redirect_uri", client.redirect_uri))
    assert given.status_code == 200, given.text
    return given.json()


@pytest.mark.conformance("oidcc-discovery-endpoint-verification", "registration")
def test_discovery_names_the_registration_endpoint(dynamic: Tenant) -> None:
    endpoint = dynamic.endpoint("registration")
    assert endpoint == f"{dynamic.issuer}/oauth2/register"
    # With https as all the others, where the server is reached by https.
    assert urlsplit(endpoint).scheme == urlsplit(dynamic.endpoint("token")).scheme


@pytest.mark.conformance("oidcc-server", "registered")
@pytest.mark.conformance("oidcc-idtoken-rs256", "signed")
def test_a_registered_client_signs_somebody_in(dynamic: Tenant, user: User) -> None:
    signing = signing_client(dynamic, id_token_signed_response_alg="RS256")
    given = tokens_of(signing, user, nonce="n-1")
    assert verified(signing.client, given, nonce="n-1")["sub"] == user.id


@pytest.mark.conformance("oidcc-ensure-redirect-uri-in-authorization-request", "refused")
def test_of_two_addresses_one_is_named(dynamic: Tenant) -> None:
    signing = signing_client(dynamic, redirect_uris=[REDIRECT_URI, "https://rp.test/other"])
    page400(Browser(dynamic.instance).get(authorization_url(
        signing.client, PKCE.new(), redirect_uri=None)))


@pytest.mark.conformance("oidcc-redirect-uri-query-OK", "succeeds")
@pytest.mark.conformance("oidcc-redirect-uri-query-mismatch", "refused")
@pytest.mark.conformance("oidcc-redirect-uri-query-added", "refused")
def test_queries_of_addresses(dynamic: Tenant, user: User) -> None:
    uri = "https://rp.test/cb?foo=bar"
    signing = signing_client(dynamic, redirect_uris=[uri])
    pkce, browser = PKCE.new(), Browser(dynamic.instance)
    page = sign_in(browser, browser.get(authorization_url(signing.client, pkce)), user)
    assert (page.location or "").startswith(uri + "&code=")
    for other in ("https://rp.test/cb?foo=baz", "https://rp.test/cb", uri + "&a=b"):
        page400(browser.get(authorization_url(signing.client, pkce, redirect_uri=other)))
    plain = signing_client(dynamic)
    page400(browser.get(authorization_url(
        plain.client, pkce, redirect_uri=REDIRECT_URI + "?foo=bar")))


@pytest.mark.conformance("oidcc-redirect-uri-regfrag", "refused")
def test_an_address_with_a_fragment_is_not_registered(dynamic: Tenant) -> None:
    body = j400(
        register(dynamic, redirect_uris=[REDIRECT_URI + "#foobar"]), "invalid_redirect_uri")
    assert "fragment" in body["error_description"]


@pytest.mark.conformance("oidcc-registration-policy-uri", "shown")
@pytest.mark.conformance("oidcc-registration-tos-uri", "shown")
def test_the_page_links_to_what_the_client_says(dynamic: Tenant) -> None:
    signing = signing_client(
        dynamic, policy_uri="https://rp.test/policy?a=1&b=2", tos_uri="https://rp.test/terms")
    page = begin(Browser(dynamic.instance), signing.client)
    assert 'href="https://rp.test/policy?a=1&amp;b=2"' in page.text
    assert 'href="https://rp.test/terms"' in page.text
    assert "Privacy policy" in page.words and "Terms of service" in page.words
    own = dynamic.create_client("web")
    assert "Privacy policy" not in begin(Browser(dynamic.instance), own).words


@pytest.fixture(params=KINDS)
def asking(request: pytest.FixtureRequest, elsewhere: Elsewhere) -> Iterator[Tenant]:
    with Instance(request.param, elsewhere.flags) as instance:
        yield let_register(instance.create_tenant())


@pytest.mark.conformance("oidcc-registration-jwks-uri", "succeeds")
@pytest.mark.conformance("oidcc-refresh-token-rp-key-rotation", "succeeds")
def test_keys_at_an_address(asking: Tenant, elsewhere: Elsewhere) -> None:
    user, key, newer = asking.create_user(), new_key(), new_key()
    path = f"/{secrets.token_hex(4)}"
    registered = Registered.new(
        asking, token_endpoint_auth_method="private_key_jwt",
        jwks_uri=elsewhere.answer(path, answer(key_set(key))),
        grant_types=["authorization_code", "refresh_token"])
    signing = Signing(registered.client, key)
    given = tokens_of(signing, user, scope="openid offline_access")
    changed = elsewhere.answer(f"{path}/2", answer(key_set(newer)))
    registered.told |= registered.replace(jwks_uri=changed).json()
    again = Signing(registered.client, newer).ask(
        grant_type="refresh_token", refresh_token=given["refresh_token"])
    assert again.status_code == 200 and again.json()["id_token"]


@pytest.mark.conformance("oidcc-ensure-client-assertion-with-iss-aud-succeeds", "succeeds")
def test_the_issuer_is_the_audience(dynamic: Tenant, user: User) -> None:
    signing = signing_client(dynamic)
    assert tokens_of(signing, user)["access_token"]


@pytest.mark.conformance("oidcc-server-rotate-keys", "new")
def test_keys_rotate_under_a_registered_client(dynamic: Tenant, user: User) -> None:
    signing = signing_client(dynamic)
    before = dynamic.instance.http.get(dynamic.endpoint("jwks_uri")).json()["keys"]
    given = tokens_of(signing, user)
    dynamic.cli("key", "rotate", "--algorithm", "RS256")
    after = dynamic.instance.http.get(dynamic.endpoint("jwks_uri")).json()["keys"]
    names = {key["kid"] for key in after}
    assert {key["kid"] for key in before} < names
    assert verified(signing.client, given)["sub"] == user.id


def test_a_redirect_of_an_error_is_for_the_registered_address(dynamic: Tenant) -> None:
    signing = signing_client(dynamic)
    page = Browser(dynamic.instance).get(authorization_url(
        signing.client, PKCE.new(), scope="openid admin"))
    assert Redirect.read(page).error == "invalid_scope"
