"""The hosted pages in Chromium: each step of a sign-in, and what people do that nobody planned."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from chromium import (  # noqa: F401 - fixtures
    Visit, app, chromium, shows, sign_in, visit,
)
from trial import App, Trial, app_of

ADA, KAY = "ada@example.com", "kay@example.com"


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    """A trial that logs each request."""
    with Trial(tmp_path, "--log-level", "info") as trial:
        yield trial


@pytest.fixture
def ada(trial: Trial, visit: Visit, app: App) -> Page:
    """A page of a browser in which Ada is signed in."""
    page = visit()
    page.goto(app.authorization())
    sign_in(page, ADA, trial.users[ADA])
    shows(page, "Back at the app")
    app.answers.clear()
    return page


# Signing in


def test_an_app_gets_one_answer_for_a_sign_in(trial: Trial, visit: Visit, app: App) -> None:
    page = visit()
    page.goto(app.authorization(state="chosen by the app"))
    shows(page, "Sign in")
    expect(page.get_by_text("to continue to Herb Garden")).to_be_visible()
    expect(page.get_by_text("a program on this computer")).to_be_visible()
    sign_in(page, ADA, trial.users[ADA])
    shows(page, "Back at the app")
    (answer,) = app.answers
    assert answer.pop("code").startswith("ac_")
    assert answer == {"state": "chosen by the app", "iss": app.issuer}


def test_password_managers_know_the_fields(visit: Visit, app: App) -> None:
    page = visit()
    page.goto(app.authorization(login_hint="kay@example.com"))
    name = page.get_by_label("E-mail or username")
    expect(name).to_have_attribute("autocomplete", "username")
    expect(name).to_have_value("kay@example.com")
    password = page.get_by_label("Password", exact=True)
    expect(password).to_have_attribute("autocomplete", "current-password")
    expect(password).to_be_focused()
    page.get_by_role("link", name="Create account").click()
    expect(page.get_by_label("E-mail")).to_have_attribute("autocomplete", "email")
    expect(page.get_by_label("Name")).to_have_attribute("autocomplete", "name")
    password = page.get_by_label("Password", exact=True)
    expect(password).to_have_attribute("autocomplete", "new-password")


def test_a_reload_asks_again_and_loses_nothing(trial: Trial, visit: Visit, app: App) -> None:
    page = visit()
    page.goto(app.authorization())
    page.reload()
    sign_in(page, ADA, "not her password")
    expect(page.get_by_role("alert")).to_be_visible()
    # This sends the form again.
    page.reload()
    expect(page.get_by_role("alert")).to_be_visible()
    sign_in(page, ADA, trial.users[ADA])
    shows(page, "Back at the app")


def test_a_double_click_signs_in(trial: Trial, visit: Visit, app: App) -> None:
    page = visit()
    page.goto(app.authorization(state="once"))
    page.get_by_label("E-mail or username").fill(ADA)
    page.get_by_label("Password", exact=True).fill(trial.users[ADA])
    page.get_by_role("button", name="Sign in").dblclick()
    shows(page, "Back at the app")
    assert app.answers and all(a["state"] == "once" and "code" in a for a in app.answers)


def test_the_back_button_is_no_dead_end(visit: Visit, trial: Trial) -> None:
    page = visit()
    page.goto(f"{trial.demo}")
    page.get_by_role("link", name="Sign in").click()
    page.get_by_role("link", name="Create account").click()
    shows(page, "Create account")
    page.go_back()
    shows(page, "Sign in")
    sign_in(page, ADA, trial.users[ADA])
    shows(page, "Hello, Ada Archer")
    page.go_back()
    shows(page, "This sign-in is finished")
    page.get_by_role("main").get_by_role("link").click()
    shows(page, "Hello, Ada Archer")


def test_two_tabs_may_finish_in_reverse_order(trial: Trial, visit: Visit, app: App) -> None:
    """GH-028: each app gets the answer to its own request."""
    with app_of(trial, name="Tool Shed") as other:
        first = visit()
        first.goto(app.authorization(state="first"))
        second = first.context.new_page()
        second.goto(other.authorization(state="second"))
        sign_in(second, ADA, trial.users[ADA])
        shows(second, "Back at the app")
        sign_in(first, ADA, trial.users[ADA])
        shows(first, "Back at the app")
    assert [a["state"] for a in app.answers] == ["first"]
    assert [a["state"] for a in other.answers] == ["second"]
    assert app.answers[0]["code"] != other.answers[0]["code"]


def test_a_sign_in_belongs_to_the_browser_that_began_it(
    trial: Trial, visit: Visit, app: App
) -> None:
    """GH-026: a link into someone else's sign-in leads to “start again”."""
    mallory, alice = visit(), visit()
    mallory.goto(app.authorization(state="mallory"))
    alice.goto(app.authorization(state="alice"))
    for link in (mallory.url, mallory.url.replace("/sign-in/", "/create-account/")):
        answer = alice.goto(link)
        assert answer.status == 400
        shows(alice, "This sign-in is over")
        expect(alice.get_by_text("Go back to the application and start again")).to_be_visible()
    # Her own goes on, and his gained nothing.
    alice.goto(app.authorization(state="alice"))
    sign_in(alice, ADA, trial.users[ADA])
    shows(alice, "Back at the app")
    mallory.reload()
    shows(mallory, "Sign in")
    assert {answer["state"] for answer in app.answers} == {"alice"}


def test_an_expired_sign_in_says_to_start_again(trial: Trial, visit: Visit, app: App) -> None:
    page = visit()
    page.goto(app.authorization())
    # An hour later.
    with sqlite3.connect(trial.data / "gatehouse.db", timeout=30) as database:
        assert database.execute("UPDATE interaction SET expires_at = created_at").rowcount == 1
    database.close()
    sign_in(page, ADA, trial.users[ADA])
    shows(page, "This sign-in is over")
    assert not app.answers


def test_a_form_that_is_not_ours_does_nothing(trial: Trial, visit: Visit, app: App) -> None:
    page = visit()
    page.goto(app.authorization())
    page.locator("input[name=csrf]").evaluate("field => field.value = 'forged'")
    sign_in(page, ADA, trial.users[ADA])
    shows(page, "This form was not sent from our page")
    assert not app.answers


def test_names_are_shown_as_text(trial: Trial, visit: Visit) -> None:
    name = "<img src=x onerror=alert(1)>\u0301\" & Co"
    with app_of(trial, name=name) as app:
        page = visit()
        page.goto(app.authorization(login_hint='"><script>alert(1)</script>'))
        expect(page.locator(".lede strong")).to_have_text(name)
        expect(page.get_by_label("E-mail or username")).to_have_value(
            '"><script>alert(1)</script>')


# Someone who is signed in already


def test_a_signed_in_user_is_not_asked_again(ada: Page, app: App) -> None:
    for prompt in (None, "none"):
        ada.goto(app.authorization(prompt=prompt))
        shows(ada, "Back at the app")
        assert "code" in app.answers.pop()


def test_a_stranger_is_not_asked_where_the_app_forbids_it(visit: Visit, app: App) -> None:
    page = visit()
    page.goto(app.authorization(prompt="none"))
    shows(page, "Back at the app")
    assert app.answers[0]["error"] == "login_required"


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"prompt": "login"}, "The application asked that you sign in again."),
        ({"max_age": "0"}, "You signed in a while ago"),
    ])
def test_an_app_may_ask_for_the_password_again(
    trial: Trial, ada: Page, app: App, changes: dict[str, str], note: str
) -> None:
    ada.goto(app.authorization(**changes))
    shows(ada, "Confirm it is you")
    expect(ada.locator(".account")).to_have_text(re.compile("Ada Archer.*ada@example.com"))
    expect(ada.locator(".alert.note")).to_contain_text(note)
    password = ada.get_by_label("Password", exact=True)
    expect(password).to_be_focused()
    password.fill("not her password")
    ada.get_by_role("button", name="Continue").click()
    expect(ada.get_by_role("alert")).to_contain_text("That password does not match.")
    password.fill(trial.users[ADA])
    ada.get_by_role("button", name="Continue").click()
    shows(ada, "Back at the app")
    assert "code" in app.answers[0]


def test_the_account_can_be_chosen(ada: Page, app: App) -> None:
    ada.goto(app.authorization(prompt="select_account"))
    shows(ada, "Choose an account")
    ada.get_by_role("button", name="Continue as Ada Archer").click()
    shows(ada, "Back at the app")
    assert "code" in app.answers[0]


@pytest.mark.parametrize("prompt", ["select_account", "login"])
def test_another_account_can_be_used(trial: Trial, ada: Page, app: App, prompt: str) -> None:
    ada.goto(app.authorization(prompt=prompt))
    ada.get_by_role("button", name="Use another account").click()
    shows(ada, "Sign in")
    sign_in(ada, KAY, "not her password")
    expect(ada.get_by_label("E-mail or username")).to_have_value(KAY)
    sign_in(ada, KAY, trial.users[KAY])
    shows(ada, "Back at the app")
    assert "code" in app.answers[0]
    # Both are signed in now, the latest first.
    ada.goto(app.logout())
    expect(ada.locator(".account")).to_contain_text(["Kay Keller", "Ada Archer"])


# Signing out


def test_signing_out_without_proof_asks_first(ada: Page, app: App) -> None:
    ada.goto(app.logout())
    shows(ada, "Sign out of Demo?")
    expect(ada.locator(".account")).to_contain_text(ADA)
    ada.get_by_role("button", name="Stay signed in").click()
    shows(ada, "You are still signed in")
    ada.goto(app.authorization())
    shows(ada, "Back at the app")

    ada.goto(app.logout())
    ada.get_by_role("button", name="Sign out").click()
    shows(ada, "You are signed out")
    ada.goto(app.authorization())
    shows(ada, "Sign in")


def test_signing_out_leads_back_to_the_app(ada: Page, app: App) -> None:
    ada.goto(app.logout(
        client_id=app.client_id, post_logout_redirect_uri=f"{app.origin}/bye", state="z"))
    expect(ada.get_by_text("asked by Herb Garden")).to_be_visible()
    ada.get_by_role("button", name="Sign out").click()
    shows(ada, "Back at the app")
    assert ada.url == f"{app.origin}/bye?state=z"


def test_signing_out_never_leads_to_a_stranger(ada: Page, app: App) -> None:
    ada.goto(app.logout(
        client_id=app.client_id, post_logout_redirect_uri="http://127.0.0.1:9/elsewhere"))
    ada.get_by_role("button", name="Sign out").click()
    shows(ada, "You are signed out")
    expect(ada.get_by_text("an address it has not registered")).to_be_visible()


def test_signing_out_without_a_session_says_so(visit: Visit, app: App) -> None:
    page = visit()
    page.goto(app.logout())
    expect(page.get_by_role("heading", level=1)).to_have_text(
        re.compile("You are (signed out|not signed in)"))


# Pages for what went wrong


def test_an_unregistered_address_is_explained_to_the_developer(
    trial: Trial, visit: Visit, app: App
) -> None:
    page = visit()
    sent = app.redirect_uri.replace("/callback", "/callbacks/")
    answer = page.goto(app.authorization(redirect_uri=sent))
    assert answer.status == 400 and page.url.startswith(trial.url)
    shows(page, "We cannot send you back")
    incident = page.locator("dd code").first.text_content()
    assert incident in trial.log.read_text()
    details = page.get_by_role("group")
    expect(details.get_by_text("The redirect_uri is not registered")).to_be_hidden()
    page.get_by_text("For the developer of this application").click()
    expect(details.get_by_text("The redirect_uri is not registered")).to_be_visible()
    expect(details.locator("mark").first).to_have_text("s/")
    # The demo app's address is registered for another client, and none of this one's business.
    assert trial.demo not in page.content()


def test_other_tenants_keep_what_is_registered_to_themselves(
    trial: Trial, visit: Visit
) -> None:
    trial.cli("tenant", "create", "acme", "--name", "Acme Works")
    with app_of(trial, tenant="acme") as app:
        page = visit()
        page.goto(app.authorization(redirect_uri=f"{app.origin}/elsewhere"))
        shows(page, "We cannot send you back")
        expect(page.get_by_text("Incident")).to_be_visible()
        assert app.redirect_uri not in page.content()
        expect(page.get_by_role("group")).to_have_count(0)


def test_an_unknown_app_is_not_sent_anywhere(visit: Visit, app: App) -> None:
    page = visit()
    assert page.goto(app.authorization(client_id="cli_unknown")).status == 400
    shows(page, "We do not know this application")


def test_accounts_may_be_by_invitation(trial: Trial, visit: Visit) -> None:
    trial.cli("tenant", "create", "acme", "--name", "Acme Works")
    with app_of(trial, tenant="acme") as app:
        page = visit()
        for prompt in (None, "create"):
            page.goto(app.authorization(prompt=prompt))
            shows(page, "Sign in")
            expect(page.get_by_role("link", name="Create account")).to_have_count(0)
        answer = page.goto(page.url.replace("/sign-in/", "/create-account/"))
        assert answer.status == 403
        shows(page, "Accounts are by invitation")
        page.get_by_role("link", name="Sign in").click()
        shows(page, "Sign in")


def test_a_disabled_user_learns_no_more_than_a_stranger(
    trial: Trial, visit: Visit, app: App
) -> None:
    trial.cli("user", "update", ADA, "--tenant", "demo", "--disable")
    page = visit()
    page.goto(app.authorization())
    sign_in(page, ADA, trial.users[ADA])
    expect(page.get_by_role("alert")).to_contain_text(
        "That e-mail or username and password do not match.")


def test_there_is_a_page_for_what_is_not_there(trial: Trial, visit: Visit) -> None:
    page = visit()
    assert page.request.get(f"{trial.issuer}/nothing").status == 404
    assert page.request.get(f"{trial.url}/t/nobody/sign-in/x").status == 404
