"""Requests as bytes: attack cases 3.AA. What two parsers could read in two ways, and what is too
large."""

from __future__ import annotations

import select
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness import Client, Instance, Tenant
from protocol import basic, token
from raw_requests import FORM, exchange, memory, statuses
from watch import recorded


def second(tenant: Tenant) -> str:
    """A request that must never be answered when it is hidden in another one."""
    return (
        f"GET /t/{tenant.slug}/.well-known/jwks.json HTTP/1.1\r\n"
        f"Host: 127.0.0.1:{tenant.instance.port}\r\n\r\n")


# What is refused before anything of the request is believed: the request line and headers without
# Host, and the body.
POST = "POST /t/{slug}/oauth2/token HTTP/1.1\r\n" + FORM
GET = "GET /t/{slug}/.well-known/jwks.json HTTP/1.1\r\n"
AMBIGUOUS = [
    (POST + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
    (POST + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"),
    (POST + "Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"),
    (POST + "Transfer-Encoding: identity, chunked\r\n", "0\r\n\r\n"),
    (POST + "Transfer-Encoding: identity\r\n", "a=b"),
    (POST + "Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"),
    (POST + "Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"),
    (POST + "Transfer-Encoding : chunked\r\n", "0\r\n\r\n"),
    (POST + "Transfer-Encoding\t: chunked\r\n", "0\r\n\r\n"),
    (POST + "Transfer-Encoding: \x0bchunked\r\n", "0\r\n\r\n"),
    (POST + "Transfer-Encoding: \x00chunked\r\n", "0\r\n\r\n"),
    (POST + "Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n"),
    (POST + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n"),
    (POST + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
    (POST + "Content-Length: 5\r\nContent-Length: 5\r\n", "a=b&c"),
    (POST + "Content-Length: 5\r\nContent-Length: 0\r\n", "a=b&c"),
    (POST + "Content-Length: +5\r\n", "a=b&c"), (POST + "Content-Length: -5\r\n", "a=b&c"),
    (POST + "Content-Length: 5,5\r\n", "a=b&c"), (POST + "Content-Length: 0x5\r\n", "a=b&c"),
    (POST + "Content-Length: 05\r\n", "a=b&c"), (POST + "Content-Length: 5 5\r\n", "a=b&c"),
    (POST + "Content-Length: 5.0\r\n", "a=b&c"), (POST + "Content-Length: 5e0\r\n", "a=b&c"),
    (POST + "Content-Length: \u0665\r\n", "a=b&c"), (POST + "Content-Length:\r\n", ""),
    (POST + "Content-Length : 5\r\n", "a=b&c"),
    (POST + "Content-Length: 18446744073709551621\r\n", "a=b&c"),
    (POST + "X-Fold: a\r\n b\r\nContent-Length: 0\r\n", ""),
    (POST + " X-First: a\r\nContent-Length: 0\r\n", ""),
    (POST + "X-Nul: a\x00b\r\nContent-Length: 0\r\n", ""),
    (POST + "X-Return: a\rb\r\nContent-Length: 0\r\n", ""),
    (POST + "X-Feed: a\nb\r\nContent-Length: 0\r\n", ""),
    (POST + "No colon\r\nContent-Length: 0\r\n", ""), (POST + ": x\r\nContent-Length: 0\r\n", ""),
    (POST + "X(a): b\r\nContent-Length: 0\r\n", ""),
    (GET + "Content-Length: 60\r\n", ""), (GET + "Transfer-Encoding: chunked\r\n", "0\r\n\r\n"),
    (GET.replace("HTTP/1.1", "HTTP/1.0") + "Transfer-Encoding: chunked\r\n", "0\r\n\r\n"),
    (GET.replace("jwks", "jw ks"), ""), (GET.replace("jwks", "jw\tks"), ""),
    (GET.replace("jwks", "jw\x00ks"), ""), (GET.replace("json", "json#x"), ""),
    (GET.replace("jwks", "jwké"), ""), (GET.replace(" /t", " t"), ""),
    (GET.replace("HTTP/1.1", "HTTP/1.2"), ""), (GET.replace("HTTP/1.1", "HTTP/2.0"), ""),
    (GET.replace("HTTP/1.1\r\n", "HTTP/1.1\n"), ""), (GET.replace("HTTP/1.1", ""), ""),
]

CHUNKS = [
    "g\r\nabc\r\n0\r\n\r\n", "10000000000000000\r\nabc", "ffffffffffffffff\r\nabc",
    "fffffffffffffffff\r\nabc", "-1\r\nabc", "+3\r\nabc\r\n0\r\n\r\n", "0x3\r\nabc\r\n0\r\n\r\n",
    "3\nabc\r\n0\r\n\r\n", "3;\nx\r\nabc\r\n0\r\n\r\n", "3\r\nabcd\r\n0\r\n\r\n",
    " 3\r\nabc\r\n0\r\n\r\n", "\r\n3\r\nabc\r\n0\r\n\r\n", "3\r\nabc\n0\r\n\r\n",
    "\u0663\r\nabc\r\n0\r\n\r\n", "3\rXabc\r\n0\r\n\r\n",
]


def test_gh_431_what_can_be_read_in_two_ways_is_refused_once(tenant: Tenant) -> None:
    instance, hidden = tenant.instance, second(tenant)
    with recorded(tenant):
        for head, body in AMBIGUOUS:
            sent = f"{head.format(slug=tenant.slug)}Host: 127.0.0.1:{instance.port}\r\n\r\n{body}"
            answer = exchange(instance, (sent + hidden).encode())
            assert len(statuses(answer)) == 1, (head, answer)
            assert statuses(answer)[0] in (400, 505), (head, answer)
            assert b"connection: close" in answer.lower() and b'"keys"' not in answer, head


def test_gh_431_bad_chunks_are_refused_and_hide_nothing(tenant: Tenant) -> None:
    instance = tenant.instance
    head = POST.format(slug=tenant.slug) + f"Host: 127.0.0.1:{instance.port}\r\n"
    for chunks in CHUNKS:
        answer = exchange(instance, (
            f"{head}Transfer-Encoding: chunked\r\n\r\n{chunks}{second(tenant)}").encode())
        assert len(statuses(answer)) == 1 and statuses(answer)[0] in (400, 413), (chunks, answer)
        assert b'"keys"' not in answer, chunks


def test_gh_431_good_chunks_are_one_body(client: Client) -> None:
    """What a chunk holds is the form, even where it looks like a request."""
    tenant = client.tenant
    hidden = second(tenant).encode()
    chunks = b"%x;ext=1\r\n%s\r\n0\r\nX-Trailer: y\r\n\r\n" % (len(hidden), hidden)
    answer = exchange(tenant.instance, (
        POST.format(slug=tenant.slug) + f"Host: 127.0.0.1:{tenant.instance.port}\r\n"
        f"Authorization: {basic(client.id, client.secret or '')}\r\n"
        "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n").encode() + chunks)
    assert statuses(answer) == [400] and b'"invalid_request"' in answer


@pytest.mark.parametrize(("expected", "line", "more"), [
    pytest.param({431}, "GET /livez", "X-Large: " + "a" * 1_000_000 + "\r\n", id="one-header"),
    pytest.param({431}, "GET /livez", "X-Many: a\r\n" * 10_000, id="many-headers"),
    pytest.param({431}, "GET /livez", "".join(f"X-{n}: a\r\n" for n in range(500)), id="distinct"),
    pytest.param({414, 431}, "GET /livez?" + "a" * 65_536, "", id="address"),
    pytest.param({414, 431}, "GET /" + "a/" * 32_768, "", id="path"),
    pytest.param({431}, "GET /livez", "Cookie: a=" + "b" * 1_000_000 + "\r\n", id="cookie"),
    pytest.param({431}, "GET /livez", "Authorization: " + "A" * 1_000_000 + "\r\n", id="proof"),
    pytest.param({431, 400}, "GET /livez", "X" * 1_000_000 + ": a\r\n", id="header-name"),
    pytest.param({400, 414, 431, 501}, "G" * 100_000 + " /livez", "", id="method"),
])
def test_gh_433_what_is_too_large_is_refused_in_bounded_memory(
    instance: Instance, expected: set[int], line: str, more: str
) -> None:
    host = f"Host: 127.0.0.1:{instance.port}\r\n"
    request = f"{line} HTTP/1.1\r\n{host}{more}\r\n".encode()
    before = memory(instance)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: exchange(instance, request), range(24)))
    for answer in answers:
        # A refusal that the system lost with the connection is one, too.
        assert not answer or len(statuses(answer)) == 1 and set(statuses(answer)) <= expected
    assert any(answers), "Nobody was told why."
    assert memory(instance) - before < 64 * 1024 * 1024


def test_gh_434_huge_forms_are_refused_by_what_they_announce(client: Client) -> None:
    instance, tenant = client.tenant.instance, client.tenant
    host = f"Host: 127.0.0.1:{instance.port}\r\nConnection: close\r\n"
    with recorded(tenant):
        for path in ("oauth2/token", "oauth2/revoke", "oauth2/authorize", "oauth2/end_session",
                     "oauth2/userinfo", "sign-in/int_00000000000000000000000000"):
            for length in (65_537, 1_073_741_824, 9_223_372_036_854_775_807):
                answer = exchange(instance, (
                    f"POST /t/{tenant.slug}/{path} HTTP/1.1\r\n{host}{FORM}"
                    f"Content-Length: {length}\r\n\r\na=b").encode())
                # Nobody waits for the rest of it.
                assert statuses(answer) and statuses(answer)[-1] in (400, 401, 403, 413), (
                    path, length, answer)


def test_gh_434_a_form_without_an_end_is_cut_off(client: Client) -> None:
    instance = client.tenant.instance
    before = memory(instance)
    answer, sent = b"", 0
    with socket.create_connection(("127.0.0.1", instance.port), timeout=30) as connection:
        connection.sendall((
            POST.format(slug=client.tenant.slug) + f"Host: 127.0.0.1:{instance.port}\r\n"
            "Transfer-Encoding: chunked\r\n\r\n").encode())
        chunk = b"10000\r\n" + b"a=b&" * 16_384 + b"\r\n"
        while sent < 256 and not answer:
            connection.sendall(chunk)
            sent += 1
            # One more may be under way while the server says that it has enough.
            if select.select([connection], [], [], 0.05)[0]:
                answer = connection.recv(65536)
    assert statuses(answer) == [413] and b"connection: close" in answer.lower()
    assert sent <= 32, "2 MiB were taken."
    assert memory(instance) - before < 64 * 1024 * 1024


def test_gh_434_many_nested_and_compressed_parameters(client: Client) -> None:
    tenant, http = client.tenant, client.tenant.instance.http
    headers = {
        "Authorization": basic(client.id, client.secret or ""),
        "Content-Type": "application/x-www-form-urlencoded"}
    url = tenant.endpoint("token")
    for body, expected in (
        ("&".join(f"p{n}=" for n in range(101)), {400}),
        ("&" * 60_000, {400}), ("=&" * 30_000, {400}),
        ("a" + "[b]" * 10_000 + "=1", {400}), ("a" + "%5Bb%5D" * 8_000 + "=1", {400}),
        ("&".join(f"p{n}=1" for n in range(500_000)), {413}), ("a=" + "b" * 1_000_000, {413}),
    ):
        answer = http.post(url, content=body, headers=headers)
        assert answer.status_code in expected, (body[:40], answer.status_code)
    for encoding in ("gzip", "deflate", "br", "identity, gzip", "x-gzip"):
        bomb = b"\x1f\x8b" + b"\0" * 100
        answer = http.post(url, content=bomb, headers=headers | {"Content-Encoding": encoding})
        assert answer.status_code in (400, 415), encoding
    assert token(client, grant_type="refresh_token", refresh_token="x").status_code == 400


def test_gh_434_those_who_announce_a_body_and_wait_keep_nobody_else_waiting(
    client: Client,
) -> None:
    instance = client.tenant.instance
    head = (
        POST.format(slug=client.tenant.slug) + f"Host: 127.0.0.1:{instance.port}\r\n"
        "Expect: 100-continue\r\nContent-Length: 100\r\n\r\n").encode()
    waiting = []
    try:
        for _ in range(100):
            waiting.append(socket.create_connection(("127.0.0.1", instance.port), timeout=30))
            waiting[-1].sendall(head)
        for connection in waiting[:3]:
            assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        assert token(client, grant_type="refresh_token", refresh_token="x").status_code == 400
    finally:
        for connection in waiting:
            connection.close()
    refused = exchange(instance, head.replace(b"100-continue", b"200-maybe"))
    assert statuses(refused) == [417]


def test_gh_436_pipelined_requests_are_answered_in_order(tenant: Tenant) -> None:
    instance, count = tenant.instance, 1_000
    host = f"Host: 127.0.0.1:{instance.port}\r\n"
    paths = ["/livez", f"/t/{tenant.slug}/.well-known/jwks.json", "/nothing"]
    sent = "".join(f"GET {paths[n % 3]} HTTP/1.1\r\n{host}\r\n" for n in range(count - 1))
    sent += f"GET /livez HTTP/1.1\r\n{host}Connection: close\r\n\r\n"
    answer = exchange(instance, sent.encode())
    assert statuses(answer) == [(200, 200, 404)[n % 3] for n in range(count - 1)] + [200]


def test_gh_436_whoever_leaves_in_the_middle_takes_nothing_along(client: Client) -> None:
    instance = client.tenant.instance
    body = f"grant_type=refresh_token&refresh_token=x&client_id={client.id}"
    request = (
        POST.format(slug=client.tenant.slug) + f"Host: 127.0.0.1:{instance.port}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}").encode()
    for cut in (0, 1, 20, len(request) // 2):
        with socket.create_connection(("127.0.0.1", instance.port), timeout=30) as connection:
            try:
                connection.sendall(request * 500 + request[:cut])
            except (BrokenPipeError, ConnectionResetError):
                pass
    assert instance.http.get(f"{instance.url}/readyz").status_code == 200
