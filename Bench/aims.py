"""What a request may cost: the limits that changes to the code are held to.

They were set on a machine where a signature on P-256 takes 13 µs. On another they are larger or
smaller by as much as that is: a rough measure, but a machine of half the speed is no regression.
"""

from __future__ import annotations

REFERENCE_SIGNATURE = 13.0
MICROSECONDS = {
    "machine": 50.0, "machine-rs256": 260.0, "refresh": 140.0, "userinfo": 60.0, "exchange": 200.0,
    "refresh-dpop": 200.0, "introspect": 80.0, "introspect-opaque": 40.0, "push": 80.0,
}
# Discovery is bytes that are there already, so it may cost little more than no work at all.
DISCOVERY_OVER_BARE = 1.2
SIGN_IN_OVER_HASH = 1.05
POSTGRES_OVER_SQLITE = 1.5
SCALE = 1.2
TAIL = 5.0


def aim(
    key: str, database: str, bare: float | None, hashing: float, signature: float
) -> float | None:
    """The microseconds of CPU that a request may take on this machine, if there is a limit."""
    if key == "sign-in":
        return hashing * SIGN_IN_OVER_HASH
    factor = signature / REFERENCE_SIGNATURE
    factor *= POSTGRES_OVER_SQLITE if database == "postgres" else 1
    if key == "discovery":
        return bare * DISCOVERY_OVER_BARE if bare else None
    limit = MICROSECONDS.get(key)
    return limit * factor if limit else None
