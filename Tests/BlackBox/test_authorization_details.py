"""Rich authorization requests (RFC 9396): what may be asked for, what a person sees, and where what
they allowed comes to. Attack cases 3.A and 3.V."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

import pytest

import token_exchange as exchange
from assertions import register as register_key
from authorization_details import BANK, PAYMENT, WISH, bank, request
from browser import Browser
from consent import asked
from expect import j400, redirected
from harness import Client, Tenant, User
from protocol import (
    PKCE, Redirect, allow, asks_consent, authorization_url, begin, claims, push, pushed_url, redeem,
    refresh, sign_in, token)
from registration import Registered, let_register, register
from request_objects import by_value, request_object
from watch import recorded


@pytest.fixture
def payer(tenant: Tenant) -> Client:
    bank(tenant)
    return tenant.create_client(
        "web", "--authorization-details-type", "payment", "--authorization-details-type", "note",
        "--scope", "openid", "--scope", "offline_access", name="Till")


def allowed(
    client: Client, user: User, browser: Browser, **changes: Any
) -> tuple[PKCE, Redirect]:
    pkce = PKCE.new()
    page = sign_in(browser, browser.get(authorization_url(client, pkce, **changes)), None)
    if page.location is None and not asks_consent(page):
        return pkce, Redirect.read(sign_in(browser, page, user))
    return pkce, Redirect.read(allow(browser, page))


def same(one: Any, other: Any) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def test_a_person_sees_every_member_and_is_asked_each_time(
    payer: Client, user: User, browser: Browser
) -> None:
    for _ in range(2):
        page = asked(payer, user, browser, **request())
        for words in ("Allow Till to use your account?", "Pay from your account", "Actions",
                      "initiate, status", "Identifier", "acc-1", "amount", "12.50 EUR",
                      "creditor", "name: Herb Garden"):
            assert words in page.words, words
        assert Redirect.read(allow(browser, page)).code
    redirected(
        browser.get(authorization_url(payer, PKCE.new(), prompt="none", **request())), payer,
        "consent_required")
    page = asked(payer, user, browser, **request())
    redirected(allow(browser, page, "deny"), payer, "access_denied")


@pytest.mark.parametrize("form", ["jwt", "opaque"])
def test_what_was_allowed_is_in_answer_token_and_introspection(
    tenant: Tenant, user: User, browser: Browser, form: str
) -> None:
    server = tenant.create_client("machine")
    bank(tenant, BANK, PAYMENT, token_format=form, server=server.id)
    payer = tenant.create_client("web", "--authorization-details-type", "payment")
    pkce, answer = allowed(
        payer, user, browser, **request(scope="openid offline_access"))
    given = redeem(payer, answer.code, pkce).json()
    assert same(given["authorization_details"], WISH)
    if form == "jwt":
        assert same(claims(given["access_token"])["authorization_details"], WISH)
    for client, what in ((server, "access_token"), (payer, "access_token"),
                         (payer, "refresh_token")):
        told = token(client, endpoint="introspection", token=given[what]).json()
        assert told["active"] and same(told["authorization_details"], WISH), what
    again = refresh(payer, given["refresh_token"]).json()
    assert same(again["authorization_details"], WISH)


def test_a_token_request_may_ask_for_less_and_never_for_more(
    payer: Client, user: User, browser: Browser, tenant: Tenant
) -> None:
    wish = [*WISH, {"type": "note", "text": "hello"}]
    pkce, answer = allowed(payer, user, browser, **request(wish, scope="openid offline_access"))
    less = [WISH[0] | {"actions": ["status"]}]
    given = redeem(payer, answer.code, pkce, authorization_details=json.dumps(less)).json()
    assert same(given["authorization_details"], less)
    # What was asked for once is no bound for the next time.
    for each in (less, [wish[1]], wish):
        narrowed = refresh(
            payer, given["refresh_token"], authorization_details=json.dumps(each)).json()
        assert len(narrowed["authorization_details"]) == len(each)
        for granted in narrowed["authorization_details"]:
            assert any(same(granted, one) for one in each)
    for more in (
        [WISH[0] | {"actions": ["initiate", "delete"]}], [WISH[0] | {"amount": "9999 EUR"}],
        [WISH[0] | {"identifier": "acc-2"}], [{"type": "payment", "amount": "12.50 EUR"}],
        [{"type": "note", "text": "hello "}], [{"type": "other"}],
    ):
        with recorded(tenant):
            j400(refresh(payer, given["refresh_token"], authorization_details=json.dumps(more)),
                 "invalid_authorization_details")
    j400(refresh(payer, given["refresh_token"], authorization_details="[]"),
         "invalid_authorization_details")
    assert refresh(payer, given["refresh_token"]).status_code == 200
    # A code that asks for more is spent.
    pkce, answer = allowed(payer, user, browser, **request())
    j400(redeem(payer, answer.code, pkce, authorization_details=json.dumps(wish)),
         "invalid_authorization_details")
    j400(redeem(payer, answer.code, pkce), "invalid_grant")


@pytest.mark.parametrize("details", [
    "", "[]", "{}", "x", "null", "[1]", '[{"type": "payment"}]', '[{"amount": "1"}]',
    [{"type": "other", "amount": "1"}], [{"type": "Payment", "amount": "1"}],
    [{"type": "payment", "amount": 1}], [{"type": "payment", "amount": "1", "evil": "x"}],
    [{"type": "payment", "amount": "1", "actions": ["delete"]}],
    [{"type": "payment", "amount": "1", "actions": []}],
    [{"type": "payment", "amount": "1", "locations": ["https://evil.test"]}],
    [{"type": "payment", "amount": "1", "urgent": "true"}],
    [{"type": "payment", "amount": "1", "creditor": "x"}],
    [{"type": "payment", "amount": "1", "identifier": 7}],
    [{"type": f"t{n}"} for n in range(9)],
    [{"type": "note", "a": {"a": {"a": {"a": {"a": 1}}}}}],
    [{"type": "note", "a": "x" * 4_100}], '[{"type": "note", "type": "payment"}]',
    '[{"type": "note\\u0000"}]', "[" * 1_500,
])
@pytest.mark.attack("GH-452", "GH-461")
def test_what_no_resource_understands_is_refused(
    payer: Client, browser: Browser, tenant: Tenant, details: Any
) -> None:
    sent = request(details)
    if details == "":
        page = begin(browser, payer, **sent)
        assert page.form("identifier"), "An empty parameter is none."
        return
    with recorded(tenant):
        redirected(
            browser.get(authorization_url(payer, PKCE.new(), **sent)), payer,
            "invalid_authorization_details")
        j400(push(payer, **sent), "invalid_authorization_details")


def test_only_types_of_the_client_and_of_the_resource_that_was_asked_for(
    payer: Client, browser: Browser, tenant: Tenant
) -> None:
    bank(tenant, "https://other.test", {"type": "other", "description": "Other"})
    stranger = tenant.create_client("web")
    for client, sent in (
        (stranger, request()), (payer, request(resource=None)),
        (payer, request(resource="https://other.test")),
        (payer, request([{"type": "other"}], resource="https://other.test")),
    ):
        redirected(
            browser.get(authorization_url(client, PKCE.new(), **sent)), client,
            "invalid_authorization_details")
    # A type of another tenant is none here.
    far = tenant.instance.create_tenant()
    far.cli("resource", "create", "--identifier", BANK, "--name", "Bank")
    client = far.create_client("web", "--authorization-details-type", "payment")
    redirected(
        browser.get(authorization_url(client, PKCE.new(), **request())), client,
        "invalid_authorization_details")


def test_gh_025_the_form_cannot_change_what_is_paid(
    payer: Client, user: User, browser: Browser
) -> None:
    pkce = PKCE.new()
    cheap = asked(payer, user, browser, pkce, **request())
    dear = asked(
        payer, user, browser, **request([WISH[0] | {"amount": "9999 EUR"}]))
    mixed = browser.follow(browser.post(dear.form("answer").action, dear.form("answer").fields | {
        "question": cheap.form("answer").fields["question"], "answer": "allow"}))
    assert asks_consent(mixed) and "9999 EUR" in mixed.words
    answer = Redirect.read(allow(
        browser, cheap, authorization_details=json.dumps([WISH[0] | {"amount": "1"}])))
    assert same(redeem(payer, answer.code, pkce).json()["authorization_details"], WISH)


def test_what_was_taken_away_is_not_issued_any_more(
    payer: Client, user: User, browser: Browser, tenant: Tenant
) -> None:
    pkce, answer = allowed(
        payer, user, browser, **request(
            [*WISH, {"type": "note"}], scope="openid offline_access"))
    given = redeem(payer, answer.code, pkce).json()
    assert len(given["authorization_details"]) == 2
    payer.update("--authorization-details-type", "note")
    again = refresh(payer, given["refresh_token"]).json()
    assert [each["type"] for each in again["authorization_details"]] == ["note"]


def test_a_pushed_request_carries_them(payer: Client, user: User, browser: Browser) -> None:
    pkce = PKCE.new()
    uri = push(payer, pkce, **request()).json()["request_uri"]
    page = browser.follow(browser.get(pushed_url(payer, uri)))
    page = browser.follow(browser.submit(
        page, page.form("password"), identifier=user.name, password=user.password))
    assert asks_consent(page) and "12.50 EUR" in page.words
    answer = Redirect.read(allow(browser, page))
    assert same(redeem(payer, answer.code, pkce).json()["authorization_details"], WISH)


def test_discovery_lists_the_types(tenant: Tenant) -> None:
    def listed() -> Any:
        url = f"{tenant.issuer}/.well-known/openid-configuration?{secrets.token_hex(4)}"
        return tenant.instance.http.get(url).json().get("authorization_details_types_supported")

    assert listed() is None
    bank(tenant)
    assert listed() == ["note", "payment"]
    tenant.cli("resource", "update", BANK, "--disable")
    assert listed() is None


def test_gh_415_members_are_escaped(payer: Client, user: User, browser: Browser) -> None:
    evil = "<script>alert(1)</script>"
    page = asked(
        payer, user, browser, **request([{"type": "note", evil: {evil: [evil]}, "x": "\u202e"}]))
    assert "<script" not in page.text and "&lt;script&gt;" in page.text


def test_types_that_make_no_sense_are_refused(tenant: Tenant) -> None:
    for bad in ("x", "[]", "{}", '{"type": "a"}', '{"type": "a", "description": "b", "x": 1}'):
        with pytest.raises(Exception, match="is not a type"):
            tenant.cli("resource", "create", "--identifier", f"https://{secrets.token_hex(3)}.test",
                       "--name", "x", "--authorization-details-type", bad)


def test_a_machine_asks_for_itself(tenant: Tenant) -> None:
    bank(tenant)
    machine = tenant.create_client("machine", "--authorization-details-type", "payment")

    def ask(details: Any) -> Any:
        return token(machine, grant_type="client_credentials", **request(details))

    given = ask(WISH).json()
    assert same(given["authorization_details"], WISH)
    assert same(claims(given["access_token"])["authorization_details"], WISH)
    for bad in ([{"type": "note"}], [{"type": "payment"}], "x"):
        with recorded(tenant):
            j400(ask(bad), "invalid_authorization_details")
    j400(token(machine, grant_type="client_credentials", authorization_details=json.dumps(WISH)),
         "invalid_authorization_details")


@pytest.mark.parametrize("asked", ["device", "ciba", "exchange", "assertion"])
def test_nobody_is_ignored_who_asks_where_it_cannot_be_shown(tenant: Tenant, asked: str) -> None:
    bank(tenant)
    client = tenant.create_client("web", "--authorization-details-type", "payment")
    details = json.dumps(WISH)
    answer = {
        "device": lambda: token(
            client, endpoint="device_authorization", authorization_details=details),
        "ciba": lambda: token(
            client, endpoint="backchannel_authentication", scope="openid", login_hint="x",
            authorization_details=details),
        "exchange": lambda: token(
            client, grant_type="urn:ietf:params:oauth:grant-type:token-exchange",
            authorization_details=details),
        "assertion": lambda: token(
            client, grant_type="urn:ietf:params:oauth:grant-type:jwt-bearer", assertion="x",
            authorization_details=details),
    }[asked]()
    j400(answer, "invalid_authorization_details")


def test_a_client_registers_the_types_that_it_asks_for(
    tenant: Tenant, user: User, browser: Browser
) -> None:
    let_register(tenant, "--scope", "resources")
    bank(tenant)
    made = Registered.new(tenant, authorization_details_types=["payment"])
    assert made.told["authorization_details_types"] == ["payment"]
    pkce, answer = allowed(made.client, user, browser, **request())
    given = redeem(made.client, answer.code, pkce).json()
    assert same(given["authorization_details"], WISH)
    for bad in (["other"], ["payment", "other"], "payment", [1]):
        j400(register(tenant, authorization_details_types=bad), "invalid_client_metadata")
    tenant.cli("registration", "update", "--scope", "openid")
    j400(register(tenant, authorization_details_types=["payment"]), "invalid_client_metadata")


def test_a_request_object_holds_them_as_json(
    tenant: Tenant, user: User, browser: Browser, tmp_path: Path
) -> None:
    bank(tenant)
    signing = register_key(tenant, tmp_path, "web")
    signing.client.update("--authorization-details-type", "payment")
    pkce = PKCE.new()
    signed = request_object(signing, pkce, resource=BANK, authorization_details=WISH)
    page = sign_in(browser, browser.get(by_value(signing.client, signed)), None)
    page = browser.follow(browser.submit(
        page, page.form("password"), identifier=user.name, password=user.password))
    assert asks_consent(page) and "12.50 EUR" in page.words
    code = Redirect.read(allow(browser, page)).code
    answer = signing.ask(
        grant_type="authorization_code", code=code, redirect_uri=signing.client.redirect_uri,
        code_verifier=pkce.verifier)
    assert same(answer.json()["authorization_details"], WISH)


def test_an_exchanged_token_loses_them(tenant: Tenant, user: User, browser: Browser) -> None:
    services = exchange.Services(tenant)
    tenant.cli("resource", "update", exchange.ORDERS, "--authorization-details-type",
               json.dumps(PAYMENT))
    services.app.update("--authorization-details-type", "payment")
    pkce, answer = allowed(
        services.app, user, browser, scope=exchange.SCOPE, resource=exchange.ORDERS,
        authorization_details=json.dumps(WISH))
    given = redeem(services.app, answer.code, pkce).json()
    assert "authorization_details" in claims(given["access_token"])
    exchanged = exchange.exchange(services.orders, given["access_token"]).json()
    assert "authorization_details" not in exchanged
    assert "authorization_details" not in claims(exchanged["access_token"])
