"""Two tenants with their apps and people, made by commands before a drill begins."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from desk import REDIRECT_URI, Account, App
from nodes import Installation


@dataclass
class Tenant:
    slug: str
    issuer: str
    native: App
    web: App
    machine: App
    # A machine client whose secrets come and go.
    changing: App
    people: list[Account] = field(default_factory=list)
    # People whose accounts are disabled and enabled again.
    victims: list[Account] = field(default_factory=list)


def populate(installation: Installation, *, people: int, victims: int = 1) -> list[Tenant]:
    """Two tenants, so that something could cross over; so many people in all, half in each."""
    tenants = [make_tenant(installation, f"drill-{name}") for name in ("a", "b")]
    jobs = [(tenants[number % 2], False) for number in range(people)]
    jobs += [(tenant, True) for tenant in tenants for _ in range(victims)]
    with ThreadPoolExecutor(4) as pool:
        accounts = list(pool.map(lambda job: make_account(installation, job[0]), jobs))
    for (tenant, is_victim), account in zip(jobs, accounts, strict=True):
        (tenant.victims if is_victim else tenant.people).append(account)
    return tenants


def make_tenant(installation: Installation, slug: str) -> Tenant:
    issuer = installation.cli("tenant", "create", slug)["issuer"]

    def app(kind: str, *arguments: str, scope: str = "openid offline_access") -> App:
        made = installation.cli(
            "client", "create", "--tenant", slug, "--name", f"Drill {kind}", "--type", kind,
            *arguments)
        return App(made["client_id"], made.get("client_secret"), kind, issuer, scope)

    redirect = ("--redirect-uri", REDIRECT_URI)
    return Tenant(
        slug, issuer, app("native", *redirect),
        # Its grants are online: they end with the session.
        app("web", *redirect, "--refresh-tokens", "always", scope="openid"),
        app("machine"), app("machine"))


def make_account(installation: Installation, tenant: Tenant) -> Account:
    email = f"u{secrets.token_hex(5)}@example.com"
    password = f"Glockenspiel {secrets.token_urlsafe(12)}"
    made = installation.cli(
        "user", "create", "--tenant", tenant.slug, "--email", email, "--verified",
        "--password-stdin", stdin=password + "\n")
    return Account(made["id"], email, password)
