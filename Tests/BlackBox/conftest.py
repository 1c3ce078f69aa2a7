"""The worlds that tests live in: an instance for each database, and a tenant for each test."""

from __future__ import annotations

from typing import Iterator

import pytest

from browser import Browser
from harness import Client, Instance, Tenant, User

KINDS = ["sqlite", "postgres"]


@pytest.fixture(scope="session", params=KINDS)
def shared_instance(request: pytest.FixtureRequest) -> Iterator[Instance]:
    with Instance(request.param) as instance:
        yield instance


@pytest.fixture
def instance(shared_instance: Instance) -> Iterator[Instance]:
    """The instance that many tests share, each with tenants of its own. Do not restart it."""
    if not shared_instance.is_alive:
        shared_instance.start()
    yield shared_instance
    shared_instance.check()


@pytest.fixture(params=KINDS)
def own_instance(request: pytest.FixtureRequest) -> Iterator[Instance]:
    """An instance for one test, which may stop, kill and restart it."""
    with Instance(request.param) as instance:
        yield instance


@pytest.fixture
def tenant(instance: Instance) -> Tenant:
    return instance.create_tenant()


@pytest.fixture
def open_tenant(instance: Instance) -> Tenant:
    """A tenant at which strangers may create accounts."""
    return instance.create_tenant(registration="open")


@pytest.fixture
def client(tenant: Tenant) -> Client:
    """A confidential client that authenticates by client_secret_basic."""
    return tenant.create_client("web")


@pytest.fixture
def public_client(tenant: Tenant) -> Client:
    return tenant.create_client("native")


@pytest.fixture
def user(tenant: Tenant) -> User:
    return tenant.create_user()


@pytest.fixture
def browser(instance: Instance) -> Browser:
    return Browser(instance)
