"""What someone sees who tries Gatehouse for the first time: `gatehouse try` and its demo app."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from chromium import (  # noqa: F401 - fixtures
    Visit, chromium, create_account, fill_sign_in, shows, sign_in, trial, visit,
)
from command import gatehouse, refused
from harness import BINARY, free_port
from trial import Trial, app_of, clean_environment, eventually

PASSWORD = "teapot gravel unicorn 41"

javascript = pytest.mark.parametrize("javascript", [True, False], ids=["js", "no-js"])


def tokens(page: Page) -> list[str]:
    """The ID token and the access token that the demo shows, as they were sent."""
    shown = page.locator("details .token code").all_text_contents()
    assert len(shown) == 2 and all(token.count(".") == 2 for token in shown)
    return shown


def claim(page: Page, token: str, name: str) -> str:
    table = page.get_by_role("table", name=f"Claims of the {token}")
    row = table.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name, exact=True))
    return row.locator("td code").first.text_content()


def use_everything(page: Page) -> None:
    """Refreshes, calls the API and signs out, and looks at what each really did."""
    before, first_id = tokens(page), claim(page, "access token", "jti")
    page.get_by_role("button", name="Refresh tokens").click()
    expect(page.get_by_role("status")).to_contain_text("New tokens came.")
    after = tokens(page)
    assert before[0] != after[0] and before[1] != after[1]
    assert claim(page, "access token", "jti") != first_id

    page.get_by_role("button", name="Call the protected API").click()
    news = page.get_by_role("status")
    expect(news).to_contain_text("The protected API checked the access token and answered.")
    answer = json.loads(news.locator("pre").text_content())
    assert answer["sub"] == claim(page, "ID token", "sub")

    page.get_by_role("button", name="Sign out").click()
    shows(page, "An app that leaves sign-in to Gatehouse")
    # Signed out at Gatehouse too, or this would not ask.
    page.get_by_role("link", name="Sign in").click()
    shows(page, "Sign in")


@javascript
def test_a_stranger_creates_an_account_and_uses_everything(
    trial: Trial, visit: Visit, javascript: bool
) -> None:
    page = visit(java_script_enabled=javascript)
    page.goto(trial.demo)
    page.get_by_role("link", name="Create account").click()
    shows(page, "Create account")
    expect(page.get_by_text("to continue to Acme Notes")).to_be_visible()
    create_account(page, "robin@example.org", PASSWORD, "Robin Reed")
    shows(page, "Hello, Robin Reed")
    assert claim(page, "ID token", "email") == "robin@example.org"
    use_everything(page)
    sign_in(page, "robin@example.org", PASSWORD)
    shows(page, "Hello, Robin Reed")


@javascript
def test_a_demo_user_signs_in_and_uses_everything(
    trial: Trial, visit: Visit, javascript: bool
) -> None:
    assert list(trial.users) == ["ada@example.com", "kay@example.com", "sam@example.com"]
    page = visit(java_script_enabled=javascript)
    page.goto(trial.demo)
    for email, password in trial.users.items():
        expect(page.get_by_role("row", name=email)).to_contain_text(password)
    page.get_by_role("link", name="Sign in").click()
    sign_in(page, "kay@example.com", trial.users["kay@example.com"])
    shows(page, "Hello, Kay Keller")
    use_everything(page)


def test_the_whole_way_works_by_keyboard_alone(trial: Trial, visit: Visit) -> None:
    page = visit()
    page.goto(trial.demo)

    def press(*keys: str) -> None:
        for key in keys:
            page.keyboard.press(key)

    def tab_to(role: str, name: str) -> None:
        target = page.get_by_role(role, name=name)
        for _ in range(30):
            if target.evaluate("e => e === document.activeElement"):
                return
            press("Tab")
        pytest.fail(f"The keyboard does not reach {role} “{name}”")

    tab_to("link", "Sign in")
    press("Enter")
    shows(page, "Sign in")
    # The keyboard starts in the first field, once the page has been drawn.
    expect(page.get_by_label("E-mail or username")).to_be_focused()
    page.keyboard.type("ada@example.com")
    press("Tab")
    page.keyboard.type(trial.users["ada@example.com"])
    press("Enter")
    shows(page, "Hello, Ada Archer")
    tab_to("button", "Refresh tokens")
    press("Space")
    expect(page.get_by_role("status")).to_contain_text("New tokens came.")
    tab_to("button", "Sign out")
    press("Enter")
    shows(page, "An app that leaves sign-in to Gatehouse")


def test_a_wrong_password_is_told_and_the_name_kept(trial: Trial, visit: Visit) -> None:
    page = visit()
    page.goto(f"{trial.demo}/sign-in")
    for wrong in ("not her password", "", "also not her password"):
        fill_sign_in(page, "ada@example.com", wrong)
        if not wrong:
            # The browser would not send it; a script or an old browser would.
            page.locator("main form").evaluate("form => form.noValidate = true")
        page.get_by_role("button", name="Sign in").click()
        expect(page).to_have_title("Error: Sign in – Demo")
        problem = page.get_by_role("alert")
        expect(problem).to_be_focused()
        expect(problem).to_contain_text(
            "do not match" if wrong else "Enter your e-mail or username, and your password.")
        expect(page.get_by_label("E-mail or username")).to_have_value("ada@example.com")
        expect(page.get_by_label("Password", exact=True)).to_have_value("")
    sign_in(page, "ADA@example.com", trial.users["ada@example.com"])
    shows(page, "Hello, Ada Archer")


def test_an_unknown_name_gets_the_answer_of_a_wrong_password(
    trial: Trial, visit: Visit
) -> None:
    def answer(name: str) -> str:
        page = visit()
        page.goto(f"{trial.demo}/sign-in")
        sign_in(page, name, "some wrong password")
        expect(page.get_by_role("alert")).to_be_visible()
        return page.locator("main").inner_text()

    assert answer("ada@example.com") == answer("nobody@example.com")


@pytest.mark.parametrize(
    ("password", "hint"),
    [
        ("password1", "one of the first that someone would try"),
        ("robin.reed", "your name or address"),
        ("short", "at least 8 characters"),
        ("qwertyuiop", "unrelated words"),
    ])
def test_a_weak_password_gets_a_hint_and_the_rest_is_kept(
    trial: Trial, visit: Visit, password: str, hint: str
) -> None:
    page = visit()
    page.goto(f"{trial.demo}/sign-in?create=1")
    page.get_by_label("E-mail").fill("robin.reed@example.org")
    page.get_by_label("Name").fill("Robin Reed")
    field = page.get_by_label("Password", exact=True)
    field.fill(password)
    # Else the browser would not send one of fewer than 8 characters.
    page.locator("main form").evaluate("form => form.noValidate = true")
    page.get_by_role("button", name="Create account").click()
    expect(page).to_have_title("Error: Create account – Demo")
    expect(page.locator("#password-problem")).to_contain_text(hint)
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("E-mail")).to_have_value("robin.reed@example.org")
    expect(page.get_by_label("Name")).to_have_value("Robin Reed")
    page.get_by_role("alert").get_by_role("link").click()
    expect(field).to_be_focused()
    field.fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    shows(page, "Hello, Robin Reed")


def test_a_taken_address_leads_to_signing_in(trial: Trial, visit: Visit) -> None:
    page = visit()
    page.goto(f"{trial.demo}/sign-in?create=1")
    create_account(page, "Ada@Example.com", PASSWORD, "Another Ada")
    expect(page.get_by_role("alert")).to_contain_text("We could not create an account")
    expect(page.get_by_label("E-mail")).to_have_value("Ada@Example.com")
    page.get_by_role("link", name="sign in instead").click()
    sign_in(page, "ada@example.com", trial.users["ada@example.com"])
    shows(page, "Hello, Ada Archer")


def test_the_admin_link_works_once_and_looking_does_not_use_it(
    trial: Trial, visit: Visit
) -> None:
    page = visit()
    page.goto(f"{trial.url}/admin")
    shows(page, "You are not signed in")
    # A preview, a scanner, a second look: none of them uses the link.
    for _ in range(3):
        assert page.goto(trial.admin_link).status == 200
        shows(page, "Administration of this instance")
    page.get_by_role("button", name="Open the administration").click()
    shows(page, "Tenants")
    expect(page.get_by_role("table", name="Tenants")).to_contain_text(trial.issuer)
    page.get_by_role("link", name="Demo").click()
    expect(page.get_by_role("table", name="What happened last")).to_contain_text("tenant.created")

    stranger = visit()
    assert stranger.goto(trial.admin_link).status == 401
    shows(stranger, "This link does not work any more")
    page.get_by_role("button", name="Sign out").click()
    shows(page, "You are not signed in")

    page.goto(trial.cli("admin", "link")["url"])
    page.get_by_role("button", name="Open the administration").click()
    shows(page, "Tenants")


def test_the_mailbox_can_be_opened(trial: Trial, visit: Visit) -> None:
    page = visit()
    page.goto(trial.demo)
    page.get_by_role("link", name="mailbox").click()
    shows(page, "Mailbox")


def test_one_trial_at_a_time(trial: Trial) -> None:
    listen = [f"--{name}=127.0.0.1:{free_port()}" for name in ("listen", "demo-listen")]
    line = refused(trial.run("try", *listen), 5, "in use")
    assert str(trial.data) in line
    # The first one goes on.
    assert trial.cli("tenant", "show", "demo")["slug"] == "demo"


def test_each_trial_begins_anew(trial: Trial) -> None:
    users, link = trial.users, trial.admin_link
    trial.cli("tenant", "create", "acme")
    assert trial.stop() == 0
    trial.start()
    assert trial.users.keys() == users.keys() and not set(trial.users.values()) & set(
        users.values())
    assert trial.admin_link != link
    assert [row["slug"] for row in trial.cli("tenant", "list")] == ["demo"]


def test_the_demo_needs_its_port(trial: Trial) -> None:
    assert trial.stop() == 0
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        ended = trial.run(
            "try", "--listen", f"127.0.0.1:{free_port()}", "--demo-listen", f"127.0.0.1:{port}")
        refused(ended, 1, str(port))


def test_there_is_nothing_to_keep_before_the_first_trial(tmp_path: Path) -> None:
    ended = gatehouse("keep", tmp_path / "kept", environment={"TMPDIR": str(tmp_path)})
    refused(ended, 3, "gatehouse try")


@pytest.mark.parametrize("stopped", [False, True], ids=["while-it-runs", "after-it-stopped"])
def test_what_was_tried_can_be_kept_and_served(
    trial: Trial, visit: Visit, stopped: bool
) -> None:
    page = visit()
    page.goto(f"{trial.demo}/sign-in?create=1")
    create_account(page, "robin@example.org", PASSWORD, "Robin Reed")
    shows(page, "Hello, Robin Reed")
    # The page may still be loading its icon, and must not lose its server meanwhile.
    page.wait_for_load_state("networkidle")
    if stopped:
        assert trial.stop() == 0
    kept = trial.directory / "kept"
    ended = trial.run("keep", "kept")
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout) == {"data": str(kept)}
    assert kept.stat().st_mode & 0o777 == 0o700
    assert trial.run("keep", "kept").returncode == 4
    if not stopped:
        # The trial is unharmed.
        page.get_by_role("button", name="Refresh tokens").click()
        expect(page.get_by_role("status")).to_contain_text("New tokens came.")

    port = free_port()
    trial.url, trial.data = f"http://127.0.0.1:{port}", kept
    server = subprocess.Popen(
        [
            BINARY, "serve", "--data", str(kept), "--base-url", trial.url,
            "--listen", f"127.0.0.1:{port}",
        ], stderr=subprocess.DEVNULL, env=clean_environment())
    try:
        eventually((kept / "gatehouse.sock").exists, "the kept installation is served")
        with app_of(trial) as app:
            page = visit()
            eventually(lambda: answers(page, app.authorization()), "the kept server answers")
            sign_in(page, "robin@example.org", PASSWORD)
            shows(page, "Back at the app")
            assert app.answers[0]["iss"] == app.issuer
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=30) == 0


def answers(page: Page, url: str) -> bool:
    return page.goto(url).status == 200
