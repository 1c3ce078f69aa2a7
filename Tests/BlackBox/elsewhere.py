"""Other servers that Gatehouse asks: on loopback, over TLS, and as hostile as a test wants.

    with Elsewhere() as elsewhere:
        elsewhere.answer("/keys", answer(b"{}"))
        ...
        assert elsewhere.paths == ["/keys"]

An instance asks them if it is started with `elsewhere.flags`: the operator's own settings for
networks that are not public.
"""

from __future__ import annotations

import datetime
import ipaddress
import shutil
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

# What a server sends after a request, piece by piece.
Behaviour = Callable[[], Iterable[bytes]]

DAY = datetime.timedelta(days=1)


class Authority:
    """A certificate authority, with its files in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test authority")])
        self.certificate = self._sign(self.name, self.key, ca=True)
        self.file = folder / "ca.pem"
        self.file.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def context(
        self, names: tuple[str, ...] = ("localhost", "127.0.0.1"), *, age: int = 0,
        signs: bool = True, newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3,
    ) -> ssl.SSLContext:
        """What a server with a certificate for these names needs; one that ended `age` days ago,
        or was signed by itself."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.maximum_version = newest
        context.load_cert_chain(self.identity(names, age=age, signs=signs))
        return context

    def identity(
        self, names: tuple[str, ...] = ("localhost", "127.0.0.1"), *, age: int = 0,
        signs: bool = True,
    ) -> Path:
        """A file with such a certificate and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "elsewhere")])
        leaf = self._sign(subject, key, names=names, age=age, by=self.key if signs else key)
        file = Path(tempfile.mkstemp(dir=self.folder, suffix=".pem")[1])
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption())
            + leaf.public_bytes(serialization.Encoding.PEM))
        return file

    def _sign(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, *, ca: bool = False,
        names: tuple[str, ...] = (), age: int = 0, by: ec.EllipticCurvePrivateKey | None = None,
    ) -> x509.Certificate:
        end = datetime.datetime.now(datetime.timezone.utc) + 30 * DAY
        if age:
            end -= (30 + age) * DAY
        builder = (
            x509.CertificateBuilder().subject_name(subject).issuer_name(self.name)
            .public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(end - 60 * DAY).not_valid_after(end)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True))
        if names:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([_name(name) for name in names]), critical=False)
        return builder.sign(by or self.key, hashes.SHA256())


def _name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def answer(
    body: bytes, *, media_type: str = "application/json", status: str = "200 OK",
    headers: str = "",
) -> Behaviour:
    """A whole answer."""
    head = (f"HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\n{headers}"
            f"Content-Length: {len(body)}\r\n\r\n")
    return lambda: [head.encode() + body]


class Elsewhere:
    """One server: it remembers what it was asked, and answers each path as it is told."""

    def __init__(
        self, authority: Authority | None = None, context: ssl.SSLContext | None = None,
    ) -> None:
        self._folder = None if authority else Path(tempfile.mkdtemp(prefix="gh-ca-"))
        self.authority = authority or Authority(self._folder or Path())
        self._context = context or self.authority.context()
        self._behaviours: dict[str, Behaviour] = {}
        self.requests: list[bytes] = []
        self.connections = 0
        self.is_over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Elsewhere:
        return self

    def __exit__(self, *_: object) -> None:
        self.is_over.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def flags(self) -> list[str]:
        """What lets an instance ask this server."""
        return ["--outbound-allow", "127.0.0.0/8,::1/128",
                "--outbound-ca", str(self.authority.file)]

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"https://{host}:{self.port}{path}"

    def answer(self, path: str, behaviour: Behaviour) -> str:
        """From now on the path is answered so; its address."""
        self._behaviours[path] = behaviour
        return self.url(path)

    @property
    def paths(self) -> list[str]:
        return [request.split(b" ")[1].decode() for request in self.requests]

    def at(self, path: str) -> list[bytes]:
        """The requests that came to a path."""
        return [request for request, at in zip(self.requests, self.paths) if at == path]

    def posted(self, path: str) -> list[tuple[dict[bytes, bytes], bytes]]:
        """The fields and the body of what was posted to a path, where nothing else came."""
        found = []
        for request in self.at(path):
            head, _, body = request.partition(b"\r\n\r\n")
            lines = head.split(b"\r\n")
            assert lines[0] == f"POST {path} HTTP/1.1".encode()
            found.append((
                {line.split(b":")[0].lower(): line.split(b": ", 1)[1] for line in lines[1:]}, body))
        return found

    def _accept(self) -> None:
        while not self.is_over.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        # Whoever asks may leave whenever they like.
        with suppress(OSError, ValueError), connection:
            connection.settimeout(30)
            with self._context.wrap_socket(connection, server_side=True) as channel:
                request = b""
                while b"\r\n\r\n" not in request:
                    received = channel.recv(4096)
                    if not received:
                        return
                    request += received
                request += self._body(channel, request)
                self.requests.append(request)
                path = request.split(b" ")[1].decode()
                behaviour = self._behaviours.get(
                    path, answer(b"{}", status="404 Not Found"))
                for piece in behaviour():
                    channel.sendall(piece)

    @staticmethod
    def _body(channel: ssl.SSLSocket, request: bytes) -> bytes:
        """What is still missing of a form."""
        head, _, body = request.partition(b"\r\n\r\n")
        lengths = [int(line.split(b":")[1]) for line in head.lower().split(b"\r\n")
                   if line.startswith(b"content-length:")]
        missing, rest = max(lengths, default=0) - len(body), b""
        while missing > len(rest):
            rest += channel.recv(4096)
        return rest


def forever(piece: bytes, pause: threading.Event | None = None) -> Iterator[bytes]:
    """The same piece again and again; with a pause of a second if one is given to wait for."""
    while True:
        yield piece
        if pause is not None and pause.wait(1):
            return
