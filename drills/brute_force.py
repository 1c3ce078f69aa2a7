#!/usr/bin/env python3
"""Tries ten thousand wrong passwords from many addresses, while the user signs in."""

from __future__ import annotations

import itertools
import statistics
import threading
import time
from argparse import Namespace
from collections import Counter
from urllib.parse import urlsplit

import drill
from desk import FORM_TOKEN, Account, App, Browser, Desk
from population import Tenant
from verdict import Verdict
from wire import Answer, Lost, Unsent

DESCRIPTION = """\
An attacker with 10 000 wrong passwords from as many addresses cannot keep a user out who
has a recognised device (GH-205).

The user has signed in before with one browser. While strangers try passwords for the same
account, from addresses all over the world and from the user's own network, the user signs
in with that browser and the right password, again and again, from two addresses. Addresses
are told by a trusted proxy.

Passes if each sign-in of the user succeeds (after 503 one retry is allowed), the attacker
gets in never, gets 429 with Retry-After, and has at most --most-tries passwords really
tried (GH-200)."""

HOME = "198.51.100.7"
ELSEWHERE = "203.0.113.20"
WIDTH = 12
TRIES_FOR_EACH_PAGE = 40
# How often the user signs in meanwhile.
EVERY = 0.4


def program() -> bool:
    parser = drill.parser(DESCRIPTION)
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--passwords", type=int, default=10_000,
                        help="how many the attacker tries (default: 10000)")
    parser.add_argument("--most-tries", type=int, default=100,
                        help="how many of them may be compared at all (default: 100)")
    options = parser.parse_args()
    with drill.Drill("brute-force", options) as run:
        nodes = 3 if options.database == "postgres" else 1
        run.install(options.database, nodes=nodes,
                    arguments=["--trusted-proxies", "127.0.0.1/32"])
        run.installation.start()
        (tenant, _) = run.populate(2, victims=0)
        victim = Victim(run, tenant, tenant.people[0])
        victim.sign_in(HOME)
        assert victim.failures == Counter(), "the user cannot sign in at all"
        for _ in range(5):
            victim.sign_in(HOME)
        calm, victim.times = victim.times[1:], []
        attack = Attack(run, tenant, tenant.people[0], options)
        attack.start()
        for number in itertools.count():
            victim.sign_in(HOME if number % 3 else ELSEWHERE)
            if attack.is_over:
                break
            time.sleep(EVERY)
        # And once the attacker has used up whatever there is to use up.
        for address in (HOME, ELSEWHERE):
            victim.sign_in(address)
        return conclude(run, options, victim, attack, calm)


class Knocking:
    """A browser on its way to the sign-in form, from an address of its choice."""

    def __init__(self, run: drill.Drill, tenant: Tenant, seed: int) -> None:
        self.desk = Desk(run.installation, run.ledger, seed)
        self.app: App = tenant.native
        self.path = ""
        self.form_token = ""

    def open_page(self, browser: Browser, lineage: dict[str, str]) -> bool:
        told, _ = self.desk.authorize(self.app, browser, lineage)
        if not told.is_success:
            return False
        self.path = urlsplit(told.location).path
        page = self.desk.ask(
            "page", "GET", self.path, lambda answer: (None, {}),
            headers=browser.headers("cross-site"), browser=browser)
        found = FORM_TOKEN.search(page.body)
        self.form_token = (found[1] or found[2]).decode() if found else ""
        return bool(found)

    def post(self, browser: Browser, address: str, name: str, password: str) -> Answer:
        connection = self.desk.connections[self.desk.node]
        return connection.send(
            "POST", self.path, browser.headers("same-origin") | {
                "Origin": "null", "X-Forwarded-For": address},
            {"csrf": self.form_token, "identifier": name, "password": password})


class Victim:
    """The user, with the browser that they always use."""

    def __init__(self, run: drill.Drill, tenant: Tenant, account: Account) -> None:
        self.knocking = Knocking(run, tenant, 1)
        self.account = account
        self.browser = Browser()
        self.lineage = {"issuer": tenant.issuer, "client": tenant.native.id, "user": account.id}
        self.times: list[float] = []
        self.failures: Counter[str] = Counter()
        self.retries = 0

    def sign_in(self, address: str) -> None:
        """Signs in as after the session has ended: the cookie of the device is still there."""
        self.browser.cookies = {
            name: value for name, value in self.browser.cookies.items() if "session" not in name}
        begun = time.monotonic()
        status = self._try(address)
        if status == "503":
            self.retries += 1
            time.sleep(1)
            status = self._try(address)
        self.times.append(time.monotonic() - begun)
        if status != "in":
            self.failures[status] += 1
        self.knocking.desk.move()

    def _try(self, address: str) -> str:
        try:
            if not self.knocking.open_page(self.browser, self.lineage):
                return "503"
            answer = self.knocking.post(
                self.browser, address, self.account.email, self.account.password)
        except (Lost, Unsent) as failure:
            return type(failure).__name__
        self.browser.take(answer)
        return "in" if answer.status == 303 and self.browser.session else str(answer.status)


class Attack:
    """Strangers who try the passwords of one account."""

    def __init__(
        self, run: drill.Drill, tenant: Tenant, account: Account, options: Namespace
    ) -> None:
        self.run, self.tenant, self.account, self.options = run, tenant, account, options
        self.numbers = iter(range(options.passwords))
        self.lock = threading.Lock()
        self.answers: Counter[int] = Counter()
        self.without_retry_after = 0
        self.threads = [
            threading.Thread(target=self._work, args=(100 + n,), daemon=True)
            for n in range(WIDTH)]

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    @property
    def is_over(self) -> bool:
        return not any(thread.is_alive() for thread in self.threads)

    def _next(self) -> int | None:
        with self.lock:
            return next(self.numbers, None)

    def _work(self, seed: int) -> None:
        knocking = Knocking(self.run, self.tenant, seed)
        lineage = {"issuer": self.tenant.issuer, "client": knocking.app.id, "user": ""}
        browser, left = Browser(), 0
        while (number := self._next()) is not None:
            try:
                if left == 0:
                    browser = Browser()
                    knocking.desk.move()
                    left = TRIES_FOR_EACH_PAGE if knocking.open_page(browser, lineage) else 0
                if left == 0:
                    self._count(Answer(0, {}))
                    continue
                left -= 1
                self._count(knocking.post(
                    browser, address_of(number), self.account.email, f"wrong {number:08}"))
            except (Lost, Unsent):
                left = 0
                self._count(Answer(0, {}))

    def _count(self, answer: Answer) -> None:
        with self.lock:
            self.answers[answer.status] += 1
            if answer.status in (429, 503) and not answer.headers.get("retry-after"):
                self.without_retry_after += 1


def address_of(number: int) -> str:
    """Every twentieth is in the user's own network; the others are all over the world."""
    if number % 20 == 0:
        return f"198.51.100.{number // 20 % 250 + 1}"
    return f"{20 + number % 60}.{number // 60 % 250}.{number % 251}.{number % 249 + 1}"


def conclude(
    run: drill.Drill, options: Namespace, victim: Victim, attack: Attack, calm: list[float]
) -> bool:
    answers = dict(sorted(attack.answers.items()))
    # Neither success, 429 nor 503: the password was looked at, and was wrong.
    tried = sum(n for status, n in answers.items() if status in (200, 400, 401, 403, 422))
    run.notes = [
        f"database {options.database}; the attacker's {sum(answers.values())} answers by status "
        f"{answers}; {tried} passwords were compared",
        f"the user signed in {len(victim.times)} times meanwhile, after 503 {victim.retries} times "
        f"at the second attempt, failed {sum(victim.failures.values())} {dict(victim.failures)}",
        f"a sign-in took: before, median {statistics.median(calm) * 1000:.0f} ms; meanwhile, "
        f"median {statistics.median(victim.times) * 1000:.0f} ms, "
        f"worst {max(victim.times) * 1000:.0f} ms"]
    return run.conclude(Verdict(), needed=(), also={
        "the user with a known device always got in": not victim.failures,
        "the attacker never got in": answers.get(303, 0) == 0,
        "the attacker got 429": answers.get(429, 0) > 0,
        "each 429 and 503 had Retry-After": attack.without_retry_after == 0,
        f"at most {options.most_tries} passwords were compared": tried <= options.most_tries})


if __name__ == "__main__":
    drill.main(program)
