"""Sessions, accounts and passwords: attack cases 3.J. Foreign forms: see test_form_tokens.py."""

from __future__ import annotations

import base64
import re
import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest

from browser import Browser, Form, Page
from expect import redirected
from harness import Client, CommandFailed, Instance, Tenant, User
from protocol import (
    PKCE, Redirect, authorization_url, authorize, begin, claims, redeem, tokens)
from watch import recorded, unchanged


def attempt(browser: Browser, client: Client, name: str, password: str) -> Page:
    """One try on a fresh page."""
    page = begin(browser, client)
    return browser.submit(
        page, page.form("identifier", "password"), identifier=name, password=password)


def comparable(page: Page, *names: str) -> str:
    """A page without what must differ: ids, tokens and what was typed."""
    text = page.text
    for name in names:
        text = text.replace(name, "NAME")
    return re.sub(r"int_[0-9a-z]{26}|value=\"[A-Za-z0-9_-]{43}\"|[0-9a-f]{32}", "…", text)


# Sessions


@pytest.mark.conformance("oidcc-server", "secrets")
def test_gh_178_what_is_handed_out_is_random_and_never_the_same(
    client: Client, user: User, instance: Instance
) -> None:
    seen: list[str] = []
    shape = re.compile(r"[a-z]{2,3}_([A-Za-z0-9_-]{43})")

    def once(_: int) -> list[str]:
        browser = Browser(instance)
        given = tokens(client, user, browser, scope="openid offline_access")
        code = authorize(browser, client, user, PKCE.new()).code
        cookies = [browser.cookie("session"), browser.cookie("browser")]
        return [given["refresh_token"], code, *[c for c in cookies if c]]

    with ThreadPoolExecutor(2) as pool:
        for values in pool.map(once, range(10)):
            assert len(values) == 4
            seen += values
    bodies = [match[1] for match in map(shape.fullmatch, seen) if match]
    assert len(bodies) == len(seen) == len(set(bodies))
    for position in range(42):
        assert len({body[position] for body in bodies}) > 8, "Something has a structure."
    # The cookie of a browser costs nothing to ask for, so many are looked at.
    url = authorization_url(client, PKCE.new())
    cookies = [
        instance.http.get(url, headers={"Cookie": "x=1"}).headers.get_list("set-cookie")[0]
        for _ in range(400)]
    many = [cookie.partition("=")[2].partition(";")[0].removeprefix("brw_") for cookie in cookies]
    assert len(many) == len(set(many)) == 400
    whole = [base64.urlsafe_b64decode(body + "=") for body in many]
    assert {len(value) for value in whole} == {32}, "A secret has 256 bits."
    for bit in range(256):
        ones = sum(value[bit // 8] >> bit % 8 & 1 for value in whole)
        # Seven standard deviations of a fair coin: a sound generator never meets this.
        assert 130 < ones < 270, f"Bit {bit} is set {ones} times of 400."


def test_gh_179_other_secrets_are_no_session(
    client: Client, user: User, browser: Browser
) -> None:
    page = begin(browser, client)
    name = f"__Host-gatehouse-session-{client.tenant.slug}"
    csrf = page.form("csrf").fields["csrf"]
    transaction = page.url.rpartition("/")[2]
    known = browser.cookie("browser") or ""
    code = authorize(Browser(browser.instance), client, user, PKCE.new()).code
    for value in (known, known.replace("brw_", "ses_"), csrf, "ses_" + csrf, transaction,
                  code, code.replace("ac_", "ses_"), "ses_" + "A" * 43, ""):
        browser.cookies[name] = value
        page = browser.get(authorization_url(client, PKCE.new(), prompt="none"))
        redirected(page, client, "login_required")


def test_a_session_gets_a_new_secret_with_each_sign_in(
    client: Client, user: User, browser: Browser
) -> None:
    authorize(browser, client, user, PKCE.new())
    before = browser.clone()
    authorize(browser, client, user, PKCE.new(), prompt="login")
    assert browser.cookie("session") != before.cookie("session")
    assert authorize(before, client, None, PKCE.new(), prompt="none").error == "login_required"


def test_a_planted_session_is_not_taken_over(
    client: Client, user: User, instance: Instance, tenant: Tenant
) -> None:
    mallory, alice = Browser(instance), Browser(instance)
    attacker = tenant.create_user()
    authorize(mallory, client, attacker, PKCE.new())
    alice.cookies = dict(mallory.cookies)
    pkce = PKCE.new()
    page = begin(alice, client, pkce, prompt="login")
    page = alice.follow(alice.submit(page, page.form("answer"), answer="another_account"))
    answer = alice.submit(page, page.form("identifier", "password"), identifier=user.name,
                          password=user.password)
    assert claims(redeem(client, Redirect.read(answer).code, pkce).json()["id_token"])[
        "sub"] == user.id
    assert authorize(mallory, client, None, PKCE.new(), prompt="none").error == "login_required"


@pytest.mark.parametrize(("hours", "is_over"), [(14 * 24 - 1, False), (14 * 24 + 1, True)])
def test_gh_193_a_session_ends_after_two_weeks_however_much_it_is_used(
    own_instance: Instance, hours: int, is_over: bool
) -> None:
    tenant = own_instance.create_tenant()
    client, user, browser = tenant.create_client(), tenant.create_user(), Browser(own_instance)
    authorize(browser, client, user, PKCE.new())
    own_instance.stop()
    # It began so long ago, and was used a moment ago.
    changes = ", ".join(f"{name} = {name} - {hours * 3_600_000}" for name in (
        "created_at", "authenticated_at", "expires_at"))
    own_instance.database.execute(f"UPDATE browser_session SET {changes}")
    own_instance.start()
    answer = authorize(browser, client, None, PKCE.new(), prompt="none")
    assert (answer.error == "login_required") is is_over
    # The cookie is not what decides: nothing about it has changed.
    assert browser.cookie("session")


def test_cookies_of_tenants_do_not_meet(instance: Instance) -> None:
    one, two, browser = instance.create_tenant(), instance.create_tenant(), Browser(instance)
    first, second = one.create_client(), two.create_client()
    authorize(browser, first, one.create_user(), PKCE.new())
    assert authorize(browser, second, None, PKCE.new(), prompt="none").error == "login_required"
    value = browser.cookie(f"session-{one.slug}") or ""
    browser.cookies[f"__Host-gatehouse-session-{two.slug}"] = value
    assert authorize(browser, second, None, PKCE.new(), prompt="none").error == "login_required"


def test_gh_442_a_cookie_that_comes_twice_is_none(
    client: Client, user: User, browser: Browser
) -> None:
    authorize(browser, client, user, PKCE.new())
    name = f"__Host-gatehouse-session-{client.tenant.slug}"
    value = browser.cookie("session")
    url = authorization_url(client, PKCE.new(), prompt="none")
    for cookies in (f"{name}={value}; {name}=x", f"{name}=x; {name}={value}", f"{name}=\"{value}\"",
                    f"{name.lower()}={value}", f"gatehouse-session={value}",
                    f"{name}={value}; " + "; ".join(f"c{n}=x" for n in range(200)),
                    f"{name}={value}; x={'y' * 9000}"):
        page = browser.send("GET", url, {"Cookie": cookies})
        assert page.status in (303, 431)
        if page.status == 303:
            redirected(page, client, "login_required")


# Who exists


def test_gh_181_known_and_unknown_names_get_the_same_answer(
    client: Client, tenant: Tenant, instance: Instance
) -> None:
    known, gone = tenant.create_user(), tenant.create_user()
    tenant.cli("user", "update", gone.id, "--disable")
    tenant.cli("user", "create", "--email", "nopassword@example.com")
    names = [known.name, "nobody@example.com", gone.name, "nopassword@example.com", "nobody",
             "not a name at all"]
    failures = ["session.sign_in_failed"] * (len(names) + 1)
    with recorded(tenant, *failures, actor="anonymous") as added, unchanged(tenant, known, gone):
        pages = [attempt(Browser(instance), client, name, "wrong horse battery") for name in names]
        pages.append(attempt(Browser(instance), client, gone.name, gone.password))
    names.append(gone.name)
    assert not any(name in str(added) for name in names if "@" in name), "An address is recorded."
    for name, page in zip(names, pages):
        assert page.status == 401 and "set-cookie" not in page.headers
        assert comparable(page, name) == comparable(pages[0], names[0])
        assert set(page.headers) == set(pages[0].headers)


def test_gh_181_a_login_hint_tells_nothing(client: Client, user: User, instance: Instance) -> None:
    pages = [begin(Browser(instance), client, login_hint=name)
             for name in (user.name, "nobody@example.com")]
    assert comparable(pages[0], user.name) == comparable(pages[1], "nobody@example.com")


def test_gh_181_creating_an_account_that_exists_and_one_that_is_refused(
    open_tenant: Tenant,
) -> None:
    taken = open_tenant.create_user()
    client = open_tenant.create_client()
    with unchanged(open_tenant, taken), recorded(open_tenant):
        page, answer = create(open_tenant, client, taken.name, "an unlikely herring 72")
    assert answer.status == 422 and taken.id not in answer.text
    assert page.text != answer.text and "exist" not in answer.words


def create(
    tenant: Tenant, client: Client, email: str, password: str, name: str = ""
) -> tuple[Page, Page]:
    browser = Browser(tenant.instance)
    page = begin(browser, client, prompt="create")
    form = page.form("email", "password")
    return page, browser.submit(page, form, email=email, password=password, name=name)


def test_gh_187_a_username_never_looks_like_an_address(tenant: Tenant, client: Client) -> None:
    bob = tenant.create_user("bob@example.com", username="bob")
    for arguments in (["--username", "bob@example.com"], ["--username", "BOB"],
                      ["--email", "BOB@example.com"], ["--email", " bob@EXAMPLE.com "]):
        with pytest.raises(CommandFailed) as failure:
            tenant.cli("user", "create", *arguments)
        assert failure.value.code in (2, 4)
    mallory = tenant.create_user("mallory@example.com", username="mallory")
    for arguments in (["--username", "bob@example.com"], ["--username", "Bob"],
                      ["--email", "Bob@Example.com"], ["--username", "b\u043eb"],
                      ["--username", "bob\u200b"], ["--username", " bob"]):
        with recorded(tenant), unchanged(tenant, bob, mallory):
            with pytest.raises(CommandFailed):
                tenant.cli("user", "update", mallory.id, *arguments)
    for name in ("bob@example.com", "bob", "Bob", "BOB@Example.COM", " bob "):
        answer = attempt(Browser(tenant.instance), client, name, bob.password)
        assert Redirect.read(answer).code, name


# Passwords


GOOD_PASSWORDS = [
    "kq7xv#pz", "fence otter plum vow", "ööö kestrel umbra 5" + "🦊" * 20, "vow plum otter " * 17,
    "  two spaces around quill  ",
]
BAD_PASSWORDS = [
    "kq7xv#p", "quill " * 60, "a" * 2000, "        ", "password", "12345678", "qwertyuiop",
    "aaaaaaaaaaaa", "letmein123", "abcdefgh", "iloveyou", "", "🦊" * 7,
]


def test_gh_188_passwords(open_tenant: Tenant) -> None:
    # Issue 2 decides for 8 to 256 code points where the catalogue says 15.
    client, instance = open_tenant.create_client(), open_tenant.instance
    for number, password in enumerate(GOOD_PASSWORDS):
        name = f"new{number}@example.com"
        _, answer = create(open_tenant, client, name, password)
        assert answer.status == 303, f"{password!r}: {answer.words}"
        assert Redirect.read(attempt(Browser(instance), client, name, password)).code
        for wrong in (password[:-1], password + "x", password.upper()):
            assert attempt(Browser(instance), client, name, wrong).status == 401
    for password in BAD_PASSWORDS:
        _, answer = create(open_tenant, client, "newest@example.com", password)
        assert answer.status == 422, f"{password!r} is taken"
        assert answer.form("password").fields["password"] == ""


def test_gh_188_a_password_made_of_the_name_is_refused(open_tenant: Tenant) -> None:
    client = open_tenant.create_client()
    open_tenant.instance.cli("tenant", "update", open_tenant.slug, "--name", "Brambleworth")
    for password in ("keandraperkins", "keandra.perkins@example.com", "brambleworth"):
        _, answer = create(
            open_tenant, client, "keandra.perkins@example.com", password, "Keandra Perkins")
        assert answer.status == 422


def test_gh_092_passwords_count_to_their_last_byte_in_every_normal_form(
    tenant: Tenant, client: Client
) -> None:
    long = "Violoncello é " + "t4Mz" * 40
    user = tenant.create_user(password=long)
    assert attempt(
        Browser(tenant.instance), client, user.name, long[:-1] + "!").status == 401
    assert attempt(Browser(tenant.instance), client, user.name, long[:72]).status == 401
    for form in ("NFC", "NFD"):
        answer = attempt(
            Browser(tenant.instance), client, user.name, unicodedata.normalize(form, long))
        assert Redirect.read(answer).code


def test_gh_190_huge_passwords_are_refused_before_hashing(
    client: Client, user: User, browser: Browser, tenant: Tenant
) -> None:
    page = begin(browser, client)
    form = page.form("identifier")

    def send(length: int) -> int:
        filled = form.fields | {"identifier": user.name, "password": "x" * length}
        return browser.post(form.action, filled).status

    with ThreadPoolExecutor(16) as pool:
        statuses = set(pool.map(send, [1_000_000] * 40))
    assert statuses <= {400, 413}
    assert send(2_000) == 401
    # The bounded pool that hashes passwords still has room for an honest one.
    assert Redirect.read(browser.submit(
        page, form, identifier=user.name, password=user.password)).code


def test_gh_191_pages_of_someone_signed_in_are_not_stored(
    client: Client, user: User, browser: Browser
) -> None:
    tokens(client, user, browser)
    for page in (begin(browser, client, prompt="select_account"),
                 browser.get(client.tenant.endpoint("end_session")),
                 browser.get(f"{client.tenant.issuer}/signed-out")):
        assert page.headers["cache-control"] == "no-store"


def test_gh_196_forwarded_addresses_of_strangers_are_ignored(
    client: Client, user: User, browser: Browser
) -> None:
    for value in ("a", "", "fe80::1%eth0", "1.2.3.4," * 500, "٣.٣.٣.٣", "-1"):
        answer = browser.instance.http.get(
            authorization_url(client, PKCE.new()), headers={"X-Forwarded-For": value.encode()})
        assert answer.status_code == 303
    page = begin(browser, client)
    browser.post(page.form("identifier").action,
                 page.form("identifier").fields | {
                     "identifier": user.name, "password": user.password},
                 headers={"X-Forwarded-For": "203.0.113.7"})
    addresses = client.tenant.instance.database.rows(
        f"SELECT DISTINCT address FROM event WHERE tenant_id = '{client.tenant.id}' "
        "AND address IS NOT NULL")
    assert addresses == [{"address": "127.0.0.1"}]


def test_gh_199_registration_that_is_switched_off_stays_off(
    client: Client, browser: Browser, tenant: Tenant
) -> None:
    page = begin(browser, client, prompt="create")
    assert "create-account" not in page.text
    form: Form = page.form("identifier")
    url = page.url.replace("/sign-in/", "/create-account/")
    assert browser.get(url).status == 403
    fields = form.fields | {"email": "new@example.com", "password": "an unlikely herring 72"}
    with recorded(tenant):
        assert browser.post(url, fields).status == 403
        for variant in (f"{url}/", f"{url}?registration=open",
                        url.replace("create-account", "register"),
                        url.replace("/create-account/", "/create-account//"),
                        url.replace("create-account", "Create-Account"),
                        url.replace("create-account", "create%2daccount")):
            assert browser.post(variant, fields).status in (400, 403, 404), variant
        # The form of one page sent to the other makes nobody, either.
        answer = browser.post(page.url, fields | {"prompt": "create", "registration": "open"})
        assert answer.location is None
    assert tenant.cli("user", "list") == []
    # Also where it is switched off while the page is open.
    tenant.instance.cli("tenant", "update", tenant.slug, "--registration", "open")
    page = begin(browser, client, prompt="create")
    tenant.instance.cli("tenant", "update", tenant.slug, "--registration", "closed")
    answer = browser.submit(
        page, page.form("email"), email="new@example.com", password="an unlikely herring 72")
    assert answer.status == 403 and tenant.cli("user", "list") == []
