#!/usr/bin/env python3
"""Writes what the contract of the admin API says into documents.

Usage: gatehouse admin describe | Scripts/generate-administration.py openapi|operations

`openapi` writes the contract as YAML, `operations` the list of operations with their commands.
"""

from __future__ import annotations

import json
import re
import sys
from typing import Any

HEAD = """# Operations

Everything that can be done, and by what: a command of [the command line](cli.md), and a request to
[the admin API](../how-to/administer-through-the-api.md) below `/api/v1`, and on a page of
[the portal](../how-to/administer-in-the-portal.md) below `/admin`; with the least role of whoever may. Those marked with *
are for who administers the whole installation.

The page is written by `Scripts/generate-docs` from the program, so it says what is there.
"""

# Commands that are called otherwise than their operation.
COMMANDS = {
    "api_key": "api-key", "trusted_issuer": "trusted-issuer",
    "tenant limit list": "tenant limits", "tenant limit change": "tenant limit",
    "organization invitation create": "organization invite", "admin show": "whoami",
    "tenant admin_key": "admin key", "audit export begin": "audit export",
    "audit export page": "audit check", "audit export end": "audit export",
    "client integration": "client integrate", "client check": "check app",
    "redirect_uri check": "check redirect-uri", "refused_request": "refused", "session end all": "session end-all",
    "installation check": "doctor", "tenant branding": "branding", "tenant logo": "branding logo",
    "configuration mark list": "plan", "configuration mark set": "apply",
    "configuration mark remove": "apply",
}
# What works on the machine of the installation only.
HERE = {
    "serve": "runs the server", "try": "runs a server to try things", "keep": "copies its files",
    "config check": "reads its settings", "config print": "reads its settings",
    "audit verify": "reads an export", "admin describe": "prints the contract", "login": "keeps a key", "logout": "forgets a key",
}

# What is made of several operations.
ABOVE = {
    "export": "lists and shows what there is of tenants",
    "audit tail": "lists events again and again",
    "drift": "lists and shows what a document names",
}


def main() -> None:
    document = json.load(sys.stdin)
    if sys.argv[1] == "openapi":
        document["info"]["version"] = "unreleased"
        print("# The contract of the admin API. Written by Scripts/generate-docs from the program.")
        print("\n".join(yaml(document)))
    else:
        print(HEAD)
        print("\n".join(table(document)))


def table(document: dict[str, Any]) -> list[str]:
    rows = ["| Operation | Command | Request | Portal | Role |", "|---|---|---|---|---|"]
    for path, methods in document["paths"].items():
        for method, said in methods.items():
            role = re.match(r"Needs the role (\w+)", said["description"])
            assert role
            mark = " *" if "whole installation" in said["description"] else ""
            rows.append(
                f"| {said['summary']} | `{command(said['operationId'])}` "
                f"| `{method.upper()} {path}` | {page(said['x-portal'])} | {role[1]}{mark} |")
    rows += ["", "On the machine of the installation only:", "", "| Command | Why |", "|---|---|"]
    rows += [f"| `{name}` | It {why}. |" for name, why in HERE.items()]
    rows += ["", "Made of several operations, as `plan` and `apply` are too:", ""]
    rows += ["| Command | What it does |", "|---|---|"]
    return rows + [f"| `{name}` | It {what}. |" for name, what in ABOVE.items()]


def page(place: str) -> str:
    """Where the portal has it: a path below /admin, or words."""
    return f"`{place.removeprefix('/admin')}`" if place.startswith("/admin") else place


def command(operation: str) -> str:
    words = " ".join(operation.split("_"))
    for old, new in COMMANDS.items():
        words = words.replace(old.replace("_", " "), new)
    return words


def yaml(value: Any, depth: int = 0) -> list[str]:
    """A value as YAML: blocks for what has members, JSON for the rest, which is YAML too."""
    space = "  " * depth
    lines: list[str] = []
    if isinstance(value, dict):
        for name, member in value.items():
            key = name if re.fullmatch(r"[A-Za-z$][\w$-]*|/[\w/{}-]*", name) else json.dumps(name)
            lines += entry(f"{space}{key}:", member, depth)
    elif isinstance(value, list):
        for member in value:
            lines += entry(f"{space}-", member, depth)
    return lines


def entry(start: str, value: Any, depth: int) -> list[str]:
    if isinstance(value, (dict, list)) and value:
        if is_short(value):
            return [f"{start} {json.dumps(value, ensure_ascii=False)}"]
        return [start, *yaml(value, depth + 1)]
    return [f"{start} {json.dumps(value, ensure_ascii=False)}"]


def is_short(value: Any) -> bool:
    text = json.dumps(value, ensure_ascii=False)
    return len(text) <= 72


main()
