"""What the measured operations need: a tenant, its apps and people, and what they got so far."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass, field
from urllib.parse import quote

from browser import REDIRECT_URI, App, open_sessions
from installation import Installation, offers

TENANT = "bench"
# As many as there are connections, twice, so that two requests at a time seldom are one person's.
PEOPLE = 64
PASSWORD = "Glockenspiel 4711 mit Paukenschlag"
ACCESS_TOKEN_OPTION = "--access-token-algorithm"
# The API whose access tokens say nothing.
OPAQUE = "https://opaque.example.com"


@dataclass(frozen=True)
class Machine:
    """A client that acts for itself."""

    tenant: str
    client: str
    secret: str

    @property
    def authorization(self) -> str:
        pair = f"{quote(self.client, safe='')}:{quote(self.secret, safe='')}"
        return "Basic " + base64.b64encode(pair.encode()).decode()


@dataclass
class Scene:
    """The tenant that is measured. `codes`, and the rest below it, are used up by operations."""

    installation: Installation
    machine: Machine
    # None if the program cannot sign access tokens with RS256.
    machine_rs256: Machine | None
    app: App
    app_rs256: App
    # Whether the program knows introspection, and what came with it: opaque tokens and pushed
    # requests.
    introspects: bool = False
    people: list[tuple[str, str]] = field(default_factory=list)
    cookies: list[str] = field(default_factory=list)
    # Machines of many tenants, where there are many.
    crowd: list[Machine] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    access_tokens: list[str] = field(default_factory=list)
    refresh_tokens: list[str] = field(default_factory=list)

    @classmethod
    def prepare(cls, installation: Installation) -> Scene:
        """Makes the tenant and its clients, before the server runs."""
        installation.command("tenant", "create", TENANT)
        rs256 = None
        if offers(["client", "create"], ACCESS_TOKEN_OPTION):
            rs256 = machine(installation, "RS256", ACCESS_TOKEN_OPTION, "RS256")
        introspects = offers(["resource", "create"], "--token-format")
        if introspects:
            installation.command(
                "resource", "create", "--tenant", TENANT, "--name", "Opaque", "--identifier",
                OPAQUE, "--token-format", "opaque")
        return cls(
            installation, machine(installation, "ES256"), rs256, register(installation, "ES256"),
            register(installation, "RS256"), introspects)

    def people_arrive(self) -> None:
        """Makes the users, and signs them in at the running server."""
        for number in range(PEOPLE):
            name = f"person{number}@example.com"
            self.installation.command(
                "user", "create", "--tenant", TENANT, "--email", name, "--name",
                f"Person {number}", "--verified", "--password-stdin", stdin=PASSWORD + "\n")
            self.people.append((name, PASSWORD))
        self.cookies = asyncio.run(open_sessions(self.app, self.people))


def machine(installation: Installation, algorithm: str, *options: str) -> Machine:
    made = installation.command(
        "client", "create", "--tenant", TENANT, "--name", f"Machine {algorithm}", "--type",
        "machine", "--scope", "api:read", *options)
    return Machine(TENANT, made["client_id"], made["client_secret"])


def register(installation: Installation, algorithm: str) -> App:
    """A public client, whose refresh tokens are rotated."""
    made = installation.command(
        "client", "create", "--tenant", TENANT, "--name", f"App {algorithm}", "--type", "native",
        "--redirect-uri", REDIRECT_URI, "--id-token-algorithm", algorithm)
    return App(installation.port, TENANT, made["client_id"])
