"""Everything with everything: every credential at every door, everything that can end with every
way to go on, every request of one tenant at another. Attack cases 3.FF."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from browser import Browser, Page
from harness import Client, Instance, Tenant, User
from protocol import (
    PKCE, Redirect, authorization_url, authorize, begin, claims, end, header, redeem, refresh,
    revoke, token, tokens, userinfo)
from races import at_once
from registration import Registered, initial_access_token, let_register, register
from watch import recorded, unchanged

OFFLINE = "openid offline_access"


@dataclass
class World:
    """A tenant with everything in it that can be held in a hand."""

    tenant: Tenant
    client: Client
    user: User
    browser: Browser
    pkce: PKCE
    page: Page
    credentials: dict[str, str]
    registered: Registered

    @classmethod
    def of(cls, tenant: Tenant) -> World:
        client, user = tenant.create_client("web"), tenant.create_user()
        browser, pkce = Browser(tenant.instance), PKCE.new()
        given = tokens(client, user, browser, scope=OFFLINE)
        machine = tenant.create_client("machine", "--scope", "api:read")
        page = begin(browser, client, prompt="login")
        said = claims(given["access_token"])
        let_register(tenant)
        registered = Registered.new(tenant)
        credentials = {
            "initial access token": initial_access_token(tenant, "--uses", "1000"),
            "registration access token": registered.token,
            "access token": given["access_token"], "refresh token": given["refresh_token"],
            "ID token": given["id_token"], "client secret": client.secret or "",
            "machine's token": token(
                machine, grant_type="client_credentials").json()["access_token"],
            "code": authorize(browser, client, None, pkce).code,
            "session": browser.cookie("session") or "", "browser": browser.cookie("browser") or "",
            "form token": page.form("csrf").fields["csrf"],
            "interaction": page.url.rpartition("/")[2],
            "user's id": user.id, "client's id": client.id,
            "session's id": claims(given["id_token"])["sid"],
            "grant's id": said["gid"], "token's id": said["jti"],
            "key's id": header(given["access_token"])["kid"],
        }
        return cls(tenant, client, user, browser, pkce, page, credentials, registered)

    def doors(self) -> dict[str, Callable[[str], bool]]:
        """Where a credential is taken, and whether it opened."""
        return {
            "code": lambda v: redeem(self.client, v, self.pkce).status_code == 200,
            "refresh token": lambda v: refresh(self.client, v).status_code == 200,
            "access token": lambda v: userinfo(self.tenant, v).status_code == 200,
            "client secret": lambda v: token(
                self.client, method="none", client_secret=v, grant_type="refresh_token",
                refresh_token="x").status_code == 400,
            "session": lambda v: "code" in Redirect.read(self.with_cookie("session", v)).parameters,
            "browser": self.opens_page,
            "form token": lambda v: self.browser.post(
                self.page.form("csrf").action, {"csrf": v}).status != 403,
            "initial access token": lambda v: register(self.tenant, v).status_code == 201,
            "registration access token": lambda v: self.registered.read(v).status_code == 200,
            "interaction": lambda v: self.browser.get(
                f"{self.tenant.issuer}/sign-in/{quote(v, safe='')}").status == 200,
            "hint": lambda v: "code" in Redirect.read(self.browser.get(authorization_url(
                self.client, PKCE.new(), prompt="none", id_token_hint=v))).parameters,
            "hint at the end": lambda v: self.browser.get(
                f"{self.tenant.endpoint('end_session')}?id_token_hint={quote(v)}").status == 303,
        }

    def forget_names(self) -> None:
        """A name that was sent as a secret is no secret by that, and may stand in the log."""
        for name in NAMES:
            self.tenant.instance.secrets.discard(self.credentials[name])

    def with_cookie(self, kind: str, value: str) -> Page:
        stranger = Browser(self.tenant.instance)
        stranger.cookies[f"__Host-gatehouse-{kind}-{self.tenant.slug}"] = value
        return stranger.get(authorization_url(self.client, PKCE.new(), prompt="none"))

    def opens_page(self, value: str) -> bool:
        stranger = Browser(self.tenant.instance)
        stranger.cookies[f"__Host-gatehouse-browser-{self.tenant.slug}"] = value
        return stranger.get(self.page.url).status == 200


# What may stand in the path of a request, which is logged: no secret belongs there.
NAMES = {"interaction", "user's id", "client's id", "session's id", "grant's id", "token's id",
         "key's id"}
# What is meant to open a door besides the credential that it is named after.
FITS = {("ID token", "hint"), ("ID token", "hint at the end")}


def test_gh_508_every_credential_opens_its_own_door_and_no_other(tenant: Tenant) -> None:
    world = World.of(tenant)
    foreign = World.of(tenant.instance.create_tenant())
    doors = world.doors()
    with unchanged(tenant, world.user), unchanged(foreign.tenant, foreign.user):
        for name, value in world.credentials.items():
            for door, opens in doors.items():
                if name != door and (name, door) not in FITS and (
                        door != "interaction" or name in NAMES):
                    assert not opens(value), f"The {name} opens the door for a {door}."
        # Those of another tenant open nothing at all, whatever they are.
        for name, value in foreign.credentials.items():
            for door, opens in doors.items():
                if door != "interaction" or name in NAMES:
                    assert not opens(value), f"Another tenant's {name} opens the door for {door}."
    world.forget_names(), foreign.forget_names()
    # The right ones do, so the doors were no walls. Signing out comes last.
    for name, door in [(name, name) for name in doors if name in world.credentials] + sorted(FITS):
        assert doors[door](world.credentials[name]), f"The {name} does not open its own door."


def test_gh_508_nothing_of_a_tenant_opens_the_administration(own_instance: Instance) -> None:
    world, http = World.of(own_instance.create_tenant()), own_instance.http
    link = own_instance.cli("admin", "link")["url"]
    admin, administrator = own_instance.url + "/admin", Browser(own_instance)
    page = administrator.get(link)
    secret = parse_qs(urlsplit(link).query)["secret"][0]
    for name, value in world.credentials.items():
        for answer in (
            http.get(admin, headers={"Authorization": f"Bearer {value}"}),
            http.get(admin, headers={"Cookie": f"__Host-gatehouse-admin-session={value}"}),
            http.get(f"{admin}/link", params={"secret": value}),
            http.post(f"{admin}/link", data={"secret": value, "csrf": value}),
        ):
            assert answer.status_code in (400, 401), f"{name}: {answer.status_code}"
    world.forget_names()
    administrator.submit(page, page.form("secret"))
    session = administrator.cookie("admin-session") or ""
    assert administrator.get(admin).status == 200
    # And nothing of the administration opens a tenant.
    with unchanged(world.tenant, world.user):
        for value in (secret, session):
            for door, opens in world.doors().items():
                if door == "interaction":
                    continue
                assert not opens(value), f"The administration's secret opens: {door}"


# What ends, and what must be over then.
ENDS = {
    "password": {"refresh", "userinfo", "code", "session", "form"},
    "user disabled": {"refresh", "userinfo", "code", "session", "form"},
    "user deleted": {"refresh", "userinfo", "code", "session", "form"},
    "client disabled": {"refresh", "userinfo", "code", "session", "form"},
    "client deleted": {"refresh", "userinfo", "code", "session", "form"},
    "tenant disabled": {"refresh", "userinfo", "code", "session", "form"},
    "secret removed": {"refresh", "code"},
    "signed out": {"code", "session"},
    "token revoked": {"refresh", "userinfo"},
    "key deleted": {"userinfo"},
}


def take_away(
    client: Client, user: User, given: dict[str, Any], browser: Browser, what: str
) -> None:
    """Ends one thing that the rest stands on."""
    tenant = client.tenant
    match what:
        case "secret removed":
            (secret,) = tenant.cli("client", "show", client.id)["secrets"]
            tenant.cli("client", "secret", "remove", client.id, secret["id"])
        case "signed out":
            asked = browser.get(tenant.endpoint("end_session"))
            browser.submit(asked, asked.form("answer"), answer="sign_out")
        case "token revoked":
            assert revoke(client, given["refresh_token"]).status_code == 200
        case "key deleted":
            kid = header(given["access_token"])["kid"]
            tenant.cli("key", "rotate", "--algorithm", "ES256", "--now")
            tenant.cli("key", "delete", "--", kid)
        case _:
            end(client, user, what)


@pytest.mark.parametrize("what", ENDS)
def test_gh_509_whatever_ends_ends_every_way_to_go_on(
    client: Client, user: User, browser: Browser, tenant: Tenant, what: str
) -> None:
    tenant.metadata  # Discovery ends with the tenant.
    pkce, other, late = PKCE.new(), tenant.create_user(), Browser(tenant.instance)
    given = tokens(client, user, browser, scope=OFFLINE)
    theirs = tokens(client, other, scope=OFFLINE)
    code = authorize(browser, client, None, pkce).code
    open_page = begin(late, client)
    form = open_page.form("identifier", "password")
    filled = form.fields | {"identifier": user.name, "password": user.password}

    take_away(client, user, given, browser, what)
    # The form goes first: what it yields must not keep the rest alive.
    worked = {
        "form": "code=" in (late.post(form.action, filled).location or ""),
        "refresh": refresh(client, given["refresh_token"]).status_code == 200,
        "userinfo": userinfo(tenant, given["access_token"]).status_code == 200,
        "code": redeem(client, code, pkce).status_code == 200,
        "session": "code=" in (browser.get(
            authorization_url(client, PKCE.new(), prompt="none")).location or ""),
    }
    assert not {way for way in ENDS[what] if worked[way]}, f"{what}: {worked}"
    if what in ("password", "user disabled", "user deleted", "signed out", "token revoked"):
        # It ended for one person, and for nobody else.
        assert userinfo(tenant, theirs["access_token"]).status_code == 200
        assert refresh(client, theirs["refresh_token"]).status_code == 200


def test_gh_511_every_request_of_one_tenant_is_nothing_at_another(instance: Instance) -> None:
    one, two = (World.of(instance.create_tenant()) for _ in range(2))
    moved = Client(
        two.tenant, one.client.id, one.client.secret, "web", one.client.redirect_uri,
        one.client.method)
    held, http = one.credentials, instance.http
    browser = one.browser.clone()
    browser.cookies |= {
        name.replace(one.tenant.slug, two.tenant.slug): value
        for name, value in one.browser.cookies.items()}
    with (unchanged(one.tenant), unchanged(two.tenant, two.user), recorded(one.tenant)):
        for answer in (
            # Its client there, then its tokens by the client that is at home there.
            redeem(moved, held["code"], one.pkce), refresh(moved, held["refresh token"]),
            revoke(moved, held["refresh token"]), token(moved, grant_type="client_credentials"),
        ):
            assert answer.status_code == 401
        for answer in (
            redeem(two.client, held["code"], one.pkce), refresh(two.client, held["refresh token"])):
            assert answer.status_code == 400 and answer.json()["error"] == "invalid_grant"
        for name in ("refresh token", "access token"):
            assert revoke(two.client, held[name]).status_code == 200
        for name in ("access token", "machine's token", "ID token"):
            assert userinfo(two.tenant, held[name]).status_code == 401
        for url in (
            authorization_url(moved, PKCE.new()),
            f"{two.tenant.issuer}/sign-in/{held['interaction']}",
            f"{two.tenant.issuer}/create-account/{held['interaction']}",
        ):
            page = browser.get(url)
            assert page.status in (400, 403, 404) and page.location is None, url
        silent = Redirect.read(browser.get(authorization_url(
            two.client, PKCE.new(), prompt="none")))
        assert silent.error == "login_required"
        form = one.page.form("csrf")
        crossed = browser.post(
            f"{two.tenant.issuer}/sign-in/{held['interaction']}",
            form.fields | {"identifier": two.user.name, "password": two.user.password})
        assert crossed.status in (400, 403) and crossed.location is None
        hint = f"id_token_hint={held['ID token']}"
        left = browser.get(f"{two.tenant.issuer}/oauth2/end_session?{hint}")
        assert left.status in (200, 303)
        # Two slugs in one path are none.
        for path in (f"/t/{one.tenant.slug}/t/{two.tenant.slug}", f"/t/{two.tenant.slug}%2f..",
                     f"/t/{two.tenant.slug}/../{one.tenant.slug}", f"/t/{one.tenant.slug};"):
            url = f"{instance.url}{path}/oauth2/userinfo"
            bearer = {"Authorization": f"Bearer {held['access token']}"}
            answer = http.get(url, headers=bearer)
            assert answer.status_code != 200 or "/../" in path, path
    assert userinfo(one.tenant, held["access token"]).status_code == 200
    assert redeem(one.client, held["code"], one.pkce).status_code == 200


def test_gh_513_one_form_many_times_at_once_yields_codes_that_work_once_each(
    client: Client, user: User, browser: Browser, tenant: Tenant
) -> None:
    pkce = PKCE.new()
    page = begin(browser, client, pkce)
    form = page.form("identifier", "password")
    filled = form.fields | {"identifier": user.name, "password": user.password}
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())

    def send(session: Any) -> str:
        answer = session.post(form.action, data=filled, headers={
            "Cookie": cookies, "Sec-Fetch-Site": "same-origin", "Origin": "null"})
        assert answer.status_code < 500
        return answer.headers.get("location", "")

    found = [Redirect.of(target) for target in at_once(8, send)]
    codes = {answer.code for answer in found}
    tenant.instance.keep_secret(*codes)
    # A double click may ask the client's question again; the answers differ in nothing else.
    assert {answer.uri for answer in found} == {client.redirect_uri}
    assert {answer.parameters["state"] for answer in found} == {"st-4711"}
    assert len(codes) == len(found), "Two answers share a code."
    for code in codes:
        assert claims(redeem(client, code, pkce).json()["id_token"])["sub"] == user.id
        assert redeem(client, code, pkce).status_code == 400


def test_gh_513_one_name_many_accounts_at_once_makes_one(open_tenant: Tenant) -> None:
    client, count = open_tenant.create_client(), 12
    forms = []
    for _ in range(count):
        browser = Browser(open_tenant.instance)
        page = begin(browser, client, prompt="create")
        cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        forms.append((page.form("email"), cookies))

    def send(session: Any) -> int:
        form, cookies = forms.pop()
        answer = session.post(
            form.action, headers={"Cookie": cookies, "Sec-Fetch-Site": "same-origin"},
            data=form.fields | {"email": "one@example.com", "password": "an unlikely herring 72"})
        return answer.status_code

    found = at_once(count, send)
    assert found.count(303) == 1 and set(found) <= {303, 422, 429}, found
    assert len(open_tenant.cli("user", "list")) == 1
