"""What may be exchanged for another token (RFC 8693), and what the new one dies with: attack cases
3.V."""

from __future__ import annotations

import json

import pytest

import dpop
import forge
from browser import Browser
from expect import j400
from harness import Tenant, User
from introspection import introspect, is_inactive
from protocol import PKCE, authorize, claims, end, revoke, token, tokens
from token_exchange import (  # noqa: F401 - fixtures
    ACCESS, ANY, GRANT_TYPE, ID, ORDERS, REFRESH, SCOPE, STOCK, Services, alice, exchange, given,
    services,
)
from watch import recorded, unchanged


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
