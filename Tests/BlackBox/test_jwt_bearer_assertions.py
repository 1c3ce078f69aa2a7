"""How often an assertion of another issuer counts, for whom, and by which keys: attack cases 3.V
and 3.G."""

from __future__ import annotations

import json
import secrets
import time
from pathlib import Path
from urllib.parse import urlencode

import pytest

import forge
from assertions import key_set
from elsewhere import Elsewhere, answer
from expect import bearer_error, j400
from harness import Instance, Tenant, User
from jwt_bearer import API, GRANT_TYPE, Partner, given, partner, trust  # noqa: F401 - fixtures
from protocol import basic, tokens, userinfo
from races import at_once, succeeded
from visitor import set_limit
from watch import recorded, unchanged


# How often, and for whom


def test_gh_370_an_assertion_works_once(partner: Partner, tenant: Tenant, user: User) -> None:
    made = partner.assertion(user.id, jti="the-same")
    given(partner.ask(made))
    with recorded(tenant, "grant_assertion.reused"):
        j400(partner.ask(made), "invalid_grant")
        j400(partner.ask(made), "invalid_grant")
    with recorded(tenant):
        j400(partner.ask(partner.assertion(user.id, jti="the-same", exp=int(time.time()) + 90)),
             "invalid_grant")
    # Nor does forgetting the issuer, and trusting it again, make it new.
    shown = tenant.cli("trusted-issuer", "show", partner.name)
    tenant.cli("trusted-issuer", "delete", partner.name)
    file = Path(tenant.instance.data) / "keys.json"
    file.write_text(json.dumps(shown["jwks"]))
    tenant.cli("trusted-issuer", "create", partner.name, "--jwks", str(file), "--client",
               partner.client.id, "--subject", "user")
    j400(partner.ask(made), "invalid_grant")
    given(partner.ask(partner.assertion(user.id)))


def test_gh_370_one_assertion_yields_one_token_of_32_times(
    partner: Partner, tenant: Tenant, user: User
) -> None:
    url = tenant.endpoint("token")
    headers = {
        "Authorization": basic(partner.client.id, partner.client.secret or ""),
        "Content-Type": "application/x-www-form-urlencoded"}
    for _ in range(3):
        made = partner.assertion(user.id)
        body = urlencode({"grant_type": GRANT_TYPE, "assertion": made}).encode()
        answers = at_once(32, lambda session: session.post(url, content=body, headers=headers))
        for one in answers:
            tenant.instance._see_json(one.json())
            assert one.status_code == 200 or one.json()["error"] == "invalid_grant", one.text
        assert len(succeeded(answers)) == 1
    count = tenant.instance.database.value(
        f"SELECT count(*) AS n FROM authorization_grant WHERE tenant_id = '{tenant.id}'")
    assert count == 3


def test_gh_370_an_assertion_is_for_us_and_for_now(
    partner: Partner, tenant: Tenant, user: User
) -> None:
    now = int(time.time())
    with unchanged(tenant, user), recorded(tenant):
        for audience in (
            tenant.endpoint("token"), [tenant.issuer], [tenant.issuer, API], tenant.issuer + "/",
            partner.client.id, API, "", None, tenant.instance.url, 1,
        ):
            j400(partner.ask(partner.assertion(user.id, aud=audience)), "invalid_grant")
        for changes in (
            {"exp": now - 60}, {"exp": None}, {"exp": now + 3_700}, {"exp": "never"},
            {"exp": 1e300}, {"nbf": now + 120}, {"iat": now + 120}, {"jti": None}, {"jti": ""},
            {"jti": 1}, {"sub": None}, {"sub": 1}, {"sub": ["x"]},
        ):
            j400(partner.ask(partner.assertion(user.id) if not changes else partner.assertion(
                **({"subject": user.id} | changes))), "invalid_grant")
    for changes in ({"nbf": now + 5}, {"iat": None}, {"exp": now + 3_500}):
        given(partner.ask(partner.assertion(user.id, **changes)))


@pytest.mark.attack("GH-127", "GH-128", "GH-133", "GH-134", "GH-136", "GH-137", "GH-139")
def test_gh_370_forged_and_confused_assertions(
    partner: Partner, tenant: Tenant, user: User
) -> None:
    good = partner.assertion(user.id)
    public = json.loads(key_set(partner.key))["keys"]
    for forged in (
        *forge.unsigned(good), *forge.confused(good, public), forge.own_key(good),
        forge.own_key(good, jwk="jwk"), forge.own_key(good, jku="https://evil.test/keys"),
        *forge.rewritten(good), "", "x", "a" * 20_000,
    ):
        answer = partner.ask(forged)
        j400(answer, "invalid_grant" if forged else "invalid_request")
    # A token of another kind is no assertion, whoever signed it.
    for kind in ("at+jwt", "dpop+jwt", "logout+jwt", "client-authentication+jwt",
                 "oauth-authz-req+jwt", "token-introspection+jwt", "x"):
        j400(partner.ask(partner.assertion(user.id, {"typ": kind})), "invalid_grant")
    given(partner.ask(partner.assertion(user.id, {"typ": None})))
    # And ours are none at all.
    app = tenant.create_client("web")
    ours = tokens(app, user)
    for value in (ours["id_token"], ours["access_token"]):
        j400(partner.ask(value), "invalid_grant")
    given(partner.ask(good))


def test_gh_370_only_the_algorithms_that_are_named(
    tenant: Tenant, user: User, tmp_path: Path
) -> None:
    partner = trust(tenant, tmp_path, "--algorithm", "EdDSA")
    j400(partner.ask(partner.assertion(user.id)), "invalid_grant")
    partner.update("--algorithm", "EdDSA", "--algorithm", "ES256")
    given(partner.ask(partner.assertion(user.id)))


def test_gh_371_the_token_opens_no_page_of_a_person_s(
    partner: Partner, tenant: Tenant, user: User
) -> None:
    answer = given(partner.ask(partner.assertion(user.id)))
    bearer_error(userinfo(tenant, answer["access_token"]), 403, "insufficient_scope")


# Keys that the issuer publishes


def test_keys_are_fetched_once_and_only_for_those_who_may(
    asking_instance: Instance, elsewhere: Elsewhere
) -> None:
    tenant = asking_instance.create_tenant()
    user = tenant.create_user()
    client, stranger = tenant.create_client("machine"), tenant.create_client("machine")
    partner = Partner(tenant, client)
    path = f"/{secrets.token_hex(4)}"
    url = elsewhere.answer(path, answer(key_set(partner.key)))
    tenant.cli("trusted-issuer", "create", partner.name, "--jwks-uri", url, "--client",
               client.id, "--subject", "user")
    set_limit(tenant, "grant-client", 10_000)
    j400(partner.ask(partner.assertion(user.id), stranger), "unauthorized_client")
    assert elsewhere.paths.count(path) == 0
    for _ in range(3):
        given(partner.ask(partner.assertion(user.id)))
    assert elsewhere.paths.count(path) == 1
    # Made-up names of keys do not make it ask and ask.
    for _ in range(3):
        j400(partner.ask(partner.assertion(user.id, {"kid": secrets.token_hex(4)})),
             "invalid_grant")
    assert elsewhere.paths.count(path) == 1
    asking_instance.check()


def test_keys_that_cannot_be_had_are_told_of(
    asking_instance: Instance, elsewhere: Elsewhere
) -> None:
    tenant = asking_instance.create_tenant()
    user, client = tenant.create_user(), tenant.create_client("machine")
    partner = Partner(tenant, client)
    url = elsewhere.answer("/gone", answer(b"", status="404 Not Found"))
    made = tenant.cli("trusted-issuer", "create", partner.name, "--jwks-uri", url, "--client",
                      client.id, "--subject", "user")
    j400(partner.ask(partner.assertion(user.id)), "invalid_grant")
    deadline, told = time.monotonic() + 10, []
    while not told and time.monotonic() < deadline:
        told = [event for event in asking_instance.events(tenant)
                if event["kind"] == "trusted_issuer_keys.unavailable"]
    assert told[0]["subject"] == made["id"]
    assert json.loads(told[0]["detail"]) == {"reason": "status"}
    asking_instance.check()
