"""The keys that a client is registered with, and what becomes of it when they change:
attack cases 3.U."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assertions import Signing, key_set, new_key, publish, register
from browser import Browser
from expect import j401
from harness import CommandFailed, Tenant, User
from protocol import PKCE, authorize, claims


@pytest.mark.conformance("oidcc-refresh-token-rp-key-rotation", "succeeds")
def test_a_client_that_changed_its_keys_may_still_refresh(
    tenant: Tenant, user: User, tmp_path: Path
) -> None:
    signing, pkce = register(tenant, tmp_path, "web"), PKCE.new()
    code = authorize(
        Browser(tenant.instance), signing.client, user, pkce, scope="openid offline_access").code
    given = signing.ask(
        grant_type="authorization_code", code=code, code_verifier=pkce.verifier,
        redirect_uri=signing.client.redirect_uri).json()
    changed = Signing(signing.client, new_key())
    file = tmp_path / "changed.json"
    file.write_bytes(key_set(changed.key))
    signing.client.update("--jwks", str(file))
    form = {"grant_type": "refresh_token", "refresh_token": given["refresh_token"]}
    j401(signing.ask(**form))
    assert claims(changed.ask(**form).json()["access_token"])["sub"] == user.id


def test_keys_are_registered_and_shown(tenant: Tenant, tmp_path: Path) -> None:
    key = new_key()
    file = tmp_path / "keys.json"
    flags = ["client", "create", "--name", "A", "--type", "machine"]
    signs = ["--authentication", "private_key_jwt"]
    private = json.dumps({"keys": [key.as_dict(private=True)]})
    for content, more in (
        (private, signs), ("{}", signs), ('{"keys":[]}', signs), ("[]", signs), ("x", signs),
        ('{"keys":[{"kty":"oct","k":"AAAA"}]}', signs), (key_set(key).decode() + "x", signs),
        (key_set(key).decode(), [*signs, "--jwks-uri", "https://rp.test/keys"]),
        (key_set(key).decode(), []), (key_set(key).decode(), ["--authentication", "secret"]),
        (key_set(key).decode(), ["--authentication", "client_secret_jwt"]),
    ):
        file.write_text(content)
        with pytest.raises(CommandFailed) as failed:
            tenant.cli(*flags, "--jwks", str(file), *more)
        assert failed.value.code == 2
        assert key.as_dict(private=True)["d"] not in failed.value.stderr
    with pytest.raises(CommandFailed):
        tenant.cli(*flags, *signs)
    with pytest.raises(CommandFailed):
        tenant.cli(*flags, *signs, "--jwks", str(tmp_path / "nowhere"))
    file.write_bytes(key_set(key))
    with pytest.raises(CommandFailed):
        tenant.create_client("spa", *signs, "--jwks", str(file))
    made = tenant.cli(*flags, *signs, "--jwks", str(file))
    assert "client_secret" not in made
    shown = tenant.cli("client", "show", made["client_id"])
    assert shown["authentication"] == "private_key_jwt" and shown["secrets"] == []
    assert shown["jwks"]["keys"][0]["x"] == key.as_dict(private=False)["x"]
    moved = tenant.cli(
        "client", "update", made["client_id"], "--jwks-uri", "https://rp.test/keys")
    assert moved["jwks_uri"] == "https://rp.test/keys" and "jwks" not in moved
    native = tenant.create_client("native", *signs, "--jwks", str(file))
    assert tenant.cli("client", "show", native.id)["authentication"] == "private_key_jwt"


@pytest.mark.attack("GH-352", "GH-355")
def test_gh_352_addresses_of_keys_that_are_none(tenant: Tenant) -> None:
    for address in (
        "http://rp.test/keys", "https://good.test@127.0.0.1/", "https://good.test#@127.0.0.1/",
        "https://127.0.0.1\\@good.test/", "https://good.test\t/", "https://good.test\n/",
        "https://good.test/\r\nHost: evil", "https://[fe80::1%25lo]/", "https://2130706433/",
        "https://0x7f000001/", "https://0177.0.0.1/", "https://127.1/", "https://u:p@good.test/",
        "file:///etc/passwd", "https://good.test:99999/", "https:///keys", "https://good.test/ü",
    ):
        with pytest.raises(CommandFailed) as failed:
            publish(tenant, address)
        assert failed.value.code == 2
