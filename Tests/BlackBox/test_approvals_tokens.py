"""Which access token lets an app list and answer what clients ask from elsewhere: of whom, for whom, with
which scope, and for how long."""

from __future__ import annotations

import json

import pytest

import dpop
from approvals import SCOPE, Phone, approving_client, is_pending, refused, rejected
from browser import Browser
from ciba import Asked, asking_client
from expect import bearer_error, invalid_token, j400
from harness import Client, Instance, Tenant, User
from protocol import (
    PKCE, Redirect, allow, asks_consent, authorization_url, authorize, end, redeem, refresh,
    revoke, token, tokens)
from visitor import limited_json, set_limit
from watch import unchanged


@pytest.fixture
def caller(tenant: Tenant) -> Client:
    return asking_client(tenant)


@pytest.fixture
def phone(tenant: Tenant, user: User) -> Phone:
    return Phone.of(approving_client(tenant), user)


def test_a_token_of_another_tenant_learns_nothing(
    caller: Client, tenant: Tenant, user: User, phone: Phone
) -> None:
    asked = Asked.of(caller, user)
    id = phone.list()[0]["id"]
    other = tenant.instance.create_tenant()
    stranger = Phone.of(approving_client(other), other.create_user(user.name))
    refused(stranger.decide(id, "allow"), 404, "not_found")
    assert stranger.list() == []
    at_ours = Phone(phone.client, stranger.token, stranger.browser)
    with unchanged(tenant, user):
        for answer in (at_ours.get(), at_ours.get(f"/{id}"), at_ours.decide(id, "allow")):
            invalid_token(answer)
    assert is_pending(asked)


@pytest.mark.attack("GH-131")
def test_gh_131_a_token_for_somebody_else_is_none(
    caller: Client, tenant: Tenant, user: User, phone: Phone
) -> None:
    asked = Asked.of(caller, user)
    id = phone.list()[0]["id"]
    for audience in ("https://api.test", tenant.issuer + "/", tenant.issuer.upper(),
                     tenant.endpoint("token"), f"{tenant.issuer}/bc-approvals"):
        app = approving_client(tenant, audience=audience)
        rejected(Phone.of(app, user), id, 401, "invalid_token")
    # Without an audience of its own, a token is for its client.
    own = tenant.create_client("web", "--scope", "openid", "--scope", "approvals")
    rejected(Phone.of(own, user), id, 401, "invalid_token")
    assert is_pending(asked)


def test_a_token_with_another_scope_is_not_enough(
    caller: Client, tenant: Tenant, user: User, phone: Phone
) -> None:
    asked = Asked.of(caller, user)
    id = phone.list()[0]["id"]
    rejected(Phone.of(phone.client, user, "openid"), id, 403, "insufficient_scope")
    for scope in ("approvals:read", "Approvals", "xapprovals"):
        app = approving_client(tenant, scopes=("openid", scope))
        rejected(Phone.of(app, user, f"openid {scope}"), id, 403, "insufficient_scope")
    machine = tenant.create_client(
        "machine", "--audience", tenant.issuer, "--scope", "approvals")
    given = token(machine, grant_type="client_credentials", scope="approvals").json()
    assert given["scope"] == "approvals"
    rejected(Phone(machine, given["access_token"], phone.browser), id, 403, "insufficient_scope")
    assert is_pending(asked)


def test_only_clients_that_were_let_ask_for_it_get_it(tenant: Tenant, user: User) -> None:
    plain = tenant.create_client("web", "--audience", tenant.issuer)
    sent = authorize(Browser(tenant.instance), plain, None, PKCE.new(), scope=SCOPE)
    assert sent.error == "invalid_scope"
    # Nor does a client get it that registers itself, where scopes of resources are open to it.
    tenant.cli("resource", "create", "--identifier", tenant.issuer, "--name", "Approvals",
               "--scope", "approvals=Answer for you", "--scope", "read=Read")
    tenant.cli("registration", "update", "--mode", "open", "--scope", "resources")
    made = tenant.instance.http.post(f"{tenant.issuer}/oauth2/register", json={
        "redirect_uris": ["https://rp.test/cb"]}).json()
    assert "read" in made["scope"].split() and "approvals" not in made["scope"].split()
    j400(tenant.instance.http.post(f"{tenant.issuer}/oauth2/register", json={
        "redirect_uris": ["https://rp.test/cb"], "scope": "approvals"}),
        "invalid_client_metadata")


def test_an_app_of_somebody_else_gets_it_only_if_the_person_allows(
    caller: Client, tenant: Tenant, user: User
) -> None:
    app = approving_client(tenant, "--party", "third")
    browser = Browser(tenant.instance)
    pkce = PKCE.new()
    page = browser.follow(browser.get(authorization_url(app, pkce, scope=SCOPE)))
    page = browser.follow(browser.submit(
        page, page.form("identifier", "password"), identifier=user.name, password=user.password))
    assert asks_consent(page)
    assert "answer for you what applications ask from elsewhere" in page.words
    silent = authorize(browser, app, None, PKCE.new(), scope=SCOPE, prompt="none")
    assert silent.error == "consent_required"
    given = redeem(app, Redirect.read(allow(browser, page)).code, pkce).json()
    Asked.of(caller, user)
    assert len(Phone(app, given["access_token"], browser).list()) == 1


@pytest.mark.parametrize("what", [
    "password", "user disabled", "user deleted", "client disabled", "client deleted", "revoked",
    "signed out"])
def test_gh_148_what_ended_lets_nobody_in(
    caller: Client, tenant: Tenant, user: User, what: str
) -> None:
    app = approving_client(tenant)
    browser = Browser(tenant.instance)
    given = tokens(app, user, browser, scope="openid approvals offline_access")
    phone = Phone(app, given["access_token"], browser)
    Asked.of(caller, user)
    id = phone.list()[0]["id"]
    match what:
        case "revoked":
            revoke(app, given["refresh_token"])
        case "signed out":
            # Even what outlives the session approves nothing without it.
            page = browser.get(tenant.endpoint("end_session"))
            browser.submit(page, page.form("answer"), answer="sign_out")
            again = refresh(app, given["refresh_token"])
            assert again.status_code == 200
            rejected(Phone(app, again.json()["access_token"], browser), id, 401, "invalid_token")
        case _:
            end(app, user, what)
    for answer in (phone.get(), phone.get(f"/{id}"), phone.decide(id, "allow")):
        invalid_token(answer)


def test_an_expired_token_and_what_is_none(
    caller: Client, tenant: Tenant, user: User, phone: Phone
) -> None:
    asked = Asked.of(caller, user)
    id = phone.list()[0]["id"]
    set_limit(tenant, "access-token-network", 10_000)
    given = tokens(phone.client, user, scope="openid approvals offline_access")
    for wrong in ("x", phone.token[:-4] + "AAAA", given["refresh_token"], given["id_token"],
                  phone.client.secret or "", asked.id):
        rejected(Phone(phone.client, wrong, phone.browser), id, 401, "invalid_token")
    http = tenant.instance.http
    for answer in (http.get(phone.url), http.get(f"{phone.url}/{id}"),
                   http.post(f"{phone.url}/{id}", json={"decision": "allow"}),
                   http.get(phone.url, headers={"Cookie": "x=y"})):
        bearer_error(answer, 401, None)
    # Signed in on pages is not enough: there is nothing that another site could have sent.
    page = phone.browser.get(phone.url)
    assert page.status == 401
    assert is_pending(asked)


def test_its_time_is_over(own_instance: Instance) -> None:
    tenant = own_instance.create_tenant()
    user, caller = tenant.create_user(), asking_client(tenant)
    app = approving_client(tenant)
    phone = Phone.of(app, user)
    resource = tenant.cli(
        "resource", "create", "--identifier", tenant.issuer, "--name", "Approvals",
        "--token-format", "opaque")
    assert resource["identifier"] == tenant.issuer
    asked = Asked.of(caller, user)
    over = Phone.of(app, user)
    assert over.token.startswith("tok_") and len(over.list()) == 1
    row, = own_instance.database.rows("SELECT claims FROM opaque_access_token")
    end = json.loads(row["claims"])["exp"]
    own_instance.database.execute(
        f"UPDATE opaque_access_token SET claims = replace(claims, '\"exp\":{end}', '\"exp\":1000')")
    id = phone.list()[0]["id"]
    rejected(over, id, 401, "invalid_token")
    own_instance.database.execute(
        "UPDATE backchannel_authentication SET expires_at = created_at + 1")
    assert phone.list() == []
    refused(phone.get(f"/{id}"), 404, "not_found")
    refused(phone.decide(id, "allow"), 404, "not_found")
    j400(asked.poll(), "authorization_pending")


def test_a_token_in_the_query_or_the_body_is_refused(
    caller: Client, tenant: Tenant, user: User, phone: Phone
) -> None:
    asked = Asked.of(caller, user)
    id = phone.list()[0]["id"]
    http, query = tenant.instance.http, f"?access_token={phone.token}"
    bearer = {"Authorization": f"Bearer {phone.token}"}
    for answer in (
        http.get(phone.url + query), http.get(phone.url + query, headers=bearer),
        http.post(f"{phone.url}/{id}{query}", json={"decision": "allow"}),
        http.post(f"{phone.url}/{id}{query}", json={"decision": "allow"}, headers=bearer),
        http.get(phone.url, headers=[("Authorization", f"Bearer {phone.token}")] * 2),
    ):
        bearer_error(answer, 400, "invalid_request")
    for answer in (
        http.post(f"{phone.url}/{id}", data={"access_token": phone.token, "decision": "allow"}),
        http.post(f"{phone.url}/{id}", json={"access_token": phone.token, "decision": "allow"}),
    ):
        bearer_error(answer, 401, None)
    assert is_pending(asked)


def test_a_bound_token_works_with_a_proof_that_counts_once(
    caller: Client, tenant: Tenant, user: User
) -> None:
    app, key, browser = approving_client(
        tenant, "--dpop-bound-access-tokens", kind="native"), dpop.Key(), Browser(tenant.instance)
    pkce = PKCE.new()
    code = authorize(browser, app, user, pkce, scope=SCOPE).code
    given = dpop.redeem(app, code, pkce, key).json()
    access = given["access_token"]
    asked = Asked.of(caller, user)
    http, url = tenant.instance.http, f"{tenant.issuer}/bc-approvals"

    def proven(method: str, target: str, key: dpop.Key = key) -> dict[str, str]:
        return {"Authorization": f"DPoP {access}",
                "DPoP": key.proof(method, target, access_token=access)}

    headers = proven("GET", url)
    (one,) = http.get(url, headers=headers).json()["approvals"]
    replayed = http.get(url, headers=headers)
    assert replayed.status_code == 401
    target = f"{url}/{one['id']}"
    for wrong in (
        {"Authorization": f"Bearer {access}"}, {"Authorization": f"DPoP {access}"},
        proven("GET", target), proven("POST", url), proven("POST", target, dpop.Key()),
    ):
        answer = http.post(target, json={"decision": "allow"}, headers=wrong)
        assert answer.status_code in (400, 401), answer.status_code
        assert "www-authenticate" in answer.headers
    assert is_pending(asked)
    headers = proven("POST", target)
    assert http.post(target, json={"decision": "allow"}, headers=headers).status_code == 200
    again = http.post(target, json={"decision": "allow"}, headers=headers)
    assert again.status_code == 401 and "invalid_dpop_proof" in again.headers["www-authenticate"]
    assert asked.tokens()["access_token"]


def test_guesses_are_limited(own_instance: Instance) -> None:
    tenant = own_instance.create_tenant()
    set_limit(tenant, "access-token-network", 3)
    phone = Phone.of(approving_client(tenant), tenant.create_user())
    guess = Phone(phone.client, "tok_" + "A" * 43, phone.browser)
    for _ in range(3):
        invalid_token(guess.get())
    for _ in range(3):
        limited_json(guess.get())
    # What is right is never refused.
    assert phone.list() == []
