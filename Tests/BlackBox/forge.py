"""Tokens as an attacker makes them, from one that is right and the published keys."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any, Iterator

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import KeySet

from protocol import base64url, claims, from_base64url, header

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def jws(head: Any, payload: Any, signature: bytes | str = b"") -> str:
    """A token of these parts; bytes and text are taken as they are."""
    def part(value: Any) -> str:
        if isinstance(value, bytes):
            return base64url(value)
        return value if isinstance(value, str) else base64url(json.dumps(value).encode())

    return f"{part(head)}.{part(payload)}.{part(signature)}"


def unsigned(good: str) -> Iterator[str]:
    """GH-127: no algorithm, or none that is one."""
    head, body = header(good), good.split(".")[1]
    signature = good.split(".")[2]
    for algorithm in ("none", "None", "NONE", "nOnE", "none ", "", None, ["none"], ["ES256"], 1):
        for kept in ("", signature):
            yield jws(head | {"alg": algorithm}, body, kept)
    del head["alg"]
    yield jws(head, body, signature)
    yield jws(header(good), body, "")
    yield ".".join(good.split(".")[:2])
    yield good.split(".")[1]
    yield good + "."
    yield good + ".AAAA"
    yield "." + good


def confused(good: str, keys: list[dict[str, Any]]) -> Iterator[str]:
    """GH-128: HMAC with what is public about a key as the secret."""
    names = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}
    for key in keys:
        known = KeySet.import_key_set({"keys": [key]}).keys[0]
        public = known.public_key
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        secrets = [
            public.public_bytes(serialization.Encoding.PEM, form),
            public.public_bytes(serialization.Encoding.PEM, form).strip(),
            public.public_bytes(serialization.Encoding.DER, form),
            json.dumps(key).encode(), json.dumps(key, separators=(",", ":")).encode(),
            from_base64url(key.get("n") or key.get("x") or ""), b"",
        ]
        for algorithm, digest in names.items():
            for secret in secrets:
                head = header(good) | {"alg": algorithm, "kid": key["kid"]}
                signed = jws(head, good.split(".")[1]).rpartition(".")[0]
                yield f"{signed}.{base64url(hmac.new(secret, signed.encode(), digest).digest())}"


def own_key(good: str, **extra: Any) -> str:
    """Signed by a key of the attacker's, who says so in the header."""
    key = ec.generate_private_key(ec.SECP256R1())
    numbers = key.public_key().public_numbers()
    jwk = {
        "kty": "EC", "crv": "P-256", "alg": "ES256", "kid": header(good)["kid"],
        "x": base64url(numbers.x.to_bytes(32, "big")),
        "y": base64url(numbers.y.to_bytes(32, "big")),
    }
    named = {name: jwk if value == "jwk" else value for name, value in extra.items()}
    head = header(good) | {"alg": "ES256"} | named
    signed = jws(head, good.split(".")[1]).rpartition(".")[0]
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(SHA256())))
    return f"{signed}.{base64url(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def rewritten(good: str) -> Iterator[str]:
    """GH-130, GH-133, GH-134, GH-136, GH-454: the right signature under other contents."""
    head, body, signature = good.split(".")
    said = claims(good)
    for name, value in (
        ("iss", said["iss"] + "/"), ("sub", "usr_00000000000000000000000000"), ("exp", 1e300),
        ("exp", "9999999999"), ("exp", -1), ("exp", 2**63 - 1), ("exp", 2**64), ("iat", 2**63),
        ("scope", "openid admin"), ("aud", [said["aud"], "https://x.test"]), ("aud", None),
    ):
        yield jws(head, said | {name: value}, signature)
    text = json.dumps(said)
    for payload in (
        text[:-1] + ',"sub":"bob"}', text[:-1] + ",}", "\ufeff" + text, text + "x", text + "{}",
        '{"exp":NaN}', '{"exp":1e400}', "[" * 2000 + "]" * 2000, '{"a":' * 600 + "1" + "}" * 600,
        '{"sub":"\\u0000"}', '{"sub":"\\ud800"}', "/**/" + text, "null", "[]", "", "1", '"x"',
    ):
        yield jws(head, payload.encode(), signature)
    yield jws(head, b'{"sub":"\xff"}', signature)
    for extra in ({"crit": ["exp"]}, {"crit": []}, {"crit": ["b64"], "b64": False}, {"b64": False},
                  {"crit": ["x"], "x": 1}, {"zip": "DEF"}, {"typ": "JWT"}, {"typ": "at+jwt"},
                  {"typ": None}, {"kid": None}, {"kid": "x"}, {"kid": "../../x"},
                  {"kid": "' OR 1=1--"}, {"alg": "RS256"}, {"alg": "ES384"}, {"alg": "EdDSA"}):
        changed = header(good) | extra
        if changed != header(good):
            yield jws(changed, body, signature)
    raw = json.dumps(header(good))
    yield jws(raw[:-1].encode() + b',"alg":"none"}', body, signature)
    yield jws(raw[:-1].encode() + b',"kid":"x"}', body, signature)
    yield f"{head}.{body}.{signature[:-1]}{ALPHABET[ALPHABET.index(signature[-1]) ^ 1]}"
    for other in (signature[:-4], signature + "AAAA", signature + "=", "A" * len(signature), "AA",
                  base64url(b"\xff" * 64), base64url(hashlib.sha256(b"").digest() * 2),
                  signature.replace(signature[0], "+", 1), " " + signature):
        yield f"{head}.{body}.{other}"
    yield f"{head}.{body}".replace(".", ". ", 1) + f".{signature}"
    # GH-137: no encryption is accepted, so nothing is decrypted or unpacked.
    yield jws({"alg": "RSA-OAEP", "enc": "A256GCM", "zip": "DEF"}, "", "") + ".AAAA.AAAA"
    yield jws({"alg": "PBES2-HS256+A128KW", "enc": "A128CBC-HS256", "p2c": 2**31}, "") + ".A.A"
