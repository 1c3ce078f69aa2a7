"""The database fails at one statement: a thing happens as a whole or not at all, and nobody is told
the wrong reason. Attack cases GH-125, GH-154 and GH-473."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from browser import Browser
from expect import invalid_token, j400
from harness import Client, Instance, Tenant, User
from protocol import PKCE, Redirect, authorize, begin, redeem, refresh, revoke, tokens, userinfo
from watch import recorded, unchanged

OFFLINE = "openid offline_access"
# What an answer about a failure must never say.
INSIDE = re.compile(
    r"injected|fault|overflow|trigger|constraint|select|insert|update|sqlite|postgres|libpq|"
    r"swift|sources/|/tmp/|127\.0\.0\.1:\d+/|stack|thread|0x[0-9a-f]{6}", re.IGNORECASE)


@contextmanager
def failing(
    instance: Instance, event: str, table: str, *, at_commit: bool = False
) -> Iterator[None]:
    """While inside, such a statement on the table fails; or the commit after it does."""
    for statement in (
            broken_commit if at_commit else broken_statement)(instance.kind, event, table):
        instance.database.execute(statement)
    try:
        with instance.tolerating_5xx():
            yield
    finally:
        for statement in {
            "sqlite": ["DROP TRIGGER fault"],
            "postgres": [f"DROP TRIGGER fault ON {table}", "DROP FUNCTION fault"],
        }[instance.kind]:
            instance.database.execute(statement)


def broken_statement(kind: str, event: str, table: str) -> list[str]:
    if kind == "sqlite":
        # No constraint fails, which could be an answer; it is an error like any of the engine's.
        return [f"CREATE TRIGGER fault BEFORE {event} ON {table} "
                "BEGIN SELECT abs(-9223372036854775807 - 1); END"]
    return [POSTGRES_FAULT, f"CREATE TRIGGER fault BEFORE {event} ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION fault()"]


def broken_commit(kind: str, event: str, table: str) -> list[str]:
    """The statement itself works: what it promised is only checked at the end."""
    if kind == "sqlite":
        return [
            "CREATE TABLE IF NOT EXISTS promised (id INTEGER PRIMARY KEY)",
            "CREATE TABLE IF NOT EXISTS promise (id INTEGER REFERENCES promised (id) "
            "DEFERRABLE INITIALLY DEFERRED)",
            f"CREATE TRIGGER fault AFTER {event} ON {table} "
            "BEGIN INSERT INTO promise VALUES (1); END"]
    return [POSTGRES_FAULT, f"CREATE CONSTRAINT TRIGGER fault AFTER {event} ON {table} "
            "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fault()"]


POSTGRES_FAULT = (
    "CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'injected fault'; END $$")


def failed(answer: httpx.Response) -> None:
    """5xx, an incident, and not a word about the inside. GH-473."""
    assert answer.status_code in (500, 503), f"{answer.status_code} {answer.text}"
    assert not INSIDE.search(re.sub(r"https?://\S+", "", answer.text)), answer.text
    assert answer.headers["cache-control"] == "no-store"
    incident = answer.headers["x-request-id"]
    assert re.fullmatch(r"[0-9a-f]{32}", incident)
    if answer.headers["content-type"] == "application/json":
        assert answer.json()["error"] in ("server_error", "temporarily_unavailable")
        assert "access_token" not in answer.text
    elif answer.content:
        assert incident in answer.text
    if answer.status_code == 503:
        assert int(answer.headers["retry-after"]) > 0


def a_world(instance: Instance) -> tuple[Tenant, Client, User]:
    tenant = instance.create_tenant()
    return tenant, tenant.create_client("native"), tenant.create_user()


FAULTS = [
    ("INSERT", "refresh_token", False), ("UPDATE", "refresh_token", False),
    ("UPDATE", "authorization_grant", False), ("INSERT", "event", False),
    ("INSERT", "refresh_token", True), ("INSERT", "event", True),
]


def test_gh_125_and_473_a_rotation_happens_as_a_whole_or_not_at_all(
    own_instance: Instance,
) -> None:
    tenant, client, user = a_world(own_instance)
    for event, table, at_commit in FAULTS:
        value = tokens(client, user, scope=OFFLINE)["refresh_token"]
        with failing(own_instance, event, table, at_commit=at_commit):
            with recorded(tenant), unchanged(tenant, user):
                # A client that is told so asks again, and does no harm by it.
                failed(refresh(client, value))
                failed(refresh(client, value))
        with recorded(tenant, "refresh_token.used"):
            again = refresh(client, value)
        assert again.status_code == 200, (event, table, at_commit, again.text)
        assert userinfo(tenant, again.json()["access_token"]).status_code == 200
        # The family is whole: its new head works, too.
        assert refresh(client, again.json()["refresh_token"]).status_code == 200


def test_gh_125_and_473_a_code_is_spent_as_a_whole_or_is_still_good(
    own_instance: Instance,
) -> None:
    tenant, client, user = a_world(own_instance)
    browser = Browser(own_instance)
    for event, table in (("UPDATE", "one_time_secret"), ("INSERT", "refresh_token"),
                         ("INSERT", "event")):
        for at_commit in (False, True):
            pkce = PKCE.new()
            code = authorize(browser, client, user, pkce, scope=OFFLINE).code
            with failing(own_instance, event, table, at_commit=at_commit):
                with recorded(tenant), unchanged(tenant, user):
                    failed(redeem(client, code, pkce))
            given = redeem(client, code, pkce)
            assert given.status_code == 200, (event, table, at_commit, given.text)
            assert userinfo(tenant, given.json()["access_token"]).status_code == 200


def test_gh_154_and_473_a_revocation_that_failed_does_not_look_done(
    own_instance: Instance,
) -> None:
    tenant, client, user = a_world(own_instance)
    for name, event, table, kind in (
        ("refresh_token", "UPDATE", "authorization_grant", "grant.revoked"),
        ("refresh_token", "INSERT", "event", "grant.revoked"),
        ("access_token", "INSERT", "revoked_access_token", "access_token.revoked"),
        ("access_token", "INSERT", "event", "access_token.revoked"),
    ):
        for at_commit in (False, True):
            given = tokens(client, user, scope=OFFLINE)
            with failing(own_instance, event, table, at_commit=at_commit):
                with recorded(tenant), unchanged(tenant, user):
                    failed(revoke(client, given[name]))
            assert userinfo(tenant, given["access_token"]).status_code == 200
            with recorded(tenant, kind):
                assert revoke(client, given[name]).status_code == 200
            invalid_token(userinfo(tenant, given["access_token"]))
            if name == "refresh_token":
                j400(refresh(client, given[name]), "invalid_grant")


@pytest.mark.parametrize("table", [
    "browser_session", "authorization_grant", "one_time_secret", "event"])
def test_gh_473_a_sign_in_that_fails_tells_an_incident_and_can_be_repeated(
    own_instance: Instance, table: str
) -> None:
    tenant, client, user = a_world(own_instance)
    browser = Browser(own_instance)
    page = begin(browser, client)
    form = page.form("identifier", "password")
    filled = form.fields | {"identifier": user.name, "password": user.password}
    # The session opens first; what the client gets is another transaction.
    opened = ["session.signed_in"] if table in ("authorization_grant", "one_time_secret") else []
    with recorded(tenant, *opened), failing(own_instance, "INSERT", table):
        answer = browser.post(form.action, filled)
        failed(answer.response)
        assert answer.location is None
    assert Redirect.read(browser.post(form.action, filled)).code
