"""Somebody between a client and the server, who changes what goes by."""

from __future__ import annotations

import socket
import threading


class Meddler:
    """Passes bytes on both ways, and may change a bit of the signature by which a client of TLS 1.2
    proves to have its key (RFC 5246 §7.4.8)."""

    def __init__(self, target: int, is_changing: bool) -> None:
        self.target, self.is_changing, self.has_seen = target, is_changing, False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Meddler:
        return self

    def __exit__(self, *_: object) -> None:
        self.listener.close()

    def _accept(self) -> None:
        client, _ = self.listener.accept()
        server = socket.create_connection(("127.0.0.1", self.target))
        threading.Thread(target=self._answer, args=(server, client), daemon=True).start()
        try:
            while record := self._record(client):
                server.sendall(record)
        except OSError:
            pass
        server.close()

    def _record(self, client: socket.socket) -> bytes:
        head = self._exactly(client, 5)
        body = bytearray(self._exactly(client, int.from_bytes(head[3:5], "big")) if head else b"")
        offset = 0
        # Handshake messages in clear, until the cipher changes.
        while head[:1] == b"\x16" and offset + 4 <= len(body) and body[offset] in (1, 11, 15, 16):
            length = int.from_bytes(body[offset + 1:offset + 4], "big")
            if body[offset] == 15:
                self.has_seen = True
                if self.is_changing:
                    body[offset + 3 + length] ^= 1
            offset += 4 + length
        return head + bytes(body)

    @staticmethod
    def _exactly(source: socket.socket, count: int) -> bytes:
        received = b""
        while len(received) < count:
            more = source.recv(count - len(received))
            if not more:
                return b""
            received += more
        return received

    @staticmethod
    def _answer(server: socket.socket, client: socket.socket) -> None:
        try:
            while received := server.recv(65536):
                client.sendall(received)
        except OSError:
            pass
        client.close()
