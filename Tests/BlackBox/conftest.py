"""The worlds that tests live in: an instance for each database, and a tenant for each test."""

from __future__ import annotations

import functools
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from browser import Browser
from elsewhere import Elsewhere
from harness import Client, Instance, Tenant, User

pytest_plugins = ["attack_results", "conformance_marks", "failures"]

KINDS = ["sqlite", "postgres"]

# Files that take a minute and more. They go first, so that no process works on one while the others have
# nothing left to do.
LONG = [
    "test_accessibility.py", "test_admin_api_contract.py", "test_isolation_operations.py",
    "test_accessibility_of_organizations.py", "test_admin_api.py", "test_every_door.py",
    "test_limits.py", "test_change_feed_followers.py", "test_sign_in.py", "test_portal.py",
    "test_configuration.py", "test_nodes.py", "test_try_in_browser.py",
    "test_portal_in_browser.py", "test_isolation_requests.py", "test_portal_hostile.py",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: LONG.index(item.path.name) if item.path.name in LONG else len(LONG))


class Tenants:
    """Makes tenants while tests run: the keys of one take longer than most tests."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.ready: queue.Queue[Tenant | BaseException] = queue.Queue(maxsize=4)
        self.is_over = threading.Event()
        self.maker = threading.Thread(target=self.make, daemon=True)
        self.maker.start()

    def make(self) -> None:
        while not self.is_over.is_set():
            try:
                made: Tenant | BaseException = self.instance.create_tenant()
            except Exception as error:
                made = error
            self.ready.put(made)

    def take(self) -> Tenant:
        made = self.ready.get(timeout=120)
        if isinstance(made, BaseException):
            raise made
        return made

    def __enter__(self) -> Tenants:
        return self

    def __exit__(self, *_: object) -> None:
        """Lets the maker see that it is over, wherever it waits."""
        self.is_over.set()
        while self.maker.is_alive():
            try:
                self.ready.get(timeout=0.1)
            except queue.Empty:
                pass


@pytest.fixture(scope="session")
def instances() -> Iterator[Callable[[str], Instance]]:
    """The instance for each database, from its first test to the last of the process: files take turns with
    the databases, and an instance for each turn would take longer than most files."""
    with ExitStack() as lives:
        yield functools.cache(lambda kind: lives.enter_context(Instance(kind)))


@pytest.fixture(scope="session")
def makers() -> Iterator[Callable[[Instance], Tenants]]:
    """Who makes the tenants of an instance."""
    with ExitStack() as lives:
        yield functools.cache(lambda instance: lives.enter_context(Tenants(instance)))


@pytest.fixture(scope="session", params=KINDS)
def shared_instance(
    request: pytest.FixtureRequest, instances: Callable[[str], Instance]
) -> Instance:
    return instances(request.param)


@pytest.fixture
def instance(shared_instance: Instance) -> Iterator[Instance]:
    """The instance that many tests share, each with tenants of its own. Do not restart it."""
    yield shared_instance
    shared_instance.check()


@pytest.fixture(params=KINDS)
def own_instance(request: pytest.FixtureRequest) -> Iterator[Instance]:
    """An instance for one test, which may stop, kill and restart it."""
    with Instance(request.param) as instance:
        yield instance


@pytest.fixture
def tenant(instance: Instance, makers: Callable[[Instance], Tenants]) -> Tenant:
    return makers(instance).take()


@pytest.fixture
def open_tenant(tenant: Tenant) -> Tenant:
    """A tenant at which strangers may create accounts."""
    tenant.instance.cli("tenant", "update", tenant.slug, "--registration", "open")
    return tenant


@pytest.fixture
def client(tenant: Tenant) -> Client:
    """A confidential client that authenticates by client_secret_basic."""
    return tenant.create_client("web")


@pytest.fixture
def plain_client(tenant: Tenant) -> Client:
    """A client as the conformance suite is one: with a secret, and without PKCE."""
    return tenant.create_client("web", "--pkce", "optional")


@pytest.fixture
def public_client(tenant: Tenant) -> Client:
    return tenant.create_client("native")


@pytest.fixture
def user(tenant: Tenant) -> User:
    return tenant.create_user()


@pytest.fixture
def browser(instance: Instance) -> Browser:
    return Browser(instance)


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    with Elsewhere() as elsewhere:
        yield elsewhere


@pytest.fixture(scope="module", params=KINDS)
def asking_instance(request: pytest.FixtureRequest, elsewhere: Elsewhere) -> Iterator[Instance]:
    """An instance whose operator allows it to ask servers on loopback."""
    with Instance(request.param, elsewhere.flags) as instance:
        yield instance


@pytest.fixture
def asking(asking_instance: Instance) -> Iterator[Tenant]:
    yield asking_instance.create_tenant()
    asking_instance.check()


@pytest.fixture(scope="session", params=KINDS)
def proxied_instance(request: pytest.FixtureRequest) -> Iterator[Instance]:
    """An instance that believes what a test says about addresses."""
    with Instance(request.param, ["--trusted-proxies", "127.0.0.1/32"]) as instance:
        yield instance


@pytest.fixture
def acme(proxied_instance: Instance) -> Iterator[Tenant]:
    """A tenant of that instance, at which strangers may create accounts."""
    yield proxied_instance.create_tenant(registration="open")
    proxied_instance.check()


@pytest.fixture
def app(acme: Tenant) -> Client:
    return acme.create_client("web")


@pytest.fixture
def alice(acme: Tenant) -> User:
    return acme.create_user("alice@example.com", username="alice")
