"""Certificates of clients that a proxy passes on: believed from a trusted one, in the one header that
is configured, and from nobody else. And what certificates can hold that is meant to harm."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from conftest import KINDS
from expect import invalid_token, j400, j401
from harness import BINARY, Client, Instance, Tenant, free_port
from mtls import (
    SUBJECT, Authority, Identity, MutualTLSInstance, new_key, patient, self_signed,
    self_signed_client, send, tls_client)
from nginx import Nginx
from protocol import PKCE, authorize, claims
from browser import Browser

HEADER = "X-SSL-Client-Cert"
ROOT = Authority("Clients of Example")
OLD_ROOT = Authority("Old root", key=new_key("RSA2048"))
INTERMEDIATE = Authority("Department", by=ROOT)
GOOD = ROOT.issue()
BOUND = "--tls-client-certificate-bound-access-tokens"


def proxied(kind: str, folder: Path, header: str, proxies: str = "127.0.0.1/32") -> Instance:
    trusted = folder / "clients.pem"
    trusted.write_bytes(ROOT.pem + OLD_ROOT.pem)
    return Instance(kind, [
        "--trusted-proxies", proxies, "--client-certificate-header", header,
        "--client-certificate-authorities", str(trusted)])


@pytest.fixture(scope="module", params=[
    (kind, header) for kind in KINDS for header in ("Client-Cert", HEADER)],
    ids=lambda param: f"{param[0]}-{param[1]}")
def passing(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Instance, str]]:
    """An instance behind a proxy, which a test is, and the header that the proxy writes."""
    kind, header = request.param
    with proxied(kind, tmp_path_factory.mktemp("proxied"), header) as instance:
        yield instance, header


@pytest.fixture
def acme(passing: tuple[Instance, str]) -> Iterator[Tenant]:
    yield patient(passing[0].create_tenant())
    passing[0].check()


@pytest.fixture
def header(passing: tuple[Instance, str]) -> str:
    return passing[1]


def written(header: str, identity: Identity) -> dict[str, str]:
    """What a proxy writes of a certificate."""
    if header != "Client-Cert":
        chain = "".join(
            one.public_bytes(serialization.Encoding.PEM).decode() for one in identity.chain)
        return {header: quote(identity.pem + chain, safe="")}
    links = [
        ":" + base64.b64encode(one.public_bytes(serialization.Encoding.DER)).decode() + ":"
        for one in identity.chain]
    return {header: identity.field} | ({"Client-Cert-Chain": ", ".join(links)} if links else {})


def ask(client: Client, headers: object, **form: str) -> httpx.Response:
    fields = {"client_id": client.id, "grant_type": "client_credentials"} | form
    return client.tenant.instance.http.post(
        client.tenant.endpoint("token"), data=fields, headers=headers)  # type: ignore[arg-type]


# How it works


def test_a_trusted_proxy_passes_certificates_on(
    acme: Tenant, header: str, tmp_path: Path
) -> None:
    client, own = tls_client(acme), self_signed()
    mine = self_signed_client(acme, tmp_path, own.jwk(with_certificate=True))
    for known, identity in ((client, GOOD), (client, INTERMEDIATE.issue()), (mine, own)):
        answered = ask(known, written(header, identity))
        assert answered.status_code == 200, answered.text
    j401(ask(client, written(header, own)))
    j401(ask(mine, written(header, GOOD)))
    for nothing in ({}, {header: ""}, {header: "::"}):
        j401(ask(client, nothing))
    said = acme.metadata
    assert "mtls_endpoint_aliases" not in said
    assert said["tls_client_certificate_bound_access_tokens"] is True
    assert "tls_client_auth" in said["token_endpoint_auth_methods_supported"]


def test_bound_tokens_through_a_proxy(acme: Tenant, header: str) -> None:
    kay, client, pkce = acme.create_user(), acme.create_client("native", BOUND), PKCE.new()
    code = authorize(
        Browser(acme.instance), client, kay, pkce, scope="openid offline_access").code
    phone = self_signed()
    given = ask(
        client, written(header, phone), grant_type="authorization_code", code=code,
        redirect_uri=client.redirect_uri, code_verifier=pkce.verifier).json()
    token = given["access_token"]
    assert claims(token)["cnf"] == {"x5t#S256": phone.thumbprint}
    refresh = {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}
    j400(ask(client, written(header, self_signed()), **refresh), "invalid_grant")
    assert ask(client, written(header, phone), **refresh).status_code == 200

    def told(headers: dict[str, str]) -> httpx.Response:
        return acme.instance.http.get(
            acme.endpoint("userinfo"), headers={"Authorization": f"Bearer {token}"} | headers)

    assert told(written(header, phone)).json()["sub"] == kay.id
    invalid_token(told({}))
    invalid_token(told(written(header, self_signed(key=phone.key))))
    malformed = told({header: "SUCCESS"})
    assert malformed.status_code == 400
    assert 'error="invalid_request"' in malformed.headers["www-authenticate"]


@pytest.mark.parametrize("kind", KINDS)
def test_nginx_in_front(kind: str, tmp_path: Path) -> None:
    with Nginx() as nginx, proxied(kind, tmp_path, HEADER) as instance:
        instance.arguments += ["--mutual-tls-base-url", nginx.url]
        instance.restart()
        nginx.start(instance.port)
        tenant = patient(instance.create_tenant())
        url = tenant.metadata["mtls_endpoint_aliases"]["token_endpoint"]
        assert url == f"{nginx.url}/t/{tenant.slug}/oauth2/token"
        client, own = tls_client(tenant, SUBJECT, "machine", BOUND), self_signed()
        mine = self_signed_client(tenant, tmp_path, own.jwk())
        for known, identity in ((client, GOOD), (mine, own)):
            given = send(instance, identity, "POST", url, data={
                "client_id": known.id, "grant_type": "client_credentials"})
            assert given.status_code == 200, given.text
            assert claims(given.json()["access_token"])["iss"] == tenant.issuer
        form = {"client_id": client.id, "grant_type": "client_credentials"}
        # The proxy writes the header anew, whatever its client sent.
        forged = {HEADER: GOOD.escaped, "Client-Cert": GOOD.field}
        for identity in (None, own):
            j401(send(instance, identity, "POST", url, data=form, headers=forged))
        page = send(
            instance, None, "GET", f"{nginx.url}/t/{tenant.slug}/oauth2/authorize")
        assert page.status_code == 404


# Who is not believed


CLAIMS = [
    "X-SSL-Client-Cert", "X_SSL_CLIENT_CERT", "X-Client-Cert", "Client-Cert", "SSL_CLIENT_CERT",
    "X-Forwarded-Client-Cert", "X-ARR-ClientCert", "Ssl-Client-Cert", "X-Amzn-Mtls-Clientcert"]
SUCCESS = {
    "X-Client-Verify": "SUCCESS", "X-SSL-Client-Verify": "SUCCESS", "SSL_CLIENT_VERIFY": "SUCCESS",
    "X-SSL-Client-S-DN": SUBJECT, "SSL_CLIENT_S_DN": SUBJECT}


def forgeries() -> Iterator[dict[str, str]]:
    for name in CLAIMS:
        for value in (GOOD.escaped, GOOD.field, base64.b64encode(GOOD.der).decode()):
            yield SUCCESS | {name: value}


def test_gh_106_no_proxy_is_configured(tmp_path: Path, tenant: Tenant) -> None:
    client = tls_client(patient(tenant))
    for headers in forgeries():
        j401(ask(client, headers))
    bound = tenant.create_client("machine", BOUND)
    for headers in forgeries():
        answered = ask(bound, headers, client_secret=bound.secret or "")
        j400(answered, "invalid_request")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["Client-Cert", HEADER])
def test_gh_106_who_is_no_trusted_proxy(kind: str, name: str, tmp_path: Path) -> None:
    with proxied(kind, tmp_path, name, "192.0.2.0/24,10.0.0.0/8") as instance:
        tenant = patient(instance.create_tenant())
        client = tls_client(tenant)
        for headers in [*forgeries(), written(name, GOOD)]:
            j401(ask(client, headers | {"X-Forwarded-For": "192.0.2.1"}))
        # What a stranger writes there is not even looked at.
        j401(ask(client, {name: "SUCCESS"}))
        machine = tenant.create_client("machine")
        form = {"client_secret": machine.secret or ""}
        assert ask(machine, {name: "SUCCESS"}, **form).status_code == 200


def test_gh_106_only_the_one_header_counts(acme: Tenant, header: str) -> None:
    client = tls_client(acme)
    for headers in forgeries():
        name = [one for one in headers if one not in SUCCESS][0]
        if name.lower() != header.lower():
            j401(ask(client, headers))
    other = "Client-Cert" if header == HEADER else HEADER
    j401(ask(client, written(other, GOOD)))
    assert ask(client, written(other, self_signed()) | written(header, GOOD)).status_code == 200


@pytest.mark.parametrize("kind", KINDS)
def test_gh_106_nor_does_a_header_at_the_listener_for_certificates(
    kind: str, tmp_path: Path
) -> None:
    with MutualTLSInstance(kind, tmp_path, [ROOT]) as instance:
        tenant = patient(instance.create_tenant())
        client = tls_client(tenant)
        url = tenant.metadata["mtls_endpoint_aliases"]["token_endpoint"]
        form = {"client_id": client.id, "grant_type": "client_credentials"}
        for identity in (None, self_signed()):
            for headers in forgeries():
                j401(send(instance, identity, "POST", url, data=form, headers=headers))
                if identity:
                    break


# What may stand there


def test_a_malformed_header_is_an_error_that_says_so(acme: Tenant, header: str) -> None:
    client = tls_client(acme)
    good = written(header, GOOD)[header]
    values = [
        "SUCCESS", "(null)", ":", "%", "%2", "A" * 9000, good[:-12], good[20:],
        good.replace("MII", "M!I"), good.replace("MII", "M%00I"),
        ":" + base64.b64encode(b"\x30\x82\xff\xff" + GOOD.der[4:]).decode() + ":",
        ":" + base64.b64encode(GOOD.der + b"\0").decode() + ":",
        ":" + base64.b64encode(GOOD.der[:-1]).decode() + ":",
        quote("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", safe=""),
        quote(GOOD.pem.replace("CERTIFICATE", "PUBLIC KEY"), safe="")]
    for value in values:
        refused = j400(ask(client, {header: value}), "invalid_request")
        assert "certificate" in refused["error_description"]
    twice = [(header, good), (header, good)]
    j400(ask(client, twice), "invalid_request")
    # Whoever proves who it is in another way is told all the same: something is wrong in front.
    machine = acme.create_client("machine")
    j400(ask(machine, {header: "SUCCESS"}, client_secret=machine.secret or ""), "invalid_request")
    assert ask(client, {header: good}).status_code == 200


def test_a_chain_may_be_longer_than_it_has_to_be(acme: Tenant, header: str) -> None:
    client, identity = tls_client(acme), INTERMEDIATE.issue()
    some = Identity(identity.certificate, identity.key, identity.chain + [ROOT.certificate])
    assert ask(client, written(header, some)).status_code == 200
    many = Identity(identity.certificate, identity.key, identity.chain * 12)
    j400(ask(client, written(header, many)), "invalid_request")


def weak(folder: Path, bits: int, digest: str) -> Identity:
    """A certificate that the old root signed when nobody knew better; by OpenSSL, which still can."""
    folder.mkdir(exist_ok=True)
    (folder / "ca.key").write_bytes(OLD_ROOT.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption()))
    (folder / "ca.pem").write_bytes(OLD_ROOT.pem)
    for command in (
            f"openssl genrsa -out key.pem {bits}",
            "openssl req -new -key key.pem -subj /O=Example/CN=billing -out request.pem",
            "openssl x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial "
            f"-{digest} -days 30 -out certificate.pem"):
        subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
    certificate = x509.load_pem_x509_certificate((folder / "certificate.pem").read_bytes())
    return Identity(certificate, None)


def test_weak_certificates_are_nobodys(acme: Tenant, header: str, tmp_path: Path) -> None:
    client = tls_client(acme)
    for bits, digest, status in (
            (2048, "sha256", 200), (2048, "sha1", 401), (2048, "md5", 401), (512, "sha256", 401),
            (1024, "sha256", 401)):
        identity = weak(tmp_path / f"{bits}-{digest}", bits, digest)
        assert ask(client, written(header, identity)).status_code == status, (bits, digest)


def names(common: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "Example")]
        + [x509.NameAttribute(x509.NameOID.COMMON_NAME, common, _validate=False)])


HOSTILE: dict[str, Callable[[], Identity]] = {
    "a NUL in the subject": lambda: ROOT.issue(names("billing\0.evil.test")),
    "a line end in the subject": lambda: ROOT.issue(names("billing\r\nX: y")),
    "a comma in the subject": lambda: ROOT.issue(
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "billing,O=Example")])),
    "another kind of space": lambda: ROOT.issue(names("billing\u00a0")),
    "a letter that looks the same": lambda: ROOT.issue(names("b\u0456lling")),
    "nothing in the subject": lambda: ROOT.issue(x509.Name([])),
    "many parts": lambda: ROOT.issue(x509.Name(
        [x509.NameAttribute(x509.NameOID.COMMON_NAME, f"n{i}") for i in range(150)])),
    "a NUL in a host": lambda: ROOT.issue("CN=x", x509.DNSName("billing.example.com\0.evil.test")),
    "a pattern": lambda: ROOT.issue("CN=x", x509.DNSName("*.example.com")),
    "a host as an address": lambda: ROOT.issue("CN=x", x509.RFC822Name("billing.example.com")),
    "many other names": lambda: ROOT.issue(
        "CN=x", *[x509.DNSName(f"h{i}.example.com") for i in range(250)]),
    "the name as the common name": lambda: ROOT.issue("CN=billing.example.com"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_certificates_are_nobodys(acme: Tenant, header: str, case: str) -> None:
    identity = HOSTILE[case]()
    by_subject = tls_client(acme)
    by_host = tls_client(acme, {"tls_client_auth_san_dns": "billing.example.com"})
    for client in (by_subject, by_host):
        j401(ask(client, written(header, identity)))
    assert acme.instance.is_alive


def test_a_name_among_many_is_found(acme: Tenant, header: str) -> None:
    client = tls_client(acme, {"tls_client_auth_san_dns": "h249.example.com"})
    assert ask(client, written(header, HOSTILE["many other names"]())).status_code == 200


def test_a_certificate_that_is_too_large_is_no_certificate(acme: Tenant, header: str) -> None:
    huge = ROOT.issue("CN=x", *[x509.DNSName(f"h{i}.example.com") for i in range(900)])
    answered = ask(tls_client(acme), written(header, huge))
    # It does not even fit the headers of a request.
    assert answered.status_code == 431


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_certificates_in_a_handshake(kind: str, tmp_path: Path) -> None:
    """What reaches the server directly is larger than what a header can hold."""
    with MutualTLSInstance(kind, tmp_path, [ROOT, OLD_ROOT]) as instance:
        tenant = patient(instance.create_tenant())
        client = tls_client(tenant)
        url = tenant.metadata["mtls_endpoint_aliases"]["token_endpoint"]
        form = {"client_id": client.id, "grant_type": "client_credentials"}
        huge = [
            ROOT.issue("CN=x", *[x509.DNSName(f"h{i}.example.com") for i in range(count)])
            for count in (250, 900, 4000)]
        chained = Identity(GOOD.certificate, GOOD.key, [
            self_signed(f"CN={i}").certificate for i in range(60)])
        for identity in [*huge, *(HOSTILE[case]() for case in HOSTILE)]:
            try:
                j401(send(instance, identity, "POST", url, data=form))
            except httpx.TransportError:
                # A handshake may be refused; nothing else may come of it.
                pass
            assert instance.is_alive
        assert send(instance, chained, "POST", url, data=form).status_code == 200
        assert send(instance, GOOD, "POST", url, data=form).status_code == 200


# Settings


@pytest.mark.parametrize("arguments, words", [
    (["--client-certificate-header", "Client-Cert"], "trusted-proxies"),
    (["--client-certificate-header", "Cookie", "--trusted-proxies", "127.0.0.1"], "Client-Cert"),
    (["--mutual-tls-listen", "127.0.0.1:0"], "tls-certificate"),
    (["--mutual-tls-listen", "nowhere"], "mutual-tls-listen"),
    (["--mutual-tls-base-url", "https://mtls.test"], "mutual-tls-listen"),
    (["--mutual-tls-base-url", "http://mtls.test", "--trusted-proxies", "127.0.0.1",
      "--client-certificate-header", "Client-Cert"], "https"),
    (["--client-certificate-authorities", "/nonexistent.pem"], "mutual-tls-listen"),
    (["--client-certificate-authorities", "/nonexistent.pem", "--trusted-proxies", "127.0.0.1",
      "--client-certificate-header", "Client-Cert"], "/nonexistent.pem"),
    (["--client-certificate-authorities", BINARY, "--trusted-proxies", "127.0.0.1",
      "--client-certificate-header", "Client-Cert"], "PEM"),
])
def test_settings_that_cannot_work_are_named(
    tmp_path: Path, arguments: list[str], words: str
) -> None:
    ended = subprocess.run(
        [BINARY, "serve", "--data", str(tmp_path / "data"), "--base-url", "http://127.0.0.1:8080",
         "--listen", f"127.0.0.1:{free_port()}", *arguments],
        capture_output=True, text=True, timeout=60)
    assert ended.returncode == 2 and words in ended.stderr, ended.stderr
