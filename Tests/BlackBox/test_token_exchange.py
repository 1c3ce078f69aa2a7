"""Token exchange (RFC 8693): who may swap what for what, who is said to act, and what the new
token dies with. Attack cases 3.V."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

import dpop
import forge
from browser import Browser
from expect import bearer_error, invalid_token, j400
from harness import Client, CommandFailed, Tenant, User
from introspection import introspect, is_inactive
from protocol import PKCE, authorize, claims, end, revoke, token, tokens, userinfo
from visitor import set_limit
from watch import recorded, unchanged

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS, ID, REFRESH, ANY = (
    f"urn:ietf:params:oauth:token-type:{name}"
    for name in ("access_token", "id_token", "refresh_token", "jwt"))
ORDERS, STOCK, BOOKS = "https://orders.test", "https://stock.test", "https://books.test"
SCOPE = "openid orders:read stock:read"


class Services:
    """A web app, the orders API that it calls, and the stock API that orders call in turn."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        scopes = ("--scope", "orders:read", "--scope", "stock:read", "--scope", "stock:write")
        self.app = tenant.create_client(
            "web", "--scope", "openid", "--scope", "offline_access", *scopes, "--refresh-tokens",
            "always")
        self.orders = tenant.create_client("machine", *scopes)
        self.stock = tenant.create_client("machine", *scopes)
        self.stranger = tenant.create_client("machine", *scopes)
        for identifier, server in (
                (ORDERS, self.orders), (STOCK, self.stock), (BOOKS, self.stranger)):
            tenant.cli("resource", "create", "--identifier", identifier, "--name", "An API",
                       "--server", server.id)
        # Tests are wrong more often than anybody may be.
        set_limit(tenant, "grant-client", 10_000)
        self.policy = self.allow(self.orders, STOCK)

    def allow(self, client: Client, resource: str, *options: str) -> str:
        """Adds a policy; its id."""
        return self.tenant.cli(
            "client", "exchange", "allow", client.id, "--resource", resource, *options)["id"]

    def forbid(self, client: Client, policy: str) -> None:
        self.tenant.cli("client", "exchange", "forbid", client.id, policy)

    def sign_in(self, user: User, resource: str | None = ORDERS, **changes: Any) -> dict[str, Any]:
        return tokens(self.app, user, **({"scope": SCOPE, "resource": resource} | changes))


def exchange(
    client: Client, subject: str, kind: str = ACCESS, *, headers: dict[str, str] | None = None,
    **form: str | None,
) -> httpx.Response:
    fields: dict[str, str | None] = {
        "grant_type": GRANT_TYPE, "subject_token": subject, "subject_token_type": kind}
    return token(client, headers=headers, **(fields | form))


def given(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
def services(tenant: Tenant) -> Services:
    return Services(tenant)


@pytest.fixture
def alice(services: Services, user: User) -> str:
    """An access token of a person, for the orders API."""
    return services.sign_in(user)["access_token"]


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


# What is no subject token


def test_gh_364_other_kinds_of_tokens_and_tokens_that_are_over(
    services: Services, tenant: Tenant, user: User
) -> None:
    good = services.sign_in(user, scope=f"{SCOPE} offline_access")
    machine = token(services.orders, grant_type="client_credentials", resource=ORDERS).json()
    code = authorize(
        Browser(tenant.instance), services.app, user, PKCE.new(), resource=ORDERS).code
    with unchanged(tenant, user):
        for value in (
            good["refresh_token"], good["id_token"], code, machine["access_token"],
            services.app.secret or "", "x", "a.b.c", "tok_" + "A" * 43, good["access_token"] + "x",
        ):
            j400(exchange(services.orders, value), "invalid_request")
        # The type is what is looked for, and whoever lies about it gets nothing.
        for value, kind in (
            (good["access_token"], ID), (good["access_token"], REFRESH),
            (good["refresh_token"], REFRESH), (good["access_token"], ANY),
            (good["access_token"], "access_token"), (good["access_token"], ACCESS + " "),
            (good["access_token"], "urn:ietf:params:oauth:token-type:saml2"),
        ):
            j400(exchange(services.orders, value, kind), "invalid_request")
        # An ID token is none of what the policy is about.
        j400(exchange(services.orders, good["id_token"], ID), "invalid_request")
        for left_out in ("subject_token", "subject_token_type"):
            j400(exchange(services.orders, good["access_token"], **{left_out: None}),
                 "invalid_request")
        for wanted in (REFRESH, ID, ANY, "", "x"):
            j400(exchange(services.orders, good["access_token"], requested_token_type=wanted),
                 "invalid_request")
    given(exchange(services.orders, good["access_token"], requested_token_type=ACCESS))
    revoke(services.app, good["access_token"])
    j400(exchange(services.orders, good["access_token"]), "invalid_request")


@pytest.mark.attack("GH-127", "GH-128", "GH-130", "GH-133", "GH-134", "GH-136")
def test_gh_364_forged_tokens(services: Services, tenant: Tenant, alice: str) -> None:
    keys = tenant.instance.http.get(tenant.metadata["jwks_uri"]).json()["keys"]
    for forged in (
        *forge.unsigned(alice), *forge.confused(alice, keys), forge.own_key(alice),
        forge.own_key(alice, jwk="jwk"), *forge.rewritten(alice),
    ):
        j400(exchange(services.orders, forged), "invalid_request")
    given(exchange(services.orders, alice))


def test_gh_364_tokens_of_another_tenant(
    services: Services, tenant: Tenant, user: User, alice: str
) -> None:
    other = Services(tenant.instance.create_tenant())
    j400(exchange(other.orders, alice), "invalid_request")
    theirs = other.sign_in(other.tenant.create_user())["access_token"]
    j400(exchange(services.orders, theirs), "invalid_request")
    j400(exchange(services.orders, alice, actor_token=theirs, actor_token_type=ACCESS),
         "invalid_request")
    # Nor does a client of the one exchange at the other.
    answer = token(services.orders, url=other.tenant.endpoint("token"), grant_type=GRANT_TYPE,
                   subject_token=alice, subject_token_type=ACCESS)
    assert answer.status_code == 401


# What both tokens die with


@pytest.mark.parametrize("what", [
    "user disabled", "user deleted", "password", "client disabled", "client deleted", "grant",
    "session", "exchanging client disabled",
])
@pytest.mark.parametrize("form", ["jwt", "opaque"])
def test_gh_364_what_ends_the_one_ends_the_other(
    services: Services, tenant: Tenant, user: User, what: str, form: str
) -> None:
    tenant.cli("resource", "update", STOCK, "--token-format", form)
    browser = Browser(tenant.instance)
    # A grant that lasts no longer than its session, and one that does.
    good = services.sign_in(user, browser=browser)
    new = given(exchange(services.orders, good["access_token"]))["access_token"]
    assert introspect(services.stock, new).json()["active"]
    if what == "grant":
        revoke(services.app, good["refresh_token"])
    elif what == "session":
        browser.get(f"{tenant.endpoint('end_session')}?id_token_hint={good['id_token']}",
                    site="cross-site")
    elif what == "exchanging client disabled":
        services.orders.update("--disable")
    else:
        end(services.app, user, what)
    is_inactive(introspect(services.stock, new))
    if what != "exchanging client disabled":
        j400(exchange(services.orders, good["access_token"]), "invalid_request")


def test_gh_364_the_new_token_lives_no_longer(
    services: Services, tenant: Tenant, user: User
) -> None:
    services.app.update("--access-token-lifetime", "60")
    services.orders.update("--access-token-lifetime", "86400")
    tenant.cli("resource", "update", STOCK, "--lifetime", "86400")
    alice = services.sign_in(user)["access_token"]
    answer = given(exchange(services.orders, alice))
    assert claims(answer["access_token"])["exp"] <= claims(alice)["exp"]
    assert answer["expires_in"] <= 60
    tenant.cli("resource", "update", STOCK, "--lifetime", "30")
    assert given(exchange(services.orders, alice))["expires_in"] == 30


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


# ID tokens


def test_gh_364_an_id_token_counts_where_a_policy_says_so(
    services: Services, tenant: Tenant, user: User
) -> None:
    services.forbid(services.orders, services.policy)
    services.allow(services.orders, STOCK, "--id-tokens", "--from", services.app.id,
                   "--scope", "stock:read")
    good = services.sign_in(user)
    answer = given(exchange(services.orders, good["id_token"], ID, scope="stock:read"))
    said = claims(answer["access_token"])
    assert said["sub"] == user.id and said["gid"] == claims(good["access_token"])["gid"]
    assert said["exp"] <= claims(good["id_token"])["exp"]
    # It brings no scope of its own.
    assert "scope" not in given(exchange(services.orders, good["id_token"], ID))
    j400(exchange(services.orders, good["id_token"], ID, scope="orders:read"), "invalid_scope")
    # It is no access token, and an access token is none.
    j400(exchange(services.orders, good["id_token"], ACCESS), "invalid_request")
    j400(exchange(services.orders, good["access_token"], ID), "invalid_request")
    keys = tenant.instance.http.get(tenant.metadata["jwks_uri"]).json()["keys"]
    for forged in (*forge.unsigned(good["id_token"]), *forge.confused(good["id_token"], keys),
                   forge.own_key(good["id_token"]), *forge.rewritten(good["id_token"])):
        j400(exchange(services.orders, forged, ID), "invalid_request")
    # Somebody else's ID token is not what the policy is about.
    neighbour = tenant.create_client("web")
    foreign = tokens(neighbour, user)["id_token"]
    j400(exchange(services.orders, foreign, ID), "invalid_request")
    revoke(services.app, good["refresh_token"])
    j400(exchange(services.orders, good["id_token"], ID), "invalid_request")


# Keys


def test_gh_368_a_bound_token_is_exchanged_with_its_key_only(
    services: Services, tenant: Tenant, user: User
) -> None:
    key, other = dpop.Key(), dpop.Key()
    services.allow(services.app, STOCK)
    bound = dpop.tokens(services.app, user, key, scope=SCOPE)["access_token"]

    def proof(key: dpop.Key) -> dict[str, str]:
        return {"DPoP": key.proof("POST", tenant.endpoint("token"))}

    with unchanged(tenant, user), recorded(
            tenant, *["access_token.exchange_refused"] * 2) as told:
        j400(exchange(services.app, bound), "invalid_request")
        j400(exchange(services.app, bound, headers=proof(other)), "invalid_request")
    assert {json.loads(event["detail"])["reason"] for event in told} == {"proof"}
    used = proof(key)
    answer = given(exchange(services.app, bound, headers=used))
    assert answer["token_type"] == "DPoP"
    assert claims(answer["access_token"])["cnf"] == {"jkt": key.thumbprint}
    j400(exchange(services.app, bound, headers=used), "invalid_dpop_proof")
    # A token that is bound to nothing becomes one that is, if the client proves a key.
    alice = services.sign_in(user)["access_token"]
    answer = given(exchange(services.orders, alice, headers=proof(other)))
    assert claims(answer["access_token"])["cnf"] == {"jkt": other.thumbprint}


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
