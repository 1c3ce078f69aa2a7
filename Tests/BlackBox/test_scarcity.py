"""Too few file descriptors, and a database that lets wait: attack cases GH-496 and GH-503."""

from __future__ import annotations

import os
import resource
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from database import PostgresDatabase, SQLiteDatabase
from harness import Instance
from protocol import refresh, tokens, userinfo
from trial import eventually
from watch import unchanged

OFFLINE = "openid offline_access"


def test_gh_496_without_a_free_descriptor_the_server_waits_for_one(own_instance: Instance) -> None:
    tenant = own_instance.create_tenant()
    client, user = tenant.create_client("web"), tenant.create_user()
    given = tokens(client, user, scope=OFFLINE)
    pid = own_instance.pid or 0
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    few = len(os.listdir(f"/proc/{pid}/fd")) + 20
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (few, before[1]))
    waiting: list[socket.socket] = []
    try:
        for _ in range(100):
            # The system takes them; the server cannot, until others leave.
            waiting.append(socket.create_connection(("127.0.0.1", own_instance.port), timeout=30))
        assert own_instance.is_alive
    finally:
        for connection in waiting:
            connection.close()
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
    with own_instance.tolerating_5xx():
        eventually(
            lambda: refresh(client, given["refresh_token"]).status_code == 200, "it serves again")
    assert userinfo(tenant, given["access_token"]).status_code == 200


@contextmanager
def locked(instance: Instance) -> Iterator[None]:
    """While inside, somebody else holds what a refresh has to write."""
    if isinstance(instance.database, PostgresDatabase):
        with subprocess.Popen(
                ["psql", "--no-psqlrc", "--quiet", instance.database.url], text=True, cwd="/",
                stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
            assert other.stdin and other.stdout
            other.stdin.write("BEGIN;\nLOCK TABLE event, refresh_token, authorization_grant "
                              "IN EXCLUSIVE MODE;\n\\echo held\n")
            other.stdin.flush()
            assert other.stdout.readline() == "held\n"
            yield
            other.stdin.write("ROLLBACK;\n")
        return
    assert isinstance(instance.database, SQLiteDatabase)
    connection = sqlite3.connect(instance.database.path, timeout=30, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


def test_gh_503_while_the_database_lets_wait_the_rest_goes_on(own_instance: Instance) -> None:
    tenant = own_instance.create_tenant()
    client, user = tenant.create_client("native"), tenant.create_user()
    held = [tokens(client, user, scope=OFFLINE)["refresh_token"] for _ in range(12)]
    with own_instance.tolerating_5xx(), ThreadPoolExecutor(len(held)) as pool:
        with locked(own_instance), unchanged(tenant):
            begun = [pool.submit(refresh, client, value) for value in held]
            # What needs no write is answered meanwhile.
            for _ in range(20):
                for url in (tenant.endpoint("jwks_uri"), f"{own_instance.url}/livez",
                            f"{tenant.issuer}/.well-known/openid-configuration"):
                    assert own_instance.http.get(url).status_code == 200
        answers = [future.result() for future in begun]
    for value, answer in zip(held, answers):
        assert answer.status_code in (200, 503), answer.text
        if answer.status_code == 503:
            assert int(answer.headers["retry-after"]) > 0
            answer = refresh(client, value)
        assert answer.status_code == 200, "What was refused for want of time still works."
        assert userinfo(tenant, answer.json()["access_token"]).status_code == 200
