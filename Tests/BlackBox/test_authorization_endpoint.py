"""The authorization endpoint: what it answers, and attack cases 3.A of the catalogue."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest

from browser import Browser, Page
from expect import page400, redirected
from harness import Client, Instance, Tenant, User
from protocol import (
    PKCE, Redirect, authorization_url, authorize, begin, claims, redeem, request_parameters,
    sign_in, tokens)
from watch import recorded, unchanged

EVIL = "https://evil.test/cb"


def ask(browser: Browser, client: Client, query: str | None = None, **changes: str | None) -> Page:
    """One request; `query` is sent as it is, after the address."""
    if query is not None:
        return browser.get(f"{client.tenant.endpoint('authorization')}?{query}")
    return browser.get(authorization_url(client, PKCE.new(), **changes))


def send(browser: Browser, client: Client, **changes: str | None) -> Page:
    """One request by POST, as the form of another site sends it."""
    return browser.follow(browser.post(
        client.tenant.endpoint("authorization"),
        request_parameters(client, PKCE.new(), **changes), site="cross-site"))


def without_incident(text: str) -> str:
    """A page without what differs each time: the incident's id and the time."""
    return re.sub(r"[0-9a-f]{32}|\d{4}-\d\d-\d\dT[\d:]+Z|\d+ \w+ \d{4}, [\d:]+ UTC", "…", text)


def test_gh_001_without_client_id_nothing_is_redirected(
    client: Client, browser: Browser
) -> None:
    page400(ask(browser, client, client_id=None, redirect_uri=EVIL), never="evil.test")
    for identifier in (None, "", " ", "\t", f" {client.id}", f"{client.id} ", client.id.upper()):
        for page in (ask(browser, client, client_id=identifier, redirect_uri=EVIL),
                     send(browser, client, client_id=identifier, redirect_uri=EVIL),
                     ask(browser, client, client_id=identifier)):
            page400(page, never="evil.test")


def test_gh_002_an_unknown_client_looks_like_one_of_another_tenant(
    client: Client, browser: Browser, instance: Instance
) -> None:
    foreign = instance.create_tenant().create_client("web")
    pages = [
        ask(browser, client, client_id=identifier)
        for identifier in (foreign.id, "client_00000000000000000000000000", "nobody")]
    for page in pages:
        page400(page, never="rp.test")
        assert without_incident(page.text) == without_incident(pages[0].text)
        assert set(page.headers) == set(pages[0].headers)


@pytest.mark.parametrize("form", [False, True], ids=["get", "post"])
def test_gh_004_and_005_response_types_other_than_code(
    client: Client, user: User, browser: Browser, form: bool
) -> None:
    authorize(browser, client, user, PKCE.new())
    refused = ("unsupported_response_type", "invalid_request")
    for value in ("token", "id_token token", "code token", None, "", "CODE", "code code", "none"):
        if form:
            page = send(browser, client, response_type=value)
        else:
            page = ask(browser, client, response_type=value)
        redirected(page, client, refused)
        assert "#" not in (page.location or "")


def test_gh_007_parameter_names_are_decoded_once_before_every_check(
    client: Client, browser: Browser
) -> None:
    good = authorization_url(client, PKCE.new()).partition("?")[2]
    page400(ask(browser, client, f"{good}&%72edirect_uri={quote(EVIL, safe='')}"), never="evil")
    page400(ask(browser, client, f"{good}&client%5Fid={client.id}"))
    page400(ask(browser, client, f"{good}&redirect_uri={quote(EVIL, safe='')}"), never="evil")
    page400(ask(browser, client, f"{good}&redirect_uri="))
    for twice in ("state=2", "%73tate=2", "scope=openid", "nonce=1&nonce=2", "zz=1&zz=2"):
        # A state that is there twice is no state, so it is not echoed.
        state = None if "tate" in twice else "st-4711"
        redirected(ask(browser, client, f"{good}&{twice}"), client, "invalid_request", state=state)
    # Decoded once, not twice: this is no parameter that anybody knows.
    assert ask(browser, client, f"{good}&%2572edirect_uri={quote(EVIL, safe='')}").status == 303
    for name in ("redirect_uri%00", "redirect%20uri", "Redirect_Uri", "redirect_uri%20",
                 "redirect-uri", "redirect_uri[]", "redirect_uri%5b0%5d"):
        page = ask(browser, client, f"{good}&{name}={quote(EVIL, safe='')}")
        assert "evil" not in (page.location or "") and page.status in (303, 400), name


def test_gh_007_a_form_and_a_query_are_never_read_together(
    client: Client, user: User, browser: Browser
) -> None:
    """Two places for one parameter are one way to show each parser another value."""
    authorize(browser, client, user, PKCE.new())
    form = request_parameters(client, PKCE.new())
    url = client.tenant.endpoint("authorization")
    for query in (f"redirect_uri={quote(EVIL, safe='')}", f"redirect%5Furi={quote(EVIL, safe='')}",
                  "client_id=x", "state=other", "scope=openid%20email", "response_mode=fragment"):
        page = browser.follow(browser.post(f"{url}?{query}", form, site="cross-site"))
        if page.status == 303:
            given = Redirect.read(page)
            assert given.uri == client.redirect_uri
            assert given.parameters["state"] == "st-4711"
        else:
            page400(page, never="evil.test")
    for name in ("client_id", "redirect_uri", "response_type", "code_challenge"):
        moved = {k: v for k, v in form.items() if k != name}
        page = browser.follow(browser.post(
            f"{url}?{name}={quote(form[name], safe='')}", moved, site="cross-site"))
        assert "code=" not in (page.location or ""), name


def test_gh_008_response_modes_other_than_query(client: Client, browser: Browser) -> None:
    for mode in ("fragment", "form_post", "web_message", "form_post.jwt", "garbage", "QUERY",
                 "query.jwt", "jwt", "query fragment", "query,fragment", " query",
                 "okta_post_message"):
        for page in (ask(browser, client, response_mode=mode),
                     send(browser, client, response_mode=mode)):
            redirected(page, client, "invalid_request")
            assert "#" not in (page.location or "") and not page.forms
    assert ask(browser, client, response_mode="query").status == 303


def test_gh_010_state_is_echoed_byte_for_byte_or_refused(
    client: Client, user: User, browser: Browser
) -> None:
    authorize(browser, client, user, PKCE.new())
    hostile = ["\r\nSet-Cookie:x=1", "🦊 e\u0301 é", "a+b c&d=e#f%20%zz", "<script>", "x" * 2048]
    for state in hostile:
        page = ask(browser, client, state=state)
        answer = Redirect.read(page)
        assert answer.code and answer.parameters["state"] == state
        assert "x" not in browser.cookies
    for state in ("x" * 2049, "x" * 4096):
        redirected(ask(browser, client, state=state), client, "invalid_request", state=None)
    page = send(browser, client, state="x" * 65536)
    assert page.status in (400, 413, 414) and page.location is None
    good = authorization_url(client, PKCE.new(), state=None).partition("?")[2]
    for raw in ("%00", "%ff", "%", "%4", "%zz", "%ed%a0%80", "%c0%af"):
        page400(ask(browser, client, f"{good}&state={raw}"))


def test_gh_011_scope_is_bounded_and_never_more_than_allowed(
    client: Client, user: User, browser: Browser
) -> None:
    authorize(browser, client, user, PKCE.new())
    for scope in ("openid admin", "openid \x7f", 'openid "', "openid\\", "openid é", "a " * 2000,
                  "x" * 4097, " ".join(f"s{n}" for n in range(800))):
        redirected(send(browser, client, scope=scope), client, "invalid_scope")
    good = authorization_url(client, PKCE.new(), scope=None).partition("?")[2]
    page400(ask(browser, client, f"{good}&scope=openid%00admin"))
    for scope in ("a " * 500_000, " ".join(f"s{n}" for n in range(100_000))):
        page = send(browser, client, scope=scope)
        assert page.status in (400, 413, 414) and page.location is None


def test_gh_013_prompts_that_make_no_sense(client: Client, user: User, browser: Browser) -> None:
    authorize(browser, client, user, PKCE.new())
    with recorded(client.tenant):
        for prompt in (
            "none login", "none consent", "login none", "xyzzy", "NONE", "none,login", "none create",
            "none select_account", "create none", "login xyzzy", "none\u00a0", "none\tlogin",
        ):
            redirected(ask(browser, client, prompt=prompt), client, "invalid_request")


def test_gh_014_signing_in_as_another_opens_a_session_of_their_own(
    client: Client, user: User, browser: Browser, tenant: Tenant
) -> None:
    mallory = tenant.create_user()
    first = tokens(client, user, browser)
    stolen = browser.clone()
    page = begin(browser, client, prompt="login")
    assert user.name in page.text
    # Going back and forth changes nothing.
    assert browser.get(page.url).status == 200
    other = browser.follow(browser.submit(page, page.form("answer"), answer="another_account"))
    pkce = PKCE.new()
    answer = browser.submit(
        other, other.form("identifier", "password"), identifier=mallory.name,
        password=mallory.password)
    assert Redirect.read(answer).code
    second = claims(tokens(
        client, mallory, browser, prompt="none", login_hint=mallory.name)["id_token"])
    assert second["sub"] == mallory.id
    assert second["sid"] != claims(first["id_token"])["sid"]
    # The first session is still the first person's, and nobody else's.
    kept = claims(tokens(client, user, browser, prompt="none", login_hint=user.name)["id_token"])
    assert (kept["sub"], kept["sid"]) == (user.id, claims(first["id_token"])["sid"])
    replayed = authorize(stolen, client, None, pkce, prompt="none")
    assert replayed.error == "login_required", "The old cookie must not lead to anybody."


def test_gh_014_auth_time_is_renewed_only_by_signing_in_again(
    client: Client, user: User, browser: Browser
) -> None:
    first = claims(tokens(client, user, browser)["id_token"])
    page = begin(browser, client, prompt="login")
    wrong = browser.submit(page, page.form("password"), password="not the password at all")
    assert wrong.status == 401
    same = claims(tokens(client, user, browser, prompt="none")["id_token"])
    assert (same["auth_time"], same["sid"]) == (first["auth_time"], first["sid"])


def test_gh_017_a_hint_never_yields_a_code_for_somebody_else(
    client: Client, user: User, browser: Browser, tenant: Tenant, instance: Instance
) -> None:
    bob = tenant.create_user()
    bobs = tokens(client, bob)["id_token"]
    mine = tokens(client, user, browser)["id_token"]
    hint = ask(browser, client, prompt="none", id_token_hint=bobs)
    redirected(hint, client, "login_required")
    assert Redirect.read(ask(browser, client, prompt="none", id_token_hint=mine)).code
    # Without prompt=none, the page asks for the other person.
    assert begin(browser, client, id_token_hint=bobs).form("identifier", "password")
    other = instance.create_tenant()
    foreign = tokens(other.create_client(), other.create_user())["id_token"]
    head, body, signature = mine.split(".")
    none = "eyJhbGciOiJub25lIn0"
    for bad in (foreign, f"{none}.{body}.", f"{none}.{body}.{signature}", f"{head}.{body}.",
                f"{head}.{body}.{signature[:-2]}", "garbage", "a.b.c", f"{head}.{body}"):
        redirected(
            ask(browser, client, prompt="none", id_token_hint=bad), client, "invalid_request")
        redirected(ask(browser, client, id_token_hint=bad), client, "invalid_request")


def test_gh_019_ui_locales_are_never_a_path_or_shown(client: Client, browser: Browser) -> None:
    for value in ("../../../../etc/passwd", "xx-<script>", "de " * 500, "tr en", "\u202e"):
        page = begin(browser, client, ui_locales=value)
        assert page.form("identifier") and "passwd" not in page.text and "<script" not in page.text
    for value in ("de " * 3_400, "../" * 3_400, "xx-<script>" * 900):
        page = send(browser, client, ui_locales=value)
        assert page.status in (200, 303) and page.text.count("script") == 0
        assert "error" not in (page.location or "")


def test_gh_020_unknown_parameters_are_ignored_up_to_a_bound(
    client: Client, user: User, browser: Browser
) -> None:
    authorize(browser, client, user, PKCE.new())
    good = authorization_url(client, PKCE.new()).partition("?")[2]
    few = "&".join(f"x{n}={n}" for n in range(60))
    answer = Redirect.read(ask(browser, client, f"{few}&{good}"))
    assert answer.code and set(answer.parameters) == {"code", "state", "iss"}
    many = "&".join(f"x{n}={n}" for n in range(500))
    page400(ask(browser, client, f"{good}&{many}"))


def test_gh_022_and_023_answers_on_the_way(client: Client, user: User, browser: Browser) -> None:
    page = begin(browser, client)
    answer = browser.submit(
        page, page.form("identifier"), identifier=user.name, password=user.password)
    assert answer.status == 303 and user.password not in (answer.location or "")
    assert user.name not in (answer.location or "")
    error = ask(browser, client, redirect_uri=EVIL)
    for seen in (page, answer, error, ask(browser, client, prompt="none")):
        assert seen.headers["referrer-policy"] == "no-referrer"
        assert seen.headers["cache-control"] == "no-store"
        for link in seen.links:
            assert link.startswith(browser.instance.url + "/")


def test_gh_022_every_answer_to_a_form_makes_the_browser_get(open_tenant: Tenant) -> None:
    """303 and never 307 or 308, which would send the password on; and no secret in the address."""
    client, browser = open_tenant.create_client(), Browser(open_tenant.instance)
    password = "an unlikely herring 72"
    page = begin(browser, client, prompt="create")
    made = browser.submit(
        page, page.form("email"), email="new@example.com", name="New", password=password)
    page = begin(browser, client, prompt="login")
    again = browser.submit(page, page.form("password"), password=password)
    page = begin(browser, client, prompt="select_account")
    stayed = browser.submit(page, page.form("answer"), answer="continue")
    page = begin(browser, client, prompt="select_account")
    other = browser.submit(page, page.form("answer"), answer="another_account")
    asked = browser.get(open_tenant.endpoint("end_session"))
    left = browser.submit(asked, asked.form("answer"), answer="sign_out")
    posted = browser.post(
        open_tenant.endpoint("authorization"), request_parameters(client, PKCE.new()),
        site="cross-site")
    for answer in (made, again, stayed, other, left, posted):
        assert answer.status == 303, answer.words
        for secret in (password, quote(password), "herring", "new@example", "new%40example"):
            assert secret not in (answer.location or "")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"


def test_gh_025_hidden_fields_change_nothing(
    client: Client, user: User, browser: Browser, tenant: Tenant
) -> None:
    other = tenant.create_client("web", redirect_uris=["https://other.test/cb"])
    pkce = PKCE.new()
    page = browser.follow(browser.get(authorization_url(client, pkce, scope="openid")))
    answer = browser.submit(
        page, page.form("identifier"), identifier=user.name, password=user.password,
        client_id=other.id, scope="openid profile email offline_access", redirect_uri=EVIL,
        state="changed")
    given = Redirect.read(answer)
    assert (given.uri, given.parameters["state"]) == (client.redirect_uri, "st-4711")
    assert redeem(client, given.code, pkce).json()["scope"] == "openid"
    # A form token of another transaction, even of the same browser, is none.
    first, second = begin(browser, client, prompt="login"), begin(browser, client, prompt="login")
    strangers = begin(Browser(tenant.instance), client)
    with recorded(tenant), unchanged(tenant, user):
        for foreign in (second.form("password"), strangers.form("identifier")):
            crossed = browser.post(first.form("password").action, foreign.fields | {
                "identifier": user.name, "password": user.password})
            assert crossed.status == 403 and crossed.location is None


def test_gh_026_a_transaction_belongs_to_the_browser_that_began_it(
    client: Client, user: User, instance: Instance
) -> None:
    mallory, alice = Browser(instance), Browser(instance)
    page = begin(mallory, client)
    assert alice.get(page.url, site="cross-site").status == 400
    # Also when alice's browser has begun something itself, and has a session.
    tokens(client, user, alice)
    seen = alice.get(page.url, site="cross-site")
    assert seen.status == 400 and seen.location is None and not seen.forms
    form = page.form("identifier", "password")
    filled = form.fields | {"identifier": user.name, "password": user.password}
    with recorded(client.tenant), unchanged(client.tenant, user):
        assert alice.post(form.action, filled).status in (400, 403)
    resumed = mallory.get(page.url)
    assert resumed.status == 200 and resumed.location is None
    assert "code" not in Redirect.read(mallory.get(
        authorization_url(client, PKCE.new(), prompt="none"))).parameters


def test_gh_028_two_tabs_do_not_cross(client: Client, user: User, tenant: Tenant) -> None:
    browser = Browser(tenant.instance)
    other = tenant.create_client("native", redirect_uris=["https://other.test/cb"])
    one, two = PKCE.new(), PKCE.new()
    first = begin(browser, client, one, state="s1", nonce="n1")
    second = begin(browser, other, two, state="s2", nonce="n2")
    for page, app, pkce, number in ((second, other, two, 2), (first, client, one, 1)):
        answer = Redirect.read(sign_in(browser, browser.get(page.url), user))
        assert (answer.uri, answer.parameters["state"]) == (app.redirect_uri, f"s{number}")
        given = redeem(app, answer.code, pkce).json()
        assert claims(given["id_token"])["nonce"] == f"n{number}"


@pytest.mark.parametrize("what", ["client", "tenant", "user"])
def test_gh_029_whatever_is_disabled_ends_the_flow_at_the_next_step(
    client: Client, user: User, browser: Browser, tenant: Tenant, what: str
) -> None:
    page = begin(browser, client)
    signed_in = Browser(tenant.instance)
    authorize(signed_in, client, user, PKCE.new())
    switch = {
        "client": lambda: client.update("--disable"),
        "tenant": lambda: tenant.instance.cli("tenant", "update", tenant.slug, "--disable"),
        "user": lambda: tenant.cli("user", "update", user.id, "--disable"),
    }[what]
    switch()
    answer = browser.submit(
        page, page.form("identifier"), identifier=user.name, password=user.password)
    assert answer.status in (400, 401) and answer.location is None
    again = signed_in.get(authorization_url(client, PKCE.new(), prompt="none"))
    if what == "user":
        redirected(again, client, ("login_required", "access_denied"))
    else:
        page400(again)
