"""A relay for mail on loopback: takes what Gatehouse hands over, or behaves as a test wants.

    with MailRelay() as relay:
        with Instance("sqlite", relay.flags, relay.environment) as instance: ...
        letter = relay.await_letter("kay@example.com")

It speaks SMTP by hand, so that a test sees each line.
"""

from __future__ import annotations

import base64
import email
import email.policy
import re
import shutil
import socket
import ssl
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

from elsewhere import Authority
from trial import eventually

FROM = "no-reply@id.test"
ELSEWHERE = "127.0.0.2"


@dataclass
class Conversation:
    """What one connection brought: the lines that were said, and the mail."""

    lines: list[str] = field(default_factory=list)
    encrypted: bool = False
    recipients: list[str] = field(default_factory=list)
    content: bytes | None = None

    @property
    def message(self) -> EmailMessage:
        assert self.content is not None
        return email.message_from_bytes(  # type: ignore[return-value]
            self.content, policy=email.policy.default)


class MailRelay:
    """`tls` is `smtps`, `starttls` or none; `answers` replace the answers to a command.

    With `host` 127.0.0.2 it is one that counts as elsewhere, and on loopback all the same: without
    STARTTLS nothing is sent there. `injected` follows the answer to STARTTLS before the handshake.
    """

    def __init__(
        self, tls: str | None = None, *, user: str | None = None, signs: bool = True,
        host: str | None = None, names: tuple[str, ...] | None = None,
    ) -> None:
        self.host = host or (ELSEWHERE if tls == "starttls" else "127.0.0.1")
        self.injected = b""
        self.folder = Path(tempfile.mkdtemp(prefix="gh-mail-"))
        self.authority = Authority(self.folder)
        self.context = self.authority.context(names or (self.host,), signs=signs)
        self.tls, self.user, self.password = tls, user, "relay password 12345"
        self.answers: dict[str, list[str]] = {}
        self.conversations: list[Conversation] = []
        self.lock = threading.Lock()
        self.listener = socket.create_server((self.host, 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def __enter__(self) -> MailRelay:
        return self

    def __exit__(self, *_: object) -> None:
        self.listener.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def flags(self) -> list[str]:
        scheme = "smtps" if self.tls == "smtps" else "smtp"
        who = f"{self.user}@" if self.user else ""
        return [
            "--mail-server", f"{scheme}://{who}{self.host}:{self.port}", "--mail-from", FROM,
            "--outbound-ca", str(self.authority.file)]

    @property
    def environment(self) -> dict[str, str]:
        return {"GATEHOUSE_MAIL_PASSWORD": self.password} if self.user else {}

    # What came

    @property
    def mails(self) -> list[Conversation]:
        with self.lock:
            return [one for one in self.conversations if one.content is not None]

    def letters(self, address: str) -> list[Conversation]:
        return [one for one in self.mails if one.recipients == [f"<{address}>"]]

    def await_letter(self, address: str, count: int = 1) -> str:
        """The link in the newest of so many letters to an address."""
        eventually(lambda: len(self.letters(address)) >= count, f"a letter to {address}", 40)
        found = self.letters(address)
        assert len(found) == count
        return link(found[-1].message)

    # How it goes

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        talk = Conversation()
        with self.lock:
            self.conversations.append(talk)
        with suppress(OSError, ssl.SSLError), connection:
            if self.tls == "smtps":
                connection = self.context.wrap_socket(connection, server_side=True)
                talk.encrypted = True
            self._talk(connection, talk)

    def _talk(self, connection: socket.socket, talk: Conversation) -> None:
        reader = connection.makefile("rb")
        connection.sendall(b"220 relay.test\r\n")
        while line := reader.readline():
            text = line.decode("ascii").removesuffix("\r\n")
            talk.lines.append(text)
            verb = text.split(" ")[0].split(":")[0]
            if special := self.answers.get(verb):
                answer = special.pop(0) if len(special) > 1 else special[0]
                connection.sendall(answer.encode() + b"\r\n")
                continue
            if verb == "STARTTLS":
                connection.sendall(b"220 go on\r\n" + self.injected)
                connection = self.context.wrap_socket(connection, server_side=True)
                talk.encrypted = True
                reader = connection.makefile("rb")
            elif verb == "DATA":
                connection.sendall(b"354 go on\r\n")
                content = b""
                while (line := reader.readline()) != b".\r\n":
                    assert line.endswith(b"\r\n"), line
                    content += line
                talk.content = content
                connection.sendall(b"250 taken\r\n")
            else:
                connection.sendall(self._answer(verb, text, talk))
            if verb == "QUIT":
                return

    def _answer(self, verb: str, text: str, talk: Conversation) -> bytes:
        if verb == "EHLO":
            offers = ["relay.test", "8BITMIME", "AUTH PLAIN LOGIN"]
            if self.tls == "starttls" and not talk.encrypted:
                offers.append("STARTTLS")
            marks = ["-"] * (len(offers) - 1) + [" "]
            return "".join(
                f"250{mark}{offer}\r\n" for mark, offer in zip(marks, offers)).encode()
        if verb == "AUTH":
            wanted = base64.b64encode(f"\0{self.user}\0{self.password}".encode()).decode()
            return b"235 ok\r\n" if text == f"AUTH PLAIN {wanted}" else b"535 no\r\n"
        if verb == "RCPT":
            talk.recipients.append(text.removeprefix("RCPT TO:"))
        return b"250 ok\r\n"


def link(message: EmailMessage) -> str:
    """The one link of a letter."""
    found = re.findall(r"https?://\S+", message.get_content())
    assert len(found) == 1, found
    return found[0]
