"""Userinfo and revocation: attack cases 3.H."""

from __future__ import annotations

import pytest

from browser import Browser
from expect import bearer_error, invalid_token, j400, j401
from harness import Client, Tenant, User
from protocol import basic, refresh, revoke, token, tokens, userinfo
from watch import recorded, unchanged

OFFLINE = "openid offline_access"


@pytest.mark.conformance(
    "fapi2-security-profile-final-access-token-type-header-case-sensitivity", "any-case")
def test_userinfo_by_every_allowed_way(client: Client, tenant: Tenant) -> None:
    user = tenant.create_user("kay@example.com", username="kay", name="Kay")
    given = tokens(client, user, scope="openid profile email")["access_token"]
    http, url = tenant.instance.http, tenant.endpoint("userinfo")
    bearer = {"Authorization": f"Bearer {given}"}
    answers = [
        http.get(url, headers=bearer), http.post(url, headers=bearer),
        http.post(url, data={"access_token": given}),
        http.get(url, headers={"Authorization": f"bearer {given}"}),
    ]
    for answer in answers:
        assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
        said = answer.json()
        assert isinstance(said.pop("updated_at"), int)
        assert said == {
            "sub": user.id, "name": "Kay", "preferred_username": "kay",
            "email": "kay@example.com", "email_verified": True}
    narrow = tokens(client, user, scope="openid")["access_token"]
    assert userinfo(tenant, narrow).json() == {"sub": user.id}


def test_gh_157_and_160_a_token_without_openid(client: Client, user: User, tenant: Tenant) -> None:
    given = tokens(client, user, scope="email")["access_token"]
    bearer_error(userinfo(tenant, given), 403, "insufficient_scope")
    machine = tenant.create_client("machine", "--scope", "api:read")
    given = token(machine, grant_type="client_credentials").json()["access_token"]
    answer = userinfo(tenant, given)
    assert answer.status_code in (401, 403) and answer.content == b""


def test_gh_158_a_token_comes_once_and_never_in_the_query(
    client: Client, user: User, tenant: Tenant
) -> None:
    given = tokens(client, user)["access_token"]
    http, url = tenant.instance.http, tenant.endpoint("userinfo")
    bearer = f"Bearer {given}"
    refused = [
        http.get(f"{url}?access_token={given}"),
        http.get(f"{url}?access_token={given}", headers={"Authorization": bearer}),
        http.post(url, headers={"Authorization": bearer}, data={"access_token": given}),
        http.get(url, headers=[("Authorization", bearer), ("Authorization", bearer)]),
        http.get(url, headers=[("Authorization", bearer), ("Authorization", "Basic eDp5")]),
        http.get(url, headers={"Cookie": f"access_token={given}"}),
        http.get(url, headers={"Authorization": given}),
        http.get(url, headers={"Authorization": f"Basic {given}"}),
        http.get(url, headers={"Authorization": f"Bearer  {given}"}),
        http.get(url, headers={"Authorization": f"Bearer {given} x"}),
        http.get(url, headers={"Authorization": "Bearer"}),
        http.get(url, headers={"Authorization": f"Bearer {given[:-3]}é".encode()}),
        http.post(url, json={"access_token": given}),
        http.post(url, content=f"access_token={given}&access_token={given}",
                  headers={"Content-Type": "application/x-www-form-urlencoded"}),
    ]
    for number, answer in enumerate(refused):
        assert answer.status_code in (400, 401), number
        assert answer.headers["www-authenticate"].startswith("Bearer"), number
        assert user.id not in answer.text
    bearer_error(http.get(url), 401, None)


def test_gh_161_ids_of_people_and_of_clients_never_meet(
    client: Client, user: User, tenant: Tenant
) -> None:
    machine = tenant.create_client("machine")
    assert user.id.startswith("usr_") and machine.id.startswith("client_")
    j401(token(client, method="none", grant_type="client_credentials", client_id=user.id))


def test_revoking_a_refresh_token_ends_the_grant(client: Client, user: User) -> None:
    given = tokens(client, user, scope=OFFLINE)
    answer = revoke(client, given["refresh_token"])
    assert answer.status_code == 200 and answer.content == b""
    j400(refresh(client, given["refresh_token"]), "invalid_grant")
    invalid_token(userinfo(client.tenant, given["access_token"]))
    assert revoke(client, given["refresh_token"]).status_code == 200


def test_revoking_an_access_token_ends_it_alone(client: Client, user: User) -> None:
    given = tokens(client, user, scope=OFFLINE)
    second = refresh(client, given["refresh_token"]).json()
    assert revoke(client, given["access_token"]).status_code == 200
    invalid_token(userinfo(client.tenant, given["access_token"]))
    assert userinfo(client.tenant, second["access_token"]).status_code == 200
    assert refresh(client, given["refresh_token"]).status_code == 200


@pytest.mark.parametrize("hint", [None, "access_token", "refresh_token", "garbage", ""])
def test_gh_149_the_hint_is_only_a_hint(client: Client, user: User, hint: str | None) -> None:
    given = tokens(client, user, scope=OFFLINE)
    for name in ("access_token", "refresh_token"):
        assert revoke(client, given[name], token_type_hint=hint).status_code == 200
    j400(refresh(client, given["refresh_token"]), "invalid_grant")
    invalid_token(userinfo(client.tenant, given["access_token"]))


def test_gh_149_parameters_that_come_twice(client: Client) -> None:
    for body in ("token=x&token=y", "token=x&token_type_hint=a&token_type_hint=b", "token="):
        answer = client.tenant.instance.http.post(
            client.tenant.endpoint("revocation"), content=body,
            headers={"Content-Type": "application/x-www-form-urlencoded",
                     "Authorization": basic(client.id, client.secret or "")})
        j400(answer, "invalid_request")


def test_gh_152_nobody_revokes_what_is_anothers(
    client: Client, user: User, tenant: Tenant, browser: Browser
) -> None:
    given = tokens(client, user, scope=OFFLINE)
    strangers = [tenant.create_client("web"), tenant.create_client("native"),
                 tenant.instance.create_tenant().create_client("web")]
    with recorded(tenant), unchanged(tenant, user):
        for stranger in strangers:
            for name in ("refresh_token", "access_token", "id_token"):
                for hint in (None, "access_token", "refresh_token"):
                    answer = revoke(stranger, given[name], token_type_hint=hint)
                    assert answer.status_code == 200 and answer.content == b""
        j401(revoke(client, given["refresh_token"], method="none"))
    assert userinfo(tenant, given["access_token"]).status_code == 200
    assert refresh(client, given["refresh_token"]).status_code == 200


def test_gh_155_revocation_says_nothing_about_tokens(client: Client, user: User) -> None:
    given = tokens(client, user, scope=OFFLINE)
    with recorded(client.tenant, "access_token.revoked", actor=client.id):
        answers = [revoke(client, value) for value in (
            "x", "rt_" + "A" * 43, given["id_token"], given["access_token"][:-1], "é", "a.b.c",
            given["access_token"], "A" * 60_000, "ac_" + "A" * 43, "..",
            "eyJhbGciOiJub25lIn0.e30.")]
    for answer in answers:
        assert answer.status_code == 200 and answer.content == b""
    for answer in answers[1:]:
        assert set(answer.headers) == set(answers[0].headers)
    assert revoke(client, "A" * 1_000_000).status_code == 413
    assert userinfo(client.tenant, given["access_token"]).status_code == 401


def test_gh_148_userinfo_asks_whether_everyone_still_counts(
    tenant: Tenant, user: User, browser: Browser
) -> None:
    client = tenant.create_client()
    given = tokens(client, user, browser)
    assert userinfo(tenant, given["access_token"]).status_code == 200
    left = browser.get(f"{tenant.endpoint('end_session')}?id_token_hint={given['id_token']}")
    assert left.status == 303
    invalid_token(userinfo(tenant, given["access_token"]))


def test_gh_148_a_key_that_is_removed_verifies_nothing(
    tenant: Tenant, client: Client, user: User
) -> None:
    given = tokens(client, user)
    for key in tenant.cli("key", "list"):
        if key["algorithm"] == "ES256":
            tenant.cli("key", "rotate", "--algorithm", "ES256", "--now")
            tenant.cli("key", "delete", "--", key["kid"])
    invalid_token(userinfo(tenant, given["access_token"]))
    assert userinfo(tenant, tokens(client, user)["access_token"]).status_code == 200
