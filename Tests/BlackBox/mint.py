"""Tokens with the right signature and wrong contents.

A forged token is refused for its signature, so it proves nothing about the checks that come after.
Here the test holds the instance key, opens the sealed keys of a tenant, and signs what it likes.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import load_der_private_key

from harness import Tenant
from protocol import base64url, claims, header

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class Mint:
    """Signs with the keys of one tenant, as the server does."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.keys: dict[str, PrivateKey] = {}
        master = base64.b64decode((tenant.instance.data / "instance.key").read_bytes())
        derived = HKDF(SHA256(), 32, salt=None, info=b"gatehouse/seal").derive(master)
        for row in tenant.instance.database.rows(
                "SELECT id, algorithm, sealed_key FROM signing_key "
                f"WHERE tenant_id = '{tenant.id}' AND algorithm IN ('ES256', 'RS256')"):
            sealed = row["sealed_key"]
            if isinstance(sealed, str):
                sealed = bytes.fromhex(sealed.removeprefix("\\x"))
            use = f"signing-key/{tenant.id}/{row['id']}".encode()
            opened = AESGCM(derived).decrypt(sealed[:12], sealed[12:], use)
            self.keys[row["id"]] = self._private(opened, row["algorithm"])

    @staticmethod
    def _private(opened: bytes, algorithm: str) -> PrivateKey:
        if algorithm == "ES256":
            return ec.derive_private_key(int.from_bytes(opened, "big"), ec.SECP256R1())
        key = load_der_private_key(opened, None)
        assert isinstance(key, rsa.RSAPrivateKey)
        return key

    def like(
        self, good: str, payload: Any = None, head: Any = None, *, key: str | None = None
    ) -> str:
        """A token like the good one, with other contents, signed by the same key or a named one.

        Objects are merged into the good ones, where None removes a member; text and bytes replace
        the whole.
        """
        parts = [self._part(header(good), head), self._part(claims(good), payload)]
        return self.signed(".".join(parts), key or header(good)["kid"])

    def signed(self, text: str, key: str) -> str:
        """These very bytes with a signature over them."""
        return f"{text}.{base64url(self._signature(text.encode(), self.keys[key]))}"

    @staticmethod
    def _part(good: dict[str, Any], change: Any) -> str:
        if isinstance(change, str):
            change = change.encode()
        if not isinstance(change, bytes):
            merged = {k: v for k, v in (good | (change or {})).items() if v is not None}
            change = json.dumps(merged).encode()
        return base64url(change)

    @staticmethod
    def _signature(data: bytes, key: PrivateKey) -> bytes:
        if isinstance(key, rsa.RSAPrivateKey):
            return key.sign(data, padding.PKCS1v15(), SHA256())
        r, s = decode_dss_signature(key.sign(data, ec.ECDSA(SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")
