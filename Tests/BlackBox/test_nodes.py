"""Three nodes on one PostgreSQL: whatever begins at one goes on at another, happens once among them
all, and ends at all of them. Attack cases GH-514, GH-070 and GH-103."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

import dpop
from another_node import another
from browser import Browser
from expect import invalid_token, j400, j401
from harness import TLS, Instance
from protocol import (
    PKCE, authorization_url, authorize, claims, end, header, refresh, revoke, tokens, userinfo)
from races import WIDTH, at_once, live_heads
from trial import eventually

OFFLINE = "openid offline_access"


class Spread(httpx.BaseTransport):
    """Sends each request to the next node, as a load balancer without affinity does."""

    def __init__(self, ports: list[int]) -> None:
        self.next = itertools.cycle(ports)
        self.inner = httpx.HTTPTransport(verify=TLS)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        # The Host stays what the client believes that it talks to.
        return self.inner.handle_request(httpx.Request(
            request.method, request.url.copy_with(port=next(self.next)), headers=request.headers,
            stream=request.stream, extensions=request.extensions))

    def close(self) -> None:
        self.inner.close()


@pytest.fixture(params=["postgres"])
def nodes() -> Iterator[list[Instance]]:
    """Three nodes. Requests through the first one's client go to all of them in turn."""
    with Instance("postgres") as first, another(first) as second, another(first) as third:
        direct = first.http
        hooks = direct.event_hooks
        first.http = httpx.Client(
            transport=Spread([node.port for node in (first, second, third)]), timeout=60,
            event_hooks=hooks)
        direct.close()
        yield [first, second, third]


def test_gh_514_a_flow_goes_on_at_whatever_node_is_next(nodes: list[Instance]) -> None:
    tenant = nodes[0].create_tenant()
    client, user = tenant.create_client("native"), tenant.create_user()
    for _ in range(4):
        # Four steps and three nodes: each step meets each node.
        browser = Browser(nodes[0])
        given = tokens(client, user, browser, scope=OFFLINE)
        again = authorize(browser, client, None, PKCE.new(), prompt="none")
        assert again.code and again.parameters["iss"] == tenant.issuer
        renewed = refresh(client, given["refresh_token"]).json()
        assert userinfo(tenant, renewed["access_token"]).json()["sub"] == user.id
        asked = browser.get(f"{tenant.endpoint('end_session')}?id_token_hint={given['id_token']}")
        assert asked.status == 303
        for _ in range(3):
            silent = authorize(browser, client, None, PKCE.new(), prompt="none")
            assert silent.error == "login_required"


def test_gh_070_and_514_one_code_at_three_nodes_is_redeemed_once(nodes: list[Instance]) -> None:
    tenant = nodes[0].create_tenant()
    client, user, browser = tenant.create_client("native"), tenant.create_user(), Browser(nodes[0])
    path = tenant.endpoint("token").removeprefix(nodes[0].url)
    for _ in range(3):
        pkce = PKCE.new()
        code = authorize(browser, client, user, pkce, scope=OFFLINE).code
        body = urlencode({
            "grant_type": "authorization_code", "code": code, "client_id": client.id,
            "code_verifier": pkce.verifier, "redirect_uri": client.redirect_uri})
        turn = itertools.cycle(nodes)

        def send(session: httpx.Client) -> httpx.Response:
            return session.post(next(turn).url + path, content=body, headers={
                "Content-Type": "application/x-www-form-urlencoded"})

        answers: list[Any] = at_once(WIDTH, send)
        for answer in answers:
            nodes[0]._see_json(answer.json())
        won = [answer for answer in answers if answer.status_code == 200]
        assert len(won) == 1
        for answer in answers:
            if answer not in won:
                j400(answer, "invalid_grant")
    # What came again took along what the first one got.
    assert live_heads(client) == 0


@pytest.mark.parametrize("what", [
    "password", "user disabled", "user deleted", "client disabled", "client deleted",
    "tenant disabled"])
def test_gh_103_and_514_what_ends_at_one_node_ends_at_all(
    nodes: list[Instance], what: str
) -> None:
    tenant = nodes[0].create_tenant()
    client, user, browser = tenant.create_client(), tenant.create_user(), Browser(nodes[0])
    given = tokens(client, user, browser, scope=OFFLINE)
    for _ in nodes:
        # Every node has seen all of it, and may remember.
        assert userinfo(tenant, given["access_token"]).status_code == 200
        assert refresh(client, given["refresh_token"]).status_code == 200
        assert authorize(browser, client, None, PKCE.new(), prompt="none").code
    end(client, user, what)

    def is_over() -> bool:
        answers = [userinfo(tenant, given["access_token"]) for _ in nodes]
        answers += [refresh(client, given["refresh_token"]) for _ in nodes]
        pages = [browser.get(authorization_url(client, PKCE.new(), prompt="none")) for _ in nodes]
        return all(answer.status_code != 200 for answer in answers) and not any(
            "code=" in (page.location or "") for page in pages)

    # A node hears of it from another within a second; how fast is for a drill to judge.
    eventually(is_over, f"{what}: over at every node")
    for _ in nodes:
        assert userinfo(tenant, given["access_token"]).status_code in (401, 404)


def test_gh_107_and_514_reuse_at_another_node_is_seen(nodes: list[Instance]) -> None:
    tenant = nodes[0].create_tenant()
    client = tenant.create_client("native", "--rotation-leeway", "0")
    first = tokens(client, tenant.create_user(), scope=OFFLINE)
    second = refresh(client, first["refresh_token"]).json()
    assert claims(second["access_token"])["gid"] == claims(first["access_token"])["gid"]
    for _ in nodes:
        j400(refresh(client, first["refresh_token"]), "invalid_grant")
        j400(refresh(client, second["refresh_token"]), "invalid_grant")
        invalid_token(userinfo(tenant, second["access_token"]))


def test_gh_514_a_client_and_a_revocation_are_the_same_everywhere(nodes: list[Instance]) -> None:
    tenant = nodes[0].create_tenant()
    client, user = tenant.create_client(), tenant.create_user()
    given = tokens(client, user, scope=OFFLINE)
    assert revoke(client, given["access_token"]).status_code == 200
    eventually(
        lambda: all(userinfo(tenant, given["access_token"]).status_code == 401 for _ in nodes),
        "the access token is revoked at every node")
    (secret,) = tenant.cli("client", "show", client.id)["secrets"]
    tenant.cli("client", "secret", "remove", client.id, secret["id"])
    eventually(
        lambda: all(revoke(client, "x").status_code == 401 for _ in nodes),
        "the secret is gone at every node")
    for _ in nodes:
        j401(refresh(client, given["refresh_token"]))


@pytest.mark.parametrize("rotation", [
    pytest.param([], id="planned"), pytest.param(["--now"], id="now")])
def test_gh_479_and_514_a_token_of_one_node_is_known_at_all(
    nodes: list[Instance], rotation: list[str]
) -> None:
    tenant = nodes[0].create_tenant()
    client, user = tenant.create_client(), tenant.create_user()
    given = tokens(client, user, scope=OFFLINE)
    path = tenant.endpoint("jwks_uri").removeprefix(nodes[0].url)
    for _ in range(3):
        tenant.cli("key", "rotate", "--algorithm", "ES256", *rotation)
        for _ in range(2 * len(nodes)):
            # Signed at one node, shown to the next one.
            signed = refresh(client, given["refresh_token"]).json()["access_token"]
            assert userinfo(tenant, signed).status_code == 200
            if rotation:
                # In haste a key signs before it is published, so apps may have to look again.
                continue
            for node in nodes:
                keys = httpx.get(node.url + path, trust_env=False).json()["keys"]
                assert header(signed)["kid"] in {key["kid"] for key in keys}


def test_gh_320_and_514_a_proof_counts_once_and_a_nonce_everywhere(nodes: list[Instance]) -> None:
    tenant, key = nodes[0].create_tenant(), dpop.Key()
    client = tenant.create_client("machine", "--scope", "api:read", "--dpop-nonce", "required")
    url = tenant.endpoint("token")
    path = url.removeprefix(nodes[0].url)
    nonce = dpop.machine_token(client, key).headers["dpop-nonce"]
    # Four steps and three nodes: each has given a nonce, and each takes that of the first.
    for _ in range(4):
        answer = dpop.machine_token(client, key, nonce=nonce)
        assert answer.status_code == 200
    proof, turn = key.proof("POST", url, nonce=nonce), itertools.cycle(nodes)

    def send(session: httpx.Client) -> httpx.Response:
        return session.post(
            next(turn).url + path, data={"grant_type": "client_credentials"},
            auth=(client.id, client.secret or ""), headers={"DPoP": proof})

    answers: list[Any] = at_once(32, send)
    for answer in answers:
        nodes[0]._see_json(answer.json())
    assert [answer.status_code for answer in answers].count(200) == 1
    for answer in answers:
        if answer.status_code != 200:
            j400(answer, "invalid_dpop_proof")
