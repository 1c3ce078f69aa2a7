"""Exports of audit trails, the command that verifies them, and a second opinion about them."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from harness import BINARY, Tenant

BEGINNING = "A" * 43


def export(tenant: Tenant, folder: Path, *arguments: str, name: str = "audit") -> Path:
    """An export in a file of its own."""
    file = folder / f"{name}-{len(list(folder.iterdir()))}"
    made = tenant.cli("audit", "export", "--output", str(file), *arguments)
    assert made["file"] == str(file)
    return file


def verify(file: Path | bytes, *arguments: str) -> tuple[int, dict[str, Any], str]:
    """What the command says of a file, without an installation: exit code, report, standard error."""
    stdin = file if isinstance(file, bytes) else None
    name = "-" if isinstance(file, bytes) else str(file)
    ended = subprocess.run(
        [BINARY, "audit", "verify", name, *arguments], input=stdin, capture_output=True, cwd="/",
        env={}, timeout=120)
    return ended.returncode, json.loads(ended.stdout or b"{}"), ended.stderr.decode()


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_bytes().split(b"\n")[:-1]]


def events(file: Path) -> list[dict[str, Any]]:
    return [line for line in lines(file) if line["type"] == "event"]


def second_opinion(file: Path, thumbprint: str) -> None:
    """Verifies an export by what the documentation says about it, with nothing of Gatehouse."""
    raw = file.read_bytes().split(b"\n")
    assert raw.pop() == b""
    header, *between, end = map(json.loads, raw)
    key = header["key"]
    members = json.dumps(
        {name: key[name] for name in ("crv", "kty", "x")}, separators=(",", ":"))
    assert encoded(hashlib.sha256(members.encode()).digest()) == thumbprint
    public = Ed25519PublicKey.from_public_bytes(decoded(key["x"]))
    assert header["hash"] == digest("header", raw[0])
    sequence, previous = header["from"] - 1, header["previous"]
    for line, text in zip(between, raw[1:]):
        if line["type"] == "checkpoint":
            said = signed(line["token"], public, "checkpoint")
            assert (said["sequence"], said["hash"]) == (sequence, previous)
            continue
        assert line["type"] == "event" and line["tenant"] == header["tenant"]
        assert (line["sequence"], line["previous"]) == (sequence + 1, previous)
        sequence, previous = line["sequence"], line["hash"]
        assert previous == digest("event", text)
    said = signed(end["token"], public, "export")
    assert end["type"] == "end" and said["header"] == header["hash"]
    assert (said["to"], said["hash"], said["lines"]) == (sequence, previous, len(raw))
    assert said["from"] == header["from"] and said["tenant"] == header["tenant"]


def digest(kind: str, line: bytes) -> str:
    """The hash of a line: over what stands in it before the hash."""
    content = line.rpartition(b',"hash":"')[0] + b"}"
    return encoded(hashlib.sha256(f"gatehouse-audit-{kind}-1\n".encode() + content).digest())


def signed(token: str, key: Ed25519PublicKey, kind: str) -> dict[str, Any]:
    text, _, signature = token.rpartition(".")
    key.verify(decoded(signature), text.encode())
    head, payload = (json.loads(decoded(part)) for part in text.split("."))
    assert head["typ"] == f"gatehouse-audit-{kind}+jwt" and head["alg"] == "EdDSA"
    return payload


def encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
