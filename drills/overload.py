#!/usr/bin/env python3
"""Offers three times what the server can do, and a storm of sign-ins besides."""

from __future__ import annotations

import asyncio
import os
import random
import time
from argparse import Namespace
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import drill
from desk import FORM_TOKEN, Account, App, Browser, Desk
from population import Tenant, make_account
from storm import CONNECTIONS_AT_MOST, PATIENCE, Shot, Storm, Tally
from verdict import Verdict

DESCRIPTION = """\
Overload. The server has one core to itself, the load another one.

First the peak: the mix (60 % refresh with a new ID and access token, 30 % client
credentials, 10 % key set) in a closed loop, with more and more clients. Then three times
the peak at a fixed rate (open loop, up to 1 500 connections), and sign-ins with right
passwords, as many as one core could hash. Each comes by an address of its own, through a
trusted proxy. An answer after one second is none.

Passes if the goodput of the mix stays at 80 % of the peak or more, the rest gets 503 with
Retry-After, quickly, and the latency is what it was before within 10 s afterwards. The load
is a Python program: what it offered is printed, and a machine with fewer than two cores is
refused."""

MIX = {"refresh", "client_credentials", "keys"}
RAMP = [2, 4, 8, 16, 32, 64]
HASHES_A_SECOND = 80


def program() -> bool:
    parser = drill.parser(DESCRIPTION)
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--seconds", type=float, default=20, help="of overload (default: 20)")
    parser.add_argument("--times", type=float, default=3, help="of the peak (default: 3)")
    parser.add_argument("--storm", type=float, default=HASHES_A_SECOND,
                        help=f"sign-ins a second (default: {HASHES_A_SECOND})")
    options = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    assert len(cores) >= 2, "this drill needs two cores: one for the server, one for the load"
    with drill.Drill("overload", options) as run:
        installation = run.install(
            options.database, arguments=["--trusted-proxies", "127.0.0.1/32"])
        installation.prefix = ["taskset", "-c", str(cores[0])]
        installation.start()
        (tenant, _) = run.populate(2, victims=0)
        ammunition = Ammunition(run, tenant, options)
        os.sched_setaffinity(0, {cores[1]})
        return asyncio.run(measure(run, options, ammunition))


class Ammunition:
    """Everything that is sent, made before it is needed."""

    def __init__(self, run: drill.Drill, tenant: Tenant, options: Namespace) -> None:
        self.run = run
        self.host = run.installation.host
        self.tenant = tenant
        self.web = App(**{**vars(tenant.web), "scope": "openid offline_access"})
        self.random = random.Random(options.seed)
        self.desk = Desk(run.installation, run.ledger, options.seed)
        self.refreshes = self._refreshes()
        headers, form = tenant.machine.authentication()
        self.credentials = Shot.make(
            "client_credentials", "POST", f"{self.web.path}/oauth2/token", self.host, headers,
            form | {"grant_type": "client_credentials"})
        self.keys = Shot.make("keys", "GET", f"{self.web.path}/.well-known/jwks.json", self.host)
        self.sign_ins = self._sign_ins(int(options.storm * options.seconds))

    def mix(self) -> Shot:
        point = self.random.random()
        if point < 0.6:
            return self.random.choice(self.refreshes)
        return self.credentials if point < 0.9 else self.keys

    def sign_in(self) -> Shot | None:
        return self.sign_ins.pop() if self.sign_ins else None

    def _refreshes(self) -> list[Shot]:
        account = self.tenant.people[0]
        lineage = {"issuer": self.web.issuer, "client": self.web.id, "user": account.id}
        browser = Browser()
        told, verifier = self.desk.sign_in(self.web, browser, account, lineage)
        headers, form = self.web.authentication()
        shots = []
        for _ in range(64):
            given = self.desk.redeem(self.web, told.issued["code"], verifier, lineage).issued
            shots.append(Shot.make(
                "refresh", "POST", f"{self.web.path}/oauth2/token", self.host, headers,
                form | {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}))
            told, verifier = self.desk.authorize(self.web, browser, lineage)
        return shots

    def _sign_ins(self, count: int) -> list[Shot]:
        """Sign-ins of many people, each one page before its end."""
        drill.say(f"preparing {count} sign-ins")
        with ThreadPoolExecutor(4) as pool:
            accounts = list(pool.map(
                lambda _: make_account(self.run.installation, self.tenant), range(100)))
            return list(pool.map(lambda n: self._sign_in(accounts[n % 100], n), range(count)))

    def _sign_in(self, account: Account, number: int) -> Shot:
        desk = Desk(self.run.installation, self.run.ledger, number)
        browser = Browser()
        address = {"X-Forwarded-For": f"198.18.{number // 250 % 250}.{number % 250 + 1}"}
        lineage = {"issuer": self.web.issuer, "client": self.web.id, "user": account.id}
        told, _ = desk.authorize(self.web, browser, lineage)
        path = urlsplit(told.location).path
        page = desk.connections[0].send("GET", path, browser.headers("cross-site") | address)
        found = FORM_TOKEN.search(page.body)
        assert found, f"no form: {page.status}"
        desk.connections[0].close()
        return Shot.make(
            "sign_in", "POST", path, self.host,
            browser.headers("same-origin") | address | {"Origin": "null"},
            {"csrf": (found[1] or found[2]).decode(), "identifier": account.email,
             "password": account.password})


async def measure(run: drill.Drill, options: Namespace, ammunition: Ammunition) -> bool:
    storm = Storm(run.installation.nodes[0].port, options.seed)
    peak = 0.0
    for width in RAMP:
        tally = await storm.closed_loop(ammunition.mix, width, 4)
        goodput = tally.goodput(MIX)
        peak = max(peak, goodput)
        run.notes.append(f"closed loop, {width:>3} clients: {goodput:>6.0f}/s good")
    calm = await probe(storm, ammunition.mix, 3)
    await storm.open(CONNECTIONS_AT_MOST)
    drill.say(f"peak {peak:.0f}/s; offering {options.times * peak:.0f}/s")
    streams: list[tuple[float, Callable[[], Shot | None]]] = [
        (options.times * peak, ammunition.mix), (options.storm, ammunition.sign_in)]
    tally = await storm.open_loop(streams, options.seconds)
    recovery, after = await recover(storm, ammunition.mix, calm)
    storm.close()
    goodput = tally.goodput(MIX)
    offered = (sum(tally.sent.values()) + tally.unsent) / tally.seconds
    describe(run, tally, options, offered)
    run.notes.append(
        f"peak {peak:.0f}/s, goodput under overload {goodput:.0f}/s ({goodput / peak:.0%}); p95 "
        f"before {calm * 1000:.1f} ms, afterwards {after * 1000:.1f} ms after {recovery:.1f} s")
    refused = sorted(tally.refused_after)
    p99 = refused[int(len(refused) * 0.99)] if refused else 0.0
    wrong = [f"{kind} {status}" for kind, status in tally.answers
             if status not in (200, 303, 503, 429)]
    return run.conclude(Verdict(), needed=(), also={
        "it was offered what was meant to be offered (90 % of it)":
            offered >= 0.9 * (options.times * peak),
        "goodput of token, refresh and keys is 80 % of the peak or more": goodput >= 0.8 * peak,
        "the rest gets 503 with Retry-After": bool(refused) and not tally.without_retry_after
            and not wrong,
        "these come within a second (p99)": p99 <= 1,
        "latency is what it was before within 10 s": recovery <= 10})


def describe(run: drill.Drill, tally: Tally, options: Namespace, offered: float) -> None:
    sent = sum(tally.sent.values())
    run.notes.append(
        f"open loop, {options.seconds:.0f} s: offered {offered:.0f}/s, of which "
        f"{sent / tally.seconds:.0f}/s found a connection; {tally.broken} broke")
    for kind in sorted(tally.sent):
        answers = {status: n for (k, status), n in sorted(tally.answers.items()) if k == kind}
        run.notes.append(
            f"  {kind}: sent {tally.sent[kind]}, good {tally.good[kind]}, later than "
            f"{PATIENCE:.0f} s {tally.late[kind]}, by status {answers}")
    refused = sorted(tally.refused_after)
    if refused:
        run.notes.append(
            f"  503 and 429: median after {refused[len(refused) // 2] * 1000:.0f} ms, p99 "
            f"{refused[int(len(refused) * 0.99)] * 1000:.0f} ms")


async def probe(storm: Storm, choose: Callable[[], Shot], seconds: float) -> float:
    """The p95 of a few requests."""
    tally = await storm.open_loop([(40, choose)], seconds)
    # What is missing counts as the longest that anybody waits.
    missing = sum(tally.sent.values()) + tally.unsent - len(tally.good_after)
    times = sorted(tally.good_after + [PATIENCE] * missing)
    return times[int(len(times) * 0.95)] if times else PATIENCE


async def recover(
    storm: Storm, choose: Callable[[], Shot], calm: float
) -> tuple[float, float]:
    """How long until the p95 of a second is near what it was, and what it is then."""
    begun = time.monotonic()
    while True:
        took = time.monotonic() - begun
        now = await probe(storm, choose, 1)
        if now <= max(2 * calm, calm + 0.02) or took > 30:
            return took, now


if __name__ == "__main__":
    drill.main(program)
