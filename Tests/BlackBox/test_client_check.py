"""What is wrong with a client's registration, found by the check before somebody finds it by an error page; and
what is said about an address before it is registered, which has to agree with registering it."""

from __future__ import annotations

from typing import Any

import pytest

from admin_api import administrator, problem
from browser import Browser
from harness import Client, CommandFailed, Tenant, User
from protocol import PKCE, authorization_url, tokens
from trial import eventually
from watch import unchanged


def check(client: Client) -> dict[str, Any]:
    """What the check says; the command ends with 1 where something fails."""
    key = administrator(client.tenant.instance, "viewer", client.tenant)
    told = key.get(f"tenants/{client.tenant.slug}/clients/{client.id}/check")
    try:
        client.tenant.cli("check", "app", client.id)
        assert told["verdict"] != "failure"
    except CommandFailed as failed:
        assert failed.code == 1 and told["verdict"] == "failure"
    return told


def rules(client: Client, severity: str | None = None) -> set[str]:
    return {one["rule"] for one in check(client)["findings"]
            if severity in (None, one["severity"])}


def test_a_client_as_it_should_be_has_only_the_address_of_this_machine(tenant: Tenant) -> None:
    client = tenant.create_client("web", "--post-logout-redirect-uri", "https://rp.test/bye")
    key = administrator(tenant.instance, "viewer", tenant)
    with unchanged(tenant):
        found = key.get(f"tenants/{tenant.slug}/clients/{client.id}/check")
    assert found == tenant.cli("check", "app", client.id)
    assert found["client_id"] == client.id
    # The server of the tests is plain http on this machine.
    assert {one["rule"] for one in found["findings"] if one["severity"] == "warning"} == {
        "issuer_on_this_machine"}
    assert {one["rule"] for one in found["findings"] if one["severity"] == "fine"} == {
        "addresses", "scope", "secret_not_used_yet", "protection", "tokens", "refused_requests"}


@pytest.mark.parametrize("kind, arguments, uris, rule, severity", [
    ("web", ["--device-authorization"], [], None, "failure"),
    ("web", [], ["http://localhost:3000/cb"], "localhost", "warning"),
    ("web", [], ["http://127.0.0.1:3000/cb"], "loopback", "warning"),
    ("web", [], ["https://rp.test/cb", "https://rp.test/cb/"], "near_twins", "warning"),
    ("web", [], ["https://rp.test/cb/"], "trailing_slash", "warning"),
    ("web", [], ["https://rp.test/cb?x=1"], "has_query", "warning"),
    ("web", [], ["https://rp.test/cb", "http://127.0.0.1:1/cb"], "mixed_surroundings", "warning"),
    ("web", [], ["com.example.app:/cb"], "private_scheme", "warning"),
    ("web", ["--scope", "profile"], None, "no_openid", "warning"),
    ("web", ["--scope", "openid", "--scope", "x:y"], None, "unknown_scope", "warning"),
    ("web", ["--refresh-tokens", "never"], None, "offline_access_in_vain", "warning"),
    ("web", ["--refresh-tokens", "always"], None, "refresh_tokens_unasked", "warning"),
    ("web", ["--audience", "https://no.test"], None, "audience_without_resource", "warning"),
    ("web", ["--pkce", "optional"], None, "pkce_optional", "warning"),
    ("web", ["--userinfo-scope", "registered"], None, "userinfo_beyond_scope", "warning"),
    ("native", ["--dpop-bound-access-tokens"], None, "dpop_required", "warning"),
    ("web", ["--response-mode", "form_post"], None, "answers_otherwise", "warning"),
    ("web", ["--party", "third"], None, "no_policy", "warning"),
    ("web", [], None, "no_post_logout_redirect_uri", "warning"),
])
def test_each_rule_is_found(
    tenant: Tenant, kind: str, arguments: list[str], uris: list[str] | None, rule: str | None,
    severity: str
) -> None:
    # A resource with a scope, so that it is known what is known.
    tenant.cli("resource", "create", "--identifier", "https://api.test", "--name", "API",
               "--scope", "a:b=See it")
    client = tenant.create_client(kind, *arguments, redirect_uris=uris)
    if rule is None:
        assert "no_redirect_uri" not in rules(client), "It is let in from elsewhere."
        client.update("--no-device-authorization")
        rule = "no_redirect_uri"
    assert rule in rules(client, severity)


def test_what_is_switched_off_is_found_with_the_command_that_mends_it(tenant: Tenant) -> None:
    owner = tenant.cli("organization", "create", "owner", "--name", "Owner")["id"]
    client = tenant.create_client("machine", "--scope", "a:b", "--organization", owner)
    client.update("--disable")
    tenant.cli("organization", "suspend", owner)
    found = {one["rule"]: one for one in check(client)["findings"]}
    assert found["client_disabled"]["field"] == "disabled"
    assert found["owner_suspended"]["severity"] == "failure"
    for rule in ("client_disabled", "owner_suspended"):
        program, *words = found[rule]["command"].split()
        assert program == "gatehouse"
        tenant.instance.cli(*words)
    assert not rules(client, "failure")
    tenant.instance.cli("tenant", "update", tenant.slug, "--disable")
    (said,) = [one for one in tenant_check(client) if one["rule"] == "tenant_disabled"]
    assert said["severity"] == "failure"
    tenant.instance.cli(*said["command"].split()[1:])


def tenant_check(client: Client) -> Any:
    key = administrator(client.tenant.instance, "viewer")
    return key.get(f"tenants/{client.tenant.slug}/clients/{client.id}/check")["findings"]


def test_secrets_are_judged_by_their_use(tenant: Tenant, user: User, browser: Browser) -> None:
    client = tenant.create_client("web")
    assert "secret_not_used_yet" in rules(client, "fine")
    tokens(client, user, browser)
    first = tenant.cli("client", "show", client.id)["secrets"][0]["id"]
    added = tenant.cli("client", "secret", "add", client.id)
    tenant.instance.keep_secret(added["client_secret"])
    eventually(lambda: "secret_not_used_yet" not in rules(client), "The use is written down.")
    (several,) = [one for one in check(client)["findings"] if one["rule"] == "several_secrets"]
    assert added["id"] in several["command"], "The one that was never used goes first."
    tenant.instance.cli(*several["command"].split()[1:])
    assert "several_secrets" not in rules(client)
    tenant.cli("client", "secret", "remove", client.id, first)
    assert "no_secret" in rules(client, "failure")


def test_an_api_that_is_disabled_is_found(tenant: Tenant) -> None:
    tenant.cli("resource", "create", "--identifier", "https://api.test", "--name", "API")
    client = tenant.create_client("web", "--audience", "https://api.test")
    assert not rules(client, "failure")
    tenant.cli("resource", "update", "https://api.test", "--disable")
    assert rules(client, "failure") == {"resource_disabled"}


def test_what_was_refused_is_told_with_an_incident(
    tenant: Tenant, client: Client, browser: Browser
) -> None:
    for address in ("https://no.test/1", "https://no.test/2"):
        page = browser.get(authorization_url(client, PKCE.new(), redirect_uri=address))
    eventually(lambda: "refused_requests" in rules(client, "warning"), "What was refused is kept.")
    eventually(lambda: "2 requests" in told(client)["message"], "Both are kept.")
    assert "redirect_uri is not registered" in told(client)["message"]
    incident = told(client)["command"].split()[3]
    assert incident == page.headers["x-request-id"]
    assert tenant.cli("refused", "show", incident)["client"] == client.id


def told(client: Client) -> Any:
    (one,) = [one for one in check(client)["findings"] if one["rule"] == "refused_requests"]
    return one


# What the check calls it, or nothing where it can be registered.
ADDRESSES = [
    ("https://rp.test/cb", None), ("http://127.0.0.1/cb", None), ("http://[::1]:80/", None),
    ("http://localhost:3000/cb", None), ("https://rp.test/cb/", None), ("https://rp.test/a*b", None),
    ("com.example.app:/cb", None), ("https://rp.test/cb?x=%27", None),
    ("https://rp.test/cb#", "fragment"), ("https://*.rp.test/cb", "wildcard"),
    ("http://rp.test/cb", "needs_https"), ("https://kay@rp.test/cb", "user_information"),
    ("/cb", "relative"), ("rp.test/cb", "relative"), ("", "relative"),
    ("https://rp.test/cb ", "whitespace"), ("https://rp.test/a b", "whitespace"),
    ("https://RP.test/cb", "case"), ("HTTPS://rp.test/cb", "case"),
    ("https://bücher.test/cb", "ascii"), ("https://rp.test\\cb", "backslash"),
    ("https://rp.test/a/../b", "not_absolute"), ("https://1.2.3/cb", "not_absolute"),
    ("https://rp.test:0/cb", "not_absolute"), ("https://rp.test/cb?code=1", "response_parameter"),
    ("https://rp.test/cb?x=%zz", "query"), ("myapp:/cb", "scheme"), ("javascript:alert(1)", "scheme"),
    ("https://rp.test/" + "x" * 2_000, "too_long"),
]


@pytest.mark.parametrize("uri, rule", ADDRESSES)
def test_an_address_is_judged_as_registering_it_would(
    tenant: Tenant, uri: str, rule: str | None
) -> None:
    if not uri:
        path = f"tenants/{tenant.slug}/redirect-uri-check"
        said = administrator(tenant.instance, "viewer").get(path, uri="")
    else:
        said = tenant.cli("check", "redirect-uri", "--", uri)
    assert said["accepted"] == (rule is None) and said["uri"] == uri and said["type"] == "web"
    failures = [one["rule"] for one in said["findings"] if one["severity"] == "failure"]
    assert failures == ([rule] if rule else [])
    assert all(one["message"] and (one["advice"] or one["severity"] == "fine")
               for one in said["findings"]), said
    try:
        tenant.create_client("web", redirect_uris=[uri])
        registered = True
    except CommandFailed:
        registered = False
    assert registered == said["accepted"]


def test_the_kind_of_app_matters_to_an_address(tenant: Tenant) -> None:
    def found(uri: str, kind: str) -> set[str]:
        said = tenant.cli("check", "redirect-uri", uri, "--type", kind)
        return {f"{one['severity']} {one['rule']}" for one in said["findings"]}

    assert found("http://127.0.0.1:1/cb", "native") == {"fine loopback_port"}
    assert found("http://127.0.0.1:1/cb", "spa") == {"warning loopback"}
    assert found("com.example.app:/cb", "native") == {"fine redirect_uri"}
    assert found("com.example.app:/cb", "spa") == {"warning private_scheme"}
    with pytest.raises(CommandFailed) as failed:
        found("https://rp.test/cb", "machine")
    assert failed.value.code == 2
    key = administrator(tenant.instance, "viewer", tenant)
    problem(key.send("GET", f"tenants/{tenant.slug}/redirect-uri-check"), 400, "invalid_request")
