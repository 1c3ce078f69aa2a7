"""The command as scripts and people use it: what it prints, what it refuses, and that what it
changes has an effect on a running server at once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from browser import Browser
from command import answer, gatehouse, on_terminal, refused
from harness import Instance
from protocol import PKCE, authorization_url, authorize, header, redeem, refresh, sign_in, token
from protocol import tokens, userinfo
from trial import eventually

PASSWORD = "teapot gravel unicorn 41"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def acme(data: Path) -> tuple[str, ...]:
    """The options that name a new tenant."""
    answer("tenant", "create", "acme", "--data", data)
    return ("--tenant", "acme", "--data", str(data))


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """The options that name a tenant for tests in which nothing changes."""
    data = tmp_path_factory.mktemp("settled")
    answer("tenant", "create", "acme", "--data", data)
    return ("--tenant", "acme", "--data", str(data))


@pytest.fixture
def running() -> Iterator[Instance]:
    with Instance("sqlite") as instance:
        yield instance


def commands() -> list[tuple[str, list[dict[str, Any]]]]:
    """Every command that does something, with its arguments, as the program tells it."""
    ended = gatehouse("--experimental-dump-help")
    found: list[tuple[str, list[dict[str, Any]]]] = []

    def walk(command: dict[str, Any], path: list[str]) -> None:
        if not command.get("subcommands"):
            found.append((" ".join(path), command.get("arguments", [])))
        for child in command.get("subcommands", []):
            walk(child, [*path, child["commandName"]])

    walk(json.loads(ended.stdout)["command"], [])
    return [(path, arguments) for path, arguments in found if path != "help"]


# What a script gets


def test_tenants(data: Path) -> None:
    here = ("--data", data, "--json")
    made = answer(
        "tenant", "create", "acme", "--name", "Acme Works", *here, "--base-url",
        "https://id.example.com")
    assert made.pop("id").startswith("ten_") and MOMENT.fullmatch(made.pop("created_at"))
    assert made == {
        "slug": "acme", "name": "Acme Works", "issuer": "https://id.example.com/t/acme",
        "discovery": "https://id.example.com/t/acme/.well-known/openid-configuration",
        "allowed_origins": [], "registration": "closed", "explain_errors": False,
        "disabled_at": None}
    changed = answer(
        "tenant", "update", "acme", "--registration", "open", "--disable", "--name", "A", *here)
    assert changed["registration"] == "open" and changed["name"] == "A"
    assert MOMENT.fullmatch(changed["disabled_at"])
    assert answer("tenant", "update", "acme", "--enable", *here)["disabled_at"] is None
    answer("tenant", "create", "beta", *here)
    assert [row["slug"] for row in answer("tenant", "list", *here)] == ["acme", "beta"]
    assert answer("tenant", "delete", "acme", *here) == {"deleted": "acme"}
    refused(gatehouse("tenant", "show", "acme", "--data", data), 3, "acme")


def test_users(acme: tuple[str, ...]) -> None:
    made = answer(
        "user", "create", *acme, "--email", "Kay@Example.com", "--name", "Kay Keller",
        "--username", "kay", "--password-stdin", "--verified", stdin=PASSWORD + "\n")
    assert made["id"].startswith("usr_") and MOMENT.fullmatch(made["created_at"])
    assert {k: v for k, v in made.items() if k not in ("id", "created_at")} == {
        "email": "Kay@Example.com", "email_verified": True, "username": "kay",
        "name": "Kay Keller", "has_password": True, "disabled_at": None}
    for name in (made["id"], "kay@example.com", "KAY"):
        assert answer("user", "show", name, *acme) == made
    changed = answer("user", "update", "kay", *acme, "--email", "k@example.com", "--disable")
    assert changed["email_verified"] is False and MOMENT.fullmatch(changed["disabled_at"])
    other = answer("user", "create", *acme, "--username", "sam")
    assert other["has_password"] is False and other["email"] is None
    assert [row["id"] for row in answer("user", "list", *acme)] == [made["id"], other["id"]]
    assert answer("user", "list", *acme, "--limit", "1") == [changed]
    assert answer("user", "list", *acme, "--after", made["id"]) == [other]
    assert answer("user", "delete", "kay", *acme) == {"deleted": made["id"]}
    refused(gatehouse("user", "show", made["id"], *acme), 3, made["id"])


def test_clients(acme: tuple[str, ...]) -> None:
    made = answer(
        "client", "create", *acme, "--name", "My app", "--type", "web",
        "--redirect-uri", "https://rp.test/a", "--redirect-uri", "http://127.0.0.1/b",
        "--post-logout-redirect-uri", "https://rp.test/", "--scope", "openid", "--scope", "email",
        "--access-token-lifetime", "60", "--pkce", "optional", "--audience", "https://api.test")
    assert len(made.pop("client_secret")) > 43
    assert made["client_id"].startswith("client_") and made["type"] == "web"
    assert made["redirect_uris"] == ["https://rp.test/a", "http://127.0.0.1/b"]
    assert made["post_logout_redirect_uris"] == ["https://rp.test/"]
    assert made["scope"] == "openid email" and made["access_token_lifetime"] == 60
    assert made["pkce"] == "optional" and made["audience"] == "https://api.test"
    shown = answer("client", "show", made["client_id"], *acme)
    (secret,) = shown.pop("secrets")
    assert shown == made and set(secret) == {"id", "created_at", "last_used_at"}
    changed = answer(
        "client", "update", made["client_id"], *acme, "--redirect-uri", "https://rp.test/c",
        "--name", "Renamed", "--pkce", "required")
    assert changed["redirect_uris"] == ["https://rp.test/c"] and changed["name"] == "Renamed"
    for kind in ("spa", "native"):
        public = answer(
            "client", "create", *acme, "--name", kind, "--type", kind, "--redirect-uri",
            "https://rp.test/")
        assert "client_secret" not in public
        refused(gatehouse("client", "secret", "add", public["client_id"], *acme), 2)
    machine = answer("client", "create", *acme, "--name", "m", "--type", "machine")
    assert machine["client_secret"] and machine["grant_types"] == ["client_credentials"]
    listed = answer("client", "list", *acme)
    assert len(listed) == 4 and not any("client_secret" in row for row in listed)
    answer("client", "delete", made["client_id"], *acme)
    refused(gatehouse("client", "show", made["client_id"], *acme), 3)


def test_keys(acme: tuple[str, ...]) -> None:
    def states(algorithm: str) -> list[tuple[str, str]]:
        keys = answer("key", "list", *acme)
        return [(k["kid"], k["state"]) for k in keys if k["algorithm"] == algorithm]

    ((old, state),) = states("RS256")
    assert state == "active"
    following = answer("key", "rotate", *acme, "--algorithm", "RS256")
    assert following["state"] == "next" and MOMENT.fullmatch(following["activates_at"])
    assert dict(states("RS256")) == {old: "active", following["kid"]: "next"}
    ((es, _),) = states("ES256")
    at_once = answer("key", "rotate", *acme, "--algorithm", "ES256", "--now")
    assert dict(states("ES256")) == {es: "retiring", at_once["kid"]: "active"}
    assert answer("key", "create", *acme, "--algorithm", "EdDSA")["state"] == "active"
    # A kid may begin with a hyphen, as one in 64 does.
    assert answer("key", "delete", *acme, "--", es) == {"deleted": es}
    assert dict(states("ES256")) == {at_once["kid"]: "active"}
    refused(gatehouse("key", "delete", *acme, "--", es), 3, es)


def test_an_admin_link(acme: tuple[str, ...], data: Path) -> None:
    made = answer("admin", "link", "--data", data)
    assert made["expires_in"] == 900
    assert re.fullmatch(r"http://127\.0\.0\.1:8080/admin/link\?secret=adm_[\w-]{43}", made["url"])


def test_settings_are_printed_without_secrets(tmp_path: Path) -> None:
    key = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTMyYmI="
    ended = gatehouse(
        "config", "print", "--data", tmp_path, "--database", "postgres://u:p%40ss@h:1/d?a=b@c",
        environment={"GATEHOUSE_INSTANCE_KEY": key})
    assert ended.returncode == 0, ended.stderr
    rows = {row["setting"]: (row["value"], row["from"]) for row in json.loads(ended.stdout)}
    assert rows["data"] == (str(tmp_path), "--data")
    assert rows["instance-key"][1] == "GATEHOUSE_INSTANCE_KEY"
    for secret in (key, "p%40ss", "c2Vj"):
        assert secret not in ended.stdout
    assert gatehouse("config", "check", "--data", tmp_path).returncode == 0


# What a person gets


def test_a_terminal_gets_a_table(acme: tuple[str, ...], data: Path) -> None:
    table = on_terminal("tenant", "list", "--data", data)
    head, row = table.splitlines()
    assert head.split()[:3] == ["ID", "SLUG", "NAME"] and row.split()[1:3] == ["acme", "acme"]
    assert row.index("acme") == head.index("SLUG")
    shown = on_terminal("tenant", "show", "acme", "--data", data)
    assert re.search(r"^registration +closed$", shown, re.M)
    assert json.loads(on_terminal("tenant", "show", "acme", "--data", data, "--json"))
    assert on_terminal("user", "list", *acme).strip() == "(none)"
    assert on_terminal("tenant", "show", "beta", "--data", data).startswith("gatehouse: ")


@pytest.mark.parametrize(
    ("path", "arguments"), [pytest.param(*command, id=command[0]) for command in commands()])
def test_help_tells_every_option(path: str, arguments: list[dict[str, Any]]) -> None:
    ended = gatehouse(*path.split(), "--help")
    assert ended.returncode == 0 and not ended.stderr
    told = " ".join(ended.stdout.split())
    assert f"USAGE: gatehouse {path}" in told
    for argument in arguments:
        words = argument.get("abstract", "")
        assert words.endswith("."), f"{path}: {argument['valueName']} has no description"
        assert words in told
        for name in argument.get("names", []):
            assert ("--" if name["kind"] == "long" else "-") + name["name"] in told


def test_no_secret_can_be_an_argument(settled: tuple[str, ...]) -> None:
    for path, arguments in commands():
        for argument in arguments:
            if argument["kind"] == "option":
                names = {name["name"] for name in argument["names"]}
                secrets = [n for n in names if re.search("password$|secret|key$", n)]
                # The key of exports is the public one; that of TLS is a file.
                known = ["key"] if path == "audit verify" else ["tls-key"]
                assert secrets in ([], known), f"{path} takes a secret: {secrets}"
    for attempt in (("--password", PASSWORD), (f"--password={PASSWORD}",)):
        ended = gatehouse("user", "create", *settled, "--username", "kay", *attempt)
        assert ended.returncode == 2 and PASSWORD not in ended.stderr
    assert answer("user", "list", *settled) == []


# What is refused


@pytest.mark.parametrize(
    ("command", "code", "name"),
    [
        ("tenant show beta", 3, "not_found"), ("user list --tenant beta", 3, "not_found"),
        ("client show client_x --tenant acme", 3, "not_found"),
        ("client secret remove client_x sec_x --tenant acme", 3, "not_found"),
        ("user update nobody --tenant acme --disable", 3, "not_found"),
        ("tenant create acme", 4, "conflict"), ("tenant create Upper", 2, "wrong_use"),
        ("tenant create -- --x", 2, "wrong_use"), ("tenant create", 2, "wrong_use"),
        ("user create --tenant acme", 2, "wrong_use"),
        ("user create --tenant acme --email nonsense", 2, "wrong_use"),
        ("user create --tenant acme --username kay --password-stdin", 2, "wrong_use"),
        ("user list --tenant acme --limit many", 2, "wrong_use"),
        ("user list --tenant acme --limit 0", 2, "wrong_use"),
        ("user list --tenant acme --after nobody", 2, "wrong_use"),
        ("client create --tenant acme --name x --type cli", 2, "wrong_use"),
        ("client create --tenant acme --name x --type web", 2, "wrong_use"),
        ("client create --tenant acme --name x --type web --redirect-uri http://a.test/", 2,
         "wrong_use"),
        ("client create --tenant acme --name x --type spa --redirect-uri https://a.test/ "
         "--pkce optional", 2, "wrong_use"),
        ("key rotate --tenant acme --algorithm none", 2, "wrong_use"),
    ])
def test_a_refusal_is_one_sentence_or_one_object(
    settled: tuple[str, ...], command: str, code: int, name: str
) -> None:
    # Before the words, for what follows “--” is no option.
    words = command.split()
    end = words.index("--") if "--" in words else len(words)
    words[end:end] = settled[2:]
    sentence = refused(gatehouse(*words), code)
    ended = gatehouse(*words[:end], "--json", *words[end:])
    assert ended.returncode == code and not ended.stdout
    message = sentence.removeprefix("gatehouse: ")
    assert json.loads(ended.stderr) == {"error": {"code": name, "message": message}}


def test_an_unknown_command() -> None:
    refused(gatehouse("nonsense"), 2, "nonsense", "--help")
    refused(gatehouse("tenant", "nonsense"), 2, "nonsense", "--help")


@pytest.mark.parametrize("password", ["short", "password1", "kay.keller", "x" * 257])
def test_a_weak_password_is_refused_with_a_reason(
    settled: tuple[str, ...], password: str
) -> None:
    ended = gatehouse(
        "user", "create", *settled, "--email", "kay.keller@example.com", "--password-stdin",
        stdin=password + "\n")
    assert password not in refused(ended, 2, "password")
    assert answer("user", "list", *settled) == []


def test_a_name_that_is_taken(acme: tuple[str, ...]) -> None:
    answer("user", "create", *acme, "--email", "kay@example.com", "--username", "kay")
    answer("user", "create", *acme, "--username", "sam")
    create = ("user", "create", *acme)
    refused(gatehouse(*create, "--email", "KAY@example.COM"), 4)
    refused(gatehouse(*create, "--username", "Kay"), 4)
    refused(gatehouse("user", "update", "sam", *acme, "--username", "kay"), 4)
    assert [row["username"] for row in answer("user", "list", *acme)] == ["kay", "sam"]


# What it does to a running server


def test_a_secret_is_replaced_without_a_gap(running: Instance) -> None:
    tenant = running.create_tenant()
    client = tenant.create_client("machine")

    def asks(secret: str) -> httpx.Response:
        return token(
            client, method="client_secret_post", grant_type="client_credentials",
            client_secret=secret)

    added = tenant.cli("client", "secret", "add", client.id)
    assert asks(client.secret).status_code == asks(added["client_secret"]).status_code == 200

    def secrets() -> dict[str, str | None]:
        shown = tenant.cli("client", "show", client.id)["secrets"]
        return {secret["id"]: secret["last_used_at"] for secret in shown}

    eventually(lambda: all(secrets().values()), "both have been used", 10)
    (old,) = set(secrets()) - {added["id"]}
    assert tenant.cli("client", "secret", "remove", client.id, old) == {"deleted": old}
    assert asks(client.secret).status_code == 401
    assert asks(added["client_secret"]).status_code == 200


def test_a_new_key_signs_and_the_old_one_still_verifies(running: Instance) -> None:
    tenant = running.create_tenant()
    client, user = tenant.create_client("web"), tenant.create_user()
    before = tokens(client, user)
    old = header(before["access_token"])["kid"]
    new = tenant.cli("key", "rotate", "--algorithm", "ES256", "--now")["kid"]
    assert header(tokens(client, user)["access_token"])["kid"] == new
    published = {k["kid"] for k in running.http.get(tenant.endpoint("jwks_uri")).json()["keys"]}
    assert {old, new} <= published
    assert userinfo(tenant, before["access_token"]).status_code == 200
    where = ("--tenant", tenant.slug, "--data", running.data)
    answer("key", "delete", *where, "--", old)
    assert userinfo(tenant, before["access_token"]).status_code == 401


@pytest.mark.parametrize("change", [["update", "--disable"], ["delete"]], ids=lambda c: c[0])
@pytest.mark.parametrize("noun", ["tenant", "user", "client"])
def test_disabling_and_deleting_count_at_once(
    running: Instance, noun: str, change: list[str]
) -> None:
    tenant = running.create_tenant()
    client, user = tenant.create_client("web"), tenant.create_user()
    browser = Browser(running)
    held = tokens(client, user, browser, scope="openid offline_access")
    code = authorize(browser, client, None, pkce := PKCE.new()).code
    verb, *flags = change
    if noun == "tenant":
        running.cli("tenant", verb, tenant.slug, *flags)
    else:
        tenant.cli(noun, verb, user.id if noun == "user" else client.id, *flags)
    for answered in (
        refresh(client, held["refresh_token"]), redeem(client, code, pkce),
        userinfo(tenant, held["access_token"]),
    ):
        assert 400 <= answered.status_code < 500, answered.text
    page = browser.follow(browser.get(authorization_url(client, PKCE.new())))
    assert page.location is None, "the session still counts"
    if noun == "user":
        assert sign_in(browser, page, user).status == 401
    if verb == "update":
        where = running if noun == "tenant" else tenant
        name = {"tenant": tenant.slug, "user": user.id, "client": client.id}[noun]
        where.cli(noun, "update", name, "--enable")
        assert tokens(client, user)["access_token"]


def test_a_new_password_counts_at_once(running: Instance) -> None:
    tenant = running.create_tenant()
    client, user = tenant.create_client("web"), tenant.create_user()
    browser = Browser(running)
    tokens(client, user, browser)
    tenant.cli("user", "update", user.id, "--password-stdin", stdin=PASSWORD + "\n")
    page = browser.follow(browser.get(authorization_url(client, PKCE.new())))
    assert sign_in(browser, page, user).status == 401
    form = page.form("identifier", "password")
    done = browser.submit(page, form, identifier=user.name, password=PASSWORD)
    assert done.location.startswith(client.redirect_uri)
