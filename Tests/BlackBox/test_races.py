"""What may happen once happens once, however many ask at the same moment; and what was revoked
stays so."""

from __future__ import annotations

import httpx

from browser import Browser
from expect import invalid_token, j400
from harness import Client, Instance, Tenant, User
from protocol import PKCE, authorize, claims, redeem, refresh, tokens, userinfo
from races import WIDTH, at_once, live_heads, post_at_once, succeeded


def test_gh_070_and_458_one_code_is_redeemed_once_of_64_times(
    public_client: Client, user: User, browser: Browser
) -> None:
    for _ in range(3):
        pkce = PKCE.new()
        code = authorize(browser, public_client, user, pkce, scope="openid offline_access").code
        answers = post_at_once(public_client, {
            "grant_type": "authorization_code", "code": code, "code_verifier": pkce.verifier,
            "redirect_uri": public_client.redirect_uri})
        assert len(succeeded(answers)) == 1
        for answer in answers:
            if answer.status_code != 200:
                j400(answer, "invalid_grant")
    tenant = public_client.tenant
    events = [e["kind"] for e in tenant.instance.events(tenant)]
    assert events.count("authorization_code.redeemed") == 3
    # A code that comes again revokes what it yielded (RFC 6749 §4.1.2), so nothing is left.
    assert live_heads(public_client) == 0


def test_gh_458_and_513_refreshes_with_one_token_leave_one_live_head(
    public_client: Client, user: User
) -> None:
    given = tokens(public_client, user, scope="openid offline_access")
    answers = post_at_once(public_client, {
        "grant_type": "refresh_token", "refresh_token": given["refresh_token"]})
    won = succeeded(answers)
    assert len(won) == WIDTH
    heads = {answer["refresh_token"] for answer in won}
    assert len(heads) == 1, "Every answer names the head of the family."
    assert len({answer["access_token"] for answer in won}) == WIDTH
    assert live_heads(public_client) == 1
    (head,) = heads
    assert refresh(public_client, head).status_code == 200
    assert live_heads(public_client) == 1


def test_64_refreshes_with_one_stable_token_all_succeed(client: Client, user: User) -> None:
    given = tokens(client, user, scope="openid offline_access")

    def run(session: httpx.Client) -> httpx.Response:
        return session.post(
            client.tenant.endpoint("token"), auth=(client.id, client.secret or ""),
            data={"grant_type": "refresh_token", "refresh_token": given["refresh_token"]})

    answers = at_once(WIDTH, run)
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["refresh_token"] for answer in answers} == {given["refresh_token"]}
    for answer in answers:
        client.tenant.instance._see_json(answer.json())
    assert live_heads(client) == 1


def test_gh_107_and_458_refreshes_at_once_without_leeway_leave_nothing_alive(
    tenant: Tenant, user: User
) -> None:
    client = tenant.create_client("native", "--rotation-leeway", "0")
    given = tokens(client, user, scope="openid offline_access")
    answers = post_at_once(client, {
        "grant_type": "refresh_token", "refresh_token": given["refresh_token"]})
    won = succeeded(answers)
    assert len(won) <= 1
    for answer in answers:
        if answer.status_code != 200:
            j400(answer, "invalid_grant")
    assert live_heads(client) == 0
    for answer in won:
        j400(refresh(client, answer["refresh_token"]), "invalid_grant")


def test_gh_107_reuse_after_the_leeway_revokes_the_grant_and_a_restart_does_not_forget_it(
    own_instance: Instance,
) -> None:
    tenant = own_instance.create_tenant()
    client = tenant.create_client("native", "--rotation-leeway", "0")
    user = tenant.create_user()
    first = tokens(client, user, scope="openid offline_access")
    second = refresh(client, first["refresh_token"]).json()
    assert userinfo(tenant, first["access_token"]).status_code == 200

    def all_is_over() -> None:
        j400(refresh(client, first["refresh_token"]), "invalid_grant")
        j400(refresh(client, second["refresh_token"]), "invalid_grant")
        invalid_token(userinfo(tenant, first["access_token"]))
        invalid_token(userinfo(tenant, second["access_token"]))

    j400(refresh(client, first["refresh_token"]), "invalid_grant")
    all_is_over()
    assert "refresh_token.reused" in [e["kind"] for e in own_instance.events(tenant)]
    own_instance.restart()
    all_is_over()


def test_gh_488_what_is_answered_survives_a_kill(own_instance: Instance) -> None:
    tenant = own_instance.create_tenant()
    client = tenant.create_client("native")
    user = tenant.create_user()
    browser, pkce = Browser(own_instance), PKCE.new()
    code = authorize(browser, client, user, pkce, scope="openid offline_access").code
    given = redeem(client, code, pkce).json()
    own_instance.kill()
    own_instance.start()
    assert userinfo(tenant, given["access_token"]).json()["sub"] == user.id
    renewed = refresh(client, given["refresh_token"]).json()
    own_instance.kill()
    own_instance.start()
    assert refresh(client, renewed["refresh_token"]).status_code == 200
    j400(redeem(client, code, pkce), "invalid_grant")
    invalid_token(userinfo(tenant, given["access_token"]))


def test_gh_109_a_retry_in_the_leeway_gets_the_same_head_until_that_is_used(
    public_client: Client, user: User
) -> None:
    first = tokens(public_client, user, scope="openid offline_access")
    second = refresh(public_client, first["refresh_token"]).json()
    again = refresh(public_client, first["refresh_token"]).json()
    # Decisions: the retry gets the current head of the family, so that no second one lives.
    assert again["refresh_token"] == second["refresh_token"]
    assert live_heads(public_client) == 1
    third = refresh(public_client, second["refresh_token"]).json()
    j400(refresh(public_client, first["refresh_token"]), "invalid_grant")
    j400(refresh(public_client, third["refresh_token"]), "invalid_grant")
    invalid_token(userinfo(public_client.tenant, third["access_token"]))


def test_gh_110_only_the_immediate_predecessor_has_a_leeway(
    public_client: Client, user: User
) -> None:
    first = tokens(public_client, user, scope="openid offline_access")
    second = refresh(public_client, first["refresh_token"]).json()
    third = refresh(public_client, second["refresh_token"]).json()
    assert claims(third["access_token"])["gid"] == claims(first["access_token"])["gid"]
    j400(refresh(public_client, first["refresh_token"]), "invalid_grant")
    assert live_heads(public_client) == 0
    j400(refresh(public_client, third["refresh_token"]), "invalid_grant")
