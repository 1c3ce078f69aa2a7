"""The database of an instance under test, and a way to look into it past the server."""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parents[2]


class Database:
    """What every kind of database can do for a test."""

    # What `--database` is told; None for SQLite, which is in the data directory.
    url: str | None = None

    def rows(self, query: str) -> list[dict[str, Any]]:
        raise NotImplementedError

    def value(self, query: str) -> Any:
        """The only column of the only row."""
        (row,) = self.rows(query)
        (value,) = row.values()
        return value

    def execute(self, statement: str) -> None:
        """Changes what is stored past the server: how a test moves time and breaks statements."""
        raise NotImplementedError

    def rows_of_tenant(self, tenant_id: str) -> dict[str, list[dict[str, Any]]]:
        """Everything that is stored of a tenant, by table."""
        raise NotImplementedError

    @property
    def tables(self) -> list[str]:
        """The tables that hold something of a tenant."""
        raise NotImplementedError

    def remove(self) -> None:
        """Removes what was made for the test."""


class SQLiteDatabase(Database):
    def __init__(self, path: Path) -> None:
        self.path = path

    def rows(self, query: str) -> list[dict[str, Any]]:
        with self._reading() as connection:
            return [dict(row) for row in connection.execute(query)]

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=30)
        try:
            connection.row_factory = sqlite3.Row
            yield connection
        finally:
            connection.close()

    def execute(self, statement: str) -> None:
        connection = sqlite3.connect(self.path, timeout=30)
        with connection:
            connection.execute(statement)
        connection.close()

    def rows_of_tenant(self, tenant_id: str) -> dict[str, list[dict[str, Any]]]:
        # By one connection: opening one costs more than the answers.
        tables = self.tables
        with self._reading() as connection:
            return {
                table: [dict(row) for row in connection.execute(
                    f"SELECT * FROM {table} WHERE tenant_id = ?", [tenant_id])]
                for table in tables}

    @cached_property
    def tables(self) -> list[str]:
        return [row["name"] for row in self.rows(
            "SELECT m.name FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c "
            "WHERE m.type = 'table' AND c.name = 'tenant_id' ORDER BY m.name")]


class PostgresDatabase(Database):
    """A database of its own in the cluster that GATEHOUSE_TEST_POSTGRES names."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.name = urlsplit(url).path.lstrip("/")
        self.session: Session | None = None

    @classmethod
    def create(cls) -> PostgresDatabase:
        name = f"blackbox_{secrets.token_hex(8)}"
        server = cluster_url()
        psql(server, f"CREATE DATABASE {name}")
        return cls(urlunsplit(urlsplit(server)._replace(path=f"/{name}")))

    def rows(self, query: str) -> list[dict[str, Any]]:
        return json.loads(self._ask(
            f"SELECT coalesce(json_agg(found), '[]') FROM ({query}) AS found"))

    def execute(self, statement: str) -> None:
        self._ask(statement)

    def _ask(self, statement: str) -> str:
        if self.session is None or not self.session.is_open:
            self.session = Session(self.url or "")
        return self.session.ask(statement)

    @cached_property
    def tables(self) -> list[str]:
        return [row["table_name"] for row in self.rows(
            "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' "
            "AND column_name = 'tenant_id' ORDER BY table_name")]

    def rows_of_tenant(self, tenant_id: str) -> dict[str, list[dict[str, Any]]]:
        # In one question: starting psql costs more than the answer.
        columns = ", ".join(
            f"(SELECT coalesce(json_agg(t), '[]') FROM {table} AS t "
            f"WHERE tenant_id = '{tenant_id}') AS {table}" for table in self.tables)
        (found,) = self.rows(f"SELECT {columns}")
        return found

    def remove(self) -> None:
        if self.session:
            self.session.close()
        psql(cluster_url(), f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")


class Session:
    """A psql that stays open: to start one for each question takes longer than most tests."""

    END = "the-end-of-an-answer"

    def __init__(self, url: str) -> None:
        self.process = subprocess.Popen(
            ["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", url], cwd="/",
            text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.turn = threading.Lock()

    @property
    def is_open(self) -> bool:
        return self.process.poll() is None

    def ask(self, statement: str) -> str:
        """The lines of the answer; fails with what PostgreSQL says of a statement that is wrong."""
        sent, received = self.process.stdin, self.process.stdout
        assert sent and received
        lines: list[str] = []
        with self.turn:
            sent.write(f"{statement};\n\\echo {self.END}\n")
            sent.flush()
            for line in received:
                if line.rstrip("\n") == self.END:
                    break
                lines.append(line)
            else:
                raise AssertionError(f"psql ended: {''.join(lines)}")
        answer = "".join(lines).strip()
        assert "ERROR:" not in answer.partition("\n")[0], answer
        return answer

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


def cluster_url() -> str:
    """The address of the PostgreSQL that tests may use."""
    if url := os.environ.get("GATEHOUSE_TEST_POSTGRES"):
        return url
    ended = subprocess.run([ROOT / "Scripts/postgres", "url"], capture_output=True, text=True)
    assert ended.returncode == 0, f"No PostgreSQL to test with: {ended.stderr}"
    return ended.stdout.strip()


def psql(url: str, query: str) -> str:
    ended = subprocess.run(
        ["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", url, "-c", query],
        capture_output=True, text=True, cwd="/")
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()
