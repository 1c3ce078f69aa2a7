"""The figures of a run: from rounds to medians, and to a file and back."""

from __future__ import annotations

import json
import statistics
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Iterator

from load import Measurement


@dataclass
class Figure:
    """One operation with one number of connections: the median of its rounds."""

    key: str
    operation: str
    connections: int
    rounds: list[dict[str, float]] = field(default_factory=list)

    def add(self, measurement: Measurement) -> None:
        self.rounds.append(measurement.as_json())

    def __getitem__(self, name: str) -> float:
        return statistics.median(each[name] for each in self.rounds)


@dataclass
class Table:
    """All figures on one database at one size, and how the server started there."""

    database: str
    scale: str
    title: str
    start_milliseconds: float = 0
    idle_megabytes: float = 0
    # What of the cores was free before anything was measured.
    idle_share: float = 1
    # What OpenSSL needs for a signature, in microseconds: how fast the machine was then.
    signatures: dict[str, float] = field(default_factory=dict)
    figures: list[Figure] = field(default_factory=list)

    def figure(self, key: str, connections: int) -> Figure | None:
        return next(
            (each for each in self.figures
             if each.key == key and each.connections == connections), None)

    def over_bare(self, figure: Figure) -> float | None:
        """How many times the CPU of the bare route: what can be compared between runs.

        Each round is compared with its own, since what else the machine does changes meanwhile.
        """
        bare = self.figure("bare", figure.connections)
        if bare is None:
            return None
        return statistics.median(
            each["cpu"] / other["cpu"] for each, other in zip(figure.rounds, bare.rounds))

    @property
    def connections(self) -> list[int]:
        return sorted({each.connections for each in self.figures})


@dataclass
class Report:
    """A whole run."""

    date: str
    machine: dict[str, Any]
    settings: dict[str, Any]
    tables: list[Table] = field(default_factory=list)
    # Resident memory over many token requests, by database.
    memory: dict[str, list[dict[str, float]]] = field(default_factory=dict)

    def table(self, database: str, scale: str) -> Table | None:
        return next(
            (each for each in self.tables
             if (each.database, each.scale) == (database, scale)), None)

    def all(self) -> Iterator[tuple[Table, Figure]]:
        for table in self.tables:
            for figure in table.figures:
                yield table, figure

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1) + "\n")

    @classmethod
    def load(cls, path: Path) -> Report:
        content = json.loads(path.read_text())
        tables = [
            Table(**(each | {"figures": [Figure(**figure) for figure in each["figures"]]}))
            for each in content["tables"]]
        return cls(**(content | {"tables": tables}))
