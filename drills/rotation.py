#!/usr/bin/env python3
"""Rotates and removes signing keys while relying parties with caches verify (GH-478)."""

from __future__ import annotations

import itertools
import random
import time
from argparse import Namespace
from dataclasses import dataclass
from functools import partial

import drill
from desk import App, Browser, Desk, Told
from issued import claims_of
from moved_clock import MovedClock
from population import Tenant
from relying_party import RelyingParty
from verdict import Verdict
from wire import Answer

DESCRIPTION = """\
Key rotation under verification. The clock of server and relying parties is moved, not
waited for.

Relying parties keep the key set for 0, 60, 300 and 3 600 seconds, half of them fetch it
again when they meet a key that they do not know, and those of 3 600 seconds ignore the max-
age that the server sends. One of each kind has fetched the set right before each rotation,
which is the worst moment.

Planned rotations: not one verification may fail, of new tokens and of tokens that live a
day, and no node may sign with a key that another one does not publish. Removals (`key
delete`): relying parties without a cache, and the server itself, accept nothing of the key
a second later."""

CACHES = [(0, True), (60, True), (300, True), (3600, False)]
# How long the longest cache lives on after the key has changed.
SETTLED = 4000


@dataclass
class Scene:
    """What the steps of this drill share."""

    run: drill.Drill
    clock: MovedClock
    tenant: Tenant
    desk: Desk
    dice: random.Random
    options: Namespace
    parties: list[RelyingParty]
    day: App
    lineage: dict[str, object]
    refresh_token: str = ""
    # Tokens of before that are still in their time.
    long_lived: list[str] | None = None
    lead: float = 0
    unpublished: int = 0
    ticks: int = 0

    def token(self, told: Told, name: str = "access_token") -> str:
        assert told.is_success, f"no token: {told.status} {told.error}"
        return told.issued[name]

    def new_tokens(self) -> list[str]:
        """An access token and an ID token, from whatever node."""
        self.desk.move()
        access = self.token(self.desk.client_credentials(self.tenant.machine))
        self.desk.move()
        told = self.desk.refresh(self.tenant.web, self.refresh_token, dict(self.lineage))
        return [access, self.token(told, "id_token")]

    def tick(self, when: str) -> None:
        """One moment: new tokens, and every relying party verifies these and an old one."""
        self.ticks += 1
        tokens = self.new_tokens()
        now = self.clock.now()
        self.long_lived = [t for t in self.long_lived or [] if claims_of(t)["exp"] > now + 5]
        if self.long_lived:
            tokens.append(self.dice.choice(self.long_lived))
        for party in self.parties:
            # Not everyone is busy at each moment, so the caches are not in step.
            if self.dice.random() < 0.7:
                for token in tokens:
                    party.verify(token, now, when)
        if self.ticks % 5 == 0:
            self.compare_nodes(tokens[:2])

    def compare_nodes(self, tokens: list[str]) -> None:
        """GH-479: what one node signs with, every node publishes."""
        for node in range(len(self.desk.connections)):
            for token in tokens:
                party = RelyingParty(0, False, False, partial(key_set, self, node))
                self.unpublished += not party.accepts(token, self.clock.now())


def key_set(scene: Scene, node: int | None = None) -> Answer:
    chosen = scene.dice.randrange(len(scene.desk.connections)) if node is None else node
    return scene.desk.connections[chosen].send(
        "GET", f"{scene.tenant.native.path}/.well-known/jwks.json")


def program() -> bool:
    parser = drill.parser(DESCRIPTION)
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--rotations", type=int, default=20, help="planned ones (default: 20)")
    parser.add_argument("--removals", type=int, default=3, help="in an emergency (default: 3)")
    parser.add_argument("--step", type=float, default=60,
                        help="seconds between two moments, on average (default: 60)")
    options = parser.parse_args()
    with drill.Drill("rotation", options) as run:
        scene = prepare(run, options)
        for number in range(options.rotations):
            rotate(scene, ["ES256", "RS256"][number % 2], number + 1)
        planned = {party.name: 0 for party in scene.parties}
        for party in scene.parties:
            planned[party.name] += len(party.failures)
            run.notes += [f"failed: {party.name}: {when}" for when in party.failures[:2]]
        removals = [remove(scene) for _ in range(options.removals)]
        return judge(scene, planned, removals)


def prepare(run: drill.Drill, options: Namespace) -> Scene:
    clock = MovedClock(run.directory / "clock")
    nodes = 3 if options.database == "postgres" else 1
    installation = run.install(options.database, nodes=nodes, environment=clock.environment)
    installation.start()
    (tenant, _) = run.populate(2)
    made = installation.cli(
        "client", "create", "--tenant", tenant.slug, "--name", "A day", "--type", "machine",
        "--access-token-lifetime", "86400")
    day = App(made["client_id"], made["client_secret"], "machine", tenant.issuer)
    desk = Desk(installation, run.ledger, options.seed)
    web = App(**{**vars(tenant.web), "scope": "openid offline_access"})
    account = tenant.people[0]
    lineage = {"issuer": web.issuer, "client": web.id, "user": account.id, "rotates": False}
    told, verifier = desk.sign_in(web, Browser(), account, lineage)
    given = desk.redeem(web, told.issued["code"], verifier, lineage)
    scene = Scene(run, clock, tenant, desk, random.Random(options.seed), options, [], day, lineage)
    scene.refresh_token = scene.token(given, "refresh_token")
    for (cache, honours), refetches, _ in itertools.product(CACHES, (True, False), range(3)):
        scene.parties.append(RelyingParty(cache, refetches, honours, partial(key_set, scene)))
    return scene


def rotate(scene: Scene, algorithm: str, number: int) -> None:
    """One planned rotation, and all the time until the longest cache has seen it."""
    for party in scene.parties[::3]:
        party.load(scene.clock.now())
    made = scene.run.installation.cli(
        "key", "rotate", "--tenant", scene.tenant.slug, "--algorithm", algorithm)
    begun, signs_at = scene.clock.now(), None
    scene.long_lived = scene.long_lived or []
    scene.long_lived.append(scene.token(scene.desk.client_credentials(scene.day)))
    while signs_at is None or scene.clock.now() < signs_at + SETTLED:
        assert scene.clock.now() < begun + 86_400, "the new key does not become active in a day"
        scene.clock.move(scene.dice.uniform(0.1, 2 * scene.options.step))
        passed = scene.clock.now() - begun
        scene.tick(f"rotation {number}, {passed:.0f} s after it was made known")
        if signs_at is None and state(scene, made["kid"]) == "active":
            signs_at = scene.clock.now()
            scene.lead = max(scene.lead, signs_at - begun)
    drill.say(f"rotation {number} of {scene.options.rotations}: the key signed after "
              f"{signs_at - begun:.0f} s")


def state(scene: Scene, kid: str) -> str:
    keys = scene.run.installation.cli("key", "list", "--tenant", scene.tenant.slug)
    return next(key["state"] for key in keys if key["kid"] == kid)


@dataclass
class Removal:
    """How long after a removal each kind of verifier accepted what the key had signed."""

    server: float
    without_cache: float
    others: dict[str, int]
    fresh_fail: int


def remove(scene: Scene) -> Removal:
    """Deletes the key that signs access tokens, as after a theft."""
    told = scene.desk.refresh(scene.tenant.web, scene.refresh_token, dict(scene.lineage))
    stolen = [scene.token(told), scene.token(scene.desk.client_credentials(scene.day))]
    kid = header_kid(stolen[0])
    assert header_kid(stolen[1]) == kid, "one key signs all access tokens"
    for party in scene.parties:
        party.load(scene.clock.now())
    scene.run.installation.cli("key", "delete", "--tenant", scene.tenant.slug, "--", kid)
    begun = time.monotonic()
    removal = Removal(0.0, 0.0, {}, 0)
    uncached = [party for party in scene.parties if party.cache == 0]
    while (sent := time.monotonic() - begun) < 2.5:
        for _ in scene.desk.connections:
            scene.desk.move()
            if accepted_by_server(scene, stolen[0]):
                removal.server = sent
        now = scene.clock.now()
        if any(party.accepts(token, now) for party in uncached for token in stolen):
            removal.without_cache = sent
        new = scene.new_tokens()[0]
        # Another node may sign with the key for as long as it does not know.
        if sent > 1 or len(scene.desk.connections) == 1:
            removal.fresh_fail += sum(
                not party.accepts(new, scene.clock.now()) for party in uncached)
        time.sleep(0.02)
    expose(scene, stolen[1], removal)
    scene.long_lived = [t for t in scene.long_lived or [] if header_kid(t) != kid]
    return removal


def expose(scene: Scene, stolen: str, removal: Removal) -> None:
    """How long those who cache go on believing: told, not judged. It is what they chose."""
    begun = scene.clock.now()
    while (passed := scene.clock.now() - begun) < SETTLED:
        for party in scene.parties:
            if party.accepts(stolen, scene.clock.now()):
                removal.others[party.name] = round(passed)
        scene.clock.move(20)


def accepted_by_server(scene: Scene, token: str) -> bool:
    connection = scene.desk.connections[scene.desk.node]
    return connection.send(
        "GET", f"{scene.tenant.native.path}/oauth2/userinfo",
        {"Authorization": f"Bearer {token}"}).status == 200


def header_kid(token: str) -> str:
    return claims_of(f".{token.split('.')[0]}.")["kid"]


def judge(scene: Scene, planned: dict[str, int], removals: list[Removal]) -> bool:
    run, verified = scene.run, sum(party.verified for party in scene.parties)
    seconds = time.monotonic() - run.begun
    run.notes[:0] = [
        f"database {scene.options.database}, nodes {len(scene.desk.connections)}, rotations "
        f"{scene.options.rotations}, a key signs {scene.lead:.0f} s after it is published",
        f"{verified} verifications by {len(scene.parties)} relying parties "
        f"({verified / seconds:.0f}/s); {scene.clock.offset / 3600:.0f} hours went by"]
    for name, failures in planned.items():
        fetched = sum(party.fetches for party in scene.parties if party.name == name)
        run.notes.append(f"{name:<44} {failures:>6} failed, {fetched} fetches")
    also = {
        "planned: no verification failed": verified > 0 and not any(planned.values()),
        "planned: every node publishes what any node signs with": scene.unpublished == 0}
    if removals:
        server = max(removal.server for removal in removals)
        without = max(removal.without_cache for removal in removals)
        run.notes.append(
            f"removals {len(removals)}: last accepted at the server after {server:.2f} s, without "
            f"a cache after {without:.2f} s")
        for name in planned:
            longest = max(removal.others.get(name, 0) for removal in removals)
            run.notes.append(f"  {name:<44} believed the key for {longest} s more at most")
        also["removal: server and those without a cache refuse within 1 s"] = \
            max(server, without) <= 1
        also["removal: new tokens verify where nothing is cached"] = \
            not any(removal.fresh_fail for removal in removals)
    return run.conclude(Verdict(), needed=(), also=also)


if __name__ == "__main__":
    drill.main(program)
