"""What the modules of the conformance suite do again and again: a client of theirs has a secret,
asks without PKCE, and verifies what it gets with the published keys and nothing else."""

from __future__ import annotations

import base64
import hashlib
import time
from typing import Any

from joserfc import jwt
from joserfc.jwk import KeySet

from browser import Browser
from harness import Client, Instance, Tenant, User
from protocol import authorize, redeem


def sign_in_for_tokens(
    client: Client, user: User | None, browser: Browser, **changes: str | None
) -> dict[str, Any]:
    """From the request to the tokens. Without a user, no page may ask for anything."""
    code = authorize(browser, client, user, None, **changes).code
    answer = redeem(client, code, None)
    assert answer.status_code == 200, answer.text
    return answer.json()


def verified(
    client: Client, given: dict[str, Any], *, nonce: str | None = None, algorithm: str = "RS256"
) -> dict[str, Any]:
    """The claims of an ID token, after every check of OpenID Connect Core §3.1.3.7."""
    tenant = client.tenant
    keys = tenant.instance.http.get(tenant.endpoint("jwks_uri")).json()
    token = jwt.decode(given["id_token"], KeySet.import_key_set(keys), algorithms=[algorithm])
    assert token.header["kid"] in {key["kid"] for key in keys["keys"]}
    jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": tenant.issuer},
        aud={"essential": True, "value": client.id}, sub={"essential": True},
        exp={"essential": True}, iat={"essential": True},
    ).validate(token.claims)
    said = token.claims
    assert said.get("azp", client.id) == client.id
    assert said.get("nonce") == nonce
    assert 0 < len(said["sub"]) <= 255 and said["sub"].isascii()
    assert said["iat"] - 5 <= time.time() < said["exp"]
    digest = hashlib.sha256(given["access_token"].encode()).digest()[:16]
    assert said["at_hash"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return said


def about_the_person(claims: dict[str, Any]) -> dict[str, Any]:
    """The claims about a person, by which ID token and userinfo are compared."""
    return {name: claims[name] for name in (
        "name", "preferred_username", "updated_at", "email", "email_verified") if name in claims}


def full_user(tenant: Tenant) -> User:
    """Somebody of whom everything is known."""
    return tenant.create_user("kay@example.com", username="kay", name="Kay Doe")


def let_pass(instance: Instance, seconds: int) -> None:
    """Makes sign-ins and codes older, as if this time had passed."""
    instance.stop()
    for table, columns in {
        "browser_session": ["authenticated_at", "created_at", "last_seen_at", "expires_at"],
        "one_time_secret": ["created_at", "expires_at", "consumed_at"],
    }.items():
        changes = ", ".join(f"{name} = {name} - {seconds * 1000}" for name in columns)
        instance.database.execute(f"UPDATE {table} SET {changes}")
    instance.start()
