"""How ids are found, and that what watches over attacks would see a bad one."""

from __future__ import annotations

import ast

import pytest

from attacks import Case, carriers, catalogue, ids_in_marks, ids_in_name
from browser import Browser
from harness import Client, Tenant, User
from protocol import PKCE, authorize, tokens
from watch import recorded, unchanged


@pytest.mark.parametrize(("name", "ids"), [
    ("test_gh_044_only_the_port_may_differ", ["GH-044"]),
    ("test_gh_022_and_023_answers", ["GH-022", "GH-023"]),
    ("test_gh_133_134_136_rewritten", ["GH-133", "GH-134", "GH-136"]),
    ("test_gh_070_and_64_at_once", ["GH-070"]), ("test_gh_094_to_101_assertions", ["GH-094"]),
    ("test_gh_031", ["GH-031"]), ("test_gh_1234_x", []), ("test_of_gh_044", []), ("gh_044", []),
])
def test_ids_in_names(name: str, ids: list[str]) -> None:
    assert ids_in_name(name) == ids


def test_ids_in_markers() -> None:
    tree = ast.parse(
        '@pytest.mark.attack("GH-001", "GH-002")\n'
        '@pytest.mark.parametrize("x", [pytest.param(1, marks=attack("GH-003"))])\n'
        "def test_x(): pass\n"
        "@attack(name)\ndef test_y(): pass\n")
    assert ids_in_marks(tree.body[0]) == ["GH-001", "GH-002", "GH-003"]  # type: ignore[arg-type]
    with pytest.raises(AssertionError, match="no literal"):
        ids_in_marks(tree.body[1])  # type: ignore[arg-type]


def test_the_list_of_cases_is_read() -> None:
    (first, second) = catalogue(
        "# x\n== A | One\nGH-001 | a\nGH-002 | b | note: c\n== B | Two | not yet: d\nGH-003 | e\n")
    assert first.cases == [Case("GH-001", "a", ""), Case("GH-002", "b", "note: c")]
    assert [case.reason for case in first.cases] == [None, None]
    assert second.cases[0].reason == "not yet: d"
    for text in ("GH-001 | a", "== A | x\nGH-1 | a", "== A | x\nGH-001 | a | maybe",
                 "== A | x\nGH-001 | a\nGH-001 | b"):
        with pytest.raises(AssertionError):
            catalogue(text)


def test_every_id_of_a_test_is_in_the_list() -> None:
    known = {case.id for section in catalogue() for case in section.cases}
    carried = {id for carrier in carriers() for id in carrier.ids}
    assert len(carried) > 100 and carried <= known


def test_an_event_too_many_or_too_few_is_seen(
    client: Client, user: User, browser: Browser, tenant: Tenant
) -> None:
    with recorded(tenant, "session.signed_in", "grant.created", actor=user.id) as added:
        authorize(browser, client, user, PKCE.new())
    assert {event["kind"] for event in added} == {"session.signed_in", "grant.created"}
    for kinds, actor in ((["grant.created"], client.id), ([], None), (["grant.created"] * 2, None),
                         (["grant.revoked"], None)):
        with pytest.raises(AssertionError, match="U4"), recorded(tenant, *kinds, actor=actor):
            authorize(browser, client, None, PKCE.new(), prompt="none")


def test_a_changed_row_is_seen(client: Client, tenant: Tenant) -> None:
    victim, other = tenant.create_user(), tenant.create_user()
    with unchanged(tenant, victim):
        tokens(client, other)
        tenant.cli("user", "update", other.id, "--name", "Somebody else")
    with pytest.raises(AssertionError, match="U5: user_account"), unchanged(tenant, victim):
        tenant.cli("user", "update", victim.id, "--name", "Changed")
    with pytest.raises(AssertionError, match="U5"), unchanged(tenant, victim):
        tokens(client, victim)
    given = tokens(client, victim, scope="openid offline_access")
    with pytest.raises(AssertionError, match="U5: (access_change|authorization_grant|refresh_token)"):
        with unchanged(tenant, victim):
            instance, url = tenant.instance, tenant.endpoint("revocation")
            instance.http.post(url, auth=(client.id, client.secret or ""), data={
                "token": given["refresh_token"]})
    with pytest.raises(AssertionError, match="prove nothing"):
        with unchanged(tenant, User("usr_0", "x", "x")):
            pass
