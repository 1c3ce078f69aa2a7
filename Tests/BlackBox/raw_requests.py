"""Requests as bytes, and what came back for them."""

from __future__ import annotations

import re
import socket
from pathlib import Path

from harness import Instance

FORM = "Content-Type: application/x-www-form-urlencoded\r\n"


def exchange(instance: Instance, request: bytes) -> bytes:
    """Sends bytes and reads to the end. The server may stop listening before we stop talking."""
    with socket.create_connection(("127.0.0.1", instance.port), timeout=30) as connection:
        answer = b""
        try:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        try:
            while received := connection.recv(65536):
                answer += received
        except ConnectionResetError:
            pass
        return answer


def statuses(answer: bytes) -> list[int]:
    return [int(code) for code in re.findall(rb"HTTP/1\.[01] (\d{3}) ", answer)]


def memory(instance: Instance) -> int:
    """The resident memory of the server, in bytes."""
    status = Path(f"/proc/{instance.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024  # type: ignore[index]
