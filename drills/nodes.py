"""Nodes of one installation as a drill needs them: started, killed and started again, each with a
data directory and a port of its own, behind one base address."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import blackbox  # noqa: F401  (before what it makes importable)
from harness import free_port

from wire import Connection, Lost, Unsent

BINARY = os.environ.get("GATEHOUSE_BINARY") or os.environ.get(
    "GATEHOUSE_TEST_BINARY") or str(blackbox.ROOT / ".build/release/gatehouse")

# What a command or a server ends with while another process has the data directory.
IN_USE = 5


class CommandFailed(Exception):
    """A command that ended with another code than 0."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(f"exit code {code}: {words.strip()}")
        self.code = code


class Node:
    """One `gatehouse serve`. It is its own process group: Ctrl-C is for the drill alone."""

    def __init__(self, number: int, port: int, data: Path, installation: Installation) -> None:
        self.number = number
        self.port = port
        self.data = data
        self.log = data.parent / f"node-{number}.log"
        self.installation = installation
        self.environment: dict[str, str] = {}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Starts it, as a supervisor does, and waits until it is ready; how long that took."""
        begun = time.monotonic()
        self._launch()
        while time.monotonic() < begun + 60:
            if self.process is not None and (code := self.process.poll()) is not None:
                # A command may hold the data directory for a moment after a kill.
                if code != IN_USE:
                    raise AssertionError(
                        f"node {self.number} ended with {code}:\n{self.log_text()[-2000:]}")
                self._launch()
            if self.is_ready():
                return time.monotonic() - begun
            time.sleep(0.01)
        raise AssertionError(f"node {self.number} is not ready:\n{self.log_text()[-2000:]}")

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def is_ready(self) -> bool:
        connection = Connection(self.port, self.installation.host, timeout=2)
        try:
            return connection.send("GET", "/readyz").status == 200
        except (Lost, Unsent):
            return False
        finally:
            connection.close()

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def log_text(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def _launch(self) -> None:
        there = self.installation
        command = [
            *there.prefix, BINARY, "serve", "--data", str(self.data), "--base-url", there.base_url,
            "--listen", f"127.0.0.1:{self.port}", *there.arguments]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                env=there.environment | self.environment, start_new_session=True)

    def _end(self, number: int) -> None:
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(timeout=60)
        self.process = None


class Installation:
    """One database, one instance key, one base address, and some nodes.

    `prefix` is put before the command, to pin it to a core, for instance. `environment` is for
    nodes and commands alike.
    """

    def __init__(
        self, directory: Path, *, nodes: int = 1, database: str | None = None,
        arguments: list[str] | None = None, environment: dict[str, str] | None = None,
    ) -> None:
        self.directory = directory
        self.database = database
        self.arguments = ["--log-level", "warning", *(arguments or [])]
        self.prefix: list[str] = []
        ports = [free_port() for _ in range(nodes)]
        self.host = f"127.0.0.1:{ports[0]}"
        self.base_url = f"http://{self.host}"
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("GATEHOUSE_")}
        self.environment = inherited | (environment or {})
        if database:
            key = directory / "instance.key"
            key.write_text(base64.b64encode(os.urandom(32)).decode() + "\n")
            key.chmod(0o600)
            self.environment |= {
                "GATEHOUSE_DATABASE": database, "GATEHOUSE_INSTANCE_KEY_FILE": str(key)}
        self.nodes = []
        for number, port in enumerate(ports):
            data = directory / f"data-{number}"
            data.mkdir(mode=0o700, exist_ok=True)
            self.nodes.append(Node(number, port, data, self))

    def start(self) -> None:
        for node in self.nodes:
            node.start()

    def remove(self) -> None:
        """Ends every node. The directory belongs to whoever made it."""
        for node in self.nodes:
            node.kill()

    def cli(self, *arguments: str, stdin: str | None = None) -> Any:
        """Runs a command.

        On SQLite it goes through the server's socket, or takes the database itself while the
        server is down. On PostgreSQL it connects by itself, as on another machine.
        """
        where = [] if self.database else ["--data", str(self.nodes[0].data)]
        end = arguments.index("--") if "--" in arguments else len(arguments)
        ended = subprocess.run(
            [BINARY, *arguments[:end], *where, "--json", *arguments[end:]], input=stdin or "",
            capture_output=True, text=True, env=self.environment, cwd="/", timeout=60)
        if ended.returncode != 0:
            raise CommandFailed(ended.returncode, ended.stderr)
        return json.loads(ended.stdout)
