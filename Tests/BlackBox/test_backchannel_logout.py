"""Back-channel logout: whoever was given an ID token in a session hears of its end. Attack cases 3.I
and, for what is posted to other servers, 3.U."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Iterator

import pytest

from another_node import another
from browser import Browser
from conftest import KINDS
from elsewhere import Elsewhere, answer
from expect import j400
from harness import CommandFailed, Instance, Tenant
from hostile import HOSTILE
from logouts import (
    DONE, HOME, await_told, believed, leave, listening, outcomes, sign_out, told, waiting)
from protocol import claims, end, refresh, tokens
from test_ciba import Asked, open_page, press
from trial import eventually

conformance = pytest.mark.conformance


@pytest.fixture(scope="module", params=KINDS)
def telling_instance(
    request: pytest.FixtureRequest, elsewhere: Elsewhere
) -> Iterator[Instance]:
    """An instance whose operator allows it to tell servers on loopback."""
    with Instance(request.param, elsewhere.flags) as instance:
        yield instance


@pytest.fixture
def telling(telling_instance: Instance) -> Iterator[Tenant]:
    yield telling_instance.create_tenant()
    telling_instance.check()


def browse(tenant: Tenant) -> Browser:
    return Browser(tenant.instance)


@conformance("oidcc-backchannel-logout-discovery-endpoint-verification", "members")
def test_discovery_says_so(tenant: Tenant) -> None:
    assert tenant.metadata["backchannel_logout_supported"] is True
    assert tenant.metadata["backchannel_logout_session_supported"] is True


@conformance("oidcc-backchannel-rp-initiated-logout", "told", "token", "sid")
@pytest.mark.attack("GH-169")
@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
def test_gh_169_the_client_hears_of_a_logout_by_a_token(
    telling: Tenant, elsewhere: Elsewhere, algorithm: str
) -> None:
    client, path = listening(telling, elsewhere, "--id-token-algorithm", algorithm)
    user, browser = telling.create_user(), browse(telling)
    given = tokens(client, user, browser)
    page = leave(browser, telling, id_token_hint=given["id_token"],
                 post_logout_redirect_uri=HOME, state="s")
    assert page.location == HOME + "?state=s"
    (token,) = await_told(elsewhere, path)
    said = believed(client, token, algorithm)
    assert said["sub"] == claims(given["id_token"])["sub"] == user.id
    assert said["sid"] == claims(given["id_token"])["sid"]
    (done,) = eventually(lambda: outcomes(telling), "the delivery is recorded")
    assert done == {"client": client.id, "attempts": "1", "sid": said["sid"]}
    assert waiting(telling) == 0
    # It is no ID token: nobody is signed out by it.
    other = browse(telling)
    tokens(client, user, other)
    assert leave(other, telling, id_token_hint=token).form("answer")
    # Nor does it open anything.
    answer = telling.instance.http.get(
        telling.endpoint("userinfo"), headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "how", ["page", "password", "user disabled", "user deleted", "too many others"])
def test_every_end_of_a_session_is_told(
    telling: Tenant, elsewhere: Elsewhere, how: str
) -> None:
    client, path = listening(telling, elsewhere)
    user, browser = telling.create_user(), browse(telling)
    given = tokens(client, user, browser)
    match how:
        case "page":
            sign_out(browser, telling)
        case "too many others":
            # A browser keeps eight accounts; the one that was active longest ago makes room.
            for _ in range(8):
                tokens(telling.create_client(), telling.create_user(), browser, prompt="login")
        case _:
            end(client, user, how)
    said = believed(client, await_told(elsewhere, path)[0])
    assert said["sid"] == claims(given["id_token"])["sid"] and said["sub"] == user.id
    eventually(lambda: waiting(telling) == 0, "nobody else is told")
    assert len(told(elsewhere, path)) == 1


def test_each_client_of_the_session_is_told_and_no_other(
    telling: Tenant, elsewhere: Elsewhere
) -> None:
    one, path_of_one = listening(telling, elsewhere)
    two, path_of_two = listening(
        telling, elsewhere, "--id-token-algorithm", "ES256", kind="native")
    user, browser, elsewhere_too = telling.create_user(), browse(telling), browse(telling)
    for client in (one, two, one):
        tokens(client, user, browser)
    stays = tokens(one, user, elsewhere_too)
    without, path_of_without = listening(telling, elsewhere)
    tokens(without, user, browser, scope="email")
    sign_out(browser, telling)
    sid = believed(one, await_told(elsewhere, path_of_one)[0])["sid"]
    assert believed(two, await_told(elsewhere, path_of_two)[0], "ES256")["sid"] == sid
    assert sid != claims(stays["id_token"])["sid"]
    eventually(lambda: waiting(telling) == 0, "everybody was told")
    assert len(outcomes(telling)) == 2 and told(elsewhere, path_of_without) == []


def test_what_outlives_the_session_goes_on(telling: Tenant, elsewhere: Elsewhere) -> None:
    client, path = listening(telling, elsewhere, "--refresh-tokens", "always")
    user, browser = telling.create_user(), browse(telling)
    online = tokens(client, user, browser)
    offline = tokens(client, user, browser, scope="openid offline_access")
    sign_out(browser, telling)
    await_told(elsewhere, path)
    j400(refresh(client, online["refresh_token"]), "invalid_grant")
    assert refresh(client, offline["refresh_token"]).status_code == 200


def test_signing_out_waits_for_nobody(telling: Tenant, elsewhere: Elsewhere) -> None:
    client, path = listening(
        telling, elsewhere, behaviour=lambda: [b""] * elsewhere.is_over.wait(15))
    browser = browse(telling)
    tokens(client, telling.create_user(), browser)
    begun = time.monotonic()
    sign_out(browser, telling)
    assert time.monotonic() - begun < 3
    await_told(elsewhere, path)
    # Nor does any other client.
    other, other_path = listening(telling, elsewhere)
    browser = browse(telling)
    tokens(other, telling.create_user(), browser)
    sign_out(browser, telling)
    await_told(elsewhere, other_path)
    eventually(lambda: waiting(telling) == 1, "one of them is told")
    assert outcomes(telling, "logout.failed") == []
    telling.cli("client", "delete", client.id)
    assert waiting(telling) == 0


def test_a_server_in_trouble_is_told_again(telling: Tenant, elsewhere: Elsewhere) -> None:
    client, path = listening(
        telling, elsewhere, behaviour=answer(b"", status="503 Service Unavailable"))
    browser = browse(telling)
    tokens(client, telling.create_user(), browser)
    sign_out(browser, telling)
    (first,) = await_told(elsewhere, path)
    eventually(lambda: outcomes(telling, "logout.failed"), "the attempt is recorded")
    elsewhere.answer(path, answer(b"", status="204 No Content"))
    again = await_told(elsewhere, path, 2)[1]
    assert believed(client, first)["jti"] != believed(client, again)["jti"]
    (done,) = eventually(lambda: outcomes(telling), "the delivery is recorded")
    assert done["attempts"] == "2"
    (failed,) = outcomes(telling, "logout.failed")
    assert failed["reason"] == "status" and failed["retry"] == "yes"


def test_a_client_that_refuses_is_not_told_again(telling: Tenant, elsewhere: Elsewhere) -> None:
    client, path = listening(
        telling, elsewhere, behaviour=answer(b"{}", status="400 Bad Request"))
    browser = browse(telling)
    tokens(client, telling.create_user(), browser)
    sign_out(browser, telling)
    (failed,) = eventually(lambda: outcomes(telling, "logout.failed"), "it is recorded")
    assert failed["reason"] == "refused" and failed["retry"] == "no"
    assert waiting(telling) == 0 and len(told(elsewhere, path)) == 1


@pytest.mark.parametrize("how", ["power cut", "stop"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_end_of_the_process_loses_no_delivery(
    elsewhere: Elsewhere, kind: str, how: str
) -> None:
    with Instance(kind, elsewhere.flags) as instance:
        tenant = instance.create_tenant()
        # One is under way, and one waits, when it happens.
        client, path = listening(
            tenant, elsewhere, behaviour=lambda: [b""] * elsewhere.is_over.wait(15))
        other, other_path = listening(
            tenant, elsewhere, behaviour=answer(b"", status="500 Internal Server Error"))
        browser = Browser(instance)
        user = tenant.create_user()
        tokens(client, user, browser)
        given = tokens(other, user, browser)
        sign_out(browser, tenant)
        await_told(elsewhere, path)
        eventually(lambda: outcomes(tenant, "logout.failed"), "the other attempt is recorded")
        if how == "stop":
            # It does not wait for whoever does not answer.
            begun = time.monotonic()
            assert instance.stop() == 0 and time.monotonic() - begun < 5
        else:
            instance.kill()
        assert waiting(tenant) == 2
        elsewhere.answer(path, DONE)
        elsewhere.answer(other_path, DONE)
        # As if the claim of the process that died, and the pause, were over.
        instance.database.execute("UPDATE logout_delivery SET due_at = due_at - 20000")
        before = len(told(elsewhere, other_path))
        instance.start()
        eventually(lambda: waiting(tenant) == 0, "both are told", 40)
        assert len(told(elsewhere, path)) == 2
        assert len(told(elsewhere, other_path)) == before + 1
        assert believed(client, told(elsewhere, path)[1])["sid"] == claims(given["id_token"])["sid"]


def test_several_nodes_tell_each_client_once(elsewhere: Elsewhere) -> None:
    with Instance("postgres", elsewhere.flags) as first:
        second, third = another(first), another(first)
        second.arguments += elsewhere.flags
        third.arguments += elsewhere.flags
        with second, third:
            tenant = first.create_tenant()
            client, path = listening(tenant, elsewhere)
            user = tenant.create_user()
            sids = {
                claims(tokens(client, user)["id_token"])["sid"] for _ in range(24)}
            tenant.cli("user", "update", user.id, "--disable")
            eventually(lambda: waiting(tenant) == 0, "all are told", 40)
            said = [believed(client, token) for token in told(elsewhere, path)]
            assert {claim["sid"] for claim in said} == sids and len(said) == 24
            assert len(outcomes(tenant)) == 24 and not outcomes(tenant, "logout.failed")


def test_one_session_that_many_end_at_once(telling: Tenant, elsewhere: Elsewhere) -> None:
    client, path = listening(telling, elsewhere)
    browser = browse(telling)
    hint = tokens(client, telling.create_user(), browser)["id_token"]
    copies = [browser.clone() for _ in range(16)]
    with ThreadPoolExecutor(16) as threads:
        pages = list(threads.map(
            lambda copy: leave(copy, telling, id_token_hint=hint), copies))
    assert {page.status for page in pages} == {303}
    await_told(elsewhere, path)
    eventually(lambda: outcomes(telling), "the delivery is recorded")
    assert waiting(telling) == 0 and len(told(elsewhere, path)) == 1


# What the address may be


@pytest.mark.attack("GH-170", "GH-352", "GH-355")
def test_gh_170_addresses_that_are_none(tenant: Tenant) -> None:
    for address in (
        "http://169.254.169.254/", "http://127.0.0.1:5432", "http://rp.test/logout",
        "https://${application.session.host}/", "https://rp.test/{sid}", "https://rp.test/#x",
        "https://good.test@127.0.0.1/", "https://127.0.0.1\\@good.test/", "https://good.test\t/",
        "https://good.test/\r\nHost: evil", "https://good.test/\n", "https://[fe80::1%25lo]/",
        "https://2130706433/", "https://127.1/", "file:///etc/passwd", "https://good.test/ü",
    ):
        with pytest.raises(CommandFailed) as failed:
            tenant.create_client("web", "--backchannel-logout-uri", address)
        assert failed.value.code == 2, address


@pytest.mark.attack("GH-361")
def test_gh_361_the_installation_does_not_talk_to_itself(
    telling: Tenant, elsewhere: Elsewhere
) -> None:
    own = telling.issuer.replace("http://", "https://") + "/logout"
    with pytest.raises(CommandFailed) as failed:
        telling.create_client("web", "--backchannel-logout-uri", own)
    assert failed.value.code == 2 and "this installation" in str(failed.value)


@pytest.mark.attack("GH-170", "GH-349")
def test_gh_170_and_349_the_inside_is_not_told_unless_it_is_allowed(tenant: Tenant) -> None:
    with Elsewhere() as canary:
        # Names are looked up when something is sent, and what they lead to is what is judged.
        hosts = ["127.0.0.1", "localhost", "127.1.2.3", "[::1]", "0.0.0.0"]
        for host in hosts:
            client, _ = listening(tenant, canary, host=host)
            browser = browse(tenant)
            tokens(client, tenant.create_user(), browser)
            sign_out(browser, tenant)
        found = eventually(
            lambda: (f := outcomes(tenant, "logout.failed")) and len(f) >= len(hosts) and f,
            "all attempts are recorded")
        assert {failure["reason"] for failure in found} == {"forbidden_address"}
        assert canary.connections == 0


@pytest.mark.attack("GH-350", "GH-353", "GH-356")
def test_gh_350_353_and_356_hostile_answers(telling: Tenant, elsewhere: Elsewhere) -> None:
    expected = {}
    for name in ("redirect", "permanent", "announced", "endless", "chunks", "gzip", "cookies",
                 "early answers", "short", "0.9", "noise", "nothing", "slow head", "slow body",
                 "silent"):
        reasons, behaviour = HOSTILE[name]
        client, path = listening(telling, elsewhere, behaviour=behaviour(elsewhere))
        expected[client.id] = (name, reasons, path)
        browser = browse(telling)
        tokens(client, telling.create_user(), browser)
        sign_out(browser, telling)

    def first_failures() -> dict[str, str]:
        return {failure["client"]: failure["reason"]
                for failure in reversed(outcomes(telling, "logout.failed"))}

    found = eventually(
        lambda: (f := first_failures()) and len(f) == len(expected) and f,
        "all attempts are recorded", 60)
    for id, (name, reasons, _) in expected.items():
        assert found[id] in ((reasons,) if isinstance(reasons, str) else reasons), name
    assert outcomes(telling) == [] and "/inside" not in elsewhere.paths
    # What follows a redirect, or anything else, gets no token: each was sent to its own address.
    for id, (_, _, path) in expected.items():
        for token in told(elsewhere, path):
            assert claims(token)["aud"] == id
        telling.cli("client", "delete", id)


@pytest.mark.attack("GH-353")
def test_gh_353_a_server_that_does_not_prove_who_it_is_gets_no_token(
    telling: Tenant, elsewhere: Elsewhere
) -> None:
    authority = elsewhere.authority
    for context in (authority.context(age=1), authority.context(("rp.test",)),
                    authority.context(signs=False)):
        with Elsewhere(authority, context) as liar:
            client, path = listening(telling, liar)
            browser = browse(telling)
            tokens(client, telling.create_user(), browser)
            sign_out(browser, telling)
            eventually(lambda: [failure for failure in outcomes(telling, "logout.failed")
                                if failure["client"] == client.id], "the attempt is recorded")
            assert told(liar, path) == []
            telling.cli("client", "delete", client.id)
    assert {f["reason"] for f in outcomes(telling, "logout.failed")} == {"insecure"}


def test_what_a_command_sets_and_takes_away(tenant: Tenant) -> None:
    client = tenant.create_client("web", "--backchannel-logout-uri", "https://rp.test/logout?a=b")
    shown = tenant.cli("client", "show", client.id)
    assert shown["backchannel_logout_uri"] == "https://rp.test/logout?a=b"
    assert shown["backchannel_logout_session_required"] is False
    changed = client.update("--backchannel-logout-session-required")
    assert changed["backchannel_logout_session_required"] is True
    gone = client.update("--backchannel-logout-uri", "")
    assert "backchannel_logout_uri" not in gone


def test_a_client_hears_that_was_let_in_from_elsewhere(
    telling: Tenant, elsewhere: Elsewhere
) -> None:
    """Its ID token is as good as one that came by a browser, so it is told as well (CIBA)."""
    client, path = listening(telling, elsewhere, "--backchannel-authentication")
    user, browser = telling.create_user(), browse(telling)
    asked = Asked.of(client, user)
    press(browser, open_page(browser, telling, user), "allow")
    given = asked.tokens()
    leave(browser, telling, id_token_hint=given["id_token"])
    (token,) = await_told(elsewhere, path)
    said = believed(client, token)
    assert said["sid"] == claims(given["id_token"])["sid"] and said["sub"] == user.id


def test_a_pairwise_client_hears_of_the_person_it_knows(
    telling: Tenant, elsewhere: Elsewhere
) -> None:
    client, path = listening(telling, elsewhere, "--subject-type", "pairwise")
    user, browser = telling.create_user(), browse(telling)
    given = tokens(client, user, browser)
    leave(browser, telling, id_token_hint=given["id_token"])
    (token,) = await_told(elsewhere, path)
    assert believed(client, token)["sub"] == claims(given["id_token"])["sub"] != user.id
