"""Assertions of other issuers as a grant (RFC 7523 §2.1): what they yield, whom they are about, and
whose word counts. Attack cases 3.V."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from authlib.oauth2.rfc7523.assertion import sign_jwt_bearer_assertion
from joserfc import jwt
from joserfc.jwk import KeySet

import dpop
from assertions import key_set
from expect import j400
from harness import CommandFailed, Tenant, User
from introspection import introspect, is_inactive
from jwt_bearer import (  # noqa: F401 - fixtures
    API, GRANT_TYPE, ISSUER, Partner, given, partner, trust,
)
from protocol import claims, end, token
from visitor import set_limit
from watch import recorded, unchanged


# How it works


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
def test_an_assertion_yields_an_access_token_and_nothing_else(
    tenant: Tenant, user: User, tmp_path: Path, algorithm: str
) -> None:
    assert GRANT_TYPE in tenant.metadata["grant_types_supported"]
    partner = trust(tenant, tmp_path, "--scope", "orders:read", algorithm=algorithm)
    with recorded(tenant, "grant_assertion.accepted", actor=partner.client.id) as told:
        answer = given(partner.ask(partner.assertion(user.id)))
    assert answer.keys() == {"access_token", "token_type", "expires_in", "scope"}
    assert answer["scope"] == "orders:read" and answer["token_type"] == "Bearer"
    keys = KeySet.import_key_set(tenant.instance.http.get(tenant.metadata["jwks_uri"]).json())
    said = jwt.decode(answer["access_token"], keys, algorithms=["ES256"]).claims
    assert said["sub"] == user.id and said["client_id"] == partner.client.id
    assert said["aud"] == partner.client.id and said["iss"] == tenant.issuer
    # Nobody signed in here, and the token does not say that somebody did.
    assert "auth_time" not in said and "acr" not in said and "act" not in said
    detail = json.loads(told[0]["detail"])
    assert detail == {"user": user.id, "grant": said["gid"], "token": said["jti"]}
    assert introspect(partner.client, answer["access_token"]).json()["active"] is True


def test_authlib_makes_the_assertion_too(partner: Partner, user: User) -> None:
    made = sign_jwt_bearer_assertion(
        partner.key.as_pem(private=True), ISSUER, partner.tenant.issuer, user.id,
        header={"kid": partner.key.kid}, alg="ES256")
    assert claims(given(partner.ask(made))["access_token"])["sub"] == user.id


def test_a_public_client_that_is_named_may_bring_one(
    tenant: Tenant, user: User, tmp_path: Path
) -> None:
    phone = tenant.create_client("native", "--scope", "openid", "--scope", "orders:read")
    partner = trust(tenant, tmp_path, "--scope", "orders:read", client=phone)
    set_limit(tenant, "grant-network", 10_000)
    answer = given(partner.ask(partner.assertion(user.id)))
    assert claims(answer["access_token"])["client_id"] == phone.id
    j400(partner.ask("x.y.z"), "invalid_grant")


def test_the_terms_bound_scope_resource_and_lifetime(
    partner: Partner, tenant: Tenant, user: User
) -> None:
    said = claims(given(partner.ask(partner.assertion(user.id)))["access_token"])
    assert said["aud"] == API and said["scope"] == "orders:read"
    for scope in ("orders:write", "openid", "offline_access", "email", "admin"):
        j400(partner.ask(partner.assertion(user.id), scope=scope), "invalid_scope")
    for resource in ("https://other.test", partner.client.id):
        j400(partner.ask(partner.assertion(user.id), resource=resource), "invalid_target")
    partner.client.update("--access-token-lifetime", "3600")
    partner.update("--lifetime", "120")
    assert given(partner.ask(partner.assertion(user.id)))["expires_in"] == 120
    # What an assertion could have given once is asked anew.
    partner.client.update("--scope", "orders:write")
    assert "scope" not in given(partner.ask(partner.assertion(user.id)))
    tenant.cli("resource", "update", API, "--disable")
    j400(partner.ask(partner.assertion(user.id)), "invalid_target")


def test_opaque_and_bound_tokens(partner: Partner, tenant: Tenant, user: User) -> None:
    tenant.cli("resource", "update", API, "--token-format", "opaque", "--server",
               partner.client.id)
    key, made = dpop.Key(), partner.assertion(user.id)
    proof = {"DPoP": key.proof("POST", tenant.endpoint("token"))}
    answer = given(partner.ask(made, headers=proof))
    assert answer["token_type"] == "DPoP" and answer["access_token"].startswith("tok_")
    said = introspect(partner.client, answer["access_token"]).json()
    assert said["sub"] == user.id and said["cnf"] == {"jkt": key.thumbprint}
    # A proof that is used again uses up no assertion.
    made = partner.assertion(user.id)
    j400(partner.ask(made, headers=proof), "invalid_dpop_proof")
    given(partner.ask(made))


# Whom it is about


def test_a_subject_is_a_user_by_id_by_proven_address_or_by_link(
    tenant: Tenant, tmp_path: Path
) -> None:
    kay = tenant.create_user("kay@example.com")
    unproven = tenant.create_user("lee@example.com", verified=False)
    other = tenant.instance.create_tenant().create_user("kim@example.com")
    by_id = trust(tenant, tmp_path, name="https://a.test")
    by_email = trust(tenant, tmp_path, name="https://b.test", subject="email")
    by_link = trust(tenant, tmp_path, name="https://c.test", subject="link")
    for partner, subject, wrong in (
        (by_id, kay.id, ["kay@example.com", other.id, kay.id.upper(), kay.id + " ", "4711"]),
        (by_email, "KAY@example.com",
         [kay.id, unproven.name, other.name, "kay", "k\u0430y@example.com", "*@example.com"]),
        (by_link, "4711", [kay.id, "kay@example.com", "04711", "4711 ", "%"]),
    ):
        if partner is by_link:
            j400(partner.ask(partner.assertion(subject)), "invalid_grant")
            tenant.cli("trusted-issuer", "link", partner.name, subject, kay.id)
        said = claims(given(partner.ask(partner.assertion(subject)))["access_token"])
        assert said["sub"] == kay.id
        for one in wrong:
            with recorded(tenant, "grant_assertion.refused"):
                j400(partner.ask(partner.assertion(one)), "invalid_grant")
        for one in ("", "a" * 256):
            j400(partner.ask(partner.assertion(one)), "invalid_grant")
    # A link is of its issuer alone, and of one person.
    with pytest.raises(CommandFailed):
        tenant.cli("trusted-issuer", "link", by_link.name, "4711", unproven.id)
    with pytest.raises(CommandFailed):
        tenant.cli("trusted-issuer", "link", by_link.name, "4712", other.id)
    shown = tenant.cli("trusted-issuer", "show", by_link.name)
    assert shown["links"] == {"4711": kay.id}
    tenant.cli("trusted-issuer", "unlink", by_link.name, "4711")
    j400(by_link.ask(by_link.assertion("4711")), "invalid_grant")


@pytest.mark.parametrize("what", [
    "user disabled", "user deleted", "client disabled", "client deleted", "password"])
def test_the_token_dies_with_whom_it_stands_on(
    partner: Partner, tenant: Tenant, user: User, what: str
) -> None:
    server = tenant.create_client("machine")
    tenant.cli("resource", "update", API, "--server", server.id)
    alive = given(partner.ask(partner.assertion(user.id)))["access_token"]
    assert introspect(server, alive).json()["active"]
    end(partner.client, user, what)
    is_inactive(introspect(server, alive))
    if what.startswith("user"):
        j400(partner.ask(partner.assertion(user.id)), "invalid_grant")


# Who may say so


def test_gh_367_an_issuer_counts_for_the_clients_that_are_named(
    partner: Partner, tenant: Tenant, user: User, tmp_path: Path
) -> None:
    stranger = tenant.create_client("machine", "--scope", "orders:read")
    with unchanged(tenant, user), recorded(tenant):
        j400(partner.ask(partner.assertion(user.id), stranger), "unauthorized_client")
        # One that may bring assertions of another issuer may not bring these.
    other = trust(tenant, tmp_path, "--scope", "orders:read", name="https://other.test",
                  client=stranger)
    with unchanged(tenant, user), recorded(tenant):
        j400(partner.ask(partner.assertion(user.id), stranger), "invalid_grant")
        # The key of the one does not speak for the other, whichever client brings it.
        for client in (stranger, partner.client):
            j400(partner.ask(partner.assertion(user.id, iss=other.name), client),
                 "invalid_grant")
            j400(partner.ask(other.assertion(user.id, iss=partner.name), client),
                 "invalid_grant")
            for name in (ISSUER + "/", ISSUER.upper(), tenant.issuer, "", None, 1):
                j400(partner.ask(partner.assertion(user.id, iss=name), client),
                     "invalid_grant")
    partner.update("--disable")
    j400(partner.ask(partner.assertion(user.id)), "unauthorized_client")
    partner.update("--enable")
    given(partner.ask(partner.assertion(user.id)))
    tenant.cli("trusted-issuer", "delete", partner.name)
    j400(partner.ask(partner.assertion(user.id)), "unauthorized_client")


def test_gh_367_an_issuer_of_one_tenant_is_nobody_at_another(
    partner: Partner, tenant: Tenant, user: User, tmp_path: Path
) -> None:
    other = tenant.instance.create_tenant()
    theirs = trust(other, tmp_path)
    j400(theirs.ask(partner.assertion(user.id, aud=other.issuer)), "invalid_grant")
    j400(partner.ask(theirs.assertion(user.id, aud=tenant.issuer)), "invalid_grant")
    answer = token(partner.client, url=other.endpoint("token"), grant_type=GRANT_TYPE,
                   assertion=partner.assertion(user.id))
    assert answer.status_code == 401


def test_commands_refuse_what_makes_no_sense(
    partner: Partner, tenant: Tenant, tmp_path: Path
) -> None:
    private = tmp_path / "private.json"
    private.write_text(json.dumps({"keys": [partner.key.as_dict(private=True)]}))
    public = tmp_path / "public.json"
    public.write_bytes(key_set(partner.key))
    keys = ["--jwks", str(public)]
    who = ["--client", partner.client.id, "--subject", "user"]
    for name, options in (
        (ISSUER, [*keys, *who]), ("https://x.test y", [*keys, *who]), ("", [*keys, *who]),
        ("https://x.test", keys), ("https://x.test", who),
        ("https://x.test", ["--jwks", str(private), *who]),
        ("https://x.test", ["--jwks-uri", "http://x.test/keys", *who]),
        ("https://x.test", [*keys, *who, "--client", "client_x"]),
        ("https://x.test", [*keys, *who, "--subject", "name"]),
        ("https://x.test", [*keys, *who, "--algorithm", "HS256"]),
        ("https://x.test", [*keys, *who, "--scope", "openid"]),
        ("https://x.test", [*keys, *who, "--lifetime", "5"]),
        ("https://x.test", [*keys, *who, "--resource", "orders"]),
    ):
        with pytest.raises(CommandFailed):
            tenant.cli("trusted-issuer", "create", name, *options)
    assert [issuer["issuer"] for issuer in tenant.cli("trusted-issuer", "list")] == [ISSUER]
    shown = tenant.cli("trusted-issuer", "show", ISSUER)
    assert shown["subject"] == "user" and shown["lifetime"] == 900
    assert "d" not in shown["jwks"]["keys"][0]
    with recorded(tenant, "trusted_issuer.deleted"):
        tenant.cli("trusted-issuer", "delete", shown["id"])
