"""A throw-away PostgreSQL for one run that flushes what it commits, as one in production does."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Iterable

from installation import free_port

SETTINGS = {
    "listen_addresses": "127.0.0.1", "max_connections": "100", "shared_buffers": "512MB",
    "max_wal_size": "4GB", "fsync": "on", "full_page_writes": "on", "synchronous_commit": "on",
}


class Cluster:
    """One cluster, in a folder of its own. PostgreSQL refuses to run as root: then the user
    `postgres` runs it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="gatehouse-bench-postgres-"))
        self.port = free_port()
        self.password = secrets.token_hex(16)
        programs = sorted(
            Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        found = programs[-1] if programs else shutil.which("initdb")
        if not found:
            raise SystemExit("PostgreSQL is not installed; run `Scripts/install-packages bench`.")
        self.programs = found if isinstance(found, Path) else Path(found).resolve().parent

    def __enter__(self) -> Cluster:
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        password = self.folder / "password"
        password.write_text(self.password + "\n")
        if os.geteuid() == 0:
            shutil.chown(password, "postgres")
        password.chmod(0o600)
        self._own(
            "initdb", "--pgdata", str(self.folder / "cluster"), "--username", "gatehouse",
            "--auth", "scram-sha-256", "--pwfile", str(password), "--encoding", "UTF8",
            "--locale", "C.UTF-8", "--no-sync")
        given = SETTINGS | {"port": str(self.port), "unix_socket_directories": ""}
        options = " ".join(f"-c {name}='{value}'" for name, value in given.items())
        self._own(
            "pg_ctl", "start", "--silent", "--wait", "--pgdata", str(self.folder / "cluster"),
            "--log", str(self.folder / "log"), "--options", options)
        return self

    def __exit__(self, *_: object) -> None:
        self._own(
            "pg_ctl", "stop", "--silent", "--mode", "immediate", "--pgdata",
            str(self.folder / "cluster"))
        shutil.rmtree(self.folder, ignore_errors=True)

    def create_database(self) -> str:
        """A new database; its address."""
        name = f"bench_{secrets.token_hex(4)}"
        query(self._address("postgres"), f"CREATE DATABASE {name}")
        return self._address(name)

    @property
    def version(self) -> str:
        return query(self._address("postgres"), "SHOW server_version").split()[0]

    def _address(self, database: str) -> str:
        return f"postgres://gatehouse:{self.password}@127.0.0.1:{self.port}/{database}"

    def _own(self, program: str, *arguments: str) -> None:
        user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        # Its output goes to a file: the server inherits it, and a pipe would never end.
        with tempfile.TemporaryFile("w+") as said:
            done = subprocess.run(
                [*user, str(self.programs / program), *arguments], stdin=subprocess.DEVNULL,
                stdout=said, stderr=said, cwd="/")
            said.seek(0)
            if done.returncode != 0:
                raise SystemExit(f"{program}: {said.read()}")


def query(address: str, statement: str) -> str:
    return psql(address, ["--command", statement], None)


def copy(address: str, table: str, columns: list[str], lines: Iterable[str]) -> None:
    """Adds rows, each a line in the text format of COPY."""
    process = subprocess.Popen(
        ["psql", "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", address, "--command",
         f"COPY {table} ({', '.join(columns)}) FROM STDIN"],
        stdin=subprocess.PIPE, text=True, cwd="/")
    assert process.stdin is not None
    for line in lines:
        process.stdin.write(line)
    process.stdin.close()
    if process.wait() != 0:
        raise SystemExit(f"The rows of {table} cannot be added.")


def psql(address: str, arguments: list[str], given: str | None) -> str:
    done = subprocess.run(
        ["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set",
         "ON_ERROR_STOP=1", address, *arguments],
        input=given, capture_output=True, text=True, cwd="/")
    if done.returncode != 0:
        raise SystemExit(f"psql: {done.stderr}")
    return done.stdout.strip()
