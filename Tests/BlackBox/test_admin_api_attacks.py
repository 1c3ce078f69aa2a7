"""What attackers try at the admin API: other people's cursors, keys, members, pages and origins."""

from __future__ import annotations

import base64

import pytest

from admin_api import Admin, administrator, problem
from browser import Browser
from harness import Instance, Tenant
from watch import recorded, unchanged


@pytest.fixture
def owner(instance: Instance) -> Admin:
    return administrator(instance)


@pytest.mark.attack("GH-386")
def test_only_a_whole_key_in_the_header_lets_in(tenant: Tenant) -> None:
    instance = tenant.instance
    key = administrator(instance, "owner", tenant)
    path, url = f"tenants/{tenant.slug}", f"{instance.url}/api/v1/tenants/{tenant.slug}"
    client = tenant.create_client("web")
    others = [
        key.key[:-1], key.key + "a", key.key[4:], key.key.upper(), "gak_" + "A" * 43,
        key.key.replace("gak_", "ak_"), key.key + ".", client.secret or "", key.id,
    ]
    with unchanged(tenant), recorded(tenant):
        for other in others:
            answer = instance.http.get(url, headers={"authorization": f"Bearer {other}"})
            problem(answer, 401, "unauthenticated")
            assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
        for headers in (
            {"authorization": f"Basic {base64.b64encode(key.key.encode()).decode()}"},
            {"authorization": key.key}, {"authorization": f"DPoP {key.key}"},
        ):
            problem(instance.http.get(url, headers=headers), 401, "unauthenticated")
        problem(instance.http.get(url, params={"access_token": key.key}), 401, "unauthenticated")
        twice = [("authorization", f"Bearer {key.key}"), ("authorization", "Bearer x")]
        problem(instance.http.get(url, headers=twice), 401, "unauthenticated")
        problem(instance.http.get(url, headers={"cookie": f"key={key.key}"}), 401,
                "unauthenticated")
    assert key.send("GET", path).status_code == 200
    # At every other door of the installation it is nothing.
    assert instance.http.get(
        tenant.endpoint("userinfo"), headers={"authorization": f"Bearer {key.key}"}
    ).status_code == 401
    instance.cli("admin", "key", "revoke", key.id, "--tenant", tenant.slug)
    problem(key.send("GET", path), 401, "unauthenticated")
    rows = instance.database.rows("SELECT * FROM administrator_key")
    assert key.key not in str(rows)


@pytest.mark.attack("GH-374")
def test_nobody_sets_what_is_not_theirs_to_set(tenant: Tenant, owner: Admin) -> None:
    path = f"tenants/{tenant.slug}/users"
    user = owner.post(path, {"username": "kay"})
    members = {
        "id": "usr_1", "tenant_id": "t", "tenant": "t", "role": "owner", "org_id": "o",
        "organization": "o", "email_verified": True, "password_hash": "x", "mfa_enabled": False,
        "created_at": "2020-01-01T00:00:00Z", "disabled_at": None, "locked": False,
        "has_password": True, "$set": {}, "__proto__": {}, "Username": "x",
    }
    with unchanged(tenant):
        for name, value in members.items():
            told = problem(
                owner.send("PATCH", f"{path}/{user['id']}", {"name": "X", name: value}), 400,
                "invalid_request")
            assert told["pointer"] == f"/{name}"
        for name in ("name", "email", "username", "disabled", "verified", "password"):
            problem(owner.send("PATCH", f"{path}/{user['id']}", {name: None}), 400,
                    "invalid_request")
        for kind in ("application/merge-patch+json", "application/json-patch+json"):
            answer = owner.send("PATCH", f"{path}/{user['id']}", None, {"content-type": kind})
            assert answer.status_code == 415


@pytest.mark.attack("GH-383")
def test_a_cursor_is_good_for_its_list_and_its_key(tenant: Tenant, owner: Admin) -> None:
    other = administrator(tenant.instance)
    second = tenant.instance.create_tenant()
    for number in range(3):
        for place in (tenant, second):
            owner.post(f"tenants/{place.slug}/users", {"username": f"user-{number}"})
    path = f"tenants/{tenant.slug}/users"
    cursor = owner.get(path, limit=1)["next_cursor"]
    assert len(owner.get(path, limit=1, cursor=cursor)["items"]) == 1
    raw = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    raw[len(raw) // 2] ^= 1
    forged = base64.urlsafe_b64encode(bytes(raw)).decode().rstrip("=")
    inside = owner.get(path)["items"][0]["id"]
    for text in (forged, cursor[:-1], cursor + "A", cursor + "=", inside, "", "0", "-1",
                 str(2**63), "' OR 1=1 --", "\u0000", "A" * 5_000):
        answer = owner.send("GET", path, cursor=text)
        assert answer.status_code == 400, text
    problem(owner.send("GET", f"tenants/{second.slug}/users", cursor=cursor), 400,
            "invalid_cursor")
    problem(owner.send("GET", f"tenants/{tenant.slug}/clients", cursor=cursor), 400,
            "invalid_cursor")
    problem(other.send("GET", path, cursor=cursor), 400, "invalid_cursor")
    for query in ({"limit": "0"}, {"limit": "1001"}, {"limit": "1e9"}, {"limit": "-1"},
                  {"limit": str(2**64)}, {"sort": "password_hash"}, {"order": "1;drop"},
                  {"filter": "x"}, {"offset": "1"}, {"after": inside}):
        problem(owner.send("GET", path, **query), 400, "invalid_request")
    # A filter is part of what a cursor is for.
    consents = f"tenants/{tenant.slug}/consents"
    problem(owner.send("GET", consents, user=inside, cursor=cursor), 400, "invalid_cursor")


@pytest.mark.attack("GH-385", "GH-425")
def test_a_browser_of_somebody_who_administers_is_no_way_in(
    tenant: Tenant, browser: Browser
) -> None:
    instance = tenant.instance
    url = f"{instance.url}/api/v1/tenants/{tenant.slug}"
    page = browser.get(instance.cli("admin", "link")["url"])
    browser.submit(page, page.form("secret"))
    assert browser.get(f"{instance.url}/admin").status == 200
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    with unchanged(tenant):
        for kind in ("text/plain", "application/x-www-form-urlencoded", "application/json"):
            for origin in ("https://evil.test", "null", instance.url):
                answer = instance.http.post(
                    f"{url}/users", content=b'{"username":"eve"}',
                    headers={"content-type": kind, "origin": origin, "cookie": cookies})
                problem(answer, 401, "unauthenticated")
                assert "access-control-allow-origin" not in answer.headers
        asked = instance.http.options(f"{url}/users", headers={
            "origin": "https://evil.test", "access-control-request-method": "POST",
            "access-control-request-headers": "authorization"})
        assert not any(name.startswith("access-control") for name in asked.headers)


@pytest.mark.attack("GH-427")
def test_nothing_of_it_is_kept_by_caches(tenant: Tenant, owner: Admin) -> None:
    path = f"tenants/{tenant.slug}"
    for answer in (owner.send("GET", path), owner.send("GET", f"{path}/users/nobody")):
        assert answer.headers["cache-control"] == "no-store"
    assert owner.send("GET", f"{path}/users.css").status_code in (404, 401)
    assert owner.send("GET", "me/x.css").status_code == 404


@pytest.mark.attack("GH-416", "GH-415")
def test_what_is_said_comes_back_as_data(tenant: Tenant, owner: Admin) -> None:
    evil = "<img src=x onerror=alert(1)>\u202e\u2028"
    answer = owner.send("GET", f"tenants/{tenant.slug}/users/{evil}")
    told = problem(answer, 404, "not_found")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert evil in told["detail"]
    made = owner.send("POST", f"tenants/{tenant.slug}/users", {"username": "kay", "name": "<b>x"})
    assert made.json()["name"] == "<b>x" and made.headers["content-type"] == "application/json"


@pytest.mark.attack("GH-388")
def test_nobody_says_who_they_are_but_by_the_key(tenant: Tenant) -> None:
    key = administrator(tenant.instance, "admin", tenant)
    forged = {"x-actor": "operator", "x-forwarded-user": "root", "x-user": "usr_1",
              "x-request-id": "evil\tid"}
    with recorded(tenant, "user.created", actor=key.id):
        assert key.send("POST", f"tenants/{tenant.slug}/users", {"username": "kay"},
                        forged).status_code == 201


@pytest.mark.attack("GH-421")
def test_over_plain_http_it_is_refused_and_not_redirected(own_instance: Instance) -> None:
    key = administrator(own_instance)
    own_instance.stop()
    own_instance.arguments = ["--base-url", "https://id.example.com"]
    own_instance.start()
    answer = own_instance.http.get(
        f"{own_instance.url}/api/v1/me", headers={
            "authorization": f"Bearer {key.key}", "host": "id.example.com"})
    assert answer.status_code == 400 and "location" not in answer.headers
