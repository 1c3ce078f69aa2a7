"""How full the database is when it is measured."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from postgres import Cluster
from rows import add_sessions
from scene import Scene
from store import PostgresStore, SQLiteStore, Store

# How many of the tenants are asked in turns where requests are spread over tenants.
CROWD = 1000


@dataclass(frozen=True)
class Scale:
    """A size: how many tenants, and how many sessions with a refresh token each."""

    key: str
    tenants: int = 1
    sessions: int = 0

    @property
    def title(self) -> str:
        tenants = "1 tenant" if self.tenants == 1 else f"{self.tenants:,} tenants"
        return tenants + (f", {self.sessions:,} sessions" if self.sessions else "")

    def fill(self, scene: Scene) -> None:
        """Adds the rows, while the server is stopped."""
        if self.tenants == 1 and not self.sessions:
            return
        store = store_of(scene)
        if self.tenants > 1:
            # Here, since nothing else needs the library that seals keys.
            from tenants import add_tenants

            machines = add_tenants(store, scene, self.tenants - 1)
            scene.crowd = machines[::max(1, len(machines) // CROWD)][:CROWD]
        if self.sessions:
            add_sessions(store, scene, self.sessions)
        store.finish()


def scales(tenants: int, sessions: int) -> dict[str, Scale]:
    return {
        scale.key: scale
        for scale in (Scale("base"), Scale("tenants", tenants=tenants),
                      Scale("rows", sessions=sessions))}


def store_of(scene: Scene) -> Store:
    installation = scene.installation
    if installation.database:
        return PostgresStore(installation.database)
    return SQLiteStore(installation.data / "gatehouse.db")


def database_address(kind: str, cluster: Cluster | None) -> str | None:
    """A new database; None is SQLite in the data directory."""
    return cluster.create_database() if cluster and kind == "postgres" else None


def new_data(folder: Path) -> Path:
    data = folder / "data"
    data.mkdir()
    return data
