"""What a client registers of names for people, signatures, logouts and where a sign-in begins: each
member does what it does for a client that an operator registers. Attack cases GH-338, GH-340 and
GH-341."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from assertions import Signing, key_set, new_key
from browser import Browser
from conftest import KINDS
from documents import Document, age
from elsewhere import Elsewhere, answer
from expect import j400
from harness import REDIRECT_URI, Client, Instance, Tenant, User
from logouts import DONE, HOME, await_told, believed, frames, leave
from protocol import (
    PKCE, Redirect, authorization_url, claims, redeem, sign_in, tokens, userinfo)
from registration import Registered, let_register, register
from request_objects import by_value, request_object
from visitor import limited_json, set_limit
from watch import recorded

conformance = pytest.mark.conformance
WRONG = "invalid_client_metadata"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
TWO = ["https://rp.test/cb", "https://other.test/cb"]


@pytest.fixture
def asking(asking_instance: Instance) -> Iterator[Tenant]:
    yield let_register(asking_instance.create_tenant())
    asking_instance.check()


@pytest.fixture
def open_to_clients(tenant: Tenant) -> Tenant:
    return let_register(tenant)


def subject(client: Client, user: User) -> str:
    return claims(tokens(client, user)["id_token"])["sub"]


# Names for people


@pytest.mark.attack("GH-341")
def test_gh_341_a_client_registers_to_know_people_by_names_of_its_own(
    open_to_clients: Tenant, user: User
) -> None:
    tenant = open_to_clients
    one = Registered.new(tenant, subject_type="pairwise")
    assert one.told["subject_type"] == "pairwise" and "sector_identifier_uri" not in one.told
    sibling = Registered.new(
        tenant, subject_type="pairwise", redirect_uris=["https://rp.test/another"])
    other = Registered.new(
        tenant, subject_type="pairwise", redirect_uris=["https://other.test/cb"])
    names = [subject(registered.client, user) for registered in (one, sibling, other)]
    assert names[0] == names[1] != names[2] and user.id not in names
    assert subject(Registered.new(tenant).client, user) == user.id
    # People never become strangers to it, nor does it get to know those of others.
    with recorded(tenant):
        for changes in (
            {"subject_type": "public"}, {"subject_type": ...},
            {"redirect_uris": ["https://other.test/cb"]}, {"redirect_uris": TWO},
            {"sector_identifier_uri": "https://other.test/list"},
        ):
            j400(one.replace(**changes), WRONG)
    one.told |= one.replace(redirect_uris=["https://rp.test/cb", "https://rp.test/new"]).json()
    assert subject(one.client, user) == names[0]
    assert one.read().json()["subject_type"] == "pairwise"


@pytest.mark.attack("GH-341")
def test_gh_341_nobody_borrows_a_sector(open_to_clients: Tenant) -> None:
    """Whoever got tokens without an address of the sector would know its people."""
    tenant = let_register(
        open_to_clients, "--grant-type", "authorization_code", "--grant-type", DEVICE,
        "--grant-type", "client_credentials", "--scope", "openid", "--scope", "api:read")
    with recorded(tenant):
        for wish in (
            {"redirect_uris": TWO}, {"redirect_uris": ["com.example.app:/cb"]},
            {"redirect_uris": [], "grant_types": [DEVICE]},
            {"grant_types": ["authorization_code", DEVICE]},
            {"redirect_uris": [], "grant_types": [DEVICE],
             "sector_identifier_uri": "https://rp.test/list"},
            {"redirect_uris": [], "grant_types": ["client_credentials"], "scope": "api:read"},
            # At this very server nothing is asked for.
            {"sector_identifier_uri": f"https://127.0.0.1:{tenant.instance.port}/list"},
        ):
            j400(register(tenant, subject_type="pairwise", **wish), WRONG)
    plain = Registered.new(tenant)
    j400(plain.replace(subject_type="pairwise"), WRONG)


@conformance("oidcc-registration-sector-uri", "succeeds")
@conformance("oidcc-registration-sector-bad", "refused")
@pytest.mark.attack("GH-341", "GH-340")
def test_gh_341_the_list_of_a_sector_is_asked_for(asking: Tenant, elsewhere: Elsewhere) -> None:
    user, good = asking.create_user(), json.dumps(TWO).encode()

    def at(behaviour: Any) -> str:
        return elsewhere.answer(f"/{secrets.token_hex(4)}", behaviour)

    wish = {"subject_type": "pairwise", "redirect_uris": TWO}
    with recorded(asking):
        for behaviour, error in (
            (answer(b'["https://rp.test/cb"]'), "invalid_redirect_uri"),
            (answer(b"[]"), "invalid_redirect_uri"), (answer(b"{}"), WRONG),
            (answer(good, media_type="text/html"), WRONG),
            (answer(good, status="404 Not Found"), WRONG),
            (answer(good, status="302 Found", headers="Location: /good\r\n"), WRONG),
            (answer(b'["' + b"a" * 1_000_000 + b'"]'), WRONG),
        ):
            address = at(behaviour)
            body = j400(register(asking, **wish, sector_identifier_uri=address), error)
            assert "sector_identifier_uri" in body["error_description"]
            # Also where names are for everybody: what is said has to be true.
            j400(register(asking, sector_identifier_uri=address, redirect_uris=TWO), error)
    address = at(answer(good))
    path = urlsplit(address).path
    registered = Registered.new(asking, **wish, sector_identifier_uri=address)
    assert registered.told["sector_identifier_uri"] == address
    name = subject(registered.client, user)
    assert name != user.id and elsewhere.paths.count(path) == 1
    # It is asked for again when the addresses change, and only then.
    registered.told |= registered.replace(client_name="Other").json()
    assert elsewhere.paths.count(path) == 1
    j400(registered.replace(redirect_uris=[*TWO, "https://evil.test/cb"]),
         "invalid_redirect_uri")
    j400(registered.replace(sector_identifier_uri=...), WRONG)
    registered.told |= registered.replace(redirect_uris=TWO[::-1]).json()
    assert elsewhere.paths.count(path) == 3
    assert subject(registered.client, user) == name
    public = Registered.new(asking, redirect_uris=TWO, sector_identifier_uri=address)
    assert public.told["subject_type"] == "public"
    assert subject(public.client, user) == user.id


@pytest.mark.attack("GH-346")
def test_gh_346_lists_are_asked_for_so_often_and_no_more(
    asking: Tenant, elsewhere: Elsewhere
) -> None:
    address = elsewhere.answer(f"/{secrets.token_hex(4)}", answer(b"[]"))
    registered = Registered.new(asking)
    set_limit(asking, "registration-network", 2)
    before = len(elsewhere.requests)
    wish = {"subject_type": "pairwise", "sector_identifier_uri": address}
    j400(register(asking, **wish), "invalid_redirect_uri")
    answers = [
        registered.replace(sector_identifier_uri=address), register(asking, **wish),
        registered.replace(sector_identifier_uri=address)]
    for answered in answers:
        if answered.status_code == 429:
            limited_json(answered, longest=3_600)
        else:
            j400(answered, "invalid_redirect_uri")
    assert answers[-1].status_code == 429
    assert len(elsewhere.requests) - before <= 2
    # What asks for nothing is changed all the same.
    assert registered.replace(client_name="Other").status_code == 200


@pytest.mark.attack("GH-341")
def test_gh_341_a_document_may_want_names_of_its_own(
    own_tenant: Tenant, elsewhere: Elsewhere
) -> None:
    user = own_tenant.create_user()
    document = Document.new(
        elsewhere, own_tenant, redirect_uris=[REDIRECT_URI], subject_type="pairwise")
    client = Client(own_tenant, document.url, None, "spa", REDIRECT_URI, "none")
    name = subject(client, user)
    assert name != user.id
    document.says(redirect_uris=[REDIRECT_URI], subject_type="public")
    age(document)
    assert subject(client, user) == name and document.asked == 2
    mixed = Document.new(elsewhere, own_tenant, redirect_uris=TWO, subject_type="pairwise")
    mixed.is_refused(redirect_uri=TWO[0])
    listed = elsewhere.answer(
        f"/{secrets.token_hex(4)}", answer(json.dumps(TWO).encode()))
    named = Document.new(
        elsewhere, own_tenant, redirect_uris=TWO, subject_type="pairwise",
        sector_identifier_uri=listed)
    assert named.ask(redirect_uri=TWO[1], prompt="none").location.startswith(TWO[1])


@pytest.fixture(params=KINDS)
def own_tenant(request: pytest.FixtureRequest, elsewhere: Elsewhere) -> Iterator[Tenant]:
    """A tenant whose instance a test may restart."""
    with Instance(request.param, elsewhere.flags) as instance:
        tenant = instance.create_tenant()
        tenant.cli("registration", "update", "--metadata-documents", "any")
        yield tenant


# Signatures


@conformance("oidcc-userinfo-rs256", "signed")
@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_userinfo_is_signed_for_a_client_that_registers_so(
    open_to_clients: Tenant, user: User, algorithm: str
) -> None:
    tenant = open_to_clients
    registered = Registered.new(tenant, userinfo_signed_response_alg=algorithm)
    assert registered.told["userinfo_signed_response_alg"] == algorithm
    given = tokens(registered.client, user, scope="openid email")
    told = userinfo(tenant, given["access_token"])
    assert told.headers["content-type"] == "application/jwt"
    keys = tenant.instance.http.get(tenant.endpoint("jwks_uri")).json()
    read = jwt.decode(told.text, KeySet.import_key_set(keys), algorithms=[algorithm])
    assert read.claims["iss"] == tenant.issuer and read.claims["aud"] == registered.client.id
    assert read.claims["sub"] == user.id and read.claims["email"] == user.email
    again = registered.replace(userinfo_signed_response_alg=...).json()
    assert "userinfo_signed_response_alg" not in again
    assert userinfo(tenant, given["access_token"]).json()["sub"] == user.id


@pytest.mark.parametrize("method", ["client_secret_basic", "none", "private_key_jwt"])
def test_requests_are_signed_by_a_client_that_registers_so(
    open_to_clients: Tenant, user: User, method: str
) -> None:
    tenant, key, pkce = open_to_clients, new_key(), PKCE.new()
    jwks = json.loads(key_set(key))
    registered = Registered.new(
        tenant, token_endpoint_auth_method=method, jwks=jwks,
        require_signed_request_object=True, request_object_signing_alg="ES256")
    assert registered.told["require_signed_request_object"] is True
    assert registered.told["request_object_signing_alg"] == "ES256"
    assert registered.told["jwks"] == jwks
    assert registered.read().json()["jwks"] == jwks
    client, signing = registered.client, Signing(registered.client, key)
    browser = Browser(tenant.instance)
    plain = Redirect.read(browser.get(authorization_url(client, PKCE.new())))
    assert plain.error == "invalid_request"
    given = Redirect.read(sign_in(
        browser, browser.get(by_value(client, request_object(signing, pkce))), user))
    form = {"grant_type": "authorization_code", "code": given.code,
            "redirect_uri": client.redirect_uri, "code_verifier": pkce.verifier}
    redeemed = signing.ask(**form) if method == "private_key_jwt" else redeem(
        client, given.code, pkce)
    assert redeemed.status_code == 200, redeemed.text
    # Another algorithm than the one that was registered proves nothing.
    registered.told |= registered.replace(request_object_signing_alg="RS256").json()
    answered = browser.get(by_value(client, request_object(signing)))
    assert "code=" not in (answered.location or "")
    j400(registered.replace(jwks=...), WRONG)


# Logouts


def test_a_client_that_registered_itself_hears_of_logouts(
    asking: Tenant, elsewhere: Elsewhere
) -> None:
    path = f"/{secrets.token_hex(6)}"
    address = elsewhere.answer(path, DONE)
    registered = Registered.new(
        asking, backchannel_logout_uri=address, backchannel_logout_session_required=True,
        post_logout_redirect_uris=[HOME])
    assert registered.told["backchannel_logout_uri"] == address
    assert registered.told["backchannel_logout_session_required"] is True
    user, browser = asking.create_user(), Browser(asking.instance)
    given = tokens(registered.client, user, browser)
    page = leave(browser, asking, id_token_hint=given["id_token"],
                 post_logout_redirect_uri=HOME)
    assert page.location == HOME
    (logout,) = await_told(elsewhere, path)
    said = believed(registered.client, logout)
    assert said["sub"] == user.id and said["sid"] == claims(given["id_token"])["sid"]
    told = registered.replace(
        backchannel_logout_uri=..., backchannel_logout_session_required=...).json()
    assert "backchannel_logout_uri" not in told


@pytest.mark.attack("GH-361")
def test_gh_361_no_client_has_the_server_tell_itself(open_to_clients: Tenant) -> None:
    own = f"https://127.0.0.1:{open_to_clients.instance.port}/t/{open_to_clients.slug}/token"
    body = j400(register(open_to_clients, backchannel_logout_uri=own), WRONG)
    assert "backchannel_logout_uri" in body["error_description"]


def test_the_page_of_logout_loads_what_a_client_registered(
    open_to_clients: Tenant, user: User, browser: Browser
) -> None:
    tenant = open_to_clients
    address = "https://rp.test/out?a=b"
    registered = Registered.new(
        tenant, frontchannel_logout_uri=address, frontchannel_logout_session_required=True)
    assert registered.told["frontchannel_logout_uri"] == address
    assert registered.told["frontchannel_logout_session_required"] is True
    given = tokens(registered.client, user, browser)
    (frame,) = frames(leave(browser, tenant, id_token_hint=given["id_token"]))
    assert parse_qs(urlsplit(frame).query) == {
        "a": ["b"], "iss": [tenant.issuer], "sid": [claims(given["id_token"])["sid"]]}
    # An address that is beside none of the redirect URIs any more goes with them.
    j400(registered.replace(redirect_uris=["https://other.test/cb"]), WRONG)


# Where a sign-in begins


@conformance("oidcc-3rd_party-init-login", "registered", "begun")
def test_a_client_registers_where_a_sign_in_begins(
    open_to_clients: Tenant, user: User, browser: Browser
) -> None:
    tenant, address = open_to_clients, "https://rp.test/login?a=b"
    registered = Registered.new(tenant, initiate_login_uri=address)
    assert registered.told["initiate_login_uri"] == address
    assert registered.read().json()["initiate_login_uri"] == address
    hint = tokens(registered.client, user, browser)["id_token"]
    page = browser.follow(leave(browser, tenant, id_token_hint=hint))
    (link,) = [link for link in page.links if link.startswith("https://rp.test/")]
    assert parse_qs(urlsplit(link).query) == {"a": ["b"], "iss": [tenant.issuer]}


@conformance("oidcc-3rd_party-init-login-nohttps", "refused")
def test_a_sign_in_begins_by_https_only(open_to_clients: Tenant) -> None:
    registered = Registered.new(open_to_clients)
    for address in ("http://rp.test/login", "http://127.0.0.1/login", "rp.test/login"):
        for answered in (register(open_to_clients, initiate_login_uri=address),
                         registered.replace(initiate_login_uri=address)):
            assert "initiate_login_uri" in j400(answered, WRONG)["error_description"]
