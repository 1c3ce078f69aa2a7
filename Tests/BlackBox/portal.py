"""The portal as a person uses it, and the pages that there are by the contract."""

from __future__ import annotations

import base64
import hmac
import json
import re
import subprocess
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote

from browser import Browser, Form, Page
from harness import BINARY, Instance, Tenant
from isolation import Holdings

ROLES = ["viewer", "support", "admin", "owner"]


@dataclass(frozen=True)
class Screen:
    """A page of the portal, and the operation that is behind it."""

    operation: str
    path: str
    role: str
    concerns_installation: bool
    is_form: bool

    @property
    def concerns_tenant(self) -> bool:
        return "{tenant}" in self.path

    @property
    def names(self) -> list[str]:
        return re.findall(r"\{([a-z]+)\}", self.path)

    def at(self, values: dict[str, str]) -> str:
        return re.sub(
            r"\{([a-z]+)\}", lambda found: quote(values.get(found[1], "nobody"), safe=""),
            self.path)


@cache
def screens() -> list[Screen]:
    """Every page that the contract makes."""
    described = subprocess.run(
        [BINARY, "admin", "describe"], capture_output=True, text=True, check=True)
    found = []
    for methods in json.loads(described.stdout)["paths"].values():
        for method, said in methods.items():
            if not said["x-portal"].startswith("/admin"):
                continue
            role = re.match(r"Needs the role (\w+)", said["description"])
            assert role
            found.append(Screen(
                said["operationId"], said["x-portal"], role[1],
                "whole installation" in said["description"], method != "get"))
    return found


def may(role: str, screen: Screen) -> bool:
    return ROLES.index(role) >= ROLES.index(screen.role)


class Portal:
    """Somebody's browser in the portal."""

    def __init__(self, instance: Instance, link: str) -> None:
        self.instance = instance
        self.browser = Browser(instance)
        page = self.browser.get(link, site="cross-site")
        answer = self.browser.submit(page, page.form("secret"))
        assert answer.status == 303, answer.words

    @classmethod
    def owner(cls, instance: Instance) -> Portal:
        """Whoever has the machine's shell."""
        return cls(instance, instance.cli("admin", "link")["url"])

    @classmethod
    def person(cls, instance: Instance, role: str, tenant: Tenant | None = None) -> Portal:
        """A person whom an owner let in, for all of the installation or one tenant."""
        where = tenant.slug if tenant else "all"
        made = instance.cli(
            "admin", "person", "set", "--email", f"{role}-{where}@example.com", "--role", role,
            *(["--within", tenant.slug] if tenant else []))
        portal = cls(instance, made["url"])
        portal.id = made["id"]
        return portal

    id = ""

    def get(self, path: str) -> Page:
        return self.browser.get(f"{self.instance.url}{path}", site="same-origin")

    def send(self, path: str, **fields: str) -> Page:
        """Fills in the form of a page, and sends it."""
        page = self.get(path)
        assert page.status == 200, page.words
        form = page.form("csrf")
        return self.browser.submit(page, Form(form.action, form.method, form.fields | fields))

    @property
    def token(self) -> str:
        """What a form of the portal in this browser carries, made as whoever has the cookie can."""
        secret = self.browser.cookie("session") or ""
        key = base64.urlsafe_b64decode(secret.partition("_")[2] + "=")
        code = hmac.digest(key, b"admin/portal", "sha256")
        return base64.urlsafe_b64encode(code).decode().rstrip("=")


def values(world: Holdings, screen: Screen) -> dict[str, str]:
    """What stands in the place of each name in a path."""
    ids = world.ids
    found = {
        "tenant": world.tenant.slug, "user": ids["user"], "client": ids["client"],
        "organization": ids["organization"], "role": ids["role"], "group": ids["group"],
        "secret": ids["secret"], "resource": ids["resource"], "policy": ids["policy"],
        "issuer": ids["issuer"], "session": ids["session"], "consent": ids["consent"],
        "request": ids["request"], "incident": ids["incident"], "host": ids["host"],
        "invitation": ids["invitation"], "token": ids["initial access token"],
        "limit": "password-name", "key": ids["key"], "person": "usr_nobody",
    }
    if "/api-keys/" in screen.path:
        found["key"] = ids["API key"]
    if "administrator-keys" in screen.path:
        found["key"] = ids["administrator key"]
    return found
