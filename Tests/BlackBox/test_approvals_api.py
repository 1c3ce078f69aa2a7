"""What clients ask from elsewhere, listed and answered by an app of the person's own: which token lets
it in, what it sees, and that an answer counts once."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

import dpop
from browser import Browser
from expect import bearer_error, invalid_token, j400, json_error
from harness import Client, Instance, Tenant, User
from protocol import (
    PKCE, Redirect, allow, asks_consent, authorization_url, authorize, claims, end, redeem,
    refresh, revoke, token, tokens)
from test_ciba import Asked, asking_client, open_page, press
from test_races import at_once
from visitor import limited_json, set_limit
from watch import recorded, unchanged

SCOPE = "openid approvals"


def approving_client(
    tenant: Tenant, *arguments: str, kind: str = "web", audience: str | None = None,
    scopes: tuple[str, ...] = ("openid", "approvals", "offline_access"), name: str = "My bank app",
) -> Client:
    """An app that may answer for people, as an operator registers it."""
    return tenant.create_client(
        kind, "--audience", audience or tenant.issuer,
        *[part for scope in scopes for part in ("--scope", scope)], *arguments, name=name)


@dataclass
class Phone:
    """An app of a person's, with an access token."""

    client: Client
    token: str
    browser: Browser

    @classmethod
    def of(cls, client: Client, user: User, scope: str = SCOPE) -> Phone:
        browser = Browser(client.tenant.instance)
        given = tokens(client, user, browser, scope=scope)
        return cls(client, given["access_token"], browser)

    @property
    def url(self) -> str:
        return f"{self.client.tenant.issuer}/bc-approvals"

    def get(self, path: str = "", **headers: str) -> httpx.Response:
        return self.client.tenant.instance.http.get(
            self.url + path, headers={"Authorization": f"Bearer {self.token}"} | headers)

    def list(self) -> list[dict[str, Any]]:
        answer = self.get()
        assert answer.status_code == 200, answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert list(answer.json()) == ["approvals"]
        return answer.json()["approvals"]

    def decide(self, id: str, answer: str, **headers: str) -> httpx.Response:
        return self.client.tenant.instance.http.post(
            f"{self.url}/{id}", json={"decision": answer},
            headers={"Authorization": f"Bearer {self.token}"} | headers)


@pytest.fixture
def caller(tenant: Tenant) -> Client:
    return asking_client(tenant)


@pytest.fixture
def phone(tenant: Tenant, user: User) -> Phone:
    return Phone.of(approving_client(tenant), user)


def refused(answer: httpx.Response, status: int, error: str) -> None:
    json_error(answer, status, error)


def is_pending(asked: Asked) -> bool:
    return asked.poll().json()["error"] in ("authorization_pending", "slow_down")


# How it works


@pytest.mark.parametrize("answer", ["allow", "deny"])
def test_an_app_shows_what_waits_and_answers_it(
    caller: Client, tenant: Tenant, user: User, phone: Phone, answer: str
) -> None:
    assert phone.list() == []
    asked = Asked.of(caller, user, scope="openid email", binding_message="W4-SCT")
    later = Asked.of(caller, user)
    (one, two) = phone.list()
    id = one.pop("id")
    created, expires = one.pop("created_at"), one.pop("expires_at")
    assert one == {
        "client_id": caller.id, "client_name": "Call centre", "scope": "openid email",
        "resources": [], "binding_message": "W4-SCT"}
    assert expires - created == 300 and "binding_message" not in two
    shown = phone.get(f"/{id}")
    assert shown.status_code == 200 and shown.json() == phone_entry(phone, id)
    kinds = ["backchannel_authentication.denied"] if answer == "deny" else [
        "grant.created", "backchannel_authentication.allowed"]
    with recorded(tenant, *kinds, actor=user.id) as events:
        decided = phone.decide(id, answer)
    assert decided.status_code == 200, decided.text
    assert decided.json() == {
        "id": id, "decision": "allowed" if answer == "allow" else "denied"}
    assert {json.loads(event["detail"])["through"] for event in events} == {phone.client.id}
    if answer == "allow":
        assert claims(asked.tokens()["id_token"])["sub"] == user.id
    else:
        j400(asked.poll(), "access_denied")
    assert [entry["id"] for entry in phone.list()] == [two["id"]] and is_pending(later)


def phone_entry(phone: Phone, id: str) -> dict[str, Any]:
    return next(entry for entry in phone.list() if entry["id"] == id)


def test_the_api_that_tokens_would_be_for_is_named(
    tenant: Tenant, user: User, phone: Phone
) -> None:
    caller = asking_client(tenant, "--audience", "https://reports.test")
    Asked.of(caller, user, scope="openid reports:read")
    (one,) = phone.list()
    assert one["resources"] == ["https://reports.test"]
    assert one["scope"] == "openid reports:read"


def test_the_issuer_may_be_registered_as_a_resource(
    caller: Client, tenant: Tenant, user: User
) -> None:
    tenant.cli("resource", "create", "--identifier", tenant.issuer, "--name", "Approvals",
               "--scope", "approvals=Answer for you what applications ask from elsewhere")
    app = tenant.create_client(
        "native", "--scope", "openid", "--scope", "approvals")
    given = tokens(app, user, scope=SCOPE, resource=tenant.issuer)
    assert claims(given["access_token"])["aud"] == tenant.issuer
    phone = Phone(app, given["access_token"], Browser(tenant.instance))
    asked = Asked.of(caller, user)
    (one,) = phone.list()
    assert phone.decide(one["id"], "allow").status_code == 200
    assert asked.tokens()["access_token"]


# Whom it lets in


def test_an_answer_is_not_repeated(caller: Client, user: User, phone: Phone) -> None:
    asked = Asked.of(caller, user)
    (one,) = phone.list()
    assert phone.decide(one["id"], "allow").status_code == 200
    with unchanged(caller.tenant, user):
        for answer in ("allow", "deny", "allow"):
            refused(phone.decide(one["id"], answer), 409, "already_decided")
    assert phone.get(f"/{one['id']}").status_code == 404
    assert asked.tokens()["access_token"]
    refused(phone.decide(one["id"], "deny"), 409, "already_decided")


def test_what_is_somebody_else_s_is_like_what_is_not(
    caller: Client, tenant: Tenant, user: User, phone: Phone
) -> None:
    asked = Asked.of(caller, user, binding_message="TOP-4711")
    id = phone.list()[0]["id"]
    mallory = Phone.of(phone.client, tenant.create_user())
    assert mallory.list() == []
    answers = []
    with unchanged(tenant, user):
        for path in (id, "bca_" + "0" * 26, "x", id.upper(), id + "0", "usr_" + id[4:]):
            for answer in (mallory.get(f"/{path}"), mallory.decide(path, "allow"),
                           mallory.decide(path, "deny")):
                refused(answer, 404, "not_found")
                answers.append(answer.json() | {"incident": ""})
    assert all(answer == answers[0] for answer in answers)
    assert is_pending(asked)


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


def rejected(phone: Phone, id: str, status: int, error: str | None) -> None:
    for answer in (phone.get(), phone.get(f"/{id}"), phone.decide(id, "allow")):
        bearer_error(answer, status, error)


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
    own_instance.database.execute("UPDATE opaque_access_token SET expires_at = 1000")
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


def test_what_an_app_says_is_one_of_two_words(
    caller: Client, tenant: Tenant, user: User, phone: Phone
) -> None:
    asked = Asked.of(caller, user)
    id = phone.list()[0]["id"]
    http = tenant.instance.http
    headers = {"Authorization": f"Bearer {phone.token}"}
    with unchanged(tenant, user):
        for body in (b"", b"{}", b"[]", b"null", b'{"decision":"maybe"}', b'{"decision":true}',
                     b'{"decision":"Allow"}', b'{"decision":"allow","decision":"deny"}',
                     b'{"decision":"allow"', b"\xff", b'{"decision":["allow"]}'):
            answer = http.post(f"{phone.url}/{id}", content=body,
                               headers=headers | {"Content-Type": "application/json"})
            refused(answer, 400, "invalid_request")
        for kind in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data"):
            answer = http.post(f"{phone.url}/{id}", content=b'{"decision":"allow"}',
                               headers=headers | {"Content-Type": kind})
            refused(answer, 400, "invalid_request")
        for method, path in (("PUT", f"/{id}"), ("DELETE", f"/{id}"), ("POST", ""),
                             ("PATCH", f"/{id}")):
            answer = http.request(method, phone.url + path, headers=headers)
            assert answer.status_code == 405, (method, answer.status_code)
    assert is_pending(asked)


# Who may not answer


def test_a_client_does_not_answer_what_it_asks(tenant: Tenant, user: User) -> None:
    both = tenant.create_client(
        "web", "--backchannel-authentication", "--audience", tenant.issuer, "--scope", "openid",
        "--scope", "approvals")
    own = Phone.of(both, user)
    asked = Asked.of(both, user)
    id = tenant.cli("backchannel", "list", user.id)[0]["id"]
    assert own.list() == []
    with unchanged(tenant, user):
        refused(own.get(f"/{id}"), 404, "not_found")
        refused(own.decide(id, "allow"), 404, "not_found")
    assert is_pending(asked)
    other = Phone.of(approving_client(tenant), user)
    assert other.decide(id, "allow").status_code == 200


@pytest.mark.parametrize("what", ["client disabled", "scope taken", "no longer allowed"])
def test_nothing_is_allowed_to_a_client_that_may_not_ask(
    caller: Client, tenant: Tenant, user: User, phone: Phone, what: str
) -> None:
    Asked.of(caller, user, scope="openid email")
    id = phone.list()[0]["id"]
    match what:
        case "client disabled": caller.update("--disable")
        case "scope taken": caller.update("--scope", "openid")
        case _: caller.update("--no-backchannel-authentication")
    assert phone.list() == []
    refused(phone.decide(id, "allow"), 404, "not_found")


# How it is bound


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


def test_a_page_of_a_browser_app_may_use_it(
    caller: Client, tenant: Tenant, user: User
) -> None:
    app = approving_client(tenant, "--dpop-nonce", "optional", kind="spa")
    phone = Phone.of(app, user)
    Asked.of(caller, user)
    told = phone.get("", Origin="https://rp.test")
    assert told.headers["access-control-allow-origin"] == "https://rp.test"
    id = told.json()["approvals"][0]["id"]
    asked = tenant.instance.http.options(f"{phone.url}/{id}", headers={
        "Origin": "https://rp.test", "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type"})
    assert asked.status_code == 204 and "POST" in asked.headers["access-control-allow-methods"]
    assert "content-type" in asked.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in asked.headers
    decided = phone.decide(id, "deny", Origin="https://rp.test")
    assert decided.status_code == 200
    assert decided.headers["access-control-allow-origin"] == "https://rp.test"


@pytest.mark.attack("GH-425")
def test_gh_425_no_stranger_may_read_it(phone: Phone) -> None:
    for origin in ("https://evil.test", "null", "https://rp.test.evil.test", "https://rp.test"):
        for answer in (
            phone.get("", Origin=origin),
            phone.client.tenant.instance.http.options(phone.url, headers={
                "Origin": origin, "Access-Control-Request-Method": "GET"}),
        ):
            assert "access-control-allow-origin" not in answer.headers, origin
            assert "access-control-allow-credentials" not in answer.headers


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


# At once


def test_an_app_and_the_page_at_the_same_moment_count_once(
    caller: Client, tenant: Tenant, user: User, phone: Phone
) -> None:
    for _ in range(3):
        asked = Asked.of(caller, user)
        id = phone.list()[0]["id"]
        browsers = [Browser(tenant.instance) for _ in range(3)]
        pages = [open_page(browser, tenant, user) for browser in browsers]
        with ThreadPoolExecutor(6) as pool:
            by_page = [pool.submit(press, browser, page, "deny")
                       for browser, page in zip(browsers, pages)]
            by_app = [pool.submit(phone.decide, id, "allow") for _ in range(3)]
            shown = [one.result().status for one in by_page]
            told = [one.result().status_code for one in by_app]
        assert sorted(told) in ([200, 409, 409], [409, 409, 409])
        assert sorted(shown) in ([200, 410, 410], [410, 410, 410])
        assert (200 in told) != (200 in shown)
        if 200 in told:
            asked.tokens()
        else:
            j400(asked.poll(), "access_denied")


def test_one_answer_of_32_at_once(
    caller: Client, tenant: Tenant, user: User, phone: Phone
) -> None:
    asked = Asked.of(caller, user)
    id = phone.list()[0]["id"]
    headers = {"Authorization": f"Bearer {phone.token}"}
    with recorded(tenant, "grant.created", "backchannel_authentication.allowed", actor=user.id):
        answers = at_once(32, lambda session: session.post(
            f"{phone.url}/{id}", json={"decision": "allow"}, headers=headers))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 31
    assert asked.tokens()["access_token"]
