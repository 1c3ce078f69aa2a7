"""Ways around the domain of an organization that are none: invitations, what was granted before a removal,
assertions of other issuers, keys, and pages of one's own. Attack cases 3.W."""

from __future__ import annotations

from pathlib import Path

import pytest

from browser import Browser
from expect import j400
from harness import Instance, Tenant
from invitations import (  # noqa: F401 - fixtures
    create_account, invite, inviting, is_offered, join_button, letter, mailing, relay)
from jwt_bearer import given, trust
from mails import MailRelay
from nameserver import NameServer
from organization_domains import (  # noqa: F401 - fixtures
    acme, names, new_domain, prove, resolving, somebody)
from organizations import join, member, members, organization, role
from protocol import refresh, tokens
from test_allowed_applications import open_page
from test_api_keys import key, seen

OFFLINE = "openid offline_access"


def own(tenant: Tenant, organization: str, *rules: str) -> str:
    """A domain that counts as proved, where nobody can be asked."""
    host = new_domain()
    tenant.cli("organization", "domain", "add", host, "--organization", organization, *rules)
    tenant.instance.database.execute(
        "UPDATE organization_domain SET verified_at = 1, checked_at = 9999999999999 "
        f"WHERE host = '{host}'")
    return host


def test_whoever_is_invited_becomes_what_the_invitation_says(
    inviting: Tenant, relay: MailRelay  # noqa: F811 - fixtures
) -> None:
    """Also where the domain would have them join as less: they have not accepted yet."""
    org = organization(inviting, "initech")
    role(inviting, "lead", "pages:write")
    host = own(inviting, org, "--join", "--require")
    inviting.cli("organization", "update", org, "--session-length", "2h")
    address = f"kay@{host}"
    invite(inviting, org, address, "--title", "Lead", roles=("lead",))
    browser = Browser(inviting.instance)
    page = create_account(browser, browser.get(letter(inviting, relay, address)))
    assert is_offered(page) and members(inviting, org) == []
    assert "You are in" in join_button(browser, page).words
    (shown,) = members(inviting, org)
    assert (shown["title"], shown["roles"]) == ("Lead", ["lead"])
    # And the session that began before that is as long as the organization says.
    (session,) = inviting.instance.database.rows(
        "SELECT expires_at - authenticated_at AS length FROM browser_session "
        f"WHERE tenant_id = '{inviting.id}'")
    assert session["length"] == 7_200_000


@pytest.mark.attack("GH-509")
def test_what_ended_with_a_removal_does_not_come_back(acme: Tenant, names: NameServer) -> None:  # noqa: F811,E501
    org = organization(acme, "one")
    host = prove(acme, names, org, "--require")
    user, client = somebody(acme, host), acme.create_client("web")
    join(acme, org, user)
    before = tokens(client, user, scope=OFFLINE)
    member(acme, "suspend", org, user)
    j400(refresh(client, before["refresh_token"]), "invalid_grant")
    member(acme, "activate", org, user)
    assert refresh(client, before["refresh_token"]).status_code == 200
    member(acme, "remove", org, user)
    join(acme, org, user)
    j400(refresh(client, before["refresh_token"]), "invalid_grant")
    tokens(client, user, scope=OFFLINE)


def test_another_issuer_s_word_makes_nobody_a_member(
    acme: Tenant, names: NameServer, tmp_path: Path  # noqa: F811
) -> None:
    org = organization(acme, "one")
    host = prove(acme, names, org, "--require", "--join")
    partner, user = trust(acme, tmp_path, "--scope", "orders:read"), somebody(acme, host)
    j400(partner.ask(partner.assertion(user.id)), "invalid_grant")
    assert members(acme, org) == []
    join(acme, org, user)
    assert given(partner.ask(partner.assertion(user.id)))["access_token"]
    member(acme, "suspend", org, user)
    j400(partner.ask(partner.assertion(user.id)), "invalid_grant")


def test_keys_of_people_end_there_too(acme: Tenant, names: NameServer) -> None:  # noqa: F811
    org = organization(acme, "one")
    host = prove(acme, names, org, "--require")
    user = somebody(acme, host)
    join(acme, org, user)
    api = acme.create_client("machine")
    acme.cli("resource", "create", "--identifier", "https://orders.test", "--name", "Orders",
             "--server", api.id, "--scope", "orders:read=Read")
    made = key(acme, "--user", user.id, "--scope", "orders:read", resource="https://orders.test")
    assert seen(api, made)["active"] is True
    member(acme, "suspend", org, user)
    assert seen(api, made)["active"] is False
    member(acme, "activate", org, user)
    assert seen(api, made)["active"] is True


def test_pages_of_one_s_own_need_no_client_of_a_suspended_organization(
    instance: Instance
) -> None:
    tenant = instance.create_tenant()
    org = organization(tenant, "one")
    tenant.create_client("web", "--party", "third", "--organization", org)
    user = tenant.create_user()
    tenant.create_client("web")
    tenant.cli("organization", "suspend", org)
    open_page(Browser(instance), tenant, user)
