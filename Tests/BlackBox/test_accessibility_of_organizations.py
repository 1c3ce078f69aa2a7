"""The pages of invitations, of the applications that a person allowed something, and of an organization
that somebody manages: nothing that axe finds fault with, and all of it by keyboard."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from accessibility import ADA, KAY, LONG, Look, look, page  # noqa: F401 - fixtures
from chromium import (  # noqa: F401 - fixtures
    Visit, app, chromium, shows, sign_in, trial, visit)
from logos import DARK, LIGHT
from trial import App, Trial, age_sign_ins, expire, give_logos, invited, third_party


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


def managed(trial: Trial, slug: str, name: str = "Initech") -> str:
    """An organization of Ada's with members, roles, groups and an API."""
    def cli(*arguments: str) -> dict[str, str]:
        return trial.cli(*arguments, "--tenant", "demo")

    made = cli("organization", "create", slug, "--name", name, "--owner", ADA)["id"]
    cli("organization", "member", "add", slug, KAY, "--title", LONG, "--scope", "projects:write")
    for role, scopes in (("billing", ("invoices:write", "invoices:read")), ("boss", ("owner",))):
        cli("organization", "role", "create", role, "--organization", slug,
            *(part for scope in scopes for part in ("--scope", scope)))
    for group in ("clerks", "night-shift"):
        cli("organization", "group", "create", slug, group, "--role", "billing")
    cli("organization", "group", "add", slug, "clerks", KAY)
    return made


def test_pages_for_those_who_manage_an_organization(
    trial: Trial, app: App, page: Page, look: Look
) -> None:
    organization = managed(trial, "managed", LONG)
    trial.cli("resource", "create", "--tenant", "demo", "--identifier", "https://api.test/managed",
              "--name", "Invoices")
    here = f"{trial.issuer}/organizations/managed"
    page.goto(here)
    look(page, "nobody is signed in")
    page.get_by_role("button", name="Sign in").click()
    sign_in(page, ADA, trial.users[ADA])
    shows(page, "Organization")
    look(page, "an organization")
    page.get_by_label("New name").fill("\u202e")
    page.get_by_role("button", name="Rename").click()
    page.get_by_text("Nothing was changed.").wait_for()
    look(page, "an organization, a wrong name")
    page.get_by_role("link", name="All organizations").click()
    look(page, "all organizations")
    page.goto(f"{here}/members")
    look(page, "members")
    page.get_by_label("Part of an address").fill("nobody")
    page.get_by_role("button", name="Search").click()
    look(page, "members, nobody found")
    page.get_by_role("link", name="Everybody").click()
    page.get_by_role("link", name="Kay").click()
    look(page, "a member")
    page.get_by_text("Remove from the organization").click()
    look(page, "a member, removing")
    page.get_by_role("button", name="Suspend").click()
    page.get_by_text("The member is suspended").wait_for()
    look(page, "a member, suspended")
    page.get_by_role("button", name="Resume").click()
    page.goto(f"{here}/invitations")
    page.get_by_label("E-mail").fill("a-very-long-address-of-somebody" * 2 + "@example.org")
    page.get_by_label("billing").check()
    page.get_by_role("button", name="Invite").click()
    page.get_by_text("The invitation is on its way.").wait_for()
    look(page, "invitations")
    client = third_party(
        trial, app, "--organizations", "all", "--select-organization", "--organization",
        organization)
    page.goto(app.authorization(
        client_id=client, scope="openid email offline_access", organization="managed"))
    page.get_by_role("button", name="Allow").click()
    shows(page, "Back at the app")
    page.goto(f"{here}/applications")
    page.get_by_text("What it may do").click()
    look(page, "applications")
    page.goto(f"{here}/keys")
    look(page, "no keys")
    page.get_by_label("Name").fill(LONG)
    page.get_by_label("Invoices").check()
    page.get_by_label("Scopes").fill("invoices:read")
    page.get_by_role("button", name="Make the key").click()
    page.get_by_text("Copy it now").wait_for()
    look(page, "a key")
    page.goto(f"{here}x/keys")
    look(page, "unknown")
    age_sign_ins(trial)
    page.goto(f"{here}/members")
    look(page, "long after signing in")


def test_an_organization_is_managed_by_keyboard_and_without_javascript(
    trial: Trial, visit: Visit
) -> None:
    page = visit(java_script_enabled=False)
    managed(trial, "by-keys")

    def press(role: str, name: str) -> None:
        """Goes there by tabs, and presses it."""
        there = page.get_by_role(role, name=name)  # type: ignore[arg-type]
        for _ in range(60):
            page.keyboard.press("Tab")
            if there.first.evaluate("e => e === document.activeElement"):
                page.keyboard.press("Enter")
                return
        raise AssertionError(f"No tab leads to {name}.")

    page.goto(f"{trial.issuer}/organizations")
    press("button", "Sign in")
    sign_in(page, ADA, trial.users[ADA])
    shows(page, "Your organizations")
    press("link", "Initech")
    press("link", "Members")
    press("link", "Kay")
    page.get_by_label("billing").focus()
    page.keyboard.press("Space")
    press("button", "Save")
    expect(page.get_by_text("The member was changed.")).to_be_visible()
    expect(page.get_by_label("billing")).to_be_checked()
    press("link", "Invitations")
    page.get_by_label("E-mail").focus()
    page.keyboard.type("sam@example.org")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The invitation is on its way.")).to_be_visible()
