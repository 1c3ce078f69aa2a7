"""The path of a stranger, in a real browser: from the first link to the first sign-in of an app that was pasted
from the portal; and the portal by the keyboard alone."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from playwright.sync_api import Page, expect

from chromium import Visit, chromium, shows, sign_in, visit  # noqa: F401 - fixtures
from harness import free_port
from pasted import MODULES, needs_node, running
from trial import Trial, eventually

EMAIL, PASSWORD = "robin@example.org", "teapot gravel unicorn 41"


@contextmanager
def own_trial() -> Iterator[Trial]:
    """A trial that nobody was in; its path is short, since a socket is in it."""
    with TemporaryDirectory(prefix="gh-") as folder, Trial(Path(folder)) as trial:
        yield trial


def enter(trial: Trial, page: Page) -> None:
    page.goto(trial.admin_link)
    page.get_by_role("button", name="Open the administration").click()
    shows(page, "Tenants")


def create_tenant(page: Page, slug: str) -> None:
    page.get_by_role("link", name="New tenant").click()
    page.get_by_label("Slug").fill(slug)
    page.get_by_label("Name").fill("The Shop")
    page.get_by_role("button", name="Create").click()
    shows(page, "The Shop")


def create_user(page: Page) -> None:
    page.get_by_role("navigation", name="Portal").get_by_role("link", name="Users").click()
    page.get_by_role("link", name="New user").click()
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Name", exact=False).last.fill("Robin")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create").click()
    shows(page, "Robin")


def register(page: Page, name: str, address: str) -> dict[str, str]:
    """Goes through the wizard; what the file `.env` holds."""
    page.get_by_role("navigation", name="Portal").get_by_role("link", name="Applications").click()
    page.get_by_role("link", name="New application").click()
    page.get_by_role("link", name="Web app with a server").click()
    page.get_by_label("Name").fill(name)
    page.get_by_label("Redirect URIs", exact=False).first.fill(address)
    page.get_by_role("button", name="Register").click()
    shows(page, f"Registered: {name}")
    secret = page.locator("#client-secret").inner_text()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download .env").click()
    assert download.value.suggested_filename == "gatehouse.env"
    lines = Path(download.value.path()).read_text().splitlines()
    env = {name: value.strip("'") for name, _, value in (line.partition("=") for line in lines)}
    assert env["GATEHOUSE_CLIENT_SECRET"] == secret
    page.get_by_role("link", name="I saved it").click()
    shows(page, f"Connect {name}")
    assert secret not in page.content()
    return env


@needs_node
@pytest.mark.parametrize("with_scripts", [True, False])
@pytest.mark.parametrize("framework, program", [
    ("Express", "node"), ("Python (Authlib and Flask)", sys.executable)])
def test_a_stranger_comes_from_the_first_link_to_the_first_sign_in(
    tmp_path: Path, visit: Visit, framework: str, program: str,  # noqa: F811 - a fixture
    with_scripts: bool,
) -> None:
    with own_trial() as trial:
        page = visit(java_script_enabled=with_scripts)
        enter(trial, page)
        create_tenant(page, "shop")
        shows(page, "The Shop")
        create_user(page)
        home = f"http://127.0.0.1:{free_port()}"
        env = register(page, "My first app", f"{home}/callback")
        page.get_by_role("navigation", name="Frameworks").get_by_role(
            "link", name=framework, exact=True).click() if framework != "Express" else None
        expect(page.locator("#finish")).to_contain_text("Waiting for the first sign-in")
        file = tmp_path / page.locator("h3").inner_text()
        file.write_text(page.locator("h3 + pre code").inner_text())
        surroundings = {"PATH": os.environ["PATH"], "HOME": "/nonexistent",
                        "NODE_PATH": str(MODULES)}
        with running([program, file.name], tmp_path, env | surroundings, home):
            person = visit()
            person.goto(f"{home}/login")
            sign_in(person, EMAIL, PASSWORD)
            expect(person.locator("body")).to_contain_text("Hello ")
            # Before the app ends, and not while it is asked for something.
            person.wait_for_load_state("networkidle")
            person.close()
        if not with_scripts:
            page.get_by_role("link", name="Look again").click()
        # With scripts, the page sees it by itself.
        expect(page.locator("#finish")).to_contain_text("It works")
        page.get_by_role("navigation", name="Portal").get_by_role("link", name="Overview").click()
        # What happened is counted a second later.
        eventually(lambda: page.reload() and re.search(
            r"Their application got tokens\s*1", page.locator("main").inner_text()), "It is counted.")
        expect(page.locator("main")).to_contain_text("authorization_code.redeemed")
        page.get_by_role("navigation", name="Portal").get_by_role("link", name="Audit").click()
        expect(page.locator("table")).to_contain_text("session.signed_in")


def press_tab_until(page: Page, words: str) -> None:
    """Goes on with the keyboard until something of these words has it."""
    for _ in range(120):
        page.keyboard.press("Tab")
        found = page.evaluate(
            """() => {
              const now = document.activeElement;
              if (now === document.body) return "";
              const label = now.labels?.[0]?.innerText ?? "";
              return label + " " + (now.innerText ?? "");
            }""")
        if words in found:
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
            return
    raise AssertionError(f"The keyboard does not come to {words}.")


def test_the_wizard_and_a_suspension_by_the_keyboard_alone(
    visit: Visit,  # noqa: F811 - a fixture
) -> None:
    with own_trial() as trial:
        page = visit()
        page.goto(trial.admin_link)
        press_tab_until(page, "Open the administration")
        page.keyboard.press("Enter")
        shows(page, "Tenants")
        press_tab_until(page, "Demo")
        page.keyboard.press("Enter")
        shows(page, "Demo")
        # The menu is one key away, and stands behind the content.
        page.keyboard.press("Tab")
        press_tab_until(page, "Applications")
        page.keyboard.press("Enter")
        shows(page, "Applications")
        press_tab_until(page, "New application")
        page.keyboard.press("Enter")
        shows(page, "New application")
        press_tab_until(page, "Web app with a server")
        page.keyboard.press("Enter")
        shows(page, "Web app with a server")
        press_tab_until(page, "Name")
        page.keyboard.type("By keyboard")
        press_tab_until(page, "Redirect URIs")
        page.keyboard.type("https://app.example.com/callback")
        press_tab_until(page, "Register")
        page.keyboard.press("Enter")
        shows(page, "Registered: By keyboard")
        press_tab_until(page, "I saved it")
        page.keyboard.press("Enter")
        shows(page, "Connect By keyboard")
        press_tab_until(page, "Users")
        page.keyboard.press("Enter")
        shows(page, "Users")
        press_tab_until(page, "Kay")
        page.keyboard.press("Enter")
        page.wait_for_url("**/users/usr_*")
        press_tab_until(page, "Edit")
        page.keyboard.press("Enter")
        shows(page, "Edit user")
        press_tab_until(page, "Disabled")
        page.keyboard.press("y")
        press_tab_until(page, "Save")
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_contain_text("Disabled since")
        assert trial.cli("user", "show", "kay@example.com", "--tenant", "demo")["disabled_at"]
