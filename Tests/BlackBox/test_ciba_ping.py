"""Backchannel authentication in ping mode (OpenID Connect CIBA Core §10.2): who is told of an answer,
once, by what, and where it may be. Attack cases 3.U, for what is posted to notification endpoints."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import Iterator

import pytest

from another_node import another
from browser import Browser
from ciba import GRANT_TYPE, Asked, ask, asking_client, open_page, press
from conftest import KINDS
from elsewhere import Elsewhere, answer
from expect import j400
from harness import CommandFailed, Instance, Tenant, User
from hostile import HOSTILE
from logouts import outcomes, waiting
from pings import DONE, ask_and_be_told, await_notified, notified, pinged_client
from protocol import claims
from registration import let_register, register
from trial import eventually
from watch import recorded

PINGED, FAILED = "backchannel_authentication.pinged", "backchannel_authentication.ping_failed"


@pytest.fixture
def telling(asking_instance: Instance) -> Iterator[Tenant]:
    yield asking_instance.create_tenant()
    asking_instance.check()


def answer_on_page(tenant: Tenant, user: User, said: str = "allow") -> None:
    browser = Browser(tenant.instance)
    assert press(browser, open_page(browser, tenant, user), said).status == 200


def kept(tenant: Tenant) -> int:
    """How many sealed notifications are stored."""
    return len(tenant.instance.database.rows(
        "SELECT id FROM backchannel_authentication WHERE notification IS NOT NULL "
        f"AND tenant_id = '{tenant.id}'"))


@pytest.mark.parametrize("said", ["allow", "deny"])
def test_the_client_hears_of_an_answer_and_asks_for_it(
    telling: Tenant, elsewhere: Elsewhere, said: str
) -> None:
    assert telling.metadata["backchannel_token_delivery_modes_supported"] == ["poll", "ping"]
    client, path = pinged_client(telling, elsewhere)
    user = telling.create_user()
    asked, token = ask_and_be_told(client, user)
    assert asked.answer["interval"] == 5 and kept(telling) == 1
    j400(asked.poll(), "authorization_pending")
    assert notified(elsewhere, path) == []
    answer_on_page(telling, user, said)
    assert await_notified(elsewhere, path) == [(token, asked.id)]
    if said == "allow":
        assert claims(asked.tokens()["id_token"])["sub"] == user.id
    else:
        j400(asked.poll(), "access_denied")
    (done,) = eventually(lambda: outcomes(telling, PINGED), "it is recorded")
    assert done["client"] == client.id and done["attempts"] == "1"
    assert waiting(telling) == 0 and kept(telling) == 0


def test_it_may_ask_before_it_is_told(telling: Tenant, elsewhere: Elsewhere) -> None:
    client, path = pinged_client(
        telling, elsewhere, behaviour=answer(b"", status="503 Service Unavailable"))
    user = telling.create_user()
    asked, token = ask_and_be_told(client, user)
    j400(asked.poll(), "authorization_pending")
    j400(asked.poll(), "slow_down")
    answer_on_page(telling, user)
    assert asked.tokens()["access_token"]
    elsewhere.answer(path, DONE)
    # It is told all the same: it may not have got the answer.
    eventually(lambda: outcomes(telling, PINGED), "it is told", 40)
    assert set(notified(elsewhere, path)) == {(token, asked.id)}


def test_what_a_client_has_to_send(telling: Tenant, elsewhere: Elsewhere) -> None:
    client, path = pinged_client(telling, elsewhere)
    user = telling.create_user()
    with recorded(telling):
        for value in (None, "", "a b", "a\r\nX-Evil: 1", "ü", "a=b", "a" * 1_025, "\"a\""):
            j400(ask(client, login_hint=user.name, client_notification_token=value),
                 "invalid_request")
    long = "a" * 1_023 + "="
    asked = Asked.of(client, user, client_notification_token=long)
    answer_on_page(telling, user)
    assert await_notified(elsewhere, path) == [(long, asked.id)]
    # A client that only asks is told nothing, and nothing is kept of what it sends.
    polling = asking_client(telling)
    Asked.of(polling, user, client_notification_token="b" * 43)
    j400(ask(polling, login_hint=user.name, client_notification_token="a b"), "invalid_request")
    assert kept(telling) == 0
    answer_on_page(telling, user)
    assert waiting(telling) == 0


@pytest.mark.attack("GH-359")
def test_gh_359_nothing_but_the_request_is_told_and_nothing_readable_is_kept(
    telling: Tenant, elsewhere: Elsewhere
) -> None:
    client, path = pinged_client(telling, elsewhere)
    user = telling.create_user()
    asked, token = ask_and_be_told(client, user, binding_message="W4-SCT")
    database = telling.instance.database
    stored = repr({table: database.rows_of_tenant(telling.id)[table]
                   for table in database.rows_of_tenant(telling.id)})
    for secret in (token, asked.id, token.encode().hex(), asked.id.encode().hex()):
        assert secret not in stored
    answer_on_page(telling, user)
    await_notified(elsewhere, path)
    (request,) = elsewhere.at(path)
    for value in (user.id, user.name, "W4-SCT", client.secret or "", "id_token", "access_token"):
        assert value.encode() not in request


@pytest.mark.parametrize("status", ["400 Bad Request", "401 Unauthorized", "403 Forbidden"])
def test_a_client_that_refuses_is_not_told_again(
    telling: Tenant, elsewhere: Elsewhere, status: str
) -> None:
    client, path = pinged_client(telling, elsewhere, behaviour=answer(b"{}", status=status))
    user = telling.create_user()
    asked, _ = ask_and_be_told(client, user)
    answer_on_page(telling, user)
    (failed,) = eventually(lambda: outcomes(telling, FAILED), "it is recorded")
    assert failed["reason"] == "refused" and failed["retry"] == "no"
    assert waiting(telling) == 0 and kept(telling) == 0
    assert len(notified(elsewhere, path)) == 1
    # It may still ask.
    assert asked.tokens()["access_token"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_end_of_the_process_loses_no_ping(elsewhere: Elsewhere, kind: str) -> None:
    with Instance(kind, elsewhere.flags) as instance:
        tenant = instance.create_tenant()
        client, path = pinged_client(
            tenant, elsewhere, behaviour=lambda: [b""] * elsewhere.is_over.wait(15))
        user = tenant.create_user()
        asked, token = ask_and_be_told(client, user)
        answer_on_page(tenant, user)
        await_notified(elsewhere, path)
        instance.kill()
        assert waiting(tenant) == 1
        elsewhere.answer(path, DONE)
        # As if the claim of the process that died were over.
        instance.database.execute("UPDATE delivery SET due_at = due_at - 20000")
        instance.start()
        eventually(lambda: waiting(tenant) == 0, "it is told", 40)
        assert await_notified(elsewhere, path, 2) == [(token, asked.id)] * 2


def test_several_nodes_tell_each_client_once(elsewhere: Elsewhere) -> None:
    with Instance("postgres", elsewhere.flags) as first:
        second, third = another(first), another(first)
        second.arguments += elsewhere.flags
        third.arguments += elsewhere.flags
        with second, third:
            tenant = first.create_tenant()
            client, path = pinged_client(tenant, elsewhere)
            users = [tenant.create_user() for _ in range(4)]
            expected = set()
            for user in users * 3:
                asked, token = ask_and_be_told(client, user)
                expected.add((token, asked.id))
            for user in users:
                browser = Browser(first)
                page = open_page(browser, tenant, user)
                for _ in range(3):
                    page = press(browser, page, "allow")
            eventually(lambda: waiting(tenant) == 0, "all are told", 40)
            said = notified(elsewhere, path)
            assert set(said) == expected and len(said) == 12
            assert len(outcomes(tenant, PINGED)) == 12 and not outcomes(tenant, FAILED)


def test_answers_at_the_same_moment_are_told_once(
    telling: Tenant, elsewhere: Elsewhere
) -> None:
    client, path = pinged_client(telling, elsewhere)
    user = telling.create_user()
    asked, token = ask_and_be_told(client, user)
    browsers = [Browser(telling.instance) for _ in range(4)]
    pages = [open_page(browser, telling, user) for browser in browsers]
    with ThreadPoolExecutor(4) as pool:
        shown = list(pool.map(press, browsers, pages, ["allow", "deny"] * 2))
    assert sorted(page.status for page in shown) == [200, 410, 410, 410]
    assert await_notified(elsewhere, path) == [(token, asked.id)]
    eventually(lambda: outcomes(telling, PINGED), "it is recorded")
    assert waiting(telling) == 0 and len(notified(elsewhere, path)) == 1


# How it is registered


def test_what_a_command_sets_and_takes_away(tenant: Tenant) -> None:
    client = asking_client(tenant)
    shown = tenant.cli("client", "show", client.id)
    assert shown["backchannel_token_delivery_mode"] == "poll"
    assert "backchannel_client_notification_endpoint" not in shown
    for arguments in (
        ("--backchannel-token-delivery-mode", "push"),
        ("--backchannel-token-delivery-mode", "ping"),
        ("--backchannel-client-notification-endpoint", "https://rp.test/cb"),
        ("--backchannel-token-delivery-mode", "poll",
         "--backchannel-client-notification-endpoint", "https://rp.test/cb"),
    ):
        with pytest.raises(CommandFailed) as failed:
            client.update(*arguments)
        assert failed.value.code == 2, arguments
    changed = client.update(
        "--backchannel-token-delivery-mode", "ping",
        "--backchannel-client-notification-endpoint", "https://rp.test/cb?a=b")
    assert changed["backchannel_token_delivery_mode"] == "ping"
    assert changed["backchannel_client_notification_endpoint"] == "https://rp.test/cb?a=b"
    moved = client.update("--backchannel-client-notification-endpoint", "https://rp.test/new")
    assert moved["backchannel_client_notification_endpoint"] == "https://rp.test/new"
    back = client.update("--backchannel-token-delivery-mode", "poll")
    assert "backchannel_client_notification_endpoint" not in back
    with pytest.raises(CommandFailed):
        tenant.create_client(
            "web", "--backchannel-token-delivery-mode", "ping",
            "--backchannel-client-notification-endpoint", "https://rp.test/cb")


def test_a_client_registers_itself_for_it(tenant: Tenant) -> None:
    let_register(tenant, "--grant-type", "authorization_code", "--grant-type", GRANT_TYPE)
    http = tenant.instance.http
    wish = {
        "client_name": "Till", "grant_types": [GRANT_TYPE], "redirect_uris": [],
        "response_types": [], "backchannel_token_delivery_mode": "ping",
        "backchannel_client_notification_endpoint": "https://rp.test/ping"}
    made = register(tenant, **wish)
    assert made.status_code == 201, made.text
    said = made.json()
    assert said["grant_types"] == [GRANT_TYPE] and said["application_type"] == "web"
    assert said["backchannel_token_delivery_mode"] == "ping"
    assert said["backchannel_client_notification_endpoint"] == "https://rp.test/ping"
    bearer = {"Authorization": f"Bearer {said['registration_access_token']}"}
    again = {name: value for name, value in said.items() if name in wish or name in (
        "client_id", "application_type", "token_endpoint_auth_method")}
    changed = http.put(
        said["registration_client_uri"], headers=bearer,
        json=again | {"backchannel_token_delivery_mode": "poll"})
    assert changed.status_code == 200, changed.text
    assert changed.json()["backchannel_token_delivery_mode"] == "poll"
    assert "backchannel_client_notification_endpoint" not in changed.json()
    for change in (
        {"backchannel_token_delivery_mode": "push"}, {"backchannel_token_delivery_mode": 1},
        {"backchannel_client_notification_endpoint": None},
        {"backchannel_client_notification_endpoint": "http://rp.test/ping"},
        {"backchannel_client_notification_endpoint": f"{tenant.issuer}/ping".replace(
            "http://", "https://")},
        {"token_endpoint_auth_method": "none"},
        {"application_type": "native"},
        {"subject_type": "pairwise", "redirect_uris": ["https://rp.test/cb"],
         "grant_types": [GRANT_TYPE, "authorization_code"]},
    ):
        j400(register(tenant, **(wish | change)), "invalid_client_metadata")


def test_nobody_registers_for_it_unless_the_tenant_says_so(tenant: Tenant) -> None:
    let_register(tenant)
    j400(register(tenant, grant_types=[GRANT_TYPE]), "invalid_client_metadata")


# What the address may be


@pytest.mark.attack("GH-352", "GH-355")
def test_gh_352_and_355_addresses_that_are_none(tenant: Tenant) -> None:
    client = asking_client(tenant)
    for address in (
        "http://169.254.169.254/", "http://127.0.0.1:5432", "http://rp.test/ping", "",
        "https://rp.test/#x", "https://good.test@127.0.0.1/", "https://127.0.0.1\\@good.test/",
        "https://good.test\t/", "https://good.test/\r\nHost: evil", "https://good.test/\n",
        "https://[fe80::1%25lo]/", "https://2130706433/", "https://127.1/", "file:///etc/passwd",
        "https://good.test/ü",
    ):
        with pytest.raises(CommandFailed) as failed:
            client.update("--backchannel-token-delivery-mode", "ping",
                          "--backchannel-client-notification-endpoint", address)
        assert failed.value.code == 2, address


@pytest.mark.attack("GH-361")
def test_gh_361_the_installation_does_not_ping_itself(tenant: Tenant) -> None:
    own = tenant.issuer.replace("http://", "https://") + "/bc-authorize"
    with pytest.raises(CommandFailed) as failed:
        asking_client(
            tenant, "--backchannel-token-delivery-mode", "ping",
            "--backchannel-client-notification-endpoint", own)
    assert failed.value.code == 2 and "this installation" in str(failed.value)


@pytest.mark.attack("GH-340", "GH-349")
def test_gh_340_and_349_the_inside_is_not_told_unless_it_is_allowed(tenant: Tenant) -> None:
    with Elsewhere() as canary:
        hosts = ["127.0.0.1", "localhost", "127.1.2.3", "[::1]", "0.0.0.0"]
        for host in hosts:
            client, _ = pinged_client(tenant, canary, host=host)
            user = tenant.create_user()
            ask_and_be_told(client, user)
            answer_on_page(tenant, user)
        found = eventually(
            lambda: (f := outcomes(tenant, FAILED)) and len(f) >= len(hosts) and f,
            "all attempts are recorded")
        assert {failure["reason"] for failure in found} == {"forbidden_address"}
        assert canary.connections == 0


@pytest.mark.attack("GH-350", "GH-353", "GH-356")
def test_gh_350_353_and_356_hostile_answers(telling: Tenant, elsewhere: Elsewhere) -> None:
    expected, secrets_of = {}, {}
    for name in ("redirect", "permanent", "endless", "gzip", "cookies", "0.9", "noise",
                 "nothing"):
        reasons, behaviour = HOSTILE[name]
        client, path = pinged_client(telling, elsewhere, behaviour=behaviour(elsewhere))
        expected[client.id] = (name, reasons, path)
        user = telling.create_user()
        secrets_of[path] = ask_and_be_told(client, user)[1]
        answer_on_page(telling, user)

    def first_failures() -> dict[str, str]:
        return {failure["client"]: failure["reason"]
                for failure in reversed(outcomes(telling, FAILED))}

    found = eventually(
        lambda: (f := first_failures()) and len(f) == len(expected) and f,
        "all attempts are recorded", 60)
    for id, (name, reasons, path) in expected.items():
        assert found[id] in ((reasons,) if isinstance(reasons, str) else reasons), name
        # What follows a redirect, or anything else, gets no token: each was sent to its own
        # address.
        assert {token for token, _ in notified(elsewhere, path)} <= {secrets_of[path]}
    assert outcomes(telling, PINGED) == [] and "/inside" not in elsewhere.paths
    for id in expected:
        telling.cli("client", "delete", id)
    assert waiting(telling) == 0


@pytest.mark.attack("GH-353")
def test_gh_353_a_server_that_does_not_prove_who_it_is_gets_no_token(
    telling: Tenant, elsewhere: Elsewhere
) -> None:
    authority = elsewhere.authority
    for context in (authority.context(age=1), authority.context(("rp.test",)),
                    authority.context(signs=False)):
        with Elsewhere(authority, context) as liar:
            client, path = pinged_client(telling, liar)
            user = telling.create_user()
            ask_and_be_told(client, user)
            answer_on_page(telling, user)
            eventually(lambda: [failure for failure in outcomes(telling, FAILED)
                                if failure["client"] == client.id], "the attempt is recorded")
            assert notified(liar, path) == []
            telling.cli("client", "delete", client.id)
    assert {f["reason"] for f in outcomes(telling, FAILED)} == {"insecure"}


@pytest.mark.attack("GH-358")
def test_gh_358_no_tenant_is_told_of_another(telling: Tenant, elsewhere: Elsewhere) -> None:
    other = telling.instance.create_tenant()
    (one, path), (two, other_path) = (
        pinged_client(tenant, elsewhere) for tenant in (telling, other))
    name = f"kay-{secrets.token_hex(4)}@example.com"
    kay, namesake = telling.create_user(name), other.create_user(name)
    asked, token = ask_and_be_told(one, kay)
    ask_and_be_told(two, namesake)
    answer_on_page(telling, kay)
    assert await_notified(elsewhere, path) == [(token, asked.id)]
    assert notified(elsewhere, other_path) == [] and waiting(other) == 0
