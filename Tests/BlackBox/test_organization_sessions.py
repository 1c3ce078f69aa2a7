"""How long a sign-in counts at an organization: for whoever selects it, and for whoever signs in through
it."""

from __future__ import annotations

import pytest

from browser import Browser
from harness import Client, CommandFailed, Tenant, User
from nameserver import NameServer
from organization_domains import (  # noqa: F401 - fixtures
    acme, names, prove, resolving, somebody)
from organizations import join, organization
from protocol import PKCE, Redirect, authorization_url, begin, redeem, refresh, tokens

OFFLINE = "openid offline_access"


def pass_by(tenant: Tenant, user: User, minutes: int) -> None:
    """Makes the sign-ins of a user older, as if this time had passed."""
    for table in ("browser_session", "authorization_grant"):
        tenant.instance.database.execute(
            f"UPDATE {table} SET authenticated_at = authenticated_at - {minutes * 60_000} "
            f"WHERE user_id = '{user.id}'")


@pytest.fixture
def app(tenant: Tenant) -> Client:
    return tenant.create_client("web", "--organizations", "all")


@pytest.fixture
def strict(tenant: Tenant, user: User) -> str:
    """An organization for which a sign-in counts an hour."""
    made = organization(tenant, "strict")
    shown = tenant.cli("organization", "update", made, "--session-length", "1h")
    assert shown["session_length"] == "1h"
    join(tenant, made, user)
    return made


def test_whoever_selects_it_signs_in_again_after_a_time(
    tenant: Tenant, app: Client, user: User, strict: str, browser: Browser
) -> None:
    pkce = PKCE.new()
    tokens(app, user, browser, organization=strict)

    def silent(**changes: str) -> Redirect:
        return Redirect.read(browser.get(
            authorization_url(app, pkce, prompt="none", **changes), site="cross-site"))

    assert silent(organization=strict).code
    pass_by(tenant, user, 61)
    assert silent(organization=strict).error == "login_required"
    # Elsewhere nobody asks.
    assert silent().code
    page = begin(browser, app, pkce, organization=strict)
    assert "the organization asks that you do it again" in page.words
    page = browser.submit(page, page.form("identifier", "password"), password=user.password)
    answer = Redirect.read(browser.follow(page))
    assert redeem(app, answer.code, pkce).status_code == 200
    assert silent(organization=strict).code


def test_a_refresh_token_is_good_for_that_time(
    tenant: Tenant, app: Client, user: User, strict: str
) -> None:
    given = tokens(app, user, scope=OFFLINE, organization=strict)
    plain = tokens(app, user, scope=OFFLINE)
    assert refresh(app, given["refresh_token"]).status_code == 200
    pass_by(tenant, user, 61)
    answer = refresh(app, given["refresh_token"])
    assert answer.status_code == 400 and answer.json()["error"] == "invalid_grant"
    assert "sign in again" in answer.json()["error_description"]
    # Nor does another one lead there, and it goes on to be good for what it is.
    answer = refresh(app, plain["refresh_token"], organization_id=strict)
    assert answer.status_code == 400 and answer.json()["error"] == "invalid_grant"
    assert refresh(app, plain["refresh_token"]).status_code == 200
    # Whoever decides so may decide otherwise.
    tenant.cli("organization", "update", strict, "--session-length", "2h")
    assert refresh(app, given["refresh_token"]).status_code == 200
    shown = tenant.cli("organization", "update", strict, "--session-length", "none")
    assert "session_length" not in shown
    pass_by(tenant, user, 600)
    assert refresh(app, given["refresh_token"]).status_code == 200


@pytest.mark.parametrize("length", ["4m", "15d", "0h", "-1h", "1w", "1.5h", "99999999999999h"])
def test_what_is_no_length(tenant: Tenant, strict: str, length: str) -> None:
    with pytest.raises(CommandFailed, match="--session-length must be|Usage"):
        tenant.cli("organization", "update", strict, f"--session-length={length}")


def test_a_session_through_it_ends_in_time(acme: Tenant, names: NameServer) -> None:
    org = organization(acme, "one")
    host = prove(acme, names, org, "--require", "--join")
    acme.cli("organization", "update", org, "--session-length", "2h")
    user, other = somebody(acme, host), acme.create_user()
    client = acme.create_client("web")
    for one in (user, other):
        tokens(client, one)
    ends = {
        row["user_id"]: (row["expires_at"] - row["authenticated_at"], row["through"])
        for row in acme.instance.database.rows(
            "SELECT user_id, expires_at, authenticated_at, through_organization_id AS through "
            f"FROM browser_session WHERE tenant_id = '{acme.id}'")}
    assert ends == {user.id: (7_200_000, org), other.id: (14 * 86_400_000, None)}
