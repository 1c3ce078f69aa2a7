"""Plain http where https is meant, and weak TLS: attack cases GH-421 and GH-446."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest

from conftest import KINDS
from harness import Client, Instance, free_port
from protocol import basic, request_parameters, PKCE

SECURE = "https://id.test"
PROXY = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}


@pytest.fixture(params=KINDS)
def behind_proxy(request: pytest.FixtureRequest) -> Iterator[Instance]:
    """An installation whose address is https, behind a proxy on this machine that it trusts."""
    arguments = ["--base-url", SECURE, "--trusted-proxies", "127.0.0.1/32"]
    with Instance(request.param, arguments) as instance:
        yield instance


def paths(client: Client) -> tuple[str, str]:
    """Where the tenant is on this machine, and the query of a good request."""
    base = f"{client.tenant.instance.url}/t/{client.tenant.slug}"
    return base, urlencode(request_parameters(client, PKCE.new()))


def test_gh_421_pages_over_plain_http_lead_to_https(behind_proxy: Instance) -> None:
    client = behind_proxy.create_tenant().create_client()
    base, query = paths(client)
    plain = {"X-Forwarded-Proto": "http", "X-Forwarded-For": "203.0.113.9"}
    for headers in ({}, plain):
        for path in (f"/oauth2/authorize?{query}", "/oauth2/end_session", "/signed-out"):
            answer = behind_proxy.http.get(base + path, headers=headers)
            assert answer.status_code == 308, (path, headers)
            assert answer.headers["location"] == f"{SECURE}/t/{client.tenant.slug}{path}"
            assert "set-cookie" not in answer.headers
        answer = behind_proxy.http.get(behind_proxy.url + "/admin", headers=headers)
        assert answer.status_code == 308 and answer.headers["location"] == SECURE + "/admin"


def test_gh_421_programs_over_plain_http_are_refused_and_not_led_on(
    behind_proxy: Instance,
) -> None:
    client = behind_proxy.create_tenant().create_client("machine", "--scope", "api:read")
    base, query = paths(client)
    proof = {"Authorization": basic(client.id, client.secret or "")}
    form = {"grant_type": "client_credentials"}
    http = behind_proxy.http
    for answer in (
        http.post(f"{base}/oauth2/token", data=form, headers=proof),
        http.post(f"{base}/oauth2/revoke", data={"token": "x"}, headers=proof),
        http.post(f"{base}/oauth2/userinfo", headers={"Authorization": "Bearer x"}),
        http.post(f"{base}/sign-in/int_00000000000000000000000000", data={"password": "x" * 12}),
        http.post(f"{base}/oauth2/authorize", data=dict(request_parameters(client, PKCE.new()))),
        # What a program reads is no page: a redirect would hide that the token went in clear.
        http.get(f"{base}/oauth2/userinfo", headers={"Authorization": "Bearer x"}),
    ):
        assert answer.status_code in (400, 403, 426), answer.request.url
        assert "location" not in answer.headers and "access_token" not in answer.text
    good = http.post(f"{base}/oauth2/token", data=form, headers=proof | PROXY)
    assert good.status_code == 200
    assert not {"x", "set-cookie"} & set(good.headers)


def test_gh_421_secure_answers_demand_https_for_a_year(behind_proxy: Instance) -> None:
    client = behind_proxy.create_tenant().create_client()
    base, query = paths(client)
    http = behind_proxy.http
    for answer in (
        http.get(f"{base}/oauth2/authorize?{query}", headers=PROXY),
        http.get(f"{base}/oauth2/authorize", headers=PROXY),
        http.get(f"{base}/.well-known/openid-configuration", headers=PROXY),
        http.post(f"{base}/oauth2/token", headers=PROXY),
        http.get(f"{behind_proxy.url}/nothing", headers=PROXY),
    ):
        assert answer.status_code != 308
        told = dict(
            (part.strip().lower().partition("=")[::2])
            for part in answer.headers["strict-transport-security"].split(";"))
        assert int(told["max-age"]) >= 31_536_000 and "includesubdomains" in told


def test_gh_196_what_a_trusted_proxy_passes_on_unread_is_nobodys_address(
    behind_proxy: Instance,
) -> None:
    """A proxy that appends to what strangers sent: what cannot be read is never believed."""
    client = behind_proxy.create_tenant().create_client()
    base, query = paths(client)
    for value in ("a", "", ",", ", ,", "fe80::1%eth0", "unknown", "_hidden", "1.2.3.4:80, x", "-1",
                  "1.2.3", "1.2.3.4.5", "256.1.1.1", "0x7f.1", "\u0663.3.3.3", "::ffff:1.2.3.4",
                  "[::1]:80", "1.2.3.4;evil", "127.0.0.1, evil", "1.2.3.4\t,x", "1.2.3.4," * 900):
        answer = behind_proxy.http.get(f"{base}/oauth2/authorize?{query}", headers={
            "X-Forwarded-For": value.encode(), "X-Forwarded-Proto": "https"})
        assert answer.status_code == 303, value
        (record,) = [record for record in behind_proxy.log_records()
                     if record.get("request_id") == answer.headers["x-request-id"]]
        told = record["client"]
        assert ipaddress.ip_address(told) and not told.startswith("3."), (value, told)
    huge = behind_proxy.http.get(f"{base}/oauth2/authorize?{query}", headers={
        "X-Forwarded-For": "1.2.3.4," * 100_000, "X-Forwarded-Proto": "https"})
    assert huge.status_code == 431


# TLS by the server itself


@pytest.fixture(params=KINDS)
def over_tls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Instance, int]]:
    """An installation, and the port of a node of it that ends TLS itself."""
    certificate, key = tmp_path / "tls.crt", tmp_path / "tls.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj",
         "/CN=id.test", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out",
         certificate], check=True, capture_output=True)
    port = free_port()
    with TLSInstance(request.param, port, certificate, key) as instance:
        yield instance, port


class TLSInstance(Instance):
    """An instance that is asked over TLS. The harness learns to trust its certificate."""

    def __init__(self, kind: str, port: int, certificate: Path, key: Path) -> None:
        super().__init__(kind, [
            "--base-url", f"https://127.0.0.1:{port}", "--tls-certificate", str(certificate),
            "--tls-key", str(key)])
        self.port, self.certificate = port, certificate

    def _await_ready(self) -> None:
        self.url = f"https://127.0.0.1:{self.port}"
        self.http = httpx.Client(
            verify=ssl.create_default_context(cafile=str(self.certificate)), trust_env=False)
        super()._await_ready()


def handshake(port: int, version: ssl.TLSVersion | None, ciphers: str, **options: str) -> str:
    """Connects with one version and some ciphers; the version that came of it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    # The client itself refuses nothing, so that it is the server that does.
    context.set_ciphers(f"{ciphers}:@SECLEVEL=0")
    if version:
        context.minimum_version = context.maximum_version = version
    with socket.create_connection(("127.0.0.1", port), timeout=30) as plain:
        with context.wrap_socket(plain, server_hostname=options.get("name")) as connection:
            connection.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert connection.recv(100).startswith(b"HTTP/1.1 200 ")
            return connection.version() or ""


@pytest.mark.conformance("fapi2-security-profile-final-ensure-holder-of-key-required", "tls")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_gh_446_old_versions_and_weak_suites_are_refused(
    over_tls: tuple[TLSInstance, int],
) -> None:
    _, port = over_tls
    assert handshake(port, ssl.TLSVersion.TLSv1_2, "ALL") == "TLSv1.2"
    assert handshake(port, ssl.TLSVersion.TLSv1_3, "ALL") == "TLSv1.3"
    assert handshake(port, None, "ALL", name="other.test") == "TLSv1.3"
    assert handshake(port, ssl.TLSVersion.TLSv1_2, "ECDHE-RSA-AES128-GCM-SHA256") == "TLSv1.2"
    for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            handshake(port, version, "ALL")
    taken = []
    for suites in ("eNULL", "aNULL", "kRSA", "ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES128-SHA256"):
        try:
            handshake(port, ssl.TLSVersion.TLSv1_2, suites)
            taken.append(suites)
        except (ssl.SSLError, ConnectionResetError):
            pass
    assert not taken, "Without forward secrecy, or without authenticated encryption."


def test_gh_446_plain_bytes_and_renegotiation_lead_nowhere(
    over_tls: tuple[TLSInstance, int],
) -> None:
    instance, port = over_tls
    for sent in (b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\xff\xff" + b"\x00" * 100,
                 b"\x80\x2e\x01\x00\x02", b"\x15\x03\x03\x00\x02\x02\x28", b"\x00" * 1000):
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            try:
                assert not connection.recv(100).startswith(b"HTTP/")
            except ConnectionResetError:
                pass
    ended = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-tls1_2"], input=b"R\n",
        capture_output=True, timeout=60)
    told = ended.stderr + ended.stdout
    assert b"RENEGOTIATING" in told and b"error" in told.lower(), told[-500:]
    assert instance.http.get(f"{instance.url}/readyz").status_code == 200
