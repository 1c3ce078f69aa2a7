"""Clients that show a certificate (RFC 8705), and authorities that sign such, on `cryptography`.

    authority = Authority("Clients of Example")
    identity = authority.issue("CN=app,O=Example")
    with MutualTLSInstance("sqlite", folder, [authority]) as instance:
        client = tls_client(instance.create_tenant(), identity)
        ask(client, identity, grant_type="client_credentials")
"""

from __future__ import annotations

import base64
import datetime
import functools
import hashlib
import json
import ssl
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Iterable
from urllib.parse import quote

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

import elsewhere
from dpop import number, rsa_key
from harness import Client, Instance, Tenant, free_port
from protocol import base64url
from visitor import set_limit

CLIENT_AUTH = x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.CLIENT_AUTH])
SERVER_AUTH = x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH])
SUBJECT = "CN=billing,O=Example"


def new_key(kind: str = "EC") -> Any:
    if kind == "Ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    if kind.startswith("RSA"):
        return rsa_key(int(kind[3:] or 2048))
    return ec.generate_private_key(ec.SECP256R1() if kind == "EC" else ec.SECP384R1())


@dataclass(frozen=True)
class Identity:
    """A certificate with its private key, and the certificates that are sent with it."""

    certificate: x509.Certificate
    key: Any
    chain: list[x509.Certificate] = field(default_factory=list)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def escaped(self) -> str:
        """As nginx writes `$ssl_client_escaped_cert`."""
        return quote(self.pem, safe="")

    @property
    def field(self) -> str:
        """As RFC 9440 §2.1 writes it."""
        return ":" + base64.b64encode(self.der).decode() + ":"

    @property
    def thumbprint(self) -> str:
        """RFC 8705 §3.1."""
        return base64url(hashlib.sha256(self.der).digest())

    def jwk(self, *, with_certificate: bool = False) -> dict[str, Any]:
        public = self.key.public_key()
        if isinstance(public, ed25519.Ed25519PublicKey):
            jwk = {"kty": "OKP", "crv": "Ed25519", "x": base64url(public.public_bytes_raw())}
        elif isinstance(public, rsa.RSAPublicKey):
            numbers = public.public_numbers()
            jwk = {"kty": "RSA", "n": number(numbers.n), "e": number(numbers.e)}
        else:
            point = public.public_numbers()
            jwk = {"kty": "EC", "crv": "P-256", "x": number(point.x, 32), "y": number(point.y, 32)}
        x5c = {"x5c": [base64.b64encode(self.der).decode()]} if with_certificate else {}
        return jwk | {"use": "sig", "kid": self.thumbprint[:8]} | x5c

    @functools.cached_property
    def context(self) -> ssl.SSLContext:
        """What a client shows the certificate with; it refuses nothing, so that the server does."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        with tempfile.NamedTemporaryFile(suffix=".pem") as file:
            file.write(self.key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption()))
            for certificate in [self.certificate, *self.chain]:
                file.write(certificate.public_bytes(serialization.Encoding.PEM))
            file.flush()
            context.load_cert_chain(file.name)
        return context


def anonymous() -> ssl.SSLContext:
    """What a client without a certificate connects with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


ANONYMOUS = anonymous()


class Authority:
    """An authority that signs certificates of clients, or of other authorities."""

    def __init__(
        self, name: str, *, by: Authority | None = None, key: Any = None,
        extensions: Iterable[x509.ExtensionType] = (), **options: Any,
    ) -> None:
        self.key = key or new_key()
        self.name = x509.Name.from_rfc4514_string(f"CN={name}")
        self.parent = by
        self.certificate = _sign(
            self.name, self.key, (by or self).name, (by or self).key, ca=True,
            extensions=extensions, **options)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def issue(
        self, subject: str | x509.Name = SUBJECT, *names: x509.GeneralName, key: Any = None,
        extensions: Iterable[x509.ExtensionType] = (CLIENT_AUTH,), **options: Any,
    ) -> Identity:
        """A certificate of a client, with other names if there are some."""
        key = key or new_key()
        all_of_them = [*extensions, *([x509.SubjectAlternativeName(names)] if names else [])]
        certificate = _sign(
            _name(subject), key, self.name, self.key, extensions=all_of_them, **options)
        return Identity(certificate, key, [self.certificate] if self.parent else [])


def self_signed(
    subject: str = "CN=self", *names: x509.GeneralName, key: Any = None, **options: Any
) -> Identity:
    """A certificate that nobody vouches for but its own key."""
    key = key or new_key()
    extensions = [x509.SubjectAlternativeName(names)] if names else []
    return Identity(
        _sign(_name(subject), key, _name(subject), key, extensions=extensions, **options), key)


def _name(subject: str | x509.Name) -> x509.Name:
    return x509.Name.from_rfc4514_string(subject) if isinstance(subject, str) else subject


def _sign(
    subject: x509.Name, key: Any, issuer: x509.Name, by: Any, *, ca: bool = False,
    path_length: int | None = None, since: int = -1, until: int = 30,
    extensions: Iterable[x509.ExtensionType] = (), digest: Any = None,
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.timezone.utc)
    day = datetime.timedelta(days=1)
    builder = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now + since * day).not_valid_after(now + until * day)
        .add_extension(x509.BasicConstraints(ca, path_length), critical=True))
    for extension in extensions:
        builder = builder.add_extension(
            extension, critical=isinstance(extension, x509.NameConstraints))
    is_plain = isinstance(by, ed25519.Ed25519PrivateKey)
    return builder.sign(by, None if is_plain else digest or hashes.SHA256())


class MutualTLSInstance(Instance):
    """An instance that ends TLS itself, and asks for certificates at a port of its own."""

    def __init__(
        self, kind: str, folder: Path, authorities: list[Authority],
        arguments: list[str] | None = None,
    ) -> None:
        self.port, self.mutual_port = free_port(), free_port()
        self.mutual_url = f"https://127.0.0.1:{self.mutual_port}"
        own = elsewhere.Authority(folder)
        file = str(own.identity())
        trusted = folder / "clients.pem"
        trusted.write_bytes(b"".join(authority.pem for authority in authorities))
        super().__init__(kind, [
            "--base-url", f"https://127.0.0.1:{self.port}", "--tls-certificate", file,
            "--tls-key", file, "--mutual-tls-listen", f"127.0.0.1:{self.mutual_port}",
            "--mutual-tls-base-url", self.mutual_url,
            *(["--client-certificate-authorities", str(trusted)] if authorities else []),
            *(arguments or [])])
        self.trusting = ssl.create_default_context(cafile=str(own.file))

    def _await_ready(self) -> None:
        self.url = f"https://127.0.0.1:{self.port}"
        self.http = httpx.Client(
            follow_redirects=False, timeout=60, trust_env=False, verify=self.trusting,
            event_hooks={"request": [self._see_request], "response": [self._see_response]})
        super()._await_ready()


def patient(tenant: Tenant) -> Tenant:
    """Tests are wrong more often than anybody may be."""
    for limit in ("authentication-client", "authentication-network"):
        set_limit(tenant, limit, 10_000)
    return tenant


def tls_client(
    tenant: Tenant, said: dict[str, str] | str = SUBJECT, kind: str = "machine", *arguments: str
) -> Client:
    """A client whose certificate says this, by a member of its metadata; a text is a subject."""
    members = {"tls_client_auth_subject_dn": said} if isinstance(said, str) else said
    options = [
        part for member, value in members.items()
        for part in ("--" + member.replace("_", "-"), value)]
    return tenant.create_client(
        kind, "--authentication", "tls_client_auth", *options, *arguments, method="none")


def self_signed_client(
    tenant: Tenant, folder: Path, *keys: dict[str, Any], kind: str = "machine",
    arguments: Iterable[str] = (),
) -> Client:
    """A client whose certificates have these keys."""
    file = Path(tempfile.mkstemp(dir=folder, suffix=".json")[1])
    file.write_text(json.dumps({"keys": keys}))
    return tenant.create_client(
        kind, "--authentication", "self_signed_tls_client_auth", "--jwks", str(file), *arguments,
        method="none")


def alias(tenant: Tenant, endpoint: str) -> str:
    """Where clients with certificates find an endpoint."""
    return tenant.metadata["mtls_endpoint_aliases"][f"{endpoint}_endpoint"]


def send(
    instance: Instance, identity: Identity | None, method: str, url: str, **options: Any
) -> httpx.Response:
    """A request on a connection of its own, with the certificate or with none."""
    context = identity.context if identity else ANONYMOUS
    with httpx.Client(
            verify=context, trust_env=False, timeout=60,
            event_hooks={
                "request": [instance._see_request], "response": [instance._see_response]}) as http:
        return http.request(method, url, **options)


def ask(
    client: Client, identity: Identity | None, *, endpoint: str = "token",
    headers: dict[str, str] | None = None, **form: str | None,
) -> httpx.Response:
    """A form of the client's, with nothing to say who it is but its name and the certificate."""
    fields = {"client_id": client.id, "grant_type": "client_credentials"} | form
    return send(
        client.tenant.instance, identity, "POST", alias(client.tenant, endpoint), headers=headers,
        data={name: value for name, value in fields.items() if value is not None})


def told(
    tenant: Tenant, access_token: str, identity: Identity | None, scheme: str = "Bearer"
) -> httpx.Response:
    """What userinfo says to whoever brings the token and the certificate."""
    return send(
        tenant.instance, identity, "GET", alias(tenant, "userinfo"),
        headers={"Authorization": f"{scheme} {access_token}"})
