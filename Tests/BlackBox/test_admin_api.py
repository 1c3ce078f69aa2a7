"""The admin API: what it offers, how it answers, and that a change is made once and by who looked."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from admin_api import Admin, administrator, done, operations, problem
from harness import ROOT, CommandFailed, Instance, Tenant
from isolation import commands
from watch import recorded, unchanged


@pytest.fixture
def owner(instance: Instance) -> Admin:
    return administrator(instance)


def test_the_contract_is_served_and_each_of_its_operations_has_a_route(
    instance: Instance, owner: Admin
) -> None:
    served = instance.http.get(f"{instance.url}/api/v1/openapi.json")
    assert served.headers["content-type"] == "application/json"
    document = served.json()
    assert document["openapi"] == "3.1.0"
    assert document["servers"] == [{"url": f"{instance.url}/api/v1"}]
    known = {(path, method.upper()) for path, methods in document["paths"].items()
             for method in methods}
    assert known == {(one.path, one.method) for one in operations()}
    for one in operations():
        # Without a key each says who may; a path or a method that is not in it is no route.
        answer = instance.http.request(one.method, f"{instance.url}/api/v1/{one.at('nobody')}")
        told = problem(answer, 401, "unauthenticated")
        assert answer.headers["www-authenticate"] == "Bearer"
        assert told["type"] == f"{instance.url}/api/v1/docs#problem-unauthenticated"
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"}:
            if (one.path, method) not in known:
                other = instance.http.request(
                    method, f"{instance.url}/api/v1/{one.at('nobody')}")
                assert other.status_code in (401, 405), f"{method} {one.path}"
    assert owner.send("GET", "nothing").status_code == 404


def test_every_command_has_its_request_or_a_reason() -> None:
    """The table of `docs/reference/administration.md`, which is made from the contract."""
    page = (ROOT / "docs/reference/administration.md").read_text()
    named = set(re.findall(r"^\| [^|]*\| `([^`]+)` \| `", page, re.MULTILINE))
    here = set(re.findall(r"^\| `([^`]+)` \| It", page, re.MULTILINE))
    assert named | here == set(commands()) and not named & here
    assert len(re.findall(r"^\| .* \| `[A-Z]+ /", page, re.MULTILINE)) == len(operations())


def test_the_explorer_tells_of_each_operation_and_each_problem(instance: Instance) -> None:
    page = instance.http.get(f"{instance.url}/api/v1/docs")
    assert page.status_code == 200
    assert "script-src" not in page.headers["content-security-policy"]
    for one in operations():
        assert f"{one.method} {one.path}" in page.text
    assert 'id="problem-conflict"' in page.text


def test_a_tenant_from_the_beginning(instance: Instance, owner: Admin) -> None:
    """What the commands do, by requests alone."""
    slug = f"acme-{owner.id[-8:].lower()}"
    tenant = owner.post("tenants", {"slug": slug, "name": "Acme"})
    assert tenant["issuer"].endswith(f"/t/{slug}") and tenant["registration"] == "closed"
    base = f"tenants/{slug}"
    user = owner.post(f"{base}/users", {"email": "kay@example.com", "verified": True})
    assert user["email_verified"] and not user["has_password"]
    client = owner.post(f"{base}/clients", {
        "name": "Web", "type": "web", "redirect_uris": ["https://a.test/cb"]})
    assert client["client_secret"].startswith("cs_")
    instance.keep_secret(client["client_secret"])
    shown = owner.get(f"{base}/clients/{client['client_id']}")
    assert "client_secret" not in shown and len(shown["secrets"]) == 1
    assert owner.get(f"{base}/users/kay@example.com")["id"] == user["id"]
    resource = owner.post(f"{base}/resources", {
        "identifier": "https://api.test", "name": "Orders",
        "scopes": {"orders:read": "See your orders"}})
    assert resource["scopes"] == {"orders:read": "See your orders"}
    assert resource["lifetime"] == "client" and resource["clients"] == "all"
    path = f"{base}/resources/{resource['id']}"
    narrowed = owner.patch(path, {"lifetime": 300, "clients": [client["client_id"]]})
    assert (narrowed["lifetime"], narrowed["clients"]) == (300, [client["client_id"]])
    # What is shown can be sent back.
    assert owner.patch(path, {"lifetime": "client", "clients": "all"})["lifetime"] == "client"
    organization = owner.post(f"{base}/organizations", {
        "slug": "north", "name": "North", "owner": user["id"], "metadata": {"plan": "pro"}})
    assert organization["metadata"] == {"plan": "pro"}
    members = owner.get(f"{base}/organizations/north/members")
    assert [one["user"] for one in members["items"]] == [user["id"]]
    assert members["next_cursor"] is None
    refused = owner.send("DELETE", f"{base}/users/{user['id']}")
    problem(refused, 409, "conflict")
    assert owner.delete(f"{base}/clients/{client['client_id']}") == {
        "deleted": client["client_id"]}
    assert owner.delete(base) == {"deleted": slug}
    problem(owner.send("GET", base), 404, "not_found")


def test_a_list_is_told_in_pages(tenant: Tenant, owner: Admin) -> None:
    made = [owner.post(f"tenants/{tenant.slug}/users", {"username": f"user-{number}"})["id"]
            for number in range(5)]
    path, found, cursor = f"tenants/{tenant.slug}/users", [], None
    for expected in (2, 2, 1):
        page = owner.get(path, limit=2, **({"cursor": cursor} if cursor else {}))
        assert len(page["items"]) == expected
        found += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
        assert (cursor is None) == (expected == 1)
    assert found == sorted(made)
    exact = owner.get(path, limit=5)
    assert exact["next_cursor"] is None, "There is no page behind the last one."
    tenant.instance.create_tenant()
    tenants = owner.get("tenants", limit=1)
    assert len(tenants["items"]) == 1 and tenants["next_cursor"] is not None


def test_a_change_is_made_by_who_looked(tenant: Tenant, owner: Admin) -> None:
    path = f"tenants/{tenant.slug}"
    user = owner.post(f"{path}/users", {"username": "kay", "name": "Kay"})
    client = owner.post(f"{path}/clients", {
        "name": "Web", "type": "web", "redirect_uris": ["https://a.test/cb"]})
    tenant.instance.keep_secret(client["client_secret"])
    resource = owner.post(f"{path}/resources", {"identifier": "https://o.test", "name": "O"})
    owner.post(f"{path}/organizations", {"slug": "north", "name": "North"})
    for place in (path, f"{path}/users/{user['id']}", f"{path}/clients/{client['client_id']}",
                  f"{path}/resources/{resource['id']}", f"{path}/organizations/north"):
        looked = owner.send("GET", place)
        tag = looked.headers["etag"]
        same = owner.send("GET", place, headers={"if-none-match": tag})
        assert same.status_code == 304 and not same.content
        changed = owner.send("PATCH", place, {"name": "New"}, {"if-match": tag})
        assert changed.status_code == 200 and changed.headers["etag"] != tag, place
        with unchanged(tenant):
            late = owner.send("PATCH", place, {"name": "Newer"}, {"if-match": tag})
        problem(late, 412, "outdated")
        assert owner.send("GET", place).headers["etag"] == changed.headers["etag"]
        assert owner.send("PATCH", place, {"name": "Newer"}, {
            "if-match": f'"other", {changed.headers["etag"]}'}).status_code == 200
        assert owner.send("PATCH", place, {"name": "N"}, {"if-match": "*"}).status_code == 200
    refused = owner.send("POST", f"{path}/organizations/north/suspend", {}, {"if-match": '"a"'})
    problem(refused, 400, "malformed")


@pytest.mark.attack("GH-392")
def test_of_two_who_looked_one_changes(tenant: Tenant, owner: Admin) -> None:
    client = owner.post(f"tenants/{tenant.slug}/clients", {
        "name": "Web", "type": "web", "redirect_uris": ["https://a.test/cb"]})
    tenant.instance.keep_secret(client["client_secret"])
    path = f"tenants/{tenant.slug}/clients/{client['client_id']}"
    tag = owner.send("GET", path).headers["etag"]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(
            lambda number: owner.send(
                "PATCH", path, {"name": f"Name {number}"}, {"if-match": tag}).status_code,
            range(8)))
    # Some may be told that it was changed while they changed it, which is a conflict of its own.
    assert answers.count(200) == 1, answers
    assert set(answers) <= {200, 412, 400}, answers


def test_a_request_that_is_sent_again_is_done_once(tenant: Tenant, owner: Admin) -> None:
    path, body = f"tenants/{tenant.slug}/clients", {
        "name": "Web", "type": "web", "redirect_uris": ["https://a.test/cb"]}
    again = {"idempotency-key": "order-1"}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: owner.send("POST", path, body, again), range(8)))
    made = [one for one in answers if one.status_code == 201]
    assert all(one.status_code == 201 or problem(one, 409, "request_unanswered")
               for one in answers)
    assert len({one.json()["client_secret"] for one in made}) == 1
    assert len(owner.get(path)["items"]) == 1
    later = owner.send("POST", path, body, again)
    assert later.json() == made[0].json() and later.headers["idempotency-replayed"] == "true"
    # What is kept is sealed.
    rows = tenant.instance.database.rows("SELECT * FROM administrator_request")
    assert made[0].json()["client_secret"] not in str(rows)
    problem(owner.send("POST", path, body | {"name": "Other"}, again), 422,
            "idempotency_key_reused")
    # A refusal is answered again, too; another key's requests have names of their own.
    bad = {"idempotency-key": "order-2"}
    first = owner.send("POST", path, body | {"type": "nothing"}, bad)
    problem(first, 400, "invalid_request")
    other = administrator(tenant.instance, "admin", tenant)
    assert other.send("POST", path, body, again).status_code == 201
    assert len(owner.get(path)["items"]) == 2
    for name in ("", "a b", "x" * 256, "ü"):
        problem(owner.send("POST", path, body, {"idempotency-key": name.encode()}), 400,
                "malformed")


def test_what_is_rehearsed_is_not_done(tenant: Tenant, owner: Admin) -> None:
    path = f"tenants/{tenant.slug}"
    user = owner.post(f"{path}/users", {"username": "kay"})
    with unchanged(tenant):
        answer = owner.send("POST", f"{path}/users", {"username": "lee"}, dry_run="true")
        assert answer.status_code == 201 and answer.headers["gatehouse-dry-run"] == "true"
        assert answer.json()["username"] == "lee"
        problem(owner.send("POST", f"{path}/users", {"username": "kay"}, dry_run="true"), 409,
                "conflict")
        changed = owner.patch(f"{path}/users/{user['id']}", {"disabled": True}, dry_run=True)
        assert changed["disabled_at"] is not None
        assert owner.delete(f"{path}/users/{user['id']}", dry_run=True) == {"deleted": user["id"]}
        owner.post(f"{path}/keys/rotate", {"algorithm": "ES256", "at_once": True}, dry_run=True)
    assert owner.get(f"{path}/users/{user['id']}")["disabled_at"] is None
    problem(owner.send("GET", f"{path}/users", dry_run="true"), 400, "invalid_request")


def test_events_say_who_changed_what(tenant: Tenant, owner: Admin) -> None:
    path = f"tenants/{tenant.slug}"
    with recorded(tenant, "client.created", actor=owner.id):
        client = owner.post(f"{path}/clients", {
            "name": "Web", "type": "web", "redirect_uris": ["https://a.test/cb"]})
    tenant.instance.keep_secret(client["client_secret"])
    user = owner.post(f"{path}/users", {"email": "kay@example.com", "name": "Kay"})
    owner.patch(f"{path}/clients/{client['client_id']}", {
        "redirect_uris": ["https://a.test/cb", "https://b.test/cb"]})
    owner.patch(f"{path}/users/{user['id']}", {"name": "Lee", "disabled": True})
    last = {row["kind"]: row for row in tenant.instance.events(tenant)}
    assert {last[kind]["actor"] for kind in ("client.updated", "user.updated")} == {owner.id}
    told = json.loads(json.loads(last["client.updated"]["detail"])["changed"])
    assert told == {"redirect_uris": [["https://a.test/cb"],
                                      ["https://a.test/cb", "https://b.test/cb"]]}
    told = json.loads(json.loads(last["user.updated"]["detail"])["changed"])
    assert told["name"] == "changed" and told["disabled_at"][0] is None
    assert "Lee" not in str(last) and "kay@example.com" not in str(last)


def test_events_are_told_in_pages_the_newest_first(tenant: Tenant, owner: Admin) -> None:
    path = f"tenants/{tenant.slug}"
    made = [owner.post(f"{path}/users", {"username": f"user-{number}"})["id"]
            for number in range(5)]
    found: list[str] = []
    cursor: dict[str, str] = {}
    for _ in range(3):
        page = owner.get(f"{path}/events", limit=2, kind="user.created", **cursor)
        found += [one["subject"] for one in page["items"]]
        cursor = {"cursor": page["next_cursor"]}
    assert found == made[::-1] and page["next_cursor"] is None
    assert {one["actor"] for one in owner.get(f"{path}/events", subject=made[0])["items"]} == {
        owner.id}
    problem(owner.send("GET", f"{path}/events", kind="nothing.happened"), 400, "invalid_request")
    assert owner.get("audit/key")["key"]["kty"] == "OKP"


def test_a_problem_says_what_is_wrong_and_where(tenant: Tenant, owner: Admin) -> None:
    path = f"tenants/{tenant.slug}"
    cases = [
        ("clients", {"name": "X", "type": "nothing"}, "/type"),
        ("clients", {"name": "X"}, "/type"),
        ("clients", {"name": "X", "type": "web", "redirect_uris": "https://a.test"},
         "/redirect_uris"),
        ("clients", {"name": "X", "type": "web", "redirect_uri": []}, "/redirect_uri"),
        ("clients", {"name": "", "type": "web"}, "/name"),
        ("users", {"email": "nobody"}, "/email"),
        ("users", {"username": "k", "a/b~c": 1}, "/a~1b~0c"),
        ("organizations", {"slug": "X", "name": "X"}, "/slug"),
        ("organizations", {"slug": "x", "name": "X", "metadata": "{}"}, "/metadata"),
        ("keys", {"algorithm": None}, "/algorithm"),
        ("initial-access-tokens", {"uses": 1.5}, "/uses"),
        ("initial-access-tokens", {"uses": "1"}, "/uses"),
    ]
    with unchanged(tenant):
        for place, body, pointer in cases:
            told = problem(
                owner.send("POST", f"{path}/{place}", body), 400, "invalid_request")
            assert told.get("pointer") == pointer, (place, body, told)
            assert "--" not in told["detail"], "Options of the command line mean nothing here."
        web = {"name": "X", "type": "web"}
        told = problem(owner.send("POST", f"{path}/clients", web), 400, "invalid_request")
        assert "redirect_uris" in told["detail"]
        problem(owner.send("GET", f"{path}/users", name="x"), 400, "invalid_request")
        problem(owner.send("GET", f"{path}/users", limit=["1", "2"]), 400, "invalid_request")


def test_bodies_that_cannot_be_read(tenant: Tenant, owner: Admin) -> None:
    url = f"{owner.instance.url}/api/v1/tenants/{tenant.slug}/users"
    bearer = {"authorization": f"Bearer {owner.key}"}

    def post(content: bytes, kind: str | None = "application/json") -> object:
        headers = bearer | ({"content-type": kind} if kind else {})
        return owner.instance.http.post(url, content=content, headers=headers)

    with unchanged(tenant):
        for content in (b"", b"{", b"[]", b"null", b'{"username":"a","username":"b"}',
                        b'{"username":"\\u0000"}', b"\xff\xfe", b"[" * 100_000,
                        b'{"username":' + b"9" * 5_000 + b"}"):
            answer = post(content)
            assert answer.status_code == 400, content[:40]
        for kind in (None, "text/plain", "application/x-www-form-urlencoded",
                     "multipart/form-data; boundary=x", "application/json; charset=utf-16"):
            problem(post(b'{"username":"kay"}', kind), 415, "unsupported_media_type")
        assert post(b'{"username":"' + b"a" * (1 << 20) + b'"}').status_code == 413
    assert done(post(b'{"username":"kay"}', "application/json; charset=utf-8"))


def test_every_answer_tells_how_many_requests_are_left(instance: Instance) -> None:
    key = administrator(instance, "viewer")
    first = key.send("GET", "me")
    assert first.headers["ratelimit-policy"] == '"key";q=1200;w=60'
    assert first.headers["ratelimit"].startswith('"key";r=1199;t=')
    assert key.send("GET", "nothing/here").status_code == 404
    assert "r=1198" in key.send("DELETE", "tenants/nobody").headers["ratelimit"]
    answers = [key.send("GET", "me").status_code for _ in range(1_199)]
    assert answers[:1_198] == [200] * 1_198
    refused = key.send("GET", "me")
    problem(refused, 429, "too_many_requests")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert administrator(instance, "viewer").send("GET", "me").status_code == 200


@pytest.mark.attack("GH-389")
def test_of_fifty_who_take_a_name_one_gets_it(tenant: Tenant, owner: Admin) -> None:
    def create(_: int) -> int:
        return owner.send(
            "POST", f"tenants/{tenant.slug}/users", {"email": "same@example.com"}).status_code

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(create, range(50)))
    assert sorted(answers) == [201] + [409] * 49


def test_commands_know_of_keys(instance: Instance, tenant: Tenant) -> None:
    made = instance.cli("admin", "key", "create", "--name", "CI", "--role", "admin",
                        "--tenant", tenant.slug, "--expires-in", "90d")
    instance.keep_secret(made["administrator_key"])
    assert made["administrator_key"].startswith(made["begins_with"])
    assert made["created_by"] == "operator" and made["tenant"] == tenant.slug
    listed = instance.cli("admin", "key", "list", "--tenant", tenant.slug)
    assert [one["id"] for one in listed] == [made["id"]] and "administrator_key" not in listed[0]
    assert made["id"] not in str(instance.cli("admin", "key", "list"))
    for wrong in (["--role", "king"], ["--role", "admin", "--expires-in", "soon"]):
        with pytest.raises(CommandFailed):
            instance.cli("admin", "key", "create", "--name", "X", *wrong)
    with pytest.raises(CommandFailed, match="no administrator key"):
        instance.cli("admin", "key", "revoke", made["id"])
    instance.cli("admin", "key", "revoke", made["id"], "--tenant", tenant.slug)
    assert instance.cli("admin", "key", "list", "--tenant", tenant.slug) == []
