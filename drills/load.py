"""The mixed load: people with browsers and apps, and operators with commands.

Each agent has what it holds to itself, so an honest client is all that ever presents a credential.
What is lost is asked for again, at once and at another node where there is one.
"""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass
from typing import Any

from desk import Account, App, Browser, Desk, Told
from ledger import Ledger
from nodes import Installation
from population import Tenant

# How often each step is taken, of a hundred.
MIX = {
    "refresh": 46, "code_flow": 20, "userinfo": 10, "client_credentials": 8, "revoke": 6,
    "present_spent": 4, "sign_in": 3, "revoke_access_token": 2, "sign_out": 1,
}
HOLDS_AT_MOST = 6
ASKS_FOR = 30.0


@dataclass
class Holding:
    """One grant as an app holds it."""

    app: App
    lineage: dict[str, Any]
    code: str
    verifier: str
    access_token: str
    refresh_token: str
    id_token: str
    session: str
    since: float
    # The refresh token before this one.
    spent: str = ""


class Agent(threading.Thread):
    """Takes steps until told to stop. `flows` counts the ones that came to an end."""

    def __init__(
        self, installation: Installation, ledger: Ledger, stop: threading.Event, seed: int,
        pause: float,
    ) -> None:
        super().__init__(daemon=True)
        self.desk = Desk(installation, ledger, seed)
        self.random = random.Random(seed)
        self.has_others = len(installation.nodes) > 1
        self.over = stop
        self.pause = pause
        self.flows = 0
        # Flows that another node did not answer either, when asked at once.
        self.failed_after_retry = 0
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            while not self.over.is_set():
                # What did not come to an end is no flow.
                self.flows += self.step() is not False
                if self.has_others and self.random.random() < 0.3:
                    self.desk.move()
                self.over.wait(self.random.uniform(0, 2 * self.pause))
        except BaseException as error:  # noqa: BLE001  (raised by raise_error)
            self.error = error

    def step(self) -> bool | None:
        """One flow; False if it came to no end."""
        raise NotImplementedError

    def until_settled(self, ask: Any) -> Told:
        """Asks, once more at another node, and then on for a while."""
        deadline = time.monotonic() + ASKS_FOR
        told: Told = ask()
        attempts = 1
        while not told.is_settled and time.monotonic() < deadline and not self.over.is_set():
            self.desk.move()
            if attempts == 2:
                self.failed_after_retry += 1
            if attempts > 1 or not self.has_others:
                self.over.wait(min(0.03 * attempts, 0.3))
            told = ask()
            attempts += 1
        return told


class Person(Agent):
    """A user with a browser, and the apps they use."""

    def __init__(self, tenant: Tenant, account: Account, *rest: Any) -> None:
        super().__init__(*rest)
        self.tenant = tenant
        self.account = account
        self.browser = Browser()
        self.holdings: list[Holding] = []
        self.names, self.weights = list(MIX), list(MIX.values())

    def step(self) -> bool | None:
        if not self.browser.session:
            return self.sign_in()
        if not self.holdings:
            return self.code_flow()
        return getattr(self, self.random.choices(self.names, self.weights)[0])()

    def lineage(self, app: App) -> dict[str, Any]:
        return {
            "issuer": app.issuer, "client": app.id, "user": self.account.id,
            "rotates": app.rotates, "online": "offline_access" not in app.scope}

    def sign_in(self) -> bool:
        """Signs in with the password, in a new browser; the old one stays signed in."""
        app, browser = self.tenant.native, Browser()
        told, verifier = self.desk.sign_in(app, browser, self.account, self.lineage(app))
        if told.is_success:
            self.browser = browser
            self.redeem(app, told, verifier)
        elif not told.is_settled:
            self.desk.move()
            self.over.wait(0.2)
        return told.is_settled

    def code_flow(self) -> bool:
        app = self.random.choice([self.tenant.native, self.tenant.web])
        verifier = ""

        def ask() -> Told:
            nonlocal verifier
            told, verifier = self.desk.authorize(app, self.browser, self.lineage(app))
            return told

        told = self.until_settled(ask)
        if told.is_success:
            self.redeem(app, told, verifier)
        elif told.is_settled:
            self.browser = Browser()
        return told.is_settled

    def redeem(self, app: App, told: Told, verifier: str) -> None:
        code, lineage = told.issued["code"], self.lineage(app)
        told = self.until_settled(lambda: self.desk.redeem(app, code, verifier, lineage))
        if not told.is_success:
            return
        self.holdings.append(Holding(
            app, lineage, code, verifier, told.issued["access_token"],
            told.issued["refresh_token"], told.issued["id_token"],
            self.browser.session, time.monotonic()))
        if len(self.holdings) > HOLDS_AT_MOST:
            self.holdings.pop(0)

    def refresh(self) -> None:
        held = self.random.choice(self.holdings)
        told = self.until_settled(
            lambda: self.desk.refresh(held.app, held.refresh_token, held.lineage))
        if not told.is_success:
            if told.is_settled:
                self.holdings.remove(held)
            return
        if held.app.rotates:
            held.spent, held.refresh_token = held.refresh_token, told.issued["refresh_token"]
        held.access_token = told.issued["access_token"]
        held.id_token = told.issued["id_token"]

    def userinfo(self) -> None:
        held = self.random.choice(self.holdings)
        self.until_settled(
            lambda: self.desk.userinfo(held.app, held.access_token, held.lineage))

    def client_credentials(self) -> None:
        self.until_settled(lambda: self.desk.client_credentials(self.tenant.machine))

    def revoke(self) -> None:
        """Revokes a grant, and looks whether it is over, here and elsewhere."""
        held = self.holdings.pop(self.random.randrange(len(self.holdings)))
        told = self.until_settled(lambda: self.desk.revoke(held.app, held.refresh_token))
        if told.is_success:
            self.until_settled(
                lambda: self.desk.refresh(held.app, held.refresh_token, held.lineage))
            self.until_settled(
                lambda: self.desk.userinfo(held.app, held.access_token, held.lineage))

    def revoke_access_token(self) -> None:
        held = self.random.choice(self.holdings)
        told = self.until_settled(lambda: self.desk.revoke(held.app, held.access_token))
        if told.is_success:
            self.until_settled(
                lambda: self.desk.userinfo(held.app, held.access_token, held.lineage))
        # It goes alone: the grant lives on.
        self.until_settled(lambda: self.desk.refresh(held.app, held.refresh_token, held.lineage))
        self.holdings.remove(held)

    def present_spent(self) -> None:
        """Presents what was spent: the code, or the refresh token before the last one."""
        held = self.random.choice(self.holdings)
        if held.spent and self.random.random() < 0.5:
            # Its successor is used first, so that this is no retry.
            told = self.until_settled(
                lambda: self.desk.refresh(held.app, held.refresh_token, held.lineage))
            if not told.is_success:
                return
            self.until_settled(lambda: self.desk.refresh(held.app, held.spent, held.lineage))
        elif time.monotonic() < held.since + 40:
            self.until_settled(
                lambda: self.desk.redeem(held.app, held.code, held.verifier, held.lineage))
        else:
            return
        self.holdings.remove(held)
        self.until_settled(lambda: self.desk.userinfo(held.app, held.access_token, held.lineage))

    def sign_out(self) -> None:
        # The hint has to be of this very session; otherwise a page asks first.
        fitting = [h for h in self.holdings if h.session == self.browser.session]
        if not fitting:
            return
        held = self.random.choice(fitting)
        browser, self.browser = self.browser, Browser()
        told = self.until_settled(
            lambda: self.desk.sign_out(held.app, browser, held.id_token))
        if told.is_success:
            self.until_settled(
                lambda: self.desk.authorize(held.app, browser, held.lineage)[0])
        # What was granted in the session without offline access is over; the judge knows.
        self.holdings = [h for h in self.holdings if h.app.rotates]


class Operator(Agent):
    """Disables and enables people, and changes the secrets of a machine client."""

    def __init__(self, tenant: Tenant, *rest: Any) -> None:
        super().__init__(*rest)
        self.tenant = tenant
        self.secrets: list[tuple[str, App]] = []

    def step(self) -> bool | None:
        if self.tenant.victims and self.random.random() < 0.4:
            return self.disable_and_enable(self.random.choice(self.tenant.victims))
        if len(self.secrets) < 3:
            return self.add_secret()
        self.remove_secret()
        return True

    def disable_and_enable(self, account: Account) -> bool:
        app, browser = self.tenant.native, Browser()
        lineage = {"issuer": app.issuer, "client": app.id, "user": account.id, "rotates": True}
        told, verifier = self.desk.sign_in(app, browser, account, lineage)
        if not told.is_success:
            return False
        code = told.issued["code"]
        told = self.until_settled(lambda: self.desk.redeem(app, code, verifier, lineage))
        if not told.is_success:
            return False
        held = told.issued

        def look() -> None:
            self.until_settled(lambda: self.desk.userinfo(app, held["access_token"], lineage))
            self.until_settled(lambda: self.desk.refresh(app, held["refresh_token"], lineage))
            self.until_settled(lambda: self.desk.authorize(app, browser, lineage)[0])

        self.change("disable_user", account, "--disable")
        look()
        self.change("enable_user", account, "--enable")
        # Enabling brings nothing back.
        look()
        return True

    def change(self, op: str, account: Account, flag: str) -> None:
        self.until_settled(lambda: self.desk.command(
            op, account.id, {"issuer": self.tenant.issuer}, "user", "update", account.id,
            "--tenant", self.tenant.slug, flag))

    def add_secret(self) -> bool:
        app = self.tenant.changing
        told = self.desk.command(
            "add_secret", "", {"issuer": app.issuer, "client": app.id}, "client", "secret", "add",
            app.id, "--tenant", self.tenant.slug)
        if told.is_success:
            value = told.issued["secret"]
            self.secrets.append((
                told.issued["id"], App(app.id, value, app.kind, app.issuer)))
            self.use_secrets()
        return told.is_settled

    def remove_secret(self) -> None:
        number, app = self.secrets.pop(0)
        self.until_settled(lambda: self.desk.command(
            "remove_secret", number, {}, "client", "secret", "remove", app.id, number,
            "--tenant", self.tenant.slug))
        self.until_settled(lambda: self.desk.client_credentials(app))
        self.use_secrets()

    def use_secrets(self) -> None:
        for _, app in self.secrets:
            self.until_settled(lambda app=app: self.desk.client_credentials(app))


class Load:
    """All the agents of a drill."""

    def __init__(
        self, installation: Installation, ledger: Ledger, tenants: list[Tenant], *,
        pause: float = 0.05, seed: int = 1,
    ) -> None:
        self.stop_event = threading.Event()
        self.agents: list[Agent] = []
        for tenant in tenants:
            for account in tenant.people:
                seed += 1
                self.agents.append(Person(
                    tenant, account, installation, ledger, self.stop_event, seed, pause))
            seed += 1
            self.agents.append(
                Operator(tenant, installation, ledger, self.stop_event, seed, 0.5))

    def start(self) -> None:
        for agent in self.agents:
            agent.start()

    def stop(self) -> None:
        self.stop_event.set()
        for agent in self.agents:
            agent.join(timeout=60)
        self.raise_error()

    def raise_error(self) -> None:
        """A drill must not go on without its load."""
        for agent in self.agents:
            if agent.error is not None:
                raise agent.error

    @property
    def flows(self) -> int:
        return sum(agent.flows for agent in self.agents)

    @property
    def failed_after_retry(self) -> int:
        return sum(agent.failed_after_retry for agent in self.agents)
