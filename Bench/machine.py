"""The machine that is measured on, and what one password hash costs on it."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import platform
import re
import statistics
import subprocess
import sqlite3
import threading
import time
from pathlib import Path

import installation
from scene import PASSWORD

# What Gatehouse hashes with: Argon2id, 19 MiB, two passes.
MEMORY = 19 * 1024 * 1024
PASSES = 2
ARGON2ID = 2
# With less of the CPU free, figures say too much of what else runs.
QUIET = 0.9


def facts() -> dict[str, str | int]:
    """What a reader has to know to compare figures."""
    return {
        "cpu": processor(), "cores": cores(), "kernel": platform.release(),
        "gatehouse": installation.version(),
        "wrk": first_line("wrk", "--version"),
        "sqlite": sqlite3.sqlite_version,
        "libsodium": sodium().sodium_version_string().decode(),
    }


def cores() -> int:
    return len(os.sched_getaffinity(0))


def idle_share(seconds: float = 1) -> float:
    """What of all cores does nothing, for a moment in which nothing is measured."""

    def ticks() -> list[int]:
        return [int(each) for each in Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]

    before = ticks()
    time.sleep(seconds)
    spent = [after - start for start, after in zip(before, ticks())]
    return (spent[3] + spent[4]) / max(1, sum(spent))


def processor() -> str:
    """The name of the CPU, with the family and model that tell apart those of one name."""
    text = Path("/proc/cpuinfo").read_text()

    def value(name: str) -> str:
        found = re.search(rf"^{name}\s*:\s*(.*)$", text, re.MULTILINE)
        return found.group(1) if found else "?"

    return f"{value('model name')} (family {value('cpu family')}, model {value('model')})"


def first_line(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    words = (done.stdout + done.stderr).split()
    return " ".join(words[:2])


def sodium() -> ctypes.CDLL:
    """libsodium, set up: without sodium_init() a hash takes twice as long."""
    library = ctypes.CDLL(ctypes.util.find_library("sodium") or "libsodium.so.23")
    library.sodium_version_string.restype = ctypes.c_char_p
    if library.sodium_init() < 0:
        raise SystemExit("libsodium cannot be set up.")
    return library


def signing_microseconds() -> dict[str, float]:
    """What a signature costs here, by OpenSSL: what tells one machine's speed from another's."""
    done = subprocess.run(
        ["openssl", "speed", "-mr", "-seconds", "1", "ecdsap256", "rsa2048"],
        capture_output=True, text=True)
    # +F2 is RSA, +F4 is ECDSA; the third number that follows is signatures in a second.
    found = {
        line.split(":")[0]: round(1e6 / float(line.split(":")[3]), 1)
        for line in done.stdout.splitlines() if line.startswith(("+F2", "+F4"))}
    if set(found) != {"+F2", "+F4"}:
        raise SystemExit(f"`openssl speed` failed: {done.stderr}")
    return {"p256": found["+F4"], "rsa2048": found["+F2"]}


def password_hash(password: str) -> str:
    """A hash as Gatehouse stores it."""
    text = ctypes.create_string_buffer(128)
    secret = password.encode()
    failed = sodium().crypto_pwhash_str_alg(
        text, secret, ctypes.c_ulonglong(len(secret)), ctypes.c_ulonglong(PASSES),
        ctypes.c_size_t(MEMORY), ctypes.c_int(ARGON2ID))
    if failed:
        raise SystemExit("libsodium cannot hash.")
    return text.value.decode()


def hash_microseconds(at_a_time: int, count: int = 20) -> float:
    """The CPU time of checking one password, with some checks at a time.

    Hashes that run at a time share the memory's bandwidth, so each takes longer.
    """
    library, stored, secret = sodium(), password_hash(PASSWORD).encode(), PASSWORD.encode()
    costs: list[float] = []

    def check() -> None:
        for _ in range(count):
            began = time.thread_time()
            if library.crypto_pwhash_str_verify(stored, secret, ctypes.c_ulonglong(len(secret))):
                raise SystemExit("libsodium does not know its own hash.")
            costs.append((time.thread_time() - began) * 1e6)

    threads = [threading.Thread(target=check) for _ in range(at_a_time)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statistics.median(costs)
