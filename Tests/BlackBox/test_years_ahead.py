"""A clock that is decades ahead: attack case GH-494."""

from __future__ import annotations

from pathlib import Path

import pytest

import harness
from browser import Browser
from conftest import KINDS
from expect import invalid_token, j400
from harness import Instance
from protocol import PKCE, authorize, claims, refresh, revoke, tokens, userinfo

FAKETIME = [*Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")]


@pytest.mark.skipif(not FAKETIME, reason="libfaketime is not installed")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("moment", "after"), [
    pytest.param("2038-01-19 03:14:00", 2**31 - 60, id="2038"),
    pytest.param("2100-02-28 23:59:50", 4_107_542_300, id="2100"),
])
def test_gh_494_every_flow_works_decades_ahead(
    kind: str, moment: str, after: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The library adds a variable to the environment, and where it does so in the program itself,
    # Swift finds no arguments any more. So it is the shell in front to which it happens.
    program = tmp_path / "gatehouse"
    program.write_text(f'#!/bin/sh\nexec "{harness.BINARY}" "$@"\n')
    program.chmod(0o755)
    monkeypatch.setattr(harness, "BINARY", str(program))
    environment = {
        "LD_PRELOAD": str(FAKETIME[0]), "FAKETIME": f"@{moment}", "TZ": "UTC",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1"}
    with Instance(kind, environment=environment) as instance:
        tenant = instance.create_tenant()
        client, user = tenant.create_client("native"), tenant.create_user()
        browser = Browser(instance)
        given = tokens(client, user, browser, scope="openid offline_access")
        said = claims(given["id_token"])
        assert after < said["auth_time"] <= said["iat"] < said["exp"]
        assert authorize(browser, client, None, PKCE.new(), prompt="none", max_age="3600").code
        renewed = refresh(client, given["refresh_token"]).json()
        assert userinfo(tenant, renewed["access_token"]).json()["sub"] == user.id
        tenant.cli("key", "rotate", "--algorithm", "ES256", "--now")
        again = refresh(client, renewed["refresh_token"]).json()
        assert userinfo(tenant, again["access_token"]).status_code == 200
        assert revoke(client, again["refresh_token"]).status_code == 200
        invalid_token(userinfo(tenant, again["access_token"]))
        j400(refresh(client, again["refresh_token"]), "invalid_grant")
        for record in instance.log_records():
            assert record["time"].startswith(("203", "210")), record
