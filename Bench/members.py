"""What large organizations cost: a person in 500 of them, and one of 100 000 members.

Each case is measured beside a small one, a person in one organization, in turns. What counts is how
many times the server's CPU for a request that is.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable

import operations
from browser import App, open_sessions
from installation import ROOT, Installation
from load import Measurement, WrongAnswers
from operations import Run
from postgres import Cluster
from rows import DAY, identifier, now
from scales import database_address, new_data, store_of
from scene import PASSWORD, TENANT, Scene
from store import Store

ORGANIZATIONS = 500
MEMBERS = 100_000
# A page of members: a small organization has just as many.
PAGE = 100
PEOPLE = 8
CONNECTIONS = 16
AIM = 2.0
OUTPUT = ROOT / ".build/bench/organizations.json"
BEGIN = "<!-- Written by `make bench ARGS=--organizations`: begin -->"
END = "<!-- Written by `make bench ARGS=--organizations`: end -->"
NAMES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}


@dataclass
class Case:
    """Some people, and the app that they use."""

    key: str
    title: str
    # What the client is told of: `all`, or `none`.
    told: str = "all"
    # The slug that the app asks for; empty for none.
    selected: str = ""
    scene: Scene | None = None
    organization: str = ""
    rounds: dict[str, list[float]] = field(default_factory=dict)


SMALL = "small"


def cases() -> list[Case]:
    return [
        Case(SMALL, "in 1 organization"),
        Case("small-selected", "in 1 organization, which is selected", selected="small"),
        Case("large", f"in an organization of {MEMBERS:,} members"),
        Case("many-selected", f"in {ORGANIZATIONS}, of which 1 is selected", selected="many-0"),
        Case("many-hidden", f"in {ORGANIZATIONS}, of which the app is told nothing", told="none"),
        Case("many", f"in {ORGANIZATIONS}, which are all in each token"),
    ]


# Whom each case is compared with.
COMPARED = {"many-selected": "small-selected"}
OPERATIONS: dict[str, Callable[[Scene, Run], Measurement]] = {
    "authorization, signed in": operations.authorize, "code exchange": operations.exchange,
    "userinfo": operations.userinfo, "refresh": operations.refresh,
    "sign-in with password": operations.sign_in,
}
LIST = "list of members, a page of 100"


def measure(database: str, cluster: Cluster | None, seconds: int, rounds: int) -> list[Case]:
    """All cases on one database."""
    with tempfile.TemporaryDirectory(prefix="gatehouse-bench-") as name:
        folder = Path(name)
        installation = Installation(new_data(folder), database_address(database, cluster))
        scene, found = Scene.prepare(installation), cases()
        for case in found:
            prepare(case, installation)
        fill(scene, found)
        installation.start()
        try:
            for case in found:
                assert case.scene
                case.scene.cookies = asyncio.run(open_sessions(case.scene.app, case.scene.people))
            run = Run(CONNECTIONS, seconds, folder)
            for number in range(rounds + 1):
                for case in found:
                    assert case.scene
                    taken = operations_of(case, run)
                    if case.key in (SMALL, "large"):
                        taken[LIST] = listing(case, installation)
                    # The first round warms everything up.
                    for name, cpu in taken.items() if number else ():
                        case.rounds.setdefault(name, []).append(cpu)
        finally:
            installation.stop()
    return found


def operations_of(case: Case, run: Run) -> dict[str, float]:
    """The microseconds that each operation takes, once."""
    assert case.scene
    taken = {}
    for name, ask in OPERATIONS.items():
        if case.key == "many" and name == "userinfo":
            # No header is as long as that token.
            continue
        try:
            taken[name] = ask(case.scene, run).cpu
        except WrongAnswers as error:
            raise SystemExit(f"{case.title}, {name}: {error}\n{case.scene.installation.log()}")
    print(f"{case.title}: " + ", ".join(f"{name} {cpu:,.0f}" for name, cpu in taken.items()),
          flush=True)
    return taken


def prepare(case: Case, installation: Installation) -> None:
    """Registers the app and its people, before the server runs."""
    made = installation.command(
        "client", "create", "--tenant", TENANT, "--name", case.title, "--type", "native",
        "--redirect-uri", "https://app.example.com/callback", "--id-token-algorithm", "ES256",
        "--organizations", case.told)
    app = App(installation.port, TENANT, made["client_id"], case.selected)
    people = [(f"{case.key}{number}@example.com", PASSWORD) for number in range(PEOPLE)]
    for name, password in people:
        installation.command(
            "user", "create", "--tenant", TENANT, "--email", name, "--verified",
            "--password-stdin", stdin=password + "\n")
    case.scene = Scene(installation, None, None, app, app, people=people)  # type: ignore[arg-type]


def fill(scene: Scene, found: list[Case]) -> None:
    """Adds organizations and members."""
    store, moment = store_of(scene), now() - DAY
    tenant = store.value(f"SELECT tenant_id FROM tenant WHERE slug = '{TENANT}'")

    def organizations(slugs: list[str]) -> list[str]:
        made = [identifier("org", moment) for _ in slugs]
        store.add("organization", [
            "tenant_id", "id", "slug", "name", "metadata", "created_at", "updated_at"],
            ((tenant, id, slug, slug, "{}", moment, moment) for id, slug in zip(made, slugs)))
        return made

    (small,), (large,) = organizations(["small"]), organizations(["large"])
    many = organizations([f"many-{number}" for number in range(ORGANIZATIONS)])
    strangers = [identifier("usr", moment - DAY) for _ in range(MEMBERS)]
    store.add("user_account", [
        "tenant_id", "id", "name", "email", "email_key", "created_at", "updated_at"],
        ((tenant, user, f"Member {number}", f"m{number}@example.org", f"m{number}@example.org",
          moment, moment) for number, user in enumerate(strangers)))
    pairs = [(large, user) for user in strangers] + [(small, user) for user in strangers[:PAGE]]
    for case in found:
        own = [store.value(
            f"SELECT id FROM user_account WHERE tenant_id = '{tenant}' AND email = '{name}'")
            for name, _ in case.scene.people] if case.scene else []
        places = many if case.key.startswith("many") else [
            large if case.key == "large" else small]
        pairs += [(place, user) for place in places for user in own]
        case.organization = large if case.key == "large" else small
    add_members(store, tenant, pairs, moment)
    add_group(store, tenant, large, strangers, moment)
    store.finish()


def add_members(store: Store, tenant: str, pairs: list[tuple[str, str]], moment: int) -> None:
    store.add("membership", [
        "tenant_id", "organization_id", "user_id", "scopes", "is_owner", "joined_at", "updated_at"],
        ((tenant, place, user, "projects:write billing:read", 0, moment, moment)
         for place, user in pairs))


def add_group(
    store: Store, tenant: str, organization: str, users: list[str], moment: int
) -> None:
    """Puts people into a group of their organization: what others have must not cost more by that."""
    group = identifier("grp", moment)
    store.add("organization_group", [
        "tenant_id", "id", "organization_id", "name", "is_owner", "created_at", "updated_at"],
        [(tenant, group, organization, "Everyone", 0, moment, moment)])
    store.add("membership_group", ["tenant_id", "organization_id", "user_id", "group_id"],
              ((tenant, organization, user, group) for user in users))


def listing(case: Case, installation: Installation, times: int = 25) -> float:
    """The microseconds of one page of members, asked through the command."""
    before = installation.cpu_seconds()
    for _ in range(times):
        page = installation.command(
            "organization", "member", "list", case.organization, "--tenant", TENANT, "--limit",
            str(PAGE))
        assert len(page) == PAGE
    return (installation.cpu_seconds() - before) / times * 1e6


def ratio(found: list[Case], case: Case, operation: str) -> float:
    """How many times the small case, each round compared with its own."""
    other = next(each for each in found if each.key == COMPARED.get(case.key, SMALL))
    return statistics.median(
        one / two for one, two in zip(case.rounds[operation], other.rounds[operation]))


def lines(tables: dict[str, list[Case]]) -> list[str]:
    """The table, as it is printed and stands in the document."""
    columns = [f"{NAMES[database]}, {operation}" for database in tables
               for operation in [*OPERATIONS, LIST]]
    rows = ["| A person | " + " | ".join(columns) + " |", "|---|" + "--:|" * len(columns)]
    for number, case in enumerate(cases()):
        cells = []
        for found in tables.values():
            this = found[number]
            for operation in [*OPERATIONS, LIST]:
                if operation not in this.rounds:
                    cells.append("")
                    continue
                cpu, times = statistics.median(this.rounds[operation]), ratio(found, this, operation)
                base = this.key in (SMALL, "small-selected")
                cells.append(f"{cpu:,.0f}" + ("" if base else f" (× {times:.2f})"))
        rows.append(f"| {case.title} | " + " | ".join(cells) + " |")
    return rows


def missed(tables: dict[str, list[Case]]) -> list[str]:
    return [
        f"{database}, {case.title}: {operation} is {times:.2f} times the small case"
        for database, found in tables.items() for case in found for operation in case.rounds
        if (times := ratio(found, case, operation)) > AIM]


def run(databases: list[str], cluster: Cluster | None, seconds: int, rounds: int,
        document: Path | None) -> None:
    """Measures, prints, saves and writes the document."""
    tables = {name: measure(name, cluster, seconds, rounds) for name in databases}
    print("\n".join([*lines(tables), "", *missed(tables)]))
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    saved: dict[str, Any] = {
        name: {case.key: case.rounds for case in found} for name, found in tables.items()}
    OUTPUT.write_text(json.dumps(saved, indent=1) + "\n")
    if document:
        before, begin, rest = document.read_text(encoding="utf-8").partition(BEGIN)
        _, end, after = rest.partition(END)
        if not begin or not end:
            raise SystemExit(f"{document} has no place for the table: {BEGIN} … {END}")
        body = "\n".join(lines(tables))
        document.write_text(f"{before}{BEGIN}\n\n{body}\n\n{END}{after}", encoding="utf-8")
