"""How long pages of the portal take with many users and clients: each beside the same page of a tenant that has
few, in turns. What counts is the time from the request to the whole answer on one connection of this machine.
"""

from __future__ import annotations

import http.client
import re
import statistics
import tempfile
import time
import urllib.parse
from pathlib import Path

from installation import Installation
from postgres import Cluster
from rows import DAY, identifier, now
from scales import database_address, new_data
from store import PostgresStore, SQLiteStore, Store

USERS, CLIENTS = 100_000, 10_000
AIM = 50.0
ROUNDS = 30
PAGES = {
    "overview": "", "applications": "/clients", "an application": "/clients/{client}",
    "connect": "/clients/{client}/integration", "check": "/clients/{client}/check",
    "users": "/users", "users, further on": "/users?after={user}", "a user": "/users/{user}",
    "sessions": "/users/{user}/sessions", "organizations": "/organizations",
    "audit": "/events", "audit of a user": "/events?subject={user}",
    "refused requests": "/refused-requests", "signing keys": "/keys", "consents": "/consents",
    "edit an application": "/clients/{client}/edit",
}


def measure(database: str, cluster: Cluster | None) -> dict[str, tuple[float, float, float]]:
    """The median of each page with many and with few, and the slowest with many, in milliseconds."""
    with tempfile.TemporaryDirectory(prefix="gatehouse-bench-") as name:
        installation = Installation(new_data(Path(name)), database_address(database, cluster))
        named = {slug: prepare(installation, slug) for slug in ("many", "few")}
        store: Store = (
            PostgresStore(installation.database) if installation.database
            else SQLiteStore(installation.data / "gatehouse.db"))
        named["many"]["user"] = fill(store, named["many"]["client"])
        store.finish()
        installation.start()
        try:
            connection = http.client.HTTPConnection("127.0.0.1", installation.port)
            cookie = enter(connection, installation.command("admin", "link")["url"])
            times: dict[tuple[str, str], list[float]] = {}
            for _ in range(ROUNDS + 1):
                for title, path in PAGES.items():
                    for slug, values in named.items():
                        taken = ask(connection, cookie, f"/admin/tenants/{slug}{path}".format(**values))
                        times.setdefault((title, slug), []).append(taken)
        finally:
            installation.stop()
    # The first round warms everything up.
    return {
        title: (
            statistics.median(times[title, "many"][1:]), statistics.median(times[title, "few"][1:]),
            max(times[title, "many"][1:]))
        for title in PAGES}


def prepare(installation: Installation, slug: str) -> dict[str, str]:
    """A tenant with one client and one user."""
    installation.command("tenant", "create", slug)
    client = installation.command(
        "client", "create", "--tenant", slug, "--name", "App", "--type", "web", "--redirect-uri",
        "https://app.example.com/callback")
    user = installation.command("user", "create", "--tenant", slug, "--email", "one@example.com")
    return {"client": client["client_id"], "user": user["id"]}


def fill(store: Store, client: str) -> str:
    """Adds users, clients, and what happened at them; the user in the middle."""
    tenant = store.value("SELECT tenant_id FROM tenant WHERE slug = 'many'")
    moment = now() - 20 * DAY
    users = [identifier("usr", moment + number) for number in range(USERS)]
    store.add("user_account", [
        "tenant_id", "id", "name", "email", "email_key", "created_at", "updated_at"],
        ((tenant, user, f"Person {number}", f"p{number}@example.org", f"p{number}@example.org",
          moment, moment) for number, user in enumerate(users)))
    store.add("active_user", ["tenant_id", "user_id", "last_seen_at"], (
        (tenant, user, now() - number * 20 * DAY // USERS) for number, user in enumerate(users)))
    store.run([], ["CREATE TABLE bench_client (id TEXT, name TEXT)"])
    clients = [identifier("client", moment + number) for number in range(CLIENTS)]
    store.add("bench_client", ["id", "name"], (
        (id, f"App {number}") for number, id in enumerate(clients)))
    columns = store.columns("client")
    others = ", ".join(column for column in columns if column not in ("id", "name"))
    chosen = ", ".join(f"c.{column}" for column in columns if column not in ("id", "name"))
    store.run([], [
        f"INSERT INTO client (id, name, {others}) SELECT b.id, b.name, {chosen} FROM client AS c, "
        f"bench_client AS b WHERE c.tenant_id = '{tenant}' AND c.id = '{client}'"])
    hour, day = 3_600_000, DAY
    begun = now() // day * day
    store.add("activity", ["tenant_id", "client_id", "began_at", "measure", "happened"], (
        row for id in clients for row in (
            (tenant, id, begun - back * day, measure, 17)
            for back in range(7) for measure in ("granted", "redeemed", "refreshed"))))
    store.add("activity", ["tenant_id", "client_id", "began_at", "measure", "happened"], (
        (tenant, "", now() // hour * hour - back * hour, measure, 4_711)
        for back in range(24 * 30)
        for measure in ("signed_in", "sign_in_failed", "granted", "redeemed", "refreshed", "refused")))
    return users[USERS // 2]


def enter(connection: http.client.HTTPConnection, link: str) -> str:
    """Uses the link; the cookie of the session."""
    path = link.partition("127.0.0.1")[2].partition("/")[2]
    connection.request("GET", f"/{path}")
    page = connection.getresponse().read().decode()
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page))
    connection.request(
        "POST", "/admin/link", urllib.parse.urlencode(fields),
        {"Content-Type": "application/x-www-form-urlencoded"})
    answer = connection.getresponse()
    answer.read()
    return (answer.getheader("set-cookie") or "").partition(";")[0]


def ask(connection: http.client.HTTPConnection, cookie: str, path: str) -> float:
    begun = time.perf_counter()
    connection.request("GET", path, headers={"Cookie": cookie})
    answer = connection.getresponse()
    body = answer.read()
    taken = (time.perf_counter() - begun) * 1000
    if answer.status != 200:
        raise SystemExit(f"{path}: {answer.status}\n{body[:500]!r}")
    return taken


def run(databases: list[str], cluster: Cluster | None) -> None:
    print(f"{USERS:,} users and {CLIENTS:,} clients; milliseconds, median of {ROUNDS}, on one connection")
    print("| Page | " + " | ".join(f"{name}: many | few | slowest" for name in databases) + " |")
    found = {name: measure(name, cluster) for name in databases}
    for title in PAGES:
        cells = [f"{found[name][title][0]:.1f} | {found[name][title][1]:.1f} | {found[name][title][2]:.1f}"
                 for name in databases]
        print(f"| {title} | " + " | ".join(cells) + " |")
    worst = max(times[0] for pages in found.values() for times in pages.values())
    print(f"The slowest page takes {worst:.1f} ms; the aim is {AIM:.0f}.")
