"""Keys that a client publishes at an address, and what other servers may do to the one that asks for
them: attack cases 3.E, 3.G, 3.T and 3.U."""

from __future__ import annotations

import json
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from ssl import TLSVersion

import pytest

from assertions import Signing, key_set, new_key, present, publish, register, signed
from elsewhere import Elsewhere, answer
from expect import j401
from harness import Client, Instance, Tenant
from hostile import HOSTILE


def reasons(tenant: Tenant, count: int) -> dict[str, str]:
    """Why the keys of so many clients were not to be had; that is written a second later."""
    deadline = time.monotonic() + 10
    events: dict[str, str] = {}
    while len(events) < count and time.monotonic() < deadline:
        events = {
            event["subject"]: json.loads(event["detail"])["reason"]
            for event in tenant.instance.events(tenant)
            if event["kind"] == "client_keys.unavailable"}
    return events


@pytest.mark.conformance("oidcc-registration-jwks-uri", "succeeds")
def test_keys_are_fetched_and_kept(asking: Tenant, elsewhere: Elsewhere) -> None:
    key = new_key()
    path = f"/{secrets.token_hex(4)}?v=1"
    signing = publish(asking, elsewhere.answer(path, answer(key_set(key))), key)
    for _ in range(3):
        assert signing.ask().status_code == 200
    assert elsewhere.paths.count(path) == 1
    request = next(r for r in elsewhere.requests if path.encode() in r)
    head = {line.split(b":")[0].lower(): line for line in request.split(b"\r\n")[1:-2]}
    assert set(head) == {b"host", b"accept", b"accept-encoding", b"user-agent", b"connection"}
    assert head[b"host"] == f"host: 127.0.0.1:{elsewhere.port}".encode()


def test_keys_are_fetched_by_name(asking: Tenant, elsewhere: Elsewhere) -> None:
    key = new_key()
    path = f"/{secrets.token_hex(4)}"
    elsewhere.answer(path, answer(key_set(key), media_type="Application/JWK-set+json; a=b"))
    signing = publish(asking, elsewhere.url(path, "localhost"), key)
    assert signing.ask().status_code == 200


def test_gh_346_nobody_can_make_us_fetch(asking: Tenant, elsewhere: Elsewhere) -> None:
    key = new_key()
    path = f"/{secrets.token_hex(4)}"
    signing = publish(asking, elsewhere.answer(path, answer(key_set(key))), key)
    with ThreadPoolExecutor(16) as threads:
        def junk(_: int) -> int:
            return signing.ask(Signing(signing.client, new_key()).assertion()).status_code

        assert set(threads.map(junk, range(64))) == {401}
        assert elsewhere.paths.count(path) == 1
        assert set(threads.map(lambda _: signing.ask().status_code, range(32))) == {200}
    assert elsewhere.paths.count(path) == 1
    # Neither can whoever has no client here at all.
    stranger = Client(asking, "client_00000000000000000000000000", None, "machine", "", "")
    j401(present(stranger, Signing(stranger, key).assertion()))
    assert elsewhere.paths.count(path) == 1


@pytest.mark.attack("GH-340", "GH-349")
def test_gh_340_loopback_is_not_asked_unless_it_is_allowed(tenant: Tenant) -> None:
    with Elsewhere() as canary:
        hosts = ["127.0.0.1", "localhost", "127.1.2.3", "[::1]", "0.0.0.0"]
        clients = {}
        for host in hosts:
            signing = publish(tenant, canary.url("/keys", host))
            canary.answer("/keys", answer(key_set(signing.key)))
            j401(signing.ask())
            clients[signing.client.id] = host
        assert canary.connections == 0
        found = reasons(tenant, len(hosts))
        assert {clients[id]: reason for id, reason in found.items()} == {
            host: "forbidden_address" for host in hosts}


@pytest.mark.attack("GH-100", "GH-139", "GH-136")
def test_gh_100_what_the_header_brings_along(asking: Tenant, elsewhere: Elsewhere,
                                             tmp_path: Path) -> None:
    signing = register(asking, tmp_path)
    attacker = Signing(signing.client, new_key())
    address = elsewhere.answer("/attacker", answer(key_set(attacker.key)))
    seen = len(elsewhere.requests), elsewhere.connections
    for extra in ({"jwk": attacker.key.as_dict(private=False)}, {"jku": address},
                  {"x5u": address}, {"x5c": ["AAAA"]}, {"kid": address}, {"kid": "../../x"}):
        for kid in (signing.key.kid, attacker.key.kid):
            payload = json.dumps(attacker.claims()).encode()
            j401(signing.ask(signed(attacker, {"alg": "ES256", "kid": kid} | extra, payload)))
    for extra in ({"crit": ["x"], "x": 1}, {"crit": []}, {"crit": ["exp"]}, {"b64": False},
                  {"crit": ["b64"], "b64": False}, {"zip": "DEF"}, {"typ": "at+jwt"},
                  {"typ": "dpop+jwt"}, {"typ": 1}, {"kid": 1}, {"alg": ["ES256"]}):
        payload = json.dumps(signing.claims()).encode()
        j401(signing.ask(signed(
            signing, {"alg": "ES256", "kid": signing.key.kid} | extra, payload)))
    # What a header may carry beside is of no account.
    payload = json.dumps(signing.claims()).encode()
    head = {"alg": "ES256", "kid": signing.key.kid, "jku": address, "jwk": {}}
    assert signing.ask(signed(signing, head, payload)).status_code == 200
    assert (len(elsewhere.requests), elsewhere.connections) == seen


@pytest.mark.attack("GH-350", "GH-353", "GH-356")
def test_gh_353_hostile_answers(asking: Tenant, elsewhere: Elsewhere) -> None:
    prefix = f"/{secrets.token_hex(4)}"
    elsewhere.answer("/inside", answer(key_set(new_key())))
    clients: dict[str, Signing] = {}
    for number, (name, (_, behaviour)) in enumerate(HOSTILE.items()):
        url = elsewhere.answer(f"{prefix}/{number}", behaviour(elsewhere))
        clients[name] = publish(asking, url)
    begun = time.monotonic()
    # Not more at once than one host is asked.
    with ThreadPoolExecutor(4) as threads:
        for refused in threads.map(lambda signing: signing.ask(), clients.values()):
            j401(refused)
    assert time.monotonic() - begun < 40
    found = reasons(asking, len(clients))
    for name, (expected, _) in HOSTILE.items():
        allowed = (expected,) if isinstance(expected, str) else expected
        assert found.get(clients[name].client.id) in allowed, name
    assert "/inside" not in elsewhere.paths
    assert not any(b"uthorization" in request for request in elsewhere.requests)


@pytest.mark.attack("GH-353")
def test_gh_353_servers_that_do_not_prove_who_they_are(
    asking: Tenant, elsewhere: Elsewhere
) -> None:
    authority = elsewhere.authority
    contexts = {
        "expired": authority.context(age=1), "other name": authority.context(("rp.test",)),
        "self-signed": authority.context(signs=False),
        "old TLS": authority.context(newest=TLSVersion.TLSv1_1),
    }
    for name, context in contexts.items():
        with Elsewhere(authority, context) as liar:
            key = new_key()
            signing = publish(asking, liar.answer("/keys", answer(key_set(key))), key)
            j401(signing.ask())
            assert liar.connections == 1 and liar.requests == [], name
    found = reasons(asking, len(contexts))
    assert len(found) == len(contexts) and set(found.values()) == {"insecure"}


def test_a_client_whose_host_was_away_is_asked_for_again_later(
    asking: Tenant, elsewhere: Elsewhere
) -> None:
    key = new_key()
    path = f"/{secrets.token_hex(4)}"
    signing = publish(asking, elsewhere.url(path), key)
    j401(signing.ask())
    elsewhere.answer(path, answer(key_set(key)))
    j401(signing.ask())
    assert elsewhere.paths.count(path) == 1
    # Another address is another question.
    other = f"/{secrets.token_hex(4)}"
    signing.client.update("--jwks-uri", elsewhere.answer(other, answer(key_set(key))))
    assert signing.ask().status_code == 200


def test_what_the_operator_allows_is_checked_at_the_start(tmp_path: Path) -> None:
    for flags in (["--outbound-allow", "10.0.0.1/8"], ["--outbound-allow", "localhost"],
                  ["--outbound-ca", "/nonexistent/ca.pem"]):
        with pytest.raises(AssertionError, match="outbound-"):
            with Instance("sqlite", flags):
                pass
