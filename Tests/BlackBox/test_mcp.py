"""An MCP client at a tenant with the preset `mcp`: from the address of a server to a token that is
for this server and for nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from browser import Browser
from conftest import KINDS
from documents import Document
from elsewhere import Elsewhere
from harness import Instance, Tenant, User
from mcp import McpClient, McpServer, Refused
from metadata_uses import USES
from protocol import claims, sign_in, tokens

CALLBACK = "http://127.0.0.1:9876/callback"


@pytest.fixture(scope="module", params=KINDS)
def mcp_instance(request: pytest.FixtureRequest, elsewhere: Elsewhere) -> Iterator[Instance]:
    with Instance(request.param, elsewhere.flags) as instance:
        yield instance


@pytest.fixture
def mcp_tenant(mcp_instance: Instance) -> Iterator[Tenant]:
    tenant = mcp_instance.create_tenant()
    tenant.cli("registration", "update", "--preset", "mcp")
    yield tenant
    mcp_instance.check()


@pytest.fixture
def server(mcp_tenant: Tenant) -> Iterator[McpServer]:
    http = mcp_tenant.instance.http
    with McpServer(
        mcp_tenant.issuer, lambda: http.get(mcp_tenant.endpoint("jwks_uri")).json()
    ) as server:
        mcp_tenant.cli(
            "resource", "create", "--name", "Files", "--identifier", server.resource,
            "--scope", "files:read=Read your files", "--scope", "files:write=Write your files")
        yield server


def person(tenant: Tenant, user: User) -> Callable[[str], str]:
    """Somebody in front of a browser."""
    browser = Browser(tenant.instance)

    def browse(address: str) -> str:
        page = sign_in(browser, browser.get(address, site="cross-site"), user)
        assert page.location, page.words
        return page.location

    return browse


def test_a_client_with_a_document(
    mcp_tenant: Tenant, server: McpServer, elsewhere: Elsewhere
) -> None:
    user = mcp_tenant.create_user()
    document = Document.new(elsewhere, mcp_tenant, redirect_uris=[CALLBACK])
    client = McpClient(server.url, CALLBACK, person(mcp_tenant, user), document.url)
    assert client.call("read") == {"result": user.id, "client": document.url}
    assert claims(client.token or "")["scope"] == "files:read"
    # More is asked for when more is needed, and nothing that was allowed is lost by it.
    assert client.call("write")["result"] == user.id
    assert set(claims(client.token or "")["scope"].split()) == {"files:read", "files:write"}
    assert claims(client.token or "")["aud"] == server.resource
    origin = mcp_tenant.instance.url
    assert client.seen[0] == (
        f"{origin}/.well-known/oauth-authorization-server/t/{mcp_tenant.slug}")
    mcp_tenant.instance.keep_secret(client.token)


def test_a_client_without_one_registers(mcp_tenant: Tenant, server: McpServer) -> None:
    user = mcp_tenant.create_user()
    client = McpClient(server.url, CALLBACK, person(mcp_tenant, user))
    said = client.call("read")
    assert said["result"] == user.id and said["client"].startswith("client_")
    mcp_tenant.instance.keep_secret(client.token)


def test_a_token_for_another_server_opens_nothing(
    mcp_tenant: Tenant, server: McpServer
) -> None:
    user = mcp_tenant.create_user()
    other = mcp_tenant.create_client("web")
    given = tokens(other, user)
    client = McpClient(server.url, CALLBACK, person(mcp_tenant, user), token=given["access_token"])
    assert client.call("read")["result"] == user.id
    assert client.token != given["access_token"]
    mcp_tenant.instance.keep_secret(client.token)


def test_the_preset_turns_on_what_the_profile_asks_and_no_more(mcp_tenant: Tenant) -> None:
    shown = mcp_tenant.cli("registration", "show")
    assert shown["mode"] == "open" and shown["metadata_documents"] == "any"
    assert set(shown["authentications"]) == {"none", "private_key_jwt"}
    assert shown["grant_types"] == ["authorization_code", "refresh_token"]
    assert shown["scope"] == "resources"
    inserted = (f"{mcp_tenant.instance.url}/.well-known/{{}}/t/{mcp_tenant.slug}")
    appended = f"{mcp_tenant.issuer}/.well-known/{{}}"
    http = mcp_tenant.instance.http
    documents = [
        http.get(form.format(name)).json() for form in (inserted, appended)
        for name in ("oauth-authorization-server", "openid-configuration")]
    for metadata in documents:
        assert metadata == documents[0] and metadata["issuer"] == mcp_tenant.issuer
        assert metadata["code_challenge_methods_supported"] == ["S256"]
        assert metadata["client_id_metadata_document_supported"] is True
        assert metadata["registration_endpoint"].startswith(mcp_tenant.issuer)
        assert metadata["authorization_response_iss_parameter_supported"] is True
        assert "none" in metadata["token_endpoint_auth_methods_supported"]
        # What is named at every tenant is walked through there; these two are used in this file.
        assert set(metadata) - set(USES) == {
            "registration_endpoint", "client_id_metadata_document_supported"}
    # What is said besides is changed after the preset.
    changed = mcp_tenant.cli("registration", "update", "--preset", "mcp", "--mode", "off")
    assert changed["mode"] == "off" and changed["metadata_documents"] == "any"


def test_a_tenant_without_the_preset_lets_no_agent_in(
    mcp_tenant: Tenant, server: McpServer
) -> None:
    user = mcp_tenant.create_user()
    mcp_tenant.cli(
        "registration", "update", "--mode", "off", "--metadata-documents", "off")
    client = McpClient(server.url, CALLBACK, person(mcp_tenant, user), "https://a.test/c")
    with pytest.raises(Refused, match="no way"):
        client.call("read")
