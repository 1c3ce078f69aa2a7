"""The admin API as a program calls it: with a key of some role, for the installation or one tenant."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import httpx

from harness import BINARY, Instance, Tenant

ROLES = ["viewer", "support", "admin", "owner"]


@dataclass(frozen=True)
class Admin:
    """Whoever has a key."""

    instance: Instance
    key: str
    id: str

    def send(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None,
        **query: Any
    ) -> httpx.Response:
        """Sends a request; the path is below /api/v1."""
        return self.instance.http.request(
            method, f"{self.instance.url}/api/v1/{path}", json=body,
            params={name: str(value).lower() if isinstance(value, bool) else value
                    for name, value in query.items()},
            headers={"authorization": f"Bearer {self.key}"} | (headers or {}))

    def get(self, path: str, **query: Any) -> Any:
        return done(self.send("GET", path, **query))

    def post(self, path: str, body: Any = None, **query: Any) -> Any:
        return done(self.send("POST", path, {} if body is None else body, **query))

    def patch(self, path: str, body: Any, **query: Any) -> Any:
        return done(self.send("PATCH", path, body, **query))

    def delete(self, path: str, **query: Any) -> Any:
        return done(self.send("DELETE", path, **query))


def done(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json()


def administrator(
    instance: Instance, role: str = "owner", tenant: Tenant | None = None, *options: str
) -> Admin:
    """A new key; of the whole installation unless a tenant is named."""
    made = instance.cli(
        "admin", "key", "create", "--name", f"Test {role}", "--role", role, *options,
        *(["--tenant", tenant.slug] if tenant else []))
    instance.keep_secret(made["administrator_key"])
    return Admin(instance, made["administrator_key"], made["id"])


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """What a refusal says, which has to be a problem of this kind."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["code"] == code and told["status"] == status, told
    assert {"type", "title", "detail", "request_id"} <= set(told)
    return told


@dataclass(frozen=True)
class Operation:
    """One of the contract."""

    id: str
    method: str
    path: str
    said: dict[str, Any]

    @property
    def role(self) -> str:
        """The least role that may."""
        found = re.match(r"Needs the role (\w+)", self.said["description"])
        assert found
        return found[1]

    @property
    def concerns_installation(self) -> bool:
        return "whole installation" in self.said["description"]

    @property
    def concerns_tenant(self) -> bool:
        return "{tenant}" in self.path

    def at(self, tenant: str, other: str = "nobody") -> str:
        """The path with a tenant in its place, and a name in every other one."""
        path = self.path.replace("{tenant}", tenant)
        return re.sub(r"\{[a-z]+\}", other, path).lstrip("/")

    @cached_property
    def example(self) -> dict[str, Any] | None:
        """A body with all that is required, and nothing that exists."""
        if "requestBody" not in self.said:
            return None
        schema = self.said["requestBody"]["content"]["application/json"]["schema"]
        return {name: value_of(schema["properties"][name]) for name in schema.get("required", [])}


def value_of(schema: dict[str, Any]) -> Any:
    """A value that a schema allows."""
    if "enum" in schema:
        return schema["enum"][0]
    return {"string": "nobody", "boolean": True, "integer": schema.get("minimum", 1),
            "array": ["nobody"], "object": {}}[schema.get("type", "array")]


def operations() -> list[Operation]:
    """All operations of the contract, as the program prints it."""
    printed = subprocess.run(
        [BINARY, "admin", "describe"], capture_output=True, text=True, check=True)
    document = json.loads(printed.stdout)
    return [
        Operation(said["operationId"], method.upper(), path, said)
        for path, methods in document["paths"].items() for method, said in methods.items()]
