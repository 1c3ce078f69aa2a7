"""Limits on passwords and accounts, which strangers cannot turn against anybody: attack cases
3.K."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from browser import Browser, Page
from harness import Client, Instance, Tenant, User
from protocol import Redirect, begin
from visitor import Visitor, kinds, limited, set_limit


@pytest.mark.parametrize("name", ["alice@example.com", "nobody@example.com", "no name at all"])
def test_gh_200_wrong_passwords_come_to_an_end(
    app: Client, alice: User, acme: Tenant, name: str
) -> None:
    visitor = Visitor(app)
    pages = [visitor.attempt(name) for _ in range(100)]
    assert [page.status for page in pages] == [401] * 8 + [429] * 92
    assert all(0 < limited(page) <= 3600 for page in pages[8:])
    limited(visitor.attempt(name, alice.password))
    assert kinds(acme).count("session.sign_in_failed") == 8
    (event,) = [e for e in acme.instance.events(acme) if e["kind"] == "limit.exceeded"]
    assert event["actor"] == "anonymous"
    assert event["subject"] == (alice.id if name == alice.email else None)
    assert json.loads(event["detail"]) == {"limit": "password-name-network"}


def test_gh_200_known_and_unknown_names_are_limited_alike(app: Client, alice: User) -> None:
    pages = []
    for name in (alice.email or "", "nobody@example.com"):
        visitor = Visitor(app)
        page = [visitor.attempt(name) for _ in range(9)][-1]
        text = re.sub(
            r"int_[0-9a-z]{26}|value=\"[A-Za-z0-9_-]{43}\"", "…", page.text.replace(name, "NAME"))
        pages.append((page.status, text, set(page.headers)))
    assert pages[0][0] == 429 and pages[0] == pages[1]


def test_gh_200_an_account_is_tried_25_times_an_hour_for_each_of_its_names(
    app: Client, alice: User
) -> None:
    looked = 0
    for number in range(20):
        visitor = Visitor(app, f"198.51.100.{number}")
        for name in ("alice@example.com", "ALICE@example.com", "alice", "Alice"):
            looked += visitor.attempt(name).status == 401
    assert looked == 50
    limited(Visitor(app, "203.0.113.1").attempt("alice", alice.password))


def test_gh_202_every_door_for_a_password_shares_one_budget(
    app: Client, alice: User, acme: Tenant
) -> None:
    other = acme.create_client("native")
    visitor = Visitor.known(app, alice)
    for _ in range(3):
        assert visitor.attempt(alice.name).status == 401
    assert Redirect.read(visitor.attempt(alice.name, alice.password)).code
    for client, changes in ((app, {"prompt": "login"}), (other, {"prompt": "login"}),
                            (app, {"max_age": "0"}), (app, {"prompt": "select_account"})):
        page = begin(visitor.browser, client, **changes)
        if changes.get("prompt") == "select_account":
            page = visitor.browser.follow(
                visitor.browser.submit(page, page.form("answer"), answer="another_account"))
        visitor.form = page.form("identifier", "password")
        for _ in range(2):
            assert visitor.attempt(alice.name).status == 401
    limited(visitor.attempt(alice.name, alice.password))
    visitor.open(prompt="login")
    limited(visitor.attempt(alice.name, alice.password))


def test_gh_203_one_password_for_many_names(app: Client, alice: User, acme: Tenant) -> None:
    set_limit(acme, "password-network", 20)
    visitor = Visitor(app, "2001:db8:1:2::1")
    statuses = [visitor.attempt(f"user{number}@example.com").status for number in range(30)]
    assert statuses == [401] * 20 + [429] * 10
    for address in ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"):
        limited(Visitor(app, address).attempt(alice.name, alice.password))
    for address in ("2001:db8:1:3::1", "192.0.2.1"):
        assert Redirect.read(Visitor(app, address).attempt(alice.name, alice.password)).code
    assert kinds(acme).count("limit.exceeded") == 1


def test_gh_205_strangers_do_not_keep_anyone_out_of_a_known_device(
    app: Client, alice: User
) -> None:
    known = Visitor.known(app, alice)
    strangers = [Visitor(app, f"198.51.100.{number}") for number in range(64)]

    def attack(visitor: Visitor) -> list[int]:
        return [visitor.attempt(alice.name).status for _ in range(10)]

    with ThreadPoolExecutor(16) as pool:
        statuses = [status for each in pool.map(attack, strangers) for status in each]
    assert statuses.count(401) == 25 and statuses.count(429) == 615
    limited(Visitor(app, "203.0.113.1").attempt(alice.name, alice.password))
    # Also from the network of an attacker.
    known.address = strangers[0].address
    assert known.attempt(alice.name).status == 401
    assert Redirect.read(known.attempt(alice.name, alice.password)).code


def test_gh_206_attempts_at_once_are_counted_before_they_are_looked_at(
    app: Client, alice: User, acme: Tenant
) -> None:
    visitor = Visitor(app)
    with ThreadPoolExecutor(64) as pool:
        statuses = list(pool.map(lambda _: visitor.attempt(alice.name).status, range(64)))
    assert statuses.count(401) == 8 and statuses.count(429) == 56
    # Nothing but a password that was hashed and compared writes this.
    assert kinds(acme).count("session.sign_in_failed") == 8
    assert kinds(acme).count("limit.exceeded") == 1


def test_gh_208_ones_own_success_clears_nobody_elses_failures(
    app: Client, alice: User, acme: Tenant
) -> None:
    mallory = acme.create_user("mallory@example.com")
    set_limit(acme, "password-network", 12)
    statuses = []
    for _ in range(10):
        statuses.append(Visitor(app).attempt(alice.name).status)
        own = Visitor(app).attempt(mallory.name, mallory.password)
        assert Redirect.read(own).code
    assert statuses == [401] * 8 + [429] * 2
    for number in range(4):
        assert Visitor(app).attempt(f"user{number}@example.com").status == 401
    limited(Visitor(app).attempt(mallory.name, mallory.password))


def test_gh_208_ones_own_success_clears_ones_own_failures(app: Client, alice: User) -> None:
    for _ in range(3):
        visitor = Visitor(app)
        for _ in range(7):
            assert visitor.attempt(alice.name).status == 401
        assert Redirect.read(visitor.attempt(alice.name, alice.password)).code


@pytest.mark.parametrize("ending", ["stop", "kill"])
def test_gh_211_what_was_counted_survives_a_restart(own_instance: Instance, ending: str) -> None:
    tenant = own_instance.create_tenant()
    client, user = tenant.create_client(), tenant.create_user()
    for _ in range(7):
        assert Visitor(client).attempt(user.name).status == 401
    getattr(own_instance, ending)()
    own_instance.start()
    visitor = Visitor(client)
    assert visitor.attempt(user.name).status == 401
    limited(visitor.attempt(user.name, user.password))
    own_instance.stop()
    own_instance.database.execute("UPDATE attempt_counter SET window_ends_at = 1")
    own_instance.start()
    assert Redirect.read(Visitor(client).attempt(user.name, user.password)).code


def test_gh_212_accounts_of_strangers_are_limited(app: Client, acme: Tenant) -> None:
    set_limit(acme, "account-network", 3)

    def create(number: int, address: str) -> Page:
        browser = Browser(acme.instance)
        form = begin(browser, app, prompt="create").form("email", "password")
        fields = form.fields | {
            "email": f"new{number % 3}@example.com", "password": "an unlikely herring 72"}
        return browser.post(form.action, fields, headers={"X-Forwarded-For": address})

    with ThreadPoolExecutor(16) as pool:
        pages = list(pool.map(lambda number: create(number, "192.0.2.1"), range(32)))
    refused = [page for page in pages if page.status == 429]
    assert len(refused) == 29
    for page in refused:
        assert 0 < int(page.headers["retry-after"]) <= 3600
        assert "Too many were asked for from your network." in page.words
        assert page.form("password").fields["password"] == ""
    assert len(acme.cli("user", "list")) <= 3
    assert create(5, "192.0.2.2").status in (303, 422)


def test_gh_226_a_device_is_known_for_one_user_at_one_tenant_until_the_password_changes(
    app: Client, alice: User, acme: Tenant, proxied_instance: Instance
) -> None:
    bob = acme.create_user("bob@example.com")
    umbra = proxied_instance.create_tenant()
    shadow, elsewhere = umbra.create_user("alice@example.com"), umbra.create_client()
    for number in range(4):
        for name in (alice.name, bob.name):
            for client in (app, elsewhere):
                visitor = Visitor(client, f"198.51.100.{number}")
                for _ in range(8):
                    visitor.attempt(name)
    alices = known_before(app, alice)
    cookie = next(iter(alices.values()))
    # Another user, another tenant, and secrets that nobody gave out.
    forged = {name: value[:-1] + ("A" if value[-1] != "A" else "E")
              for name, value in alices.items()}
    moved = {f"__Host-gatehouse-device-{umbra.slug}": cookie}
    for client, user, cookies in (
        (app, bob, alices), (elsewhere, shadow, moved), (app, alice, forged), (app, alice, {}),
    ):
        visitor = Visitor(client, "203.0.113.7")
        visitor.browser.cookies |= cookies
        limited(visitor.attempt(user.name, user.password))
    acme.cli("user", "update", alice.id, "--password-stdin", stdin="Kettledrum 4711 x\n")
    visitor = Visitor(app, "203.0.113.7")
    visitor.browser.cookies |= alices
    limited(visitor.attempt(alice.name, "Kettledrum 4711 x"))


def known_before(app: Client, user: User) -> dict[str, str]:
    """What a browser keeps in which the user signed in, were no limit used up."""
    tenant = app.tenant
    tenant.instance.cli("tenant", "limit", tenant.slug, "password-name", "--allow", "1000")
    visitor = Visitor.known(app, user, "203.0.113.200")
    tenant.instance.cli("tenant", "limit", tenant.slug, "password-name", "--default")
    return {k: v for k, v in visitor.browser.cookies.items() if "device" in k}
