"""The portal: every page that the contract makes, for whoever may see it and for nobody else. Attack cases
GH-373, GH-377, GH-379, GH-385 and GH-511."""

from __future__ import annotations

import csv
import io
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

import auditing
from browser import Browser
from conftest import KINDS
from harness import BINARY, Client, Instance, Tenant
from isolation import Holdings
from portal import ROLES, Portal, Screen, may, screens, values
from protocol import PKCE, authorization_url, begin, tokens
from trial import eventually
from watch import recorded, unchanged


class World:
    """A tenant with one of everything, another one, and people of each role."""

    def __init__(self, instance: Instance, folder: Path) -> None:
        self.instance = instance
        self.mine = Holdings.of(instance.create_tenant(), folder)
        self.mine.tenant.cli("domain", "add", self.mine.ids["host"])
        self.mine.forget_names()
        self.other = instance.create_tenant()
        self.of_all = {role: Portal.person(instance, role) for role in ROLES}
        self.of_mine = {role: Portal.person(instance, role, self.mine.tenant) for role in ROLES}

    def at(self, screen: Screen, tenant: Tenant | None = None) -> str:
        found = values(self.mine, screen)
        if "administrator-keys" in screen.path and screen.concerns_tenant:
            found["key"] = "adk_nobody"
        if screen.names[-1:] == ["person"] or "{person}" in screen.path:
            found["person"] = self.of_all["viewer"].id
        return screen.at(found | ({"tenant": tenant.slug} if tenant else {}))


@pytest.fixture(scope="module", params=KINDS)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with Instance(request.param) as instance:
        yield World(instance, tmp_path_factory.mktemp("portal"))


def test_every_page_is_there(world: World) -> None:
    owner = world.of_all["owner"]
    for screen in screens():
        page = owner.get(world.at(screen))
        assert page.status == 200, (screen, page.words)
        assert page.text.count("<h1>") == 1 and page.words, screen
        policy = page.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'; img-src 'self';")
        assert "unsafe" not in policy and "frame-ancestors 'none'" in policy
        assert page.headers["cache-control"] == "no-store"
        if screen.is_form:
            if screen.operation == "client_create":
                # It asks first what is built.
                page = owner.get(f"{world.at(screen)}?kind=web")
            assert page.form("csrf").action == f"{world.instance.url}{world.at(screen)}", screen


@pytest.mark.parametrize("role", ROLES)
def test_gh_377_what_a_role_may_not_do_is_neither_shown_nor_done(world: World, role: str) -> None:
    tenant = world.mine.tenant
    for portal in (world.of_all[role], world.of_mine[role]):
        refused = []
        for screen in screens():
            is_theirs = may(role, screen) and (
                portal is world.of_all[role] or not screen.concerns_installation)
            page = portal.get(world.at(screen))
            assert page.status == (200 if is_theirs else 403), (screen, page.words)
            if screen.is_form and not is_theirs:
                refused.append(screen)
        with unchanged(tenant, world.mine.user, world.mine.client):
            for screen in refused:
                sent = portal.browser.post(
                    f"{world.instance.url}{world.at(screen)}",
                    {"csrf": portal.token, "role": "owner"})
                assert sent.status == 403, (screen, sent.words)


@pytest.mark.parametrize("role", ROLES)
def test_gh_379_to_who_administers_one_tenant_there_is_no_other(world: World, role: str) -> None:
    portal = world.of_mine[role]
    token = portal.token
    nobody = Tenant(world.instance, "nobody", "nobody", "")
    for screen in screens():
        if not screen.concerns_tenant or screen.concerns_installation:
            continue
        for tenant in (world.other, nobody):
            page = portal.get(world.at(screen, tenant))
            assert page.status == 404, (screen, page.words)
            assert f"There is no tenant “{tenant.slug}”." in page.words
            if screen.is_form:
                url = f"{world.instance.url}{world.at(screen, tenant)}"
                assert portal.browser.post(url, {"csrf": token}).status == 404, screen


def test_gh_511_what_another_tenant_has_is_nothing_here(world: World) -> None:
    owner = world.of_all["owner"]
    forms = []
    for screen in screens():
        if not screen.concerns_tenant or len(screen.names) < 2 or "{limit}" in screen.path:
            continue
        path = world.at(screen, world.other)
        page = owner.get(path)
        # What is asked of nothing is asked for first, or there is nothing to ask about.
        is_nothing = page.status == 200 and (screen.is_form or "There is none yet." in page.words)
        assert page.status == 404 or is_nothing, (screen, page.words)
        for value in (world.mine.user.name, "Kay"):
            assert value not in page.text, screen
        if screen.is_form:
            forms.append(path)
    with unchanged(world.mine.tenant, world.mine.user, world.mine.client):
        for path in forms:
            sent = owner.browser.post(f"{world.instance.url}{path}", {
                "csrf": owner.token, "user": world.mine.user.id, "name": "Taken",
                "subject": "x", "scopes": "a:b", "roles": "x"})
            assert sent.status in (400, 404, 409), (path, sent.words)


def test_gh_385_a_form_of_elsewhere_does_nothing(world: World) -> None:
    owner, tenant = world.of_all["owner"], world.mine.tenant
    url = f"{world.instance.url}/admin/tenants/{tenant.slug}/users/new"
    fields = {"email": "forged@example.com", "csrf": owner.token}
    assert owner.browser.post(url, fields, site="cross-site").status == 401
    owner.browser.knows_same_site = False
    with unchanged(tenant, world.mine.user):
        for sent in (
            owner.browser.post(url, fields, site="cross-site"),
            owner.browser.post(url, fields, site="same-site"),
            owner.browser.post(url, fields, origin="https://evil.test"),
            owner.browser.post(url, {"email": "forged@example.com"}),
            owner.browser.post(url, fields | {"csrf": "x"}),
            owner.browser.post(url, fields | {"csrf": world.of_all["admin"].token}),
        ):
            assert sent.status == 403 and "nothing was done" in sent.words, sent.words
        text = world.instance.http.post(url, content=urlencode(fields), headers={
            "Content-Type": "text/plain", "Sec-Fetch-Site": "same-origin",
            "Cookie": "; ".join(f"{k}={v}" for k, v in owner.browser.cookies.items())})
        assert text.status_code == 415, text.text
        stranger = Browser(world.instance)
        assert stranger.post(url, fields).status == 401
        assert stranger.get(url).status == 401
    assert all(row["email"] != "forged@example.com" for row in tenant.cli("user", "list"))


def test_gh_377_verbs_cannot_be_smuggled(world: World) -> None:
    viewer, tenant = world.of_all["viewer"], world.mine.tenant
    url = f"{world.instance.url}/admin/tenants/{tenant.slug}/users/{world.mine.user.id}/delete"
    with unchanged(tenant, world.mine.user):
        for headers in ({"X-HTTP-Method-Override": "POST"}, {"X-Method": "DELETE"}):
            assert viewer.browser.send("GET", url + "?_method=POST", headers).status == 403
        for method in ("PUT", "PATCH", "DELETE"):
            assert viewer.browser.send(method, url, {}).status in (404, 405)


def test_what_cannot_be_undone_asks_for_a_sign_in_of_now(world: World) -> None:
    instance = world.instance
    tenant = instance.create_tenant()
    owner = Portal.person(instance, "owner", tenant)
    path = f"/admin/tenants/{tenant.slug}/keys/rotate"
    token = owner.token
    instance.database.execute(
        "UPDATE browser_session SET authenticated_at = authenticated_at - 900001 "
        f"WHERE user_id = '{owner.id}'")
    page = owner.get(path)
    assert page.status == 200 and "15 minutes after you sign" in page.words
    with unchanged(tenant):
        sent = owner.browser.post(
            f"{instance.url}{path}", {"csrf": token, "algorithm": "ES256"})
    assert sent.status == 403 and "Nothing was done" in sent.words
    # What can be undone does not.
    assert owner.send(f"/admin/tenants/{tenant.slug}/edit", name="Renamed").status == 303
    again = Portal(instance, instance.cli("admin", "person", "link", owner.id)["url"])
    assert again.send(path, algorithm="ES256").status == 303


def test_people_are_let_in_and_kept_out_at_once(world: World) -> None:
    instance, tenant = world.instance, world.other
    portal = Portal.person(instance, "viewer", tenant)
    assert portal.get("/admin").location == f"{instance.url}/admin/tenants/{tenant.slug}"
    assert portal.get(f"/admin/tenants/{tenant.slug}/users/new").status == 403
    with recorded(tenant, "administrator.set", actor="operator"):
        instance.cli("admin", "person", "set", "--email", f"viewer-{tenant.slug}@example.com",
                     "--role", "admin", "--within", tenant.slug)
    assert portal.get(f"/admin/tenants/{tenant.slug}/users/new").status == 200
    listed = [row for row in instance.cli("admin", "person", "list") if row["id"] == portal.id]
    assert [(row["role"], row["within"]) for row in listed] == [("admin", tenant.slug)]
    link = instance.cli("admin", "person", "link", portal.id)["url"]
    with recorded(tenant, "administrator.removed", actor="operator"):
        instance.cli("admin", "person", "remove", portal.id, "--within", tenant.slug)
    assert portal.get(f"/admin/tenants/{tenant.slug}").status == 401
    # Whoever administers nothing gets in by no link, either.
    late = Browser(instance)
    page = late.get(link, site="cross-site")
    late.submit(page, page.form("secret"))
    assert late.get(f"{instance.url}/admin").status == 401


def test_what_is_changed_is_told_of_whoever_changed_it(world: World) -> None:
    tenant, admin = world.instance.create_tenant(), world.of_all["admin"]
    with recorded(tenant, "user.created", actor=admin.id):
        made = admin.send(
            f"/admin/tenants/{tenant.slug}/users/new", email="new@example.com", name="New",
            password="teapot gravel unicorn 41")
    assert made.status == 303 and made.location
    shown = admin.browser.get(made.location, site="same-origin")
    assert "new@example.com" in shown.words and "Done" in shown.words
    (user,) = tenant.cli("user", "list")
    path = f"/admin/tenants/{tenant.slug}/users/{user['id']}"
    assert made.location.startswith(f"{world.instance.url}{path}?")
    with recorded(tenant, "user.updated", actor=admin.id):
        assert admin.send(f"{path}/edit", disabled="true").status == 303
    assert tenant.cli("user", "show", user["id"])["disabled_at"]
    assert "Disabled since" in admin.get(path).words
    # What was sent is kept where it cannot be done, and what is wrong is said at its field.
    wrong = admin.send(f"{path}/edit", email="no address", name="Kept")
    assert wrong.status == 400 and 'aria-invalid="true"' in wrong.text
    assert wrong.form("csrf", "email").fields["name"] == "Kept"
    # Nobody overwrites what somebody else changed meanwhile.
    page = admin.get(f"{path}/edit")
    tenant.cli("user", "update", user["id"], "--name", "Changed")
    late = admin.browser.submit(page, page.form("csrf", "revision"))
    assert late.status == 303 or late.status == 412
    form = page.form("csrf", "revision")
    form.fields["name"] = "Overwritten"
    late = admin.browser.submit(page, form)
    assert late.status == 412 and "changed since" in late.words
    assert tenant.cli("user", "show", user["id"])["name"] == "Changed"


def test_lists_go_on_and_are_narrowed(world: World) -> None:
    tenant, viewer = world.instance.create_tenant(), world.of_all["viewer"]
    rows = ", ".join(
        f"('{tenant.id}', 'usr_0{number:025d}', 'p{number}@example.com', 'p{number}@example.com', "
        "1, 1)" for number in range(120))
    world.instance.database.execute(
        "INSERT INTO user_account (tenant_id, id, email, email_key, created_at, updated_at) "
        f"VALUES {rows}")
    seen: list[str] = []
    page = viewer.get(f"/admin/tenants/{tenant.slug}/users")
    for _ in range(5):
        seen += re.findall(r"p\d+@example\.com", page.words)
        more = [link for link in page.links if "after=" in link and "#" not in link]
        if not more:
            break
        page = viewer.browser.get(more[0], site="same-origin")
    assert sorted(set(seen)) == sorted({f"p{number}@example.com" for number in range(120)})
    events = f"/admin/tenants/{tenant.slug}/events"
    assert "tenant. created" in viewer.get(f"{events}?kind=tenant.created").words
    assert "Nothing is like that" in viewer.get(f"{events}?kind=user.deleted").words
    for query in ("after=x", "after=%00", "after=" + "a" * 5000, "since=yesterday", "limit=9"):
        assert viewer.get(f"{events}?{query}").status in (200, 400), query


def test_the_audit_trail_is_taken_along_and_watched(world: World, tmp_path: Path) -> None:
    tenant, admin = world.mine.tenant, world.of_all["admin"]
    page = admin.get(f"/admin/tenants/{tenant.slug}/events?live=1&kind=tenant.created")
    assert '<div id="live">' in page.text and "Pause" in page.words
    export = admin.get(f"/admin/tenants/{tenant.slug}/events/export")
    assert export.status == 200
    assert export.headers["content-disposition"] == 'attachment; filename="events.ndjson"'
    file = tmp_path / "events.ndjson"
    file.write_text(export.text)
    code, report, _ = auditing.verify(file)
    assert code == 0 and report["result"] == "intact", report
    table = admin.get(f"/admin/tenants/{tenant.slug}/events/export?format=csv")
    assert table.headers["content-disposition"] == 'attachment; filename="events.csv"'
    rows = list(csv.DictReader(io.StringIO(table.text, newline="")))
    assert rows[0]["kind"] == "tenant.created"
    assert len(rows) >= export.text.count('"type":"event"') > 0
    viewer = world.of_all["viewer"]
    for query in ("", "?format=csv"):
        assert viewer.get(f"/admin/tenants/{tenant.slug}/events/export{query}").status == 403


def test_an_application_is_made_by_the_wizard(world: World) -> None:
    tenant, admin = world.instance.create_tenant(), world.of_all["admin"]
    user = tenant.create_user()
    path = f"/admin/tenants/{tenant.slug}/clients/new"
    kinds = [link for link in admin.get(path).links if "kind=" in link]
    assert [link.rpartition("=")[2] for link in kinds] == [
        "web", "spa", "native", "device", "machine"]
    wrong = admin.send(f"{path}?kind=web", name="Shop", redirect_uris="http://shop.example/*")
    assert wrong.status == 400 and wrong.form("csrf", "name").fields["name"] == "Shop"
    made = admin.send(
        f"{path}?kind=web", name="Shop", redirect_uris="https://shop.example/callback")
    assert made.status == 200 and "I saved it" in made.words
    (client,) = tenant.cli("client", "list")
    found = re.search(r'id="client-secret">([^<]+)<', made.text)
    assert found and f"GATEHOUSE_CLIENT_SECRET={found[1]}" in made.words
    world.instance.keep_secret(found[1])
    file = admin.browser.submit(made, made.form("csrf", "content"))
    assert file.headers["content-disposition"].startswith("attachment")
    assert f"GATEHOUSE_CLIENT_SECRET={found[1]}" in file.text
    detail = f"/admin/tenants/{tenant.slug}/clients/{client['client_id']}"
    for page in (detail, f"{detail}/integration", f"{detail}/integration?with=flask"):
        assert found[1] not in admin.get(page).text
    assert "Waiting for the first sign-in" in admin.get(f"{detail}/integration").words
    known = Client(
        tenant, client["client_id"], found[1], "web", "https://shop.example/callback",
        "client_secret_basic")
    tokens(known, user, Browser(world.instance), scope="openid")
    eventually(lambda: "It works" in admin.get(f"{detail}/integration").words, "It works.")
    for kind, type_ in (("spa", "spa"), ("native", "native"), ("machine", "machine")):
        fields = {} if kind == "machine" else {"redirect_uris": "http://127.0.0.1/cb"}
        assert admin.send(f"{path}?kind={kind}", name=kind, **fields).status == 200
        assert [c["type"] for c in tenant.cli("client", "list") if c["name"] == kind] == [type_]


def test_a_refused_request_is_explained_and_mended(world: World) -> None:
    tenant, admin = world.instance.create_tenant(), world.of_all["admin"]
    client = tenant.create_client("web")
    sent = client.redirect_uri + "/x"
    refused = Browser(world.instance).get(
        authorization_url(client, PKCE.new(), redirect_uri=sent))
    incident = refused.headers["x-request-id"]
    eventually(lambda: tenant.cli("refused", "list"), "What was refused is kept.")
    path = f"/admin/tenants/{tenant.slug}/refused-requests"
    assert incident in admin.get(path).words.replace(" ", "")
    page = admin.get(f"{path}/{incident}")
    assert "<mark>/x</mark>" in page.text
    viewer = world.of_all["viewer"].get(f"{path}/{incident}")
    assert not [form for form in viewer.forms if "redirect_uris" in form.fields]
    assert admin.browser.submit(page, page.form("csrf", "redirect_uris")).status == 303
    assert sent in tenant.cli("client", "show", client.id)["redirect_uris"]


def test_the_first_page_tells_what_runs_here(world: World) -> None:
    words = world.of_all["viewer"].get("/admin").words
    kind = "SQLite" if world.instance.kind == "sqlite" else "PostgreSQL"
    assert "Version" in words and f"Database {kind}" in words and "Started" in words


def test_the_overview_counts_what_happens_once(world: World) -> None:
    tenant, viewer = world.instance.create_tenant(), world.of_all["viewer"]
    client, user = tenant.create_client("web"), tenant.create_user()
    browser = Browser(world.instance)
    page = begin(browser, client)
    failed = browser.submit(
        page, page.form("identifier", "password"), identifier=user.name, password="not this one")
    assert failed.status != 303
    tokens(client, user, browser, scope="openid")

    def counted() -> bool:
        words = viewer.get(f"/admin/tenants/{tenant.slug}").words
        return all(part in words for part in (
            "Tried to sign in 2", "Signed in 1", "Were let into an application 1",
            "Their application got tokens 1", "Active today 1"))

    eventually(counted, "What happened is counted.")
    assert counted()
    listed = viewer.get(f"/admin/tenants/{tenant.slug}/clients").words
    assert "1 in the last 7 days" in viewer.get(f"/admin/tenants/{tenant.slug}/clients").text, listed


def test_a_link_is_shown_to_whoever_has_the_shell_only(world: World) -> None:
    code = subprocess.run(
        [BINARY, "admin", "person", "set", "--email", "x@example.com", "--role", "king",
         "--data", str(world.instance.data)], capture_output=True, text=True, check=False)
    assert code.returncode != 0 and "viewer, support, admin or owner" in code.stderr
