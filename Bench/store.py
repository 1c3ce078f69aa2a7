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

    def add(self, table: str, columns: list[str], rows: Iterable[Row]) -> None:
        """Adds rows, as fast as this database can."""

    def value(self, query: str) -> str:
        """The only column of the only row."""

    def finish(self) -> None:
        """Brings the database into the state that it has after a while in use."""


class SQLiteStore:
    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path)
        self.connection.executescript(
            "PRAGMA synchronous = OFF; PRAGMA cache_size = -2000000; PRAGMA foreign_keys = OFF;"
            "PRAGMA wal_autocheckpoint = 100000")

    def add(self, table: str, columns: list[str], rows: Iterable[Row]) -> None:
        # Indexes that are made once are made faster.
        indexes = self.connection.execute(
            "SELECT name, sql FROM sqlite_master"
            " WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ?", (table,)).fetchall()
        with self.connection:
            for name, _ in indexes:
                self.connection.execute(f"DROP INDEX {name}")
            marks = ", ".join("?" * len(columns))
            self.connection.executemany(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)
            for _, statement in indexes:
                self.connection.execute(statement)

    def value(self, query: str) -> str:
        (found,) = self.connection.execute(query).fetchone()
        return str(found)

    def finish(self) -> None:
        self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.connection.close()


class PostgresStore:
    def __init__(self, address: str) -> None:
        self.address = address

    def add(self, table: str, columns: list[str], rows: Iterable[Row]) -> None:
        # As one who may skip the checks of foreign keys: these rows are right.
        postgres.query(self.address, f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        postgres.copy(
            self.address, table, columns, ("\t".join(map(field, row)) + "\n" for row in rows))
        postgres.query(self.address, f"ALTER TABLE {table} ENABLE TRIGGER ALL")

    def value(self, query: str) -> str:
        return postgres.query(self.address, query)

    def finish(self) -> None:
        postgres.query(self.address, "VACUUM ANALYZE")
        postgres.query(self.address, "CHECKPOINT")


def field(value: Value) -> str:
    """A value in the text format of COPY. No text here has a backslash or a tab."""
    if value is None:
        return "\\N"
    return "\\\\x" + value.hex() if isinstance(value, bytes) else str(value)
