"""What an installation holds, as it was made by its commands: tenants, their users and their clients."""

from __future__ import annotations

import functools
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness import Instance

REDIRECT_URI = "https://rp.test/cb"


@dataclass(frozen=True)
class User:
    id: str
    name: str
    password: str
    email: str | None = None
    username: str | None = None


@dataclass(frozen=True)
class Client:
    """A client as it was registered. `method` is how it authenticates in `protocol.token`."""

    tenant: Tenant
    id: str
    secret: str | None
    kind: str
    redirect_uri: str
    method: str

    def update(self, *arguments: str) -> Any:
        return self.tenant.cli("client", "update", self.id, *arguments)


@dataclass(frozen=True)
class Tenant:
    instance: Instance
    id: str
    slug: str
    issuer: str

    def cli(self, *arguments: str, stdin: str | None = None, key: str | None = None) -> Any:
        return self.instance.cli(
            *with_flags(arguments, "--tenant", self.slug), stdin=stdin, key=key)

    @functools.cached_property
    def metadata(self) -> dict[str, Any]:
        return self.instance.http.get(f"{self.issuer}/.well-known/openid-configuration").json()

    def endpoint(self, name: str) -> str:
        """An address from discovery: `authorization`, `token`, `userinfo`, …"""
        return self.metadata.get(f"{name}_endpoint") or self.metadata[name]

    def create_user(
        self, email: str | None = None, *, username: str | None = None, name: str | None = None,
        password: str | None = None, verified: bool = True,
    ) -> User:
        if email is None and username is None:
            email = f"u{secrets.token_hex(4)}@example.com"
        password = password or f"Glockenspiel {secrets.token_urlsafe(12)}"
        options = [
            *(["--email", email] if email else []),
            *(["--username", username] if username else []),
            *(["--name", name] if name else []), *(["--verified"] if verified else []),
        ]
        made = self.instance.asked(
            "user.create", tenant=self.slug, email=email, username=username, name=name,
            verified=verified, password=password) or self.cli(
            "user", "create", "--password-stdin", *options, stdin=password + "\n")
        return User(made["id"], email or username or "", password, email, username)

    def create_client(
        self, kind: str = "web", *arguments: str, redirect_uris: list[str] | None = None,
        method: str | None = None, name: str = "Test app",
    ) -> Client:
        if redirect_uris is None:
            redirect_uris = [] if kind == "machine" else [REDIRECT_URI]
        options = [part for uri in redirect_uris for part in ("--redirect-uri", uri)]
        plain = None if arguments else self.instance.asked(
            "client.create", tenant=self.slug, name=name, type=kind, redirect_uris=redirect_uris)
        made = plain or self.cli(
            "client", "create", "--name", name, "--type", kind, *options, *arguments)
        secret = made.get("client_secret")
        return Client(
            self, made["client_id"], secret, kind, (redirect_uris or [""])[0],
            method or ("client_secret_basic" if secret else "none"))


def with_flags(arguments: Sequence[str], *flags: str) -> list[str]:
    """Adds flags. What follows `--` is none, whatever it begins with: a key's name may be `-x`."""
    arguments = list(arguments)
    end = arguments.index("--") if "--" in arguments else len(arguments)
    return [*arguments[:end], *flags, *arguments[end:]]
