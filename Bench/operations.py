"""What is measured: each operation, the requests that make it, and what its answers must be."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import load
from browser import authorization_path, exchange_form, sign_in_repeatedly
from load import Load, Measurement, Request
from machine import cores, hash_microseconds
from scene import TENANT, Machine, Scene

BARE = "bare route"
ACCESS_TOKEN = '"access_token" ?: ?"([^"]+)"'
REFRESH_TOKEN = '"refresh_token" ?: ?"([^"]+)"'
# How many chains of refresh tokens there are, and how many access tokens userinfo is asked with.
CHAINS = 64
BEARERS = 256


@dataclass(frozen=True)
class Run:
    """How long an operation is measured, with how many connections, and where files may be."""

    connections: int
    seconds: int
    folder: Path


@dataclass(frozen=True)
class Operation:
    """One row of the table. `needs` names operations that leave behind what this one uses up."""

    key: str
    name: str
    measure: Callable[[Scene, Run], Measurement]
    needs: tuple[str, ...] = ()
    applies: Callable[[Scene], bool] = lambda scene: True


def steady(scene: Scene, run: Run, requests: list[Request]) -> Measurement:
    """Asks the same over and over."""
    measurement, _ = load.run(
        scene.installation, Load(requests), run.connections, run.seconds, run.folder)
    return measurement


def get(path: str) -> Callable[[Scene, Run], Measurement]:
    return lambda scene, run: steady(scene, run, [Request(path)])


def token_request(machine: Machine) -> Request:
    return Request(
        f"/t/{machine.tenant}/oauth2/token", machine.authorization,
        body="grant_type=client_credentials")


def client_credentials(scene: Scene, run: Run) -> Measurement:
    return steady(scene, run, [token_request(scene.machine)])


def client_credentials_rs256(scene: Scene, run: Run) -> Measurement:
    assert scene.machine_rs256 is not None
    return steady(scene, run, [token_request(scene.machine_rs256)])


def authorize(scene: Scene, run: Run) -> Measurement:
    return collect_codes(scene, run, scene.app)


def collect_codes(scene: Scene, run: Run, app: str) -> Measurement:
    """Browsers that are signed in ask for codes, which are kept for the exchange."""
    requests = [
        Request(authorization_path(TENANT, app), cookie=cookie) for cookie in scene.cookies]
    measurement, kept = load.run(
        scene.installation, Load(requests, status=303, find="[?&]code=([^&\n]+)"),
        run.connections, run.seconds, run.folder)
    scene.codes = [code for code, in kept]
    return measurement


def exchange(scene: Scene, run: Run) -> Measurement:
    return exchange_codes(scene, run, scene.app)


def exchange_codes(scene: Scene, run: Run, app: str) -> Measurement:
    """Each code once; the tokens are kept for the operations that use them."""
    codes, scene.codes = scene.codes, []
    requests = [
        Request(f"/t/{TENANT}/oauth2/token", body=exchange_form(app, code)) for code in codes]
    measurement, kept = load.run(
        scene.installation,
        Load(requests, order="once", find=f"{ACCESS_TOKEN}.*{REFRESH_TOKEN}"),
        run.connections, run.seconds, run.folder)
    scene.access_tokens = [access for access, _ in kept][-BEARERS:]
    scene.refresh_tokens = [refresh for _, refresh in kept]
    return measurement


def exchange_rs256(scene: Scene, run: Run) -> Measurement:
    """The same with an ID token in RS256. What the other exchange left behind stays."""
    kept = scene.access_tokens, scene.refresh_tokens
    collect_codes(scene, run, scene.app_rs256)
    measurement = exchange_codes(scene, run, scene.app_rs256)
    scene.access_tokens, scene.refresh_tokens = kept
    return measurement


def userinfo(scene: Scene, run: Run) -> Measurement:
    return steady(scene, run, [
        Request(f"/t/{TENANT}/oauth2/userinfo", f"Bearer {token}")
        for token in scene.access_tokens])


def refresh(scene: Scene, run: Run) -> Measurement:
    """Each answer has the token for a next request, so there are as many chains as tokens now."""
    chains, scene.refresh_tokens = scene.refresh_tokens[:CHAINS], scene.refresh_tokens[CHAINS:]
    form = f"client_id={scene.app}&grant_type=refresh_token&refresh_token="
    measurement, _ = load.run(
        scene.installation,
        Load([Request(f"/t/{TENANT}/oauth2/token", body=form + token) for token in chains],
             order="chain", find=REFRESH_TOKEN),
        run.connections, run.seconds, run.folder)
    return measurement


def revoke(scene: Scene, run: Run) -> Measurement:
    """Each refresh token once; with it its grant is revoked."""
    tokens, scene.refresh_tokens = scene.refresh_tokens, []
    form = f"client_id={scene.app}&token="
    measurement, _ = load.run(
        scene.installation,
        Load([Request(f"/t/{TENANT}/oauth2/revoke", body=form + token) for token in tokens],
             order="once", find="()"),
        run.connections, run.seconds, run.folder)
    return measurement


def sign_in(scene: Scene, run: Run) -> Measurement:
    """From the app's request over the page to the tokens; four requests, one of them hashes."""
    installation = scene.installation
    spent, began = installation.cpu_seconds(), time.perf_counter()
    taken = sorted(asyncio.run(sign_in_repeatedly(
        installation.port, TENANT, scene.app, scene.people, run.connections, run.seconds)))
    elapsed, spent = time.perf_counter() - began, installation.cpu_seconds() - spent
    return Measurement(
        requests=len(taken), rate=len(taken) / elapsed, cpu=spent / len(taken) * 1e6,
        p50=taken[len(taken) // 2] * 1e3, p99=taken[int(len(taken) * 0.99)] * 1e3,
        memory=installation.resident_megabytes(),
        hash=hash_microseconds(at_a_time=min(run.connections, cores())))


def across_tenants(request: Callable[[Machine], Request]) -> Callable[[Scene, Run], Measurement]:
    return lambda scene, run: steady(scene, run, [request(machine) for machine in scene.crowd])


def has_crowd(scene: Scene) -> bool:
    return bool(scene.crowd)


# In the order in which they are measured: some leave behind what others need.
OPERATIONS = [
    Operation("bare", BARE, get("/livez")),
    Operation("discovery", "discovery", get(f"/t/{TENANT}/.well-known/openid-configuration")),
    Operation("keys", "JWK Set", get(f"/t/{TENANT}/.well-known/jwks.json")),
    Operation("machine", "client credentials, ES256", client_credentials),
    Operation(
        "machine-rs256", "client credentials, RS256", client_credentials_rs256,
        applies=lambda scene: scene.machine_rs256 is not None),
    Operation("authorize", "authorization, signed in", authorize),
    Operation("exchange", "code exchange, ES256", exchange, needs=("authorize",)),
    Operation("userinfo", "userinfo", userinfo, needs=("exchange",)),
    Operation("refresh", "refresh, rotating, ES256", refresh, needs=("exchange",)),
    Operation("revoke", "revocation", revoke, needs=("exchange",)),
    Operation("exchange-rs256", "code exchange, ID token RS256", exchange_rs256),
    Operation("sign-in", "sign-in with password", sign_in),
    Operation(
        "discovery-spread", "discovery, across tenants",
        across_tenants(lambda machine: Request(
            f"/t/{machine.tenant}/.well-known/openid-configuration")), applies=has_crowd),
    Operation(
        "keys-spread", "JWK Set, across tenants",
        across_tenants(lambda machine: Request(f"/t/{machine.tenant}/.well-known/jwks.json")),
        applies=has_crowd),
    Operation(
        "machine-spread", "client credentials, across tenants", across_tenants(token_request),
        applies=has_crowd),
]


def with_needs(keys: list[str]) -> list[Operation]:
    """The operations of these keys and those they need, in order."""
    known = {operation.key: operation for operation in OPERATIONS}
    wanted: set[str] = set()
    waiting = list(keys)
    while waiting:
        key = waiting.pop()
        if key not in known:
            raise SystemExit(f"There is no operation {key}; there are {', '.join(known)}.")
        wanted.add(key)
        waiting += known[key].needs
    return [operation for operation in OPERATIONS if operation.key in wanted]
