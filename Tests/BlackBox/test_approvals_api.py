"""What clients ask from elsewhere, listed and answered by an app of the person's own: what it sees, and
that an answer counts once. Which token lets it in: test_approvals_tokens.py."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from approvals import SCOPE, Phone, approving_client, is_pending, refused
from browser import Browser
from ciba import Asked, asking_client, open_page, press
from expect import j400
from harness import Client, Tenant, User
from protocol import claims, tokens
from races import at_once
from watch import recorded, unchanged


@pytest.fixture
def caller(tenant: Tenant) -> Client:
    return asking_client(tenant)


@pytest.fixture
def phone(tenant: Tenant, user: User) -> Phone:
    return Phone.of(approving_client(tenant), user)


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


# What it answers


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
