"""Domains that organizations speak for: proved by a record, and what they decide about whoever has an
address there. Attack cases 3.W."""

from __future__ import annotations

import pytest

from browser import Browser, Page
from harness import CommandFailed, Instance, Tenant, User
from nameserver import NameServer
from organization_domains import (  # noqa: F401 - fixtures
    acme, domain, names, new_domain, prove, resolving, somebody)
from organizations import join, member, members, organization, role
from protocol import (
    PKCE, Redirect, authorization_url, begin, claims, refresh, sign_in, tokens, userinfo)

OFFLINE = "openid email offline_access"
REFUSAL = "Your organization does not let you in."


def joined(tenant: Tenant, organization: str) -> dict[str, list[str]]:
    """Who is in an organization, and with which roles."""
    return {one["user"]: one["roles"] for one in members(tenant, organization)}


def attempt(tenant: Tenant, user: User, browser: Browser | None = None) -> Page:
    """The page that follows an attempt to sign in to a new client."""
    browser = browser or Browser(tenant.instance)
    page = begin(browser, tenant.create_client("web"))
    form = page.form("identifier", "password")
    return browser.submit(page, form, identifier=user.name, password=user.password)


def is_let_in(tenant: Tenant, user: User) -> bool:
    page = attempt(tenant, user)
    if page.status == 403:
        assert REFUSAL in page.words and "set-cookie" not in page.headers
        return False
    return bool(Redirect.read(page).code)


def test_a_domain_is_claimed_proved_and_given_up(acme: Tenant, names: NameServer) -> None:
    org = organization(acme, "one")
    host = new_domain()
    claimed = domain(acme, "add", org, host, "--join")
    assert claimed["state"] == "unverified" and claimed["organization"] == org
    assert (claimed["join"], claimed["roles"], claimed["require"]) == (True, [], False)
    assert claimed["txt_record"] == f"_gatehouse.{host}"
    with pytest.raises(CommandFailed, match="already"):
        domain(acme, "add", org, host)
    with pytest.raises(CommandFailed, match="there is none"):
        domain(acme, "verify", org, host)
    names.texts[claimed["txt_record"]] = ["gatehouse-domain-verification=another"]
    with pytest.raises(CommandFailed, match="says otherwise"):
        domain(acme, "verify", org, host)
    # Until it is proved, it decides nothing.
    user = somebody(acme, host)
    assert is_let_in(acme, user) and joined(acme, org) == {}
    names.texts[claimed["txt_record"]] = [claimed["txt_value"]]
    assert domain(acme, "verify", org, host)["verified_at"]
    (listed,) = domain(acme, "list", org)
    assert listed["host"] == host and listed["state"] == "in_use"
    domain(acme, "remove", org, host)
    assert is_let_in(acme, user) and joined(acme, org) == {}
    assert domain(acme, "list", org) == []
    kinds = [event["kind"] for event in acme.instance.events(acme)]
    for kind in ("added", "verified", "removed"):
        assert f"organization.domain_{kind}" in kinds


def test_one_organization_of_a_tenant_has_a_domain(acme: Tenant, names: NameServer) -> None:
    one, two = organization(acme, "one"), organization(acme, "two")
    host = prove(acme, names, one)
    claimed = domain(acme, "add", two, host)
    names.texts[claimed["txt_record"]].append(claimed["txt_value"])
    with pytest.raises(CommandFailed, match="Another organization"):
        domain(acme, "verify", two, host)
    # Another tenant is another world.
    other = acme.instance.create_tenant()
    prove(other, names, organization(other, "one"), host=host)
    domain(acme, "remove", one, host)
    assert domain(acme, "verify", two, host)["state"] == "in_use"


@pytest.mark.parametrize("host", ["Example.test", "localhost", "127.0.0.1", "a b.test", "-a.test"])
def test_what_is_no_domain(acme: Tenant, host: str) -> None:
    org = organization(acme, "one")
    with pytest.raises(CommandFailed, match="not a domain|Usage"):
        acme.cli("organization", "domain", "add", "--organization", org, "--", host)


def test_whoever_has_a_verified_address_joins(acme: Tenant, names: NameServer) -> None:
    org = organization(acme, "one")
    role(acme, "reader", "pages:read")
    host = prove(acme, names, org, "--join", "--role", "reader")
    verified, unverified = somebody(acme, host), somebody(acme, host, verified=False)
    outside = somebody(acme, f"sub.{host}")
    client = acme.create_client("web", "--organizations", "all")
    given = tokens(client, verified)
    (told,) = claims(given["access_token"])["organizations"]
    assert (told["id"], told["scopes"]) == (org, ["pages:read"])
    for user in (unverified, outside):
        assert claims(tokens(client, user)["access_token"])["organizations"] == []
    assert joined(acme, org) == {verified.id: ["reader"]}
    # No role of theirs is given twice, and what an operator changed stays.
    member(acme, "update", org, verified, "--role", "")
    tokens(client, verified)
    assert joined(acme, org) == {verified.id: []}


def test_whoever_was_taken_out_stays_out(acme: Tenant, names: NameServer) -> None:
    org = organization(acme, "one")
    host = prove(acme, names, org, "--join")
    user, other = somebody(acme, host), somebody(acme, host)
    for one in (user, other):
        assert is_let_in(acme, one)
    member(acme, "remove", org, user)
    member(acme, "suspend", org, other)
    for one in (user, other):
        assert is_let_in(acme, one)
    (left,) = members(acme, org)
    assert (left["user"], left["state"]) == (other.id, "suspended")
    # An operator may take them back, and what they did before is forgotten.
    join(acme, org, user)
    assert user.id in joined(acme, org)


def test_nobody_becomes_an_owner_by_an_address(acme: Tenant, names: NameServer) -> None:
    org = organization(acme, "one")
    role(acme, "boss", "owner")
    role(acme, "later", "a:b")
    with pytest.raises(CommandFailed, match="makes owners"):
        domain(acme, "add", org, new_domain(), "--join", "--role", "boss")
    host = prove(acme, names, org, "--join", "--role", "later")
    with pytest.raises(CommandFailed, match="makes owners"):
        domain(acme, "update", org, host, "--role", "boss")
    with pytest.raises(CommandFailed, match="no role"):
        domain(acme, "update", org, host, "--role", "nobody")
    # A role that makes owners only since then is passed over, and one that is gone.
    acme.cli("organization", "role", "update", "later", "--scope", "owner")
    user = somebody(acme, host)
    assert is_let_in(acme, user) and joined(acme, org) == {user.id: []}
    acme.cli("organization", "role", "delete", "later")
    another = somebody(acme, host)
    assert is_let_in(acme, another) and joined(acme, org)[another.id] == []


def test_a_required_domain_lets_members_in_only(acme: Tenant, names: NameServer) -> None:
    org = organization(acme, "one")
    host = prove(acme, names, org, "--require")
    user, unverified = somebody(acme, host), somebody(acme, host, verified=False)
    stranger = acme.create_user()
    assert not is_let_in(acme, user) and not is_let_in(acme, unverified)
    assert is_let_in(acme, stranger)
    join(acme, org, user)
    assert is_let_in(acme, user)
    member(acme, "suspend", org, user)
    assert not is_let_in(acme, user)
    member(acme, "activate", org, user)
    acme.cli("organization", "suspend", org)
    assert not is_let_in(acme, user)
    acme.cli("organization", "activate", org)
    assert is_let_in(acme, user)
    domain(acme, "update", org, host, "--no-require")
    assert is_let_in(acme, unverified)
    assert "Your organization" not in attempt(acme, User(
        user.id, user.name, "wrong", user.email, None)).words


def test_a_required_domain_can_let_people_join(acme: Tenant, names: NameServer) -> None:
    org = organization(acme, "one")
    host = prove(acme, names, org, "--require", "--join")
    user, unverified = somebody(acme, host), somebody(acme, host, verified=False)
    assert is_let_in(acme, user) and joined(acme, org) == {user.id: []}
    assert not is_let_in(acme, unverified)
    member(acme, "remove", org, user)
    assert not is_let_in(acme, user)


@pytest.mark.attack("GH-509")
@pytest.mark.parametrize("what", ["member removed", "member suspended", "organization suspended"])
def test_a_session_ends_with_the_membership(
    acme: Tenant, names: NameServer, what: str
) -> None:
    org = organization(acme, "one")
    host = prove(acme, names, org, "--require")
    user, keeper = somebody(acme, host), acme.create_user()
    join(acme, org, user)
    join(acme, org, keeper, "owner")
    client, browser = acme.create_client("web"), Browser(acme.instance)
    given = tokens(client, user, browser, scope=OFFLINE)
    online = tokens(client, user, browser)
    assert userinfo(acme, given["access_token"]).status_code == 200
    match what:
        case "member removed": member(acme, "remove", org, user)
        case "member suspended": member(acme, "suspend", org, user)
        case _: acme.cli("organization", "suspend", org)
    for one in (given, online):
        assert userinfo(acme, one["access_token"]).status_code == 401
    answer = refresh(client, given["refresh_token"])
    assert answer.status_code == 400 and answer.json()["error"] == "invalid_grant"
    silent = browser.get(authorization_url(client, PKCE.new(), prompt="none"), site="cross-site")
    assert Redirect.read(silent).error == "login_required"
    assert not is_let_in(acme, user)


def test_strangers_make_no_account_with_such_an_address(
    acme: Tenant, names: NameServer
) -> None:
    acme.instance.cli("tenant", "update", acme.slug, "--registration", "open")
    org = organization(acme, "one")
    host = prove(acme, names, org, "--require", "--join")
    browser = Browser(acme.instance)
    page = begin(browser, acme.create_client("web"), prompt="create")
    form = page.form("email", "name", "password")
    typed = {"name": "Eve", "password": "teapot gravel unicorn 41"}
    answer = browser.submit(page, form, email=f"eve@{host}", **typed)
    assert answer.status == 422 and "made by its organization" in answer.words
    assert acme.cli("user", "list") == []
    answer = browser.follow(browser.submit(
        page, form, email=f"eve@elsewhere-{host}", **typed))
    assert Redirect.read(answer).code


def test_a_domain_that_is_required_later_decides_at_the_next_sign_in(
    acme: Tenant, names: NameServer
) -> None:
    org = organization(acme, "one")
    host = prove(acme, names, org)
    user, browser = somebody(acme, host), Browser(acme.instance)
    client = acme.create_client("web")
    tokens(client, user, browser)
    domain(acme, "update", org, host, "--require")
    page = browser.get(authorization_url(client, PKCE.new(), prompt="none"), site="cross-site")
    assert Redirect.read(page).code
    page = begin(browser, client, prompt="login")
    form = page.form("identifier", "password")
    again = browser.submit(page, form, password=user.password)
    assert again.status == 403 and REFUSAL in again.words


def test_the_password_is_looked_at_first(acme: Tenant, names: NameServer) -> None:
    """Nobody learns of an organization, or of an account, without the password."""
    org = organization(acme, "one")
    host = prove(acme, names, org, "--require")
    user = somebody(acme, host)
    for name in (user.name, f"nobody@{host}"):
        page = attempt(acme, User(user.id, name, "wrong password", name, None))
        assert page.status == 401 and "Your organization" not in page.words


def test_an_operator_s_server_needs_no_domains(instance: Instance) -> None:
    """Where nobody has a domain, nothing is different: usernames have none."""
    tenant = instance.create_tenant()
    user = tenant.create_user(username="kay")
    client = tenant.create_client("web")
    browser = Browser(instance)
    page = sign_in(browser, begin(browser, client), user)
    assert Redirect.read(page).code
