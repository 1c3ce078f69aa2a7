"""The pages of invitations and of the applications that a person allowed something: nothing that axe
finds fault with, and all of it by keyboard."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from accessibility import ADA, KAY, LONG, Look, look, page  # noqa: F401 - fixtures
from chromium import (  # noqa: F401 - fixtures
    Visit, app, chromium, shows, sign_in, trial, visit)
from logos import DARK, LIGHT
from trial import App, Trial, expire, give_logos, invited, third_party


def test_pages_for_allowed_applications(trial: Trial, app: App, page: Page, look: Look) -> None:
    owner = trial.cli(
        "organization", "create", "long", "--tenant", "demo", "--name", LONG, "--owner", ADA)["id"]
    trial.cli(
        "organization", "create", "plain", "--tenant", "demo", "--name", "Plain", "--owner", ADA)
    give_logos(trial, "organization", owner, LIGHT, DARK)
    trial.cli("organization", "update", owner, "--tenant", "demo", "--verified-publisher")
    client = third_party(
        trial, app, "--organizations", "all", "--select-organization", "--organization", owner)
    page.goto(f"{trial.issuer}/applications")
    look(page, "nobody is signed in")
    page.get_by_role("button", name="Sign in").click()
    sign_in(page, ADA, trial.users[ADA])
    shows(page, "Your applications")
    page.goto(app.authorization(client_id=client, scope="openid email offline_access"))
    look(page, "organizations to choose from, one with a logo")
    page.get_by_role("button", name=LONG).click()
    look(page, "a publisher and an organization, with their logos")
    page.get_by_role("button", name="Allow").click()
    shows(page, "Back at the app")
    teller = third_party(trial, app, "--organizations", "all")
    page.goto(app.authorization(client_id=teller, scope="openid"))
    look(page, "every organization is told of")
    page.goto(f"{trial.issuer}/applications")
    look(page, "one application")
    page.get_by_role("button", name="Take it back").click()
    page.get_by_text("You took it back.").wait_for()
    look(page, "taken back")
    trial.cli("organization", "suspend", owner, "--tenant", "demo")
    page.goto(app.authorization(client_id=client, scope="openid"))
    shows(page, "This application is switched off here")
    look(page, "an application that is switched off")


def test_pages_for_invitations(trial: Trial, visit: Visit, look: Look) -> None:
    page = visit()
    trial.cli("organization", "create", "long", "--tenant", "demo", "--name", LONG)
    give_logos(trial, "organization", "long", LIGHT, DARK)
    trial.cli("organization", "role", "create", "gone", "--tenant", "demo")
    address = "a-very-long-address-of-somebody" * 2 + "@example.org"
    page.goto(invited(trial, address, "--role", "gone", to="long"))
    look(page, "nobody is signed in")
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("That password does not match.").wait_for()
    look(page, "wrong password")
    page.get_by_role("link", name="Create account").click()
    look(page, "new account")
    page.get_by_label("Password").fill("password1")
    page.get_by_role("button", name="Create account").click()
    page.get_by_text("needs another look").wait_for()
    look(page, "new account, a weak password")
    page.get_by_label("Name").fill(LONG)
    page.get_by_label("Password").fill("teapot gravel unicorn 41")
    page.get_by_role("button", name="Create account").click()
    page.get_by_role("button", name="Join").wait_for()
    look(page, "accept")
    trial.cli("organization", "role", "delete", "gone", "--tenant", "demo")
    page.get_by_role("button", name="Join").click()
    shows(page, "This invitation is out of date")
    look(page, "out of date")
    link = invited(trial, KAY, to="long")
    page.goto(link)
    look(page, "somebody else is signed in")
    page.goto(link + "x")
    look(page, "unknown")
    expire(trial, KAY)
    page.goto(link)
    shows(page, "This invitation has expired")
    look(page, "expired")
    page.goto(f"{trial.demo}/mailbox")
    look(page, "mailbox with letters")
    page.get_by_role("link", name="invites you").first.click()
    look(page, "letter")


def test_an_invitation_is_accepted_by_keyboard_and_without_javascript(
    trial: Trial, visit: Visit
) -> None:
    page = visit(java_script_enabled=False)
    trial.cli("organization", "create", "keys", "--tenant", "demo", "--name", "Keys")
    page.goto(invited(trial, ADA, to="keys"))
    shows(page, "Join Keys")
    expect(page.get_by_label("Password")).to_be_focused()
    page.keyboard.type(trial.users[ADA])
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Join").wait_for()
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.locator("button:focus").count():
            break
    page.keyboard.press("Enter")
    shows(page, "You are in")
