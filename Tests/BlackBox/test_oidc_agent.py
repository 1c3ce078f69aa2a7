"""oidc-agent, a client that others wrote and use: on a device without a browser, and with a browser
beside it. Debian's package `oidc-agent-cli`; skipped where it is not installed."""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from browser import Browser
from device import OFFLINE, Device, decide, device_client
from harness import Tenant, User
from protocol import sign_in, userinfo
from trial import eventually
from visitor import kinds

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("oidc-agent", "oidc-gen", "oidc-token"))),
    reason="oidc-agent is not installed")


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a running agent with a home of its own."""
    (tmp_path / "oidc").mkdir()
    environment = os.environ | {
        "HOME": str(tmp_path), "OIDC_CONFIG_DIR": str(tmp_path / "oidc"),
        "TMPDIR": str(tmp_path)}
    started = subprocess.run(
        ["oidc-agent", "--json"], env=environment, capture_output=True, text=True, timeout=30)
    assert started.returncode == 0, started.stderr
    told = json.loads(started.stdout)
    yield environment | {"OIDC_SOCK": told["socket"]}
    os.kill(int(told["dpid"]), signal.SIGTERM)


class Generating:
    """`oidc-gen` on its way through a flow, and what it printed so far."""

    def __init__(self, environment: dict[str, str], printed: Path, *arguments: str) -> None:
        self.printed = printed
        with printed.open("wb") as output:
            self.process = subprocess.Popen(
                [
                    "oidc-gen", "--manual", "--scope", OFFLINE, "--prompt", "none",
                    "--no-url-call", "--confirm-yes", "--pw-cmd", "echo of-a-test", *arguments,
                ], env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output)

    def __enter__(self) -> Generating:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()

    def shows(self, pattern: str, what: str) -> str:
        """What it printed that matches, as soon as it did."""
        found = eventually(
            lambda: self.process.poll() is not None
            or re.search(pattern, self.printed.read_text()), what)
        assert isinstance(found, re.Match), self.printed.read_text()
        return found[1]

    def ends_well(self) -> None:
        assert self.process.wait(timeout=60) == 0, self.printed.read_text()


def registered_port() -> int:
    """A free port of those that oidc-agent may have, which are not the ones the system gives out."""
    while True:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", random.randrange(20_000, 32_000)))
            return probe.getsockname()[1]


def asks_as(agent: dict[str, str], account: str, tenant: Tenant, user: User) -> None:
    """The agent gives out tokens that work, each got by its refresh token."""
    for _ in range(2):
        told = subprocess.run(
            # Longer than the token lasts, so that the agent has to refresh it.
            ["oidc-token", "--time", "3600", account], env=agent, capture_output=True, text=True,
            timeout=30)
        assert told.returncode == 0, told.stderr
        token = told.stdout.strip()
        tenant.instance.keep_secret(token)
        assert userinfo(tenant, token).json()["sub"] == user.id
    assert kinds(tenant).count("refresh_token.used") == 2


def test_oidc_agent_signs_in_on_a_device_and_refreshes(
    tenant: Tenant, user: User, agent: dict[str, str], tmp_path: Path
) -> None:
    client = device_client(tenant, "web")
    with Generating(
        agent, tmp_path / "printed", "--flow", "device", "--client-id", client.id,
        "--client-secret", client.secret or "", "--issuer", tenant.issuer, "--redirect-uri",
        "http://localhost:8080", "tv",
    ) as generating:
        code = generating.shows(r"enter the code: ([A-Z]{4}-[A-Z]{4})", "oidc-gen shows a code")
        assert f"{tenant.issuer}/device" in generating.printed.read_text()
        decide(Device(client, {"user_code": code}), user)
        generating.ends_well()
    asks_as(agent, "tv", tenant, user)


def test_oidc_agent_signs_in_by_a_browser_and_the_loopback_interface(
    tenant: Tenant, user: User, browser: Browser, agent: dict[str, str], tmp_path: Path
) -> None:
    redirect_uri = f"http://localhost:{registered_port()}"
    client = tenant.create_client("native", redirect_uris=[redirect_uri])
    with Generating(
        agent, tmp_path / "printed", "--flow", "code", "--client-id", client.id,
        "--client-secret", "", "--issuer", tenant.issuer, "--redirect-uri", redirect_uri, "laptop",
    ) as generating:
        address = generating.shows(
            rf"({re.escape(tenant.endpoint('authorization'))}\S+)", "oidc-gen shows an address")
        assert "code_challenge_method=S256" in address
        page = sign_in(browser, browser.get(address, site="cross-site"), user)
        assert (page.location or "").startswith(redirect_uri)
        assert httpx.get(page.location or "", trust_env=False).status_code == 200
        generating.ends_well()
    asks_as(agent, "laptop", tenant, user)
