"""What becomes of the server's memory over many requests."""

from __future__ import annotations

from pathlib import Path

from operations import Run, client_credentials
from scene import Scene

MILLION = 1_000_000
MOST_RUNS = 200


def grow(scene: Scene, folder: Path) -> list[dict[str, float]]:
    """Asks for two million tokens; the resident memory after each ten seconds."""
    steps: list[dict[str, float]] = [
        {"requests": 0, "megabytes": scene.installation.resident_megabytes()}]
    done, reached = 0, 0
    for _ in range(MOST_RUNS):
        if done >= 2 * MILLION:
            break
        measurement = client_credentials(scene, Run(32, 10, folder))
        done += measurement.requests
        steps.append({"requests": done, "megabytes": measurement.memory})
        if done // MILLION > reached or len(steps) == 2:
            reached = done // MILLION
            print(f"memory: {measurement.memory:.0f} MB after {done:,} token requests", flush=True)
    return steps
