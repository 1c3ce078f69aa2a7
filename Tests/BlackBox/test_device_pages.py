"""The pages on which a person lets a device in: what they show, what they refuse, and how often
codes may be tried. Attack cases 3.Q."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from browser import Browser, Page
from device import OFFLINE, Device, decide, device_client, enter, open_decision
from expect import j400
from harness import Client, Instance, Tenant, User
from protocol import sign_in, token
from visitor import kinds, set_limit
from watch import recorded

WRONG = "BBBB-BBBB"


@pytest.fixture
def tv(tenant: Tenant) -> Client:
    return device_client(tenant)


@pytest.fixture
def acme_tv(acme: Tenant) -> Client:
    return device_client(acme)


def from_address(address: str) -> dict[str, str]:
    return {"X-Forwarded-For": address}


def unknown(page: Page) -> None:
    """The one answer for a code that is wrong, expired or used."""
    assert page.status == 422 and page.location is None, f"{page.status} {page.words}"
    assert "That code does not work." in page.words


def without_tokens(page: Page, *typed: str) -> str:
    """A page without the token of its form and without what was typed."""
    text = re.sub(r'value="[A-Za-z0-9_-]{43}"', "…", page.text)
    for value in typed:
        text = text.replace(value, "CODE")
    return text


def test_gh_302_the_page_says_what_asks_for_what_and_where_it_began(
    acme: Tenant, alice: User
) -> None:
    tv = acme.create_client(
        "native", "--device-authorization", "--scope", "openid", "--scope", "email", "--scope",
        "offline_access", "--scope", "reports:read", name="Living-room TV")
    answer = token(
        tv, endpoint="device_authorization", headers=from_address("198.51.100.9"),
        scope="openid email offline_access reports:read")
    device, browser = Device(tv, answer.json()), Browser(acme.instance)
    page = open_decision(browser, device, alice)
    for words in (
        "Let this device in?", "Living-room TV", "on another device", "alice@example.com",
        "recognise your account", "see your e-mail address",
        "stay connected after you sign out here", "reports:read", "198.51.100.9",
        "another network than yours", "ago",
        "Only go on if you started this on a device in front of you.",
    ):
        assert words in page.words, words
    # Neither answer is easier to give: two buttons of one look, and none that Enter presses first
    # by being alone.
    buttons = re.findall(r"<button[^>]*>", page.text)
    assert len(buttons) == 2 and all('class="secondary"' in button for button in buttons)
    near = open_decision(Browser(acme.instance), Device.begin(tv, scope="openid"), alice)
    assert "the same network as yours" in near.words


def test_gh_302_the_complete_address_fills_in_the_code_and_no_more(
    tv: Client, user: User, tenant: Tenant
) -> None:
    device, browser = Device.begin(tv), Browser(tenant.instance)
    decide(Device.begin(tv), user, browser=browser)
    with recorded(tenant):
        page = browser.get(device.codes["verification_uri_complete"])
    assert page.status == 200 and page.location is None
    assert page.form("user_code").fields["user_code"] == device.user_code
    assert "Go on only if your device shows the same one." in page.words
    j400(device.poll(), "authorization_pending")
    # Nor does sending the code allow anything: it leads to the account, and then to the question.
    page = browser.follow(browser.submit(page, page.form("user_code")))
    assert "Choose an account" in page.words
    page = browser.follow(browser.submit(page, page.form("answer"), answer="continue"))
    assert "Let this device in?" in page.words
    j400(device.poll(), "slow_down")
    # Whatever else stands in the address is not shown.
    for value in ("<script>", "xyz", "WDJB-MJH0", "a" * 2_000, "%E2%80%8B" + device.user_code):
        page = browser.get(f"{tenant.issuer}/device?user_code={value}")
        assert page.form("user_code").fields["user_code"] == "", value


@pytest.mark.parametrize("spell", [
    str.lower, lambda code: code.replace("-", ""), lambda code: code.replace("-", " "),
    lambda code: " ".join(code), lambda code: f"  {code}- ", lambda code: "-".join(code),
])
def test_gh_310_small_letters_hyphens_and_spaces_do_not_matter(
    tv: Client, tenant: Tenant, spell: object
) -> None:
    device = Device.begin(tv)
    assert enter(Browser(tenant.instance), tenant, spell(device.user_code)).status == 303


def test_gh_310_nothing_else_is_taken_for_a_code(tv: Client, tenant: Tenant) -> None:
    set_limit(tenant, "user-code-network", 1_000)
    device, browser = Device.begin(tv), Browser(tenant.instance)
    code = device.user_code
    full_width = "".join(chr(ord(c) + 0xFEE0) if c.isalpha() else c for c in code)
    for typed in (
        full_width, code.replace("-", "–"), code.replace("-", "\u00ad"), code + "\u200b",
        code + "\u0301", code[:-1], code + code[0], code.replace("-", "_"), "0" + code[1:],
        code + "\t", f"{code}\u00a0", f"{code}' OR '1'='1", f"{code}%", "%" * 8, "________",
        "'; DROP TABLE device_authorization; --", "-" * 9, "a" * 5_000, "<script>alert(1)</script>",
        device.code,
    ):
        page = enter(browser, tenant, typed)
        unknown(page)
        assert "<script>" not in page.text
    assert enter(browser, tenant, code).status == 303


def test_a_wrong_code_looks_like_one_that_has_expired_or_was_used(
    own_instance: Instance,
) -> None:
    tenant = own_instance.create_tenant()
    tv, user = device_client(tenant), tenant.create_user()
    browser = Browser(own_instance)
    used, expired, gone = Device.begin(tv), Device.begin(tv), Device.begin(tv)
    foreign = Device.begin(device_client(own_instance.create_tenant()))
    decide(used, user)
    own_instance.database.execute("UPDATE device_authorization SET expires_at = created_at + 1")
    disabled = device_client(tenant)
    withdrawn = Device.begin(disabled)
    disabled.update("--disable")
    own_instance.database.execute(
        "DELETE FROM device_authorization WHERE id = ("
        f"SELECT max(id) FROM device_authorization WHERE client_id = '{tv.id}')")
    codes = [WRONG] + [d.user_code for d in (used, expired, gone, foreign, withdrawn)]
    pages = [enter(browser, tenant, code) for code in codes]
    for page in pages:
        unknown(page)
        assert without_tokens(page, *codes) == without_tokens(pages[0], *codes)


def test_gh_202_codes_cannot_be_guessed_without_end(
    acme: Tenant, acme_tv: Client, alice: User
) -> None:
    device, attacker = Device.begin(acme_tv), Browser(acme.instance)
    here = from_address("198.51.100.7")
    pages = [enter(attacker, acme, WRONG, here) for _ in range(35)]
    assert [page.status for page in pages] == [422] * 30 + [429] * 5
    # Not even the right one is looked at, in a new browser neither.
    page = enter(Browser(acme.instance), acme, device.user_code, here)
    assert page.status == 429 and "Too many codes were tried." in page.words
    assert 0 < int(page.headers["retry-after"]) <= 3600
    told = kinds(acme)
    assert told.count("limit.exceeded") == 1
    assert told.count("device_authorization.refused") == 30
    # Strangers of the same network do not use up what somebody has who is signed in.
    known = Browser(acme.instance)
    elsewhere = Device.begin(acme_tv)
    decide(elsewhere, alice, browser=known)
    assert enter(known, acme, device.user_code, here).status == 303
    # And somebody who is signed in wins nothing by signing in again.
    for _ in range(2):
        fresh = Browser(acme.instance)
        decide(Device.begin(acme_tv), alice, browser=fresh)
        for _ in range(5):
            assert enter(fresh, acme, WRONG, here).status == 422
    assert enter(fresh, acme, device.user_code, from_address("203.0.113.1")).status == 429


def test_gh_206_codes_at_once_are_counted_before_they_are_looked_up(
    acme: Tenant, acme_tv: Client
) -> None:
    set_limit(acme, "user-code-network", 8)
    browser = Browser(acme.instance)
    page = browser.get(f"{acme.issuer}/device")
    form = page.form("user_code", "csrf")
    with ThreadPoolExecutor(32) as pool:
        statuses = list(pool.map(
            lambda _: browser.clone().post(
                form.action, form.fields | {"user_code": WRONG}).status, range(32)))
    assert statuses.count(422) == 8 and statuses.count(429) == 24


def test_right_codes_use_nothing_up(acme: Tenant, acme_tv: Client) -> None:
    set_limit(acme, "user-code-network", 2)
    browser = Browser(acme.instance)
    for _ in range(5):
        assert enter(browser, acme, Device.begin(acme_tv).user_code).status == 303


def test_gh_026_the_decision_belongs_to_the_browser_and_its_form(
    tv: Client, user: User, tenant: Tenant
) -> None:
    mallory = tenant.create_user()
    device, browser, thief = Device.begin(tv), Browser(tenant.instance), Browser(tenant.instance)
    page = open_decision(browser, device, user)
    form = page.form("answer")
    decide(Device.begin(tv), mallory, browser=thief)
    with recorded(tenant):
        assert thief.get(page.url).status == 400
        assert thief.post(form.action, form.fields | {"answer": "allow"}).status == 400
        for changes in ({"csrf": ""}, {"csrf": "x"}, {"csrf": "A" * 43}):
            assert browser.post(
                form.action, form.fields | changes | {"answer": "allow"}).status == 403
        assert browser.post(
            form.action, form.fields | {"answer": "allow"}, site="cross-site",
            origin="https://evil.test").status in (400, 403)
        # Neither a look at the page nor another answer decides.
        assert browser.get(page.url).status == 200
        for answer in ("", "ALLOW", "continue", "yes"):
            assert browser.post(form.action, form.fields | {"answer": answer}).location == page.url
    j400(device.poll(), "authorization_pending")


def test_the_form_for_codes_belongs_to_the_browser(tv: Client, tenant: Tenant) -> None:
    device, browser = Device.begin(tv), Browser(tenant.instance)
    form = browser.get(f"{tenant.issuer}/device").form("user_code")
    code = {"user_code": device.user_code}
    for csrf in ("", "x", "A" * 43):
        assert browser.post(form.action, form.fields | code | {"csrf": csrf}).status == 403
    assert Browser(tenant.instance).post(form.action, form.fields | code).status == 403
    assert browser.post(
        form.action, form.fields | code, site="cross-site",
        origin="https://evil.test").status == 403
    assert browser.post(form.action, form.fields | code).status == 303


def test_gh_510_no_step_can_be_left_out_or_done_twice(
    tv: Client, user: User, tenant: Tenant
) -> None:
    device, browser = Device.begin(tv), Browser(tenant.instance)
    entered = enter(browser, tenant, device.user_code)
    decision = entered.location or ""
    # Nobody is signed in, so there is nothing to decide yet.
    assert "/sign-in/" in (browser.get(decision).location or "")
    page = browser.follow(browser.get(decision))
    form = page.form("identifier", "csrf")
    browser.post(decision, form.fields | {"answer": "allow"})
    j400(device.poll(), "authorization_pending")
    page = browser.follow(sign_in(browser, page, user))
    assert page.url == decision
    answer = page.form("answer")
    page = browser.follow(browser.submit(page, answer, answer="deny"))
    assert "You kept the device out" in page.words
    # The answer stands, whatever is sent afterwards and from wherever.
    with recorded(tenant):
        page = browser.follow(browser.post(answer.action, answer.fields | {"answer": "allow"}))
        assert "You kept the device out" in page.words
        assert browser.follow(browser.get(decision.replace("/device/", "/sign-in/"))).url == (
            decision)
    j400(device.poll(), "access_denied")
    unknown(enter(browser, tenant, device.user_code))


def test_two_who_opened_one_code_give_one_answer(tv: Client, user: User, tenant: Tenant) -> None:
    device, other = Device.begin(tv), tenant.create_user()
    mine, theirs = Browser(tenant.instance), Browser(tenant.instance)
    pages = open_decision(mine, device, user), open_decision(theirs, device, other)
    end = theirs.follow(theirs.submit(pages[1], pages[1].form("answer"), answer="allow"))
    assert "Your device is connected" in end.words
    end = mine.follow(mine.submit(pages[0], pages[0].form("answer"), answer="allow"))
    assert end.status == 410 and "This request is over" in end.words
    assert device.poll().status_code == 200
    assert kinds(tenant).count("grant.created") == 1


@pytest.mark.parametrize("what", [
    ("client", "--disable"), ("client", "--no-device-authorization"),
    ("client", "--scope", "email"), ("user", "--disable"),
])
def test_what_ends_while_the_person_thinks_has_ended(
    tv: Client, user: User, tenant: Tenant, what: tuple[str, ...]
) -> None:
    device, browser = Device.begin(tv, scope=OFFLINE), Browser(tenant.instance)
    page = open_decision(browser, device, user)
    form = page.form("answer")
    subject, *change = what
    tenant.cli(subject, "update", tv.id if subject == "client" else user.id, *change)
    with recorded(tenant, *(["device_authorization.refused"] if change[0] in (
            "--no-device-authorization", "--scope") else [])):
        page = browser.follow(browser.post(form.action, form.fields | {"answer": "allow"}))
    assert "Your device is connected" not in page.words
    assert not kinds(tenant).count("grant.created")


def test_a_person_may_create_their_account_on_the_way(open_tenant: Tenant) -> None:
    tv = device_client(open_tenant)
    device, browser = Device.begin(tv), Browser(open_tenant.instance)
    page = browser.follow(enter(browser, open_tenant, device.user_code))
    link = next(link for link in page.links if "/create-account/" in link)
    page = browser.get(link)
    assert "on another device" in page.words
    page = browser.follow(browser.submit(
        page, page.form("email", "password"), email="robin@example.org", name="Robin",
        password="teapot gravel unicorn 41"))
    assert "Let this device in?" in page.words and "robin@example.org" in page.words


def test_names_are_only_text(tenant: Tenant) -> None:
    name = "\"><script>alert(1)</script><b x='"
    tv = tenant.create_client("native", "--device-authorization", name=name)
    user = tenant.create_user(name="<img src=x onerror=alert(1)>")
    browser = Browser(tenant.instance)
    device = Device.begin(tv)
    pages = [browser.follow(enter(browser, tenant, device.user_code))]
    pages.append(open_decision(browser, device, user))
    pages.append(browser.follow(browser.submit(
        pages[1], pages[1].form("answer"), answer="allow")))
    for page in pages:
        assert page.status == 200
        assert "<script" not in page.text and "<img" not in page.text
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert name in pages[1].words.replace("  ", " ") or "alert(1)" in pages[1].words
