"""Discovery lists exactly what works, where clients can show certificates."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import change_feed as feed
import mtls
from harness import Tenant
from metadata_uses import USES
from mutual import BOUND, GOOD, acme, mutual_instance  # noqa: F401 - fixtures
from protocol import PKCE, authorize, claims, request_parameters
from walk import Walk


def aliases(walk: Walk, value: dict[str, str]) -> None:
    client = mtls.tls_client(
        walk.tenant, mtls.SUBJECT, "web", "--device-authorization",
        "--backchannel-authentication", "--id-token-algorithm", "ES256")
    pkce = PKCE.new()
    forms: dict[str, dict[str, str]] = {
        "token_endpoint": {
            "grant_type": "authorization_code", "redirect_uri": client.redirect_uri,
            "code": authorize(walk.browser(), client, walk.user, pkce).code,
            "code_verifier": pkce.verifier},
        "revocation_endpoint": {"token": "x"}, "introspection_endpoint": {"token": "x"},
        "device_authorization_endpoint": {"scope": "openid"},
        "pushed_authorization_request_endpoint": request_parameters(client, PKCE.new()),
        "backchannel_authentication_endpoint": {
            "scope": "openid", "login_hint": walk.user.name}}
    for name, url in value.items():
        if name == "userinfo_endpoint":
            token = walk.tokens()["access_token"]
            told = mtls.told(walk.tenant, token, GOOD)
        elif name == "change_feed_endpoint":
            token = feed.follower_token(feed.follower(walk.tenant))
            told = mtls.send(
                walk.tenant.instance, GOOD, "GET", url,
                headers={"Authorization": f"Bearer {token}"})
        else:
            told = mtls.send(
                walk.tenant.instance, GOOD, "POST", url,
                data=forms[name] | {"client_id": client.id})
        assert told.status_code in (200, 201), (name, told.text)


def bound_to_certificates(walk: Walk, value: bool) -> None:
    assert value
    client = mtls.tls_client(walk.tenant, mtls.SUBJECT, "machine", BOUND)
    given = mtls.ask(client, GOOD).json()["access_token"]
    assert claims(given)["cnf"] == {"x5t#S256": GOOD.thumbprint}


def methods(endpoint: str) -> Callable[[Walk, list[str]], None]:
    def use(walk: Walk, values: list[str]) -> None:
        assert values[-2:] == ["tls_client_auth", "self_signed_tls_client_auth"]
        USES[f"{endpoint}_endpoint_auth_methods_supported"](walk, values[:-2])
        own = mtls.self_signed()
        for client, identity in (
                (mtls.tls_client(walk.tenant), GOOD),
                (mtls.self_signed_client(walk.tenant, walk.folder, own.jwk()), own)):
            told = mtls.ask(client, identity, endpoint=endpoint, token="x")
            assert told.status_code == 200, told.text
    return use


BY_CERTIFICATE: dict[str, Callable[[Walk, Any], None]] = {
    "mtls_endpoint_aliases": aliases,
    "tls_client_certificate_bound_access_tokens": bound_to_certificates,
} | {
    f"{endpoint}_endpoint_auth_methods_supported": methods(endpoint)
    for endpoint in ("token", "revocation", "introspection")
}


@pytest.mark.parametrize("member", BY_CERTIFICATE)
def test_what_the_metadata_names_works(acme: Tenant, tmp_path: Path, member: str) -> None:
    BY_CERTIFICATE[member](Walk(acme, tmp_path), acme.metadata[member])


def test_the_metadata_names_nothing_else(acme: Tenant) -> None:
    # No resource of this tenant understands authorization details.
    assert set(acme.metadata) == (
        set(USES) | set(BY_CERTIFICATE)) - {"authorization_details_types_supported"}
