"""Code that a developer pastes, run as a process with somebody's browser at it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from harness import TLS
from trial import eventually

MODULES = Path(os.environ.get("NODE_PATH", "/usr/share/nodejs"))
needs_node = pytest.mark.skipif(
    not shutil.which("node") or not (MODULES / "express").is_dir(),
    reason="Node with Express is not installed (Scripts/install-packages test)")


@contextmanager
def running(command: list[str], folder: Path, env: dict[str, str], home: str) -> Iterator[httpx.Client]:
    """The app as a process, and somebody's browser at it."""
    log = folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=out, stderr=out)
    try:
        with httpx.Client(base_url=home, trust_env=False, verify=TLS, timeout=60) as visitor:
            def is_up() -> bool:
                assert process.poll() is None, log.read_text()
                try:
                    return visitor.get("/").status_code < 500
                except httpx.TransportError:
                    return False

            eventually(is_up, log.read_text())
            yield visitor
    finally:
        process.kill()
        process.wait(timeout=30)
