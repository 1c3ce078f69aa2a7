"""What goes first when there is too much to do."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

from browser import Browser
from database import PostgresDatabase
from harness import Instance
from protocol import begin, tokens, userinfo
from visitor import set_limit


@contextmanager
def locked(database: PostgresDatabase, table: str) -> Iterator[None]:
    """Keeps everyone else from a table."""
    with subprocess.Popen(
        ["psql", "--no-psqlrc", "--quiet", "--tuples-only", database.url or ""],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd="/",
    ) as session:
        assert session.stdin and session.stdout
        session.stdin.write(f"BEGIN; LOCK TABLE {table}; SELECT 'locked';\n")
        session.stdin.flush()
        assert session.stdout.readline().strip() == "locked"
        yield
        session.stdin.write("ROLLBACK;\n")
        session.stdin.close()
        session.wait(timeout=30)


def test_where_the_database_is_crowded_people_wait_and_applications_do_not() -> None:
    with Instance("postgres", ["--database-connections", "1"]) as instance:
        tenant = instance.create_tenant()
        phone, user = tenant.create_client("native"), tenant.create_user()
        set_limit(tenant, "grant-network", 1000)
        page, held = begin(Browser(instance), phone), tokens(phone, user)
        assert isinstance(instance.database, PostgresDatabase)
        body = urlencode({
            "grant_type": "refresh_token", "refresh_token": "rt_" + "A" * 43,
            "client_id": phone.id}).encode()
        path = phone.tenant.endpoint("token").removeprefix(instance.url)
        request = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{instance.port}\r\nConnection: close\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n").encode() + body
        with locked(instance.database, "refresh_token"), instance.tolerating_5xx():
            # One holds the only connection, and the others wait for it.
            waiting = []
            for _ in range(300):
                connection = socket.create_connection(("127.0.0.1", instance.port), timeout=60)
                connection.sendall(request)
                waiting.append(connection)
            # This page asks no database where nobody is signed in, so it tells without waiting.
            for _ in range(10_000):
                admin = instance.http.get(f"{instance.url}/admin")
                if admin.status_code != 401:
                    break
            assert admin.status_code == 503 and admin.headers["retry-after"] == "2"
            answer = instance.http.get(page.url)
            assert answer.status_code == 503 and answer.headers["retry-after"] == "2"
            assert "Not available right now" in answer.text
        statuses = []
        for connection in waiting:
            with connection:
                answer_bytes = b""
                while received := connection.recv(65536):
                    answer_bytes += received
                statuses.append(answer_bytes.split(b" ", 2)[1])
        assert set(statuses) <= {b"400", b"503"} and statuses.count(b"400") >= 290
        assert userinfo(tenant, held["access_token"]).status_code == 200
        assert begin(Browser(instance), phone).status == 200
