"""The database is away, or the disk is full: clear words and codes for who can act on them, 503
for everyone else, and nothing is lost."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from browser import Browser
from cluster import Cluster
from command import gatehouse, refused
from database import PostgresDatabase
from harness import Client, Instance, Tenant, User, free_port
from protocol import authorization_url, PKCE, refresh, revoke, tokens, userinfo
from trial import eventually


@dataclass
class World:
    """A tenant with a user who is signed in to an app, and tokens that were given out."""

    instance: Instance
    tenant: Tenant
    client: Client
    user: User
    held: dict[str, Any]
    revoked: str

    @classmethod
    def of(cls, instance: Instance) -> World:
        tenant = instance.create_tenant()
        client, user = tenant.create_client("web"), tenant.create_user()
        scope = "openid offline_access"
        revoked = tokens(client, user, scope=scope)["refresh_token"]
        assert revoke(client, revoked).status_code == 200
        return cls(instance, tenant, client, user, tokens(client, user, scope=scope), revoked)

    def refresh(self) -> httpx.Response:
        """Refreshes; what it gets is held from then on."""
        answer = refresh(self.client, self.held["refresh_token"])
        if answer.status_code == 200:
            self.held = answer.json()
        return answer

    def is_whole(self) -> None:
        """Everything that was answered is still so."""
        assert self.refresh().status_code == 200
        assert userinfo(self.tenant, self.held["access_token"]).status_code == 200
        answer = refresh(self.client, self.revoked)
        assert answer.status_code == 400 and answer.json()["error"] == "invalid_grant"
        assert self.tenant.cli("user", "show", self.user.id)["email"] == self.user.email
        tokens(self.client, self.user)


def unavailable(answer: httpx.Response) -> httpx.Response:
    """503, when to come back, and no word about hosts and files."""
    assert answer.status_code == 503, f"{answer.status_code} {answer.text}"
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert not re.search("sqlite|postgres|127.0.0.1|/tmp|errno", answer.text, re.I), answer.text
    return answer


# PostgreSQL


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with Cluster() as cluster:
        yield cluster


class ClusterDatabase(PostgresDatabase):
    def remove(self) -> None:
        """It goes with its cluster."""
        if self.session:
            self.session.close()


@pytest.fixture
def on_cluster(cluster: Cluster) -> Iterator[Instance]:
    """An installation whose database server the test may stop."""
    instance = Instance("sqlite")
    instance.database = ClusterDatabase(cluster.url)
    with instance:
        yield instance


def test_postgres_is_away_at_the_start(tmp_path: Path) -> None:
    port = free_port()
    where = ("--data", tmp_path, "--database", f"postgres://gh:hidden@127.0.0.1:{port}/x")
    for command in (["serve"], ["tenant", "list"]):
        line = refused(gatehouse(*command, *where), 6, "PostgreSQL", str(port))
        assert "hidden" not in line


@pytest.mark.parametrize(
    ("right", "wrong"), [("only-a-test", "hidden"), ("/postgres", "/nowhere")],
    ids=["password", "database"])
def test_postgres_refuses_us(cluster: Cluster, tmp_path: Path, right: str, wrong: str) -> None:
    head, _, tail = cluster.url.rpartition(right)
    ended = gatehouse("serve", "--data", tmp_path, "--database", head + wrong + tail)
    line = refused(ended, 6, "PostgreSQL")
    assert "hidden" not in line and "only-a-test" not in line


def test_gh_473_postgres_is_lost_and_comes_back(cluster: Cluster, on_cluster: Instance) -> None:
    world = World.of(on_cluster)
    ready = on_cluster.url + "/readyz"
    cluster.kill()
    with on_cluster.tolerating_5xx():
        for _ in range(3):
            answer = unavailable(refresh(world.client, world.held["refresh_token"]))
            assert answer.json()["error"] == "temporarily_unavailable"
            unavailable(userinfo(world.tenant, world.held["access_token"]))
        page = Browser(on_cluster).get(authorization_url(world.client, PKCE.new()))
        unavailable(page.response)
        assert "Not available right now" in page.words and "Try again in" in page.words
        answer = on_cluster.http.get(ready)
        assert answer.status_code == 503
        assert answer.json()["problems"] == [
            {"check": "database", "reason": "the database is away"}]
        assert on_cluster.http.get(on_cluster.url + "/livez").status_code == 200
        command = gatehouse(
            "tenant", "list", "--data", on_cluster.data, "--database", on_cluster.database.url)
        refused(command, 6, "database")

        cluster.start()
        eventually(lambda: on_cluster.http.get(ready).status_code == 200, "it is ready again")
    world.is_whole()


def test_a_connection_that_breaks_costs_no_request(
    cluster: Cluster, on_cluster: Instance
) -> None:
    """A restart of PostgreSQL between two requests is seen by nobody."""
    world = World.of(on_cluster)
    cluster.kill()
    cluster.start()
    with on_cluster.tolerating_5xx():
        eventually(lambda: world.refresh().status_code == 200, "it refreshes again", 10)
    world.is_whole()


# A full disk


@pytest.fixture
def small_disk() -> Iterator[Instance]:
    """An installation on a file system of 8 MiB."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    instance = Instance("sqlite")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m,mode=0700", "tmpfs", instance.data],
        capture_output=True, text=True)
    if mounted.returncode != 0:
        shutil.rmtree(instance.data)
        pytest.skip(f"a small file system cannot be mounted here: {mounted.stderr.strip()}")
    try:
        with instance:
            yield instance
    finally:
        subprocess.run(["umount", "--lazy", instance.data], check=True)
        shutil.rmtree(instance.data, ignore_errors=True)


def fill(directory: Path) -> Path:
    """Takes all the space there is."""
    filler = directory / "filler"
    with filler.open("ab", buffering=0) as file:
        for size in (65_536, 1):
            try:
                while file.write(b"\0" * size):
                    pass
            except OSError:
                pass
    return filler


def test_gh_491_and_473_a_full_disk_stops_writing_and_nothing_else(small_disk: Instance) -> None:
    world = World.of(small_disk)
    issuer = world.tenant.issuer
    filler = fill(small_disk.data)
    with small_disk.tolerating_5xx():
        # The log of SQLite has some room left that it may use up first.
        answer = eventually(
            lambda: (got := world.refresh()).status_code != 200 and got, "the disk is full", 60)
        assert unavailable(answer).json()["error"] == "temporarily_unavailable"
        for _ in range(3):
            unavailable(refresh(world.client, world.held["refresh_token"]))
        page = Browser(small_disk).get(authorization_url(world.client, PKCE.new()))
        assert "Not available right now" in page.words
        unavailable(page.response)
        for path in ("/.well-known/openid-configuration", "/.well-known/jwks.json"):
            assert small_disk.http.get(issuer + path).status_code == 200
        assert userinfo(world.tenant, world.held["access_token"]).status_code == 200
        ended = gatehouse("tenant", "create", "late", "--data", small_disk.data)
        refused(ended, 1, "disk is full")

        filler.unlink()
        eventually(lambda: world.refresh().status_code == 200, "it writes again", 10)
    world.is_whole()
    small_disk.restart()
    world.is_whole()
    assert small_disk.stop() == 0
    with sqlite3.connect(small_disk.data / "gatehouse.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert not database.execute("PRAGMA foreign_key_check").fetchall()
    database.close()
    small_disk.start()


def test_a_full_disk_at_the_start(small_disk: Instance) -> None:
    small_disk.create_tenant()
    assert small_disk.stop() == 0
    filler = fill(small_disk.data)
    ended = gatehouse(
        "serve", "--data", small_disk.data, "--listen", f"127.0.0.1:{free_port()}")
    refused(ended, 1, "disk is full")
    filler.unlink()
    small_disk.start()
    assert len(small_disk.cli("tenant", "list")) == 1
