"""Copies of an installation: one that was resumed twice, and one in the hands of a thief. Attack
cases GH-476 and GH-499."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

from browser import Browser
from command import gatehouse, refused
from database import PostgresDatabase, cluster_url, psql
from harness import Client, Instance, Tenant, User
from protocol import PKCE, authorize, claims, tokens

OFFLINE = "openid offline_access"


def copy_of(original: Instance) -> Instance:
    """The same installation once more, on another port. The original must be stopped."""
    copy = Instance("sqlite", ["--base-url", original.url])
    shutil.rmtree(copy.data)
    shutil.copytree(
        original.data, copy.data, ignore=shutil.ignore_patterns("*.sock", "*.lock"))
    if isinstance(original.database, PostgresDatabase):
        name = original.database.name + "_copy"
        if original.database.session:
            # A database that somebody uses cannot be copied.
            original.database.session.close()
        psql(cluster_url(), f"CREATE DATABASE {name} TEMPLATE {original.database.name}")
        url = urlunsplit(urlsplit(cluster_url())._replace(path=f"/{name}"))
        copy.kind, copy.database = "postgres", PostgresDatabase(url)
    return copy


def handed_out(instance: Instance, client: Client, user: User) -> Iterator[str]:
    """Everything random that an installation hands out."""
    slug = client.tenant.slug
    here = Tenant(instance, client.tenant.id, slug, f"{instance.url}/t/{slug}")
    app = Client(here, client.id, client.secret, client.kind, client.redirect_uri, client.method)
    # Both tell the same address, which leads to one of them.
    here.metadata.update({
        name: value.replace(client.tenant.instance.url, instance.url)
        for name, value in here.metadata.items() if isinstance(value, str)})
    for _ in range(4):
        browser = Browser(instance)
        given = tokens(app, user, browser, scope=OFFLINE)
        said = claims(given["access_token"]) | claims(given["id_token"])
        yield from (given["refresh_token"], given["access_token"], said["jti"], said["gid"],
                    said["sid"], authorize(browser, app, None, PKCE.new()).code)
        yield from set(browser.cookies.values())
    yield here.cli("client", "secret", "add", app.id)["client_secret"]
    yield here.create_client("web").secret or ""
    yield instance.cli("admin", "link")["url"].partition("secret=")[2]


def test_gh_476_two_copies_of_one_machine_hand_out_nothing_twice(own_instance: Instance) -> None:
    tenant = own_instance.create_tenant()
    client, user = tenant.create_client("web"), tenant.create_user()
    tokens(client, user)
    own_instance.stop()
    with copy_of(own_instance) as copy:
        own_instance.start()
        here = list(handed_out(own_instance, client, user))
        there = list(handed_out(copy, client, user))
        assert len(here) == len(there) == len(set(here)) > 30
        assert not set(here) & set(there)


def test_gh_476_a_restart_repeats_nothing(own_instance: Instance) -> None:
    tenant = own_instance.create_tenant()
    client, user = tenant.create_client("web"), tenant.create_user()
    seen: list[str] = []
    for _ in range(3):
        seen += handed_out(own_instance, client, user)
        own_instance.kill()
        own_instance.start()
    assert len(seen) == len(set(seen))


def stored(instance: Instance) -> bytes:
    """Everything that a thief of the database gets."""
    if isinstance(instance.database, PostgresDatabase):
        tables = [row["tablename"] for row in instance.database.rows(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        return b"".join(
            json.dumps(instance.database.rows(f"SELECT * FROM {table}")).encode()
            for table in tables)
    return b"".join(
        path.read_bytes() for path in instance.data.iterdir()
        if path.is_file() and path.name != "instance.key")


def test_gh_499_a_copy_of_the_database_holds_no_usable_secret(own_instance: Instance) -> None:
    tenant = own_instance.create_tenant()
    client, user, browser = tenant.create_client("web"), tenant.create_user(), Browser(own_instance)
    given = tokens(client, user, browser, scope=OFFLINE)
    code = authorize(browser, client, None, PKCE.new()).code
    link = own_instance.cli("admin", "link")["url"].partition("secret=")[2]
    copy = stored(own_instance)
    secrets = [
        user.password, client.secret or "", given["refresh_token"], given["access_token"],
        given["id_token"], code, link, *browser.cookies.values()]
    assert user.id.encode() in copy, "This is no copy of it."
    for secret in secrets:
        prefix, _, rest = secret.partition("_")
        body = rest if len(prefix) <= 3 else secret
        assert len(body) > 12
        assert secret.encode() not in copy and body.encode() not in copy
        if len(body) == 43:
            raw = base64.urlsafe_b64decode(body + "=")
            assert raw not in copy and raw.hex().encode() not in copy
    # Private keys are sealed: neither a key file nor its members are readable.
    for mark in (b"PRIVATE KEY", b'"d":', b'\\"d\\":', b'"p":', b'"k":'):
        assert mark not in copy
    assert b"$argon2id$" in copy


def test_gh_499_a_copy_without_its_key_does_not_start(own_instance: Instance) -> None:
    own_instance.create_tenant()
    own_instance.stop()
    key, kept = own_instance.data / "instance.key", own_instance.log.with_suffix(".key")
    key.rename(kept)
    try:
        where = ["--database", own_instance.database.url] if own_instance.database.url else []
        refused(gatehouse("serve", "--data", own_instance.data, *where), 7)
    finally:
        kept.rename(key)
    own_instance.start()
