"""An installation of Gatehouse to measure: its data, its server, and what the server uses up."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BINARY = os.environ.get("GATEHOUSE_TEST_BINARY", str(ROOT / ".build/release/gatehouse"))


class Installation:
    """A data directory with a database, and the server on it while that runs."""

    def __init__(self, data: Path, database: str | None = None, log_level: str = "warning") -> None:
        self.data = data
        self.database = database
        self.log_level = log_level
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    # The server

    def start(self, path: str = "/readyz") -> float:
        """Starts the server and waits for the first 200; the seconds that took."""
        began = time.perf_counter()
        with (self.data.parent / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [BINARY, "serve", *self._where, "--base-url", self.base, "--listen",
                 f"127.0.0.1:{self.port}", "--log-level", self.log_level],
                stdout=log, stderr=log, env=environment())
        while time.perf_counter() - began < 60:
            if self.process.poll() is not None:
                raise SystemExit(f"The server ended at once:\n{self.log()}")
            try:
                with urllib.request.urlopen(self.base + path, timeout=5) as answer:
                    if answer.status == 200:
                        return time.perf_counter() - began
            except OSError:
                time.sleep(0.001)
        raise SystemExit(f"The server does not become ready:\n{self.log()}")

    def stop(self) -> None:
        """Asks the server to end, if it runs, and waits for it."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)
        self.process = None

    def log(self) -> str:
        """The end of what the server said."""
        return (self.data.parent / "server.log").read_text(errors="replace")[-2000:]

    # The command

    def command(self, *arguments: str, stdin: str | None = None) -> Any:
        """Runs a command on this installation; its answer, parsed."""
        where = self._where if self.process is None else ["--data", str(self.data)]
        done = subprocess.run(
            [BINARY, *arguments, *where, "--json"], input=stdin, capture_output=True, text=True,
            env=environment())
        if done.returncode != 0:
            raise SystemExit(f"gatehouse {' '.join(arguments)}: {done.stderr}")
        return json.loads(done.stdout)

    @property
    def _where(self) -> list[str]:
        flags = ["--data", str(self.data)]
        return flags + (["--database", self.database] if self.database else [])

    # What the server uses up

    def cpu_seconds(self) -> float:
        """The time that all threads of the server have run so far, in user and in system mode.

        The kernel's clock of the process counts nanoseconds, and threads that ended too. The
        numbers in /proc/PID/stat are its reading in steps of 10 ms.
        """
        return time.clock_gettime(process_clock(self.pid))

    def resident_megabytes(self) -> float:
        """What of the server's memory is in RAM, in MiB."""
        text = Path(f"/proc/{self.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+)", text)
        return int(found.group(1)) / 1024 if found else 0

    @property
    def pid(self) -> int:
        if self.process is None:
            raise SystemExit("The server does not run.")
        return self.process.pid


def process_clock(pid: int) -> int:
    """The CPU clock of another process, as clock_getcpuclockid(3) of Linux makes it."""
    return (~pid << 3) | 2


def environment() -> dict[str, str]:
    """The environment without settings of Gatehouse, which would change what is measured."""
    return {key: value for key, value in os.environ.items() if not key.startswith("GATEHOUSE_")}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def version() -> str:
    """What the measured program says that it is."""
    done = subprocess.run([BINARY, "--version"], capture_output=True, text=True, env=environment())
    return done.stdout.strip()


def offers(command: list[str], option: str) -> bool:
    """Whether a command of the measured program has an option."""
    done = subprocess.run(
        [BINARY, *command, "--help"], capture_output=True, text=True, env=environment())
    return option in done.stdout
