"""Rows as the server makes them: people with sessions, grants and refresh tokens."""

from __future__ import annotations

import base64
import os
import time

from machine import password_hash
from scene import PASSWORD, TENANT, Scene
from store import Store

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
PAIRS = [first + second for first in ALPHABET for second in ALPHABET]
DAY = 24 * 60 * 60 * 1000
SESSIONS_OF_A_PERSON = 10
# All that is added happened at so many moments of the last 20 hours.
MOMENTS = 1000
SPAN = 20 * DAY // 24


def identifier(prefix: str, milliseconds: int) -> str:
    """A UUIDv7 in Crockford's base 32, behind the prefix of its kind."""
    random = int.from_bytes(os.urandom(10), "big")
    value = milliseconds << 80 | 7 << 76 | (random >> 68) << 64 | 2 << 62 | random & (1 << 62) - 1
    return prefix + "_" + "".join(PAIRS[value >> shift & 1023] for shift in range(120, -10, -10))


def time_digits(milliseconds: int) -> str:
    """The part of an identifier that its time makes, with the version of the UUID behind it."""
    return identifier("", milliseconds)[1:11] + "e"


def base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def now() -> int:
    return int(time.time() * 1000)


def add_sessions(store: Store, scene: Scene, count: int) -> None:
    """Adds people with sessions, each session with a grant and a refresh token.

    The database makes them itself from a table of what they have in common, since a million rows
    take long to bring there. What is random in them are hexadecimal digits, which identifiers may
    have too.
    """
    each = max(1, count // MOMENTS)
    tenant = store.value(f"SELECT tenant_id FROM tenant WHERE slug = '{TENANT}'")
    begin = now() - SPAN
    store.run([], [
        "CREATE TABLE bench_moment (number BIGINT, moment BIGINT, digits TEXT)",
        "CREATE TABLE bench_person (number BIGINT, id TEXT)",
        "CREATE TABLE bench_number (number BIGINT)",
        "CREATE TABLE bench_row (person TEXT, session TEXT, granted TEXT, moment BIGINT)"])
    store.add("bench_moment", ["number", "moment", "digits"], (
        (number, begin + number * SPAN // MOMENTS, time_digits(begin + number * SPAN // MOMENTS))
        for number in range(MOMENTS)))
    store.add("bench_number", ["number"], ((number,) for number in range(each)))
    store.add("bench_person", ["number", "id"], (
        (number, identifier("usr", begin - 30 * DAY))
        for number in range(max(1, count // SESSIONS_OF_A_PERSON))))
    store.run(
        ["user_account", "browser_session", "authorization_grant", "refresh_token"],
        [people(tenant, begin - 30 * DAY), frame(store), sessions(store, tenant),
         grants(scene, tenant), refresh_tokens(store, tenant)])
    store.run([], [f"DROP TABLE bench_{name}" for name in ("moment", "person", "number", "row")])


def people(tenant: str, moment: int) -> str:
    return f"""
        INSERT INTO user_account (tenant_id, id, name, email, email_key, email_verified_at,
            password_hash, created_at, updated_at)
        SELECT '{tenant}', id, 'Member ' || number, 'member' || number || '@example.com',
            'member' || number || '@example.com', {moment}, '{password_hash(PASSWORD)}', {moment},
            {moment}
        FROM bench_person"""


def frame(store: Store) -> str:
    """What hangs together: a person, a session and a grant, at some moment."""
    return f"""
        INSERT INTO bench_row (person, session, granted, moment)
        SELECT p.id, 'ses_' || m.digits || {store.random_digits},
            'grt_' || m.digits || {store.random_digits}, m.moment
        FROM bench_moment AS m CROSS JOIN bench_number AS n
            JOIN bench_person AS p
                ON p.number = (m.number + n.number * {MOMENTS}) / {SESSIONS_OF_A_PERSON}"""


def sessions(store: Store, tenant: str) -> str:
    return f"""
        INSERT INTO browser_session (tenant_id, id, digest, user_id, authenticated_at,
            authentication_methods, created_at, last_seen_at, expires_at)
        SELECT '{tenant}', session, {store.random_digest}, person, moment, 'pwd', moment, moment,
            moment + {14 * DAY}
        FROM bench_row ORDER BY session"""


def grants(scene: Scene, tenant: str) -> str:
    return f"""
        INSERT INTO authorization_grant (tenant_id, id, client_id, user_id, session_id, issuer,
            scope, audience, offline, authenticated_at, authentication_methods, created_at,
            last_used_at, expires_at)
        SELECT '{tenant}', granted, '{scene.app.client}', person, session,
            '{scene.installation.base}/t/{TENANT}', 'openid offline_access',
            '{scene.app.client}', 1, moment,
            'pwd', moment, moment, moment + {365 * DAY}
        FROM bench_row ORDER BY granted"""


def refresh_tokens(store: Store, tenant: str) -> str:
    return f"""
        INSERT INTO refresh_token (tenant_id, digest, grant_id, created_at, expires_at)
        SELECT '{tenant}', {store.random_digest}, granted, moment, moment + {30 * DAY}
        FROM bench_row"""
