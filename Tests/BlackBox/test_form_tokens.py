"""Forms that were not shown to whoever sends them: attack case GH-176."""

from __future__ import annotations

from urllib.parse import urlencode

from browser import Browser
from harness import Client, Instance, User
from protocol import Redirect, begin, claims, tokens
from watch import recorded, unchanged


def test_gh_176_a_form_that_we_did_not_show(client: Client, user: User, browser: Browser) -> None:
    browser.knows_same_site = False
    form = begin(browser, client).form("identifier")
    filled = form.fields | {"identifier": user.name, "password": user.password}
    without = {name: value for name, value in filled.items() if name != "csrf"}
    for fields, site, origin in (
        (filled, "cross-site", "https://evil.test"), (filled, "cross-site", "null"),
        (filled, "same-site", "null"), (filled, "none", "null"),
        (filled, "same-origin", "https://evil.test"), (without, "same-origin", "null"),
        (filled | {"csrf": ""}, "same-origin", "null"),
        (filled | {"csrf": "x"}, "same-origin", "null"),
        (filled | {"csrf": "A" * 43}, "same-origin", "null"),
    ):
        with recorded(client.tenant), unchanged(client.tenant, user):
            page = browser.post(form.action, fields, site=site, origin=origin)
        assert page.status == 403 and page.location is None, (fields, site, origin)
        assert browser.cookie("session") is None
    # The same form, as the browser that was shown it sends it.
    with recorded(client.tenant, "session.signed_in", "grant.created"):
        assert browser.post(form.action, filled).status == 303


def test_gh_176_a_used_form_is_worth_nothing_elsewhere(
    client: Client, user: User, browser: Browser, instance: Instance
) -> None:
    """A double click may send a form again; nobody else can, and not for another transaction."""
    form = begin(browser, client).form("identifier")
    filled = form.fields | {"identifier": user.name, "password": user.password}
    assert Redirect.read(browser.post(form.action, filled)).code
    other = Browser(instance)
    theirs = begin(other, client).form("identifier")
    second = begin(browser, client, prompt="login").form("password")
    mallory = client.tenant.create_user()
    hers = form.fields | {"identifier": mallory.name, "password": mallory.password}
    with recorded(client.tenant), unchanged(client.tenant, user):
        for page in (
            other.post(form.action, filled), other.post(theirs.action, filled),
            Browser(instance).post(form.action, filled), browser.post(second.action, filled),
            browser.post(form.action, hers, site="cross-site", origin="https://evil.test"),
            browser.post(second.action, hers),
        ):
            assert page.status in (400, 403) and page.location is None
    silent = claims(tokens(client, user, browser, prompt="none")["id_token"])
    assert silent["sub"] == user.id


def test_gh_176_forms_in_other_types_and_methods(
    client: Client, user: User, browser: Browser
) -> None:
    """What a foreign page can send without asking: text, several parts, and the address bar."""
    form = begin(browser, client).form("identifier")
    filled = form.fields | {"identifier": user.name, "password": user.password}
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    http, sent = browser.instance.http, {"Cookie": cookies, "Sec-Fetch-Site": "same-origin"}
    with recorded(client.tenant), unchanged(client.tenant, user):
        for answer in (
            http.get(form.action, params=filled, headers=sent),
            http.post(form.action, params=filled, headers=sent),
            http.post(form.action, json=filled, headers=sent),
            http.post(form.action, content=urlencode(filled), headers=sent | {
                "Content-Type": "text/plain"}),
            http.post(form.action, content=urlencode(filled), headers=sent),
            http.post(form.action, files={k: (None, v) for k, v in filled.items()}, headers=sent),
            http.put(form.action, data=filled, headers=sent),
        ):
            assert answer.status_code in (200, 400, 401, 403, 405, 415), answer.status_code
            assert "location" not in answer.headers and user.password not in answer.text
            assert "session-" not in answer.headers.get("set-cookie", "")


def test_gh_176_a_form_of_another_browser(client: Client, user: User, instance: Instance) -> None:
    mallory, alice = Browser(instance), Browser(instance)
    form = begin(mallory, client).form("identifier")
    begin(alice, client)
    filled = form.fields | {"identifier": user.name, "password": user.password}
    with recorded(client.tenant), unchanged(client.tenant, user):
        for site, origin in (("same-origin", "null"), ("cross-site", "https://evil.test")):
            page = alice.post(form.action, filled, site=site, origin=origin)
            assert page.status in (400, 403) and alice.cookie("session") is None


def test_gh_176_a_browser_without_fetch_metadata(
    client: Client, user: User, browser: Browser
) -> None:
    form = begin(browser, client).form("identifier")
    filled = form.fields | {"identifier": user.name, "password": user.password}
    url = browser.instance.url
    for headers in ({"Origin": "null"}, {"Origin": "https://evil.test"}, {"Origin": url + "0"},
                    {"Origin": url.replace("http", "https")}):
        assert browser.send("POST", form.action, headers, filled).status == 403
    assert browser.send("POST", form.action, {"Origin": url}, filled).status == 303
