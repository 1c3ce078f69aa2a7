"""What servers answer that mean no good to the one that asks them."""

from __future__ import annotations

from typing import Iterator

from assertions import key_set
from elsewhere import Elsewhere, answer, forever

HOSTILE = {
    "redirect": ("redirected", lambda e: answer(
        b"", status="302 Found", headers=f"Location: {e.url('/inside')}\r\n")),
    "permanent": ("redirected", lambda e: answer(
        b"", status="308 Permanent Redirect", headers=f"Location: {e.url('/inside')}\r\n")),
    "status": ("status", lambda e: answer(b"{}", status="500 Internal Server Error")),
    "type": ("media_type", lambda e: answer(key_set(), media_type="text/html")),
    "two types": ("media_type", lambda e: answer(
        key_set(), headers="Content-Type: application/json\r\n")),
    "not json": ("content", lambda e: answer(b"<html>")),
    "not keys": ("content", lambda e: answer(b'{"keys":1}')),
    "deep": ("content", lambda e: answer(b"[" * 100_000)),
    "announced": ("too_large", lambda e: lambda: [
        b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n"]),
    "endless": ("too_large", lambda e: lambda: [
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", *[b" " * 65536] * 64]),
    "chunks": ("too_large", lambda e: lambda: [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *[b"1\r\n \r\n" * 4096] * 64]),
    "gzip": ("encoded", lambda e: answer(b"\x1f\x8b", headers="Content-Encoding: gzip\r\n")),
    "cookies": (("too_large", "malformed"), lambda e: lambda: [
        b"HTTP/1.1 200 OK\r\n", *[b"Set-Cookie: a=b\r\n" * 1000] * 100]),
    "long header": (("too_large", "malformed"), lambda e: lambda: [
        b"HTTP/1.1 200 OK\r\nX: ", *[b"x" * 65536] * 64]),
    "early answers": (("too_large", "malformed"), lambda e: lambda: [
        b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000] * 64),
    "short": ("malformed", lambda e: lambda: [
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"]),
    "0.9": ("malformed", lambda e: lambda: [b'{"keys":[]}']),
    "noise": ("malformed", lambda e: lambda: [b"\x00\xff" * 512]),
    "nothing": ("malformed", lambda e: lambda: []),
    "two lengths": ("malformed", lambda e: lambda: [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} "]),
    "slow head": ("timed_out", lambda e: lambda: slow(e, b"HTTP/1.1 200 OK\r\nX: ")),
    "slow body": ("timed_out", lambda e: lambda: slow(
        e, b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")),
    "silent": ("timed_out", lambda e: lambda: silent(e)),
}


def slow(elsewhere: Elsewhere, begin: bytes) -> Iterator[bytes]:
    yield begin
    yield from forever(b" ", elsewhere.is_over)


def silent(elsewhere: Elsewhere) -> Iterator[bytes]:
    elsewhere.is_over.wait(30)
    yield b""
