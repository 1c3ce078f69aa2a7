"""The one-time link into the administration: attack case GH-197."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

from browser import Browser, Page
from harness import Instance


def use(browser: Browser, page: Page) -> Page:
    """Presses the button of the page that the link leads to."""
    return browser.submit(page, page.form("secret"))


def is_inside(browser: Browser) -> bool:
    page = browser.get(f"{browser.instance.url}/admin")
    assert page.status in (200, 401)
    return page.status == 200


def test_gh_197_there_is_no_way_in_before_there_is_a_link(own_instance: Instance) -> None:
    browser, url = Browser(own_instance), own_instance.url
    assert not is_inside(browser)
    for secret in ("", "x", "admin", "adm_", "adm_" + "A" * 43, "' OR 1=1--"):
        page = browser.get(f"{url}/admin/link?secret={secret}")
        assert page.status == 401 and not page.forms
        page = browser.post(f"{url}/admin/link", {"secret": secret, "csrf": "x"})
        assert page.status == 401
    assert browser.post(f"{url}/admin/link", {}).status in (400, 401)
    assert browser.post(f"{url}/admin/sign-out", {"csrf": ""}).status == 401
    assert not browser.cookies and own_instance.cli("tenant", "list") == []


def test_gh_197_a_link_works_once_and_looking_does_not_use_it(own_instance: Instance) -> None:
    link = own_instance.cli("admin", "link")
    assert link["expires_in"] == 900 and link["url"].startswith(f"{own_instance.url}/admin/link?")
    for _ in range(3):
        scanner = Browser(own_instance)
        assert scanner.get(link["url"], site="cross-site").status == 200
        assert not is_inside(scanner)
    browser = Browser(own_instance)
    page = browser.get(link["url"], site="cross-site")
    answer = use(browser, page)
    assert answer.status == 303 and answer.location == f"{own_instance.url}/admin"
    assert "adm_" not in (answer.location or "")
    assert is_inside(browser)

    second = Browser(own_instance)
    assert second.post(page.form("secret").action, page.form("secret").fields).status == 401
    assert second.get(link["url"]).status == 401 and not is_inside(second)

    out = browser.get(f"{own_instance.url}/admin")
    thief = browser.clone()
    browser.submit(out, out.form("csrf"))
    assert not is_inside(browser) and not is_inside(thief)
    kinds = [e["kind"] for e in own_instance.events()]
    assert kinds.count("admin_link.used") == 1


def test_gh_197_fifty_at_once_get_one_session(own_instance: Instance) -> None:
    link = own_instance.cli("admin", "link")["url"]
    page = Browser(own_instance).get(link)
    form = page.form("secret")
    browsers = [Browser(own_instance) for _ in range(50)]
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda b: b.post(form.action, form.fields), browsers))
    assert sorted(answer.status for answer in answers) == [303] + [401] * 49
    assert sum(is_inside(browser) for browser in browsers) == 1


def test_gh_197_only_the_newest_link_works(own_instance: Instance) -> None:
    old, new = (own_instance.cli("admin", "link")["url"] for _ in range(2))
    browser = Browser(own_instance)
    assert browser.get(old).status == 401
    assert use(browser, browser.get(new)).status == 303 and is_inside(browser)


def test_gh_197_a_link_ends_after_a_quarter_of_an_hour(own_instance: Instance) -> None:
    link = own_instance.cli("admin", "link")["url"]
    browser = Browser(own_instance)
    page = browser.get(link)
    own_instance.stop()
    own_instance.database.execute(
        "UPDATE one_time_secret SET created_at = created_at - 901000, "
        "expires_at = expires_at - 901000")
    own_instance.start()
    assert use(browser, page).status == 401
    assert browser.get(link).status == 401 and not is_inside(browser)


def test_gh_197_a_foreign_form_does_not_use_the_link(own_instance: Instance) -> None:
    browser = Browser(own_instance)
    page = browser.get(own_instance.cli("admin", "link")["url"])
    form = page.form("secret")
    for site, origin in (("cross-site", "https://evil.test"), ("cross-site", "null"),
                         ("same-site", "null"), ("same-origin", "https://evil.test")):
        assert browser.post(form.action, form.fields, site=site, origin=origin).status == 401
    assert browser.post(form.action, form.fields | {"csrf": "x"}).status == 401
    assert not is_inside(browser)
    assert use(browser, page).status == 303 and is_inside(browser)


def test_gh_179_a_session_of_a_tenant_is_none_of_the_administration(
    own_instance: Instance,
) -> None:
    browser = Browser(own_instance)
    page = browser.get(own_instance.cli("admin", "link")["url"])
    secret = parse_qs(urlsplit(page.url).query)["secret"][0]
    use(browser, page)
    session = browser.cookie("admin-session")
    assert session and is_inside(browser)
    browser.cookies = {"__Host-gatehouse-admin-session": secret.replace("adm_", "ses_")}
    assert not is_inside(browser)
    browser.cookies = {"__Host-gatehouse-session-admin": session}
    assert not is_inside(browser)
