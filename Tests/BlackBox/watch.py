"""What an attack must leave as it was: the universal postconditions U4 and U5.

    with recorded(tenant, "refresh_token.refused"):
        refresh(stranger, stolen)

    with unchanged(tenant, victim):
        revoke(stranger, stolen)

U1 to U3 hold at the end of every test: see `Instance.check`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from harness import Client, Tenant, User

Event = dict[str, Any]

# Written in batches up to a second later, so it may fall into any block.
LATE = {"access_token.issued"}
# So is this column, by whoever proved itself with the secret before the block.
LATE_COLUMNS = {"client_secret": "last_used_at", "api_key": "last_used_at",
                "administrator_key": "last_used_at"}
# What an attack may add to, what is written behind it by itself (how much happens, too), and what is
# cleared away by itself: which clients were changed when.
MOVING = {
    "event", "event_checkpoint", "attempt_counter", "tenant_change", "activity", "active_user",
    "client_use"}


@contextmanager
def recorded(tenant: Tenant, *kinds: str, actor: str | None = None) -> Iterator[list[Event]]:
    """U4: exactly these events, and no other, are added to the audit of the tenant.

    Without kinds, nothing may be recorded. The new events are in the list afterwards, oldest
    first. `actor` says who must have done all of it.
    """
    before = {event["id"] for event in events(tenant)}
    added: list[Event] = []
    yield added
    added += [event for event in events(tenant) if event["id"] not in before]
    found = Counter(event["kind"] for event in added)
    assert found == Counter(kinds), f"U4: {dict(found)} was recorded, not {list(kinds)}."
    if actor is not None:
        assert {event["actor"] for event in added} <= {actor}, f"U4: somebody else did it: {added}"


def events(tenant: Tenant) -> list[Event]:
    """The audit of a tenant with ids, oldest first."""
    rows = tenant.instance.database.rows(
        "SELECT id, tenant_id, kind, actor, subject, address, detail FROM event "
        f"WHERE tenant_id = '{tenant.id}' ORDER BY id")
    return [row for row in rows if row["kind"] not in LATE]


@contextmanager
def unchanged(tenant: Tenant, *victims: User | Client) -> Iterator[None]:
    """U5: no row of the victims is added, removed or changed, in any table.

    A row is a victim's if it names the victim, or a session or grant of the victim. Without
    victims the whole tenant counts. The audit does not: it grows, and `recorded` checks it. Nor do
    counters of attempts, which tell of whoever attacks.
    """
    before = rows_of(tenant, *victims)
    assert before, "There is nothing to protect, so this would prove nothing."
    yield
    after = rows_of(tenant, *victims)
    for row in sorted(set(before) | set(after)):
        assert before.get(row) == after.get(row), (
            f"U5: {row} was {before.get(row)} and is {after.get(row)}.")


def rows_of(tenant: Tenant, *victims: User | Client) -> dict[str, Any]:
    """The rows of the victims in all tables, each by a name of its own."""
    tables = tenant.instance.database.rows_of_tenant(tenant.id)
    rows = [
        (table, row) for table, rows in tables.items() if table not in MOVING for row in rows]
    known = {victim.id for victim in victims} or {tenant.id}
    size = 0
    while size != len(known):
        # A session or a grant of the victim is one more thing that rows may name.
        size = len(known)
        known |= {
            row["id"] for _, row in rows
            if "id" in row and known & {v for v in row.values() if isinstance(v, str)}
            and ("user_id" in row or not victims)}
    mine = [(t, r) for t, r in rows if known & {v for v in r.values() if isinstance(v, str)}]
    return {
        f"{table} {name_of(row)}": {k: v for k, v in row.items() if k != LATE_COLUMNS.get(table)}
        for table, row in mine}


def name_of(row: dict[str, Any]) -> str:
    """What tells the row from the others of its table: its id or its digest."""
    return str(row.get("id") or row.get("digest") or row.get("key") or sorted(row.items()))
