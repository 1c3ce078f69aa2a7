"""Refresh tokens: attack cases 3.F that need no race; those that do are in test_races.py."""

from __future__ import annotations

import pytest

from browser import Browser
from expect import invalid_token, j400, j401
from harness import Client, Instance, Tenant, User
from protocol import PKCE, authorize, claims, end, refresh, token, tokens, userinfo
from watch import recorded, unchanged

OFFLINE = "openid offline_access"


def test_a_refresh_keeps_what_was_granted(client: Client, user: User) -> None:
    first = tokens(client, user, scope=f"{OFFLINE} email", nonce="n-1")
    second = refresh(client, first["refresh_token"]).json()
    before, after = claims(first["id_token"]), claims(second["id_token"])
    for name in ("iss", "sub", "aud", "azp", "auth_time", "sid", "email"):
        assert after[name] == before[name]
    assert second["scope"] == first["scope"] and "nonce" not in after


def test_a_refresh_may_ask_for_less_and_never_for_more(client: Client, user: User) -> None:
    first = tokens(client, user, scope=f"{OFFLINE} email")
    less = refresh(client, first["refresh_token"], scope="openid").json()
    assert less["scope"] == claims(less["access_token"])["scope"] == "openid"
    assert "email" not in claims(less["id_token"])
    again = refresh(client, first["refresh_token"]).json()
    assert again["scope"] == first["scope"], "Asking for less once gives nothing away."
    for scope in ("openid profile", "admin", "openid email offline_access profile"):
        j400(refresh(client, first["refresh_token"], scope=scope), "invalid_scope")


def test_gh_112_a_refresh_token_belongs_to_its_client(
    public_client: Client, user: User, tenant: Tenant
) -> None:
    given = tokens(public_client, user, scope=OFFLINE)
    confidential, public = tenant.create_client("web"), tenant.create_client("spa")
    value = given["refresh_token"]
    with unchanged(tenant, user):
        # The stranger does no harm, and is seen.
        for other in (confidential, public):
            with recorded(tenant, "refresh_token.refused", actor=other.id):
                j400(refresh(other, value), "invalid_grant")
        with recorded(tenant):
            j401(refresh(confidential, value, method="none"))
            j401(refresh(public_client, value, client_id=""))
    assert refresh(public_client, value).status_code == 200
    # Also what was used already: a stranger who has it cannot end the family with it.
    renewed = refresh(public_client, value).json()["refresh_token"]
    with unchanged(tenant, user):
        j400(refresh(public, value), "invalid_grant")
    assert refresh(public_client, renewed).status_code == 200


def test_gh_112_a_confidential_client_must_prove_itself_to_refresh(
    client: Client, user: User
) -> None:
    given = tokens(client, user, scope=OFFLINE)
    j401(refresh(client, given["refresh_token"], method="none"))
    assert refresh(client, given["refresh_token"]).status_code == 200


def test_gh_113_a_refresh_token_belongs_to_its_tenant(
    client: Client, user: User, instance: Instance
) -> None:
    given = tokens(client, user, scope=OFFLINE)
    other = instance.create_tenant()
    there = other.create_client("web")
    with recorded(client.tenant), recorded(other), unchanged(client.tenant, user):
        j400(refresh(there, given["refresh_token"]), "invalid_grant")
        j401(refresh(client, given["refresh_token"], url=other.endpoint("token")))
    assert refresh(client, given["refresh_token"]).status_code == 200


@pytest.mark.parametrize("what", [
    "password", "user disabled", "user deleted", "client disabled", "client deleted",
    "tenant disabled",
])
def test_gh_116_and_148_what_a_grant_stands_on(client: Client, user: User, what: str) -> None:
    given = tokens(client, user, scope=OFFLINE)
    end(client, user, what)
    answer = refresh(client, given["refresh_token"])
    if what.startswith("client"):
        j401(answer)
    elif what == "tenant disabled":
        assert answer.status_code in (401, 404)
    else:
        j400(answer, "invalid_grant")
    told = userinfo(client.tenant, given["access_token"])
    if what == "tenant disabled":
        assert told.status_code in (401, 404)
    else:
        invalid_token(told)


def test_gh_118_and_193_what_is_left_alone_for_too_long_ends(own_instance: Instance) -> None:
    tenant = own_instance.create_tenant()
    client, user, browser = tenant.create_client(), tenant.create_user(), Browser(own_instance)
    given = tokens(client, user, browser, scope=OFFLINE)
    day = 24 * 3600 * 1000

    def later(days: int) -> None:
        own_instance.stop()
        for table, columns in {
            "browser_session": ["authenticated_at", "last_seen_at", "expires_at"],
            "refresh_token": ["created_at", "expires_at"],
        }.items():
            changes = ", ".join(f"{name} = {name} - {days * day}" for name in columns)
            own_instance.database.execute(f"UPDATE {table} SET {changes}")
        own_instance.start()

    later(2)
    again = authorize(browser, client, None, PKCE.new(), prompt="none")
    assert again.error == "login_required", "A session ends a day after it was last used."
    assert refresh(client, given["refresh_token"]).status_code == 200
    later(31)
    j400(refresh(client, given["refresh_token"]), "invalid_grant")


def test_gh_119_a_refresh_token_without_offline_access_ends_with_the_session(
    tenant: Tenant, user: User, browser: Browser
) -> None:
    client = tenant.create_client("web", "--refresh-tokens", "always")
    online = tokens(client, user, browser, scope="openid")
    offline = tokens(client, user, browser, scope=OFFLINE)
    left = browser.get(f"{tenant.endpoint('end_session')}?id_token_hint={online['id_token']}")
    assert left.status == 303
    j400(refresh(client, online["refresh_token"]), "invalid_grant")
    invalid_token(userinfo(tenant, online["access_token"]))
    assert refresh(client, offline["refresh_token"]).status_code == 200


def test_gh_121_other_things_are_no_refresh_token(
    client: Client, user: User, browser: Browser
) -> None:
    given = tokens(client, user, browser, scope=OFFLINE)
    code = authorize(browser, client, user, PKCE.new()).code
    others = (given["access_token"], given["id_token"], code, client.secret,
              browser.cookie("session"), browser.cookie("browser"), user.id, client.id)
    with recorded(client.tenant), unchanged(client.tenant, user):
        for wrong in others:
            j400(refresh(client, wrong), "invalid_grant")
            j400(refresh(client, "rt_" + (wrong or "").partition("_")[2]), "invalid_grant")


def test_gh_122_and_454_tokens_that_are_almost_right(public_client: Client, user: User) -> None:
    value = tokens(public_client, user, scope=OFFLINE)["refresh_token"]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet.index(value[-1])
    almost = [value[:length] for length in range(len(value))] + [
        value[:-1], value[:-2], value[:-3], value[:10], value + "A", value + "=", value + " ",
        value.upper(), value.lower(), value.swapcase(), value.replace("rt_", "ac_"), value[3:],
        "rt_" + value, value[:-1] + alphabet[last ^ 1], value[:-1] + alphabet[last ^ 2],
        value.replace("_", "-", 1), value + "\u0301", value[:20] + " " + value[20:],
        "RT_" + value[3:], value.replace("rt_", "rt-"), value + value, value.replace("rt_", "ses_"),
    ]
    with recorded(public_client.tenant), unchanged(public_client.tenant, user):
        for wrong in almost:
            if wrong != value:
                j400(refresh(public_client, wrong), ("invalid_grant", "invalid_request"))
    assert refresh(public_client, value).status_code == 200, "Guessing revoked the grant."


def test_a_missing_refresh_token(client: Client) -> None:
    for value in (None, ""):
        j400(token(client, grant_type="refresh_token", refresh_token=value), "invalid_request")
