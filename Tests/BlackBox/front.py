"""A reverse proxy that gives one tenant the root of a host.

    location /oauth2/ { proxy_pass http://127.0.0.1:8080/t/acme/oauth2/; }
    location /        { proxy_pass http://127.0.0.1:8080; }

That is what docs/how-to/move-from-another-provider.md has for clients that know a host only. It
also keeps what went through it, so that a test sees what a program sent.
"""

from __future__ import annotations

import http.client
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

# They are about one connection (RFC 9110 §7.6.1), and each side has its own.
OF_A_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "content-length"}


@dataclass(frozen=True)
class Exchange:
    """A request as it came in, and its answer."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    status: int
    answer: bytes

    @property
    def form(self) -> list[tuple[str, str]]:
        return parse_qsl(self.body.decode(), keep_blank_values=True, strict_parsing=True)


class Front:
    """The proxy. `port` is where the server listens, `slug` names the tenant."""

    def __init__(self) -> None:
        self.port = 0
        self.slug = ""
        self.exchanges: list[Exchange] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def __enter__(self) -> Front:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def seen(self, path: str) -> list[Exchange]:
        """What went to a path, oldest first."""
        return [e for e in self.exchanges if e.path.partition("?")[0] == path]

    def _handler(front) -> Any:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                path = self.path
                if path.startswith("/oauth2/"):
                    path = f"/t/{front.slug}{path}"
                headers = {
                    name: value for name, value in self.headers.items()
                    if name.lower() not in OF_A_CONNECTION}
                headers |= {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "http"}
                connection = http.client.HTTPConnection("127.0.0.1", front.port, timeout=60)
                try:
                    connection.request(self.command, path, body or None, headers)
                    answer = connection.getresponse()
                    content = answer.read()
                finally:
                    connection.close()
                front.exchanges.append(Exchange(
                    self.command, self.path, dict(self.headers.items()), body, answer.status,
                    content))
                self.send_response_only(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in OF_A_CONNECTION:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_POST = do_GET

            def log_message(self, *_: object) -> None:
                pass

        return Handler
