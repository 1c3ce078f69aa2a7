"""One more node of an installation that stands on PostgreSQL."""

from __future__ import annotations

import shutil

from database import PostgresDatabase
from harness import Instance


class SharedDatabase(PostgresDatabase):
    """The database of another node, which removes it."""

    def remove(self) -> None:
        """It is not ours; only the question that is open to it."""
        if self.session:
            self.session.close()


def another(first: Instance) -> Instance:
    """One more node of the installation, with its key and its address."""
    node = Instance("sqlite", ["--base-url", first.url])
    node.kind, node.database = "postgres", SharedDatabase(first.database.url or "")
    shutil.copy(first.data / "instance.key", node.data / "instance.key")
    return node
