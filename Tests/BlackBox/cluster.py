"""A PostgreSQL of a test's own, which it may stop and start."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from harness import free_port


class Cluster:
    """A throw-away PostgreSQL on loopback. Its address stays the same for its whole life."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="gh-pg-"))
        if os.geteuid() == 0:
            shutil.chown(self.path, "postgres")
        self.port = free_port()
        self.url = f"postgres://gatehouse:only-a-test@127.0.0.1:{self.port}/postgres"

    def __enter__(self) -> Cluster:
        password = self.path / "password"
        password.write_text("only-a-test\n")
        password.chmod(0o644)
        # Flushed to the disk as in production: a test ends this server in the worst way.
        self._run(
            "initdb", "--pgdata", self._data, "--username", "gatehouse", "--auth",
            "scram-sha-256", "--pwfile", password, "--encoding", "UTF8", "--locale", "C.UTF-8",
            "--no-sync")
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        shutil.rmtree(self.path, ignore_errors=True)

    def start(self) -> None:
        options = f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories="
        self._run(
            "pg_ctl", "start", "--wait", "--pgdata", self._data, "--log", self.path / "log",
            "--options", options)

    def kill(self) -> None:
        """Ends it at once, without a goodbye to anyone."""
        self._run("pg_ctl", "stop", "--mode", "immediate", "--pgdata", self._data, check=False)

    @property
    def _data(self) -> Path:
        return self.path / "cluster"

    def _run(self, program: str, *arguments: str | Path, check: bool = True) -> None:
        found = shutil.which(program) or max(
            Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=str)
        # PostgreSQL refuses to run as root.
        user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        ended = subprocess.run(
            [*user, str(found), *map(str, arguments)], cwd="/", stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=60)
        assert ended.returncode == 0 or not check, ended.stderr
