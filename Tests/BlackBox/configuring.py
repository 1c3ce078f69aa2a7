"""Configuration as code, as somebody uses it who keeps a document in a repository."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from harness import BINARY, Instance, with_flags

DIFFERS = 8


@dataclass(frozen=True)
class Said:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        """The lines of a plan."""
        return [step["line"] for step in self.json["steps"]]


class Repository:
    """A directory with documents, and the commands upon them."""

    def __init__(self, folder: Path, instance: Instance, key: str | None = None) -> None:
        self.folder, self.instance, self.key = folder, instance, key

    def at(self, instance: Instance, key: str | None = None) -> Repository:
        return Repository(self.folder, instance, key)

    def write(self, document: Any, name: str = "gatehouse.yaml") -> str:
        path = self.folder / name
        path.write_text(
            document if isinstance(document, str) else yaml.safe_dump(document, sort_keys=False))
        return str(path)

    def run(self, *arguments: str, stdin: str = "") -> Said:
        instance = self.instance
        where, environment = (
            (["--at", instance.url], {"GATEHOUSE_ADMINISTRATOR_KEY": self.key}) if self.key
            else (instance._where_to_ask, {}))
        ended = subprocess.run(
            [BINARY, *with_flags(arguments, *where)], input=stdin, capture_output=True, text=True,
            env=instance._environment | environment, cwd=self.folder, timeout=120)
        return Said(ended.returncode, ended.stdout, ended.stderr)

    def done(self, *arguments: str, stdin: str = "") -> Said:
        said = self.run(*arguments, stdin=stdin)
        assert said.code == 0, f"{said.code}: {said.err}{said.out}"
        return said

    def export(self, *arguments: str) -> Any:
        return yaml.safe_load(self.done("export", *arguments).out)

    def plan(self, document: Any, *arguments: str) -> list[str]:
        return self.done("plan", self.write(document), "--json", *arguments).lines

    def apply(self, document: Any, *arguments: str) -> Any:
        told = self.done("apply", self.write(document), "--yes", "--json", *arguments).json
        for step in told["done"]:
            self.instance.keep_secret(step.get("client_secret"))
        return told

    def drift(self, document: Any, *arguments: str) -> list[str]:
        """What differs; the exit code has to say so."""
        said = self.run("drift", self.write(document), "--json", *arguments)
        assert said.code in (0, DIFFERS), said.err
        assert (said.code == DIFFERS) == bool(said.lines), said
        return said.lines

    def refuses(self, code: int, command: str, document: Any, *words: str) -> str:
        """Asserts that a command says what is wrong, in one line; returns it."""
        arguments = ["--yes"] if command == "apply" else []
        said = self.run(command, self.write(document), *arguments)
        assert said.code == code, f"{said.code}: {said.err}{said.out}"
        line = said.err.removesuffix("\n")
        assert line.startswith("gatehouse: ") and "\n" not in line, line
        for word in words:
            assert word in line, f"“{word}” is missing in: {line}"
        return line


def document(slug: str, manager: str = "tests", **tenant: Any) -> dict[str, Any]:
    return {"gatehouse": 1, "managed_by": manager, "tenants": {slug: tenant}}


def without_ids(exported: dict[str, Any]) -> dict[str, Any]:
    """An exported document without the ids of its clients, which differ from place to place."""
    for tenant in exported["tenants"].values():
        for client in tenant.get("clients", {}).values():
            client.pop("client_id")
    return exported


def web(**members: Any) -> dict[str, Any]:
    return {"type": "web", "name": "Shop", "redirect_uris": ["https://rp.test/cb"]} | members
