"""oidc-agent, a client that others wrote and use, on a device without a browser: Debian's package
of this name. Skipped where it is not installed."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from device import OFFLINE, Device, decide, device_client
from harness import Tenant, User
from protocol import userinfo
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


def test_oidc_agent_signs_in_and_refreshes(
    tenant: Tenant, user: User, agent: dict[str, str], tmp_path: Path
) -> None:
    client, printed = device_client(tenant, "web"), tmp_path / "printed"
    with printed.open("wb") as output:
        generating = subprocess.Popen(
            [
                "oidc-gen", "--flow", "device", "--manual", "--client-id", client.id,
                "--client-secret", client.secret or "", "--issuer", tenant.issuer, "--scope",
                OFFLINE, "--redirect-uri", "http://localhost:8080", "--prompt", "none",
                "--no-url-call", "--confirm-yes", "--pw-cmd", "echo of-a-test", "tv",
            ], env=agent, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        shown = eventually(
            lambda: generating.poll() is not None or re.search(
                r"enter the code: ([A-Z]{4}-[A-Z]{4})", printed.read_text()),
            "oidc-gen shows a code")
        assert isinstance(shown, re.Match), printed.read_text()
        assert f"{tenant.issuer}/device" in printed.read_text()
        decide(Device(client, {"user_code": shown[1]}), user)
        assert generating.wait(timeout=60) == 0, printed.read_text()
    finally:
        generating.kill()
    for _ in range(2):
        told = subprocess.run(
            # Longer than the token lasts, so that the agent has to refresh it.
            ["oidc-token", "--time", "3600", "tv"], env=agent, capture_output=True, text=True,
            timeout=30)
        assert told.returncode == 0, told.stderr
        token = told.stdout.strip()
        tenant.instance.keep_secret(token)
        assert userinfo(tenant, token).json()["sub"] == user.id
    assert kinds(tenant).count("refresh_token.used") == 2
