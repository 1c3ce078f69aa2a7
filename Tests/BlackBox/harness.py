"""Starts Gatehouse as its users do and looks at it from outside: over HTTP, by its command, in
its log and, where nothing else tells, in its database.

    with Instance("sqlite") as instance:
        tenant = instance.create_tenant()
        client = tenant.create_client("web")
        user = tenant.create_user()

At the end of each test, and of the instance, `Instance.check` holds what must always hold: the
process lives (U1), it answered nothing with 5xx (U2), and its log has no secret in it (U3).
"""

from __future__ import annotations

import itertools
import json
import os
import re
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Iterator
from urllib.parse import parse_qsl, urlsplit

import httpx

from database import Database, PostgresDatabase, SQLiteDatabase
from tenancy import REDIRECT_URI, Client, Tenant, User, with_flags  # noqa: F401 - tests have them from here

ROOT = Path(__file__).resolve().parents[2]
BINARY = os.environ.get("GATEHOUSE_TEST_BINARY", str(ROOT / ".build/debug/gatehouse"))

# Made once: httpx makes one for each client, TLS or not, and that takes longer than a request.
TLS = ssl.create_default_context()

# Every secret of Gatehouse has one of these shapes, and so has every token.
SECRET_SHAPES = re.compile(
    rb"\b(?:ac|rt|tok|cs|ses|brw|dev|adm|dc|par|iat|rat|arq|ivt|ak|gak)_[A-Za-z0-9_-]{43}"
    rb"|\beyJ[A-Za-z0-9_-]{10}")


class CommandFailed(Exception):
    """A command that ended with another code than 0."""

    def __init__(self, code: int, stderr: str) -> None:
        super().__init__(f"exit code {code}: {stderr}")
        self.code = code
        self.stderr = stderr


class Instance:
    """One installation with a data directory and a database of its own.

    `arguments` are added to `gatehouse serve`, `environment` to its environment.
    """

    def __init__(
        self, kind: str = "sqlite", arguments: list[str] | None = None,
        environment: dict[str, str] | None = None,
    ) -> None:
        self.kind = kind
        self.arguments = arguments or []
        self.environment = environment or {}
        self.process: subprocess.Popen[bytes] | None = None
        self.data = Path(tempfile.mkdtemp(prefix="gh-"))
        self.log = self.data.parent / f"{self.data.name}.log"
        self.database: Database = (
            PostgresDatabase.create() if kind == "postgres"
            else SQLiteDatabase(self.data / "gatehouse.db"))
        self.secrets: set[str] = set()
        self._owner: str | None = None
        # What the latest command said on standard error, besides its answer.
        self.warned = ""
        # How much of the log is checked, and between where 5xx is expected.
        self._checked = 0
        self._tolerated: list[tuple[int, int]] = []

    # Life

    def __enter__(self) -> Instance:
        try:
            self.start()
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            if kind is None:
                self.check()
        finally:
            self.remove()

    def start(self) -> None:
        """Starts the server, on a free port unless it had one, and waits until it is ready."""
        self.port = getattr(self, "port", None) or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = [
            BINARY, "serve", "--base-url", self.url, "--listen", f"127.0.0.1:{self.port}",
            *self._where, *self.arguments,
        ]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, env=self._environment, cwd="/")
        self.http = httpx.Client(
            follow_redirects=False, timeout=60, trust_env=False, verify=TLS,
            limits=httpx.Limits(max_connections=256, max_keepalive_connections=64),
            event_hooks={"request": [self._see_request], "response": [self._see_response]})
        self._await_ready()

    def stop(self) -> int:
        """Asks the server to end and waits for it."""
        return self._end(signal.SIGTERM)

    def kill(self) -> int:
        """Ends the server as a power cut would."""
        return self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Stops the server and starts it again, on the same data and port."""
        self.stop()
        self.start()

    def remove(self) -> None:
        """Ends the server if it runs, and removes what it stored."""
        self._end(signal.SIGKILL)
        self.database.remove()
        shutil.rmtree(self.data, ignore_errors=True)
        self.log.unlink(missing_ok=True)

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process else None

    def _end(self, number: int) -> int:
        if self.process is None:
            return 0
        self.http.close()
        self.process.send_signal(number)
        code = self.process.wait(timeout=60)
        self.process = None
        return code

    def _await_ready(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if not self.is_alive:
                raise AssertionError(f"The server did not start:\n{self.log_text()}")
            try:
                if self.http.get(f"{self.url}/readyz").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            # The one wait there is: between two questions, whether the server is up.
            time.sleep(0.02)
        raise AssertionError(f"The server is not ready:\n{self.log_text()}")

    @property
    def _where(self) -> list[str]:
        return ["--data", str(self.data)] + (
            ["--database", self.database.url] if self.database.url else [])

    @property
    def _where_to_ask(self) -> list[str]:
        # Through the server while it runs; a command that is told the database goes there itself.
        return ["--data", str(self.data)] if self.is_alive else self._where

    @property
    def _environment(self) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("GATEHOUSE_")}
        return inherited | self.environment

    # The command

    def cli(self, *arguments: str, stdin: str | None = None, key: str | None = None) -> Any:
        """Runs a command on this installation; its answer, parsed.

        With an administrator key it asks the admin API as from another machine.
        """
        key = key or self._key_of_all
        where, environment = (
            (["--at", self.url], {"GATEHOUSE_ADMINISTRATOR_KEY": key}) if key
            else (self._where_to_ask, {}))
        ended = subprocess.run(
            [BINARY, *with_flags(arguments, *where, "--json")], input=stdin,
            capture_output=True, text=True, env=self._environment | environment, cwd="/",
            timeout=60)
        if stdin:
            self.keep_secret(stdin.strip("\n"))
        if ended.returncode != 0:
            raise CommandFailed(ended.returncode, ended.stderr)
        self.warned = ended.stderr
        answer = json.loads(ended.stdout)
        self._see_json(answer)
        return answer

    def asked(self, operation: str, **arguments: Any) -> Any:
        """What a command would have the server do, through the same socket, without the command: for what
        most tests begin with, since a process for each would take longer than the tests.

        None if it was not done; then the command tells why.
        """
        if not self.is_alive or self._key_of_all:
            return None
        said = {name: value for name, value in arguments.items() if value is not None}
        way = httpx.HTTPTransport(uds=str(self.data / "gatehouse.sock"), verify=TLS)
        with httpx.Client(transport=way, timeout=60) as socket:
            answer = socket.post(
                "http://localhost/operations", json={"operation": operation, "arguments": said})
        if answer.status_code != 200:
            return None
        result = answer.json()["result"]
        self.keep_secret(arguments.get("password"))
        self._see_json(result)
        return result

    @property
    def _key_of_all(self) -> str | None:
        """The key that all commands use where GATEHOUSE_TEST_THROUGH_API asks for it."""
        if not os.environ.get("GATEHOUSE_TEST_THROUGH_API") or not self.is_alive:
            return None
        if self._owner is None:
            made = subprocess.run(
                [BINARY, "admin", "key", "create", "--name", "Tests", "--role", "owner", "--json",
                 *self._where_to_ask], capture_output=True, text=True, env=self._environment,
                cwd="/", timeout=60, check=True)
            self._owner = json.loads(made.stdout)["administrator_key"]
        return self._owner

    def create_tenant(self, *, registration: str = "closed", slug: str | None = None) -> Tenant:
        """A tenant that no other test knows."""
        slug = slug or f"t-{secrets.token_hex(5)}"
        made = self.asked("tenant.create", tenant=slug, registration=registration) or self.cli(
            "tenant", "create", slug, "--registration", registration)
        return Tenant(self, made["id"], slug, made["issuer"])

    # What is seen of it

    def raw(self, request: bytes) -> bytes:
        """Sends bytes as they are and reads until the server closes the connection."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            connection.sendall(request)
            answer = b""
            while received := connection.recv(65536):
                answer += received
            return answer

    def log_text(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def log_records(self) -> list[dict[str, Any]]:
        """The log, line by line; fails if a line is not one JSON object."""
        return [json.loads(line) for line in self.log.read_bytes().splitlines()]

    def events(self, tenant: Tenant | None = None) -> list[dict[str, Any]]:
        """What the audit knows, oldest first."""
        where = f"WHERE tenant_id = '{tenant.id}'" if tenant else ""
        return self.database.rows(
            f"SELECT tenant_id, kind, actor, subject, detail FROM event {where} ORDER BY id")

    # What always holds

    def keep_secret(self, *values: str | None) -> None:
        """Remembers values that must not occur in the log."""
        self.secrets.update(value for value in values if value and len(value) >= 8)

    @contextmanager
    def tolerating_5xx(self) -> Iterator[None]:
        """For requests that are meant to meet a server that cannot serve them."""
        start = self.log.stat().st_size
        yield
        self._tolerated.append((start, self.log.stat().st_size))

    def check(self) -> None:
        """The universal postconditions U1, U2 and U3, for everything since the last check."""
        assert self.is_alive, f"U1: the process ended.\n{self.log_text()[-4000:]}"
        since, self._checked = self._checked, self.log.stat().st_size
        written = self.log.read_bytes()
        for start, end in self._tolerated:
            written = written[:start] + b" " * (end - start) + written[end:]
        failures = re.findall(rb'[^\n]*"status":5\d\d[^\n]*', written[since:])
        assert not failures, f"U2: {failures}"
        written = self.log.read_bytes()[since:]
        shapes = SECRET_SHAPES.findall(written)
        assert not shapes, f"U3: the log has {shapes}"
        told = [value for value in self.secrets if value.encode() in written]
        assert not told, f"U3: the log has {told}"
        self.secrets.clear()

    def _see_request(self, request: httpx.Request) -> None:
        form = b"application/x-www-form-urlencoded"
        if request.headers.get("content-type", "").encode().startswith(form):
            try:
                for name, value in parse_qsl(request.read().decode()):
                    if name in (
                            "password", "code", "code_verifier", "refresh_token", "csrf",
                            "device_code", "user_code", "auth_req_id",
                            "client_notification_token", "invitation_token"):
                        self.keep_secret(value)
            except ValueError:
                pass

    def _see_response(self, response: httpx.Response) -> None:
        query = dict(parse_qsl(urlsplit(response.headers.get("location", "")).query))
        self.keep_secret(query.get("code"))
        for cookie in response.headers.get_list("set-cookie"):
            self.keep_secret(cookie.split(";")[0].partition("=")[2])
        if response.headers.get("content-type") == "application/json":
            response.read()
            try:
                self._see_json(response.json())
            except ValueError:
                pass

    def _see_json(self, answer: Any) -> None:
        if isinstance(answer, dict):
            for name in (
                    "access_token", "refresh_token", "id_token", "client_secret", "device_code",
                    "user_code", "registration_access_token", "initial_access_token",
                    "auth_req_id"):
                self.keep_secret(answer.get(name))
            self.keep_secret(str(answer.get("url", "")).partition("secret=")[2])
            self.keep_secret(str(answer.get("request_uri", "")).rpartition(":")[2])


def own_ports() -> Iterator[int]:
    """Ports for servers, round and round: below those that the system gives to outgoing connections, and
    others for each process of the tests, so that nobody takes one before its server does."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    first, count = 12_000 + int(worker) % 10 * 2_000, 2_000
    start = secrets.randbelow(count)
    return itertools.cycle([first + (start + number) % count for number in range(count)])


PORTS = own_ports()


def free_port() -> int:
    for port in PORTS:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("There is always another port.")
