"""Adds many rows to the database of an installation, before its server runs."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Iterable, Protocol, Sequence

import postgres

Value = str | int | bytes | None
Row = Sequence[Value]


class Store(Protocol):
    """A database that rows are added to in bulk."""

    # 32 random bytes, and 15 random hexadecimal digits, in this database's SQL.
    random_digest: str
    random_digits: str

    def add(self, table: str, columns: list[str], rows: Iterable[Row]) -> None:
        """Adds rows that Python has."""

    def run(self, tables: list[str], statements: list[str]) -> None:
        """Runs statements that add many rows to these tables."""

    def value(self, query: str) -> str:
        """The only column of the only row."""

    def columns(self, table: str) -> list[str]:
        """The columns of a table."""

    def finish(self) -> None:
        """Brings the database into the state that it has after a while in use."""


class SQLiteStore:
    random_digest = "randomblob(32)"
    random_digits = "substr(lower(hex(randomblob(8))), 2)"

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path)
        self.connection.executescript(
            "PRAGMA synchronous = OFF; PRAGMA cache_size = -2000000; PRAGMA foreign_keys = OFF;"
            "PRAGMA wal_autocheckpoint = 100000")

    def add(self, table: str, columns: list[str], rows: Iterable[Row]) -> None:
        marks = ", ".join("?" * len(columns))
        with self.connection:
            self.connection.executemany(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)

    def run(self, tables: list[str], statements: list[str]) -> None:
        # Indexes that are made at the end are made faster.
        indexes = [
            index for table in tables for index in self.connection.execute(
                "SELECT name, sql FROM sqlite_master"
                " WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ?", (table,))]
        with self.connection:
            for name, _ in indexes:
                self.connection.execute(f"DROP INDEX {name}")
            for statement in [*statements, *(definition for _, definition in indexes)]:
                self.connection.execute(statement)

    def value(self, query: str) -> str:
        (found,) = self.connection.execute(query).fetchone()
        return str(found)

    def columns(self, table: str) -> list[str]:
        return [row[1] for row in self.connection.execute(f"PRAGMA table_info({table})")]

    def finish(self) -> None:
        self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.connection.close()


class PostgresStore:
    random_digest = "uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())"
    random_digits = "right(md5(random()::text), 15)"

    def __init__(self, address: str) -> None:
        self.address = address

    def add(self, table: str, columns: list[str], rows: Iterable[Row]) -> None:
        postgres.copy(
            self.address, table, columns, ("\t".join(map(field, row)) + "\n" for row in rows))

    def run(self, tables: list[str], statements: list[str]) -> None:
        names = ",".join(tables)
        indexes = [line.split("|", 1) for line in postgres.query(
            self.address,
            "SELECT indexname || '|' || indexdef FROM pg_indexes"
            f" WHERE tablename = ANY ('{{{names}}}')"
            " AND indexname NOT IN (SELECT conname FROM pg_constraint)").splitlines()]
        # As one who may skip the checks of foreign keys: these rows are right. Compiling the
        # statements takes longer than running them.
        postgres.query(self.address, ";\n".join([
            "SET session_replication_role = replica", "SET jit = off",
            "SET work_mem = '256MB'", "SET maintenance_work_mem = '512MB'",
            *(f"DROP INDEX {name}" for name, _ in indexes), *statements,
            *(definition for _, definition in indexes)]))

    def value(self, query: str) -> str:
        return postgres.query(self.address, query)

    def columns(self, table: str) -> list[str]:
        return postgres.query(
            self.address, "SELECT column_name FROM information_schema.columns "
            f"WHERE table_name = '{table}' AND table_schema = 'public'").split()

    def finish(self) -> None:
        postgres.query(self.address, "VACUUM ANALYZE")
        postgres.query(self.address, "CHECKPOINT")


def field(value: Value) -> str:
    """A value in the text format of COPY. No text here has a backslash or a tab."""
    if value is None:
        return "\\N"
    return "\\\\x" + value.hex() if isinstance(value, bytes) else str(value)
