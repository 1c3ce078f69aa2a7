"""Device authorization (RFC 8628): what the device is told, and attack cases 3.Q."""

from __future__ import annotations

import re

import pytest
from authlib.integrations.httpx_client import OAuth2Client

from browser import Browser
from device import GRANT_TYPE, OFFLINE, Device, ask, decide, device_client, open_decision
from expect import invalid_token, j400, j401
from harness import TLS, Client, CommandFailed, Instance, Tenant, User
from protocol import PKCE, Redirect, claims, end, refresh, revoke, token, userinfo
from test_races import WIDTH, at_once, post_at_once, succeeded
from visitor import kinds, limited_json, set_limit
from watch import recorded, unchanged

LETTERS = "BCDFGHJKLMNPQRSTVWXZ"


@pytest.fixture
def tv(tenant: Tenant) -> Client:
    return device_client(tenant)


def test_the_answer_is_what_the_standard_says(tv: Client, tenant: Tenant) -> None:
    assert tenant.metadata["device_authorization_endpoint"] == (
        f"{tenant.issuer}/oauth2/device_authorization")
    assert GRANT_TYPE in tenant.metadata["grant_types_supported"]
    given = [Device.begin(tv, scope=OFFLINE).codes for _ in range(20)]
    for codes in given:
        assert set(codes) == {
            "device_code", "user_code", "verification_uri", "verification_uri_complete",
            "expires_in", "interval"}
        assert re.fullmatch(rf"[{LETTERS}]{{4}}-[{LETTERS}]{{4}}", codes["user_code"])
        assert codes["verification_uri"] == f"{tenant.issuer}/device"
        assert codes["verification_uri_complete"] == (
            f"{tenant.issuer}/device?user_code={codes['user_code']}")
        assert codes["expires_in"] == 600 and codes["interval"] == 5
    for name in ("device_code", "user_code"):
        assert len({codes[name] for codes in given}) == 20
    tables = tenant.instance.database.rows_of_tenant(tenant.id)
    for codes in given:
        for code in (codes["device_code"], codes["user_code"].replace("-", "")):
            assert code not in str(tables), "A code is stored in clear."


def test_a_device_gets_its_tokens_once_a_person_has_allowed_it(
    tv: Client, user: User, tenant: Tenant
) -> None:
    device = Device.begin(tv, scope=OFFLINE)
    j400(device.poll(), "authorization_pending")
    with recorded(
        tenant, "session.signed_in", "grant.created", "device_authorization.allowed",
        actor=user.id,
    ):
        page = decide(device, user)
    assert page.status == 200 and "Your device is connected" in page.words
    with recorded(tenant, "device_authorization.redeemed", actor=tv.id):
        given = device.tokens()
    assert given["scope"] == OFFLINE
    assert userinfo(tenant, given["access_token"]).json()["sub"] == user.id
    said = claims(given["id_token"])
    assert said["sub"] == user.id and said["aud"] == tv.id and said["iss"] == tenant.issuer
    renewed = refresh(tv, given["refresh_token"]).json()
    assert userinfo(tenant, renewed["access_token"]).status_code == 200
    j400(device.poll(), "invalid_grant")
    # A device that did not get the answer harms nobody by asking again.
    assert userinfo(tenant, renewed["access_token"]).status_code == 200


def test_gh_301_polling_too_fast_slows_down_and_the_wait_grows(
    tv: Client, tenant: Tenant, user: User
) -> None:
    device = Device.begin(tv)
    j400(device.poll(), "authorization_pending")
    for _ in range(3):
        j400(device.poll(), "slow_down")
    query = f"SELECT poll_interval FROM device_authorization WHERE tenant_id = '{tenant.id}'"
    assert tenant.instance.database.value(query) == 20_000
    # Whoever has decided is not made to wait: the next poll gets the answer.
    decide(device, user)
    assert device.poll().status_code == 200


def test_gh_301_a_hundred_polls_at_once_are_told_to_slow_down(tv: Client) -> None:
    device = Device.begin(tv)
    answers = post_at_once(tv, {"grant_type": GRANT_TYPE, "device_code": device.code}, width=100)
    told = [j400(answer, ("authorization_pending", "slow_down"))["error"] for answer in answers]
    assert told.count("authorization_pending") == 1


def test_gh_301_after_its_time_a_device_code_has_expired(
    own_instance: Instance,
) -> None:
    tenant = own_instance.create_tenant()
    tv, user = device_client(tenant), tenant.create_user()
    pending, allowed = Device.begin(tv), Device.begin(tv)
    decide(allowed, user)
    for table in ("device_authorization", "one_time_secret"):
        own_instance.database.execute(f"UPDATE {table} SET expires_at = created_at + 1")
    for device in (pending, allowed):
        j400(device.poll(), "expired_token")
    # Also for a clock that is set back, and when nothing is left but the spent code.
    own_instance.database.execute("UPDATE one_time_secret SET expires_at = created_at + 600000")
    for device in (pending, allowed):
        j400(device.poll(), "invalid_grant")


def test_gh_301_after_a_denial_access_is_denied(tv: Client, user: User, tenant: Tenant) -> None:
    device = Device.begin(tv)
    with recorded(tenant, "session.signed_in", "device_authorization.denied", actor=user.id):
        page = decide(device, user, "deny")
    assert page.status == 200 and "You kept the device out" in page.words
    for _ in range(3):
        j400(device.poll(), "access_denied")


def test_gh_304_the_code_of_another_client_opens_nothing(
    tv: Client, user: User, tenant: Tenant, instance: Instance
) -> None:
    other = device_client(tenant)
    elsewhere = device_client(instance.create_tenant())
    device = Device.begin(tv, scope=OFFLINE)
    with recorded(tenant, "device_authorization.refused", actor=other.id):
        j400(device.poll(other), "invalid_grant")
    j400(device.poll(elsewhere), "invalid_grant")
    decide(device, user)
    with unchanged(tenant, user), recorded(tenant, "device_authorization.refused"):
        j400(device.poll(other), "invalid_grant")
        j400(device.poll(elsewhere), "invalid_grant")
    assert device.poll().status_code == 200


@pytest.mark.attack("GH-304", "GH-509")
@pytest.mark.parametrize("what", [
    "password", "user disabled", "user deleted", "client disabled", "client deleted",
    "tenant disabled"])
@pytest.mark.parametrize("scope", ["openid", OFFLINE])
def test_what_ends_before_the_device_asks_has_ended(
    tv: Client, user: User, tenant: Tenant, what: str, scope: str
) -> None:
    tenant.metadata  # Discovery ends with the tenant.
    device = Device.begin(tv, scope=scope)
    decide(device, user)
    end(tv, user, what)
    answer = device.poll()
    if what.startswith(("client", "tenant")):
        assert answer.status_code in (401, 404)
    else:
        j400(answer, "invalid_grant")
    assert not tenant.instance.database.rows(
        f"SELECT * FROM refresh_token WHERE tenant_id = '{tenant.id}'")


@pytest.mark.parametrize("scope", ["openid", OFFLINE])
def test_signing_out_before_the_device_asks_counts(
    tv: Client, user: User, tenant: Tenant, scope: str
) -> None:
    device, browser = Device.begin(tv, scope=scope), Browser(tenant.instance)
    decide(device, user, browser=browser)
    asked = browser.get(tenant.endpoint("end_session"))
    browser.submit(asked, asked.form("answer"), answer="sign_out")
    j400(device.poll(), "invalid_grant")


def test_an_online_grant_ends_with_the_session_and_an_offline_one_does_not(
    tenant: Tenant, user: User
) -> None:
    tv = device_client(tenant, "native", "--refresh-tokens", "always")
    browser = Browser(tenant.instance)
    online, offline = Device.begin(tv), Device.begin(tv, scope=OFFLINE)
    decide(online, user, browser=browser)
    decide(offline, None, browser=browser)
    first, second = online.tokens(), offline.tokens()
    asked = browser.get(tenant.endpoint("end_session"))
    browser.submit(asked, asked.form("answer"), answer="sign_out")
    j400(refresh(tv, first["refresh_token"]), "invalid_grant")
    invalid_token(userinfo(tenant, first["access_token"]))
    assert refresh(tv, second["refresh_token"]).status_code == 200
    revoke(tv, second["refresh_token"])
    j400(refresh(tv, second["refresh_token"]), "invalid_grant")


@pytest.mark.attack("GH-305", "GH-458")
def test_one_device_code_yields_tokens_once_of_64_times(
    tv: Client, user: User, tenant: Tenant
) -> None:
    browser = Browser(tenant.instance)
    for number in range(3):
        device = Device.begin(tv, scope=OFFLINE)
        decide(device, None if number else user, browser=browser)
        answers = post_at_once(tv, {"grant_type": GRANT_TYPE, "device_code": device.code})
        (won,) = succeeded(answers)
        for answer in answers:
            if answer.status_code != 200:
                j400(answer, "invalid_grant")
        assert userinfo(tenant, won["access_token"]).status_code == 200
    assert kinds(tenant).count("device_authorization.redeemed") == 3


def test_gh_305_answers_at_once_are_one_answer(tv: Client, user: User, tenant: Tenant) -> None:
    for _ in range(3):
        device = Device.begin(tv)
        browser = Browser(tenant.instance)
        page = open_decision(browser, device, user)
        form = page.form("answer")
        given = iter(["allow", "deny"] * (WIDTH // 2))
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in browser.cookies.items()),
                   "Sec-Fetch-Site": "same-origin", "Origin": "null"}

        def answer(session: object) -> int:
            return session.post(
                form.action, data=form.fields | {"answer": next(given)}, headers=headers
            ).status_code

        assert set(at_once(WIDTH, answer)) == {303}
        told = kinds(tenant)
        (decided,) = [e for e in told if e in (
            "device_authorization.allowed", "device_authorization.denied")]
        assert told.count("grant.created") == (decided == "device_authorization.allowed")
        assert (device.poll().status_code == 200) == (decided == "device_authorization.allowed")
        tenant.instance.database.execute(
            f"DELETE FROM event WHERE tenant_id = '{tenant.id}'")


def test_gh_307_a_challenge_needs_its_verifier(tv: Client, user: User, tenant: Tenant) -> None:
    pkce = PKCE.new()
    device = Device.begin(
        tv, code_challenge=pkce.challenge, code_challenge_method="S256")
    wrong = [None, "", "x", pkce.challenge, PKCE.new().verifier]
    for verifier in wrong:
        j400(device.poll(code_verifier=verifier), "invalid_grant")
    j400(device.poll(code_verifier=pkce.verifier), "authorization_pending")
    decide(device, user)
    for verifier in wrong:
        j400(device.poll(code_verifier=verifier), "invalid_grant")
    assert device.poll(code_verifier=pkce.verifier).status_code == 200
    plain = Device.begin(tv)
    j400(plain.poll(code_verifier=pkce.verifier), "invalid_grant")
    for changes in (
        {"code_challenge": pkce.challenge}, {"code_challenge_method": "S256"},
        {"code_challenge": "short", "code_challenge_method": "S256"},
        {"code_challenge": pkce.challenge, "code_challenge_method": "plain"},
    ):
        j400(ask(tv, **changes), "invalid_request")


def test_gh_308_scopes_the_client_may_not_ask_for(tenant: Tenant) -> None:
    tv = device_client(tenant, "native", "--scope", "openid", "--scope", "reports:read")
    with recorded(tenant):
        for scope in ("admin", "openid admin", "openid profile", "OPENID", "openid\u0000admin"):
            answer = ask(tv, scope=scope)
            j400(answer, ("invalid_scope", "invalid_request"))
        j400(ask(tv, scope="x " * 5_000), "invalid_scope")
    assert Device.begin(tv, scope="openid reports:read").codes


def test_a_resource_that_no_token_of_the_device_can_be_for(tenant: Tenant, user: User) -> None:
    """Refused where the device can still say so, and not when it comes for its tokens."""
    api, own = "https://api.test", "https://own.test"
    client = device_client(tenant, "native", "--audience", own)
    for identifier in (api, own):
        tenant.cli("resource", "create", "--identifier", identifier, "--name", "API")
    with unchanged(tenant):
        for resource in ("https://nobody.test", "nothing", api):
            j400(ask(client, scope="openid", resource=resource), "invalid_target")
    device = Device.begin(client, resource=own)
    decide(device, user)
    assert claims(device.tokens()["access_token"])["aud"] == own


def test_gh_308_a_scope_that_was_withdrawn_is_not_issued(tenant: Tenant, user: User) -> None:
    tv = device_client(tenant, "native", "--scope", "openid", "--scope", "reports:read")
    device = Device.begin(tv, scope="openid reports:read")
    decide(device, user)
    tv.update("--scope", "openid")
    j400(device.poll(), "invalid_grant")


def test_gh_302_only_clients_that_were_allowed_the_grant_may_begin(
    tenant: Tenant, user: User
) -> None:
    others = [tenant.create_client(kind) for kind in ("web", "native", "spa", "machine")]
    tv = device_client(tenant)
    device = Device.begin(tv)
    with recorded(tenant):
        for client in others:
            j400(ask(client, scope="openid"), "unauthorized_client")
            j400(device.poll(client), "unauthorized_client")
    tv.update("--no-device-authorization")
    j400(ask(tv), "unauthorized_client")
    j400(device.poll(), "unauthorized_client")
    with pytest.raises(CommandFailed):
        tenant.create_client("machine", "--device-authorization")
    with pytest.raises(CommandFailed):
        tenant.create_client("native", redirect_uris=[])


def test_gh_311_floods_of_requests_are_limited_where_they_come_from(
    acme: Tenant, alice: User
) -> None:
    tv, other = device_client(acme), device_client(acme)
    set_limit(acme, "device-authorization-network", 5)

    def statuses(client: Client, address: str, count: int) -> list[int]:
        return [
            token(client, endpoint="device_authorization",
                  headers={"X-Forwarded-For": address}, scope="openid").status_code
            for _ in range(count)]

    assert statuses(tv, "198.51.100.7", 20) == [200] * 5 + [429] * 15
    limited_json(token(
        tv, endpoint="device_authorization", headers={"X-Forwarded-For": "198.51.100.7"}))
    query = f"SELECT count(*) AS n FROM device_authorization WHERE tenant_id = '{acme.id}'"
    assert acme.instance.database.value(query) == 5
    assert kinds(acme).count("limit.exceeded") == 1
    # Nobody else is kept out by it, and nobody who can prove who they are.
    assert statuses(tv, "203.0.113.1", 1) == statuses(other, "198.51.100.7", 1) == [200]
    web = device_client(acme, "web")
    assert statuses(web, "198.51.100.7", 8) == [200] * 8


def test_a_client_with_a_secret_has_to_prove_itself(tenant: Tenant, user: User) -> None:
    web = device_client(tenant, "web")
    j401(token(web, endpoint="device_authorization", method="none"))
    j401(token(web, endpoint="device_authorization", method="client_secret_post",
               client_secret="cs_wrong"))
    device = Device.begin(web, scope=OFFLINE)
    j401(device.poll(Client(tenant, web.id, None, "web", "", "none")))
    decide(device, user)
    given = device.tokens()
    assert refresh(web, given["refresh_token"]).json()["refresh_token"] == given["refresh_token"]


def test_requests_that_make_no_sense(tv: Client, tenant: Tenant) -> None:
    http, url = tenant.instance.http, tenant.endpoint("device_authorization")
    assert http.get(url, params={"client_id": tv.id}).status_code == 405
    j401(http.post(url, data={"scope": "openid"}))
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for body in (f"client_id={tv.id}&scope=openid&scope=email", f"client_id={tv.id}&scope=%ff"):
        j400(http.post(url, content=body, headers=form), "invalid_request")
    for code in ("", "x", "dc_" + "A" * 43, "ac_" + "A" * 43, "dc_" + "é" * 43, "WDJB-MJHT"):
        j400(token(tv, grant_type=GRANT_TYPE, device_code=code),
             ("invalid_request", "invalid_grant"))
    j400(token(tv, grant_type=GRANT_TYPE), "invalid_request")
    j400(token(tv, grant_type=GRANT_TYPE.upper(), device_code="x"), "unsupported_grant_type")


@pytest.mark.attack("GH-179", "GH-508")
def test_no_code_is_another_kind_of_credential(
    tv: Client, user: User, tenant: Tenant, browser: Browser
) -> None:
    device = Device.begin(tv, scope=OFFLINE)
    decide(device, user)
    spa = tenant.create_client("native")
    for value in (device.code, device.user_code):
        j400(refresh(tv, value), "invalid_grant")
        for kind in ("session", "browser", "device"):
            browser.cookies = {f"__Host-gatehouse-{kind}-{tenant.slug}": value}
            page = browser.get(
                f"{tenant.endpoint('authorization')}?client_id={spa.id}&response_type=code"
                f"&redirect_uri={spa.redirect_uri}&prompt=none&code_challenge_method=S256"
                f"&code_challenge={PKCE.new().challenge}")
            assert Redirect.read(page).error == "login_required"
        invalid_token(userinfo(tenant, value))
        assert revoke(tv, value).status_code == 200
    j400(token(tv, grant_type=GRANT_TYPE, device_code=device.user_code), "invalid_grant")
    assert device.poll().status_code == 200


def test_authlib_polls_like_any_client_of_the_standard(tv: Client, user: User) -> None:
    tenant = tv.tenant
    device = Device.begin(tv, scope=OFFLINE)
    with OAuth2Client(
        tv.id, token_endpoint_auth_method="none", trust_env=False, verify=TLS
    ) as session:
        decide(device, user)
        given = session.fetch_token(
            tenant.endpoint("token"), grant_type=GRANT_TYPE, device_code=device.code)
        tenant.instance._see_json(given)
        assert given["scope"] == OFFLINE and given["token_type"] == "Bearer"
        assert session.get(tenant.endpoint("userinfo")).json()["sub"] == user.id
