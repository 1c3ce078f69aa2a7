"""Clients that say who they are by a certificate (RFC 8705 §2), at a listener that asks for one."""

from __future__ import annotations

import ipaddress
import json
import secrets
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from authlib.integrations.httpx_client import OAuth2Client
from cryptography import x509

from elsewhere import Elsewhere, answer
from expect import j401
from harness import Tenant, User
from meddler import Meddler
from mtls import (
    SERVER_AUTH, SUBJECT, Authority, MutualTLSInstance, alias, ask, new_key, self_signed,
    self_signed_client, tls_client, told)
from mutual import (  # noqa: F401 - fixtures
    GOOD, INTERMEDIATE, OFFLINE, ROOT, acme, code_for, granted, kay, mutual_instance, redeem,
    signed_by_client)
from protocol import PKCE, claims, request_parameters

NAMES = [
    x509.DNSName("billing.example.com"), x509.UniformResourceIdentifier("spiffe://example/billing"),
    x509.IPAddress(ipaddress.ip_address("192.0.2.7")), x509.RFC822Name("billing@example.com")]


# Certificates that an authority vouches for


@pytest.mark.parametrize("member, value", [
    ("tls_client_auth_subject_dn", SUBJECT), ("tls_client_auth_subject_dn", "cn=Billing, o=EXAMPLE"),
    ("tls_client_auth_san_dns", "billing.example.com"),
    ("tls_client_auth_san_uri", "spiffe://example/billing"),
    ("tls_client_auth_san_ip", "192.0.2.7"), ("tls_client_auth_san_email", "billing@EXAMPLE.com")])
def test_a_client_is_who_its_certificate_says(acme: Tenant, member: str, value: str) -> None:
    client = tls_client(acme, {member: value})
    shown = acme.cli("client", "show", client.id)
    assert shown["authentication"] == "tls_client_auth" and shown[member] == value
    given = granted(ask(client, ROOT.issue(SUBJECT, *NAMES)))
    assert claims(given["access_token"])["client_id"] == client.id
    # Nobody asked for more than that: the token is nobody's in particular.
    assert given["token_type"] == "Bearer" and "cnf" not in claims(given["access_token"])
    j401(ask(client, ROOT.issue("CN=other,O=Example", x509.DNSName("other.example.com"))))


@pytest.mark.parametrize("kind", ["EC", "RSA2048", "P-384", "Ed25519"])
def test_any_usual_key_will_do(acme: Tenant, kind: str) -> None:
    assert granted(ask(tls_client(acme), ROOT.issue(key=new_key(kind))))


def test_whose_certificate_it_is_not(acme: Tenant) -> None:
    client = tls_client(acme)
    strangers = {
        "another authority of that name": Authority("Clients of Example").issue(),
        "its own signature": self_signed(SUBJECT),
        "over": ROOT.issue(since=-30, until=-1), "not yet": ROOT.issue(since=1, until=30),
        "for servers": ROOT.issue(extensions=[SERVER_AUTH]),
        "one name of two": ROOT.issue("CN=billing"),
        "another order": ROOT.issue("O=Example,CN=billing"),
        "more": ROOT.issue("CN=billing,O=Example,C=DE"),
        "signed by a client": replace(
            signed_by_client(GOOD), chain=[GOOD.certificate]),
    }
    for reason, identity in strangers.items():
        assert ask(client, identity).status_code == 401, reason
    j401(ask(client, None))
    j401(ask(client, None, client_secret="cs_" + "A" * 43))
    # The one way that it is registered with, and nothing beside it.
    j401(ask(client, GOOD, client_secret="cs_" + "A" * 43))
    j401(ask(replace(client, id="client_01JZ0000000000000000000000"), GOOD))
    assert granted(ask(client, GOOD))
    no_usage = ROOT.issue(extensions=[])
    assert granted(ask(client, no_usage)), "A certificate that says nothing of its use is for any."


def test_what_stands_between_is_sent_along(acme: Tenant) -> None:
    client = tls_client(acme)
    identity = INTERMEDIATE.issue()
    assert granted(ask(client, identity))
    j401(ask(client, replace(identity, chain=[])))
    deeper = Authority("Too deep", by=INTERMEDIATE).issue()
    j401(ask(client, replace(deeper, chain=[*deeper.chain, INTERMEDIATE.certificate])))
    narrow = Authority(
        "Narrow", by=ROOT,
        extensions=[x509.NameConstraints([x509.DNSName("example.com")], None)])
    host = tls_client(acme, {"tls_client_auth_san_dns": "app.example.org"})
    j401(ask(host, narrow.issue("CN=x", x509.DNSName("app.example.org"))))
    inside = tls_client(acme, {"tls_client_auth_san_dns": "app.example.com"})
    assert granted(ask(inside, narrow.issue("CN=x", x509.DNSName("app.example.com"))))


def test_a_connection_that_goes_on_where_another_ended(
    acme: Tenant, mutual_instance: MutualTLSInstance
) -> None:
    client, identity = tls_client(acme), INTERMEDIATE.issue()
    body = f"grant_type=client_credentials&client_id={client.id}".encode()
    path = alias(acme, "token").removeprefix(mutual_instance.mutual_url)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{mutual_instance.mutual_port}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n").encode()
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context, session = replace(identity).context, None
        context.minimum_version = context.maximum_version = version
        for _ in range(3):
            with socket.create_connection(("127.0.0.1", mutual_instance.mutual_port)) as plain:
                with context.wrap_socket(plain, session=session) as connection:
                    connection.sendall(head + body)
                    received = b""
                    while more := connection.recv(65536):
                        received += more
                    session = connection.session
            assert received.startswith(b"HTTP/1.1 200 "), received
            mutual_instance.keep_secret(json.loads(received.split(b"\r\n\r\n", 1)[1])[
                "access_token"])


def test_a_certificate_without_its_key_opens_no_connection(
    acme: Tenant, mutual_instance: MutualTLSInstance
) -> None:
    """Whoever has a copy of a certificate cannot sign the handshake: here the signature is another
    one on its way."""
    client = tls_client(acme)
    context = replace(GOOD).context
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    for is_changed in (False, True):
        with Meddler(mutual_instance.mutual_port, is_changed) as meddler:
            with httpx.Client(verify=context, trust_env=False) as http:
                def request() -> httpx.Response:
                    return http.post(
                        alias(acme, "token").replace(
                            str(mutual_instance.mutual_port), str(meddler.port)),
                        data={"client_id": client.id, "grant_type": "client_credentials"})
                if is_changed:
                    with pytest.raises(httpx.TransportError):
                        request()
                else:
                    mutual_instance.keep_secret(granted(request())["access_token"])
            assert meddler.has_seen


# Certificates of one's own


@pytest.mark.parametrize("kind", ["EC", "RSA2048", "Ed25519"])
@pytest.mark.parametrize("with_certificate", [False, True])
def test_a_client_shows_a_certificate_of_its_own(
    acme: Tenant, tmp_path: Path, kind: str, with_certificate: bool
) -> None:
    identity = self_signed(key=new_key(kind))
    client = self_signed_client(
        acme, tmp_path, self_signed().jwk(), identity.jwk(with_certificate=with_certificate))
    assert granted(ask(client, identity))
    renewed = self_signed("CN=renewed", key=identity.key)
    # A key is enough, unless the very certificate was registered.
    assert ask(client, renewed).status_code == (401 if with_certificate else 200)
    j401(ask(client, self_signed()))
    j401(ask(client, None))
    j401(ask(client, GOOD))
    shown = acme.cli("client", "show", client.id)
    assert shown["authentication"] == "self_signed_tls_client_auth"
    assert ("x5c" in shown["jwks"]["keys"][1]) is with_certificate


def test_a_certificate_of_ones_own_is_a_key_and_no_more(acme: Tenant, tmp_path: Path) -> None:
    key = new_key()
    client = self_signed_client(acme, tmp_path, self_signed(key=key).jwk())
    for identity in (
            self_signed("CN=over", key=key, since=-30, until=-1), ROOT.issue("CN=x", key=key)):
        assert granted(ask(client, identity))
    foreign = self_signed(key=key).jwk() | {"x5c": self_signed().jwk(with_certificate=True)["x5c"]}
    j401(ask(self_signed_client(acme, tmp_path, foreign), self_signed(key=key)))


def test_keys_may_be_at_an_address(acme: Tenant, elsewhere: Elsewhere) -> None:
    first, second = self_signed("CN=1"), self_signed("CN=2")
    path = f"/{secrets.token_hex(4)}"
    url = elsewhere.answer(path, answer(json.dumps({"keys": [first.jwk()]}).encode()))
    client = acme.create_client(
        "machine", "--authentication", "self_signed_tls_client_auth", "--jwks-uri", url,
        method="none")
    assert granted(ask(client, first)) and granted(ask(client, first))
    assert elsewhere.paths.count(path) == 1
    j401(ask(client, second))
    other = acme.create_client(
        "machine", "--authentication", "self_signed_tls_client_auth", "--jwks-uri",
        elsewhere.answer(path + "-2", answer(json.dumps(
            {"keys": [second.jwk(with_certificate=True)]}).encode())), method="none")
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda _: ask(other, second).status_code, range(8)))
    assert told == [200] * 8 and elsewhere.paths.count(path + "-2") == 1


# Everywhere


@pytest.mark.parametrize("endpoint, form", [
    ("token", {}), ("revocation", {"token": "x"}), ("introspection", {"token": "x"}),
    ("pushed_authorization_request", {}), ("device_authorization", {"scope": "openid"}),
    ("backchannel_authentication", {"scope": "openid"})])
def test_every_endpoint_knows_both_methods(
    acme: Tenant, kay: User, tmp_path: Path, endpoint: str, form: dict[str, str]
) -> None:
    own = self_signed()
    flags = (
        "--device-authorization", "--backchannel-authentication", "--id-token-algorithm", "ES256")
    kind = "machine" if endpoint == "token" else "web"
    flags = () if kind == "machine" else flags
    pairs = [
        (tls_client(acme, SUBJECT, kind, *flags), GOOD),
        (self_signed_client(acme, tmp_path, own.jwk(), kind=kind, arguments=flags), own)]
    if endpoint == "backchannel_authentication":
        form = form | {"login_hint": kay.name}
    for client, identity in pairs:
        fields = dict(form)
        if endpoint == "pushed_authorization_request":
            fields = request_parameters(client, PKCE.new())
        grant_type = "client_credentials" if endpoint == "token" else None
        said = ask(client, identity, endpoint=endpoint, grant_type=grant_type, **fields)
        assert said.status_code in (200, 201), said.text
        for wrong in (None, self_signed()):
            j401(ask(client, wrong, endpoint=endpoint, grant_type=grant_type, **fields))


def test_a_web_application_does_everything_by_its_certificate(acme: Tenant, kay: User) -> None:
    client, pkce = tls_client(acme, SUBJECT, "web"), PKCE.new()
    code = code_for(client, kay, pkce, scope=OFFLINE, nonce="n-1")
    given = granted(redeem(client, GOOD, code, pkce))
    # The issuer is the same, wherever it was asked.
    assert claims(given["id_token"])["iss"] == claims(given["access_token"])["iss"] == acme.issuer
    assert acme.issuer.startswith(acme.instance.url)
    assert told(acme, given["access_token"], None).json()["sub"] == kay.id
    again = granted(ask(
        client, GOOD, grant_type="refresh_token", refresh_token=given["refresh_token"]))
    j401(ask(client, None, grant_type="refresh_token", refresh_token=given["refresh_token"]))
    seen = granted(ask(
        client, GOOD, endpoint="introspection", grant_type=None, token=again["access_token"]))
    assert seen["active"] is True and "cnf" not in seen


def test_authlib_with_a_certificate(acme: Tenant) -> None:
    client = tls_client(acme)
    with OAuth2Client(
            client.id, token_endpoint_auth_method="none", verify=GOOD.context,
            trust_env=False) as session:
        given = session.fetch_token(
            alias(acme, "token"), grant_type="client_credentials")
    acme.instance.keep_secret(given["access_token"])
    assert claims(given["access_token"])["sub"] == client.id
