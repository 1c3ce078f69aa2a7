"""A name server on the loopback interface that says what a test wants, right or wrong (RFC 1035)."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable

TXT, IN = 16, 1
NAME_ERROR, SERVER_FAILURE, REFUSED = 3, 2, 5


class NameServer:
    """Answers questions for TXT records over UDP until it is closed.

    `texts` are the records by name; a name that is not there does not exist. `answer` may be set to
    something that makes another answer of a question; none at all is silence.
    """

    def __init__(self) -> None:
        self.texts: dict[str, list[str]] = {}
        self.asked: list[str] = []
        self.answer: Callable[[bytes, str], bytes | None] = self.honest
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.socket.getsockname()[1]}"
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def __enter__(self) -> NameServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def serve(self) -> None:
        while True:
            try:
                question, sender = self.socket.recvfrom(4096)
            except OSError:
                return
            name = name_of(question)
            self.asked.append(name)
            if answer := self.answer(question, name):
                self.socket.sendto(answer, sender)

    def honest(self, question: bytes, name: str) -> bytes:
        texts = self.texts.get(name.lower())
        if texts is None:
            return reply(question, [], NAME_ERROR)
        return reply(question, [record(text) for text in texts])


def name_of(question: bytes) -> str:
    labels, at = [], 12
    while length := question[at]:
        labels.append(question[at + 1:at + 1 + length].decode("latin-1"))
        at += 1 + length
    return ".".join(labels)


def record(text: str, *, piece: int = 255) -> bytes:
    """A TXT record of the name that was asked for; long texts come in pieces."""
    value = text.encode()
    pieces = [value[at:at + piece] for at in range(0, len(value), piece)] or [b""]
    data = b"".join(bytes([len(part)]) + part for part in pieces)
    return b"\xc0\x0c" + struct.pack("!HHIH", TXT, IN, 60, len(data)) + data


def reply(question: bytes, records: list[bytes], code: int = 0, flags: int = 0x8180) -> bytes:
    """An answer to a question, with these records."""
    end = question.index(0, 12) + 5
    head = question[:2] + struct.pack("!HHHHH", flags | code, 1, len(records), 0, 0)
    return head + question[12:end] + b"".join(records)
