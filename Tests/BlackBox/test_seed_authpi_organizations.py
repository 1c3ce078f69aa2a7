"""Authorization per organization with `authpi-idp` from PyPI as the client, unchanged: what the
chapter “Authorization” of its documentation says, at sign-in, at refresh and for one organization."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from authpi_idp import (
    AuthenticatedAgent, IdpClientSync, LogoutOptions, OAuthError, PrincipalType, RefreshError,
    has_access, parse_scope)

from authpi import HOME, SCOPES, SINGLE_USE, arrive, expired, log_in, seen, settings
from browser import Browser
from harness import Client, Tenant, User
from introspection import introspect
from organizations import join, member, organization, role
from protocol import claims, end


@pytest.fixture
def client(tenant: Tenant) -> Client:
    return tenant.create_client(
        "web", *SINGLE_USE, "--organizations", "all", "--post-logout-redirect-uri", HOME,
        redirect_uris=["http://localhost:3000/callback"])


@pytest.fixture
def kay(tenant: Tenant) -> User:
    return tenant.create_user("kay@example.com", username="kay", name="Kay Doe")


@pytest.fixture
def idp(client: Client) -> IdpClientSync:
    return IdpClientSync(**settings(client))


@pytest.fixture
def acme(tenant: Tenant, kay: User) -> str:
    role(tenant, "editor", "projects:**", "users:read")
    made = organization(tenant, "acme")
    join(tenant, made, kay, "billing:read", roles=("editor",), title="Founder")
    return made


@pytest.fixture
def initech(tenant: Tenant, kay: User) -> str:
    made = organization(tenant, "initech")
    join(tenant, made, kay, "owner", "admin")
    return made


def test_the_agent_carries_memberships_and_decides_by_them(
    client: Client, idp: IdpClientSync, kay: User, browser: Browser, acme: str, initech: str
) -> None:
    agent = log_in(idp, browser, kay)
    assert (agent.id, agent.type, agent.org_id) == (kay.id, PrincipalType.USER, None)
    found = {one.id: one for one in agent.organizations}
    assert set(found) == {acme, initech} and all(id.startswith("org_") for id in found)
    assert (found[acme].title, found[initech].title) == ("Founder", None)
    assert all(time.time() - 60 < one.joined_at <= time.time() for one in found.values())
    assert agent.get_scopes_for(acme) == ["billing:read", "projects:**", "users:read"]
    assert agent.get_scopes_for(initech) == ["admin", "owner"]
    # The example of the documentation, line by line.
    for action, resource, allowed in (
        ("read", "projects", True), ("write", "projects", True),
        ("delete", "projects.tasks", True), ("read", "projects.tasks.comments", True),
        ("read", "users", True), ("write", "users", False), ("read", "billing", True),
        ("write", "billing", False), ("read", "projectsx", False),
    ):
        assert agent.has_access_in(acme, action, resource) is allowed, (action, resource)
        assert agent.has_access(action, resource) is allowed
        assert not agent.has_access_in(initech, action, resource)
    for org in ("org_nobody", "", "acme", acme[:-1], acme.upper()):
        assert not agent.has_access_in(org, "read", "projects") and not agent.is_member_of(org)
        assert agent.get_scopes_for(org) == []
    assert (agent.is_member_of(acme), agent.is_owner_of(acme), agent.is_admin_of(acme)) == (
        True, False, False)
    assert (agent.is_member_of(initech), agent.is_owner_of(initech),
            agent.is_admin_of(initech)) == (True, True, True)
    # The same in userinfo and in the access token, which other services read.
    info = idp.get_user_info(agent)
    assert info.organizations == agent.organizations and info.org_id is None
    told = claims(agent.tokens.access_token)["organizations"]
    assert told == claims(agent.tokens.id_token or "")["organizations"]
    assert told == introspect(client, agent.tokens.access_token).json()["organizations"]


@pytest.mark.parametrize("scope, action, resource, allowed", [
    ("users:*", "write", "users", True), ("users:*", "read", "users.verifiers", False),
    ("users:**", "read", "users.verifiers.backup", True), ("*:read", "read", "users", True),
    ("*:read", "read", "users.verifiers", False), ("*:read", "write", "users", False),
    ("*:**", "delete", "users.verifiers", True), ("users.verifiers:write", "write", "users", False),
    ("users.verifiers:write", "write", "users.verifiers", True),
])
def test_wildcards_mean_what_the_table_says_and_none_makes_an_owner(
    tenant: Tenant, idp: IdpClientSync, kay: User, browser: Browser, scope: str, action: str,
    resource: str, allowed: bool
) -> None:
    org = organization(tenant, "acme")
    join(tenant, org, kay, scope)
    agent = log_in(idp, browser, kay)
    assert agent.get_scopes_for(org) == [scope], "It is told as it was given."
    assert agent.has_access_in(org, action, resource) is allowed
    assert has_access([scope], action, resource) is allowed and parse_scope(scope) is not None
    assert agent.is_member_of(org)
    assert not agent.is_owner_of(org) and not agent.is_admin_of(org)


CHANGES: dict[str, Callable[[Tenant, str, User], Any]] = {
    "removed": lambda tenant, org, kay: member(tenant, "remove", org, kay),
    "suspended": lambda tenant, org, kay: member(tenant, "suspend", org, kay),
    "organization suspended": lambda tenant, org, kay: tenant.cli(
        "organization", "suspend", org, "--reason", "Unpaid"),
    "organization deleted": lambda tenant, org, kay: tenant.cli("organization", "delete", org),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_membership_is_seen_at_the_next_refresh(
    tenant: Tenant, idp: IdpClientSync, kay: User, browser: Browser, acme: str, initech: str,
    change: str
) -> None:
    agent = log_in(idp, browser, kay)
    CHANGES[change](tenant, acme, kay)
    # What was issued lives on, and userinfo knows it already.
    assert agent.has_access_in(acme, "write", "projects")
    assert [one.id for one in idp.get_user_info(agent).organizations or []] == [initech]
    kept: list[dict[str, Any]] = []
    agent = seen(idp.create_agent(expired(agent), on_refresh=kept.append), browser)
    assert kept == [agent.tokens.model_dump()]
    assert not agent.is_member_of(acme) and not agent.has_access_in(acme, "write", "projects")
    assert agent.get_scopes_for(acme) == [] and agent.is_owner_of(initech)


def test_whatever_becomes_of_a_role_is_seen_at_the_next_refresh(
    tenant: Tenant, idp: IdpClientSync, kay: User, browser: Browser, acme: str
) -> None:
    agent = log_in(idp, browser, kay)
    new = organization(tenant, "globex")
    join(tenant, new, kay, "projects:read")
    tenant.cli("organization", "role", "update", "editor", "--scope", "projects:read")
    agent = seen(idp.refresh(agent), browser)
    assert agent.get_scopes_for(acme) == ["billing:read", "projects:read"]
    assert agent.has_access_in(new, "read", "projects")
    member(tenant, "update", acme, kay, "--role", "", "--scope", "owner")
    agent = seen(idp.refresh(agent), browser)
    assert agent.is_owner_of(acme) and agent.get_scopes_for(acme) == ["owner"]


def test_one_organization_is_selected(
    tenant: Tenant, client: Client, idp: IdpClientSync, kay: User, browser: Browser, acme: str,
    initech: str
) -> None:
    agent = log_in(idp, browser, kay, org=acme)
    for _ in range(2):
        assert agent.org_id == acme
        assert [one.id for one in agent.organizations] == [acme]
        assert agent.organizations[0].title == "Founder"
        assert agent.has_access_in(acme, "write", "projects.tasks") and agent.is_member_of(acme)
        assert agent.has_access("write", "projects") and not agent.has_access("write", "billing")
        # Of the other one this agent knows nothing.
        assert not agent.is_member_of(initech) and not agent.is_owner_of(initech)
        info = idp.get_user_info(agent)
        assert (info.org_id, info.organizations) == (acme, agent.organizations)
        assert claims(agent.tokens.access_token)["org_id"] == acme
        # A refresh stays in it.
        agent = seen(idp.refresh(agent), browser)
    other = log_in(idp, browser, None, org=initech)
    assert other.org_id == initech and other.is_owner_of(initech)
    # Whoever is removed from it cannot go on in it.
    member(tenant, "remove", acme, kay)
    with pytest.raises(RefreshError) as refusal:
        idp.refresh(agent)
    assert refusal.value.error == "invalid_grant"
    assert seen(idp.refresh(other), browser).org_id == initech


@pytest.mark.parametrize("org", ["org_00000000000000000000000000", "nobody", "*"])
def test_an_organization_that_is_not_ones_own_is_refused(
    idp: IdpClientSync, kay: User, browser: Browser, acme: str, org: str
) -> None:
    auth = idp.create_authorization_url(SCOPES, org=org)
    with pytest.raises(OAuthError) as refusal:
        idp.exchange_callback(arrive(auth, browser, kay), auth)
    assert refusal.value.error == "access_denied"


def test_a_client_that_is_told_of_some_knows_no_other(
    tenant: Tenant, client: Client, idp: IdpClientSync, kay: User, browser: Browser, acme: str,
    initech: str
) -> None:
    client.update("--organizations", initech)
    agent = log_in(idp, browser, kay)
    assert [one.id for one in agent.organizations] == [initech]
    auth = idp.create_authorization_url(SCOPES, org=acme)
    with pytest.raises(OAuthError) as refusal:
        idp.exchange_callback(arrive(auth, browser, None), auth)
    assert refusal.value.error == "access_denied"


def test_revoking_and_signing_out_end_what_the_app_may_do_there(
    idp: IdpClientSync, kay: User, browser: Browser, acme: str
) -> None:
    agent = log_in(idp, browser, kay, org=acme)
    idp.revoke_token(agent.tokens.refresh_token or "", "refresh_token")
    with pytest.raises(RefreshError):
        idp.refresh(agent)
    with pytest.raises(OAuthError):
        idp.get_user_info(agent)
    agent = log_in(idp, browser, None, org=acme)
    page = browser.get(idp.create_logout_url(LogoutOptions(
        id_token_hint=agent.tokens.id_token, post_logout_redirect_uri=HOME, state="bye")),
        site="cross-site")
    assert page.location == f"{HOME}?state=bye"
    with pytest.raises(RefreshError):
        idp.create_agent(expired(agent))


def test_a_blocked_person_is_refused_at_the_next_refresh(
    client: Client, idp: IdpClientSync, kay: User, browser: Browser, acme: str
) -> None:
    agent = log_in(idp, browser, kay)
    end(client, kay, "user disabled")
    errors: list[Exception] = []
    with pytest.raises(RefreshError):
        idp.create_agent(expired(agent), on_refresh_error=errors.append)
    assert len(errors) == 1


def test_a_machine_decides_by_its_own_scopes(tenant: Tenant, acme: str) -> None:
    machine = tenant.create_client(
        "machine", "--organization", acme, "--scope", "users:read", "--scope", "users:write")
    idp = IdpClientSync(**settings(machine) | {"redirect_uri": None})
    agent = idp.client_credentials(scopes=["users:read"])
    tenant.instance._see_json(agent.tokens.model_dump())
    assert agent.organizations == [] and agent.get_scopes_for(acme) == []
    assert agent.has_access("read", "users") and not agent.has_access("write", "users")
    assert claims(agent.tokens.access_token)["org_id"] == acme
    tenant.cli("organization", "suspend", acme)
    with pytest.raises(OAuthError) as refusal:
        idp.client_credentials()
    assert refusal.value.error == "unauthorized_client"


def test_agents_of_two_people_never_mix(
    tenant: Tenant, idp: IdpClientSync, kay: User, browser: Browser, acme: str, initech: str
) -> None:
    other = tenant.create_user("lee@example.com")
    join(tenant, acme, other, "projects:read")
    agents: dict[str, AuthenticatedAgent] = {
        kay.id: log_in(idp, browser, kay), other.id: log_in(idp, Browser(tenant.instance), other)}
    for _ in range(2):
        assert agents[kay.id].has_access_in(acme, "write", "projects")
        assert not agents[other.id].has_access_in(acme, "write", "projects")
        assert not agents[other.id].is_member_of(initech)
        agents = {id: seen(idp.refresh(agent), browser) for id, agent in agents.items()}
