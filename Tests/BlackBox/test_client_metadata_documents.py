"""Clients that the address of a document names (draft-ietf-oauth-client-id-metadata-document), and
what the servers that hold such documents may do: attack cases 3.T and 3.U."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from assertions import Signing, key_set, new_key
from browser import Browser, Page
from conftest import KINDS
from elsewhere import Behaviour, Elsewhere, answer
from expect import j401, page400
from harness import Client, Instance, Tenant
from hostile import HOSTILE
from protocol import (
    PKCE, Redirect, authorization_url, begin, claims, push, pushed_url, refresh, sign_in, token,
    tokens, userinfo)
from visitor import set_limit
from watch import recorded, unchanged

CALLBACK = "http://127.0.0.1:4711/callback"


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    with Elsewhere() as elsewhere:
        yield elsewhere


@pytest.fixture(scope="module", params=KINDS)
def asking_instance(
    request: pytest.FixtureRequest, elsewhere: Elsewhere
) -> Iterator[Instance]:
    """An instance whose operator allows it to ask servers on loopback."""
    with Instance(request.param, elsewhere.flags) as instance:
        yield instance


@pytest.fixture
def agents(asking_instance: Instance) -> Iterator[Tenant]:
    """A tenant that takes every document."""
    tenant = asking_instance.create_tenant()
    tenant.cli("registration", "update", "--metadata-documents", "any")
    set_limit(tenant, "metadata-document-network", 100_000)
    set_limit(tenant, "authentication-network", 100_000)
    yield tenant
    asking_instance.check()


@dataclass(frozen=True)
class Document:
    """A document at an address, and the client that it names."""

    elsewhere: Elsewhere
    tenant: Tenant
    path: str
    url: str
    method: str = "none"

    @classmethod
    def new(cls, elsewhere: Elsewhere, tenant: Tenant, *, host: str = "127.0.0.1",
            method: str = "none", headers: str = "", **changes: Any) -> Document:
        path = f"/{secrets.token_hex(6)}/client.json"
        document = cls(elsewhere, tenant, path, elsewhere.url(path, host), method)
        document.says(headers, **changes)
        return document

    def says(self, headers: str = "", **changes: Any) -> None:
        """From now on the document is a good one, with changes; ... leaves a member out."""
        good = {
            "client_id": self.url, "client_name": "Test agent", "redirect_uris": [CALLBACK],
            "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
            "token_endpoint_auth_method": self.method}
        members = {name: value for name, value in (good | changes).items() if value is not ...}
        self.elsewhere.answer(self.path, answer(json.dumps(members).encode(), headers=headers))

    def behaves(self, behaviour: Behaviour) -> None:
        self.elsewhere.answer(self.path, behaviour)

    @property
    def client(self) -> Client:
        return Client(self.tenant, self.url, None, "native", CALLBACK, self.method)

    @property
    def asked(self) -> int:
        return self.elsewhere.paths.count(self.path)

    def ask(self, **changes: str | None) -> Page:
        """A browser comes with a good request of the client."""
        browser = Browser(self.tenant.instance)
        return browser.get(authorization_url(self.client, PKCE.new(), **changes))

    def is_refused(self, **changes: str | None) -> None:
        page400(self.ask(**changes))


# How it works


def test_a_client_is_known_by_its_document(agents: Tenant, elsewhere: Elsewhere) -> None:
    assert agents.metadata["client_id_metadata_document_supported"] is True
    assert "registration_endpoint" not in agents.metadata
    user = agents.create_user()
    document = Document.new(elsewhere, agents, scope="openid offline_access something:else")
    client = document.client
    with recorded(agents, "client.created", "session.signed_in", "consent.given",
                  "grant.created", "authorization_code.redeemed") as events:
        given = tokens(client, user, scope="openid offline_access")
    assert events[0]["subject"] == document.url and events[0]["actor"] == "anonymous"
    said = claims(given["id_token"])
    assert said["aud"] == document.url
    said = claims(given["access_token"])
    assert said["client_id"] == document.url and said["aud"] == document.url
    assert userinfo(agents, given["access_token"]).json()["sub"] == user.id
    again = refresh(client, given["refresh_token"])
    assert claims(again.json()["access_token"])["client_id"] == document.url
    assert document.asked == 1
    shown = agents.cli("client", "show", document.url)
    assert shown["origin"] == "metadata_document" and shown["pkce"] == "required"
    assert shown["scope"] == "openid offline_access" and "secrets" in shown
    # The port of a loopback address may differ, as it may for every client (RFC 8252 §7.3).
    other = CALLBACK.replace("4711", "4712")
    assert Redirect.read(document.ask(redirect_uri=other, prompt="none")).uri == other
    request = next(r for r in elsewhere.requests if document.path.encode() in r)
    assert b"ookie" not in request and b"uthorization" not in request


def test_the_page_says_who_vouches_for_the_client(agents: Tenant, elsewhere: Elsewhere) -> None:
    document = Document.new(
        elsewhere, agents, host="localhost", client_name="Acme Bank",
        policy_uri="https://rp.test/privacy", tos_uri="https://rp.test/terms",
        logo_uri="https://rp.test/logo.png")
    page = begin(Browser(agents.instance), document.client)
    words = " ".join(page.words.split())
    assert "Acme Bank" in words and "a program on this computer" in words
    assert "It identifies itself by localhost" in words and "nobody here has checked it" in words
    assert "Any program on this computer could say that it is this one" in words
    assert 'href="https://rp.test/privacy"' in page.text
    assert 'href="https://rp.test/terms"' in page.text and "logo.png" not in page.text
    web = Document.new(elsewhere, agents, redirect_uris=["https://rp.test/cb"])
    page = Browser(agents.instance)
    shown = page.follow(page.get(authorization_url(
        web.client, PKCE.new(), redirect_uri="https://rp.test/cb")))
    assert "identifies itself by 127.0.0.1" in " ".join(shown.words.split())
    assert "Any program on this computer" not in shown.words


def test_a_client_pushes_and_signs(agents: Tenant, elsewhere: Elsewhere) -> None:
    user, key, pkce = agents.create_user(), new_key(), PKCE.new()
    document = Document.new(
        elsewhere, agents, method="private_key_jwt", jwks=json.loads(key_set(key)))
    signing = Signing(document.client, key)
    pushed = signing.ask(
        endpoint="pushed_authorization_request", grant_type=None, response_type="code",
        redirect_uri=CALLBACK, scope="openid", state="st-4711", code_challenge=pkce.challenge,
        code_challenge_method="S256")
    assert pushed.status_code == 201, pushed.text
    browser = Browser(agents.instance)
    page = sign_in(browser, browser.get(pushed_url(
        document.client, pushed.json()["request_uri"])), user)
    code = Redirect.read(page).code
    j401(token(document.client, method="none", grant_type="authorization_code", code=code,
               redirect_uri=CALLBACK, code_verifier=pkce.verifier))
    given = signing.ask(
        grant_type="authorization_code", code=code, redirect_uri=CALLBACK,
        code_verifier=pkce.verifier)
    assert given.status_code == 200, given.text
    assert document.asked == 1
    j401(Signing(document.client, new_key()).ask())


def test_keys_of_a_document_may_be_at_an_address(agents: Tenant, elsewhere: Elsewhere) -> None:
    key = new_key()
    keys = elsewhere.answer(f"/{secrets.token_hex(4)}", answer(key_set(key)))
    document = Document.new(elsewhere, agents, method="private_key_jwt", jwks_uri=keys)
    answered = Signing(document.client, key).ask(
        endpoint="pushed_authorization_request", grant_type=None, response_type="code",
        redirect_uri=CALLBACK, code_challenge=PKCE.new().challenge, code_challenge_method="S256")
    assert answered.status_code == 201, answered.text


def test_pushed_by_a_public_client(agents: Tenant, elsewhere: Elsewhere) -> None:
    document = Document.new(elsewhere, agents)
    answered = push(document.client)
    assert answered.status_code == 201, answered.text
    reference = answered.json()["request_uri"]
    other = Document.new(elsewhere, agents)
    page400(Browser(agents.instance).get(pushed_url(other.client, reference)))
    page = Browser(agents.instance)
    assert page.follow(page.get(pushed_url(document.client, reference))).status == 200


# How long it is kept


def test_a_document_is_kept_as_it_says_within_bounds(
    agents: Tenant, elsewhere: Elsewhere
) -> None:
    hour, day = 3_600, 86_400
    expected = {
        "": hour, "Cache-Control: max-age=600\r\n": 600, "Cache-Control: no-store\r\n": 300,
        "Cache-Control: max-age=1\r\n": 300, "Cache-Control: public, max-age=99999999\r\n": hour,
        "Cache-Control: max-age=172800\r\n": day, "Cache-Control: max-age=-1\r\n": hour,
        "Cache-Control: max-age=+7\r\n": hour, "cache-control: MAX-AGE=900, private\r\n": 900,
        "Cache-Control: max-age=600\r\nCache-Control: no-cache\r\n": 300,
    }
    for headers, seconds in expected.items():
        document = Document.new(elsewhere, agents, headers=headers)
        assert document.ask(prompt="none").status == 303
        rows = agents.instance.database.rows(
            f"SELECT registration FROM client WHERE id = '{document.url}'")
        kept = json.loads(rows[0]["registration"])
        assert kept["fresh_until"] - kept["fetched_at"] == seconds * 1_000, headers
        assert document.ask(prompt="none").status == 303 and document.asked == 1


def age(document: Document, milliseconds: int = 3_600_000) -> None:
    """Lets the document's time be over, as far as the database knows."""
    database = document.tenant.instance.database
    rows = database.rows(f"SELECT registration FROM client WHERE id = '{document.url}'")
    kept = json.loads(rows[0]["registration"])
    kept["fresh_until"] -= milliseconds
    database.execute(
        "UPDATE client SET registration = '" + json.dumps(kept).replace("'", "''")
        + f"' WHERE id = '{document.url}'")
    document.tenant.instance.restart()


def test_an_old_document_is_asked_for_again(own_tenant: Tenant, elsewhere: Elsewhere) -> None:
    document = Document.new(elsewhere, own_tenant)
    user = own_tenant.create_user()
    given = tokens(document.client, user, scope="openid offline_access")
    document.says(client_name="Newer name", redirect_uris=["http://127.0.0.1:4711/newer"])
    assert refresh(document.client, given["refresh_token"]).status_code == 200
    assert document.asked == 1
    age(document)
    document.is_refused()
    assert document.asked == 2
    assert document.ask(redirect_uri="http://127.0.0.1:1/newer", prompt="none").status == 303
    assert own_tenant.cli("client", "show", document.url)["name"] == "Newer name"
    # What the person allowed hangs on the same record.
    assert refresh(document.client, given["refresh_token"]).status_code == 200
    document.behaves(answer(b"{}", status="404 Not Found"))
    age(document)
    # Its host may be away for a while, and no longer.
    assert refresh(document.client, given["refresh_token"]).status_code == 200
    assert document.asked == 3
    age(document, 8_000_000)
    j401(refresh(document.client, given["refresh_token"]))
    assert document.asked == 4


@pytest.fixture(params=KINDS)
def own_tenant(request: pytest.FixtureRequest, elsewhere: Elsewhere) -> Iterator[Tenant]:
    """A tenant whose instance a test may restart."""
    with Instance(request.param, elsewhere.flags) as instance:
        tenant = instance.create_tenant()
        tenant.cli("registration", "update", "--metadata-documents", "any")
        yield tenant


def test_a_client_that_changes_how_it_proves_itself(
    own_tenant: Tenant, elsewhere: Elsewhere
) -> None:
    key = new_key()
    document = Document.new(elsewhere, own_tenant)
    assert push(document.client).status_code == 201
    document.says(
        token_endpoint_auth_method="private_key_jwt", jwks=json.loads(key_set(key)))
    age(document)
    j401(push(document.client))


def test_one_asks_however_many_come(agents: Tenant, elsewhere: Elsewhere) -> None:
    document = Document.new(elsewhere, agents)
    with ThreadPoolExecutor(24) as threads:
        pages = list(threads.map(lambda _: document.ask(prompt="none"), range(24)))
    assert {page.status for page in pages} == {303} and document.asked == 1
    created = [e for e in agents.instance.events(agents) if e["kind"] == "client.created"]
    assert len(created) == 1


def test_gh_346_nobody_can_make_us_ask_and_ask(agents: Tenant, elsewhere: Elsewhere) -> None:
    document = Document.new(elsewhere, agents)
    document.behaves(answer(b"{}", status="404 Not Found"))
    for _ in range(5):
        document.is_refused()
        j401(push(document.client))
    assert document.asked == 1
    set_limit(agents, "metadata-document-network", 3)
    asked = len(elsewhere.requests)
    pages = [Document.new(elsewhere, agents).ask(prompt="none") for _ in range(6)]
    assert sorted(page.status for page in pages)[-1] == 429
    assert len(elsewhere.requests) - asked <= 3
    # A client that is known is asked for nothing, and not refused.
    known = Document.new(elsewhere, agents)
    set_limit(agents, "metadata-document-network", 100_000)
    assert known.ask(prompt="none").status == 303
    set_limit(agents, "metadata-document-network", 1)
    assert known.ask(prompt="none").status == 303


# What is refused


def test_gh_334_documents_are_nothing_unless_the_tenant_takes_them(
    asking_instance: Instance, elsewhere: Elsewhere
) -> None:
    tenant = asking_instance.create_tenant()
    document = Document.new(elsewhere, tenant)
    assert "client_id_metadata_document_supported" not in tenant.metadata
    document.is_refused()
    j401(push(document.client))
    assert document.asked == 0


@pytest.mark.attack("GH-347")
def test_gh_347_hosts_are_trusted_one_by_one(agents: Tenant, elsewhere: Elsewhere) -> None:
    user = agents.create_user()
    named = Document.new(elsewhere, agents, host="localhost")
    literal = Document.new(elsewhere, agents)
    agents.cli("registration", "update", "--metadata-documents", "listed",
               "--allow-host", "localhost")
    assert named.ask(prompt="none").status == 303
    literal.is_refused()
    given = tokens(named.client, user, scope="openid offline_access")
    agents.cli("registration", "update", "--metadata-documents", "any",
               "--deny-host", "localhost")
    # A client whose host is trusted no more does nothing any more, whatever it has.
    named.is_refused()
    j401(refresh(named.client, given["refresh_token"]))
    assert userinfo(agents, given["access_token"]).status_code == 401
    assert literal.ask(prompt="none").status == 303
    agents.cli("registration", "update", "--deny-host", "")
    assert refresh(named.client, given["refresh_token"]).status_code == 200
    agents.cli("registration", "update", "--metadata-documents", "off")
    named.is_refused()


@pytest.mark.parametrize("changes", [
    {"client_id": ...}, {"client_id": "https://127.0.0.1/other"}, {"client_id": 1},
    {"client_secret": "x"}, {"client_secret_expires_at": 0},
    {"token_endpoint_auth_method": "client_secret_basic"},
    {"token_endpoint_auth_method": "client_secret_post"},
    {"token_endpoint_auth_method": "private_key_jwt"}, {"token_endpoint_auth_method": "x"},
    {"redirect_uris": ...}, {"redirect_uris": []}, {"redirect_uris": ["http://rp.test/cb"]},
    {"redirect_uris": ["javascript:alert(1)"]}, {"redirect_uris": ["https://*.rp.test/cb"]},
    {"redirect_uris": [CALLBACK, "https://rp.test/cb#x"]}, {"client_name": "a\nb"},
    {"client_name": ["x"]}, {"grant_types": ["client_credentials"]}, {"grant_types": []},
    {"response_types": ["token"]}, {"jwks": {"keys": [{"kty": "oct", "k": "AA"}]}},
    {"logo_uri": "http://rp.test/"}, {"x": "y" * 6_000},
])
def test_gh_338_a_document_that_is_wrong_names_nobody(
    agents: Tenant, elsewhere: Elsewhere, changes: dict[str, Any]
) -> None:
    document = Document.new(elsewhere, agents, **changes)
    document.is_refused()
    j401(push(document.client))
    assert document.asked == 1
    assert agents.instance.database.rows(
        f"SELECT id FROM client WHERE tenant_id = '{agents.id}'") == []


def test_gh_338_a_document_cannot_make_itself_more(agents: Tenant, elsewhere: Elsewhere) -> None:
    document = Document.new(
        elsewhere, agents, trusted=True, origin="administrator", requires_pkce=False,
        scope="openid admin", tenant_id="ten_1", access_token_lifetime=86_400, party="first",
        pkce="optional", skip_consent=True,
        grant_types=["authorization_code", "client_credentials", "x", "password"])
    assert document.ask(prompt="none").status == 303
    page = Browser(agents.instance).get(authorization_url(document.client, None))
    assert Redirect.read(page).error == "invalid_request"
    shown = agents.cli("client", "show", document.url)
    assert shown["scope"] == "openid" and shown["party"] == "third"
    assert shown["access_token_lifetime"] == 900 and shown["refresh_tokens"] == "never"
    # What else it would be is not for this server, and gets it nothing.
    answered = token(document.client, grant_type="client_credentials")
    assert answered.status_code == 400 and answered.json()["error"] == "unauthorized_client"


@pytest.mark.attack("GH-352", "GH-355")
def test_gh_352_names_that_are_no_addresses(agents: Tenant, elsewhere: Elsewhere) -> None:
    port = elsewhere.port
    before = elsewhere.connections
    for name in (
        f"http://127.0.0.1:{port}/c", f"https://127.0.0.1:{port}", f"https://127.0.0.1:{port}?a",
        f"https://127.0.0.1:{port}/c?a=1", f"https://127.0.0.1:{port}/c#a",
        f"https://kay@127.0.0.1:{port}/c", f"https://good.test@127.0.0.1:{port}/c",
        f"https://127.0.0.1:{port}\\@good.test/c", f"https://127.0.0.1:{port}/../c",
        f"https://127.0.0.1:{port}/a/%2e%2e/c", f"https://127.0.0.1:{port}/a b",
        f"https://127.0.0.1:{port}/c\r\nX: y", f"HTTPS://127.0.0.1:{port}/c",
        f"https://LOCALHOST:{port}/c", f"https://127.1:{port}/c", f"https://2130706433:{port}/c",
        f"https://0x7f000001:{port}/c", f"https://127.0.0.1:{port}/\u00fc",
        f"https://127.0.0.1:{port}/" + "a" * 600, f"https://127.0.0.1:0{port}/c",
        f" https://127.0.0.1:{port}/c", "https://[fe80::1%25lo]/c", "https:///c", "file:///c",
    ):
        client = Client(agents, name, None, "native", CALLBACK, "none")
        page400(Browser(agents.instance).get(authorization_url(client, PKCE.new())))
        j401(push(client))
    assert elsewhere.connections == before


@pytest.mark.attack("GH-340", "GH-349")
def test_gh_340_and_349_loopback_is_not_asked_unless_it_is_allowed(tenant: Tenant) -> None:
    """`localhost` stands for every name that leads inside, whatever it led to a moment ago."""
    tenant.cli("registration", "update", "--metadata-documents", "any")
    with Elsewhere() as canary:
        for host in ("127.0.0.1", "localhost", "127.1.2.3", "[::1]", "0.0.0.0"):
            Document.new(canary, tenant, host=host).is_refused()
        assert canary.connections == 0
    assert set(reasons(tenant, 4)) == {"forbidden_address"}


def reasons(tenant: Tenant, count: int) -> list[str]:
    """Why documents were not to be had; that is written a second later."""
    deadline, found = time.monotonic() + 10, []
    while len(found) < count and time.monotonic() < deadline:
        found = [
            json.loads(event["detail"])["reason"] for event in tenant.instance.events(tenant)
            if event["kind"] == "metadata_document.unavailable"]
    return found


def test_gh_340_our_own_answers_name_nobody(agents: Tenant, elsewhere: Elsewhere) -> None:
    """The base address is one of this host, so no document here can be anybody's."""
    own = Client(
        agents, f"https://127.0.0.1:{agents.instance.port}/t/{agents.slug}/.well-known/jwks.json",
        None, "native", CALLBACK, "none")
    page400(Browser(agents.instance).get(authorization_url(own, PKCE.new())))
    connections = [r for r in agents.instance.log_records() if "TLS" in json.dumps(r)]
    assert connections == []


@pytest.mark.attack("GH-350", "GH-353", "GH-356")
def test_gh_350_and_353_hostile_answers(agents: Tenant, elsewhere: Elsewhere) -> None:
    inside = Document.new(elsewhere, agents)
    documents = []
    for name, (_, behaviour) in HOSTILE.items():
        if name in ("slow head", "silent", "not keys"):
            continue
        document = Document.new(elsewhere, agents)
        document.behaves(behaviour(elsewhere))
        documents.append(document)
    moved = Document.new(elsewhere, agents)
    moved.behaves(answer(
        b"", status="307 Temporary Redirect", headers=f"Location: {inside.url}\r\n"))
    begun = time.monotonic()
    with ThreadPoolExecutor(4) as threads:
        pages = list(threads.map(lambda d: d.ask(), [*documents, moved]))
    assert {page.status for page in pages} == {400}
    assert time.monotonic() - begun < 40
    assert inside.asked == 0 and "/inside" not in elsewhere.paths


def test_gh_002_a_client_of_one_tenant_is_none_of_another(
    agents: Tenant, elsewhere: Elsewhere
) -> None:
    document = Document.new(elsewhere, agents)
    user = agents.create_user()
    given = tokens(document.client, user, scope="openid offline_access")
    other = agents.instance.create_tenant()
    other.cli("registration", "update", "--metadata-documents", "any")
    with unchanged(agents, document.client):
        moved = Client(other, document.url, None, "native", CALLBACK, "none")
        answered = refresh(moved, given["refresh_token"])
        assert answered.status_code == 400 and answered.json()["error"] == "invalid_grant"
        other.cli("client", "delete", document.url)
    assert refresh(document.client, given["refresh_token"]).status_code == 200


def test_an_operator_can_switch_one_off(agents: Tenant, elsewhere: Elsewhere) -> None:
    document = Document.new(elsewhere, agents)
    assert document.ask(prompt="none").status == 303
    document.client.update("--disable")
    document.is_refused()
    document.client.update("--enable")
    assert document.ask(prompt="none").status == 303


def test_signing_out_by_name(agents: Tenant, elsewhere: Elsewhere) -> None:
    document = Document.new(
        elsewhere, agents, post_logout_redirect_uris=["https://rp.test/bye"])
    browser = Browser(agents.instance)
    given = tokens(document.client, agents.create_user(), browser)
    page = browser.get(
        f"{agents.endpoint('end_session')}?id_token_hint={given['id_token']}"
        f"&client_id={document.url}&post_logout_redirect_uri=https://rp.test/bye")
    assert page.location == "https://rp.test/bye"

