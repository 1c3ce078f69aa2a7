"""Relying parties that verify tokens with a key set they cache, each in its own way."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from issued import claims_of
from wire import Answer

Fetch = Callable[[], Answer]
SKEW = 60
ALGORITHMS = ["ES256", "RS256"]

_parsed: dict[bytes, KeySet] = {}


def parsed(document: bytes) -> KeySet:
    """Reads a key set; the same bytes once only."""
    if document not in _parsed:
        if len(_parsed) > 64:
            _parsed.clear()
        _parsed[document] = KeySet.import_key_set(json.loads(document))
    return _parsed[document]


@dataclass
class RelyingParty:
    """One app. `cache` is how many seconds it keeps a key set."""

    cache: int
    # Whether it fetches the set again when it meets a key that it does not know.
    refetches: bool
    # Whether it keeps the set no longer than the server says.
    honours_max_age: bool
    fetch: Fetch
    fetched_at: float = float("-inf")
    document: bytes = b""
    max_age: int = 0
    verified: int = 0
    fetches: int = 0
    failures: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        extra = "refetches" if self.refetches else "does not refetch"
        bound = "" if self.honours_max_age else ", ignores max-age"
        return f"cache {self.cache} s, {extra}{bound}"

    def load(self, now: float) -> None:
        answer = self.fetch()
        if answer.status != 200:
            return
        self.document, self.fetched_at = answer.body, now
        found = re.search(r"max-age=(\d+)", answer.headers.get("cache-control", ""))
        self.max_age = int(found[1]) if found else 0
        self.fetches += 1

    def accepts(self, token: str, now: float) -> bool:
        """Whether it takes the token for genuine and in its time."""
        lifetime = min(self.cache, self.max_age) if self.honours_max_age else self.cache
        # Zero is no cache at all.
        if lifetime == 0 or not 0 <= now - self.fetched_at < lifetime:
            self.load(now)
        if self._verifies(token):
            return self._is_in_time(token, now)
        if self.refetches and now > self.fetched_at:
            self.load(now)
            return self._verifies(token) and self._is_in_time(token, now)
        return False

    def verify(self, token: str, now: float, when: str) -> None:
        """Counts a token that has to be accepted."""
        self.verified += 1
        if not self.accepts(token, now):
            self.failures.append(when)

    def _verifies(self, token: str) -> bool:
        try:
            jws.deserialize_compact(token, parsed(self.document), algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            return False
        return True

    @staticmethod
    def _is_in_time(token: str, now: float) -> bool:
        claims: dict[str, Any] = claims_of(token)
        return claims["iat"] - SKEW <= now < claims["exp"] + SKEW
