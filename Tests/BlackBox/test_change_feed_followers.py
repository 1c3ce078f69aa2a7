"""Who may follow what changes access, for how long, and how many at a time; other nodes. Attack case
GH-509: what ends is told, and whoever ended is told nothing more."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from another_node import another
from change_feed import changes, follower, follower_token, poll, stream
from cluster import Cluster
from database import PostgresDatabase, Session
from expect import bearer_error
from harness import Instance, Tenant
from organizations import join, member, organization
from protocol import end, revoke, tokens
from trial import eventually


def test_metadata_names_the_feed(tenant: Tenant) -> None:
    assert tenant.metadata["change_feed_endpoint"] == f"{tenant.issuer}/changes"


@pytest.mark.attack("GH-511")
def test_only_whoever_was_let_in_follows(tenant: Tenant) -> None:
    assert poll(tenant, None).status_code == 401
    bearer_error(poll(tenant, "nonsense"), 401, "invalid_token")
    # Without the scope, for somebody else, or on behalf of a person.
    plain = tenant.create_client("machine", "--audience", tenant.issuer, "--scope", "read")
    bearer_error(poll(tenant, follower_token(plain, scope="read")), 403, "insufficient_scope")
    bearer_error(
        poll(tenant, follower_token(follower(tenant, audience="https://api.test"))), 401,
        "invalid_token")
    web = tenant.create_client(
        "web", "--audience", tenant.issuer, "--scope", "openid", "--scope", "changes")
    given = tokens(web, tenant.create_user(), scope="openid changes")["access_token"]
    bearer_error(poll(tenant, given), 403, "insufficient_scope")
    # A client that belongs to an organization is none of the tenant's own.
    owned = follower(tenant, "--organization", organization(tenant, "acme"))
    bearer_error(poll(tenant, follower_token(owned)), 403, "insufficient_scope")
    # A token of another tenant.
    other = tenant.instance.create_tenant()
    bearer_error(poll(tenant, follower_token(follower(other))), 401, "invalid_token")
    # A token in the address would be in logs.
    good = follower_token(follower(tenant))
    answer = tenant.instance.http.get(
        tenant.endpoint("change_feed"), params={"access_token": good})
    assert answer.status_code == 400
    assert poll(tenant, good).status_code == 200
    answer = tenant.instance.http.post(
        tenant.endpoint("change_feed"), headers={"Authorization": f"Bearer {good}"})
    assert answer.status_code == 405


def test_nobody_registers_as_one_who_follows(tenant: Tenant) -> None:
    """Where scopes of resources are open to whoever registers, this one is not."""
    tenant.cli("resource", "create", "--identifier", tenant.issuer, "--name", "Itself",
               "--scope", "changes=Hear of everybody", "--scope", "read=Read")
    tenant.cli("registration", "update", "--mode", "open", "--scope", "resources",
               "--grant-type", "client_credentials")
    wish = {"grant_types": ["client_credentials"], "response_types": [], "redirect_uris": []}
    url = f"{tenant.issuer}/oauth2/register"
    made = tenant.instance.http.post(url, json=wish)
    assert made.status_code == 201, made.text
    assert "read" in made.json()["scope"].split() and "changes" not in made.json()["scope"].split()
    answer = tenant.instance.http.post(url, json=wish | {"scope": "changes"})
    assert answer.status_code == 400 and answer.json()["error"] == "invalid_client_metadata"


@pytest.mark.attack("GH-511")
def test_nothing_of_another_tenant_is_told(tenant: Tenant) -> None:
    other = tenant.instance.create_tenant()
    mine, theirs = follower_token(follower(tenant)), follower_token(follower(other))
    user = other.create_user()
    org = organization(other, "acme")
    join(other, org, user)
    with stream(tenant, mine) as reading, stream(other, theirs) as listening:
        assert reading.changes_until_current() == []
        listening.changes_until_current()
        member(other, "remove", org, user)
        event = listening.next()
        # What comes at mine is mine, and nothing came before it.
        own = tenant.create_user()
        acme = organization(tenant, "acme")
        join(tenant, acme, own)
        member(tenant, "remove", acme, own)
        assert reading.next().data["organization"] == acme
    # A cursor of theirs is none here.
    assert poll(tenant, mine, after=event.id or "").status_code == 410


@pytest.mark.parametrize("what", ["client disabled", "client deleted", "tenant disabled"])
@pytest.mark.attack("GH-509")
def test_a_stream_ends_with_whoever_follows(tenant: Tenant, what: str) -> None:
    client = follower(tenant)
    with stream(tenant, follower_token(client)) as reading:
        reading.changes_until_current()
        end(client, tenant.create_user(), what)
        assert reading.has_ended()


@pytest.mark.attack("GH-509")
def test_a_stream_ends_with_its_token(tenant: Tenant) -> None:
    client = follower(tenant)
    given = follower_token(client)
    with stream(tenant, given) as reading:
        reading.changes_until_current()
        assert revoke(client, given).status_code == 200
        assert reading.has_ended()
    bearer_error(poll(tenant, given), 401, "invalid_token")
    given = follower_token(client)
    with stream(tenant, given) as reading:
        reading.changes_until_current()
        client.update("--scope", "read")
        assert reading.has_ended()
    bearer_error(poll(tenant, given), 403, "insufficient_scope")


@pytest.mark.attack("GH-509")
def test_a_stream_ends_with_the_key_that_signed_its_token(tenant: Tenant) -> None:
    with stream(tenant, follower_token(follower(tenant))) as reading:
        reading.changes_until_current()
        for key in tenant.cli("key", "list"):
            if key["algorithm"] == "ES256":
                tenant.cli("key", "delete", "--", key["kid"])
        assert reading.has_ended()


def test_a_token_lasts_no_longer_by_being_used(tenant: Tenant) -> None:
    client = follower(tenant, "--access-token-lifetime", "30")
    with stream(tenant, follower_token(client)) as reading:
        assert reading.has_ended(50)


def test_one_client_takes_no_more_than_its_share(tenant: Tenant) -> None:
    given = follower_token(follower(tenant))
    with contextlib.ExitStack() as stack:
        for _ in range(16):
            stack.enter_context(stream(tenant, given)).changes_until_current()
        answer = poll(tenant, given)
        assert answer.status_code == 429 and answer.headers["retry-after"] == "5"
        # Others are none the poorer.
        assert poll(tenant, follower_token(follower(tenant))).status_code == 200
    # The places of those who went away are free, long before the next heartbeat finds nobody there.
    eventually(lambda: poll(tenant, given).status_code == 200, seconds=5)


def test_a_server_that_stops_ends_its_streams(own_instance: Instance) -> None:
    tenant = own_instance.create_tenant()
    given = follower_token(follower(tenant))
    with stream(tenant, given) as reading:
        reading.changes_until_current()
        assert own_instance.stop() == 0
        assert reading.has_ended()
    own_instance.start()
    assert poll(tenant, given).status_code == 200


@pytest.fixture
def nodes() -> Iterator[list[Instance]]:
    with Instance("postgres") as first, another(first) as second:
        yield [first, second]


@pytest.mark.attack("GH-509", "GH-514")
def test_another_node_tells_of_it_too(nodes: list[Instance]) -> None:
    first, second = nodes
    tenant = first.create_tenant()
    client = follower(tenant)
    user, org = tenant.create_user(), organization(tenant, "acme")
    join(tenant, org, user)
    given = follower_token(client)
    with stream(tenant, given, instance=second) as reading:
        assert reading.changes_until_current() == []
        member(tenant, "remove", org, user)
        cursor = reading.next().id
        end(client, user, "client disabled")
        assert reading.has_ended()
    client.update("--enable")
    again = follower_token(client)
    # What one node gave to go on from, the other one takes.
    assert "membership" not in {each["kind"] for each in changes(tenant, again, cursor or "")[0]}


def test_what_commits_late_is_not_passed_over(nodes: list[Instance]) -> None:
    """A transaction that began early and commits late: its change comes, after others that began
    later and were held back for it."""
    first, _ = nodes
    tenant = first.create_tenant()
    given = follower_token(follower(tenant))
    org = organization(tenant, "acme")
    users = [tenant.create_user() for _ in range(2)]
    for user in users:
        join(tenant, org, user)
    _, cursor = changes(tenant, given)
    late = "chg_01jz0000000000000000000000"
    held = Session(first.database.url or "")
    held.ask("BEGIN")
    held.ask(
        "INSERT INTO access_change (tenant_id, transaction_number, id, kind, known_to, grants, "
        "occurred_at, organization_id) VALUES "
        f"('{tenant.id}', pg_current_xact_id()::text::bigint, '{late}', 'organization', '', '', "
        f"(extract(epoch from now()) * 1000)::bigint, '{org}')")
    try:
        member(tenant, "remove", org, users[0])
        # It is committed, and told only once nothing can come before it any more.
        found, next_cursor = changes(tenant, given, cursor)
        assert found == [] and next_cursor == cursor
        held.ask("COMMIT")
    finally:
        held.close()
    found = eventually(lambda: (got := changes(tenant, given, cursor)[0]) and len(got) == 2 and got)
    assert [each["kind"] for each in found] == ["organization", "membership"]


class ClusterDatabase(PostgresDatabase):
    def remove(self) -> None:
        """It goes with its cluster."""
        if self.session:
            self.session.close()


def test_nobody_takes_silence_for_good_news() -> None:
    """A node that cannot read any more ends its streams, and tells the rest once it can."""
    with Cluster() as cluster:
        instance = Instance("sqlite")
        instance.database = ClusterDatabase(cluster.url)
        with instance:
            tenant = instance.create_tenant()
            given = follower_token(follower(tenant))
            user, org = tenant.create_user(), organization(tenant, "acme")
            join(tenant, org, user)
            _, cursor = changes(tenant, given)
            with stream(tenant, given, after=cursor) as reading, instance.tolerating_5xx():
                reading.changes_until_current()
                cluster.kill()
                assert reading.has_ended()
                cluster.start()
                eventually(lambda: instance.http.get(
                    f"{instance.url}/readyz").status_code == 200, seconds=40)
            member(tenant, "remove", org, user)
            found = eventually(lambda: changes(tenant, given, cursor)[0])
            assert [each["kind"] for each in found] == ["membership"]
