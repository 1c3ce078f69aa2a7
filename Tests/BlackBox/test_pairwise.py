"""Names by which only one sector knows a person (OpenID Connect Core §8.1): attack case GH-341."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

import pytest

from browser import Browser
from elsewhere import Elsewhere, answer
from expect import redirected
from harness import Client, CommandFailed, Instance, Tenant, User
from protocol import (
    PKCE, Redirect, authorization_url, authorize, claims, redeem, refresh, sign_in, token, tokens,
    userinfo)

HOME = "https://rp.test/home"
OFFLINE = "openid offline_access"

attack = pytest.mark.attack
conformance = pytest.mark.conformance


def pairwise(tenant: Tenant, host: str = "rp.test", *arguments: str) -> Client:
    return tenant.create_client(
        "web", "--subject-type", "pairwise", *arguments, redirect_uris=[f"https://{host}/cb"])


def subject(client: Client, user: User, browser: Browser | None = None) -> str:
    return claims(tokens(client, user, browser)["id_token"])["sub"]


# The name


@pytest.mark.parametrize("form", ["jwt", "opaque"])
def test_the_name_is_the_same_wherever_it_is_told(
    tenant: Tenant, user: User, form: str
) -> None:
    assert set(tenant.metadata["subject_types_supported"]) == {"public", "pairwise"}
    api = "https://orders.test"
    tenant.cli("resource", "create", "--identifier", api, "--name", "Orders",
               "--token-format", form)
    client = pairwise(tenant)
    given = tokens(client, user, scope=OFFLINE, resource=api)
    name = claims(given["id_token"])["sub"]
    assert re.fullmatch(r"[A-Za-z0-9_-]{40,255}", name) and user.id not in name
    assert user.id[4:] not in name
    assert userinfo(tenant, given["access_token"]).json()["sub"] == name
    for value in (given["access_token"], given["refresh_token"]):
        told = token(client, endpoint="introspection", token=value).json()
        assert told["active"] is True and told["sub"] == name
    if form == "jwt":
        assert claims(given["access_token"])["sub"] == name
    again = refresh(client, given["refresh_token"]).json()
    assert claims(again["id_token"])["sub"] == name
    assert subject(client, user) == name
    # The person's identifier is nowhere in what the client gets.
    for text in (given["id_token"], again["id_token"]):
        assert user.id not in json.dumps(claims(text))


def test_the_name_differs_from_sector_to_sector_and_stays(
    own_instance: Instance
) -> None:
    tenant = own_instance.create_tenant()
    user, somebody = tenant.create_user(), tenant.create_user()
    one, sibling, other = pairwise(tenant), pairwise(tenant), pairwise(tenant, "other.test")
    plain = tenant.create_client("web")
    names = [subject(client, user) for client in (one, sibling, other, plain)]
    assert names[0] == names[1] and len(set(names)) == 3 and names[3] == user.id
    assert subject(one, somebody) != names[0]
    # Another tenant calls its people by other names, and a restart changes none.
    own_instance.restart()
    assert [subject(client, user) for client in (one, sibling, other, plain)] == names
    rows = own_instance.database.rows(
        f"SELECT sealed_secret FROM tenant_secret WHERE tenant_id = '{tenant.id}'")
    assert len(rows) == 1
    one.update("--name", "Other", "--userinfo-algorithm", "ES256", "--scope", "openid")
    assert subject(one, user) == names[0]


@attack("GH-341")
def test_gh_341_the_name_is_understood_when_it_comes_back(
    tenant: Tenant, user: User, browser: Browser
) -> None:
    one = pairwise(tenant, "rp.test", "--post-logout-redirect-uri", HOME)
    other, plain = pairwise(tenant, "other.test"), tenant.create_client("web")
    given = tokens(one, user, browser)
    name = claims(given["id_token"])["sub"]
    others_name = subject(other, user, browser)
    def ask(client: Client, **changes: str) -> Redirect:
        return Redirect.read(browser.get(
            authorization_url(client, PKCE.new(), prompt="none", **changes)))

    def wish(value: str) -> str:
        return json.dumps({"id_token": {"sub": {"value": value}}})

    assert ask(one, id_token_hint=given["id_token"]).code
    assert ask(one, claims=wish(name)).code
    assert ask(one, claims=wish(name), id_token_hint=given["id_token"]).code
    assert ask(plain, claims=wish(user.id)).code
    # A hint says who is meant, whoever got it.
    assert ask(other, id_token_hint=given["id_token"]).code
    # What a sector does not know means nobody there, the identifier behind it above all.
    for value in (user.id, others_name, name[:-2] + "AA", "", "x", "é", name + "AA"):
        if value != name:
            assert ask(one, claims=wish(value)).error in ("invalid_request", "login_required")
    for client, value in ((plain, name), (other, name)):
        assert ask(client, claims=wish(value)).error == "invalid_request"
    somebody = tenant.create_user()
    theirs = subject(one, somebody, Browser(tenant.instance))
    assert ask(one, claims=wish(theirs)).error == "login_required"
    assert ask(one, claims=wish(theirs), id_token_hint=given["id_token"]).error \
        == "invalid_request"
    # Signing out by the hint.
    query = urlencode({"id_token_hint": given["id_token"], "post_logout_redirect_uri": HOME})
    left = browser.get(f"{tenant.endpoint('end_session')}?{query}", site="cross-site")
    assert left.status == 303 and left.location == HOME
    assert ask(one).error == "login_required"


def test_a_wish_inside_a_page_is_for_the_right_person(
    tenant: Tenant, user: User, browser: Browser
) -> None:
    client = pairwise(tenant)
    name = subject(client, user, Browser(tenant.instance))
    somebody, pkce = tenant.create_user(), PKCE.new()
    wish = json.dumps({"userinfo": {"sub": {"value": name}}})
    page = browser.get(authorization_url(client, pkce, claims=wish))
    redirected(sign_in(browser, page, somebody), client, "login_required")
    page = browser.get(authorization_url(client, pkce, claims=wish))
    given = Redirect.read(sign_in(browser, page, user))
    told = redeem(client, given.code, pkce).json()
    assert userinfo(tenant, told["access_token"]).json()["sub"] == name


# The sector


@conformance("oidcc-registration-sector-bad", "refused")
@attack("GH-341")
def test_gh_341_the_sector_of_a_client_is_one_host(tenant: Tenant) -> None:
    def refusal(*arguments: str, **options: Any) -> str:
        with pytest.raises(CommandFailed) as failed:
            tenant.create_client("web", "--subject-type", "pairwise", *arguments, **options)
        assert failed.value.code == 2
        return failed.value.stderr

    two = ["https://rp.test/cb", "https://other.test/cb"]
    assert "one host" in refusal(redirect_uris=two)
    assert "one host" in refusal(redirect_uris=["com.example.app:/cb"])
    assert "one host" in refusal("--device-authorization", redirect_uris=[])
    for address in ("http://rp.test/list", "https://rp.test/list#x", "file:///etc/passwd",
                    "https://u:p@rp.test/", "https://127.1/list", ""):
        assert "sector" in refusal("--sector-identifier-uri", address)
    # Nothing that is not public is asked.
    for address in ("https://127.0.0.1/list", "https://169.254.169.254/", "https://10.0.0.1/",
                    "https://localhost/"):
        assert "forbidden_address" in refusal("--sector-identifier-uri", address)
    with pytest.raises(CommandFailed):
        tenant.create_client("web", "--sector-identifier-uri", "https://rp.test/list")
    with pytest.raises(CommandFailed):
        tenant.create_client("web", "--subject-type", "ephemeral")
    client = pairwise(tenant)
    for flags in (
        ["--redirect-uri", two[1]], ["--redirect-uri", two[0], "--redirect-uri", two[1]],
        ["--subject-type", "public"],
        ["--sector-identifier-uri", "https://other.test/list"],
    ):
        with pytest.raises(CommandFailed):
            client.update(*flags)
    assert client.update("--redirect-uri", two[0] + "/x")["sector"] == "rp.test"
    with pytest.raises(CommandFailed):
        tenant.create_client("web").update("--subject-type", "pairwise")


@conformance("oidcc-registration-sector-uri", "succeeds")
@conformance("oidcc-registration-sector-bad", "refused")
@attack("GH-341")
def test_gh_341_the_list_of_a_sector(asking: Tenant, elsewhere: Elsewhere) -> None:
    two = ["https://rp.test/cb", "https://other.test/cb"]

    def create(url: str, uris: list[str]) -> Client:
        return asking.create_client(
            "web", "--subject-type", "pairwise", "--sector-identifier-uri", url,
            redirect_uris=uris)

    good = json.dumps(two).encode()
    for number, (behaviour, reason) in enumerate((
        (answer(b'["https://rp.test/cb"]'), "lacks"), (answer(b"[]"), "lacks"),
        (answer(json.dumps([uri + "/" for uri in two]).encode()), "lacks"),
        (answer(json.dumps([uri.upper() for uri in two]).encode()), "lacks"),
        (answer(b"{}"), "content"), (answer(b"<html></html>"), "content"),
        (answer(b'["https://rp.test/cb", 1]'), "content"), (answer(b"[" * 5_000), "content"),
        (answer(good + b"x"), "content"), (answer(good[:-1]), "content"),
        (answer(good, media_type="text/html"), "media_type"),
        (answer(good, status="404 Not Found"), "status"),
        (answer(good, status="302 Found", headers="Location: /good\r\n"), "redirected"),
        (answer(b'["' + b"a" * 10_000_000 + b'"]'), "too_large"),
        (lambda: [b"nonsense\r\n\r\n"], "malformed"),
    )):
        url = elsewhere.answer(f"/sector-{number}", behaviour)
        with pytest.raises(CommandFailed) as failed:
            create(url, two)
        assert failed.value.code == 2 and reason in failed.value.stderr, number
    assert not [client for client in asking.cli("client", "list")]
    url = elsewhere.answer("/sector", answer(good))
    client = create(url, two)
    assert client.tenant.cli("client", "show", client.id)["sector_identifier_uri"] == url
    user = asking.create_user()
    name = subject(client, user)
    # Whatever else is changed, the list is asked again when the addresses change.
    seen = elsewhere.paths.count("/sector")
    client.update("--name", "Other")
    assert elsewhere.paths.count("/sector") == seen
    with pytest.raises(CommandFailed):
        client.update("--redirect-uri", two[0], "--redirect-uri", "https://evil.test/cb")
    assert elsewhere.paths.count("/sector") == seen + 1
    client.update("--redirect-uri", two[1], "--redirect-uri", two[0])
    assert elsewhere.paths.count("/sector") == seen + 2
    assert subject(Client(asking, client.id, client.secret, "web", two[1], client.method),
                   user) == name
