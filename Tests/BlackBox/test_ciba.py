"""Backchannel authentication (OpenID Connect CIBA Core, poll): who may ask whom, what the person
sees and answers, and who gets the tokens, once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest

import dpop
from browser import Browser
from ciba import GRANT_TYPE, Asked, allowed, ask, asking_client, open_page, press
from expect import j400, j401
from harness import Client, CommandFailed, Instance, Tenant, User
from protocol import basic, claims, end, refresh, token, tokens, userinfo
from races import at_once, succeeded
from suite import verified
from visitor import limited_json, set_limit
from watch import recorded, unchanged


@pytest.fixture
def caller(tenant: Tenant) -> Client:
    return asking_client(tenant)


# How it works


def test_a_person_allows_elsewhere_and_the_client_gets_its_tokens_once(
    caller: Client, tenant: Tenant, user: User, browser: Browser
) -> None:
    said = tenant.metadata
    assert GRANT_TYPE in said["grant_types_supported"]
    assert said["backchannel_authentication_endpoint"] == f"{tenant.issuer}/bc-authorize"
    assert said["backchannel_token_delivery_modes_supported"] == ["poll", "ping"]
    assert said["backchannel_user_code_parameter_supported"] is False
    with recorded(tenant, "backchannel_authentication.begun", actor=caller.id):
        asked = Asked.of(caller, user, scope="openid offline_access", binding_message="W4-SCT")
    assert asked.answer.keys() == {"auth_req_id", "expires_in", "interval"}
    assert 295 <= asked.answer["expires_in"] <= 300 and asked.answer["interval"] == 5
    j400(asked.poll(), "authorization_pending")
    page = open_page(browser, tenant, user)
    for words in ("Call centre", "W4-SCT", "recognise your account",
                  "stay connected after you sign out here", user.name,
                  "Only allow what you started yourself."):
        assert words in page.words, words
    j400(asked.poll(), "slow_down")
    with recorded(tenant, "grant.created", "backchannel_authentication.allowed", actor=user.id):
        page = press(browser, page, "allow")
    assert page.status == 200 and "You allowed it." in page.words
    assert "Nothing waits for you." in page.words
    with recorded(tenant, "backchannel_authentication.redeemed", actor=caller.id):
        given = asked.tokens()
    said = verified(caller, given, algorithm="ES256")
    assert said["sub"] == user.id and said["amr"] == ["pwd"]
    assert userinfo(tenant, given["access_token"]).json()["sub"] == user.id
    assert refresh(caller, given["refresh_token"]).status_code == 200
    j400(asked.poll(), "invalid_grant")


def test_a_person_denies(caller: Client, tenant: Tenant, user: User, browser: Browser) -> None:
    asked = Asked.of(caller, user)
    page = open_page(browser, tenant, user)
    with recorded(tenant, "backchannel_authentication.denied", actor=user.id):
        page = press(browser, page, "deny")
    assert "You denied it." in page.words
    j400(asked.poll(), "access_denied")


def test_an_id_token_or_any_name_says_who_is_meant(caller: Client, tenant: Tenant) -> None:
    kay = tenant.create_user("kay@example.com", username="kay")
    first = Asked.of(caller, kay)
    found = tenant.cli("backchannel", "list", kay.id)
    assert [one["client"] for one in found] == [caller.id]
    browser = Browser(tenant.instance)
    page = open_page(browser, tenant, kay)
    press(browser, page, "allow")
    given = first.tokens()
    for hint in ({"login_hint": "KAY"}, {"login_hint": "Kay@example.com"},
                 {"login_hint": kay.id}, {"id_token_hint": given["id_token"]}):
        answer = ask(caller, **hint)
        assert answer.status_code == 200, answer.text
    assert len(tenant.cli("backchannel", "list", kay.id)) == 4


def test_what_is_asked_is_checked(caller: Client, tenant: Tenant, user: User) -> None:
    app = tenant.create_client("web", "--backchannel-authentication")
    foreign = tokens(app, user)["id_token"]
    good = {"login_hint": user.name}
    with unchanged(tenant, user), recorded(tenant):
        for form, error in (
            ({}, "invalid_request"), ({"login_hint": ""}, "invalid_request"),
            (good | {"id_token_hint": foreign}, "invalid_request"),
            ({"login_hint_token": "x"}, "invalid_request"),
            (good | {"login_hint_token": "x"}, "invalid_request"),
            (good | {"request": "x.y.z"}, "invalid_request"),
            (good | {"scope": None}, "invalid_request"),
            (good | {"scope": "email"}, "invalid_scope"),
            (good | {"scope": "openid admin"}, "invalid_scope"),
            ({"login_hint": "nobody@example.com"}, "unknown_user_id"),
            ({"login_hint": "a" * 3_000}, "unknown_user_id"),
            ({"id_token_hint": foreign}, "unknown_user_id"),
            ({"id_token_hint": "x.y.z"}, "unknown_user_id"),
            *[(good | {"requested_expiry": value}, "invalid_request")
              for value in ("0", "-1", "1.5", "x", "9" * 30, "１")],
            *[(good | {"binding_message": value}, "invalid_binding_message")
              for value in ("a" * 61, "<b>x</b>", "a\nb", "ü", "\u202ea", " a", "a\t",
                            "https://x.test?&")],
        ):
            j400(ask(caller, **form), error)
    other = tenant.instance.create_tenant().create_user()
    j400(ask(caller, login_hint=other.name), "unknown_user_id")
    j400(ask(caller, login_hint=other.id), "unknown_user_id")
    tenant.cli("user", "update", user.id, "--disable")
    j400(ask(caller, **good), "unknown_user_id")


def test_only_clients_that_are_registered_for_it_ask(
    tenant: Tenant, client: Client, public_client: Client, user: User
) -> None:
    for one in (client, public_client):
        j400(ask(one, login_hint=user.name), "unauthorized_client")
        j400(token(one, grant_type=GRANT_TYPE, auth_req_id="arq_" + "A" * 43),
             "unauthorized_client")
    j401(ask(client, login_hint=user.name, headers={"Authorization": basic(client.id, "x")}))
    for kind in ("native", "spa", "machine"):
        with pytest.raises(CommandFailed):
            tenant.create_client(kind, "--backchannel-authentication")
    caller = asking_client(tenant)
    asked = Asked.of(caller, user)
    caller.update("--no-backchannel-authentication")
    j400(asked.poll(), "unauthorized_client")
    assert tenant.cli("backchannel", "list", user.id) == []


# Who answers


def test_nobody_sees_or_answers_what_is_asked_of_somebody_else(
    caller: Client, tenant: Tenant, user: User
) -> None:
    asked = Asked.of(caller, user, binding_message="TOP-4711")
    request = tenant.cli("backchannel", "list", user.id)[0]["id"]
    mallory, browser = tenant.create_user(), Browser(tenant.instance)
    page = open_page(browser, tenant)
    assert "TOP-4711" not in page.words and "Sign in to see" in page.words
    page = open_page(browser, tenant, mallory)
    assert "TOP-4711" not in page.words and "Nothing waits for you." in page.words
    form = open_page(Browser(tenant.instance), tenant).form("csrf")
    csrf = browser.get(f"{tenant.issuer}/approvals")
    own = csrf.form("csrf").fields["csrf"] if 'name="csrf"' in csrf.text else None
    assert own is None, "A page without a question has no form."
    Asked.of(caller, mallory)
    page = open_page(browser, tenant)
    fields = page.form("authentication", "csrf").fields
    with unchanged(tenant, user):
        for value in (request, "bca_" + "0" * 26):
            answer = browser.post(f"{tenant.issuer}/approvals", fields | {
                "authentication": value, "answer": "allow"})
            assert answer.status == 410 and "This request is over." in answer.words
        for changes in ({"csrf": form.fields["csrf"]}, {"csrf": ""}, {"authentication": "x"},
                        {"answer": "continue"}):
            answer = browser.post(f"{tenant.issuer}/approvals", fields | {
                "authentication": request, "answer": "allow"} | changes)
            assert answer.status == 403, f"{changes} {answer.status}"
        assert browser.post(f"{tenant.issuer}/approvals", fields | {
            "authentication": request, "answer": "allow"}, site="cross-site").status == 403
    j400(asked.poll(), "authorization_pending")


def test_a_question_is_answered_once(caller: Client, tenant: Tenant, user: User) -> None:
    asked = Asked.of(caller, user)
    first, second = Browser(tenant.instance), Browser(tenant.instance)
    one, other = open_page(first, tenant, user), open_page(second, tenant, user)
    press(first, one, "deny")
    page = press(second, other, "allow")
    assert page.status == 410 and "This request is over." in page.words
    j400(asked.poll(), "access_denied")


@pytest.mark.parametrize("what", ["user disabled", "client disabled", "session"])
def test_nothing_is_allowed_for_whom_nothing_may_happen(
    caller: Client, tenant: Tenant, user: User, browser: Browser, what: str
) -> None:
    asked = Asked.of(caller, user)
    page = open_page(browser, tenant, user)
    if what == "session":
        tenant.instance.database.execute(
            f"UPDATE browser_session SET ended_at = 1 WHERE user_id = '{user.id}'")
    else:
        end(caller, user, what)
    page = press(browser, page, "allow")
    assert page.status == 410
    if what != "client disabled":
        j400(asked.poll(), "authorization_pending")


def test_an_operator_answers_for_who_is_signed_in(
    caller: Client, tenant: Tenant, user: User, browser: Browser
) -> None:
    asked = Asked.of(caller, user)
    request = tenant.cli("backchannel", "list", user.id)[0]["id"]
    with pytest.raises(CommandFailed):
        tenant.cli("backchannel", "allow", request)
    open_page(browser, tenant, user)
    with recorded(tenant, "grant.created", "backchannel_authentication.allowed",
                  actor="operator"):
        assert tenant.cli("backchannel", "allow", request)["answer"] == "allowed"
    assert claims(asked.tokens()["id_token"])["sub"] == user.id
    with pytest.raises(CommandFailed):
        tenant.cli("backchannel", "deny", request)
    asked = Asked.of(caller, user)
    tenant.cli("backchannel", "deny", tenant.cli("backchannel", "list", user.id)[0]["id"])
    j400(asked.poll(), "access_denied")


def test_nobody_is_asked_again_and_again(caller: Client, tenant: Tenant, user: User) -> None:
    set_limit(tenant, "backchannel-user", 3)
    for _ in range(3):
        Asked.of(caller, user)
    with recorded(tenant, "limit.exceeded"):
        for _ in range(3):
            limited_json(ask(caller, login_hint=user.name))
    # Others are asked still, and others ask.
    Asked.of(caller, tenant.create_user())
    Asked.of(asking_client(tenant), user)


# Who gets the tokens


def test_one_auth_req_id_yields_tokens_once_of_32_times(
    caller: Client, tenant: Tenant, user: User
) -> None:
    for _ in range(2):
        asked = allowed(caller, user)
        body = urlencode({"grant_type": GRANT_TYPE, "auth_req_id": asked.id}).encode()
        headers = {"Authorization": basic(caller.id, caller.secret or ""),
                   "Content-Type": "application/x-www-form-urlencoded"}
        url = tenant.endpoint("token")
        answers = at_once(32, lambda session: session.post(url, content=body, headers=headers))
        for one in answers:
            tenant.instance._see_json(one.json())
            assert one.status_code == 200 or one.json()["error"] == "invalid_grant", one.text
        assert len(succeeded(answers)) == 1


def test_answers_at_the_same_moment_count_once(
    caller: Client, tenant: Tenant, user: User
) -> None:
    asked = Asked.of(caller, user)
    browsers = [Browser(tenant.instance) for _ in range(4)]
    pages = [open_page(browser, tenant, user) for browser in browsers]
    answers = ["allow", "deny"] * 2
    with ThreadPoolExecutor(4) as pool:
        shown = list(pool.map(press, browsers, pages, answers))
    assert sorted(page.status for page in shown) == [200, 410, 410, 410]
    winner = answers[[page.status for page in shown].index(200)]
    if winner == "allow":
        asked.tokens()
    else:
        j400(asked.poll(), "access_denied")


def test_an_auth_req_id_is_its_client_s(caller: Client, tenant: Tenant, user: User) -> None:
    asked, other = allowed(caller, user), asking_client(tenant)
    with recorded(tenant, "backchannel_authentication.refused", actor=other.id):
        j400(asked.poll(other), "invalid_grant")
    for value in ("x", "arq_" + "A" * 43, asked.id[:-1], asked.id + "A",
                  asked.id.replace("arq_", "dc_")):
        j400(asked.poll(auth_req_id=value), "invalid_grant")
    j400(asked.poll(auth_req_id=None), "invalid_request")
    asked.tokens()


@pytest.mark.parametrize("what", [
    "user disabled", "user deleted", "client disabled", "client deleted", "password"])
def test_what_ends_before_the_client_asks_counts(
    caller: Client, tenant: Tenant, user: User, what: str
) -> None:
    asked = allowed(caller, user)
    end(caller, user, what)
    answer = asked.poll()
    assert answer.status_code in (400, 401), answer.text
    assert answer.json()["error"] in ("invalid_grant", "invalid_client")


def test_bound_tokens(caller: Client, tenant: Tenant, user: User) -> None:
    caller.update("--dpop-bound-access-tokens")
    asked, key = allowed(caller, user), dpop.Key()
    j400(asked.poll(), "invalid_dpop_proof")
    proof = {"DPoP": key.proof("POST", tenant.endpoint("token"))}
    given = asked.poll(headers=proof).json()
    assert given["token_type"] == "DPoP"
    assert claims(given["access_token"])["cnf"] == {"jkt": key.thumbprint}


def test_its_time_is_over(own_instance: Instance) -> None:
    tenant = own_instance.create_tenant()
    caller, user = asking_client(tenant), tenant.create_user()
    asked = Asked.of(caller, user, requested_expiry="60")
    assert 55 <= asked.answer["expires_in"] <= 60
    assert Asked.of(caller, user, requested_expiry="100000").answer["expires_in"] <= 300
    browser = Browser(own_instance)
    page = open_page(browser, tenant, user)
    for table in ("backchannel_authentication", "one_time_secret"):
        own_instance.database.execute(f"UPDATE {table} SET expires_at = created_at + 1")
    assert press(browser, page, "allow").status == 410
    j400(asked.poll(), "expired_token")
    j400(asked.poll(), "expired_token")
    assert "Nothing waits for you." in open_page(browser, tenant).words
