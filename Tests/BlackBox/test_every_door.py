"""Whatever is taken away or switched off, at every door and at every node: refused a second later, and
everything else goes on. Attack case GH-509."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from another_node import another
from browser import Browser
from ciba import Asked
from conftest import KINDS
from consent import consents
from device import Device, decide
from harness import TLS, Instance
from introspection import introspect
from organizations import join, member, organization
from protocol import (
    PKCE, authorization_url, authorize, end, header, redeem, refresh, token, tokens,
    userinfo)
from protocol import push as pushed
from registration import Registered, let_register
from token_exchange import exchange
from trial import eventually
from visitor import set_limit

SCOPES = ("openid", "email", "offline_access", "stock:read")
ONLINE = "openid email stock:read"
STOCK = "https://stock.test"


class Toward(httpx.BaseTransport):
    """Sends each request to the node of this moment."""

    def __init__(self, node: Instance) -> None:
        self.node, self.inner = node, httpx.HTTPTransport(verify=TLS)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        # The Host stays what the client believes that it talks to.
        return self.inner.handle_request(httpx.Request(
            request.method, request.url.copy_with(port=self.node.port), headers=request.headers,
            stream=request.stream, extensions=request.extensions))

    def close(self) -> None:
        self.inner.close()


class Nodes:
    """One node on SQLite, or two on PostgreSQL; requests go to one of them."""

    def __init__(self, nodes: list[Instance]) -> None:
        self.nodes, self.first = nodes, nodes[0]
        self.toward, direct = Toward(self.first), self.first.http
        self.first.http = httpx.Client(
            transport=self.toward, timeout=60, event_hooks=direct.event_hooks)
        direct.close()

    def each(self) -> Iterator[int]:
        """Turns to one node after another."""
        for number, node in enumerate(self.nodes):
            self.toward.node = node
            yield number
        self.toward.node = self.first


@pytest.fixture(scope="module", params=KINDS)
def nodes(request: pytest.FixtureRequest) -> Iterator[Nodes]:
    with ExitStack() as stack:
        first = stack.enter_context(Instance(request.param))
        others = [stack.enter_context(another(first))] if request.param == "postgres" else []
        yield Nodes([first, *others])


class Held:
    """Everything that lets somebody in or goes on for them, of each node one where it works once."""

    def __init__(
        self, nodes: Nodes, party: str = "first", selects: bool = False, owned: bool = False,
    ) -> None:
        self.nodes, tenant = nodes, nodes.first.create_tenant()
        tenant.metadata  # Discovery ends with the tenant.
        self.tenant, self.user = tenant, tenant.create_user()
        set_limit(tenant, "grant-client", 100_000)
        let_register(tenant)
        self.organization = organization(tenant, "acme")
        join(tenant, self.organization, self.user, "a:b")
        publisher = organization(tenant, "publisher")
        self.machine = tenant.create_client(
            "machine", "--scope", "stock:read",
            "--organization", publisher if owned else self.organization)
        self.client = tenant.create_client(
            "web", "--device-authorization", "--backchannel-authentication", "--party", party,
            "--refresh-tokens", "always", "--organizations", "all",
            *(["--organization", publisher] if owned else []),
            *(part for scope in SCOPES for part in ("--scope", scope)))
        tenant.cli("resource", "create", "--identifier", STOCK, "--name", "Stock",
                   "--server", self.machine.id)
        tenant.cli("client", "exchange", "allow", self.client.id, "--resource", STOCK)
        self.registered = Registered.new(tenant)
        # The session, and what stands on it.
        self.browser = Browser(nodes.first)
        self.more = {"organization": "acme"} if selects else {}
        self.given = tokens(self.client, self.user, self.browser, scope=ONLINE, **self.more)
        self.pkces = [PKCE.new() for _ in nodes.nodes]
        self.codes = [
            authorize(self.browser, self.client, None, pkce, scope=ONLINE, **self.more).code
            for pkce in self.pkces]
        # What stands by itself.
        self.devices = [Device.begin(self.client) for _ in nodes.nodes]
        self.asked = [Asked.of(self.client, self.user) for _ in nodes.nodes]
        for one in self.devices:
            decide(one, self.user)
        for request in tenant.cli("backchannel", "list", self.user.id):
            tenant.cli("backchannel", "allow", request["id"])

    def open(self, door: str, number: int) -> bool:
        return DOORS[door](self, number)


def is_given(answer: httpx.Response) -> bool:
    """Whether a token came of it."""
    assert answer.status_code < 500, answer.text
    return answer.status_code == 200 and "access_token" in answer.json()


def is_active(answer: httpx.Response) -> bool:
    return answer.status_code == 200 and answer.json()["active"] is True


def opens_session(held: Held, number: int) -> bool:
    page = held.browser.clone().get(authorization_url(
        held.client, PKCE.new(), scope=ONLINE, prompt="none", **held.more))
    assert page.status < 500
    return "code=" in (page.location or "")


# What may be tried again and again.
LASTING: dict[str, Callable[[Held, int], bool]] = {
    "authorize with the session": opens_session,
    "refresh": lambda held, _: is_given(refresh(held.client, held.given["refresh_token"])),
    "introspection": lambda held, _: is_active(introspect(
        held.client, held.given["access_token"])),
    "userinfo": lambda held, _: userinfo(
        held.tenant, held.given["access_token"]).status_code == 200,
    "exchange": lambda held, _: is_given(exchange(
        held.client, held.given["access_token"], resource=STOCK)),
    "client credentials": lambda held, _: is_given(token(
        held.machine, grant_type="client_credentials")),
    "PAR": lambda held, _: pushed(held.client).status_code == 201,
    "registration management": lambda held, _: held.registered.read().status_code == 200,
}
ONCE: dict[str, Callable[[Held, int], bool]] = {
    "code": lambda held, number: is_given(redeem(
        held.client, held.codes[number], held.pkces[number])),
    "device": lambda held, number: is_given(held.devices[number].poll()),
    "CIBA": lambda held, number: is_given(held.asked[number].poll()),
}
DOORS = LASTING | ONCE

# What a person, the session and a client go through.
OF_SESSION = {
    "authorize with the session", "refresh", "introspection", "userinfo", "exchange", "code"}
OF_PERSON = OF_SESSION | {"device", "CIBA"}
EVERYTHING = set(DOORS)
# What the clients of an organization go through; the one that registered itself is nobody's.
OF_CLIENTS = EVERYTHING - {"registration management"}


def of_clients(verb: str) -> Callable[[Held], None]:
    def take(held: Held) -> None:
        for client in (held.client.id, held.machine.id, held.registered.client.id):
            held.tenant.cli("client", *verb.split()[:1], client, *verb.split()[1:])
    return take


def remove_secrets(held: Held) -> None:
    for client in (held.client, held.machine):
        (secret,) = held.tenant.cli("client", "show", client.id)["secrets"]
        held.tenant.cli("client", "secret", "remove", client.id, secret["id"])


def delete_key(held: Held) -> None:
    kid = header(held.given["access_token"])["kid"]
    held.tenant.cli("key", "rotate", "--algorithm", "ES256", "--now")
    held.tenant.cli("key", "delete", "--", kid)


def sign_out(held: Held) -> None:
    page = held.browser.clone().get(
        f"{held.tenant.endpoint('end_session')}?id_token_hint={held.given['id_token']}")
    assert page.status == 303, page.words


def revoke_consents(held: Held) -> None:
    for row in consents(held.tenant):
        held.tenant.cli("consent", "revoke", row["id"])


def of(what: str) -> Callable[[Held], None]:
    return lambda held: end(held.client, held.user, what)


# What ends, how, and which doors are closed then; the others stay open.
ENDS: dict[str, tuple[Callable[[Held], Any], set[str]]] = {
    "user disabled": (of("user disabled"), OF_PERSON),
    "user deleted": (of("user deleted"), OF_PERSON),
    "password changed": (of("password"), OF_PERSON),
    "membership suspended": (
        lambda held: member(held.tenant, "suspend", "acme", held.user), OF_SESSION),
    "membership removed": (
        lambda held: member(held.tenant, "remove", "acme", held.user), OF_SESSION),
    "organization suspended": (
        lambda held: held.tenant.cli("organization", "suspend", "acme"),
        OF_SESSION | {"client credentials"}),
    "organization deleted": (
        lambda held: held.tenant.cli("organization", "delete", "acme"),
        OF_SESSION | {"client credentials"}),
    "owner suspended": (
        lambda held: held.tenant.cli("organization", "suspend", "publisher"), OF_CLIENTS),
    "owner deleted": (
        lambda held: held.tenant.cli("organization", "delete", "publisher"), OF_CLIENTS),
    "client disabled": (of_clients("update --disable"), EVERYTHING),
    "client deleted": (of_clients("delete"), EVERYTHING),
    "secret removed": (
        remove_secrets, EVERYTHING - {
            "authorize with the session", "userinfo", "registration management"}),
    "tenant disabled": (of("tenant disabled"), EVERYTHING),
    "tenant deleted": (
        lambda held: held.tenant.instance.cli("tenant", "delete", held.tenant.slug), EVERYTHING),
    "key deleted": (delete_key, {"introspection", "userinfo", "exchange"}),
    "session ended": (sign_out, OF_SESSION),
    "consent revoked": (revoke_consents, OF_PERSON),
}
SELECTS = {name for name in ENDS if name.startswith(("membership", "organization"))}


def held_for(nodes: Nodes, what: str) -> Held:
    """Everything that something is to end for."""
    is_owned = what.startswith("owner")
    party = "third" if is_owned or "consent" in what else "first"
    return Held(nodes, party, what in SELECTS, is_owned)


@pytest.mark.parametrize("what", ENDS)
def test_gh_509_whatever_ends_is_refused_at_every_door_of_every_node(
    nodes: Nodes, what: str
) -> None:
    take, closed = ENDS[what]
    held = held_for(nodes, what)
    for number in nodes.each():
        # Every node has seen all of it, and may remember.
        shut = [door for door in LASTING if not held.open(door, number)]
        assert not shut, f"Before anything ended: {shut}"

    take(held)
    ended = latest = time.monotonic()
    waiting = {(door, n) for door in closed & set(LASTING) for n in range(len(nodes.nodes))}
    while waiting and latest - ended <= 1:
        for number in nodes.each():
            for door in [door for door, n in waiting if n == number]:
                asked = time.monotonic()
                if held.open(door, number):
                    latest = asked
                else:
                    waiting.remove((door, number))
    assert not waiting, f"{what}: still open after a second: {sorted(waiting)}"

    for number in nodes.each():
        found = {door for door in DOORS if held.open(door, number)}
        assert found & closed == set(), f"{what}: {found & closed} at node {number}"
        assert found == EVERYTHING - closed, f"{what}: {EVERYTHING - closed - found} is closed, too"


@pytest.mark.parametrize("what", ["user disabled", "membership suspended", "session ended",
                                  "consent revoked"])
def test_gh_509_it_ends_for_one_person_only(nodes: Nodes, what: str) -> None:
    take, _ = ENDS[what]
    held = Held(nodes, "third" if "consent" in what else "first", what in SELECTS)
    other = held.tenant.create_user()
    join(held.tenant, held.organization, other, "a:b")
    browser = Browser(nodes.first)
    theirs = tokens(held.client, other, browser, scope=ONLINE, **held.more)
    if "consent" in what:
        for mine in consents(held.tenant, user=held.user.id):
            held.tenant.cli("consent", "revoke", mine["id"])
    else:
        take(held)
    for _ in nodes.each():
        assert userinfo(held.tenant, theirs["access_token"]).json()["sub"] == other.id
        assert is_given(refresh(held.client, theirs["refresh_token"]))
        assert introspect(held.client, theirs["access_token"]).json()["active"] is True


@pytest.mark.parametrize("end, again", [("suspend", "activate"), ("delete", "restore")])
def test_gh_509_clients_act_again_once_their_organization_is_back(
    nodes: Nodes, end: str, again: str
) -> None:
    """What was refused meanwhile was not used up."""
    held = held_for(nodes, "owner")
    held.tenant.cli("organization", end, "publisher")
    for number in nodes.each():
        eventually(
            lambda: not any(held.open(door, number) for door in OF_CLIENTS), "all is closed", 2)
    held.tenant.cli("organization", again, "publisher")
    for number in nodes.each():
        eventually(
            lambda: all(held.open(door, number) for door in LASTING), "what lasts is open", 2)
        assert {door for door in ONCE if held.open(door, number)} == set(ONCE)
