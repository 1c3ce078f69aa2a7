"""What is measured: each operation, the requests that make it, and what its answers must be."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import load
from browser import App, authorization_path, exchange_form, sign_in_repeatedly
from load import Load, Measurement, Request
from installation import offers
from machine import cores, hash_microseconds
from proofs import Holder
from scene import OPAQUE, TENANT, Machine, Scene

BARE = "bare route"
ACCESS_TOKEN = '"access_token" ?: ?"([^"]+)"'
REFRESH_TOKEN = '"refresh_token" ?: ?"([^"]+)"'
# How many chains of refresh tokens there are, and how many access tokens userinfo is asked with.
CHAINS = 64
BEARERS = 256
# Each proof works once, so they are made before: this many for each second that is measured. If they
# are used up sooner, the measurement ends sooner.
PROOFS_A_SECOND = 5_000
# With fewer codes or tokens there is nothing to measure. On a very busy machine it takes more than
# one try to get them.
FEWEST = 256
MOST_TRIES = 20


@dataclass(frozen=True)
class Run:
    """How long an operation is measured, with how many connections, and where files may be."""

    connections: int
    seconds: int
    folder: Path


@dataclass(frozen=True)
class Operation:
    """One row of the table."""

    key: str
    name: str
    measure: Callable[[Scene, Run], Measurement]
    applies: Callable[[Scene], bool] = lambda scene: True


def steady(scene: Scene, run: Run, requests: list[Request]) -> Measurement:
    """Asks the same over and over."""
    measurement, _ = load.run(
        scene.installation, Load(requests), run.connections, run.seconds, run.folder)
    return measurement


def get(path: str) -> Callable[[Scene, Run], Measurement]:
    return lambda scene, run: steady(scene, run, [Request(path)])


def token_request(machine: Machine, *more: str) -> Request:
    return Request(
        f"/t/{machine.tenant}/oauth2/token", machine.authorization,
        body="&".join(["grant_type=client_credentials", *more]))


def client_credentials(scene: Scene, run: Run) -> Measurement:
    return steady(scene, run, [token_request(scene.machine)])


def client_credentials_rs256(scene: Scene, run: Run) -> Measurement:
    assert scene.machine_rs256 is not None
    return steady(scene, run, [token_request(scene.machine_rs256)])


def authorize(scene: Scene, run: Run) -> Measurement:
    """Browsers that are signed in ask for codes, which are kept for the exchange."""
    measurement, scene.codes = ask_for_codes(scene, run, scene.app)
    return measurement


def ask_for_codes(scene: Scene, run: Run, app: App) -> tuple[Measurement, list[str]]:
    requests = [
        Request(authorization_path(app), cookie=cookie) for cookie in scene.cookies]
    measurement, kept = load.run(
        scene.installation, Load(requests, status=303, find="[?&]code=([^&\n]+)"),
        run.connections, run.seconds, run.folder)
    return measurement, [code for code, in kept]


def exchange(scene: Scene, run: Run) -> Measurement:
    """Each code once; the tokens are kept for the operations that use them."""
    codes, scene.codes = scene.codes, []
    measurement, tokens = exchange_codes(scene, run, scene.app, codes)
    scene.access_tokens = [access for access, _ in tokens][-BEARERS:]
    scene.refresh_tokens = [refresh for _, refresh in tokens]
    return measurement


def exchange_rs256(scene: Scene, run: Run) -> Measurement:
    """The same with an ID token in RS256."""
    return exchange_codes(scene, run, scene.app_rs256, [])[0]


def exchange_codes(
    scene: Scene, run: Run, app: App, codes: list[str]
) -> tuple[Measurement, list[list[str]]]:
    for _ in range(MOST_TRIES):
        if len(codes) >= FEWEST:
            break
        codes = codes + ask_for_codes(scene, run, app)[1]
    requests = [
        Request(f"/t/{TENANT}/oauth2/token", body=exchange_form(app, code)) for code in codes]
    return load.run(
        scene.installation,
        Load(requests, order="once", find=f"{ACCESS_TOKEN}.*{REFRESH_TOKEN}"),
        run.connections, run.seconds, run.folder)


def provide_tokens(scene: Scene, run: Run) -> None:
    """Sees to it that there are tokens to use up, where no operation before left enough."""
    for _ in range(MOST_TRIES):
        if len(scene.refresh_tokens) >= FEWEST:
            return
        kept = scene.refresh_tokens
        exchange(scene, run)
        scene.refresh_tokens = kept + scene.refresh_tokens


def userinfo(scene: Scene, run: Run) -> Measurement:
    provide_tokens(scene, run)
    return steady(scene, run, [
        Request(f"/t/{TENANT}/oauth2/userinfo", f"Bearer {token}")
        for token in scene.access_tokens])


def introspect(*more: str) -> Callable[[Scene, Run], Measurement]:
    """The machine asks about tokens of its own, which it asked for with `more` in the form."""
    def measure(scene: Scene, run: Run) -> Measurement:
        asked = token_request(scene.machine, *more)
        _, tokens = load.run(
            scene.installation, Load([asked] * BEARERS, order="once", find=ACCESS_TOKEN),
            run.connections, run.seconds, run.folder)
        measurement, _ = load.run(
            scene.installation,
            Load([Request(f"/t/{TENANT}/oauth2/introspect", asked.authorization,
                          body=f"token={token}") for token, in tokens],
                 find='"active" ?: ?(true)'),
            run.connections, run.seconds, run.folder)
        return measurement
    return measure


def push(scene: Scene, run: Run) -> Measurement:
    """Each request leaves a row, which the server clears away when its time is over."""
    form = authorization_path(scene.app).partition("?")[2]
    measurement, _ = load.run(
        scene.installation,
        Load([Request(f"/t/{TENANT}/oauth2/par", body=form)], status=201, find="request_uri"),
        run.connections, run.seconds, run.folder)
    return measurement


def refresh(scene: Scene, run: Run) -> Measurement:
    """Each answer has the token for a next request, so there are as many chains as tokens now."""
    provide_tokens(scene, run)
    chains, scene.refresh_tokens = scene.refresh_tokens[:CHAINS], scene.refresh_tokens[CHAINS:]
    form = f"client_id={scene.app.client}&grant_type=refresh_token&refresh_token="
    measurement, _ = load.run(
        scene.installation,
        Load([Request(f"/t/{TENANT}/oauth2/token", body=form + token) for token in chains],
             order="chain", find=REFRESH_TOKEN),
        run.connections, run.seconds, run.folder)
    return measurement


def refresh_with_proofs(scene: Scene, run: Run) -> Measurement:
    """Refresh tokens that are bound to a key and stay the same; each request has its own proof."""
    path = f"/t/{TENANT}/oauth2/token"
    holder, codes = Holder(scene.installation.base + path), []
    for _ in range(MOST_TRIES):
        if len(codes) >= FEWEST:
            break
        codes += ask_for_codes(scene, run, scene.app)[1]
    _, tokens = load.run(
        scene.installation,
        Load([Request(path, body=exchange_form(scene.app, code), proof=holder.proof())
              for code in codes[:FEWEST]], order="once", find=REFRESH_TOKEN),
        run.connections, run.seconds, run.folder)
    form = f"client_id={scene.app.client}&grant_type=refresh_token&refresh_token="
    forms = [form + token for token, in tokens[:CHAINS]]
    measurement, _ = load.run(
        scene.installation,
        Load([Request(path, body=forms[number % len(forms)], proof=holder.proof())
              for number in range(PROOFS_A_SECOND * run.seconds)],
             order="once", find=ACCESS_TOKEN),
        run.connections, run.seconds, run.folder)
    return measurement


def revoke(scene: Scene, run: Run) -> Measurement:
    """Each refresh token once; with it its grant is revoked."""
    provide_tokens(scene, run)
    tokens, scene.refresh_tokens = scene.refresh_tokens, []
    form = f"client_id={scene.app.client}&token="
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
        scene.app, scene.people, run.connections, run.seconds)))
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


# In the order in which they are measured: what some leave behind, others use up.
OPERATIONS = [
    Operation("bare", BARE, get("/livez")),
    Operation("discovery", "discovery", get(f"/t/{TENANT}/.well-known/openid-configuration")),
    Operation("keys", "JWK Set", get(f"/t/{TENANT}/.well-known/jwks.json")),
    Operation("machine", "client credentials, ES256", client_credentials),
    Operation(
        "machine-rs256", "client credentials, RS256", client_credentials_rs256,
        applies=lambda scene: scene.machine_rs256 is not None),
    Operation("authorize", "authorization, signed in", authorize),
    Operation("exchange", "code exchange, ES256", exchange),
    Operation("userinfo", "userinfo", userinfo),
    Operation(
        "introspect", "introspection, JWT", introspect(), applies=lambda scene: scene.introspects),
    Operation(
        "introspect-opaque", "introspection, opaque token", introspect(f"resource={OPAQUE}"),
        applies=lambda scene: scene.introspects),
    Operation(
        "push", "pushed authorization request", push, applies=lambda scene: scene.introspects),
    Operation("refresh", "refresh, rotating, ES256", refresh),
    Operation(
        "refresh-dpop", "refresh, bound to a key", refresh_with_proofs,
        applies=lambda scene: offers(["client", "create"], "--dpop-nonce")),
    Operation("revoke", "revocation", revoke),
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


def named(keys: list[str]) -> list[Operation]:
    """The operations of these keys, in order."""
    if unknown := set(keys) - {operation.key for operation in OPERATIONS}:
        raise SystemExit(f"There is no operation {', '.join(sorted(unknown))}.")
    return [operation for operation in OPERATIONS if operation.key in keys]
