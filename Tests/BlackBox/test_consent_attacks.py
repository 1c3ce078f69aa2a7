"""What nobody can do to the page that asks for consent, and to its answers: attack cases 3.A, 3.J
and 3.Y."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from browser import Browser
from consent import ORDERS, allowed, asked, consents, other  # noqa: F401 - fixtures
from expect import redirected
from harness import Client, Tenant, User
from protocol import PKCE, Redirect, allow, asks_consent, begin, claims, redeem
from watch import recorded, unchanged


def test_gh_025_nothing_in_the_form_changes_what_is_granted(
    other: Client, user: User, browser: Browser, tenant: Tenant
) -> None:
    pkce, another = PKCE.new(), tenant.create_client("web", redirect_uris=["https://x.test/cb"])
    page = asked(other, user, browser, pkce, scope="openid")
    answer = Redirect.read(allow(
        browser, page, scope=["openid", "email", "offline_access"], client_id=another.id,
        redirect_uri="https://x.test/cb", user=another.id, allowed="openid email", state="x"))
    assert (answer.uri, answer.parameters["state"]) == (other.redirect_uri, "st-4711")
    given = redeem(other, answer.code, pkce).json()
    assert given["scope"] == "openid" and "refresh_token" not in given
    assert allowed(consents(tenant)[0]) == {None: "openid"}


def test_gh_025_a_form_of_another_question_allows_nothing(
    other: Client, user: User, browser: Browser, tenant: Tenant
) -> None:
    """Another transaction of the same browser, another scope, another account, another browser."""
    narrow = asked(other, user, browser, scope="openid")
    wide = asked(other, user, browser, scope="openid email offline_access")
    mallory = Browser(tenant.instance)
    hers = asked(other, tenant.create_user(), mallory, scope="openid")
    target = wide.form("answer")
    with recorded(tenant), unchanged(tenant, user):
        for form in (narrow.form("answer"), hers.form("answer")):
            crossed = browser.post(target.action, form.fields | {"answer": "allow"})
            assert crossed.status == 403 and crossed.location is None
        # The token of this form with the question of the other one leads back to the page.
        mixed = target.fields | {
            "question": narrow.form("answer").fields["question"], "answer": "allow"}
        for fields in (mixed, mixed | {"question": ""}, mixed | {"question": "A" * 43},
                       target.fields, target.fields | {"answer": "yes"}):
            page = browser.follow(browser.post(target.action, fields))
            assert asks_consent(page) and page.url == wide.url
        page = mallory.post(target.action, target.fields | {"answer": "allow"})
        assert page.status in (400, 403) and page.location is None
        assert mallory.get(wide.url).status == 400


def test_gh_026_and_176_the_question_belongs_to_the_browser_and_its_form(
    other: Client, user: User, browser: Browser, tenant: Tenant
) -> None:
    page = asked(other, user, browser, scope="openid")
    form = page.form("answer")
    allowed = form.fields | {"answer": "allow"}
    browser.knows_same_site = False
    with recorded(tenant), unchanged(tenant, user):
        for fields, site, origin in (
            (allowed, "cross-site", "https://evil.test"), (allowed, "same-site", "null"),
            (allowed | {"csrf": ""}, "same-origin", "null"),
            (allowed | {"csrf": "A" * 43}, "same-origin", "null"),
        ):
            answer = browser.post(form.action, fields, site=site, origin=origin)
            assert answer.status == 403 and answer.location is None
        for stranger in (Browser(tenant.instance), Browser(tenant.instance)):
            assert stranger.get(page.url, site="cross-site").status == 400
            assert stranger.post(form.action, allowed).status in (400, 403)
        # The address bar and a head change nothing.
        assert asks_consent(browser.get(f"{page.url}?answer=allow"))
    assert Redirect.read(browser.post(form.action, allowed)).code


def test_gh_025_a_page_that_was_put_to_another_account_allows_nothing(
    other: Client, user: User, browser: Browser, tenant: Tenant
) -> None:
    """Two tabs: in the second one somebody else signs in to the same transaction."""
    second, pkce = tenant.create_user(), PKCE.new()
    stale = asked(other, user, browser, pkce, scope="openid")
    page = browser.get(stale.url.replace("/consent/", "/sign-in/") + "?account=other")
    page = browser.follow(browser.submit(
        page, page.form("identifier", "password"), identifier=second.name,
        password=second.password))
    assert asks_consent(page) and second.name in page.words and user.name not in page.words
    with recorded(tenant):
        back = browser.follow(browser.submit(stale, stale.form("answer"), answer="allow"))
    assert asks_consent(back) and second.name in back.words
    answer = Redirect.read(allow(browser, back))
    assert claims(redeem(other, answer.code, pkce).json()["id_token"])["sub"] == second.id
    assert [row["user"] for row in consents(tenant)] == [second.id]


def test_gh_510_no_step_can_be_left_out(
    other: Client, user: User, browser: Browser, tenant: Tenant
) -> None:
    signing_in = begin(browser, other, scope="openid")
    consent = signing_in.url.replace("/sign-in/", "/consent/")
    csrf = signing_in.form("csrf").fields["csrf"]
    # Nobody is signed in: the page leads back, and its form does nothing.
    assert browser.follow(browser.get(consent)).form("identifier")
    with recorded(tenant):
        for question in ("", csrf):
            page = browser.follow(browser.post(
                consent, {"csrf": csrf, "question": question, "answer": "allow"}))
            assert page.form("identifier")
    page = browser.follow(browser.submit(
        signing_in, signing_in.form("password"), identifier=user.name, password=user.password))
    assert asks_consent(page)
    # Being signed in is not being asked: neither page of the interaction yields a code.
    for url in (signing_in.url, consent, page.url):
        assert asks_consent(browser.follow(browser.get(url)))
    form = signing_in.form("csrf").fields
    for answer in ("continue", "another_account", "deny"):
        page = browser.follow(browser.post(signing_in.url, form | {"answer": answer}))
        assert page.location is None
    assert tenant.instance.database.rows(
        f"SELECT id FROM authorization_grant WHERE tenant_id = '{tenant.id}'") == []


@pytest.mark.parametrize("what", ["user", "client", "session", "scope"])
def test_gh_029_and_509_what_ended_on_the_way_counts(
    other: Client, user: User, browser: Browser, tenant: Tenant, what: str
) -> None:
    page = asked(other, user, browser, scope="openid email")
    match what:
        case "user":
            tenant.cli("user", "update", user.id, "--disable")
        case "client":
            other.update("--disable")
        case "session":
            left = browser.get(tenant.endpoint("end_session"))
            browser.submit(left, left.form("answer"), answer="sign_out")
        case "scope":
            other.update("--scope", "openid")
    answer = browser.follow(browser.submit(page, page.form("answer"), answer="allow"))
    if what == "scope":
        redirected(answer, other, "access_denied")
    else:
        assert answer.location is None, "Somebody has to sign in, or the page is over."
    assert consents(tenant) == []


def test_gh_513_a_double_click_allows_once(
    other: Client, user: User, browser: Browser, tenant: Tenant
) -> None:
    for _ in range(3):
        page = asked(other, user, browser, scope="openid email", prompt="consent")
        form = page.form("answer")
        with ThreadPoolExecutor(8) as pool:
            answers = [Redirect.read(answer) for answer in pool.map(
                lambda _: browser.post(form.action, form.fields | {"answer": "allow"}), range(8))]
        assert all(answer.code for answer in answers)
        # Later ones repeat what was said.
        assert Redirect.read(browser.submit(page, form, answer="allow")).code
        assert "finished" in browser.follow(browser.submit(page, form, answer="deny")).words
        assert "This sign-in is finished" in browser.follow(browser.get(page.url)).words
    events = [event["kind"] for event in tenant.instance.events(tenant)]
    assert events.count("consent.given") == 3
    assert len(consents(tenant)) == 1


def test_gh_458_yes_and_no_at_once_is_one_of_both(
    other: Client, user: User, browser: Browser, tenant: Tenant
) -> None:
    for _ in range(4):
        page = asked(other, user, browser, scope="openid", prompt="consent")
        form = page.form("answer")
        before = len(tenant.instance.events(tenant))
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(
                lambda n: browser.post(
                    form.action, form.fields | {"answer": "allow" if n % 2 else "deny"}),
                range(8)))
        kinds = [event["kind"] for event in tenant.instance.events(tenant)][before:]
        decisions = [kind for kind in kinds if kind.startswith("consent.")]
        assert len(decisions) == 1
        codes = [a for a in answers if "code=" in (a.location or "")]
        assert bool(codes) == (decisions == ["consent.given"])
        assert kinds.count("grant.created") == len(codes)


def test_gh_415_and_419_names_cannot_disguise_the_page(
    user: User, browser: Browser, tenant: Tenant
) -> None:
    name = '"><script>alert(1)</script>\u202e<b>'
    tenant.cli(
        "resource", "create", "--identifier", ORDERS, "--name", "<img src=x>",
        "--scope", "orders:read=<script>alert(2)</script>")
    made = tenant.cli(
        "client", "create", "--name", "Herbs <script>alert(1)</script>", "--type", "web",
        "--party", "third", "--redirect-uri", "https://rp.test/cb", "--scope", "openid",
        "--scope", "orders:read")
    other = Client(tenant, made["client_id"], made["client_secret"], "web", "https://rp.test/cb",
                   "client_secret_basic")
    page = asked(other, user, browser, scope="openid orders:read", resource=ORDERS,
                 login_hint=name)
    assert "<script" not in page.text and "<img" not in page.text
    assert "<bdi>Herbs &lt;script&gt;" in page.text
