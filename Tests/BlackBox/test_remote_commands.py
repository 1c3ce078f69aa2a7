"""Commands on an installation elsewhere: they ask its admin API, and say the same."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from admin_api import administrator
from harness import BINARY, Instance, Tenant


class Desk:
    """Somebody at another machine, with a home of their own."""

    def __init__(self, home: Path, instance: Instance) -> None:
        self.home, self.instance = home, instance

    def run(
        self, *arguments: str, stdin: str = "", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [BINARY, *arguments, "--json"], input=stdin, capture_output=True, text=True, cwd="/",
            env={"PATH": os.environ["PATH"], "HOME": str(self.home)} | environment, timeout=60)

    def ask(self, *arguments: str, stdin: str = "", **environment: str) -> Any:
        ended = self.run(*arguments, stdin=stdin, **environment)
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout)

    def fails(self, code: int, *arguments: str, stdin: str = "", **environment: str) -> str:
        ended = self.run(*arguments, stdin=stdin, **environment)
        assert ended.returncode == code, f"{ended.returncode}: {ended.stdout}{ended.stderr}"
        return str(json.loads(ended.stderr)["error"]["message"])


@pytest.fixture
def desk(tmp_path: Path, instance: Instance) -> Desk:
    return Desk(tmp_path, instance)


def test_who_logged_in_works_as_at_the_shell(desk: Desk, tenant: Tenant) -> None:
    url = desk.instance.url
    key = administrator(desk.instance, "owner")
    assert desk.ask("login", url, stdin=key.key + "\n")["role"] == "owner"
    kept = desk.home / ".config/gatehouse/logins.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert desk.ask("whoami") == {
        "id": key.id, "name": "Test owner", "role": "owner", "tenant": None}
    here = ("--tenant", tenant.slug)
    user = desk.ask("user", "create", "--email", "kay@example.com", "--name", "Kay", *here)
    assert user == tenant.cli("user", "show", "kay@example.com")
    assert desk.ask("user", "show", "kay@example.com", *here) == user
    client = desk.ask(
        "client", "create", "--name", "Web", "--type", "web", "--redirect-uri",
        "https://a.test/cb", "--organizations", "all", *here)
    desk.instance.keep_secret(client["client_secret"])
    resource = desk.ask(
        "resource", "create", "--identifier", "https://o.test", "--name", "O", "--scope",
        "orders:read=See your orders", "--lifetime", "300", "--client", "all", *here)
    assert resource == tenant.cli("resource", "show", "https://o.test")
    assert desk.ask("resource", "show", "https://o.test", *here) == resource
    desk.ask("organization", "create", "north", "--name", "North", "--metadata", '{"a": [1]}',
             "--owner", "kay@example.com", *here)
    assert desk.ask("organization", "list", *here) == tenant.cli("organization", "list")
    assert desk.ask("organization", "member", "update", "north", "kay@example.com", "--role", "",
                    "--title", "Founder", *here)["title"] == "Founder"
    assert desk.ask("client", "list", *here) == tenant.cli("client", "list")
    assert desk.ask("tenant", "limits", tenant.slug) == desk.instance.cli(
        "tenant", "limits", tenant.slug)
    assert desk.ask("key", "list", *here) == tenant.cli("key", "list")
    assert desk.ask("logout") == {"forgotten": "default"}
    assert "data directory" in desk.fails(2, "user", "list", *here)


def test_what_goes_wrong_is_said_as_at_the_shell(desk: Desk, tenant: Tenant) -> None:
    key = administrator(desk.instance, "owner")
    far = {"GATEHOUSE_AT": desk.instance.url, "GATEHOUSE_ADMINISTRATOR_KEY": key.key}
    here = ("--tenant", tenant.slug)
    assert "no user" in desk.fails(3, "user", "show", "nobody", *here, **far)
    assert "no tenant" in desk.fails(3, "user", "list", "--tenant", "nobody", **far)
    desk.ask("user", "create", "--username", "kay", *here, **far)
    assert "already" in desk.fails(4, "user", "create", "--username", "kay", *here, **far)
    assert "e-mail" in desk.fails(2, "user", "create", "--email", "kay", *here, **far)
    assert "--after" in desk.fails(2, "user", "list", "--after", "usr_1", *here, **far)
    viewer = administrator(desk.instance, "viewer")
    weak = far | {"GATEHOUSE_ADMINISTRATOR_KEY": viewer.key}
    assert "role" in desk.fails(1, "user", "create", "--username", "lee", *here, **weak)
    wrong = far | {"GATEHOUSE_ADMINISTRATOR_KEY": "gak_" + "A" * 43}
    assert "revoked" in desk.fails(1, "whoami", **wrong)
    assert "https" in desk.fails(2, "whoami", "--at", "http://id.example.com", **far)
    assert "https" in desk.fails(2, "login", "http://id.example.com", stdin=key.key + "\n")
    gone = far | {"GATEHOUSE_AT": "http://127.0.0.1:9"}
    assert "does not answer" in desk.fails(6, "whoami", **gone)
    assert "not logged in" in desk.fails(3, "whoami", "--at", "work")
    # A path is what was meant, whatever stands in a name.
    for name in ("..", ".", "a/../../tenants", "%2e%2e", "a?b#c", "ü \u202e"):
        assert desk.fails(3, "user", "show", name, *here, **far)


def test_a_long_list_is_fetched_page_by_page(desk: Desk, tenant: Tenant) -> None:
    key = administrator(desk.instance, "owner", tenant)
    far = {"GATEHOUSE_AT": desk.instance.url, "GATEHOUSE_ADMINISTRATOR_KEY": key.key}
    made = [key.post(f"tenants/{tenant.slug}/users", {"username": f"user-{number}"})["id"]
            for number in range(12)]
    listed = desk.ask("user", "list", "--limit", "7", "--tenant", tenant.slug, **far)
    assert [one["id"] for one in listed] == sorted(made)[:7]


def test_a_login_has_a_name(desk: Desk, tenant: Tenant) -> None:
    key = administrator(desk.instance, "support", tenant)
    desk.ask("login", desk.instance.url, "--name", "acme", stdin=key.key + "\n")
    assert desk.ask("whoami", "--at", "acme")["tenant"] == tenant.slug
    assert desk.ask("whoami", GATEHOUSE_AT="acme")["id"] == key.id
    # A wrong key is not kept.
    assert desk.fails(1, "login", desk.instance.url, "--name", "x", stdin="nothing\n")
    assert "not logged in" in desk.fails(3, "whoami", "--at", "x")
    # Whoever names a data directory means that one.
    assert desk.ask("whoami", "--data", str(desk.instance.data), GATEHOUSE_AT="acme")[
        "id"] == "operator"
