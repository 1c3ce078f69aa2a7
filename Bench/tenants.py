"""Rows as the server makes them: tenants, each with sealed keys and a client."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from pathlib import Path
from typing import Callable, Iterator

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from rows import DAY, base64url, identifier, now
from scene import Machine, Scene
from store import Row, Store

# How many RSA keys all the tenants share. Each is sealed for its tenant, as its own would be:
# making 10 000 of them takes half an hour.
RSA_KEYS = 8


def add_tenants(store: Store, scene: Scene, count: int) -> list[Machine]:
    """Adds tenants, each with keys and a machine; the machines."""
    moment = now() - DAY
    tenants = [identifier("ten", moment) for _ in range(count)]
    slugs = [f"tenant-{number}" for number in range(count)]
    store.add(
        "tenant",
        ["tenant_id", "slug", "name", "registration_open", "explains_errors", "created_at"],
        ((tenant, slug, slug, 0, 0, moment) for tenant, slug in zip(tenants, slugs)))
    store.add(
        "signing_key",
        ["tenant_id", "id", "algorithm", "public_key", "sealed_key", "created_at",
         "activates_at"],
        signing_keys(tenants, scene.installation.data / "instance.key", moment))
    clients = [identifier("client", moment) for _ in tenants]
    secrets = ["cs_" + base64url(os.urandom(32)) for _ in tenants]
    add_machines(store, tenants, clients, secrets, moment)
    return [Machine(*each) for each in zip(slugs, clients, secrets)]


def add_machines(
    store: Store, tenants: list[str], clients: list[str], secrets: list[str], moment: int
) -> None:
    # What the command wrote for the machine that it registered.
    policies = store.value("SELECT policies FROM client WHERE kind = 'machine' LIMIT 1")
    store.add(
        "client",
        ["tenant_id", "id", "name", "kind", "redirect_uris", "post_logout_redirect_uris", "scope",
         "policies", "created_at", "updated_at"],
        ((tenant, client, "Machine", "machine", "[]", "[]", "api:read", policies, moment, moment)
         for tenant, client in zip(tenants, clients)))
    store.add(
        "client_secret", ["tenant_id", "id", "client_id", "digest", "created_at"],
        ((tenant, identifier("sec", moment), client, hashlib.sha256(secret.encode()).digest(),
          moment)
         for tenant, client, secret in zip(tenants, clients, secrets)))


def signing_keys(tenants: list[str], key_file: Path, moment: int) -> Iterator[Row]:
    """A key for ES256 and one for RS256 of each tenant, sealed as the server seals them."""
    seal = sealer(key_file)
    shared = [rsa_key(rsa.generate_private_key(65537, 2048)) for _ in range(RSA_KEYS)]
    for number, tenant in enumerate(tenants):
        own = ec_key(ec.generate_private_key(ec.SECP256R1()))
        for algorithm, (members, secret) in (
                ("ES256", own), ("RS256", shared[number % RSA_KEYS])):
            name = base64url(hashlib.sha256(compact(members)).digest())
            public = compact(members | {"kid": name, "use": "sig", "alg": algorithm}).decode()
            sealed = seal(secret, f"signing-key/{tenant}/{name}")
            yield tenant, name, algorithm, public, sealed, moment, moment


def compact(members: dict[str, str]) -> bytes:
    return json.dumps(members, separators=(",", ":")).encode()


def ec_key(key: ec.EllipticCurvePrivateKey) -> tuple[dict[str, str], bytes]:
    """The members of the public key that RFC 7638 hashes, and the private key as it is stored."""
    numbers = key.public_key().public_numbers()
    members = {
        "crv": "P-256", "kty": "EC", "x": base64url(numbers.x.to_bytes(32, "big")),
        "y": base64url(numbers.y.to_bytes(32, "big"))}
    return members, key.private_numbers().private_value.to_bytes(32, "big")


def rsa_key(key: rsa.RSAPrivateKey) -> tuple[dict[str, str], bytes]:
    """The same of an RSA key."""
    modulus = key.public_key().public_numbers().n
    members = {"e": "AQAB", "kty": "RSA", "n": base64url(modulus.to_bytes(256, "big"))}
    return members, key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def sealer(key_file: Path) -> Callable[[bytes, str], bytes]:
    """Seals with the key of an installation: AES-256-GCM under a key derived by HKDF."""
    master = base64.b64decode(key_file.read_text())
    cipher = AESGCM(HKDF(SHA256(), 32, salt=None, info=b"gatehouse/seal").derive(master))

    def seal(secret: bytes, use: str) -> bytes:
        nonce = os.urandom(12)
        return nonce + cipher.encrypt(nonce, secret, use.encode())

    return seal
