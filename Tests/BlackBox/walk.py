"""A walk through everything that a tenant says of itself: who walks, and by whom they are seen."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc import jws
from joserfc.jwk import KeySet

from browser import Browser
from harness import Client, Tenant
from protocol import tokens
from response_modes import ALL

OFFLINE = "openid offline_access"


@dataclass
class Walk:
    """A tenant in which everything is allowed, and who walks through it."""

    tenant: Tenant
    folder: Path

    def __post_init__(self) -> None:
        self.user = self.tenant.create_user(
            f"kay-{secrets.token_hex(4)}@example.com", username=f"kay-{secrets.token_hex(4)}",
            name="Kay Doe")
        self.client = self.tenant.create_client("web", *ALL)
        self.keys = KeySet.import_key_set(self.get(self.tenant.metadata["jwks_uri"]))

    def get(self, url: str) -> Any:
        answer = self.tenant.instance.http.get(url)
        assert answer.status_code == 200, url
        return answer.json()

    def browser(self) -> Browser:
        return Browser(self.tenant.instance)

    def tokens(self, client: Client | None = None, **changes: str | None) -> dict[str, Any]:
        return tokens(client or self.client, self.user, **changes)

    def is_signed(self, text: str, algorithm: str) -> None:
        assert jws.deserialize_compact(text, self.keys, algorithms=[algorithm])
