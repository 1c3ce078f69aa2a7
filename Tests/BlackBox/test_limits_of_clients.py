"""Limits on what clients get wrong, and the command that sets limits: attack cases 3.D and 3.K."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx
import pytest

from browser import Browser
from command import on_terminal
from expect import invalid_token, j400, j401
from harness import Client, CommandFailed, Instance, Tenant, User
from protocol import PKCE, authorize, redeem, revoke, token, tokens, userinfo
from visitor import kinds, limited_json, set_limit


def test_gh_074_the_limiter_trips_for_each_client(app: Client, alice: User, acme: Tenant) -> None:
    other, phone = acme.create_client("web"), acme.create_client("native")
    pkce = PKCE.new()
    code = authorize(Browser(acme.instance), app, alice, pkce).code

    def guess(client: Client) -> httpx.Response:
        return redeem(client, f"ac_{PKCE.new().verifier}", pkce)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: guess(app), range(400)))
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) == 100
    for answer in refused:
        limited_json(answer)
    for answer in answers:
        if answer.status_code != 429:
            j400(answer, "invalid_grant")
    # Nobody else is concerned, and the client itself is not where it is right.
    j400(guess(other), "invalid_grant")
    j400(guess(phone), "invalid_grant")
    assert redeem(app, code, pkce).status_code == 200
    events = [e for e in acme.instance.events(acme) if e["kind"] == "limit.exceeded"]
    assert [(e["actor"], json.loads(e["detail"])) for e in events] == [
        (app.id, {"limit": "grant-client"})]


def test_strangers_cannot_use_up_what_a_public_client_may_try(acme: Tenant, alice: User) -> None:
    phone, pkce = acme.create_client("native"), PKCE.new()
    set_limit(acme, "grant-network", 5)

    def guess(address: str) -> httpx.Response:
        return redeem_from(phone, f"ac_{PKCE.new().verifier}", pkce, address)

    codes = [guess("198.51.100.1").status_code for _ in range(8)]
    assert codes == [400] * 5 + [429] * 3
    j400(guess("203.0.113.1"), "invalid_grant")
    code = authorize(Browser(acme.instance), phone, alice, pkce).code
    assert redeem_from(phone, code, pkce, "198.51.100.1").status_code == 200


def redeem_from(client: Client, code: str, pkce: PKCE, address: str) -> httpx.Response:
    return token(
        client, headers={"X-Forwarded-For": address}, grant_type="authorization_code", code=code,
        redirect_uri=client.redirect_uri, code_verifier=pkce.verifier)


def test_failed_authentications_are_limited_and_right_ones_never(
    app: Client, acme: Tenant
) -> None:
    machine = acme.create_client("machine")
    set_limit(acme, "authentication-client", 5)
    wrong = Client(acme, machine.id, "cs_" + "A" * 43, "machine", "", "client_secret_basic")

    def ask(client: Client, address: str, endpoint: str) -> httpx.Response:
        return token(
            client, endpoint=endpoint, headers={"X-Forwarded-For": address},
            grant_type="client_credentials", token="x")

    for endpoint in ("token", "revocation", "token", "revocation", "token"):
        j401(ask(wrong, "192.0.2.1", endpoint))
    for endpoint in ("token", "revocation"):
        limited_json(ask(wrong, "192.0.2.1", endpoint))
        j401(ask(replace(wrong, id=app.id), "192.0.2.1", endpoint))
    j401(ask(wrong, "192.0.2.2", "token"))
    assert ask(machine, "192.0.2.1", "token").status_code == 200
    assert revoke(machine, "x").status_code == 200


def test_access_tokens_that_nobody_issued_are_limited(
    app: Client, alice: User, acme: Tenant
) -> None:
    set_limit(acme, "access-token-network", 4)
    given = tokens(app, alice)["access_token"]
    for wrong in ("x", given[:-4] + "AAAA", given + "A", given.replace(".", "..", 1)):
        invalid_token(userinfo(acme, wrong))
    limited_json(userinfo(acme, "x"))
    assert userinfo(acme, given).status_code == 200
    # One that was ours, and is over, is told as that: its client has to know.
    assert revoke(app, given).status_code == 200
    invalid_token(userinfo(acme, given))


# The command


def test_limits_are_shown_and_changed(acme: Tenant, proxied_instance: Instance) -> None:
    def cli(*arguments: str) -> object:
        return proxied_instance.cli("tenant", *arguments)

    listed = {limit["limit"]: limit for limit in cli("limits", acme.slug)}
    assert listed["password-name"] == {
        "limit": "password-name", "allowed": 25, "per": "1h", "default": True,
        "standard": "25 per 1h"}
    changed = cli("limit", acme.slug, "password-name", "--allow", "5", "--per", "90s")
    assert changed == {
        "limit": "password-name", "allowed": 5, "per": "90s", "default": False,
        "standard": "25 per 1h"}
    assert cli("limit", acme.slug, "password-name", "--per", "2h")["allowed"] == 5
    assert changed | {"per": "2h"} in cli("limits", acme.slug)
    assert cli("limit", acme.slug, "password-name", "--default") == listed["password-name"]
    assert list(listed.values()) == cli("limits", acme.slug)
    assert kinds(acme).count("tenant.limit_changed") == 3
    shown = on_terminal("tenant", "limits", acme.slug, "--data", proxied_instance.data)
    assert shown.splitlines()[0].split() == ["LIMIT", "ALLOWED", "PER", "DEFAULT", "STANDARD"]
    assert len(shown.splitlines()) == len(listed) + 1


@pytest.mark.parametrize("arguments, code", [
    (["password"], 3), (["password-name"], 2), (["password-name", "--allow", "0"], 2),
    (["password-name", "--allow", "1000001"], 2), (["password-name", "--allow", "-1"], 2),
    (["password-name", "--per", "1"], 2), (["password-name", "--per", "0s"], 2),
    (["password-name", "--per", "32d"], 2), (["password-name", "--per", "+1h"], 2),
    (["password-name", "--per", "1h1h"], 2), (["password-name", "--per", "99999999999999999s"], 2),
    (["password-name", "--default", "--allow", "5"], 2),
])
def test_limits_that_cannot_be_are_refused(acme: Tenant, arguments: list[str], code: int) -> None:
    with pytest.raises(CommandFailed) as failure:
        acme.instance.cli("tenant", "limit", acme.slug, *arguments)
    assert failure.value.code == code
    assert "tenant.limit_changed" not in kinds(acme)
