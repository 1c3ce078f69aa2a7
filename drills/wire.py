"""HTTP/1.1 on a socket, small and quick, that knows the difference which the judge needs: a request
that was never sent, one whose answer was lost, and one that was answered."""

from __future__ import annotations

import json
import select
import socket
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Unsent(Exception):
    """No byte of the request can have reached a server."""


class Lost(Exception):
    """The request may have been carried out; nobody knows."""


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    cookies: list[str] = field(default_factory=list)
    body: bytes = b""

    def json(self) -> dict[str, Any]:
        try:
            value = json.loads(self.body)
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}


class Connection:
    """One connection to one node, kept alive and made again when it breaks.

    `host` is what a browser would have in its address bar: the base address, whatever the node.
    """

    def __init__(self, port: int, host: str, timeout: float = 15) -> None:
        self.address = ("127.0.0.1", port)
        self.host = host
        self.timeout = timeout
        self._socket: socket.socket | None = None
        self._buffer = b""

    def send(
        self, method: str, target: str, headers: dict[str, str] | None = None,
        form: dict[str, str] | None = None,
    ) -> Answer:
        headers = dict(headers or {})
        body = b""
        if form is not None:
            body = urlencode(form).encode()
            headers |= FORM
        lines = [f"{method} {target} HTTP/1.1", f"Host: {self.host}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if body or method == "POST":
            lines.append(f"Content-Length: {len(body)}")
        request = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
        connection = self._connect()
        try:
            connection.sendall(request)
            return self._receive(connection)
        except (OSError, ValueError) as error:
            self.close()
            raise Lost(type(error).__name__) from error

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket, self._buffer = None, b""

    def _connect(self) -> socket.socket:
        # A connection that its server has closed meanwhile is seen before it is used.
        if self._socket is not None and select.select([self._socket], [], [], 0)[0]:
            self.close()
        if self._socket is None:
            try:
                made = socket.create_connection(self.address, timeout=self.timeout)
            except OSError as error:
                raise Unsent(type(error).__name__) from error
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket, self._buffer = made, b""
        return self._socket

    def _receive(self, connection: socket.socket) -> Answer:
        while b"\r\n\r\n" not in self._buffer:
            self._more(connection)
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        answer = Answer(int(first.split(" ", 2)[1]), {})
        for line in lines:
            name, _, value = line.partition(":")
            if name.lower() == "set-cookie":
                answer.cookies.append(value.strip())
            else:
                # A field that comes twice is one list (RFC 9110 §5.3).
                said = [answer.headers[name.lower()]] if name.lower() in answer.headers else []
                answer.headers[name.lower()] = ", ".join([*said, value.strip()])
        if answer.headers.get("transfer-encoding") == "chunked":
            answer.body = self._chunks(connection)
        else:
            answer.body = self._exactly(connection, int(answer.headers.get("content-length", 0)))
        if answer.headers.get("connection", "").lower() == "close":
            self.close()
        return answer

    def _chunks(self, connection: socket.socket) -> bytes:
        body = b""
        while True:
            while b"\r\n" not in self._buffer:
                self._more(connection)
            size, _, self._buffer = self._buffer.partition(b"\r\n")
            length = int(size.split(b";")[0], 16)
            part = self._exactly(connection, length + 2)
            if length == 0:
                return body
            body += part[:-2]

    def _exactly(self, connection: socket.socket, length: int) -> bytes:
        while len(self._buffer) < length:
            self._more(connection)
        part, self._buffer = self._buffer[:length], self._buffer[length:]
        return part

    def _more(self, connection: socket.socket) -> None:
        received = connection.recv(65536)
        if not received:
            raise ValueError("the connection ended within an answer")
        self._buffer += received
