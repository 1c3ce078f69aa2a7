"""What an operator meets: settings that are wrong, directories, keys and ports that cannot be
used, starting, stopping, logs, TLS and proxies."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from browser import Browser
from command import answer, gatehouse, reachable_directory, refused
from harness import BINARY, Instance, free_port
from protocol import refresh, tokens
from trial import clean_environment, eventually

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can run as another user")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def used(data: Path) -> Path:
    """A data directory with a tenant in it."""
    answer("tenant", "create", "acme", "--data", data)
    return data


@pytest.fixture
def running() -> Iterator[Instance]:
    with Instance("sqlite") as instance:
        yield instance


# Settings


def test_an_unknown_flag(data: Path) -> None:
    refused(gatehouse("serve", "--data", data, "--colour", "red"), 2, "--colour")
    assert not data.exists()


def test_an_unknown_setting_in_the_environment(data: Path) -> None:
    ended = gatehouse("serve", "--data", data, environment={"GATEHOUSE_COLOUR": "red"})
    refused(ended, 2, "GATEHOUSE_COLOUR")
    assert not data.exists()


def test_an_unknown_setting_in_the_file(data: Path) -> None:
    data.mkdir()
    (data / "gatehouse.yaml").write_text("listen: 127.0.0.1:0\ncolour: red\n")
    refused(gatehouse("serve", "--data", data), 2, "colour", "gatehouse.yaml", "line 2")


def test_all_mistakes_are_told_together(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text("colour: red\nshutdown-grace: soon\ntls-key: key.pem\n")
    ended = gatehouse(
        "serve", "--data", data, "--config", file, "--log-level", "loud", "--listen", "here",
        environment={"GATEHOUSE_SHAPE": "round", "GATEHOUSE_BASE_URL": "ftp://x"})
    refused(
        ended, 2, "colour", "shutdown-grace", "soon", "line 2", "tls-certificate", "--log-level",
        "loud", "--listen", "here", "GATEHOUSE_SHAPE", "GATEHOUSE_BASE_URL")


@pytest.mark.parametrize(
    "text", ["listen: a\ninstance-key: t0p\nlisten: b\n", "instance-key: t0p\nx: {\n", "- t0p\n"])
def test_a_broken_settings_file_is_not_repeated(data: Path, text: str) -> None:
    data.mkdir()
    (data / "gatehouse.yaml").write_text(text)
    assert "t0p" not in refused(gatehouse("serve", "--data", data), 2, "gatehouse.yaml")


def test_a_settings_file_that_is_not_there(data: Path) -> None:
    refused(gatehouse("serve", "--data", data, "--config", "/nowhere.yaml"), 2, "/nowhere.yaml")


def test_flags_go_before_the_environment_and_that_before_the_file(data: Path) -> None:
    data.mkdir()
    (data / "gatehouse.yaml").write_text("listen: '[::1]:1'\nlog-level: error\nlog-format: json")
    ended = gatehouse(
        "config", "print", "--data", data, "--listen", "127.0.0.1:3",
        environment={"GATEHOUSE_LISTEN": "127.0.0.1:2", "GATEHOUSE_LOG_LEVEL": "debug"})
    values = {row["setting"]: row["value"] for row in json.loads(ended.stdout)}
    assert values == {
        "data": str(data), "listen": "127.0.0.1:3", "log-level": "debug", "log-format": "json"}


def test_no_data_directory_is_named() -> None:
    refused(gatehouse("serve"), 2, "--data")


# What cannot be used


def test_an_occupied_port(data: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refused(gatehouse("serve", "--data", data, "--listen", f"127.0.0.1:{port}",
                          "--log-level", "error"), 1, str(port))


@as_root
def test_a_data_directory_of_another_user() -> None:
    with reachable_directory() as place:
        data = place / "data"
        answer("tenant", "create", "acme", "--data", data)
        for command in (["serve"], ["tenant", "list"]):
            ended = gatehouse(*command, "--data", data, user="nobody")
            refused(ended, 5, str(data))


@as_root
def test_a_data_directory_that_cannot_be_made() -> None:
    with reachable_directory() as place:
        refused(gatehouse("serve", "--data", place / "new", user="nobody"), 5, f"{place}/new")


def test_a_data_directory_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    refused(gatehouse("serve", "--data", tmp_path / "data"), 5, f"{tmp_path}/data")


def test_a_data_directory_with_a_path_too_long_for_its_socket(tmp_path: Path) -> None:
    data = tmp_path / ("long" * 30)
    ended = gatehouse("serve", "--data", data, "--listen", f"127.0.0.1:{free_port()}")
    refused(ended, 5, "too long")


def test_a_database_that_is_none(used: Path) -> None:
    for name in ("gatehouse.db-wal", "gatehouse.db-shm"):
        (used / name).unlink(missing_ok=True)
    (used / "gatehouse.db").write_bytes(b"not a database, " * 512)
    refused(gatehouse("serve", "--data", used), 5, "gatehouse.db")


def test_a_second_process_on_one_data_directory(running: Instance) -> None:
    port = f"127.0.0.1:{free_port()}"
    ended = gatehouse("serve", "--data", running.data, "--listen", port)
    refused(ended, 5, str(running.data), "in use")
    assert running.http.get(running.url + "/readyz").status_code == 200


def test_another_instance_key(used: Path) -> None:
    other = base64.b64encode(os.urandom(32)).decode()
    ended = gatehouse(
        "serve", "--data", used, environment={"GATEHOUSE_INSTANCE_KEY": other})
    refused(ended, 7)
    (used / "instance.key").write_text(other)
    for command in (["serve"], ["user", "list", "--tenant", "acme"]):
        refused(gatehouse(*command, "--data", used), 7)


def test_an_instance_key_that_is_lost(used: Path, tmp_path: Path) -> None:
    saved = (used / "instance.key").read_text()
    (used / "instance.key").unlink()
    refused(gatehouse("serve", "--data", used), 7, f"{used}/instance.key")
    # A new one would only hide that the right one is missing.
    assert not (used / "instance.key").exists()
    (tmp_path / "elsewhere").write_text(saved)
    where = ("--data", used, "--instance-key-file", tmp_path / "elsewhere")
    assert answer("tenant", "show", "acme", *where)["slug"] == "acme"


def test_an_instance_key_that_is_none(used: Path) -> None:
    (used / "instance.key").write_text("not a key")
    assert "not a key" not in refused(gatehouse("serve", "--data", used), 7, "instance.key")


# Starting and stopping


def test_stopping_finishes_a_request_under_way(running: Instance) -> None:
    tenant = running.create_tenant()
    client = tenant.create_client("machine")
    body = f"grant_type=client_credentials&client_id={client.id}&client_secret={client.secret}"
    head = (
        f"POST /t/{tenant.slug}/oauth2/token HTTP/1.1\r\nHost: 127.0.0.1:{running.port}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n")
    with socket.create_connection(("127.0.0.1", running.port), timeout=30) as connection:
        connection.sendall((head + body[:10]).encode())
        # The server has the request once it has answered one that came later.
        assert running.http.get(running.url + "/livez").status_code == 200
        running.process.send_signal(signal.SIGTERM)
        eventually(lambda: refuses_connections(running.port), "the server stops listening")
        connection.sendall(body[10:].encode())
        received = b""
        while part := connection.recv(65536):
            received += part
    assert received.startswith(b"HTTP/1.1 200 ") and b'"access_token"' in received
    running.keep_secret(json.loads(received.partition(b"\r\n\r\n")[2])["access_token"])
    assert running.process.wait(timeout=30) == 0
    running.start()


def test_stopping_waits_no_longer_than_the_grace(tmp_path: Path) -> None:
    with Instance("sqlite", ["--shutdown-grace", "1"]) as instance:
        with socket.create_connection(("127.0.0.1", instance.port), timeout=30) as connection:
            connection.sendall(
                b"POST /t/x/oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n")
            assert instance.http.get(instance.url + "/livez").status_code == 200
            instance.process.send_signal(signal.SIGTERM)
            assert instance.process.wait(timeout=10) == 0
        instance.start()


def refuses_connections(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except ConnectionRefusedError:
        return True
    return False


def test_a_killed_server_starts_again_and_lost_nothing(running: Instance) -> None:
    tenant = running.create_tenant()
    client, user = tenant.create_client("web"), tenant.create_user()
    held = tokens(client, user, scope="openid offline_access")
    assert running.kill() == -signal.SIGKILL
    # The socket that it left behind does not mislead a command.
    assert tenant.cli("user", "show", user.id)["email"] == user.email
    running.start()
    assert refresh(client, held["refresh_token"]).status_code == 200
    assert running.stop() == 0
    with sqlite3.connect(running.data / "gatehouse.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert not database.execute("PRAGMA foreign_key_check").fetchall()
    database.close()
    running.start()


def test_only_the_owner_can_open_what_the_server_stores(running: Instance) -> None:
    assert running.data.stat().st_mode & 0o777 == 0o700
    assert (running.data / "gatehouse.sock").is_socket()
    for file in running.data.iterdir():
        assert file.stat().st_mode & 0o077 == 0, file


def test_commands_work_through_the_server_and_without_it(running: Instance) -> None:
    tenant = running.create_tenant()
    show = ("tenant", "show", tenant.slug, "--data", running.data)
    # It was the socket: without it the directory is the server's alone.
    hidden = (running.data / "gatehouse.sock").rename(running.data / "hidden")
    refused(gatehouse(*show), 5, "in use")
    hidden.rename(running.data / "gatehouse.sock")
    assert answer(*show)["id"] == tenant.id
    running.stop()
    assert answer(*show)["issuer"] == tenant.issuer
    user = tenant.create_user()
    running.start()
    assert tenant.cli("user", "show", user.name)["id"] == user.id


@as_root
def test_a_stranger_gets_nothing_through_the_socket() -> None:
    with Instance("sqlite") as instance:
        ended = gatehouse("tenant", "list", "--data", instance.data, user="nobody")
        refused(ended, 5, str(instance.data))


# Logs


def test_the_log_is_json_with_request_ids_and_without_secrets() -> None:
    with Instance("sqlite", ["--log-level", "debug"]) as instance:
        tenant = instance.create_tenant()
        client, user = tenant.create_client("web"), tenant.create_user()
        hint = "somebody-who-was-hinted-at@example.com"
        got = tokens(
            client, user, scope="openid offline_access", login_hint=hint, state="the-state-of-it")
        wrong = "a password that is not hers"
        browser = Browser(instance)
        page = browser.follow(browser.get(
            f"{tenant.issuer}/oauth2/authorize?client_id={client.id}&code=leaked-code"))
        assert page.status == 400
        refresh(client, got["refresh_token"])
        page = instance.http.get(instance.url + "/livez?token=leaked-token", headers={
            "Authorization": "Bearer leaked-bearer", "Cookie": "a=leaked-cookie"})

        records = instance.log_records()
        requests = [record for record in records if record["message"] == "request"]
        assert {"time", "level", "message"} <= set.intersection(*map(set, records))
        assert all(record["request_id"] for record in requests)
        known = {record["request_id"] for record in requests}
        assert page.headers["x-request-id"] in known
        text = instance.log_text()
        for secret in (
            hint, "the-state-of-it", "leaked-", wrong, user.password, user.email, client.secret,
            got["access_token"], got["refresh_token"], got["id_token"], "code_challenge",
        ):
            assert secret not in text, secret


# TLS and proxies


@contextmanager
def serving(data: Path, *arguments: str | Path) -> Iterator[subprocess.Popen[bytes]]:
    """A server that the harness cannot talk to."""
    with (data.parent / "log").open("wb") as log:
        process = subprocess.Popen(
            [BINARY, "serve", "--data", str(data), *map(str, arguments)], stderr=log,
            env=clean_environment())
    try:
        eventually((data / "gatehouse.sock").exists, "the server runs")
        yield process
    finally:
        process.terminate()
        assert process.wait(timeout=30) == 0


def test_tls_by_certificate_and_key(data: Path, tmp_path: Path) -> None:
    certificate, key = tmp_path / "tls.crt", tmp_path / "tls.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "1", "-subj", "/CN=id.test", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", key, "-out", certificate], check=True, capture_output=True)
    port = free_port()
    url = f"https://127.0.0.1:{port}"
    files = ("--tls-certificate", certificate, "--tls-key", key)
    with serving(data, "--base-url", url, "--listen", f"127.0.0.1:{port}", *files):
        made = answer("tenant", "create", "acme", "--data", data)
        trusting = ssl.create_default_context(cafile=certificate)
        with httpx.Client(verify=trusting, trust_env=False) as client:
            eventually(lambda: not refuses_connections(port), "it listens")
            found = client.get(made["discovery"]).json()
            assert found["issuer"] == f"{url}/t/acme"
            answered = client.get(url + "/readyz")
            assert answered.headers["strict-transport-security"].startswith("max-age=")
        with pytest.raises(httpx.TransportError):
            httpx.get(f"http://127.0.0.1:{port}/livez", trust_env=False)
    key.write_text("not a key")
    refused(gatehouse("serve", "--data", data, *files), 1, str(key))
    shutil.copy(certificate, key)
    refused(gatehouse("serve", "--data", data, *files), 1, str(key))


@pytest.mark.parametrize(
    ("proxies", "client", "request_id"),
    [(None, "127.0.0.1", None), ("192.0.2.0/24", "127.0.0.1", None),
     ("10.0.0.0/8,127.0.0.1/32", "203.0.113.7", "chosen-by-the-proxy")])
def test_only_a_trusted_proxy_is_believed(
    proxies: str | None, client: str, request_id: str | None
) -> None:
    with Instance("sqlite", ["--trusted-proxies", proxies] if proxies else []) as instance:
        tenant = instance.create_tenant()
        answered = instance.http.get(tenant.issuer + "/.well-known/openid-configuration", headers={
            "X-Forwarded-For": "198.51.100.1, 203.0.113.7", "X-Forwarded-Proto": "https",
            "X-Forwarded-Host": "evil.test", "X-Request-Id": "chosen-by-the-proxy"})
        # The issuer comes from the settings, whoever says what.
        assert answered.json()["issuer"] == tenant.issuer
        told = answered.headers["x-request-id"]
        assert (told == "chosen-by-the-proxy") == (request_id is not None)
        (record,) = [r for r in instance.log_records() if r.get("request_id") == told]
        assert record["client"] == client
        assert ("strict-transport-security" in answered.headers) == (request_id is not None)
