"""Clients that show a certificate at a listener that asks for one (RFC 8705): who they are, what
their tokens are bound to, and who they are not."""

from __future__ import annotations

import ipaddress
import json
import secrets
import socket
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from authlib.integrations.httpx_client import OAuth2Client
from cryptography import x509

import dpop
from browser import Browser
from conftest import KINDS
from elsewhere import Elsewhere, answer
from expect import invalid_token, j400, j401
from harness import Client, CommandFailed, Tenant, User
from mtls import (
    SERVER_AUTH, SUBJECT, Authority, Identity, MutualTLSInstance, alias, ask, new_key,
    patient, self_signed, self_signed_client, send, tls_client, told)
from protocol import PKCE, Redirect, authorize, claims, pushed_url, request_parameters, sign_in
from registration import Registered, let_register, register as register_client
from test_client_assertions import TYPE, register as register_signing
from test_profiles import bank
from test_resources import create as create_resource

ROOT = Authority("Clients of Example")
INTERMEDIATE = Authority("Department", by=ROOT, path_length=0)
GOOD = ROOT.issue()
NAMES = [
    x509.DNSName("billing.example.com"), x509.UniformResourceIdentifier("spiffe://example/billing"),
    x509.IPAddress(ipaddress.ip_address("192.0.2.7")), x509.RFC822Name("billing@example.com")]
OFFLINE = "openid offline_access"


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    with Elsewhere() as elsewhere:
        yield elsewhere


@pytest.fixture(scope="module", params=KINDS)
def mutual_instance(
    request: pytest.FixtureRequest, elsewhere: Elsewhere,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[MutualTLSInstance]:
    folder = tmp_path_factory.mktemp("mutual")
    with MutualTLSInstance(request.param, folder, [ROOT], elsewhere.flags) as instance:
        yield instance


@pytest.fixture
def acme(mutual_instance: MutualTLSInstance) -> Iterator[Tenant]:
    yield patient(mutual_instance.create_tenant())
    mutual_instance.check()


@pytest.fixture
def kay(acme: Tenant) -> User:
    return acme.create_user()


def granted(response: httpx.Response) -> dict[str, Any]:
    assert response.status_code == 200, f"{response.status_code} {response.text}"
    return response.json()


def code_for(client: Client, user: User, pkce: PKCE, **changes: str | None) -> str:
    return authorize(Browser(client.tenant.instance), client, user, pkce, **changes).code


def redeem(
    client: Client, identity: Identity | None, code: str, pkce: PKCE, **more: Any
) -> httpx.Response:
    return ask(client, identity, grant_type="authorization_code", code=code,
               redirect_uri=client.redirect_uri, code_verifier=pkce.verifier, **more)


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
            _by(GOOD), chain=[GOOD.certificate]),
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


def _by(issuer: Identity) -> Identity:
    """A certificate that the key of a client signed, as if it were an authority."""
    authority = object.__new__(Authority)
    authority.key, authority.name = issuer.key, issuer.certificate.subject
    authority.parent, authority.certificate = None, issuer.certificate
    return authority.issue()


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


class Meddler:
    """Passes bytes on both ways, and may change a bit of the signature by which a client of TLS 1.2
    proves to have its key (RFC 5246 §7.4.8)."""

    def __init__(self, target: int, is_changing: bool) -> None:
        self.target, self.is_changing, self.has_seen = target, is_changing, False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Meddler:
        return self

    def __exit__(self, *_: object) -> None:
        self.listener.close()

    def _accept(self) -> None:
        client, _ = self.listener.accept()
        server = socket.create_connection(("127.0.0.1", self.target))
        threading.Thread(target=self._answer, args=(server, client), daemon=True).start()
        try:
            while record := self._record(client):
                server.sendall(record)
        except OSError:
            pass
        server.close()

    def _record(self, client: socket.socket) -> bytes:
        head = self._exactly(client, 5)
        body = bytearray(self._exactly(client, int.from_bytes(head[3:5], "big")) if head else b"")
        offset = 0
        # Handshake messages in clear, until the cipher changes.
        while head[:1] == b"\x16" and offset + 4 <= len(body) and body[offset] in (1, 11, 15, 16):
            length = int.from_bytes(body[offset + 1:offset + 4], "big")
            if body[offset] == 15:
                self.has_seen = True
                if self.is_changing:
                    body[offset + 3 + length] ^= 1
            offset += 4 + length
        return head + bytes(body)

    @staticmethod
    def _exactly(source: socket.socket, count: int) -> bytes:
        received = b""
        while len(received) < count:
            more = source.recv(count - len(received))
            if not more:
                return b""
            received += more
        return received

    @staticmethod
    def _answer(server: socket.socket, client: socket.socket) -> None:
        try:
            while received := server.recv(65536):
                client.sendall(received)
        except OSError:
            pass
        client.close()


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
            alias(acme, "token"), grant_type="client_credentials", client_id=client.id)
    acme.instance.keep_secret(given["access_token"])
    assert claims(given["access_token"])["sub"] == client.id


# Tokens that are bound


BOUND = "--tls-client-certificate-bound-access-tokens"


@pytest.mark.conformance("fapi2-security-profile-final-ensure-holder-of-key-required", "refused")
@pytest.mark.parametrize("form", ["jwt", "opaque"])
def test_a_bound_token_is_for_whoever_has_the_certificate(
    acme: Tenant, kay: User, form: str
) -> None:
    create_resource(acme, "https://api.test", "--token-format", form)
    client, pkce = tls_client(acme, SUBJECT, "web", BOUND), PKCE.new()
    assert acme.cli("client", "show", client.id)[BOUND[2:].replace("-", "_")] is True
    code = code_for(client, kay, pkce, scope=OFFLINE, resource="https://api.test")
    given = granted(redeem(client, GOOD, code, pkce))
    assert given["token_type"] == "Bearer"
    token = given["access_token"]
    seen = granted(ask(client, GOOD, endpoint="introspection", grant_type=None, token=token))
    assert seen["cnf"] == {"x5t#S256": GOOD.thumbprint} and seen["token_type"] == "Bearer"
    if form == "jwt":
        assert claims(token)["cnf"] == seen["cnf"]
    assert told(acme, token, GOOD).json()["sub"] == kay.id
    same = ROOT.issue(key=GOOD.key)
    for other in (None, same, self_signed(), ROOT.issue()):
        refused = told(acme, token, other)
        invalid_token(refused)
        assert "certificate" in refused.headers["www-authenticate"]
    # The other listener asks nobody for a certificate, and DPoP is something else.
    bare = {"Authorization": f"Bearer {token}"}
    invalid_token(acme.instance.http.get(acme.endpoint("userinfo"), headers=bare))
    assert told(acme, token, GOOD, "DPoP").status_code == 401
    # A client that has a certificate is bound anew with each, whichever it shows.
    renewed = granted(ask(
        client, same, grant_type="refresh_token", refresh_token=given["refresh_token"]))
    assert told(acme, renewed["access_token"], same).status_code == 200
    invalid_token(told(acme, renewed["access_token"], GOOD))


def test_an_unbound_token_is_for_whoever_has_it(acme: Tenant, kay: User) -> None:
    client, pkce = tls_client(acme, SUBJECT, "web"), PKCE.new()
    given = granted(redeem(client, GOOD, code_for(client, kay, pkce), pkce))
    for identity in (None, GOOD, self_signed()):
        assert told(acme, given["access_token"], identity).status_code == 200


@pytest.mark.conformance("fapi2-security-profile-final-refresh-token", "key")
def test_refresh_tokens_of_public_clients_are_bound(acme: Tenant, kay: User) -> None:
    client, pkce, phone = acme.create_client("native", BOUND), PKCE.new(), self_signed()
    code = code_for(client, kay, pkce, scope=OFFLINE)
    given = granted(redeem(client, phone, code, pkce))
    first = given["refresh_token"]
    assert claims(given["access_token"])["cnf"] == {"x5t#S256": phone.thumbprint}
    for thief in (self_signed(), self_signed(key=phone.key)):
        j400(ask(client, thief, grant_type="refresh_token", refresh_token=first), "invalid_grant")
    j400(ask(client, None, grant_type="refresh_token", refresh_token=first), "invalid_request")
    for _ in range(2):
        again = granted(ask(client, phone, grant_type="refresh_token", refresh_token=first))
        # It stays: the certificate is worth more than rotation.
        assert again.get("refresh_token", first) == first
        assert claims(again["access_token"])["cnf"] == {"x5t#S256": phone.thumbprint}
    client.update("--no-tls-client-certificate-bound-access-tokens")
    j400(ask(client, phone, grant_type="refresh_token", refresh_token=first), "invalid_grant")


def test_two_certificates_race_for_one_refresh_token(acme: Tenant, kay: User) -> None:
    """Whichever comes first: a code binds its grant once."""
    client, pkce = acme.create_client("native", BOUND), PKCE.new()
    code, both = code_for(client, kay, pkce, scope=OFFLINE), [self_signed(), self_signed()]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda one: redeem(client, one, code, pkce), both))
    good = [(one, a.json()) for one, a in zip(both, answers) if a.status_code == 200]
    assert len(good) == 1, [a.text for a in answers]
    winner, given = good[0]
    assert claims(given["access_token"])["cnf"] == {"x5t#S256": winner.thumbprint}


def test_a_client_that_is_bound_to_certificates_needs_one(acme: Tenant) -> None:
    machine = acme.create_client("machine", BOUND)
    auth = httpx.BasicAuth(machine.id, machine.secret or "")
    form = {"grant_type": "client_credentials"}
    without = send(acme.instance, None, "POST", alias(acme, "token"), data=form, auth=auth)
    assert "certificate" in j400(without, "invalid_request")["error_description"]
    at_home = acme.instance.http.post(acme.endpoint("token"), data=form, auth=auth)
    j400(at_home, "invalid_request")
    given = granted(send(acme.instance, GOOD, "POST", alias(acme, "token"), data=form, auth=auth))
    assert claims(given["access_token"])["cnf"] == {"x5t#S256": GOOD.thumbprint}


# Both at once


def test_a_token_is_bound_to_one_thing(acme: Tenant, kay: User) -> None:
    key = dpop.Key()
    plain = tls_client(acme)
    proof = key.proof("POST", alias(acme, "token"))
    given = granted(ask(plain, GOOD, headers={"DPoP": proof}))
    # The certificate says who it is; the proof, what the token is bound to.
    assert given["token_type"] == "DPoP"
    assert claims(given["access_token"])["cnf"] == {"jkt": key.thumbprint}
    bound = tls_client(acme, SUBJECT, "machine", BOUND)
    proof = key.proof("POST", alias(acme, "token"))
    refused = j400(ask(bound, GOOD, headers={"DPoP": proof}), "invalid_request")
    assert "DPoP" in refused["error_description"]
    demanding = tls_client(acme, SUBJECT, "machine", "--dpop-bound-access-tokens")
    j400(ask(demanding, GOOD), "invalid_dpop_proof")
    with pytest.raises(CommandFailed) as failed:
        tls_client(acme, SUBJECT, "machine", BOUND, "--dpop-bound-access-tokens")
    assert failed.value.code == 2
    web, pkce = tls_client(acme, SUBJECT, "web", BOUND), PKCE.new()
    proof = key.proof("POST", alias(acme, "pushed_authorization_request"))
    j400(ask(
        web, GOOD, endpoint="pushed_authorization_request", grant_type=None,
        headers={"DPoP": proof}, **request_parameters(web, pkce)), "invalid_request")


def test_a_proof_is_about_the_address_that_was_asked(acme: Tenant) -> None:
    client, key = tls_client(acme), dpop.Key()
    there = key.proof("POST", acme.endpoint("token"))
    j400(ask(client, GOOD, headers={"DPoP": there}), "invalid_dpop_proof")
    signing_in = acme.create_client("machine")
    here = key.proof("POST", alias(acme, "token"))
    j400(dpop.ask(signing_in, here, grant_type="client_credentials"), "invalid_dpop_proof")


def test_a_client_that_signs_may_ask_there_as_well(acme: Tenant, tmp_path: Path) -> None:
    """The audience of an assertion is the issuer, and no address of an endpoint."""
    signing = register_signing(acme, tmp_path)
    given = granted(ask(
        signing.client, GOOD, client_assertion_type=TYPE, client_assertion=signing.assertion()))
    assert "cnf" not in claims(given["access_token"])
    j401(ask(
        signing.client, GOOD, client_assertion_type=TYPE,
        client_assertion=signing.assertion(aud=alias(acme, "token"))))
    j401(ask(signing.client, GOOD))


# Where


def test_the_other_listener_asks_nobody(acme: Tenant, mutual_instance: MutualTLSInstance) -> None:
    client = tls_client(acme)
    j401(send(mutual_instance, GOOD, "POST", acme.endpoint("token"), data={
        "client_id": client.id, "grant_type": "client_credentials"}))
    # And this one has no pages.
    for path in (f"/t/{acme.slug}/oauth2/authorize", f"/t/{acme.slug}/device", "/admin", "/"):
        for identity in (None, GOOD):
            answered = send(
                mutual_instance, identity, "GET", mutual_instance.mutual_url + path)
            assert answered.status_code == 404, path
    assert send(
        mutual_instance, None, "GET", f"{mutual_instance.mutual_url}/livez").status_code == 200


def test_metadata_names_what_there_is(acme: Tenant, mutual_instance: MutualTLSInstance) -> None:
    said = acme.metadata
    both = {"tls_client_auth", "self_signed_tls_client_auth"}
    for endpoint in ("token", "revocation", "introspection"):
        assert both <= set(said[f"{endpoint}_endpoint_auth_methods_supported"])
    assert said["tls_client_certificate_bound_access_tokens"] is True
    aliases = said["mtls_endpoint_aliases"]
    for name, url in aliases.items():
        assert url.startswith(f"{mutual_instance.mutual_url}/t/{acme.slug}/")
        assert url.removeprefix(mutual_instance.mutual_url) == \
            said[name].removeprefix(mutual_instance.url)
    assert "authorization_endpoint" not in aliases and "end_session_endpoint" not in aliases
    there = send(
        mutual_instance, None, "GET",
        f"{mutual_instance.mutual_url}/t/{acme.slug}/.well-known/openid-configuration").json()
    assert there == said


def test_where_nobody_asks_for_certificates_there_is_nothing(
    tenant: Tenant, tmp_path: Path
) -> None:
    for member in ("mtls_endpoint_aliases", "tls_client_certificate_bound_access_tokens"):
        assert member not in tenant.metadata
    assert "mtls" not in json.dumps(tenant.metadata) and "tls_" not in json.dumps(tenant.metadata)
    let_register(tenant)
    for changes in (
            {"token_endpoint_auth_method": "tls_client_auth",
             "tls_client_auth_subject_dn": SUBJECT},
            {"token_endpoint_auth_method": "self_signed_tls_client_auth",
             "jwks": {"keys": [self_signed().jwk()]}},
            {"tls_client_certificate_bound_access_tokens": True}):
        j400(register_client(tenant, **changes), "invalid_client_metadata")


def test_a_tenant_with_a_host_of_its_own(tmp_path: Path) -> None:
    flags = ["--tenant-domain", "id.test"]
    with MutualTLSInstance("sqlite", tmp_path, [ROOT], flags) as instance:
        tenant = patient(instance.create_tenant())
        host = f"{tenant.slug}.id.test"
        issuer = f"https://{host}:{instance.port}"
        said = instance.http.get(
            f"{instance.url}/.well-known/openid-configuration",
            headers={"Host": f"{host}:{instance.port}"}).json()
        assert said["issuer"] == issuer
        url = said["mtls_endpoint_aliases"]["token_endpoint"]
        assert url == f"{instance.mutual_url}/t/{host}/oauth2/token"
        client = tls_client(tenant)
        form = {"client_id": client.id, "grant_type": "client_credentials"}
        given = granted(send(instance, GOOD, "POST", url, data=form))
        assert claims(given["access_token"])["iss"] == issuer
        by_path = granted(ask(client, GOOD))
        assert claims(by_path["access_token"])["iss"] == tenant.issuer
        strange = send(
            instance, GOOD, "POST", url.replace(host, "other.test"), data=form)
        assert strange.status_code == 404


# Registering


def test_clients_register_themselves_with_certificates(acme: Tenant, tmp_path: Path) -> None:
    let_register(acme)
    acme.cli("registration", "update", "--grant-type", "client_credentials", "--grant-type",
             "authorization_code", "--scope", "resources")
    machine = {"grant_types": ["client_credentials"], "redirect_uris": [], "response_types": []}
    by_name = Registered.new(
        acme, **machine, token_endpoint_auth_method="tls_client_auth",
        tls_client_auth_subject_dn=SUBJECT, tls_client_certificate_bound_access_tokens=True)
    assert by_name.told["tls_client_auth_subject_dn"] == SUBJECT
    assert by_name.told["tls_client_certificate_bound_access_tokens"] is True
    assert "client_secret" not in by_name.told
    given = granted(ask(by_name.client, GOOD))
    assert claims(given["access_token"])["cnf"] == {"x5t#S256": GOOD.thumbprint}
    own = self_signed()
    by_key = Registered.new(
        acme, **machine, token_endpoint_auth_method="self_signed_tls_client_auth",
        jwks={"keys": [own.jwk(with_certificate=True)]})
    assert by_key.told["jwks"]["keys"][0]["x5c"] == own.jwk(with_certificate=True)["x5c"]
    assert granted(ask(by_key.client, own))
    # What it was told makes it again.
    assert by_name.replace().status_code == 200
    assert granted(ask(by_name.client, GOOD))
    method = {"token_endpoint_auth_method": "tls_client_auth"}
    wrong: list[dict[str, Any]] = [
        method, method | {"tls_client_auth_subject_dn": "nobody"},
        method | {"tls_client_auth_subject_dn": SUBJECT, "tls_client_auth_san_dns": "a.test"},
        method | {"tls_client_auth_san_ip": "a.test"}, method | {"tls_client_auth_san_uri": "a"},
        {"token_endpoint_auth_method": "self_signed_tls_client_auth"},
        {"tls_client_certificate_bound_access_tokens": "yes"},
        {"tls_client_certificate_bound_access_tokens": True, "dpop_bound_access_tokens": True}]
    for changes in wrong:
        j400(register_client(acme, **changes), "invalid_client_metadata")
    # Nobody gets there by leaving the method out.
    plain = Registered.new(acme, tls_client_auth_subject_dn=SUBJECT)
    assert plain.told["token_endpoint_auth_method"] == "client_secret_basic"


def test_the_command_says_what_is_missing(acme: Tenant) -> None:
    def refuses(kind: str, *flags: str) -> str:
        with pytest.raises(CommandFailed) as failed:
            acme.create_client(kind, *flags)
        assert failed.value.code == 2
        return failed.value.stderr

    method = ("--authentication", "tls_client_auth")
    assert "--tls-client-auth-subject-dn" in refuses("web", *method)
    assert "RFC" not in refuses("web", *method, "--tls-client-auth-subject-dn", "nobody")
    assert "several" in refuses(
        "web", *method, "--tls-client-auth-subject-dn", SUBJECT, "--tls-client-auth-san-dns",
        "a.test")
    assert "tls_client_auth" in refuses("web", "--tls-client-auth-san-dns", "a.test")
    assert "--jwks" in refuses("web", "--authentication", "self_signed_tls_client_auth")
    assert "spa" in refuses("spa", *method, "--tls-client-auth-san-dns", "a.test")
    client = tls_client(acme)
    client.update("--authentication", "secret")
    assert "tls_client_auth_subject_dn" not in acme.cli("client", "show", client.id)


# Profiles


@pytest.mark.conformance("fapi2-security-profile-final-happy-flow", "succeeds")
@pytest.mark.parametrize("by_certificate", [True, False])
def test_fapi_by_mutual_tls(
    acme: Tenant, kay: User, tmp_path: Path, by_certificate: bool
) -> None:
    """Pushed requests, and tokens bound to a certificate: the client says who it is by that, or by a
    signature."""
    if by_certificate:
        client = tls_client(acme, SUBJECT, "web", "--profile", "fapi2", BOUND)
        def proves() -> dict[str, str]:
            return {}
    else:
        signing = bank(acme, tmp_path, "ES256", "fapi2", BOUND)
        client = signing.client
        def proves() -> dict[str, str]:
            return {"client_assertion_type": TYPE, "client_assertion": signing.assertion()}
    shown = acme.cli("client", "show", client.id)
    assert shown["profile"] == "fapi2" and shown["dpop_bound_access_tokens"] is False
    pkce = PKCE.new()
    pushed = ask(
        client, GOOD, endpoint="pushed_authorization_request", grant_type=None, **proves(),
        **request_parameters(client, pkce, nonce="n-1"))
    assert pushed.status_code == 201, pushed.text
    browser = Browser(acme.instance)
    page = sign_in(browser, browser.get(pushed_url(client, pushed.json()["request_uri"])), kay)
    code = Redirect.read(page).code
    if not by_certificate:
        lacking = redeem(client, None, code, pkce, **proves())
        assert "profile fapi2" in j400(lacking, "invalid_request")["error_description"]
    given = granted(redeem(client, GOOD, code, pkce, **proves()))
    assert claims(given["access_token"])["cnf"] == {"x5t#S256": GOOD.thumbprint}
    assert told(acme, given["access_token"], GOOD).json()["sub"] == kay.id
    invalid_token(told(acme, given["access_token"], None))
    with pytest.raises(CommandFailed) as failed:
        client.update("--no-tls-client-certificate-bound-access-tokens")
    assert "mutual TLS" in failed.value.stderr
    with pytest.raises(CommandFailed) as failed:
        client.update("--authentication", "secret")
    assert "mutual TLS" in failed.value.stderr
