"""Every page and state of a page, light on a desk and dark on a phone: nothing that axe
finds fault with (WCAG 2.2 AA and its best practices), and nothing wider than the screen."""

from __future__ import annotations

from typing import Any

import httpx
from playwright.sync_api import Page, expect

from accessibility import ADA, KAY, LONG, Look, faults_of, look, page  # noqa: F401 - fixtures
from chromium import (  # noqa: F401 - fixtures
    Visit, app, chromium, create_account, shows, sign_in, trial, visit,
)
from portal import screens
from trial import (
    App, Trial, app_of, ask_elsewhere, begin_device, eventually, order_desk, payment_at, third_party)


def test_pages_of_the_demo_app(trial: Trial, page: Page, look: Look) -> None:
    page.goto(trial.demo)
    look(page, "welcome")
    page.get_by_role("link", name="mailbox").click()
    look(page, "mailbox")
    page.goto(f"{trial.demo}/nothing")
    look(page, "not found")
    page.goto(f"{trial.demo}/callback?code=a&state=b")
    look(page, "foreign answer")
    page.goto(f"{trial.demo}/sign-in?create=1")
    create_account(page, "robin@example.org", "teapot gravel unicorn 41", LONG)
    shows(page, f"Hello, {LONG}")
    for summary in page.locator("summary").all():
        summary.click()
    look(page, "signed in, with everything unfolded")
    page.get_by_role("button", name="Refresh tokens").click()
    look(page, "refreshed")
    page.get_by_role("button", name="Call the protected API").click()
    look(page, "answer of the API")


def test_pages_for_signing_in(trial: Trial, app: App, page: Page, look: Look) -> None:
    page.goto(app.authorization())
    shows(page, "Sign in")
    look(page, "sign in")
    sign_in(page, ADA, "not her password")
    look(page, "wrong password")
    page.get_by_role("link", name="Create account").click()
    look(page, "create account")
    page.locator("main form").evaluate("form => form.noValidate = true")
    create_account(page, "nonsense", "12345678", "x" * 101)
    look(page, "create account, every field wrong")
    create_account(page, ADA, "teapot gravel unicorn 41")
    look(page, "create account, address taken")
    page.get_by_role("link", name="sign in instead").click()
    sign_in(page, ADA, trial.users[ADA])
    shows(page, "Back at the app")
    page.go_back()
    shows(page, "This sign-in is finished")
    look(page, "sign-in finished")
    page.goto(app.authorization(prompt="login"))
    look(page, "confirm it is you")
    page.get_by_label("Password", exact=True).fill("not her password")
    page.get_by_role("button", name="Continue").click()
    look(page, "confirm it is you, wrong password")
    page.goto(app.authorization(max_age="0"))
    look(page, "signed in too long ago")
    page.goto(app.authorization(prompt="select_account"))
    look(page, "continue as")
    page.get_by_role("button", name="Use another account").click()
    look(page, "another account")


def test_pages_for_signing_out(trial: Trial, app: App, page: Page, look: Look) -> None:
    page.goto(app.authorization())
    sign_in(page, KAY, trial.users[KAY])
    shows(page, "Back at the app")
    page.goto(app.logout(client_id=app.client_id, post_logout_redirect_uri=f"{app.origin}/x"))
    look(page, "confirm sign-out")
    page.get_by_role("button", name="Stay signed in").click()
    look(page, "still signed in")
    page.goto(app.logout(client_id=app.client_id, post_logout_redirect_uri=f"{app.origin}/x"))
    page.get_by_role("button", name="Sign out").click()
    shows(page, "You are signed out")
    look(page, "signed out")


def test_pages_for_what_went_wrong(trial: Trial, app: App, page: Page, look: Look) -> None:
    page.goto(app.authorization(redirect_uri=app.redirect_uri + "/" + "very-long-path-" * 12))
    page.locator("summary").click()
    look(page, "unregistered address")
    page.goto(app.authorization(client_id="unknown"))
    look(page, "unknown app")
    page.goto(f"{trial.issuer}/sign-in/int_unknown")
    look(page, "this sign-in is over")
    trial.cli("tenant", "create", "acme", "--name", LONG)
    with app_of(trial, tenant="acme", name=LONG) as other:
        page.goto(other.authorization(login_hint=LONG))
        look(page, "long names")
        page.goto(page.url.replace("/sign-in/", "/create-account/"))
        look(page, "accounts are by invitation")
    page.goto(app.authorization())
    page.locator("input[name=csrf]").evaluate("field => field.value = 'forged'")
    sign_in(page, ADA, trial.users[ADA])
    look(page, "foreign form")


def test_pages_for_approvals(trial: Trial, visit: Visit, look: Look) -> None:
    page, other = visit(), visit()
    ask_elsewhere(trial, ADA, LONG, "openid", "email", "x" * 200, "offline_access")
    ask_elsewhere(trial, ADA)
    for each in (page, other):
        each.goto(f"{trial.issuer}/approvals")
        look(each, "nobody is signed in")
        each.get_by_role("button", name="Sign in").click()
        sign_in(each, ADA, trial.users[ADA])
        shows(each, "Requests from elsewhere")
    look(page, "two requests")
    page.get_by_role("button", name="Allow").first.click()
    page.get_by_text("You allowed it.").wait_for()
    look(page, "allowed")
    other.get_by_role("button", name="Allow").first.click()
    page.get_by_role("button", name="Deny").click()
    page.get_by_text("You denied it.").wait_for()
    look(page, "denied")
    other.get_by_text("This request is over.").wait_for()
    look(other, "over")


def test_pages_for_devices(trial: Trial, visit: Visit, look: Look) -> None:
    page, other = visit(), visit()
    page.goto(f"{trial.issuer}/device")
    look(page, "code")
    page.get_by_label("Code").fill("WDJB-MJHT")
    page.get_by_role("button", name="Continue").click()
    look(page, "wrong code")
    page.locator("main form").evaluate("form => form.noValidate = true")
    page.get_by_label("Code").fill("")
    page.get_by_role("button", name="Continue").click()
    look(page, "no code")
    device = begin_device(trial, LONG, "openid", "email", "x" * 200, "offline_access")
    page.goto(device["verification_uri_complete"])
    look(page, "code from a link")
    for each, user in ((page, ADA), (other, KAY)):
        each.goto(device["verification_uri_complete"])
        each.get_by_role("button", name="Continue").click()
        look(each, "signing in for a device")
        sign_in(each, user, trial.users[user])
        shows(each, "Let this device in?")
    look(page, "decision")
    page.get_by_role("button", name="Allow").click()
    shows(page, "Your device is connected")
    look(page, "connected")
    other.get_by_role("button", name="Allow").click()
    shows(other, "This request is over")
    look(other, "over")
    page.goto(begin_device(trial)["verification_uri_complete"])
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Continue as").click()
    page.get_by_role("button", name="Deny").click()
    shows(page, "You kept the device out")
    look(page, "kept out")
    trial.cli("tenant", "limit", "demo", "user-code-user", "--allow", "1")
    for _ in range(2):
        page.goto(f"{trial.issuer}/device")
        page.get_by_label("Code").fill("WDJB-MJHT")
        page.get_by_role("button", name="Continue").click()
    page.get_by_text("Too many codes were tried.").wait_for()
    look(page, "too many codes")


def test_a_device_is_let_in_by_keyboard_and_without_javascript(
    trial: Trial, visit: Visit
) -> None:
    page = visit(java_script_enabled=False)
    device = begin_device(trial)
    page.goto(f"{trial.issuer}/device")
    expect(page.get_by_label("Code")).to_be_focused()
    page.keyboard.type(device["user_code"])
    page.keyboard.press("Enter")
    shows(page, "Sign in")
    expect(page.get_by_label("E-mail or username")).to_be_focused()
    page.keyboard.type(ADA)
    page.keyboard.press("Tab")
    page.keyboard.type(trial.users[ADA])
    page.keyboard.press("Enter")
    shows(page, "Let this device in?")
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.locator("button:focus").count():
            break
    assert page.locator("button:focus").inner_text() == "Allow"
    page.keyboard.press("Tab")
    assert page.locator("button:focus").inner_text() == "Deny"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    shows(page, "Your device is connected")


EVERYTHING = "openid profile email offline_access orders:read orders:write"


def test_pages_for_what_an_app_may_do(trial: Trial, app: App, page: Page, look: Look) -> None:
    orders = order_desk(trial)
    plain = third_party(trial, app)
    partial = third_party(trial, app, "--partial-consent", name=LONG)
    page.goto(app.authorization(client_id=plain, scope="openid email"))
    sign_in(page, ADA, trial.users[ADA])
    shows(page, "Allow Herb Garden to use your account?")
    look(page, "consent")
    page.get_by_role("button", name="Allow").click()
    shows(page, "Back at the app")
    page.go_back()
    shows(page, "This sign-in is finished")
    page.goto(app.authorization(client_id=plain, scope=EVERYTHING, resource=orders))
    page.get_by_text("This is what is new.").wait_for()
    look(page, "consent to what is new")
    page.get_by_role("button", name="Deny").click()
    shows(page, "Back at the app")
    page.goto(app.authorization(client_id=partial, scope=EVERYTHING, resource=orders))
    shows(page, f"Allow {LONG} to use your account?")
    page.get_by_role("checkbox", name="Order for you").uncheck()
    look(page, "consent to some of it, with long names")
    payer = third_party(trial, app, "--authorization-details-type", "payment")
    page.goto(app.authorization(
        client_id=payer, scope="openid", resource=orders,
        authorization_details=payment_at(trial, orders)))
    page.get_by_text("Pay from your account").first.wait_for()
    look(page, "consent to a payment")


def test_pages_for_several_accounts(trial: Trial, app: App, page: Page, look: Look) -> None:
    trial.cli(
        "user", "create", "--tenant", "demo", "--username", "a-name." * 9, "--name", LONG,
        "--password-stdin", stdin="teapot gravel unicorn 41\n")
    people = trial.users | {"a-name." * 9: "teapot gravel unicorn 41"}
    for number, (name, password) in enumerate(people.items()):
        page.goto(app.authorization(prompt="login"))
        if number:
            page.get_by_role("button", name="Use another account").click()
            shows(page, "Sign in")
            if number == 1:
                look(page, "one more account")
        sign_in(page, name, password)
        shows(page, "Back at the app")
    page.goto(app.authorization(prompt="select_account"))
    shows(page, "Choose an account")
    look(page, "chooser")
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_role("button", name=f"Sign out of {LONG}").click()
    other.close()
    page.get_by_role("button", name=f"{LONG} a-name").click()
    page.get_by_text("was signed out meanwhile").wait_for()
    look(page, "chooser, stale")
    page.goto(app.logout())
    look(page, "confirm sign-out of all")
    page.get_by_role("button", name="Stay signed in").click()
    shows(page, "You are still signed in")


def test_an_account_and_the_answer_are_chosen_by_keyboard_and_without_javascript(
    trial: Trial, app: App, visit: Visit
) -> None:
    page = visit(java_script_enabled=False)
    for name in (ADA, KAY):
        page.goto(app.authorization(prompt="login"))
        if name == KAY:
            page.get_by_role("button", name="Use another account").click()
        sign_in(page, name, trial.users[name])
        shows(page, "Back at the app")
    client = third_party(trial, app, "--partial-consent")
    page.goto(app.authorization(
        client_id=client, prompt="select_account", scope="openid email profile"))
    shows(page, "Choose an account")
    press_tab_until(page, "button", "ada@example.com")
    page.keyboard.press("Enter")
    shows(page, "Allow Herb Garden to use your account?")
    press_tab_until(page, "input", "")
    page.keyboard.press("Space")
    press_tab_until(page, "button", "Allow")
    page.keyboard.press("Enter")
    shows(page, "Back at the app")
    row, = trial.cli("consent", "list", "--tenant", "demo", "--user", ADA)
    assert row["allowed"] == [{"resource": None, "scope": "openid profile"}]


def press_tab_until(page: Page, element: str, words: str) -> None:
    for _ in range(30):
        page.keyboard.press("Tab")
        found = page.locator(f"{element}:focus")
        if found.count() and (not words or words in found.inner_text()):
            return
    raise AssertionError(f"The keyboard does not come to {words}.")


def test_pages_of_the_administration(trial: Trial, page: Page, look: Look) -> None:
    page.goto(f"{trial.url}/admin")
    look(page, "not signed in")
    page.goto(trial.admin_link)
    look(page, "admin link")
    trial.cli("tenant", "create", "a" * 63, "--name", LONG)
    page.get_by_role("button", name="Open the administration").click()
    shows(page, "Tenants")
    look(page, "tenants")
    page.goto(f"{trial.url}/admin/tenants/{'a' * 63}")
    look(page, "overview of a new tenant")
    page.goto(f"{trial.url}/admin/tenants/demo")
    page.locator("summary").first.click()
    look(page, "overview, with its table")
    page.goto(f"{trial.url}/admin/tenants/demo/clients/new?kind=web")
    page.locator("main summary").click()
    look(page, "wizard, with everything unfolded")
    page.get_by_label("Name").first.fill(LONG)
    page.get_by_label("Redirect URIs").first.fill("https://app.example.com/#x")
    page.locator("main form").evaluate("form => form.noValidate = true")
    page.get_by_role("button", name="Register").click()
    look(page, "wizard, wrong address")
    page.get_by_label("Redirect URIs").first.fill("https://app.example.com/callback")
    page.get_by_role("button", name="Register").click()
    shows(page, f"Registered: {LONG}")
    look(page, "registered")
    page.get_by_role("link", name="I saved it").click()
    page.locator("summary").first.click()
    look(page, "connect")
    page.goto(f"{trial.url}/admin/tenants/demo/events?live=1")
    look(page, "audit, watched")
    page.goto(f"{trial.url}/admin/tenants/demo/users/nobody")
    look(page, "no such thing")
    page.goto(trial.admin_link)
    look(page, "admin link, used")
    page.goto(f"{trial.url}/api/v1/docs")
    page.locator("summary").nth(10).click()
    look(page, "admin API")


def test_every_page_of_the_portal(trial: Trial, page: Page) -> None:
    """Each on a phone in the dark; the look at the most used ones is above."""
    named = named_in_the_portal(trial)
    page.goto(trial.cli("admin", "link")["url"])
    page.get_by_role("button", name="Open the administration").click()
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    faults, seen = [], 0
    for screen in screens():
        answer = page.goto(trial.url + screen.at(named | named.get(screen.path, {})))
        assert answer
        if answer.status == 200:
            seen += 1
            faults += [f"{screen.path}: {fault}" for fault in faults_of(page)]
    assert not faults, "\n".join(faults)
    assert seen > 80


def named_in_the_portal(trial: Trial) -> dict[str, Any]:
    """One of each kind at the demo tenant, by the names in the paths."""
    def demo(*arguments: str) -> Any:
        return trial.cli(*arguments, "--tenant", "demo")

    client = demo("client", "list")[0]["client_id"]
    httpx.get(f"{trial.issuer}/oauth2/authorize", params={"client_id": client})
    eventually(lambda: demo("refused", "list"), "What was refused is kept.")
    organization = demo("organization", "create", "portal-org", "--name", LONG, "--owner", ADA)
    demo("organization", "role", "create", "portal-role", "--scope", "a:b")
    demo("organization", "group", "create", organization["id"], "portal-group")
    demo("organization", "invite", "guest@example.com", "--organization", organization["id"])
    resource = demo("resource", "create", "--identifier", "https://portal.test", "--name", LONG)
    key = demo("api-key", "create", "--name", LONG, "--user", ADA, "--resource",
               "https://portal.test")
    person = trial.cli("admin", "person", "set", "--email", "p@example.com", "--role", "viewer")
    demo("domain", "add", "portal.example.test")
    return {
        "tenant": "demo", "client": client, "user": demo("user", "show", ADA)["id"],
        "organization": organization["id"], "role": "portal-role", "group": "portal-group",
        "resource": resource["id"], "key": demo("key", "list")[0]["kid"],
        "limit": "password-name", "incident": demo("refused", "list")[0]["incident"],
        "person": person["id"], "host": "portal.example.test",
        "/admin/tenants/{tenant}/api-keys/{key}/delete": {"key": key["id"]},
    }


def test_faults_are_seen(trial: Trial, page: Page) -> None:
    """A check that never fails proves nothing."""
    page.goto(trial.demo)
    assert not faults_of(page)
    for damage, fault in (
        ("document.querySelector('.lede').style = 'color: #999; background: #fff'",
         "color-contrast"),
        ("document.documentElement.removeAttribute('lang')", "html-has-lang"),
        ("document.querySelector('h1').style = 'width: 3000px'", "px wider than the screen"),
        ("document.querySelector('a.button').style = 'height: 9px; padding: 0; min-height: 0; "
         "display: block; overflow: hidden'", "smaller than 24 px"),
    ):
        page.reload()
        page.evaluate(damage)
        assert any(fault in found for found in faults_of(page)), fault
