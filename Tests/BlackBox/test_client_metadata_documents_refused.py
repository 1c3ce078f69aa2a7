"""Documents that name no client, and what the servers that hold them may do: attack cases 3.T
and 3.U."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from browser import Browser
from documents import CALLBACK, Document, agents  # noqa: F401 - fixtures
from elsewhere import Elsewhere, answer
from expect import j401, page400
from harness import Client, Instance, Tenant
from hostile import HOSTILE
from protocol import PKCE, Redirect, authorization_url, push, refresh, token, tokens, userinfo
from watch import unchanged


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
