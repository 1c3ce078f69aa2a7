"""The command as a person or a script runs it, and what its refusals must look like."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from harness import BINARY
from trial import clean_environment

Ended = subprocess.CompletedProcess[str]


def gatehouse(
    *arguments: str | Path, stdin: str | None = None, environment: dict[str, str] | None = None,
    user: str | None = None,
) -> Ended:
    """Runs a command until it ends. Its standard input is empty unless the test says what."""
    command = [BINARY, *map(str, arguments)]
    if user:
        command = ["runuser", "-u", user, "--", *command]
    return subprocess.run(
        command, input=stdin or "", capture_output=True, text=True, timeout=60, cwd="/",
        env=clean_environment(**environment or {}))


def answer(*arguments: str | Path, stdin: str | None = None) -> Any:
    """What a command printed, read as JSON."""
    ended = gatehouse(*arguments, stdin=stdin)
    assert ended.returncode == 0, ended.stderr
    assert not ended.stderr
    return json.loads(ended.stdout)


def on_terminal(*arguments: str | Path) -> str:
    """What a command shows on a terminal, which must be its standard output."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [BINARY, *map(str, arguments)], stdin=theirs, stdout=theirs, stderr=theirs, cwd="/",
        env=clean_environment())
    os.close(theirs)
    shown = b""
    try:
        while select.select([ours], [], [], 30)[0]:
            try:
                shown += os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
    finally:
        os.close(ours)
        process.wait(timeout=30)
    return shown.decode().replace("\r\n", "\n")


def refused(ended: Ended, code: int, *words: str) -> str:
    """Asserts the exit code and that standard error has one line of clear words; returns it."""
    assert ended.returncode == code, f"{ended.returncode}: {ended.stderr}{ended.stdout}"
    assert not ended.stdout
    line = ended.stderr.removesuffix("\n")
    assert "\n" not in line, f"more than one line: {line}"
    assert line.startswith("gatehouse: ") and line.endswith("."), f"no sentence: {line}"
    # Names of types and layers are for us, not for an operator.
    assert not re.search(r"Error\b|NIO|errno|Optional\(|SQLITE_", line), line
    for word in words:
        assert word in line, f"“{word}” is missing in: {line}"
    return line


@contextmanager
def reachable_directory() -> Iterator[Path]:
    """A directory that another user may enter, which those of pytest are not."""
    path = Path(tempfile.mkdtemp(prefix="gh-"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
