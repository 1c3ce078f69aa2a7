"""Domains of organizations, and the name server that proves them."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from conftest import KINDS
from harness import Instance, Tenant, User
from nameserver import NameServer


@pytest.fixture(scope="module")
def names() -> Iterator[NameServer]:
    with NameServer() as names:
        yield names


@pytest.fixture(scope="module", params=KINDS)
def resolving(request: pytest.FixtureRequest, names: NameServer) -> Iterator[Instance]:
    """An instance that asks the name server of the test."""
    with Instance(request.param, ["--dns-servers", names.address]) as instance:
        yield instance


@pytest.fixture
def acme(resolving: Instance, names: NameServer) -> Iterator[Tenant]:
    names.answer = names.honest
    yield resolving.create_tenant()
    resolving.check()


def new_domain() -> str:
    return f"{secrets.token_hex(5)}.test"


def domain(tenant: Tenant, verb: str, organization: str, *arguments: str) -> Any:
    return tenant.cli(
        "organization", "domain", verb, *arguments, "--organization", organization)


def prove(
    tenant: Tenant, names: NameServer, organization: str, *rules: str, host: str | None = None
) -> str:
    """A domain that the organization proves, by its name."""
    host = host or new_domain()
    claimed = domain(tenant, "add", organization, host, *rules)
    names.texts.setdefault(claimed["txt_record"], ["v=spf1 -all"]).append(claimed["txt_value"])
    assert domain(tenant, "verify", organization, host)["state"] == "in_use"
    return host


def somebody(tenant: Tenant, host: str, *, verified: bool = True) -> User:
    """A user with an address in a domain."""
    return tenant.create_user(f"u{secrets.token_hex(4)}@{host}", verified=verified)
