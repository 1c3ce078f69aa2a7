"""The hosts that tenants have besides their path: each an issuer of its own."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace

import httpx
import pytest

from browser import Browser
from conftest import KINDS
from expect import invalid_token, j400
from harness import Client, CommandFailed, Instance, Tenant, User
from nameserver import NAME_ERROR, REFUSED, SERVER_FAILURE, NameServer, record, reply
from protocol import PKCE, authorize, claims, redeem, refresh, token, userinfo

DOMAIN = "id.test"


@pytest.fixture(scope="module")
def names() -> Iterator[NameServer]:
    with NameServer() as names:
        yield names


@pytest.fixture(scope="module", params=KINDS)
def hosts(request: pytest.FixtureRequest, names: NameServer) -> Iterator[Instance]:
    """An instance whose tenants have hosts; every host is found on the loopback interface."""
    options = [
        "--tenant-domain", DOMAIN, "--custom-domains", "on", "--dns-servers", names.address]
    with Instance(request.param, options) as instance:
        hooks = instance.http.event_hooks
        instance.http.close()
        instance.http = httpx.Client(
            transport=ToLoopback(), event_hooks=hooks, trust_env=False, timeout=60)
        yield instance


@pytest.fixture
def acme(hosts: Instance, names: NameServer) -> Iterator[Tenant]:
    names.answer = names.honest
    yield hosts.create_tenant()
    hosts.check()


class ToLoopback(httpx.HTTPTransport):
    """Finds every host on the loopback interface, as a resolver could say; `Host` stays as it is."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return super().handle_request(httpx.Request(
            request.method, request.url.copy_with(host="127.0.0.1"), headers=request.headers,
            stream=request.stream, extensions=request.extensions))


def at(tenant: Tenant, host: str) -> Tenant:
    """The tenant as it is found at a host."""
    return replace(tenant, issuer=f"http://{host}:{tenant.instance.port}")


def below(tenant: Tenant) -> Tenant:
    return at(tenant, f"{tenant.slug}.{DOMAIN}")


def new_host() -> str:
    return f"login.{secrets.token_hex(5)}.test"


def bring(tenant: Tenant, names: NameServer, host: str | None = None) -> Tenant:
    """A domain that the tenant brings and proves."""
    host = host or new_host()
    claimed = tenant.cli("domain", "add", host)
    names.texts[claimed["txt_record"]] = ["v=spf1 -all", claimed["txt_value"]]
    assert tenant.cli("domain", "verify", host)["state"] == "in_use"
    return at(tenant, host)


def browser_at(tenant: Tenant) -> Browser:
    return Browser(SimpleNamespace(url=tenant.issuer, http=tenant.instance.http))


def client_at(client: Client, tenant: Tenant) -> Client:
    return replace(client, tenant=tenant)


def get(instance: Instance, host: str | None, path: str) -> httpx.Response:
    headers = {} if host is None else {"Host": host}
    return instance.http.get(instance.url + path, headers=headers)


DISCOVERY = "/.well-known/openid-configuration"


@pytest.mark.parametrize("kind", ["below the domain", "its own"])
def test_everything_works_at_a_host(acme: Tenant, names: NameServer, kind: str) -> None:
    there = below(acme) if kind == "below the domain" else bring(acme, names)
    app, user = acme.create_client("web"), acme.create_user()
    told = there.metadata
    assert told["issuer"] == there.issuer
    for name, value in told.items():
        if name.endswith(("_endpoint", "_uri")):
            assert value.startswith(there.issuer + "/"), name
    other = there.instance.http.get(f"{there.issuer}/.well-known/oauth-authorization-server")
    assert other.json() == told
    browser, here, pkce = browser_at(there), client_at(app, there), PKCE.new()
    answer = authorize(browser, here, user, pkce, scope="openid offline_access")
    assert answer.parameters["iss"] == there.issuer
    got = redeem(here, answer.code, pkce).json()
    assert claims(got["id_token"])["iss"] == claims(got["access_token"])["iss"] == there.issuer
    assert userinfo(there, got["access_token"]).json()["sub"] == user.id
    again = refresh(here, got["refresh_token"])
    assert claims(again.json()["access_token"])["iss"] == there.issuer
    # Signed in at this host, and signed out of it.
    assert authorize(browser, here, None, PKCE.new(), prompt="none").code
    page = browser.get(
        there.endpoint("end_session") + f"?id_token_hint={got['id_token']}", site="cross-site")
    assert browser.follow(page).status == 200
    assert authorize(browser, here, None, PKCE.new(), prompt="none").error == "login_required"


def test_an_issuer_is_no_other(acme: Tenant, names: NameServer) -> None:
    app, user = acme.create_client("web"), acme.create_user()
    places = [acme, below(acme), bring(acme, names)]
    for mine in places:
        pkce = PKCE.new()
        client = client_at(app, mine)
        answer = authorize(browser_at(mine), client, user, pkce, scope="openid offline_access")
        for other in places:
            if other is not mine:
                j400(redeem(client_at(app, other), answer.code, pkce), "invalid_grant")
                break
        answer = authorize(browser_at(mine), client, user, pkce, scope="openid offline_access")
        got = redeem(client, answer.code, pkce).json()
        for other in places:
            if other is mine:
                continue
            invalid_token(userinfo(other, got["access_token"]))
            told = token(client_at(app, other), endpoint="introspection", token=got["access_token"])
            assert told.json() == {"active": False}
            j400(refresh(client_at(app, other), got["refresh_token"]), "invalid_grant")
        assert userinfo(mine, got["access_token"]).status_code == 200


def test_gh_395_hosts_that_are_nobodys(acme: Tenant, names: NameServer) -> None:
    there, other = bring(acme, names), below(acme.instance.create_tenant())
    instance, port = acme.instance, acme.instance.port
    host = there.issuer.removeprefix("http://")
    name = host.removesuffix(f":{port}")
    assert get(instance, host, DISCOVERY).status_code == 200
    assert get(instance, host.upper(), DISCOVERY).json()["issuer"] == there.issuer
    for wrong in [
        f"unknown.test:{port}", f"nobody.{DOMAIN}:{port}", f"a.b.{DOMAIN}:{port}", DOMAIN,
        f"{name}:{port + 1}", name, f"10.0.0.1:{port}", f"[fe80::1]:{port}",
        f"x{name}:{port}", f"{name}.evil.test:{port}",
    ]:
        for path in (DISCOVERY, "/oauth2/authorize", "/admin", f"/t/{acme.slug}{DISCOVERY}", "/"):
            answer = get(instance, wrong, path)
            assert answer.status_code in (404, 421), (wrong, path, answer.status_code)
            assert "set-cookie" not in answer.headers
        assert get(instance, wrong, "/livez").status_code == 200
    for malformed in (f"{name}.:{port}", f"_instance.{DOMAIN}:{port}", f"_a.{DOMAIN}:{port}/", f"{name}:x", f"{name}:{port}, b"):
        assert get(instance, malformed, DISCOVERY).status_code in (400, 404, 421), malformed
    # A host is one tenant's alone: nothing of the installation, and no other tenant by its path.
    for path in ("/admin", f"/t/{acme.slug}{DISCOVERY}", f"/t/{other.slug}{DISCOVERY}",
                 f"{DISCOVERY}/t/{acme.slug}", "/t"):
        assert get(instance, host, path).status_code == 404, path


def test_gh_395_a_session_stays_at_its_host(acme: Tenant, names: NameServer) -> None:
    umbra = acme.instance.create_tenant()
    mine, theirs = below(acme), below(umbra)
    user, app = acme.create_user(), client_at(acme.create_client("web"), mine)
    browser = browser_at(mine)
    assert authorize(browser, app, user, PKCE.new()).code
    thief = browser_at(theirs)
    thief.cookies = dict(browser.cookies)
    thief.same_site = dict(browser.same_site)
    foreign = client_at(umbra.create_client("web"), theirs)
    assert authorize(thief, foreign, None, PKCE.new(), prompt="none").error == "login_required"


def test_gh_395_a_domain_that_was_given_up(acme: Tenant, names: NameServer) -> None:
    umbra, host = acme.instance.create_tenant(), new_host()
    there = bring(acme, names, host)
    app, user, pkce = client_at(acme.create_client("web"), there), acme.create_user(), PKCE.new()
    browser = browser_at(there)
    code = authorize(browser, app, user, pkce, scope="openid offline_access").code
    got = redeem(app, code, pkce).json()
    assert acme.cli("domain", "remove", host) == {"removed": host}
    netloc = f"{host}:{acme.instance.port}"
    assert get(acme.instance, netloc, DISCOVERY).status_code == 404
    # The old record proves nothing for whoever comes next.
    umbra.cli("domain", "add", host)
    with pytest.raises(CommandFailed) as failed:
        umbra.cli("domain", "verify", host)
    assert failed.value.code == 3 and "must say" in failed.value.stderr
    bring_again = umbra.cli("domain", "list")[-1]
    names.texts[bring_again["txt_record"]] = [bring_again["txt_value"]]
    umbra.cli("domain", "verify", host)
    # The same address is another tenant's now: nothing of the first one is worth anything there.
    theirs = at(umbra, host)
    foreign = client_at(umbra.create_client("web"), theirs)
    assert authorize(browser, foreign, None, PKCE.new(), prompt="none").error == "login_required"
    invalid_token(userinfo(theirs, got["access_token"]))
    acme.cli("domain", "add", host)
    with pytest.raises(CommandFailed) as failed:
        acme.cli("domain", "verify", host)
    assert failed.value.code == 3


def test_a_domain_is_one_tenants(acme: Tenant, names: NameServer) -> None:
    umbra, host = acme.instance.create_tenant(), new_host()
    bring(acme, names, host)
    claimed = umbra.cli("domain", "add", host)
    names.texts[claimed["txt_record"]].append(claimed["txt_value"])
    with pytest.raises(CommandFailed) as failed:
        umbra.cli("domain", "verify", host)
    assert failed.value.code == 4 and "Another tenant" in failed.value.stderr


@pytest.mark.parametrize("host", [
    "127.0.0.1", DOMAIN, f"acme.{DOMAIN}", "localhost", "Login.acme.test", "login.acme.test.",
    "https://login.acme.test", "login acme.test", "lögin.acme.test", "10.0.0.1", "*.acme.test",
    "login.acme.test:8080", "",
])
def test_what_cannot_be_a_domain(acme: Tenant, host: str) -> None:
    with pytest.raises(CommandFailed) as failed:
        acme.cli("domain", "add", "--", host)
    assert failed.value.code in (2, 4), failed.value.stderr


def test_domains_are_told_and_one_address_is_the_first(acme: Tenant, names: NameServer) -> None:
    own = bring(acme, names)
    host = own.issuer.split("/")[2].rpartition(":")[0]
    listed = acme.cli("domain", "list")
    assert [(a["issuer"], a["state"], a["primary"]) for a in listed] == [
        (acme.issuer, "in_use", True), (below(acme).issuer, "in_use", False),
        (own.issuer, "in_use", False)]
    for address, issuer in [
            (host, own.issuer), (f"{acme.slug}.{DOMAIN}", below(acme).issuer),
            ("path", acme.issuer), (host, own.issuer)]:
        shown = acme.instance.cli(
            "tenant", "update", acme.slug, "--primary-address", address)
        assert shown["issuer"] == issuer
        assert shown["discovery"] == issuer + DISCOVERY
    with pytest.raises(CommandFailed) as failed:
        acme.instance.cli("tenant", "update", acme.slug, "--primary-address", "other.test")
    assert failed.value.code == 3
    acme.cli("domain", "remove", host)
    assert acme.instance.cli("tenant", "show", acme.slug)["issuer"] == acme.issuer
    kinds = [e["kind"] for e in acme.instance.events(acme) if "domain" in e["kind"]]
    assert kinds == ["tenant.domain_added", "tenant.domain_verified", "tenant.domain_removed"]


# What name servers may answer. True where it proves the domain.
ANSWERS = {
    "in pieces": (lambda q, proof: reply(q, [record(proof, piece=7)]), True),
    "among others": (
        lambda q, proof: reply(q, [record("x" * 250), record(proof), record("")]), True),
    "two that make one": (
        lambda q, proof: reply(q, [record(proof[:20]), record(proof[20:])]), False),
    "longer": (lambda q, proof: reply(q, [record(proof + " ")]), False),
    "in capitals": (lambda q, proof: reply(q, [record(proof.upper())]), False),
    "not UTF-8": (lambda q, proof: reply(q, [record(proof).replace(b"g", b"\xff", 1)]), False),
    "no such name": (lambda q, proof: reply(q, [], NAME_ERROR), False),
    "no record": (lambda q, proof: reply(q, []), False),
}
UNUSABLE = {
    "refused": lambda q, proof: reply(q, [], REFUSED),
    "failed": lambda q, proof: reply(q, [], SERVER_FAILURE),
    "another id": lambda q, proof: bytes(b ^ 255 for b in q[:2]) + reply(q, [record(proof)])[2:],
    "noise": lambda q, proof: q[:2] + b"\x81\x80" + b"\xff" * 40,
    "cut off": lambda q, proof: reply(q, [record(proof)])[:-9],
    "a record that ends too late": lambda q, proof: reply(
        q, [record(proof)[:-len(proof) - 1] + b"\xff" + proof.encode()]),
    "a name that leads to itself": lambda q, proof: q[:2] + b"\x81\x80\0\1\0\1\0\0\0\0\xc0\x0c"
        + b"\0\x10\0\1" + b"\xc0\x0c" + record(proof)[2:],
}


@pytest.mark.parametrize("case", ANSWERS)
def test_what_name_servers_say_is_read_exactly(
    acme: Tenant, names: NameServer, case: str
) -> None:
    answer, proves = ANSWERS[case]
    host = new_host()
    proof = acme.cli("domain", "add", host)["txt_value"]
    names.answer = lambda question, name: answer(question, proof)
    if proves:
        assert acme.cli("domain", "verify", host)["state"] == "in_use"
        return
    with pytest.raises(CommandFailed) as failed:
        acme.cli("domain", "verify", host)
    assert failed.value.code == 3, failed.value.stderr
    assert acme.cli("domain", "list")[-1]["state"] == "unverified"


@pytest.mark.parametrize("case", UNUSABLE)
def test_what_cannot_be_believed_changes_nothing(
    acme: Tenant, names: NameServer, case: str
) -> None:
    host = new_host()
    proof = acme.cli("domain", "add", host)["txt_value"]
    names.answer = lambda question, name: UNUSABLE[case](question, proof)
    with pytest.raises(CommandFailed) as failed:
        acme.cli("domain", "verify", host)
    assert failed.value.code == 6, failed.value.stderr
    assert acme.cli("domain", "list")[-1]["state"] == "unverified"


def test_pages_of_allowed_origins_may_call(acme: Tenant) -> None:
    app = "https://console.example.com"

    def allowed(origin: str) -> str | None:
        answer = acme.instance.http.post(
            acme.endpoint("token"), data={"grant_type": "x"}, headers={"Origin": origin})
        return answer.headers.get("access-control-allow-origin")

    def update(*origins: str) -> dict[str, object]:
        options = [part for origin in origins for part in ("--allowed-origin", origin)]
        return acme.instance.cli("tenant", "update", acme.slug, *options)

    assert allowed(app) is None
    assert update(app, "http://localhost:3000")["allowed_origins"] == [
        app, "http://localhost:3000"]
    assert allowed(app) == app
    for other in ["https://console.example.com.evil.test", "null", app + "/", app.upper()]:
        assert allowed(other) is None, other
    for wrong in ["*", "https://*.example.com", app + "/", "http://app.test", "null"]:
        with pytest.raises(CommandFailed) as failed:
            update(wrong)
        assert failed.value.code == 2
    assert update("")["allowed_origins"] == []
    assert allowed(app) is None


def test_events_tell_of_domains_without_their_proof(acme: Tenant, names: NameServer) -> None:
    host = bring(acme, names).issuer.split("/")[2].rpartition(":")[0]
    told = [e for e in acme.instance.events(acme) if e["kind"].startswith("tenant.domain")]
    assert [json.loads(e["detail"]) for e in told] == [{"host": host}] * 2
    assert {e["subject"] for e in told} == {acme.id}
