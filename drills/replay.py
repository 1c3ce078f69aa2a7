"""Presents every credential that a drill gave out once more, and writes that into the ledger too.

First whatever should live, then whatever should be over: presenting what was spent ends what it
belongs to. What the answers had to be is decided by the judge, as during the drill.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from cryptography.exceptions import InvalidSignature
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from desk import Account, App, Browser, Desk
from judge import Judge
from ledger import Ledger, entries
from model import World
from nodes import Installation
from population import Tenant
from verdict import Verdict

Task = Callable[[Desk], object]
WIDTH = 12


class Replay:
    def __init__(
        self, installation: Installation, ledger: Ledger, tenants: list[Tenant]
    ) -> None:
        self.installation = installation
        self.ledger = ledger
        self.tenants = {tenant.issuer: tenant for tenant in tenants}
        self.apps = {
            app.id: app for tenant in tenants
            for app in (tenant.native, tenant.web, tenant.machine, tenant.changing)}
        self.accounts = {
            account.id: account for tenant in tenants
            for account in (*tenant.people, *tenant.victims)}

    def judge(self) -> Judge:
        """Reads the ledger, presents everything again, and reads the rest."""
        judge = Judge().feed(entries(self.ledger.path))
        read = sum(1 for _ in entries(self.ledger.path))
        # What ended may take a second until every node knows.
        time.sleep(1.1)
        self._run(self._living(judge.world))
        judge.feed(entries(self.ledger.path, read))
        read = sum(1 for _ in entries(self.ledger.path))
        self._run(self._over(judge.world))
        judge.feed(entries(self.ledger.path, read))
        self.verify_signatures(judge.world, judge.verdict)
        return judge

    def _run(self, tasks: Iterable[Task]) -> None:
        desks = [Desk(self.installation, self.ledger, seed) for seed in range(WIDTH)]
        shares: list[list[Task]] = [[] for _ in desks]
        for desk, task in zip(itertools.cycle(range(WIDTH)), tasks):
            shares[desk].append(task)

        def work(desk: Desk, share: list[Task]) -> None:
            for task in share:
                task(desk)
                desk.move()

        with ThreadPoolExecutor(WIDTH) as pool:
            list(pool.map(work, desks, shares))

    def _living(self, world: World) -> list[Task]:
        tasks: list[Task] = []
        now = time.monotonic()
        for value, token in world.access_tokens.items():
            grant = token.grant
            if grant and not grant.ending and not token.ending and now < token.issued + 12 * 60:
                tasks.append(self._userinfo(value, grant.lineage))
        for refresh in world.refresh_tokens.values():
            if not refresh.grant.ending and refresh.spent is None:
                tasks.append(self._refresh(refresh.value, refresh.grant.lineage))
        for session in world.sessions.values():
            if not session.ending:
                tasks.append(self._authorize(session.cookie, session.user, session.issuer))
        for value, secret in world.secrets.items():
            if not secret.ending:
                tasks.append(self._credentials(value, world.secret_lineages[value]["client"]))
        for account in self.accounts.values():
            if not world.account(account.id).ending:
                tasks.append(self._sign_in(account))
        return tasks

    def _over(self, world: World) -> list[Task]:
        tasks: list[Task] = []
        now = time.monotonic()
        for value, token in world.access_tokens.items():
            grant = token.grant
            if grant and (token.ended is not None or grant.ended is not None):
                tasks.append(self._userinfo(value, grant.lineage))
        seen: set[int] = set()
        for refresh in world.refresh_tokens.values():
            # A spent one ends its grant, so one of each is enough; the database has the rest.
            is_head = refresh.spent is None
            if is_head and refresh.grant.ended is None or not is_head and id(refresh.grant) in seen:
                continue
            if not is_head:
                seen.add(id(refresh.grant))
            tasks.append(self._refresh(refresh.value, refresh.grant.lineage))
        for session in world.sessions.values():
            if session.ended is not None:
                tasks.append(self._authorize(session.cookie, session.user, session.issuer))
        for code in world.codes.values():
            # Older ones are refused for their age alone; the database tells about these.
            if code.spent is not None and now < code.issued + 50:
                tasks.append(self._redeem(code.value, code.grant.lineage))
        for value, secret in world.secrets.items():
            if secret.ended is not None:
                tasks.append(self._credentials(value, world.secret_lineages[value]["client"]))
        for account in self.accounts.values():
            if world.account(account.id).ended is not None:
                tasks.append(self._sign_in(account))
        return tasks

    def verify_signatures(self, world: World, verdict: Verdict) -> None:
        """Every access token that was given out verifies with the keys that are published now."""
        desk = Desk(self.installation, self.ledger, 0)
        for issuer, tenant in self.tenants.items():
            answer = desk.connections[0].send(
                "GET", f"{tenant.native.path}/.well-known/jwks.json")
            keys = KeySet.import_key_set(answer.json())
            for value, token in world.access_tokens.items():
                if token.claims.get("iss") != issuer:
                    continue
                verdict.checked["I1"] += 1
                try:
                    jws.deserialize_compact(value, keys, algorithms=["ES256", "RS256"])
                except (JoseError, InvalidSignature, ValueError) as error:
                    verdict.broke("I1", f"{token.name}: no published key verifies it: {error!r}")

    # One task each

    def _userinfo(self, value: str, lineage: dict[str, object]) -> Task:
        app = self.apps[str(lineage["client"])]
        return lambda desk: desk.userinfo(app, value, lineage)

    def _refresh(self, value: str, lineage: dict[str, object]) -> Task:
        app = self.apps[str(lineage["client"])]
        return lambda desk: desk.refresh(app, value, lineage)

    def _redeem(self, value: str, lineage: dict[str, object]) -> Task:
        app = self.apps[str(lineage["client"])]
        return lambda desk: desk.redeem(app, value, "x" * 43, lineage)

    def _authorize(self, cookie: str, user: str, issuer: str) -> Task:
        app = self.tenants[issuer].native
        lineage = {"issuer": issuer, "client": app.id, "user": user, "rotates": True}
        name = f"__Host-gatehouse-session-{self.tenants[issuer].slug}"
        browser = Browser({name: cookie})
        return lambda desk: desk.authorize(app, browser, lineage)

    def _credentials(self, value: str, client: str) -> Task:
        known = self.apps[client]
        app = App(known.id, value, known.kind, known.issuer)
        return lambda desk: desk.client_credentials(app)

    def _sign_in(self, account: Account) -> Task:
        tenant = next(t for t in self.tenants.values()
                      if account in t.people or account in t.victims)
        lineage = {"issuer": tenant.issuer, "client": tenant.native.id, "user": account.id,
                   "rotates": True}
        return lambda desk: desk.sign_in(tenant.native, Browser(), account, lineage)
