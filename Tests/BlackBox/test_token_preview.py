"""What tokens would say, against what they say: every claim of a preview is the one of the real token, made up
names and times aside; and a refusal is the one that a real request gets. A preview issues nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from admin_api import administrator, problem
from browser import Browser
from consent import third
from harness import SECRET_SHAPES, Client, CommandFailed, Tenant, User
from organizations import join, organization, role
from protocol import PKCE, authorize, claims, token, tokens, userinfo
from watch import unchanged

# What is made anew for each token or sign-in.
MADE_UP = {"iat", "nbf", "exp", "auth_time", "jti", "gid", "sid", "at_hash", "nonce"}
CLOSE = 4  # bytes by which base64url of another time or name may differ


def preview(client: Client, user: User | None, *arguments: str) -> dict[str, Any]:
    """What the command says; where there would be no tokens it fails, and the admin API says the same."""
    named = ["--user", user.id] if user else []
    try:
        told = client.tenant.cli("client", "preview", client.id, *named, *arguments)
        assert told["issued"]
        return told
    except CommandFailed as failed:
        if failed.code != 1:
            raise
        body: dict[str, Any] = {"user": user.id} if user else {}
        for name, value in zip(arguments[::2], arguments[1::2]):
            name = name.removeprefix("--")
            body |= {"resources": [value]} if name == "resource" else {name: value}
        key = administrator(client.tenant.instance, "support", client.tenant)
        told = key.post(f"tenants/{client.tenant.slug}/clients/{client.id}/preview", body)
        assert not told["issued"] and told["refusal"]["message"] in failed.stderr
        return told


def said(part: dict[str, Any]) -> dict[str, Any]:
    assert all(one["reason"] for one in part["claims"])
    return {one["name"]: json.loads(one["value"]) for one in part["claims"]}


def alike(part: dict[str, Any], real: dict[str, Any]) -> None:
    """The same claims, and the same values of those that are not made up."""
    found = said(part)
    assert list(found) == list(real)
    assert {n: v for n, v in found.items() if n not in MADE_UP} == {
        n: v for n, v in real.items() if n not in MADE_UP}


def agree(told: dict[str, Any], given: dict[str, Any], tenant: Tenant) -> None:
    assert told["issued"] and told["refusal"] is None
    alike(told["access_token"], claims(given["access_token"]))
    assert abs(told["access_token"]["bytes"] - len(given["access_token"])) <= CLOSE
    if "id_token" in given:
        alike(told["id_token"], claims(given["id_token"]))
        assert abs(told["id_token"]["bytes"] - len(given["id_token"])) <= CLOSE
        shown = userinfo(tenant, given["access_token"]).json()
        assert said(told["userinfo"]) == shown
    else:
        assert told["id_token"] is None and told["userinfo"] is None


@pytest.mark.parametrize("arguments", [
    [], ["--id-token-algorithm", "ES256", "--access-token-algorithm", "EdDSA"],
    ["--access-token-email", "--access-token-lifetime", "60"],
    ["--userinfo-scope", "registered"], ["--audience", "https://else.test"],
])
def test_a_preview_is_what_the_tokens_are(
    tenant: Tenant, browser: Browser, arguments: list[str]
) -> None:
    client = tenant.create_client("web", *arguments)
    user = tenant.create_user("kay@example.com", username="kay", name="Kay Doe")
    for scope in ("openid", "openid profile email", "profile"):
        with unchanged(tenant, user):
            told = preview(client, user, "--scope", scope)
        assert not SECRET_SHAPES.search(json.dumps(told).encode()), "No token leaves."
        given = tokens(client, user, browser, scope=scope, nonce="nonce")
        agree(told, given, tenant)
        assert told["scope"] == scope


def test_it_tells_of_the_organization_that_is_selected(tenant: Tenant, browser: Browser) -> None:
    user = tenant.create_user()
    one, two = organization(tenant, "one"), organization(tenant, "two")
    role(tenant, "editor", "docs:write", of=one)
    join(tenant, one, user, roles=("editor",))
    join(tenant, two, user)
    client = tenant.create_client("web", "--organizations", "all", "--select-organization")
    told = preview(client, user)
    assert not told["issued"] and told["refusal"]["reason"] == "organization_not_chosen"
    told = preview(client, user, "--organization", one)
    given = tokens(client, user, browser, organization=one, nonce="nonce",
                   scope="openid profile email offline_access")
    agree(told, given, tenant)
    assert said(told["access_token"])["permissions"] == ["docs:write"]
    everything = tenant.create_client("web", "--organizations", "all")
    agree(preview(everything, user, "--scope", "openid"),
          tokens(everything, user, browser, scope="openid", nonce="nonce"), tenant)
    tenant.cli("organization", "suspend", one)
    assert preview(client, user, "--organization", one)["refusal"]["reason"] == "access_denied"


def test_it_tells_of_a_resource_and_why(tenant: Tenant, user: User, browser: Browser) -> None:
    api = "https://api.test"
    tenant.cli("resource", "create", "--identifier", api, "--name", "API", "--claim", "email",
               "--scope", "api:read=Read it", "--lifetime", "120")
    client = tenant.create_client("web", "--scope", "openid", "--scope", "api:read")
    told = preview(client, user, "--resource", api)
    given = tokens(client, user, browser, scope="openid api:read", resource=api, nonce="nonce")
    agree(told, given, tenant)
    reasons = {one["name"]: one["reason"] for one in told["access_token"]["claims"]}
    assert api in reasons["aud"] and "API's" in reasons["email"] and "API's" in reasons["exp"]
    assert preview(client, user, "--resource", "https://no.test")["refusal"]["reason"] == (
        "invalid_target")


def test_a_token_that_nobody_reads_is_opaque(tenant: Tenant, user: User, browser: Browser) -> None:
    api = "https://api.test"
    tenant.cli("resource", "create", "--identifier", api, "--name", "API", "--token-format", "opaque")
    client = tenant.create_client("web", "--audience", api)
    told = preview(client, user, "--scope", "openid")
    given = tokens(client, user, browser, scope="openid")
    assert told["access_token"]["format"] == "opaque"
    assert told["access_token"]["bytes"] == len(given["access_token"])


def test_a_machine_has_no_person(tenant: Tenant, user: User) -> None:
    client = tenant.create_client("machine", "--scope", "api:read", "--scope", "api:write")
    agree(preview(client, None), token(client, grant_type="client_credentials").json(), tenant)
    assert preview(client, None, "--scope", "api:read")["scope"] == "api:read"
    assert preview(client, None, "--scope", "no")["refusal"]["reason"] == "invalid_scope"
    for arguments in ((client, user), (tenant.create_client("web"), None)):
        with pytest.raises(CommandFailed) as failed:
            preview(*arguments)
        assert failed.value.code == 2


def test_it_says_why_there_would_be_none(tenant: Tenant, user: User) -> None:
    client = tenant.create_client("web")
    told = preview(client, user, "--scope", "openid admin")
    assert told["refusal"]["reason"] == "invalid_scope" and not told["issued"]
    assert told["access_token"] is told["id_token"] is told["userinfo"] is None
    tenant.cli("user", "update", user.id, "--disable")
    assert preview(client, user)["refusal"] == {
        "reason": "user_disabled", "message": "It cannot be: the user is disabled or deleted."}
    tenant.cli("user", "update", user.id, "--enable")
    client.update("--disable")
    assert preview(client, user)["refusal"]["reason"] == "client_disabled"
    none = tenant.create_client("web", "--device-authorization", redirect_uris=[])
    assert preview(none, user)["refusal"]["reason"] == "no_redirect_uri"


def test_it_says_what_the_person_would_be_asked(
    tenant: Tenant, user: User, browser: Browser
) -> None:
    client = third(tenant)
    told = preview(client, user, "--scope", "openid profile")
    assert told["issued"] and told["steps"] == [
        "The person is asked to allow: openid profile."]
    authorize(browser, client, user, PKCE.new(), scope="openid profile")
    told = preview(client, user, "--scope", "openid profile")
    assert told["steps"] == []
    assert tenant.cli("consent", "list")[0]["id"] == said(told["access_token"])["sid"]


def test_it_says_that_a_key_has_to_be_proved(tenant: Tenant, user: User) -> None:
    client = tenant.create_client("web", "--dpop-bound-access-tokens")
    (step,) = preview(client, user)["steps"]
    assert "cnf" in step


def test_whoever_only_looks_sees_nobody_s_claims(tenant: Tenant, client: Client, user: User) -> None:
    path = f"tenants/{tenant.slug}/clients/{client.id}/preview"
    body = {"user": user.id, "scope": "openid"}
    problem(administrator(tenant.instance, "viewer", tenant).send("POST", path, body),
            403, "role_required")
    told = administrator(tenant.instance, "support", tenant).post(path, body)
    assert said(told["id_token"])["sub"] == user.id
