"""Organizations as an app sees them that uses `authpi-idp` from PyPI, unchanged."""

from __future__ import annotations

from typing import Any

import pytest
from authpi_idp import AuthenticatedAgent, IdpClientSync

from browser import Browser
from harness import Client, Tenant, User
from organizations import join, member, organization
from protocol import sign_in

CALLBACK = "http://localhost:3000/callback"
SCOPES = ["openid", "profile", "email"]


@pytest.fixture
def idp(tenant: Tenant) -> IdpClientSync:
    app = tenant.create_client(
        "web", "--organizations", "all", "--refresh-tokens", "always", "--rotation", "rotate",
        redirect_uris=[CALLBACK])
    return IdpClientSync(
        issuer_url=tenant.issuer, client_id=app.id, client_secret=app.secret,
        redirect_uri=CALLBACK)


def log_in(idp: IdpClientSync, browser: Browser, user: User, **more: Any) -> AuthenticatedAgent:
    auth = idp.create_authorization_url(SCOPES, **more)
    page = sign_in(browser, browser.get(auth.url, site="cross-site"), user)
    assert page.location and page.location.startswith(CALLBACK + "?")
    agent = idp.exchange_callback(page.location, auth)
    browser.instance._see_json(agent.tokens.model_dump())
    return agent


def test_access_in_each_organization(
    tenant: Tenant, idp: IdpClientSync, user: User, browser: Browser
) -> None:
    one, two = organization(tenant, "one"), organization(tenant, "two")
    join(tenant, one, user, "owner", "projects:write", "users:**")
    join(tenant, two, user, "*:read", "*:*")
    agent = log_in(idp, browser, user)
    assert {found.id for found in agent.organizations} == {one, two}
    for org, action, resource, allowed in (
        (one, "write", "projects", True), (one, "read", "projects", False),
        (one, "delete", "users.verifiers.backup", True), (one, "read", "usersx", False),
        (two, "write", "projects", True), (two, "write", "projects.tasks", False),
        ("org_x", "read", "users", False),
    ):
        assert agent.has_access_in(org, action, resource) == allowed, (org, action, resource)
    assert agent.is_owner_of(one) and not agent.is_owner_of(two) and agent.is_member_of(two)
    assert not agent.is_admin_of(two)


def test_a_membership_that_ends_is_gone_at_the_next_refresh(
    tenant: Tenant, idp: IdpClientSync, user: User, browser: Browser
) -> None:
    org = organization(tenant, "one")
    join(tenant, org, user, "projects:write")
    agent = log_in(idp, browser, user)
    assert agent.has_access_in(org, "write", "projects")
    member(tenant, "remove", org, user)
    renewed = idp.create_agent(agent.tokens.model_dump() | {"expires_at": 1})
    browser.instance._see_json(renewed.tokens.model_dump())
    assert not renewed.has_access_in(org, "write", "projects") and renewed.organizations == []


def test_one_selected_organization(
    tenant: Tenant, idp: IdpClientSync, user: User, browser: Browser
) -> None:
    org = organization(tenant, "one")
    join(tenant, org, user, "projects:write")
    agent = log_in(idp, browser, user, org=org)
    assert agent.org_id == org and [one.id for one in agent.organizations] == [org]
