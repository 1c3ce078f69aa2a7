#!/usr/bin/env python3
"""Measures whether the time of an answer tells what it must not tell: attack cases GH-091, GH-182
and GH-475.

    drills/timing.py [--pairs 2000] [--seed 1]

For each question it sends pairs of requests, one of each kind in random order, over one connection
to a server of its own. The verdict is on the difference of the medians: its 99 % confidence
interval, by bootstrap, must lie within 2 ms for sign-ins and within 1 ms for secrets. It is a
measurement, so it is no test: run it on a machine that does nothing else, with a release build.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "Tests" / "BlackBox"))
os.environ.setdefault(
    "GATEHOUSE_TEST_BINARY",
    os.environ.get("GATEHOUSE_BINARY", str(ROOT / ".build/release/gatehouse")))

import httpx  # noqa: E402

from browser import Browser  # noqa: E402
from harness import Client, CommandFailed, Instance, Tenant  # noqa: E402
from protocol import begin, refresh, token, tokens  # noqa: E402

Send = Callable[[], httpx.Response]
# What a test of this many wrong guesses must not run into.
LIMITS = (
    "password-device", "password-network", "password-name-network", "password-name",
    "authentication-network", "authentication-client", "grant-client", "grant-network")


class Question:
    """Whether two kinds of request can be told apart by their time."""

    def __init__(self, name: str, margin: float, one: Send, other: Send) -> None:
        self.name, self.margin, self.sends = name, margin, (one, other)

    def ask(self, pairs: int, chance: random.Random) -> bool:
        """Measures and prints; true if the answer is no."""
        times: tuple[list[float], list[float]] = ([], [])
        statuses: tuple[set[int], set[int]] = (set(), set())
        for number in range(pairs + 20):
            for which in chance.sample((0, 1), 2):
                begun = time.perf_counter()
                answer = self.sends[which]()
                taken = (time.perf_counter() - begun) * 1_000
                statuses[which].add(answer.status_code)
                if number >= 20:
                    times[which].append(taken)
        assert len(statuses[0] | statuses[1]) == 1, f"{self.name}: answered {statuses}"
        low, high = interval(times[0], times[1], chance)
        holds = -self.margin < low and high < self.margin
        print(f"{'PASS' if holds else 'FAIL'}  {self.name:<58} medians "
              f"{statistics.median(times[0]):7.3f} {statistics.median(times[1]):7.3f} ms, "
              f"difference {low:+.3f} to {high:+.3f} (±{self.margin:g})", flush=True)
        return holds


def interval(one: list[float], other: list[float], chance: random.Random) -> tuple[float, float]:
    """The 99 % confidence interval of the difference of medians."""
    found = sorted(
        statistics.median(chance.choices(one, k=len(one)))
        - statistics.median(chance.choices(other, k=len(other))) for _ in range(1_000))
    return found[5], found[994]


def sign_ins(tenant: Tenant, client: Client) -> list[Question]:
    """GH-182: a wrong password for somebody who exists, and for others who cannot sign in."""
    known, gone = tenant.create_user(), tenant.create_user()
    tenant.cli("user", "update", gone.id, "--disable")
    tenant.cli("user", "create", "--email", "none@example.com")

    def sender(name: str, password: str) -> Send:
        browser = Browser(tenant.instance)
        form = begin(browser, client).form("identifier", "password")
        fields = form.fields | {"identifier": name, "password": password}
        return lambda: browser.post(form.action, fields).response

    wrong = "wrong horse battery staple"
    return [
        Question(f"sign-in: {what}, and nobody (GH-182)", 2, sender(name, password),
                 sender("nobody@example.com", wrong))
        for what, name, password in (
            ("a known name", known.name, wrong), ("a disabled one", gone.name, wrong),
            ("a disabled one, right password", gone.name, gone.password),
            ("one without a password", "none@example.com", wrong))]


def secrets(tenant: Tenant) -> list[Question]:
    """GH-091 and GH-475: secrets that are right up to some byte, and an unknown client."""
    machine = tenant.create_client("machine", "--scope", "api:read")
    app = tenant.create_client("native")
    held = tokens(app, tenant.create_user(), scope="openid offline_access")["refresh_token"]

    def almost(secret: str, right: int) -> str:
        """The first bytes are right and the next one is not, nor are those after it."""
        prefix, _, body = secret.partition("_")
        rest = body[right:].translate(str.maketrans("ABCDEFGH", "STUVWXYZ")).swapcase()
        other = "A" if body[right] not in "Aa" else "E"
        return f"{prefix}_{body[:right]}{other}{rest[1:-1]}A"

    def authenticate(secret: str, client: str = machine.id) -> Send:
        return lambda: token(
            machine, method="none", client_id=client, client_secret=secret,
            grant_type="client_credentials")

    unrelated = almost(machine.secret or "", 0)
    made = [
        Question(f"client secret: {right} of 43 characters right, and none (GH-091)", 1,
                 authenticate(almost(machine.secret or "", right)), authenticate(unrelated))
        for right in (8, 16, 24, 32, 40, 42)]
    made.append(Question(
        "client secret: a known client, and an unknown one (GH-091)", 1,
        authenticate(unrelated), authenticate(unrelated, "client_" + "0" * 26)))
    made += [
        Question(f"refresh token: {right} of 43 characters right, and none (GH-475)", 1,
                 lambda value=almost(held, right): refresh(app, value),
                 lambda: refresh(app, almost(held, 0)))
        for right in (16, 32, 42)]
    return made


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=2_000, help="for each question")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    with Instance("sqlite") as instance:
        tenant = instance.create_tenant()
        for limit in LIMITS:
            try:
                instance.cli("tenant", "limit", tenant.slug, limit, "--allow", "1000000")
            except CommandFailed as failure:
                print(f"The limit {limit} cannot be set: {failure.stderr.strip()}", file=sys.stderr)
        questions = sign_ins(tenant, tenant.create_client("web")) + secrets(tenant)
        held = [question.ask(options.pairs, chance) for question in questions]
    print(f"{sum(held)} of {len(held)} questions: the time tells nothing.")
    sys.exit(0 if all(held) else 1)


if __name__ == "__main__":
    main()
