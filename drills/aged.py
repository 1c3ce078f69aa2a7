"""One of everything that can be over, and what must be true of it wherever the clock stands."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import drill
from desk import Account, App, Browser, Desk, Told
from issued import claims_of
from population import Tenant
from verdict import Verdict

CODE_LIVES, ACCESS_TOKEN_LIVES = 60, 900
IDLE_SESSION_LIVES, REFRESH_TOKEN_LIVES = 86_400, 30 * 86_400
TOLERANCE = 60


class Checks:
    """Counts what was looked at, by invariant or by condition."""

    def __init__(self) -> None:
        self.verdict = Verdict()
        self._conditions: dict[str, list[str]] = {}
        self._counts: dict[str, int] = {}

    def invariant(self, name: str, holds: bool, otherwise: str) -> None:
        self.verdict.checked[name] += 1
        if not holds:
            self.verdict.broke(name, otherwise)

    def condition(self, name: str, holds: bool, where: str = "") -> None:
        self._counts[name] = self._counts.get(name, 0) + 1
        found = self._conditions.setdefault(name, [])
        if not holds:
            found.append(where)

    def conditions(self) -> dict[str, bool]:
        for name, where in self._conditions.items():
            for place in [w for w in where if w][:8]:
                drill.say(f"failed: {name}: {place}")
        return {name: not where for name, where in self._conditions.items()}


def settled(ask: Callable[[], Told]) -> Told:
    """An answer that says something; a connection that broke, or 503, says nothing."""
    told = ask()
    for _ in range(20):
        if told.is_settled:
            break
        time.sleep(0.1)
        told = ask()
    return told


class Belongings:
    """What one user and one app have: spent, revoked, ended, and alive."""

    def __init__(self, run: drill.Drill, desk: Desk, tenant: Tenant, account: Account) -> None:
        self.run = run
        self.desk = desk
        self.tenant = tenant
        self.account = account
        self.app = tenant.native
        self.stable = App(**{**vars(tenant.web), "scope": "openid offline_access"})
        # Presented after their time, and refused: they stay refused.
        self.late: set[str] = set()
        # The server has removed what was too old by its clock.
        self.is_removed = False

    def lineage(self, app: App, account: Account | None = None) -> dict[str, Any]:
        return {"issuer": app.issuer, "client": app.id, "rotates": app.rotates,
                "user": (account or self.account).id}

    # Getting them

    def sign_in(self, account: Account | None = None) -> Browser:
        browser = Browser()
        told, _ = self.desk.sign_in(
            self.app, browser, account or self.account, self.lineage(self.app, account))
        assert told.is_success, f"no sign-in: {told.status} {told.error}"
        return browser

    def code(self, app: App, browser: Browser) -> tuple[str, str]:
        told, verifier = self.desk.authorize(app, browser, self.lineage(app))
        assert told.is_success, f"no code: {told.status} {told.error}"
        return told.issued["code"], verifier

    def tokens(self, app: App, browser: Browser) -> dict[str, Any]:
        told = self.desk.redeem(app, *self.code(app, browser), self.lineage(app))
        assert told.is_success, f"no tokens: {told.status} {told.error}"
        return told.issued

    def acquire(self) -> None:
        """All on one node: what the others make of it is looked at later."""
        desk, app, stable = self.desk, self.app, self.stable
        desk.node = len(desk.connections) // 2
        self.browser = self.sign_in()
        self.unspent = self.code(app, self.browser)
        self.spent_code = self.code(app, self.browser)
        assert desk.redeem(app, *self.spent_code, self.lineage(app)).is_success
        self.alive = self.tokens(stable, self.browser)
        self.expiry = float(claims_of(self.alive["access_token"])["exp"])
        self.rotated = self.tokens(app, self.browser)["refresh_token"]
        assert desk.refresh(app, self.rotated, self.lineage(app)).is_success
        self.revoked = self.tokens(app, self.browser)
        assert desk.revoke(app, self.revoked["refresh_token"]).is_success
        # Its grant lives on, and for long.
        self.withdrawn = self.tokens(stable, self.browser)["access_token"]
        assert desk.revoke(stable, self.withdrawn).is_success
        self.left = self.sign_in()
        given = self.tokens(app, self.left)
        assert desk.sign_out(app, self.left, given["id_token"]).is_success
        self._end_by_command()

    def _end_by_command(self) -> None:
        installation, tenant = self.run.installation, self.tenant
        self.gone = tenant.people.pop()
        browser = self.sign_in(self.gone)
        told, verifier = self.desk.authorize(
            self.app, browser, self.lineage(self.app, self.gone))
        self.gone_tokens = self.desk.redeem(
            self.app, told.issued["code"], verifier, self.lineage(self.app, self.gone)).issued
        installation.cli("user", "update", self.gone.id, "--tenant", tenant.slug, "--disable")
        machine = tenant.changing
        made = installation.cli("client", "secret", "add", machine.id, "--tenant", tenant.slug)
        installation.cli("client", "secret", "remove", machine.id, made["id"], "--tenant",
                         tenant.slug)
        self.removed = App(machine.id, made["client_secret"], machine.kind, machine.issuer)

    # Looking at them

    def look(self, checks: Checks, when: str, *, moved: float) -> None:
        """Presents everything at every node. `moved` is where the clock stands."""
        for node in range(len(self.desk.connections)):
            self.desk.node = node
            self._over(checks, f"{when}, node {node}")
            self._alive(checks, f"{when}, node {node}", moved)
        self._late(checks, when, moved)

    def newcomer(self, checks: Checks, when: str) -> None:
        """Somebody who comes now is served as ever."""
        for node in range(len(self.desk.connections)):
            self.desk.node = node
            told, verifier = self.desk.sign_in(
                self.app, Browser(), self.account, self.lineage(self.app))
            works = told.is_success and self.desk.redeem(
                self.app, told.issued["code"], verifier, self.lineage(self.app)).is_success
            checks.condition("somebody who signs in now is served", works, f"{when}, node {node}")

    def token_is(self, what: str, checks: Checks, accepted: bool) -> None:
        for node in range(len(self.desk.connections)):
            self.desk.node = node
            told = self.desk.userinfo(
                self.stable, self.alive["access_token"], self.lineage(self.stable))
            checks.condition(f"an access token is {what}", told.is_success == accepted,
                             f"node {node}: {told.status} {told.error}")

    def _over(self, checks: Checks, when: str) -> None:
        desk, app, lineage = self.desk, self.app, self.lineage(self.app)
        self._dead(checks, "I3", when, "a disabled user's refresh token", lambda: desk.refresh(
            app, self.gone_tokens["refresh_token"], lineage))
        self._dead(checks, "I3", when, "a disabled user's access token", lambda: desk.userinfo(
            app, self.gone_tokens["access_token"], lineage))
        self._dead(checks, "I3", when, "a revoked refresh token", lambda: desk.refresh(
            app, self.revoked["refresh_token"], lineage))
        self._dead(checks, "I3", when, "an access token of a revoked grant", lambda: desk.userinfo(
            app, self.revoked["access_token"], lineage))
        self._dead(checks, "I3", when, "a revoked access token", lambda: desk.userinfo(
            self.stable, self.withdrawn, lineage))
        self._dead(checks, "I3", when, "a removed secret",
                   lambda: desk.client_credentials(self.removed))
        self._dead(checks, "I3", when, "a session that was signed out",
                   lambda: desk.authorize(app, self.left, lineage)[0])
        if not when.startswith("before"):
            self._dead(checks, "I2", when, "a spent refresh token", lambda: desk.refresh(
                app, self.rotated, lineage))
            self._dead(checks, "I2", when, "a spent code", lambda: desk.redeem(
                app, *self.spent_code, lineage))

    def _dead(
        self, checks: Checks, invariant: str, when: str, what: str, ask: Callable[[], Told]
    ) -> None:
        told = settled(ask)
        is_refusal = told.is_settled and 400 <= told.status < 500 or told.error == "login_required"
        checks.invariant(
            invariant, not told.is_success, f"{what} works {when}")
        checks.condition("what is over is refused in so many words", is_refusal,
                         f"{what} {when}: {told.status} {told.error}")

    def _alive(self, checks: Checks, when: str, moved: float) -> None:
        """The access token and the session, by where the clock stands."""
        told = settled(lambda: self.desk.userinfo(
            self.stable, self.alive["access_token"], self.lineage(self.stable)))
        if moved > ACCESS_TOKEN_LIVES + TOLERANCE:
            checks.condition("no access token is accepted 60 s after its end",
                             not told.is_success, when)
        elif not self.is_removed:
            checks.condition("no access token is refused 60 s before its end",
                             told.is_success, f"{when}: {told.status} {told.error}")

    def _late(self, checks: Checks, when: str, moved: float) -> None:
        """What is presented too late is refused, and stays so."""
        desk, app, stable = self.desk, self.app, self.stable
        asks: list[tuple[str, float, Callable[[], Told]]] = [
            ("refresh token", REFRESH_TOKEN_LIVES, lambda: desk.refresh(
                stable, self.alive["refresh_token"], self.lineage(stable))),
            ("session", IDLE_SESSION_LIVES, lambda: desk.authorize(
                app, self.browser, self.lineage(app))[0])]
        # A code is spent by being presented, so it is only when its time is over.
        if moved > CODE_LIVES or "code" in self.late:
            asks.append(("code", CODE_LIVES, lambda: desk.redeem(
                app, *self.unspent, self.lineage(app))))
        for name, lives, ask in asks:
            told = settled(ask)
            if moved > lives + TOLERANCE:
                self.late.add(name)
                checks.condition(f"a {name} is refused after its time", not told.is_success, when)
            elif name in self.late:
                checks.condition(
                    f"a {name} that was refused for its age stays refused", not told.is_success,
                    when)
            elif moved <= 0 and name != "code" and not self.is_removed:
                checks.condition(f"a {name} works in its time", told.is_success,
                                 f"{when}: {told.status} {told.error}")
