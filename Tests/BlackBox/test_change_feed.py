"""What resource servers are told of changes: each kind of change, for the tokens that it outdates and
no others; going on from a cursor. Who may follow: test_change_feed_followers.py."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from browser import Browser
from change_feed import changes, follower, follower_token, means, poll, stream
from harness import Client, Tenant, User
from organizations import SCOPE, join, member, organization, role
from protocol import claims, end, refresh, revoke, tokens
from trial import eventually


@dataclass
class World:
    """An app whose tokens tell of organizations, a person in one of them, and somebody else."""

    tenant: Tenant
    client: Client
    user: User
    organization: str
    access: dict[str, Any]
    other: dict[str, Any]
    browser: Browser
    feed: str
    cursor: str

    def told(self) -> list[dict[str, Any]]:
        """What is told since the beginning of the test: at once, in one tenant."""
        found, self.cursor = eventually(
            lambda: (got := changes(self.tenant, self.feed, self.cursor))[0] and got, "a change")
        return found


@pytest.fixture
def world(tenant: Tenant) -> World:
    client = tenant.create_client(
        "web", "--organizations", "all", "--refresh-tokens", "always",
        *(part for value in SCOPE.split() for part in ("--scope", value)))
    user, other = tenant.create_user(), tenant.create_user()
    acme, home = organization(tenant, "acme"), organization(tenant, "home")
    role(tenant, "editor", "projects:write")
    join(tenant, acme, user, "projects:read", roles=("editor",))
    join(tenant, home, other, "projects:read")
    browser = Browser(tenant.instance)
    access = tokens(client, user, browser, scope="openid profile")
    others = tokens(client, other, scope="openid profile")
    feed = follower_token(follower(tenant))
    _, cursor = changes(tenant, feed)
    return World(tenant, client, user, acme, access, others, browser, feed, cursor)


def sign_out(world: World) -> None:
    page = world.browser.get(
        world.tenant.endpoint("end_session") + "?id_token_hint=" + world.access["id_token"])
    assert page.status in (200, 302, 303), page.status


# What is done, what is told, and whether somebody else's token is outdated, too.
CHANGES: list[tuple[str, Callable[[World], Any], str, bool]] = [
    ("member removed",
     lambda w: member(w.tenant, "remove", w.organization, w.user), "membership", False),
    ("member suspended",
     lambda w: member(w.tenant, "suspend", w.organization, w.user), "membership", False),
    ("member changed",
     lambda w: member(w.tenant, "update", w.organization, w.user, "--scope", "notes:read"),
     "membership", False),
    ("role changed",
     lambda w: w.tenant.cli("organization", "role", "update", "editor", "--scope", "notes:read"),
     "role", True),
    ("organization suspended",
     lambda w: w.tenant.cli("organization", "suspend", w.organization), "organization", False),
    ("organization deleted",
     lambda w: w.tenant.cli("organization", "delete", w.organization), "organization", False),
    ("user disabled", lambda w: end(w.client, w.user, "user disabled"), "user", False),
    ("user deleted", lambda w: end(w.client, w.user, "user deleted"), "user", False),
    ("password", lambda w: end(w.client, w.user, "password"), "user", False),
    ("signed out", sign_out, "session", False),
    ("refresh token revoked",
     lambda w: revoke(w.client, w.access["refresh_token"]), "grant", False),
    ("access token revoked", lambda w: revoke(w.client, w.access["access_token"]), "token", False),
    ("client disabled", lambda w: end(w.client, w.user, "client disabled"), "client", True),
    ("client deleted", lambda w: end(w.client, w.user, "client deleted"), "client", True),
]


@pytest.mark.parametrize(
    "do, kind, outdates_others", [each[1:] for each in CHANGES],
    ids=[each[0].replace(" ", "-") for each in CHANGES])
@pytest.mark.attack("GH-509")
def test_what_ends_is_told(
    world: World, do: Callable[[World], Any], kind: str, outdates_others: bool
) -> None:
    do(world)
    found = world.told()
    mine = [each for each in found if means(each, world.access["access_token"])]
    assert kind in {each["kind"] for each in mine}, found
    others = [each for each in found if means(each, world.other["access_token"])]
    assert bool(others) is outdates_others, found
    # Nobody is told of by a name that could be read.
    assert world.user.id not in str(found)


def test_a_consent_that_is_taken_back_is_told_for_its_client(tenant: Tenant) -> None:
    feed, user = follower_token(follower(tenant)), tenant.create_user()
    client = tenant.create_client("web", "--party", "third", "--scope", "openid")
    access = tokens(client, user, scope="openid")["access_token"]
    own = tokens(tenant.create_client("web"), user)["access_token"]
    _, cursor = changes(tenant, feed)
    (consent,) = tenant.cli("consent", "list")
    tenant.cli("consent", "revoke", consent["id"])
    found, _ = eventually(lambda: (got := changes(tenant, feed, cursor))[0] and got)
    assert [each["kind"] for each in found] == ["consent"]
    assert means(found[0], access) and not means(found[0], own)


def test_a_deleted_key_and_a_disabled_resource_are_told(tenant: Tenant) -> None:
    feed = follower_token(follower(tenant))
    _, cursor = changes(tenant, feed)
    made = tenant.cli("resource", "create", "--identifier", "https://api.test", "--name", "API")
    tenant.cli("resource", "update", made["id"], "--disable")
    found, cursor = eventually(lambda: (got := changes(tenant, feed, cursor))[0] and got)
    assert [(each["kind"], each["audience"]) for each in found] == [("resource", "https://api.test")]
    key = next(each for each in tenant.cli("key", "list") if each["algorithm"] == "RS256")
    tenant.cli("key", "delete", "--", key["kid"])
    found, _ = eventually(lambda: (got := changes(tenant, feed, cursor))[0] and got)
    assert [each["kind"] for each in found] == ["key"]


def test_what_adds_rights_or_changes_none_is_not_told(world: World) -> None:
    tenant = world.tenant
    third = tenant.create_user()
    join(tenant, world.organization, third, "projects:read")
    tenant.cli("user", "update", world.user.id, "--name", "Another name")
    world.client.update("--name", "Another app")
    tenant.cli("organization", "update", world.organization, "--name", "Acme & Co")
    role(tenant, "reader", "projects:read")
    # What comes after it is told, so nothing else was on its way.
    member(tenant, "remove", world.organization, third)
    assert [each["kind"] for each in world.told()] == ["membership"]


def test_a_new_token_is_not_outdated(world: World) -> None:
    member(world.tenant, "remove", world.organization, world.user)
    (change,) = world.told()

    def renewed() -> str | None:
        fresh = refresh(world.client, world.access["refresh_token"]).json()
        world.access["refresh_token"] = fresh.get("refresh_token", world.access["refresh_token"])
        return None if means(change, fresh["access_token"]) else fresh["access_token"]

    # Times in tokens are whole seconds: in the same one nobody can tell.
    assert claims(eventually(renewed))["organizations"] == []


def test_people_of_pairwise_clients_are_told_by_their_names_there(tenant: Tenant) -> None:
    feed = follower_token(follower(tenant))
    user = tenant.create_user()
    access = [
        tokens(
            tenant.create_client("web", "--subject-type", "pairwise", redirect_uris=[uri]), user,
            redirect_uri=uri)["access_token"]
        for uri in ("https://one.test/cb", "https://two.test/cb")]
    public = tokens(tenant.create_client("web"), user)["access_token"]
    assert len({claims(one)["sub"] for one in [*access, public]}) == 3
    _, cursor = changes(tenant, feed)
    end(tenant.create_client("web"), user, "user disabled")
    found, _ = eventually(lambda: (got := changes(tenant, feed, cursor))[0] and got)
    for one in [*access, public]:
        assert any(means(change, one) for change in found)
        assert claims(one)["sub"] not in str(found)


def test_an_organization_of_many_is_one_change(world: World) -> None:
    tenant = world.tenant
    with ThreadPoolExecutor(4) as pool:
        users = list(pool.map(lambda _: tenant.create_user(), range(12)))
    for user in users:
        join(tenant, world.organization, user, roles=("editor",))
    tenant.cli("organization", "role", "update", "editor", "--scope", "notes:read")
    tenant.cli("organization", "suspend", world.organization)
    found = eventually(
        lambda: len(got := changes(tenant, world.feed, world.cursor)[0]) > 1 and got)
    assert [each["kind"] for each in found] == ["role", "organization"]


# Following


def test_a_stream_tells_at_once_and_goes_on_from_its_cursor(world: World) -> None:
    tenant = world.tenant
    with stream(tenant, world.feed) as reading:
        reading.changes_until_current()
        member(tenant, "suspend", world.organization, world.user)
        (event,) = reading.take(1)
        assert event.data["kind"] == "membership" and event.data["id"] == event.id
        first = event.id or ""
    # While nobody listens.
    for verb in ("activate", "suspend", "activate"):
        member(tenant, verb, world.organization, world.user)
    member(tenant, "remove", world.organization, world.user)
    for query, headers in (({"after": first}, {}), ({}, {"Last-Event-ID": first}),
                           ({"after": "0"}, {"Last-Event-ID": first})):
        with stream(tenant, world.feed, headers=headers, **query) as reading:
            missed = reading.take(2)
            assert [event.data["kind"] for event in missed] == ["membership", "membership"]
            assert first not in {event.id for event in missed}
    # By asking, it is the same.
    assert [each["id"] for each in changes(tenant, world.feed, first)[0]] == [
        event.id for event in missed]


def test_a_poll_waits_until_there_is_something(world: World) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(
            poll, world.tenant, world.feed, after=world.cursor, wait="30")
        member(world.tenant, "remove", world.organization, world.user)
        answer = waiting.result(timeout=25)
    assert [each["kind"] for each in answer.json()["changes"]] == ["membership"]
    answer = poll(world.tenant, world.feed, after=answer.json()["next"], wait="1")
    assert answer.status_code == 200 and answer.json()["changes"] == []


def test_everything_is_told_once_and_in_one_order(world: World) -> None:
    """Many changes at the same moment, read by several in different ways: nothing is lost."""
    tenant = world.tenant
    given = [tokens(world.client, world.user, scope="openid") for _ in range(12)]
    with stream(tenant, world.feed, after=world.cursor) as reading:
        reading.changes_until_current()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda one: revoke(world.client, one["refresh_token"]), given))
        streamed = reading.take(len(given))
    grants = {grant for event in streamed for grant in event.data["grants"]}
    assert grants == {claims(one["access_token"])["gid"] for one in given}
    ids = [event.id for event in streamed]
    assert [each["id"] for each in changes(tenant, world.feed, world.cursor)[0]] == ids
    for position, cursor in enumerate(ids):
        assert [each["id"] for each in changes(tenant, world.feed, cursor or "")[0]] == ids[
            position + 1:]


def test_who_was_away_for_too_long_is_told_so(world: World) -> None:
    tenant = world.tenant
    member(tenant, "suspend", world.organization, world.user)
    old = world.told()[-1]["id"]
    member(tenant, "remove", world.organization, world.user)
    world.told()
    # A day later.
    number, _, name = old.partition("-")
    tenant.instance.database.execute(
        f"DELETE FROM access_change WHERE tenant_id = '{tenant.id}' AND id = '{name}'")
    answer = poll(tenant, world.feed, after=old)
    assert answer.status_code == 410, answer.text
    told = answer.json()
    assert told["error"] == "cursor_expired"
    assert told["issued_until"] >= claims(world.access["access_token"])["iat"]
    assert changes(tenant, world.feed, told["next"])[0] == []
    with stream(tenant, world.feed, after=old) as reading:
        event = reading.next("reset")
        assert event.id == told["next"] and event.data["issued_until"] >= told["issued_until"]
        assert reading.changes_until_current() == []
    # What nobody ever was given is no different.
    assert poll(tenant, world.feed, after=f"{int(number) + 9_000_000}-{name}").status_code == 410


@pytest.mark.parametrize("cursor", [
    "x", "-", "1-", "-chg_1", "01-chg_01jz0000000000000000000000", "1-usr_01jz00000000000000000000",
    "1-chg_01jz0000000000000000000000'", "9" * 40, "１-chg_01jz0000000000000000000000", "%00",
    "1-chg_01jz0000000000000000000000\n", "a" * 500])
def test_junk_cursors(world: World, cursor: str) -> None:
    assert poll(world.tenant, world.feed, after=cursor).status_code == 400


@pytest.mark.parametrize("query", [
    {"wait": "31"}, {"wait": "-1"}, {"wait": "1.5"}, {"wait": "x"}, {"wait": "٣"}])
def test_junk_waits(world: World, query: dict[str, str]) -> None:
    assert poll(world.tenant, world.feed, **query).status_code == 400
