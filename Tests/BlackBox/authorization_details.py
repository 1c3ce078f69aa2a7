"""Rich authorization requests (RFC 9396): an API that knows payments, and what an app asks of it."""

from __future__ import annotations

import json
from typing import Any

from harness import Tenant

BANK = "https://bank.test"
PAYMENT = {
    "type": "payment", "description": "Pay from your account", "actions": ["initiate", "status"],
    "members": {"amount": "string", "creditor": "object", "urgent": "boolean",
                "identifier": "string"},
    "required": ["amount"],
}
NOTE = {"type": "note", "description": "Leave a note"}
WISH = [{"type": "payment", "actions": ["initiate", "status"], "amount": "12.50 EUR",
         "identifier": "acc-1", "creditor": {"name": "Herb Garden"}}]


def bank(tenant: Tenant, identifier: str = BANK, *types: dict[str, Any], **options: str) -> None:
    tenant.cli(
        "resource", "create", "--identifier", identifier, "--name", "Bank",
        *(part for each in types or (PAYMENT, NOTE)
          for part in ("--authorization-details-type", json.dumps(each))),
        *(part for name, value in options.items()
          for part in ("--" + name.replace("_", "-"), value)))


def request(details: Any = WISH, **changes: str | None) -> dict[str, str | None]:
    text = details if isinstance(details, str) else json.dumps(details)
    return {"authorization_details": text, "resource": BANK} | changes
