"""Exchange of tokens (RFC 8693): what an API gets for the token of a person, and who is said to
act. Attack cases 3.V."""

from __future__ import annotations

import json

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from expect import bearer_error, j400
from harness import CommandFailed, Tenant, User
from introspection import introspect, is_inactive
from protocol import claims, end, revoke, token, userinfo
from token_exchange import (  # noqa: F401 - fixtures
    ACCESS, ANY, BOOKS, GRANT_TYPE, ID, ORDERS, REFRESH, SCOPE, STOCK, Services, alice, exchange,
    given, services,
)
from watch import recorded, unchanged


# How it works


def test_an_api_asks_another_on_behalf_of_the_same_person(
    services: Services, tenant: Tenant, user: User, alice: str
) -> None:
    assert GRANT_TYPE in tenant.metadata["grant_types_supported"]
    with recorded(tenant, "access_token.exchanged", actor=services.orders.id) as told:
        answer = given(exchange(services.orders, alice, resource=STOCK, scope="stock:read"))
    assert answer.keys() == {
        "access_token", "issued_token_type", "token_type", "expires_in", "scope"}
    assert answer["issued_token_type"] == ACCESS and answer["token_type"] == "Bearer"
    assert answer["scope"] == "stock:read"
    keys = KeySet.import_key_set(
        tenant.instance.http.get(tenant.metadata["jwks_uri"]).json())
    said = jwt.decode(answer["access_token"], keys, algorithms=["ES256"]).claims
    before = claims(alice)
    assert said["sub"] == user.id and said["aud"] == STOCK and said["iss"] == tenant.issuer
    assert said["client_id"] == services.orders.id
    assert said["act"] == {"sub": services.orders.id}
    assert said["gid"] == before["gid"] and said["exp"] <= before["exp"]
    assert said["auth_time"] == before["auth_time"] and "may_act" not in said
    detail = json.loads(told[0]["detail"])
    assert told[0]["subject"] == said["jti"]
    assert detail == {
        "mode": "delegation", "user": user.id, "grant": said["gid"],
        "issued_to": services.app.id, "actors": services.orders.id, "audience": STOCK,
        "policy": services.policy}
    # Whoever speaks for the API is told who acts; the one of the first API is not told anything.
    assert introspect(services.stock, answer["access_token"]).json()["act"] == said["act"]
    is_inactive(introspect(services.stranger, answer["access_token"]))


def test_audience_and_resource_say_the_same_and_one_resource_goes_without_saying(
    services: Services, alice: str
) -> None:
    for form in ({"resource": STOCK}, {"audience": STOCK}, {}, {"audience": STOCK,
                                                               "resource": STOCK}):
        answer = given(exchange(services.orders, alice, **form))
        assert claims(answer["access_token"])["aud"] == STOCK
    services.allow(services.orders, STOCK, "--resource", BOOKS, "--from", services.app.id)
    body = "&".join(f"audience={one}" for one in (STOCK, BOOKS)) + (
        f"&grant_type={GRANT_TYPE}&subject_token={alice}&subject_token_type={ACCESS}")
    both = services.tenant.instance.http.post(
        services.tenant.endpoint("token"), content=body,
        auth=(services.orders.id, services.orders.secret or ""),
        headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert claims(given(both)["access_token"])["aud"] == [STOCK, BOOKS]


def test_opaque_tokens_are_exchanged_and_issued_too(
    services: Services, tenant: Tenant, user: User
) -> None:
    for resource in (ORDERS, STOCK):
        tenant.cli("resource", "update", resource, "--token-format", "opaque")
    alice = services.sign_in(user)["access_token"]
    assert alice.startswith("tok_")
    answer = given(exchange(services.orders, alice))
    said = introspect(services.stock, answer["access_token"]).json()
    assert said["active"] and said["sub"] == user.id and said["act"]["sub"] == services.orders.id
    revoke(services.app, alice)
    j400(exchange(services.orders, alice), "invalid_request")


def test_gh_362_nobody_exchanges_what_is_not_for_them(
    services: Services, tenant: Tenant, user: User, alice: str
) -> None:
    """A token is exchanged by whom it is for, or by whom a policy names for it."""
    # Without any policy a client may not use the grant type at all, nor may a public client.
    public = tenant.create_client("native")
    j400(exchange(services.stock, alice), "unauthorized_client")
    j400(exchange(services.app, alice), "unauthorized_client")
    j400(exchange(public, alice), "unauthorized_client")
    with pytest.raises(CommandFailed):
        services.allow(public, STOCK)
    # A policy of its own does not make a stranger one of those whom the token is for.
    services.allow(services.stranger, STOCK)
    with unchanged(tenant, user), recorded(
            tenant, "access_token.exchange_refused", actor=services.stranger.id) as told:
        j400(exchange(services.stranger, alice, resource=STOCK), "invalid_request")
    assert json.loads(told[0]["detail"])["reason"] == "policy"
    # Other clients and other audiences that a policy names are not these.
    services.allow(services.stranger, STOCK, "--from", services.orders.id)
    services.allow(services.stranger, STOCK, "--audience", BOOKS)
    services.allow(services.stranger, STOCK, "--audience", ORDERS, "--from", services.orders.id)
    j400(exchange(services.stranger, alice, resource=STOCK), "invalid_request")
    named = services.allow(
        services.stranger, STOCK, "--from", services.app.id, "--audience", ORDERS)
    given(exchange(services.stranger, alice, resource=STOCK))
    # What is taken away is away at once.
    services.forbid(services.stranger, named)
    j400(exchange(services.stranger, alice, resource=STOCK), "invalid_request")
    # A token for the app itself is the app's to exchange, and nobody else's.
    own = services.sign_in(user, resource=None)["access_token"]
    services.allow(services.app, STOCK)
    assert claims(own)["aud"] == services.app.id
    given(exchange(services.app, own))
    j400(exchange(services.orders, own), "invalid_request")


def test_gh_362_the_new_token_is_for_nothing_but_what_the_policy_names(
    services: Services, tenant: Tenant, alice: str
) -> None:
    for form in ({"resource": BOOKS}, {"audience": BOOKS}, {"resource": ORDERS},
                 {"audience": services.app.id}, {"resource": "https://nowhere.test"},
                 {"resource": STOCK, "audience": BOOKS}, {"resource": f"{STOCK}#x"}):
        j400(exchange(services.orders, alice, **form), "invalid_target")
    tenant.cli("resource", "update", STOCK, "--client", services.app.id)
    j400(exchange(services.orders, alice), "invalid_target")
    tenant.cli("resource", "update", STOCK, "--client", "all", "--disable")
    j400(exchange(services.orders, alice), "invalid_target")


def test_gh_362_the_scope_never_grows(
    services: Services, tenant: Tenant, user: User, alice: str
) -> None:
    assert given(exchange(services.orders, alice))["scope"] == SCOPE.replace("openid ", "")
    for scope in ("stock:write", "stock:read stock:write", "admin", "offline_access", "openid"):
        j400(exchange(services.orders, alice, scope=scope), "invalid_scope")
    # Unless the policy says so; and then only for what the client is registered for.
    services.forbid(services.orders, services.policy)
    services.allow(services.orders, STOCK, "--scope", "stock:write", "--scope", "stock:burn")
    assert "stock:write" not in given(exchange(services.orders, alice))["scope"]
    wanted = "stock:read stock:write"
    assert given(exchange(services.orders, alice, scope=wanted))["scope"] == wanted
    j400(exchange(services.orders, alice, scope="stock:burn"), "invalid_scope")
    # What the resource does not know is left out.
    tenant.cli("resource", "update", STOCK, "--scope", "stock:read=See the stock")
    assert given(exchange(services.orders, alice))["scope"] == "stock:read"
    less = services.sign_in(user, scope="openid orders:read")["access_token"]
    j400(exchange(services.orders, less, scope="stock:read"), "invalid_scope")


# Who acts


def test_gh_365_the_chain_of_actors_is_true_and_capped(
    services: Services, tenant: Tenant, alice: str
) -> None:
    services.allow(services.stock, ORDERS)
    value, expected = alice, []
    for step in range(5):
        client = services.stock if step % 2 else services.orders
        value = given(exchange(client, value))["access_token"]
        expected.insert(0, client.id)
        chain, actor = [], claims(value)["act"]
        while actor:
            chain.append(actor["sub"])
            actor = actor.get("act")
        assert chain == expected
    with recorded(tenant, "access_token.exchange_refused") as told:
        j400(exchange(services.stock, value), "invalid_request")
    assert json.loads(told[0]["detail"])["reason"] == "actors"


def test_gh_365_an_actor_token_is_the_client_s_own(
    services: Services, tenant: Tenant, user: User, alice: str
) -> None:
    own = token(services.orders, grant_type="client_credentials").json()["access_token"]
    other = token(services.stock, grant_type="client_credentials").json()["access_token"]

    def act(actor: str | None, kind: str | None = ACCESS) -> httpx.Response:
        return exchange(services.orders, alice, actor_token=actor, actor_token_type=kind)

    assert claims(given(act(own))["access_token"])["act"] == {"sub": services.orders.id}
    delegated = given(exchange(services.orders, alice))["access_token"]
    with unchanged(tenant, user):
        for wrong in (other, alice, delegated, "x", own + "x", "tok_" + "A" * 43):
            j400(act(wrong), "invalid_request")
        for kind in (None, ID, REFRESH, ANY, "x"):
            j400(act(own, kind), "invalid_request")
        j400(act(None), "invalid_request")
        j400(act(""), "invalid_request")
    revoke(services.orders, own)
    j400(act(own), "invalid_request")


def test_gh_365_a_person_acts_for_another_person(
    services: Services, tenant: Tenant, user: User
) -> None:
    """A support desk: the app exchanges the token of one person with another one as the actor."""
    services.allow(services.app, STOCK)
    clerk = tenant.create_user()
    alice = services.sign_in(user, resource=None)["access_token"]
    acting = services.sign_in(clerk, resource=None)
    with recorded(tenant, "access_token.exchanged") as told:
        new = given(exchange(services.app, alice, actor_token=acting["access_token"],
                             actor_token_type=ACCESS))["access_token"]
    assert claims(new)["sub"] == user.id
    assert claims(new)["act"] == {"sub": clerk.id, "client_id": services.app.id}
    assert json.loads(told[0]["detail"])["actors"] == clerk.id
    end(services.app, clerk, "user disabled")
    j400(exchange(services.app, alice, actor_token=acting["access_token"],
                  actor_token_type=ACCESS), "invalid_request")


def test_gh_365_impersonation_is_a_permission_of_its_own_and_is_always_seen(
    services: Services, tenant: Tenant, user: User, alice: str
) -> None:
    services.forbid(services.orders, services.policy)
    with pytest.raises(CommandFailed):
        services.allow(services.orders, STOCK, "--hide-actor")
    shown = services.allow(services.orders, STOCK, "--mode", "impersonation")
    with recorded(tenant, "access_token.exchanged") as told:
        new = given(exchange(services.orders, alice))["access_token"]
    assert claims(new)["act"] == {"sub": services.orders.id}
    assert json.loads(told[0]["detail"])["mode"] == "impersonation"
    # Who names an actor wants it said, which this is not about.
    own = token(services.orders, grant_type="client_credentials").json()["access_token"]
    j400(exchange(services.orders, alice, actor_token=own, actor_token_type=ACCESS),
         "invalid_request")
    services.forbid(services.orders, shown)
    services.allow(services.orders, STOCK, "--mode", "impersonation", "--hide-actor")
    with recorded(tenant, "access_token.exchanged") as told:
        new = given(exchange(services.orders, alice))["access_token"]
    said = claims(new)
    assert said["sub"] == user.id and "act" not in said
    assert said["client_id"] == services.orders.id
    assert json.loads(told[0]["detail"])["actors"] == services.orders.id
    # Where both are allowed, the client stays itself; and nobody asks for somebody by name.
    services.allow(services.orders, STOCK)
    assert "act" in claims(given(exchange(services.orders, alice))["access_token"])
    for name in (tenant.create_user().id, user.id, user.name, ""):
        j400(exchange(services.orders, alice, requested_subject=name), "invalid_request")


def test_gh_365_nobody_is_left_out_of_a_chain(services: Services, alice: str) -> None:
    delegated = given(exchange(services.orders, alice))["access_token"]
    services.allow(services.stock, BOOKS, "--mode", "impersonation", "--hide-actor")
    j400(exchange(services.stock, delegated), "invalid_request")


def test_gh_365_the_token_names_who_may_go_on(services: Services, alice: str) -> None:
    services.forbid(services.orders, services.policy)
    services.allow(services.orders, STOCK, "--may-act", services.stock.id)
    new = given(exchange(services.orders, alice))["access_token"]
    assert claims(new)["may_act"] == {"sub": services.stock.id}
    services.allow(services.stranger, BOOKS, "--audience", STOCK)
    with recorded(services.tenant, "access_token.exchange_refused") as told:
        j400(exchange(services.stranger, new), "invalid_request")
    assert json.loads(told[0]["detail"])["reason"] == "may_act"
    services.allow(services.stock, BOOKS)
    given(exchange(services.stock, new))


# Machines


def test_gh_371_tokens_of_machines_open_nothing_of_a_person_s(
    services: Services, tenant: Tenant, user: User
) -> None:
    machine = token(services.orders, grant_type="client_credentials").json()["access_token"]
    bearer_error(userinfo(tenant, machine), 403, "insufficient_scope")
    j400(exchange(services.orders, machine), "invalid_request")
    j400(token(services.orders, grant_type="client_credentials", scope="openid"), "invalid_scope")
    # A token that was exchanged says of a person what its scope says, and no more.
    alice = services.sign_in(user)["access_token"]
    new = given(exchange(services.orders, alice))["access_token"]
    bearer_error(userinfo(tenant, new), 403, "insufficient_scope")


def test_commands_show_and_refuse(services: Services, tenant: Tenant) -> None:
    shown = tenant.cli("client", "exchange", "list", services.orders.id)
    assert [policy["id"] for policy in shown] == [services.policy]
    assert shown[0]["mode"] == "delegation" and shown[0]["resources"] == [STOCK]
    assert shown[0]["hide_actor"] is False and shown[0]["id_tokens"] is False
    for options in (
        ["--mode", "both"], ["--from", "client_x"], ["--may-act", "client_x"],
        ["--scope", "a\"b"],
    ):
        with pytest.raises(CommandFailed):
            services.allow(services.orders, STOCK, *options)
    with pytest.raises(CommandFailed):
        services.allow(services.orders, "https://nowhere.test")
    with recorded(tenant, "exchange_policy.deleted"):
        services.forbid(services.orders, services.policy)
    with pytest.raises(CommandFailed):
        services.forbid(services.orders, services.policy)
    assert tenant.cli("client", "exchange", "list", services.orders.id) == []
