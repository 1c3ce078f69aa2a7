"""How long it takes until an API refuses a token that is outdated: the example API, which follows the
change feed by the SDK and asks about no token. What is measured is printed (`pytest -rP`), and is in
docs/explanation/propagation.md; what is asserted is only that it happens."""

from __future__ import annotations

import secrets
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from another_node import another
from change_feed import follower
from harness import TLS, Client, Instance, Tenant, User, free_port
from organizations import join, member, organization
from protocol import end, refresh, revoke, tokens
from trial import clean_environment, eventually

BUILT = Path(__file__).resolve().parents[2] / ".build/debug"


@dataclass
class API:
    """The example API, running, and a person who may write in an organization."""

    url: str
    tenant: Tenant
    client: Client
    user: User
    organization: str

    def post(self, access_token: str, organization: str | None = None) -> httpx.Response:
        return httpx.post(
            f"{self.url}/orgs/{organization or self.organization}/projects",
            headers={"Authorization": f"Bearer {access_token}"}, trust_env=False, verify=TLS)

    def tokens(self, user: User | None = None) -> dict[str, Any]:
        return tokens(self.client, user or self.user, scope="openid offline_access")

    def time_until_refused(self, access_token: str, do: Callable[[], Any]) -> tuple[float, float]:
        """Seconds until the first refusal, from the beginning of the change and from its end."""
        assert self.post(access_token).status_code == 200
        begun = time.monotonic()
        do()
        done = time.monotonic()
        answer = eventually(
            lambda: (got := self.post(access_token)).status_code != 200 and got, "a refusal")
        over = time.monotonic()
        assert answer.status_code == 401, answer.text
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]
        return over - begun, max(over - done, 0)


@contextmanager
def running(tenant: Tenant, path: Path, at: Instance | None = None) -> Iterator[API]:
    identifier = f"https://projects-{secrets.token_hex(4)}.test"
    feed = follower(tenant)
    client = tenant.create_client(
        "web", "--audience", identifier, "--organizations", "all", "--scope", "openid",
        "--scope", "offline_access")
    user, acme = tenant.create_user(), organization(tenant, "acme")
    join(tenant, acme, user, "projects:write")
    url = f"http://127.0.0.1:{free_port()}"
    environment = clean_environment(
        ISSUER=tenant.issuer, API_IDENTIFIER=identifier, PORT=url.rpartition(":")[2],
        FEED_CLIENT_ID=feed.id, FEED_CLIENT_SECRET=feed.secret or "")
    with (path / "api").open("wb") as log:
        process = subprocess.Popen([BUILT / "ExampleAPI"], stdout=log, stderr=log, env=environment)
    try:
        eventually(lambda: answers(url), (path / "api").read_text())
        api = API(url, tenant, client, user, acme)
        # Once it refuses something, it follows.
        first = api.tokens()
        revoke(client, first["refresh_token"])
        eventually(lambda: api.post(first["access_token"]).status_code == 401, "it follows")
        yield api
    finally:
        process.terminate()
        process.wait(timeout=30)


def answers(url: str) -> bool:
    try:
        httpx.get(url, trust_env=False, verify=TLS)
        return True
    except httpx.TransportError:
        return False


@pytest.fixture
def api(tenant: Tenant, tmp_path: Path) -> Iterator[API]:
    with running(tenant, tmp_path) as api:
        yield api


def report(what: str, kind: str, times: list[tuple[float, float]]) -> None:
    total, after = (max(column) * 1000 for column in zip(*times))
    print(f"{what}, {kind}, at most of {len(times)}: "
          f"{total:.0f} ms after the command began, {after:.0f} ms after it ended")


@pytest.mark.attack("GH-509")
def test_a_removed_member_is_refused(api: API) -> None:
    other = api.tenant.create_user()
    join(api.tenant, api.organization, other, "projects:write")
    others = api.tokens(other)["access_token"]
    times = []
    for _ in range(3):
        given = api.tokens()
        times.append(api.time_until_refused(
            given["access_token"],
            lambda: member(api.tenant, "remove", api.organization, api.user)))
        # Only this person, and only what they had.
        assert api.post(others).status_code == 200
        fresh = refresh(api.client, given["refresh_token"]).json()["access_token"]
        assert eventually(lambda: api.post(fresh).status_code) in (401, 403)
        join(api.tenant, api.organization, api.user, "projects:write")

        def works_again() -> bool:
            # A token of the second in which something changed may be refused once.
            return api.post(api.tokens()["access_token"]).status_code == 200

        eventually(works_again, "a new token")
    report("membership removed", api.tenant.instance.kind, times)


@pytest.mark.parametrize("what", ["user disabled", "user deleted", "password", "client disabled"])
@pytest.mark.attack("GH-509")
def test_what_ends_is_refused(api: API, what: str) -> None:
    given = api.tokens()["access_token"]
    if what == "user deleted":
        # Somebody has to own what there is.
        join(api.tenant, api.organization, api.tenant.create_user(), "owner")
    time = api.time_until_refused(given, lambda: end(api.client, api.user, what))
    report(what, api.tenant.instance.kind, [time])


@pytest.mark.attack("GH-509")
def test_a_suspended_organization_and_a_revoked_grant_are_refused(api: API) -> None:
    given = api.tokens()
    time = api.time_until_refused(
        given["access_token"], lambda: revoke(api.client, given["refresh_token"]))
    report("grant revoked", api.tenant.instance.kind, [time])
    given = api.tokens()
    eventually(lambda: api.post(given["access_token"]).status_code == 200)
    time = api.time_until_refused(
        given["access_token"],
        lambda: api.tenant.cli("organization", "suspend", api.organization))
    report("organization suspended", api.tenant.instance.kind, [time])


@pytest.mark.attack("GH-509", "GH-514")
def test_at_another_node(tmp_path: Path) -> None:
    """The change is made at one node, by its command, and followed at the other one."""
    with Instance("postgres") as first, another(first) as second:
        tenant = first.create_tenant()
        with running(tenant, tmp_path) as api:
            given = api.tokens()["access_token"]
            # The command of the second node asks that one; the API follows the first.
            time = api.time_until_refused(
                given, lambda: second.cli(
                    "organization", "member", "remove", api.organization, api.user.id,
                    "--tenant", tenant.slug))
            report("membership removed at another node", "postgres", [time])
