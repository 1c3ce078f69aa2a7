"""Compares what the clients were told with what the database has, past the server."""

from __future__ import annotations

import hashlib
import subprocess
from collections import Counter
from collections.abc import Iterable
from typing import Any

import blackbox  # noqa: F401  (before what it makes importable)
from database import Database, PostgresDatabase, SQLiteDatabase, psql

from model import Code, World
from verdict import Verdict

# Rows that point at nothing, where no foreign key sees to it.
ORPHANS = {
    "a session without its user": """
        SELECT count(*) AS n FROM browser_session AS s LEFT JOIN user_account AS u
        ON u.tenant_id = s.tenant_id AND u.id = s.user_id WHERE u.id IS NULL""",
    "a grant without its session": """
        SELECT count(*) AS n FROM authorization_grant AS g LEFT JOIN browser_session AS s
        ON s.tenant_id = g.tenant_id AND s.id = g.session_id WHERE s.id IS NULL""",
    "a refresh token without its grant": """
        SELECT count(*) AS n FROM refresh_token AS r LEFT JOIN authorization_grant AS g
        ON g.tenant_id = r.tenant_id AND g.id = r.grant_id WHERE g.id IS NULL""",
    "a code without its grant": """
        SELECT count(*) AS n FROM one_time_secret AS o LEFT JOIN authorization_grant AS g
        ON g.tenant_id = o.tenant_id AND g.id = o.grant_id
        WHERE o.grant_id IS NOT NULL AND g.id IS NULL""",
    "a client secret without its client": """
        SELECT count(*) AS n FROM client_secret AS s LEFT JOIN client AS c
        ON c.tenant_id = s.tenant_id AND c.id = s.client_id WHERE c.id IS NULL""",
}


class Stored:
    """The database after a drill, beside the world that the clients believe in."""

    def __init__(self, database: Database, world: World, verdict: Verdict) -> None:
        self.database = database
        self.world = world
        self.verdict = verdict
        is_sqlite = isinstance(database, SQLiteDatabase)
        self.digest = "lower(hex(digest))" if is_sqlite else "encode(digest, 'hex')"

    def check(self) -> None:
        self._integrity()
        self._orphans()
        self._codes()
        self._refresh_tokens()
        self._grants()
        self._sessions_and_accounts()
        self._secrets()
        self._audit()

    # I7

    def _integrity(self) -> None:
        if isinstance(self.database, SQLiteDatabase):
            self._expect("I7", self.database.value("PRAGMA integrity_check") == "ok",
                         "PRAGMA integrity_check finds damage")
            self._expect("I7", not self.database.rows("PRAGMA foreign_key_check"),
                         "PRAGMA foreign_key_check finds rows")
        elif isinstance(self.database, PostgresDatabase):
            for problem in amcheck(self.database.url or ""):
                self.verdict.broke("I7", problem)
            self.verdict.checked["I7"] += 1

    def _orphans(self) -> None:
        for what, query in ORPHANS.items():
            found = self.database.value(query)
            self._expect("I7", found == 0, f"{what}: {found}")

    # I1, I2, I3

    def _codes(self) -> None:
        rows = self._by_digest("one_time_secret", "consumed_at")
        for code in self.world.codes.values():
            row = rows.get(digest_of(code.value))
            if code.spent is not None:
                self._expect("I2", row is None or row["consumed_at"] is not None,
                             f"the code {code.value[:12]}… was redeemed and is stored as unused")
            elif code.presentations == 0 and not code.grant.ending:
                self._expect("I1", row is not None, f"the code {code.value[:12]}… is not stored")

    def _refresh_tokens(self) -> None:
        rows = self._by_digest("refresh_token", "consumed_at")
        for token in self.world.refresh_tokens.values():
            row = rows.get(digest_of(token.value))
            if token.spent is not None:
                self._expect("I2", row is None or row["consumed_at"] is not None,
                             f"{token.value[:12]}… was rotated and is stored as unused")
            elif not token.grant.ending:
                self._expect("I1", row is not None, f"{token.value[:12]}… is not stored")
        heads = self.database.rows(
            """
            SELECT g.id, count(*) AS n FROM refresh_token AS r JOIN authorization_grant AS g
            ON g.tenant_id = r.tenant_id AND g.id = r.grant_id
            WHERE r.consumed_at IS NULL AND g.revoked_at IS NULL GROUP BY g.id
            """)
        for row in heads:
            self._expect("I2", row["n"] == 1, f"{row['id']} has {row['n']} live heads")

    def _grants(self) -> None:
        rows = self._by_id("authorization_grant", "revoked_at")
        revoked = {row["id"] for row in self.database.rows("SELECT id FROM revoked_access_token")}
        for grant in self.world.grants:
            if grant.gid is None:
                continue
            row = rows.get(grant.gid)
            if grant.ended is not None:
                self._expect("I3", row is None or row["revoked_at"] is not None,
                             f"{grant.gid} had ended and is stored as alive")
            elif not grant.ending:
                self._expect("I1", row is not None and row["revoked_at"] is None,
                             f"{grant.gid} is not stored as alive")
        for token in self.world.access_tokens.values():
            if token.ended is not None:
                self._expect("I3", token.jti in revoked,
                             f"the access token {token.name} was revoked and is not stored so")

    def _sessions_and_accounts(self) -> None:
        rows = self._by_digest("browser_session", "ended_at")
        for session in self.world.sessions.values():
            row = rows.get(digest_of(session.cookie))
            if session.ended is not None:
                self._expect("I3", row is None or row["ended_at"] is not None,
                             f"the session {session.name}… had ended and is stored as alive")
            elif not session.ending:
                self._expect("I1", row is not None and row["ended_at"] is None,
                             f"the session {session.name}… is not stored as alive")
        users = self._by_id("user_account", "disabled_at")
        for user, account in self.world.accounts.items():
            if account.ended is not None:
                self._expect("I3", users[user]["disabled_at"] is not None,
                             f"{user} was disabled and is stored as enabled")
            elif not account.ending:
                self._expect("I1", users[user]["disabled_at"] is None,
                             f"{user} is stored as disabled")

    def _secrets(self) -> None:
        rows = self._by_digest("client_secret", "created_at")
        for value, secret in self.world.secrets.items():
            if secret.ended is not None:
                self._expect("I3", digest_of(value) not in rows,
                             f"the secret {secret.name} was removed and is stored")
            elif not secret.ending:
                self._expect("I1", digest_of(value) in rows,
                             f"the secret {secret.name} is not stored")

    # I8

    def _audit(self) -> None:
        """One record for each acknowledged change: more where answers were lost, never fewer."""
        rows = self.database.rows(
            "SELECT kind, subject, count(*) AS n FROM event GROUP BY kind, subject")
        seen = Counter({(row["kind"], row["subject"]): row["n"] for row in rows})
        refreshed: Counter[str | None] = Counter(
            token.grant.gid for token in self.world.refresh_tokens.values()
            if token.spent is not None)
        for gid, times in refreshed.items():
            found = seen[("refresh_token.used", gid)]
            self._expect("I8", found >= times, f"{gid}: {times} refreshes, {found} records")
        for code in self.world.codes.values():
            if code.spent is not None:
                self._recorded(seen, ["authorization_code.redeemed"], code.grant.gid)
            if code.grant.ended is not None and code.grant.gid:
                self._recorded(seen, self._endings(code), code.grant.gid)
        for token in self.world.access_tokens.values():
            if token.ended is not None:
                self._recorded(seen, ["access_token.revoked"], token.jti)
        chains = self.database.rows(
            "SELECT tenant_id, count(*) AS n, min(sequence) AS first, max(sequence) AS last "
            "FROM event WHERE sequence IS NOT NULL GROUP BY tenant_id")
        for chain in chains:
            self._expect("I8", (chain["first"], chain["last"]) == (1, chain["n"]),
                         f"the chain of {chain['tenant_id']} has gaps: {chain}")

    def _endings(self, code: Code) -> list[str]:
        """The kinds of events that may have ended a grant, with the grant as their subject."""
        if code.grant.session is not None and code.grant.session.ended is not None:
            return []
        return ["grant.revoked", "authorization_code.reused", "refresh_token.reused"]

    def _recorded(self, seen: Counter[Any], kinds: list[str], subject: str | None) -> None:
        if kinds:
            self._expect("I8", any(seen[(kind, subject)] for kind in kinds),
                         f"{subject}: no record of {' or '.join(kinds)}")

    # Reading

    def _by_digest(self, table: str, column: str) -> dict[str, dict[str, Any]]:
        rows = self.database.rows(f"SELECT {self.digest} AS digest, {column} FROM {table}")
        return {row["digest"]: row for row in rows}

    def _by_id(self, table: str, column: str) -> dict[str, dict[str, Any]]:
        return {row["id"]: row for row in self.database.rows(f"SELECT id, {column} FROM {table}")}

    def _expect(self, invariant: str, holds: bool, otherwise: str) -> None:
        self.verdict.checked[invariant] += 1
        if not holds:
            self.verdict.broke(invariant, otherwise)


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def amcheck(url: str) -> Iterable[str]:
    """What PostgreSQL's own check of tables and indexes finds; needs its contributed modules."""
    try:
        psql(url, "CREATE EXTENSION IF NOT EXISTS amcheck")
    except AssertionError:
        return ["the extension amcheck is not installed: nothing was checked"]
    checks = {
        "index": """
            SELECT count(bt_index_check(c.oid, true)) FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_am a ON a.oid = c.relam
            WHERE n.nspname = 'public' AND c.relkind = 'i' AND a.amname = 'btree'""",
        "table": """
            SELECT string_agg(c.relname || ': ' || v.msg, '; ') FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace, LATERAL verify_heapam(c.oid) v
            WHERE n.nspname = 'public' AND c.relkind = 'r'""",
    }
    problems = []
    for name, query in checks.items():
        ended = subprocess.run(
            ["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", url, "-c", query],
            capture_output=True, text=True, cwd="/")
        if ended.returncode != 0:
            problems.append(f"amcheck of an {name}: {ended.stderr.strip()}")
        elif name == "table" and ended.stdout.strip():
            problems.append(f"amcheck: {ended.stdout.strip()}")
    return problems
