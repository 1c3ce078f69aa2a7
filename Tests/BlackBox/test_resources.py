"""Resources (RFC 8707): whom tokens are for, what they look like, and who may ask."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from browser import Browser
from expect import invalid_token, j400
from harness import CommandFailed, Tenant, User
from protocol import PKCE, authorize, claims, redeem, refresh, revoke, token, tokens, userinfo

ORDERS, PAYMENTS = "https://orders.test/v1", "https://payments.test"
OFFLINE = "openid offline_access orders:read orders:write payments:read"
ORDERING = "openid offline_access orders:read orders:write"


def create(tenant: Tenant, identifier: str, *options: str) -> dict[str, Any]:
    return tenant.cli(
        "resource", "create", "--identifier", identifier, "--name", "An API", *options)


@pytest.fixture
def orders(tenant: Tenant) -> dict[str, Any]:
    return create(tenant, ORDERS, "--scope", "orders:read=See orders",
                  "--scope", "orders:write=Change orders")


@pytest.fixture
def payments(tenant: Tenant) -> dict[str, Any]:
    return create(tenant, PAYMENTS, "--scope", "payments:read=See payments")


def machine(tenant: Tenant, *scopes: str) -> Any:
    return tenant.create_client("machine", *[o for s in scopes for o in ("--scope", s)])


def post(client: Any, pairs: list[tuple[str, str]]) -> httpx.Response:
    """A token request whose parameters may repeat."""
    body = "&".join(f"{name}={httpx.QueryParams({'x': value})}".replace("x=", "", 1)
                    for name, value in pairs)
    return client.tenant.instance.http.post(
        client.tenant.endpoint("token"), content=body, auth=(client.id, client.secret),
        headers={"Content-Type": "application/x-www-form-urlencoded"})


def test_the_audience_is_exactly_what_was_asked_for(
    tenant: Tenant, orders: Any, payments: Any
) -> None:
    client = machine(tenant, "orders:read", "payments:read")
    one = token(client, grant_type="client_credentials", resource=ORDERS).json()
    assert claims(one["access_token"])["aud"] == ORDERS
    assert one["scope"] == "orders:read" == claims(one["access_token"])["scope"]
    both = post(client, [("grant_type", "client_credentials"), ("resource", ORDERS),
                         ("resource", PAYMENTS), ("resource", ORDERS)]).json()
    assert claims(both["access_token"])["aud"] == [ORDERS, PAYMENTS]
    assert both["scope"] == "orders:read payments:read"
    none = token(client, grant_type="client_credentials").json()
    assert claims(none["access_token"])["aud"] == client.id


def test_a_scope_that_the_resource_does_not_know(tenant: Tenant, orders: Any) -> None:
    client = machine(tenant, "orders:read", "payments:read")
    j400(token(client, grant_type="client_credentials", resource=ORDERS,
               scope="payments:read"), "invalid_scope")


@pytest.mark.parametrize("resource", [
    "https://unknown.test", "orders", "https://orders.test/v1#x", "https://orders.test/v1/",
    "HTTPS://orders.test/v1", "https://orders.test/v1 ", "//orders.test", "1a:b", ":", "é:x",
    "https://orders.test/" + "x" * 500, "https://orders.test/v%0a1\n",
])
def test_gh_115_a_resource_that_is_none(tenant: Tenant, orders: Any, resource: str) -> None:
    j400(token(machine(tenant, "orders:read"), grant_type="client_credentials",
               resource=resource), "invalid_target")


def test_gh_115_a_token_is_for_part_of_the_grant_and_never_for_more(
    tenant: Tenant, user: User, orders: Any, payments: Any
) -> None:
    create(tenant, "https://third.test")
    client = tenant.create_client("web", "--scope", OFFLINE)
    pkce, browser = PKCE.new(), Browser(tenant.instance)
    code = authorize(browser, client, user, pkce, scope=ORDERING, resource=ORDERS).code
    j400(redeem(client, code, pkce, resource=PAYMENTS), "invalid_target")
    code = authorize(browser, client, user, pkce, scope=ORDERING, resource=ORDERS).code
    given = redeem(client, code, pkce).json()
    assert claims(given["access_token"])["aud"] == ORDERS
    assert given["scope"] == "openid offline_access orders:read orders:write"
    for resource in (PAYMENTS, "https://third.test", client.id + ":x"):
        j400(refresh(client, given["refresh_token"], resource=resource), "invalid_target")
    again = refresh(client, given["refresh_token"], resource=ORDERS).json()
    assert claims(again["access_token"])["aud"] == ORDERS


def test_one_grant_for_two_resources_yields_a_token_for_each(
    tenant: Tenant, user: User, orders: Any, payments: Any
) -> None:
    client = tenant.create_client("web", "--scope", OFFLINE)
    pkce, browser = PKCE.new(), Browser(tenant.instance)
    first = authorize(browser, client, user, pkce, scope=OFFLINE).code
    assert claims(redeem(client, first, pkce).json()["access_token"])["aud"] == client.id
    url = tenant.endpoint("authorization")
    query = httpx.QueryParams([
        ("response_type", "code"), ("client_id", client.id), ("scope", OFFLINE),
        ("redirect_uri", client.redirect_uri), ("code_challenge", pkce.challenge),
        ("code_challenge_method", "S256"), ("resource", ORDERS), ("resource", PAYMENTS)])
    page = browser.get(f"{url}?{query}", site="cross-site")
    code = httpx.URL(browser.follow(page).location or "").params["code"]
    given = redeem(client, code, pkce).json()
    assert claims(given["access_token"])["aud"] == [ORDERS, PAYMENTS]
    narrow = refresh(client, given["refresh_token"], resource=PAYMENTS).json()
    assert claims(narrow["access_token"])["aud"] == PAYMENTS
    assert narrow["scope"] == "openid offline_access payments:read"


def test_an_authorization_request_for_what_is_no_resource(
    tenant: Tenant, user: User, orders: Any
) -> None:
    client = tenant.create_client("web", "--scope", OFFLINE)
    browser = Browser(tenant.instance)
    for changes, error in (
        ({"resource": "https://unknown.test"}, "invalid_target"),
        ({"resource": "nonsense"}, "invalid_target"),
        ({"resource": ORDERS, "scope": "openid payments:read"}, "invalid_scope"),
    ):
        assert authorize(browser, client, user, PKCE.new(), **changes).error == error


def test_a_resource_for_some_clients_only(tenant: Tenant, orders: Any) -> None:
    (friend, stranger) = (machine(tenant, "orders:read"), machine(tenant, "orders:read"))
    tenant.cli("resource", "update", ORDERS, "--client", friend.id)
    assert token(friend, grant_type="client_credentials", resource=ORDERS).status_code == 200
    j400(token(stranger, grant_type="client_credentials", resource=ORDERS), "invalid_target")
    tenant.cli("resource", "update", ORDERS, "--client", "all")
    assert token(stranger, grant_type="client_credentials", resource=ORDERS).status_code == 200


def test_a_disabled_resource_yields_no_more_tokens(
    tenant: Tenant, user: User, orders: Any
) -> None:
    client = tenant.create_client("web", "--scope", OFFLINE)
    given = tokens(client, user, scope=ORDERING, resource=ORDERS)
    tenant.cli("resource", "update", ORDERS, "--disable")
    j400(refresh(client, given["refresh_token"]), "invalid_target")
    j400(refresh(client, given["refresh_token"], resource=ORDERS), "invalid_target")
    tenant.cli("resource", "update", ORDERS, "--enable")
    assert refresh(client, given["refresh_token"]).status_code == 200


def test_a_deleted_resource_takes_its_grants_with_it(tenant: Tenant, user: User) -> None:
    # Neither of them is a pattern for the other.
    (gone, other) = ("https://a_b.test/50%25", "https://aXb.test/50x25")
    for identifier in (gone, other):
        create(tenant, identifier)
    client = tenant.create_client("web")
    scope = "openid offline_access"
    (first, second) = (tokens(client, user, scope=scope, resource=r) for r in (gone, other))
    tenant.cli("resource", "delete", gone)
    j400(refresh(client, first["refresh_token"]), "invalid_grant")
    invalid_token(userinfo(tenant, first["access_token"]))
    assert refresh(client, second["refresh_token"]).status_code == 200


def test_the_resource_says_how_its_tokens_look(tenant: Tenant, user: User) -> None:
    create(tenant, ORDERS, "--algorithm", "EdDSA", "--lifetime", "120", "--claim", "email")
    client = tenant.create_client("web", "--scope", "openid profile")
    given = tokens(client, user, scope="openid", resource=ORDERS)
    keys = KeySet.import_key_set(tenant.instance.http.get(tenant.metadata["jwks_uri"]).json())
    found = jwt.decode(given["access_token"], keys, algorithms=["EdDSA"])
    assert given["expires_in"] == 120 == found.claims["exp"] - found.claims["iat"]
    assert found.claims["email"] == user.email and found.claims["aud"] == ORDERS


def test_opaque_access_tokens(tenant: Tenant, user: User) -> None:
    create(tenant, ORDERS, "--token-format", "opaque")
    client = tenant.create_client("web", "--scope", "openid email offline_access")
    given = tokens(client, user, scope="openid email offline_access", resource=ORDERS)
    opaque = given["access_token"]
    assert "." not in opaque and opaque not in tenant.instance.log_text()
    assert userinfo(tenant, opaque).json()["email"] == user.email
    other = refresh(client, given["refresh_token"]).json()["access_token"]
    assert other != opaque and userinfo(tenant, other).status_code == 200
    assert revoke(client, opaque).status_code == 200
    invalid_token(userinfo(tenant, opaque))
    assert userinfo(tenant, other).status_code == 200
    for wrong in (opaque[:-1] + ("A" if opaque[-1] != "A" else "B"), opaque + "A", opaque[4:]):
        invalid_token(userinfo(tenant, wrong))
    invalid_token(userinfo(tenant.instance.create_tenant(), other))
    rows = tenant.instance.database.rows(
        f"SELECT * FROM opaque_access_token WHERE tenant_id = '{tenant.id}'")
    # What was revoked is forgotten.
    assert len(rows) == 1 and other not in str(rows)


def test_no_one_token_for_different_formats(tenant: Tenant, orders: Any) -> None:
    create(tenant, PAYMENTS, "--token-format", "opaque")
    client = machine(tenant, "orders:read")
    j400(post(client, [("grant_type", "client_credentials"), ("resource", ORDERS),
                       ("resource", PAYMENTS)]), "invalid_target")
    single = token(client, grant_type="client_credentials", resource=PAYMENTS).json()
    assert single["access_token"].startswith("tok_")


def test_too_many_resources(tenant: Tenant, orders: Any) -> None:
    pairs = [("grant_type", "client_credentials")]
    j400(post(machine(tenant), pairs + [("resource", f"https://r{n}.test") for n in range(11)]),
         "invalid_target")
    j400(post(machine(tenant), pairs + [("scope", "a"), ("scope", "b")]), "invalid_request")


def test_commands_on_resources(tenant: Tenant, orders: dict[str, Any]) -> None:
    assert orders["scopes"] == {"orders:read": "See orders", "orders:write": "Change orders"}
    assert orders["token_format"] == "jwt" and orders["clients"] == "all"
    assert tenant.cli("resource", "show", ORDERS)["id"] == orders["id"]
    assert [r["id"] for r in tenant.cli("resource", "list")] == [orders["id"]]
    changed = tenant.cli("resource", "update", orders["id"], "--lifetime", "60", "--name", "Ö")
    assert changed["lifetime"] == 60 and changed["name"] == "Ö"
    assert tenant.cli("resource", "update", ORDERS, "--lifetime", "client")["lifetime"] == "client"
    for options, code in (
        (["--identifier", ORDERS], 4), (["--identifier", "orders"], 2),
        (["--identifier", "https://x.test#f"], 2),
        (["--identifier", "https://x.test", "--scope", "a b=Two"], 2),
        (["--identifier", "https://x.test", "--scope", "openid=Who"], 2),
        (["--identifier", "https://x.test", "--claim", "password"], 2),
        (["--identifier", "https://x.test", "--client", "nobody"], 2),
        (["--identifier", "https://x.test", "--lifetime", "5"], 2),
        (["--identifier", "https://x.test", "--token-format", "paper"], 2),
    ):
        with pytest.raises(CommandFailed) as failed:
            tenant.cli("resource", "create", "--name", "X", *options)
        assert failed.value.code == code, options
    with pytest.raises(CommandFailed) as failed:
        tenant.cli("resource", "show", "https://nowhere.test")
    assert failed.value.code == 3
