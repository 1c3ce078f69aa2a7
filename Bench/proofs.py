"""A client with a key, and the DPoP proofs (RFC 9449) that it sends."""

from __future__ import annotations

import base64
import json
import time

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Holder:
    """Holds a key on P-256 and makes a proof for each request to one address."""

    def __init__(self, url: str) -> None:
        self.key, self.url, self.made = ec.generate_private_key(ec.SECP256R1()), url, 0
        numbers = self.key.public_key().public_numbers()
        x, y = (base64url(value.to_bytes(32, "big")) for value in (numbers.x, numbers.y))
        jwk = {"kty": "EC", "crv": "P-256", "x": x, "y": y}
        self.head = base64url(
            json.dumps({"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk}).encode())

    def proof(self) -> str:
        self.made += 1
        claims = {"jti": f"bench-{self.made}", "htm": "POST", "htu": self.url,
                  "iat": int(time.time())}
        text = f"{self.head}.{base64url(json.dumps(claims).encode())}"
        r, s = decode_dss_signature(self.key.sign(text.encode(), ec.ECDSA(SHA256())))
        return f"{text}.{base64url(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"
