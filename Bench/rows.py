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


def identifier(prefix: str, milliseconds: int) -> str:
    """A UUIDv7 in Crockford's base 32, behind the prefix of its kind."""
    random = int.from_bytes(os.urandom(10), "big")
    value = milliseconds << 80 | 7 << 76 | (random >> 68) << 64 | 2 << 62 | random & (1 << 62) - 1
    return prefix + "_" + "".join(PAIRS[value >> shift & 1023] for shift in range(120, -10, -10))


def base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def now() -> int:
    return int(time.time() * 1000)


def add_sessions(store: Store, scene: Scene, count: int) -> None:
    """Adds people with sessions, each session with a grant and a refresh token."""
    tenant = store.value(f"SELECT tenant_id FROM tenant WHERE slug = '{TENANT}'")
    present = now()
    people = [
        identifier("usr", present - 30 * DAY) for _ in range(max(1, count // SESSIONS_OF_A_PERSON))]
    hashed = password_hash(PASSWORD)
    store.add(
        "user_account",
        ["tenant_id", "id", "name", "email", "email_key", "email_verified_at", "password_hash",
         "created_at", "updated_at"],
        ((tenant, person, f"Member {number}", f"member{number}@example.com",
          f"member{number}@example.com", present, hashed, present - 30 * DAY, present - 30 * DAY)
         for number, person in enumerate(people)))
    # Over the last 20 hours, so that all are alive; the oldest first, as time adds them.
    moments = [present - 20 * DAY // 24 + number * (20 * DAY // 24) // count
               for number in range(count)]
    sessions = [identifier("ses", moment) for moment in moments]
    grants = [identifier("grt", moment) for moment in moments]
    store.add(
        "browser_session",
        ["tenant_id", "id", "digest", "user_id", "authenticated_at", "authentication_methods",
         "created_at", "last_seen_at", "expires_at"],
        ((tenant, session, os.urandom(32), people[number % len(people)], moment, "pwd", moment,
          moment, moment + 14 * DAY)
         for number, (session, moment) in enumerate(zip(sessions, moments))))
    add_grants(store, scene, tenant, list(zip(grants, sessions, moments)), people)


def add_grants(
    store: Store, scene: Scene, tenant: str, given: list[tuple[str, str, int]], people: list[str]
) -> None:
    issuer = f"{scene.installation.base}/t/{TENANT}"
    store.add(
        "authorization_grant",
        ["tenant_id", "id", "client_id", "user_id", "session_id", "issuer", "scope", "audience",
         "offline", "authenticated_at", "authentication_methods", "created_at", "last_used_at",
         "expires_at"],
        ((tenant, grant, scene.app, people[number % len(people)], session, issuer,
          "openid offline_access", scene.app, 1, moment, "pwd", moment, moment,
          moment + 365 * DAY)
         for number, (grant, session, moment) in enumerate(given)))
    store.add(
        "refresh_token", ["tenant_id", "digest", "grant_id", "created_at", "expires_at"],
        ((tenant, os.urandom(32), grant, moment, moment + 30 * DAY)
         for grant, _, moment in given))
