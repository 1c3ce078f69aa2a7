"""Load without a mind of its own: requests that are made beforehand, sent over many connections,
either one after the other on each (closed loop) or at a rate whatever comes back (open loop)."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

# What takes longer has failed: the client has given up.
PATIENCE = 1.0
CONNECTIONS_AT_MOST = 1500


@dataclass(frozen=True)
class Shot:
    """One request, ready to send."""

    kind: str
    request: bytes

    @classmethod
    def make(
        cls, kind: str, method: str, path: str, host: str, headers: dict[str, str] | None = None,
        form: dict[str, str] | None = None,
    ) -> Shot:
        body = urlencode(form).encode() if form is not None else b""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        if form is not None:
            lines += ["Content-Type: application/x-www-form-urlencoded",
                      f"Content-Length: {len(body)}"]
        return cls(kind, "\r\n".join(lines).encode() + b"\r\n\r\n" + body)


@dataclass
class Tally:
    """What came back, by kind of request."""

    seconds: float = 0.0
    sent: Counter[str] = field(default_factory=Counter)
    # By kind and status.
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    good: Counter[str] = field(default_factory=Counter)
    late: Counter[str] = field(default_factory=Counter)
    # Requests for which no connection was free, or whose connection broke.
    unsent: int = 0
    broken: int = 0
    without_retry_after: int = 0
    refused_after: list[float] = field(default_factory=list)
    good_after: list[float] = field(default_factory=list)

    def goodput(self, kinds: set[str]) -> float:
        """Good answers in time, each second."""
        return sum(n for kind, n in self.good.items() if kind in kinds) / max(self.seconds, 0.001)

    def take(self, shot: Shot, status: int, took: float, has_retry_after: bool) -> None:
        self.answers[(shot.kind, status)] += 1
        if status in (503, 429):
            self.refused_after.append(took)
            self.without_retry_after += not has_retry_after
        elif status in (200, 303):
            if took <= PATIENCE:
                self.good[shot.kind] += 1
                self.good_after.append(took)
            else:
                self.late[shot.kind] += 1


class Line(asyncio.Protocol):
    """One connection with at most one request under way."""

    def __init__(self, done: Callable[[Line], None]) -> None:
        self.done = done
        self.transport: asyncio.Transport | None = None
        self.shot: Shot | None = None
        self.due = 0.0
        self.buffer = b""
        self.status = 0
        self.has_retry_after = False
        self.is_closing = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def fire(self, shot: Shot, due: float) -> None:
        self.shot, self.due, self.buffer = shot, due, b""
        assert self.transport is not None
        self.transport.write(shot.request)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self.buffer[:end].lower()
        start = head.find(b"content-length:")
        if start < 0:
            complete = b"chunked" not in head or self.buffer.endswith(b"0\r\n\r\n")
        else:
            length = int(head[start + 15:].split(b"\r\n", 1)[0])
            complete = len(self.buffer) >= end + 4 + length
        if complete:
            self.status = int(head[9:12])
            self.has_retry_after = b"retry-after:" in head
            self.is_closing = b"connection: close" in head
            self.done(self)

    def connection_lost(self, error: Exception | None) -> None:
        self.transport = None
        if self.shot is not None:
            self.status = 0
            self.done(self)


class Storm:
    """A pool of connections to one port."""

    def __init__(self, port: int, seed: int) -> None:
        self.port = port
        self.random = random.Random(seed)
        self.idle: list[Line] = []
        self.lines = 0
        self.tally = Tally()
        self.again: Callable[[], Shot | None] | None = None

    async def open(self, count: int) -> None:
        loop = asyncio.get_running_loop()
        while self.lines < count:
            made = [loop.create_connection(lambda: Line(self._done), "127.0.0.1", self.port)
                    for _ in range(min(50, count - self.lines))]
            for result in await asyncio.gather(*made, return_exceptions=True):
                self.lines += 1
                if isinstance(result, tuple):
                    self.idle.append(result[1])

    def close(self) -> None:
        for line in self.idle:
            if line.transport is not None:
                line.transport.close()

    async def closed_loop(
        self, choose: Callable[[], Shot], width: int, seconds: float
    ) -> Tally:
        """So many clients, each of which asks again when it was answered."""
        self.tally, self.again = Tally(), choose
        await self.open(max(width, self.lines))
        begun = time.monotonic()
        for _ in range(width):
            self._fire(choose(), time.monotonic())
        await asyncio.sleep(seconds)
        self.again = None
        self.tally.seconds = time.monotonic() - begun
        tally, self.tally = self.tally, Tally()
        await self._calm_down()
        return tally

    async def open_loop(
        self, streams: list[tuple[float, Callable[[], Shot | None]]], seconds: float
    ) -> Tally:
        """Requests at given rates, whatever becomes of them."""
        self.tally, self.again = Tally(), None
        begun = last = time.monotonic()
        owed = [0.0] * len(streams)
        while last < begun + seconds:
            await asyncio.sleep(0.004)
            now = time.monotonic()
            for number, (rate, choose) in enumerate(streams):
                owed[number] += rate * (now - last)
                while owed[number] >= 1:
                    owed[number] -= 1
                    if (shot := choose()) is not None:
                        self._fire(shot, now)
            last = now
        self.tally.seconds = last - begun
        # What is under way may still come in time.
        await asyncio.sleep(PATIENCE)
        tally, self.tally = self.tally, Tally()
        return tally

    def _fire(self, shot: Shot, due: float) -> None:
        while self.idle:
            line = self.idle.pop()
            if line.transport is not None and not line.transport.is_closing():
                self.tally.sent[shot.kind] += 1
                line.fire(shot, due)
                return
            self.lines -= 1
        self.tally.unsent += 1
        if self.lines < CONNECTIONS_AT_MOST:
            asyncio.ensure_future(self.open(min(self.lines + 8, CONNECTIONS_AT_MOST)))

    def _done(self, line: Line) -> None:
        shot, line.shot = line.shot, None
        if shot is None:
            return
        if line.status == 0:
            self.tally.broken += 1
            self.lines -= 1
            return
        took = time.monotonic() - line.due
        self.tally.take(shot, line.status, took, line.has_retry_after)
        if line.is_closing and line.transport is not None:
            line.transport.close()
            self.lines -= 1
            return
        self.idle.append(line)
        if self.again is not None and (next_shot := self.again()) is not None:
            self._fire(next_shot, time.monotonic())

    async def _calm_down(self) -> None:
        deadline = time.monotonic() + 10
        while len(self.idle) < self.lines and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
