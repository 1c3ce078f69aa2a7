#!/usr/bin/env python3
"""Measures Gatehouse beside a bare route of the same server, in one run.

Each operation is asked for over keep-alive connections by wrk. What counts is the server's CPU time
for one request, and its ratio to `/livez`, which does nothing but answer: machines are noisy, ratios
less so. Every figure is the median of several rounds, taken in turns.

    python3 Bench/run.py [--seconds 3] [--rounds 3] [--connections 32] [--database postgres://…]
"""

import argparse
import base64
import json
import os
import pathlib
import re
import signal
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = os.environ.get("GATEHOUSE_TEST_BINARY", str(ROOT / ".build/release/gatehouse"))
TICKS = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """One installation with a tenant and a machine client, served for the time of the run."""

    def __init__(self, directory: str, database: str | None):
        self.flags = ["--data", directory] + (["--database", database] if database else [])
        port = free_port()
        self.base = f"http://127.0.0.1:{port}"
        self.command("tenant", "create", "bench")
        self.client = self.command(
            "client", "create", "--tenant", "bench", "--name", "Bench", "--type", "machine",
            "--scope", "api:read",
        )
        self.process = subprocess.Popen(
            [BINARY, "serve", *self.flags, "--base-url", self.base, "--listen",
             f"127.0.0.1:{port}", "--log-level", "warning"])
        self.wait()

    def command(self, *arguments: str) -> dict:
        done = subprocess.run(
            [BINARY, *arguments, *self.flags, "--json"], check=True, capture_output=True)
        return json.loads(done.stdout)

    def wait(self) -> None:
        for _ in range(200):
            try:
                urllib.request.urlopen(self.base + "/readyz", timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit("The server does not become ready.")

    def cpu_seconds(self) -> float:
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def resident_megabytes(self) -> float:
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) / 1024

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)


def operations(server: Server) -> dict[str, tuple[str, list[str]]]:
    """What is measured: a path, and the lines of a wrk script that make the request."""
    tenant = "/t/bench"
    credentials = base64.b64encode(
        f"{server.client['client_id']}:{server.client['client_secret']}".encode()).decode()
    return {
        "bare route": ("/livez", []),
        "discovery": (tenant + "/.well-known/openid-configuration", []),
        "JWK Set": (tenant + "/.well-known/jwks.json", []),
        "client credentials, ES256": (tenant + "/oauth2/token", [
            'wrk.method = "POST"',
            'wrk.body = "grant_type=client_credentials"',
            'wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"',
            f'wrk.headers["Authorization"] = "Basic {credentials}"',
        ]),
    }


def measure(server: Server, path: str, script: list[str], seconds: int, connections: int) -> dict:
    """One round: requests a second, microseconds of server CPU for each, milliseconds at p99."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write("\n".join(script))
        file.flush()
        before = server.cpu_seconds()
        done = subprocess.run(
            ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", file.name,
             server.base + path], check=True, capture_output=True, text=True)
        spent = server.cpu_seconds() - before
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise SystemExit(f"{path}: some answers were errors:\n{done.stdout}")
    requests = int(re.search(r"(\d+) requests in", done.stdout).group(1))
    tail = re.search(r"99%\s+([\d.]+)(us|ms|s)", done.stdout)
    scale = {"us": 0.001, "ms": 1, "s": 1000}[tail.group(2)]
    return {
        "rate": requests / seconds,
        "cpu": spent / max(requests, 1) * 1e6,
        "p99": float(tail.group(1)) * scale,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--database")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        server = Server(directory, options.database)
        try:
            idle = server.resident_megabytes()
            found = {name: [] for name in operations(server)}
            for _ in range(options.rounds):
                for name, (path, script) in operations(server).items():
                    found[name].append(
                        measure(server, path, script, options.seconds, options.connections))
            report(found, idle, server.resident_megabytes())
        finally:
            server.stop()


def report(found: dict[str, list[dict]], idle: float, loaded: float) -> None:
    medians = {
        name: {key: statistics.median(each[key] for each in rounds) for key in rounds[0]}
        for name, rounds in found.items()
    }
    bare = medians["bare route"]["cpu"]
    print(f"{'operation':28}{'requests/s':>12}{'CPU µs':>10}{'ratio':>8}{'p99 ms':>9}")
    for name, median in medians.items():
        print(
            f"{name:28}{median['rate']:12.0f}{median['cpu']:10.1f}"
            f"{median['cpu'] / bare:8.2f}{median['p99']:9.2f}")
    print(f"resident memory: {idle:.0f} MB idle, {loaded:.0f} MB after the run")


if __name__ == "__main__":
    main()
