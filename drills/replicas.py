"""Two PostgreSQL servers on loopback, of which one follows the other and can take its place."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import blackbox  # noqa: F401  (before what it makes importable)
from harness import free_port

PASSWORD = "only-a-drill"


class Server:
    """One PostgreSQL on a port that stays the same."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"postgres://gatehouse:{PASSWORD}@127.0.0.1:{self.port}/postgres"

    def make(self) -> None:
        secret = self.path.parent / "password"
        secret.write_text(PASSWORD + "\n")
        secret.chmod(0o644)
        run("initdb", "--pgdata", self.path, "--username", "gatehouse", "--auth",
            "scram-sha-256", "--pwfile", secret, "--encoding", "UTF8", "--locale", "C.UTF-8",
            "--no-sync")

    def copy(self, primary: Server) -> None:
        """Becomes a follower of another one, from nothing."""
        shutil.rmtree(self.path, ignore_errors=True)
        run("pg_basebackup", "--pgdata", self.path, "--host", "127.0.0.1", "--port",
            primary.port, "--username", "gatehouse", "--write-recovery-conf", "--checkpoint",
            "fast", "--no-sync")

    def start(self) -> None:
        options = (f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories= "
                   "-c max_connections=200 -c fsync=on -c wal_keep_size=1GB")
        run("pg_ctl", "start", "--wait", "--pgdata", self.path, "--log", f"{self.path}.log",
            "--options", options)

    def stop(self) -> None:
        """As an operator stops it: connections are cut, what is in memory is written."""
        run("pg_ctl", "stop", "--wait", "--mode", "fast", "--pgdata", self.path, check=False)

    def kill(self) -> None:
        """Ends every process of it at once."""
        if not (mother := self.postmaster):
            return
        children = self.children()
        for process in (mother, *children):
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        deadline = time.monotonic() + 10
        while any(is_running(p) for p in (mother, *children)) and time.monotonic() < deadline:
            time.sleep(0.01)

    def promote(self) -> None:
        run("pg_ctl", "promote", "--wait", "--pgdata", self.path)

    def freeze_replication(self) -> None:
        """Stops what sends to the follower, as a network that hangs would."""
        for process in self.children():
            words = Path(f"/proc/{process}/cmdline").read_bytes()
            if b"walsender" in words:
                os.kill(process, signal.SIGSTOP)

    def sql(self, statement: str) -> str:
        return subprocess.run(
            ["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", self.url, "-c",
             statement], capture_output=True, text=True, cwd="/", check=True).stdout.strip()

    def be_synchronous(self, is_so: bool) -> None:
        """Whether a commit waits until the follower has it on disk."""
        name = "*" if is_so else ""
        self.sql(f"ALTER SYSTEM SET synchronous_standby_names = '{name}'")
        self.sql("SELECT pg_reload_conf()")

    def await_follower(self, synchronous: bool) -> None:
        wanted = "sync" if synchronous else "async"
        deadline = time.monotonic() + 30
        while self.sql("SELECT sync_state FROM pg_stat_replication") != wanted:
            assert time.monotonic() < deadline, f"no follower becomes {wanted}"
            time.sleep(0.05)

    @property
    def postmaster(self) -> int | None:
        try:
            return int((self.path / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return None

    def children(self) -> list[int]:
        mother = self.postmaster
        listed = Path(f"/proc/{mother}/task/{mother}/children")
        return [int(p) for p in listed.read_text().split()] if listed.exists() else []


class Pair:
    """A primary and its follower; after a fail-over they change roles."""

    def __init__(self, synchronous: bool) -> None:
        self.synchronous = synchronous
        self.path = Path(tempfile.mkdtemp(prefix="gh-drill-pg-"))
        if os.geteuid() == 0:
            shutil.chown(self.path, "postgres")
        self.primary, self.follower = Server(self.path / "a"), Server(self.path / "b")

    def __enter__(self) -> Pair:
        try:
            self.primary.make()
            self.primary.start()
            self.follow()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.primary.kill()
        self.follower.kill()
        shutil.rmtree(self.path, ignore_errors=True)

    @property
    def url(self) -> str:
        hosts = f"127.0.0.1:{self.primary.port},127.0.0.1:{self.follower.port}"
        return (f"postgres://gatehouse:{PASSWORD}@{hosts}/postgres"
                "?target_session_attrs=read-write")

    def follow(self) -> None:
        """Makes the follower anew from the primary and lets commits wait for it."""
        self.follower.copy(self.primary)
        self.follower.start()
        self.primary.be_synchronous(self.synchronous)
        self.primary.await_follower(self.synchronous)

    def fail_over(self) -> None:
        """The follower, which must have every acknowledged commit, becomes the primary."""
        self.follower.promote()
        self.primary, self.follower = self.follower, self.primary
        # It waits for nobody until it has a follower of its own.
        self.primary.be_synchronous(False)


def is_running(process: int) -> bool:
    try:
        return b") Z" not in Path(f"/proc/{process}/stat").read_bytes()
    except OSError:
        return False


def run(program: str, *arguments: object, check: bool = True) -> None:
    """Runs a program of PostgreSQL, which refuses to run as root."""
    found = max(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), default=None, key=str)
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    ended = subprocess.run(
        [*user, str(found or program), *map(str, arguments)], cwd="/", stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=120,
        env=os.environ | {"PGPASSWORD": PASSWORD})
    assert ended.returncode == 0 or not check, ended.stderr
