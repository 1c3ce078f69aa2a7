"""Puts load on a server with wrk, and says what one measurement found."""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from installation import Installation

SCRIPT = Path(__file__).with_name("load.lua")


@dataclass(frozen=True)
class Request:
    """One request. With a body it is a POST of a form."""

    path: str
    authorization: str = ""
    cookie: str = ""
    body: str = ""
    proof: str = ""

    @property
    def line(self) -> str:
        return "\t".join([self.path, self.authorization, self.cookie, self.proof, self.body])


@dataclass(frozen=True)
class Load:
    """The requests of a measurement, and what their answers must be.

    `find` is a Lua pattern. With it every answer is read and checked; without it wrk only counts
    the answers that are errors, which costs the client less.
    """

    requests: list[Request]
    order: str = "cycle"
    status: int = 200
    find: str = ""


@dataclass(frozen=True)
class Measurement:
    """What one round found.

    `cpu` is the server's microseconds for a request, `p50` and `p99` are milliseconds, `memory` is
    MiB. `hash` is the microseconds of one password hash, measured beside a sign-in.
    """

    requests: int
    rate: float
    cpu: float
    p50: float
    p99: float
    memory: float
    hash: float = 0

    def as_json(self) -> dict[str, float]:
        return {name: round(value, 4) for name, value in asdict(self).items()}


class WrongAnswers(Exception):
    """Some answers were not what they had to be, so the figures mean nothing."""


def run(
    installation: Installation, load: Load, connections: int, seconds: int, folder: Path
) -> tuple[Measurement, list[list[str]]]:
    """Runs the load; what was measured, and what the pattern captured in each answer."""
    requests, kept = folder / "requests", folder / "kept"
    requests.write_text("".join(request.line + "\n" for request in load.requests))
    kept.write_text("")
    before = installation.cpu_seconds()
    done = subprocess.run(
        ["wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s",
         "--timeout", "10s", "--script", str(SCRIPT), installation.base, "--",
         f"requests={requests}", f"order={load.order}", f"connections={connections}",
         f"status={load.status}", f"find={load.find}", f"keep={kept if load.find else ''}"],
        capture_output=True, text=True)
    spent = installation.cpu_seconds() - before
    found = result(done)
    measurement = Measurement(
        requests=found["requests"], rate=found["requests"] / max(found["seconds"], 1e-6),
        cpu=spent / max(found["requests"], 1) * 1e6, p50=found["p50"], p99=found["p99"],
        memory=installation.resident_megabytes())
    return measurement, [line.split("\t") for line in kept.read_text().splitlines()]


def result(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """What the script printed, if all answers were right."""
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    if done.returncode != 0 or not lines:
        raise WrongAnswers(f"wrk failed: {done.stdout}{done.stderr}")
    found = json.loads(lines[0].removeprefix("RESULT "))
    if found["status"] or found["socket"] or found["wrong"] or not found["requests"]:
        raise WrongAnswers(
            f"{found['requests']} requests, {found['status']} error answers, {found['wrong']} "
            f"wrong ones, {found['socket']} errors of connections: {found['complaint']}")
    return found
