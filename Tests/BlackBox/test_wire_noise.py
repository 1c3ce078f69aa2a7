"""Requests full of noise: attack cases 3.AA. Hosts that are none, hostile tracing headers, mutated
bytes, random paths, and ranges."""

from __future__ import annotations

import random
import re
from concurrent.futures import ThreadPoolExecutor

from browser import Browser
from harness import Client, Tenant, User
from protocol import basic, begin, tokens
from raw_requests import FORM, exchange, memory, statuses

HOSTS = [
    "Host: id.test:99999\r\n", "Host: id.test:-1\r\n", "Host: id.test:+80\r\n",
    "Host: id.test:\r\n", "Host: id.test:\u0668\u0660\r\n",
    "Host: id.test:8o\r\n", "Host: user@id.test\r\n", "Host: user:pw@id.test\r\n",
    "Host: under_score.test\r\n", "Host: gätehouse.test\r\n", "Host: a b\r\n", "Host: a/b\r\n",
    "Host: a?b\r\n", "Host: a#b\r\n", "Host: a\\b\r\n", "Host: a..b\r\n", "Host: .\r\n",
    "Host: id.test.\r\n", "Host: [::1\r\n", "Host: [::1]x\r\n", "Host: [x]\r\n", "Host: \r\n",
    "Host: -a.test\r\n", "Host: a, b\r\n", "Host: a%00b\r\n", "Host: <script>\r\n",
    "Host: " + "a" * 64 + ".test\r\n", "Host: a.test\r\nHost: a.test\r\n",
    "Host: a.test\r\nHost: b.test\r\n", "",
]


def test_gh_437_hosts_that_are_none(tenant: Tenant) -> None:
    instance = tenant.instance
    path = f"/t/{tenant.slug}/.well-known/openid-configuration"
    for host in HOSTS:
        answer = exchange(
            instance, f"GET {path} HTTP/1.1\r\n{host}Connection: close\r\n\r\n".encode())
        assert statuses(answer) == [400], (host, answer)
    own = f"127.0.0.1:{instance.port}"
    for target in (f"http://evil.test{path}", f"http://{own}@evil.test{path}", f"//evil.test{path}",
                   f"https://evil.test{path}", f"ftp://{own}{path}", f"http://{own}:1{path}"):
        answer = exchange(instance, (
            f"GET {target} HTTP/1.1\r\nHost: {own}\r\nConnection: close\r\n\r\n").encode())
        assert statuses(answer)[0] in (400, 404, 421) and b"evil.test" not in answer, target


def test_gh_437_nothing_is_made_from_a_host_that_could_be_one(
    client: Client, tenant: Tenant
) -> None:
    instance = tenant.instance
    paths = [
        f"/t/{tenant.slug}/.well-known/openid-configuration", f"/t/{tenant.slug}/oauth2/authorize",
        f"/t/{tenant.slug}/oauth2/userinfo", "/admin", "/nothing",
        f"/t/{tenant.slug}/oauth2/end_session"]
    for host in ("evil.test", "EVIL.TEST:1", "localhost", "[::1]:1", "1.2.3.4"):
        for path in paths:
            answer = exchange(instance, (
                f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").encode())
            assert statuses(answer)[0] < 500
            assert b"evil" not in answer.lower() and b"1.2.3.4" not in answer, (host, path)


TRACES = [
    b"", b"a" * 10_000, b"00-" + b"0" * 32 + b"-" + b"0" * 16 + b"-00", b"ff-x-y-z", b"00-", b"-",
    b"00-" + "é".encode() * 16 + b"-1-1", b"\xff\xfe", b"\xf0\x9f\xa6\x8a", b"a=b,c=d;e=f", b"=,;=",
    b"00-" + b"g" * 32 + b"-" + b"g" * 16 + b"-zz", b"%0d%0aX: y", b"{}", b"\t", b"a\tb",
    b'{"level":"critical"}', b"\xcc\x81", b"9" * 200, b"-" * 55, b"00" * 28,
]


def test_gh_439_what_strangers_say_about_tracing_is_ignored(tenant: Tenant) -> None:
    instance = tenant.instance
    for name in (b"traceparent", b"tracestate", b"baggage", b"X-Request-Id", b"X-Correlation-Id",
                 b"b3", b"X-B3-TraceId", b"X-Amzn-Trace-Id", b"uber-trace-id"):
        for value in TRACES:
            answer = exchange(instance, (
                f"GET /t/{tenant.slug}/.well-known/jwks.json HTTP/1.1\r\n"
                f"Host: 127.0.0.1:{instance.port}\r\nConnection: close\r\n").encode()
                + name + b": " + value + b"\r\n\r\n")
            assert statuses(answer) == [200], (name, value, answer)
            told = re.search(rb"x-request-id: (\S+)", answer, re.IGNORECASE)
            assert told and re.fullmatch(rb"[0-9a-f]{32}", told[1]), (name, value)
            assert told[1] not in value
    for record in instance.log_records():
        assert {"time", "level", "message"} <= set(record)


def seeds(client: Client, cookie: str) -> list[bytes]:
    """Good requests for every parser that a stranger can reach."""
    port, slug = client.tenant.instance.port, client.tenant.slug
    host = f"Host: 127.0.0.1:{port}\r\nConnection: close\r\n"
    bodies = [
        f"grant_type=authorization_code&code=ac_{'A' * 43}&redirect_uri=https%3A%2F%2Frp.test%2Fcb"
        f"&code_verifier={'a' * 43}&client_id={client.id}",
        "grant_type=client_credentials&scope=openid%20email", "token=rt_" + "B" * 43,
        "id_token_hint=eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.AAAA&state=%F0%9F%A6%8A",
    ]
    paths = ["oauth2/token", "oauth2/token", "oauth2/revoke", "oauth2/end_session"]
    made = [(
        f"POST /t/{slug}/{path} HTTP/1.1\r\n{host}{FORM}Authorization: "
        f"{basic(client.id, 'cs_' + 'C' * 43)}\r\nContent-Length: {len(body)}\r\n\r\n{body}")
        for path, body in zip(paths, bodies)]
    made.append(
        f"GET /t/{slug}/oauth2/authorize?response_type=code&client_id={client.id}&redirect_uri="
        f"https%3A%2F%2Frp.test%2Fcb&scope=openid&state=%C3%A9&prompt=none&max_age=3600"
        f"&code_challenge={'a' * 43}&code_challenge_method=S256 HTTP/1.1\r\n{host}"
        f"Cookie: {cookie}\r\nX-Forwarded-For: 1.2.3.4, ::1\r\n\r\n")
    made.append(
        f"GET /t/{slug}/oauth2/userinfo HTTP/1.1\r\n{host}Authorization: Bearer "
        "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJpc3MiOiJ4IiwiZXhwIjoxfQ.AAAA\r\n"
        "Origin: https://rp.test\r\nRange: bytes=0-1\r\n\r\n")
    return [request.encode() for request in made]


HOSTILE = [
    b"\x00", b"\xff", b"\r\n", b"%00", b"%", b"=", b"&", b";", b'"', b"\xf0\x9f", b"\xcc\x81", b"+",
    b"-1", b"9" * 40, b"[" * 50, b"\xed\xa0\x80", b".", b"..", b"A" * 300, b"{", b"%ff", b":", b",",
]


def mutated(request: bytes, chance: random.Random) -> bytes:
    """Some bytes are cut out, doubled, changed, or replaced by something hostile."""
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(request))
        end = min(len(request), start + chance.choice((0, 1, 1, 2, 8, 40)))
        piece = chance.choice((
            b"", request[start:end] * 2, chance.choice(HOSTILE), bytes([chance.randrange(256)])))
        request = request[:start] + piece + request[end:]
    return request or b"\r\n"


def test_gh_440_mutated_requests_end_nothing(client: Client, user: User, browser: Browser) -> None:
    """The fuzz targets try millions; these go through the whole server."""
    instance = client.tenant.instance
    tokens(client, user, browser)
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    good, pid = seeds(client, cookie), instance.pid
    chance = random.Random(440)
    requests = [mutated(chance.choice(good), chance) for _ in range(1_500)]

    def send(request: bytes) -> None:
        for status in statuses(exchange(instance, request)):
            assert status < 500 or status in (501, 505), request

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, requests))
    assert instance.is_alive and instance.pid == pid


def test_gh_443_random_paths_methods_tenants_and_agents(tenant: Tenant) -> None:
    instance, chance = tenant.instance, random.Random(443)

    def word() -> str:
        return "".join(chance.choices("abcdefghijklmnopqrstuvwxyz0123456789-_.~%", k=12)).replace(
            "%", "%20")

    def send(number: int) -> int:
        path = (f"/{word()}", f"/t/{word()}/oauth2/token", f"/t/{tenant.slug}/{word()}",
                f"/t/{tenant.slug}/sign-in/int_{word()}", f"/assets/{word()}")[number % 5]
        method = ("GET", "POST", word().strip(".").upper() or "X", "DELETE")[number % 4]
        return statuses(exchange(instance, (
            f"{method.replace('%', '')} {path} HTTP/1.1\r\nHost: 127.0.0.1:{instance.port}\r\n"
            f"User-Agent: {word()}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").encode()))[0]

    for number in range(200):
        send(number)
    before = memory(instance)
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(send, range(1_500)))
    assert found <= {400, 401, 403, 404, 405, 501}, found
    # What nobody will ask for again is not remembered.
    assert memory(instance) - before < 32 * 1024 * 1024


def test_gh_445_hostile_ranges_of_a_file(client: Client, browser: Browser) -> None:
    page = begin(browser, client)
    (url, *_) = [link for link in page.links if link.endswith(".css")]
    http = browser.instance.http
    whole = http.get(url).content
    assert whole
    for value in (
        "bytes=0-18446744073709551615", "bytes=18446744073709551615-", "bytes=-1", "bytes=--1",
        "bytes=5-1", "bytes=0-0,0-0", "bytes=" + ",".join("0-0" for _ in range(3_000)), "bytes=",
        "bytes=a-b", "bytes=0-\u0663", "bytes=-9223372036854775808", "x=0-1", "bytes=0-1-2", "",
    ):
        for more in ({}, {"If-Range": "x"}, {"If-Range": '"\u00e9'}):
            headers = {"Range": value} | more
            answer = http.get(url, headers={k: v.encode() for k, v in headers.items()})
            assert answer.status_code in (200, 206, 416), (value, answer.status_code)
            if answer.status_code == 200:
                assert answer.content == whole
            assert len(answer.content) <= len(whole)
    for path in ("/assets/../../etc/passwd", "/assets/%2e%2e/%2e%2e/etc/passwd", "/assets/..%2f..",
                 "/assets//etc/passwd", "/assets/%00", "/assets/....//etc/passwd"):
        answer = exchange(browser.instance, (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{browser.instance.port}\r\n"
            "Connection: close\r\n\r\n").encode())
        assert statuses(answer)[0] in (400, 404) and b"root:" not in answer, path
