"""What is wrong with an installation, found by `gatehouse doctor`; and what happens, told while it happens."""

from __future__ import annotations

import json
import subprocess
from typing import Any, Iterator

import pytest

from admin_api import administrator
from harness import BINARY, CommandFailed, Instance, Tenant
from portal import Portal
from watch import unchanged


def examine(instance: Instance) -> dict[str, dict[str, Any]]:
    """What the doctor finds, by rule; the command ends with 1 where something fails."""
    key = administrator(instance, "viewer")
    told = key.get("health")
    try:
        assert instance.cli("doctor")["verdict"] == told["verdict"] != "failure"
    except CommandFailed as failed:
        assert failed.code == 1 and told["verdict"] == "failure"
    return {one["rule"]: one for one in told["findings"]}


def test_a_new_installation_can_be_used_on_this_machine(own_instance: Instance) -> None:
    tenant = own_instance.create_tenant()
    with unchanged(tenant):
        found = examine(own_instance)
    warned = {rule for rule, one in found.items() if one["severity"] == "warning"}
    # The PostgreSQL of the tests does not flush what it writes, and the doctor sees that.
    expected = {"address_of_this_machine", "no_mail"}
    assert warned == expected
    failed = {rule for rule, one in found.items() if one["severity"] == "failure"}
    assert failed == ({"commits_not_durable"} if own_instance.kind == "postgres" else set())
    if failed:
        assert "fsync = off" in found["commits_not_durable"]["message"]
    assert found["administration"]["message"].startswith("Nobody but whoever has its shell")


def test_the_command_says_what_it_found_to_people(own_instance: Instance) -> None:
    ended = subprocess.run(
        ["script", "--quiet", "--return", "--command",
         f"{BINARY} doctor --data {own_instance.data}", "/dev/null"],
        capture_output=True, text=True, timeout=60)
    said = ended.stdout.replace("\r", "")
    assert f"warning address_of_this_machine: Its address is {own_instance.url}" in said
    assert "\n    Serve it at an address with https, by --base-url.\n" in said
    assert ended.returncode == (1 if own_instance.kind == "postgres" else 0), said


def test_keys_that_nobody_uses_and_domains_that_are_gone(own_instance: Instance) -> None:
    tenant = own_instance.create_tenant()
    idle = own_instance.cli("admin", "key", "create", "--name", "Old", "--role", "viewer")
    theirs = own_instance.cli(
        "admin", "key", "create", "--name", "Theirs", "--role", "viewer", "--tenant", tenant.slug)
    over = own_instance.cli(
        "admin", "key", "create", "--name", "Over", "--role", "viewer", "--expires-in", "1d")
    tenant.cli("domain", "add", "login.example.test")
    own_instance.database.execute(
        "UPDATE administrator_key SET created_at = created_at - 7776000000 - 1000")
    own_instance.database.execute(
        "UPDATE administrator_key SET expires_at = created_at + 86400000 "
        f"WHERE id = '{over['id']}'")
    own_instance.database.execute(
        "UPDATE tenant_domain SET verified_at = created_at, missing_since = created_at")
    # The key that asks is one of those in use.
    found = [one for one in administrator(own_instance, "viewer").get("health")["findings"]]
    commands = {one["command"] for one in found if one["rule"] == "administrator_key_idle"}
    assert commands == {
        f"gatehouse admin key revoke {idle['id']}",
        f"gatehouse admin key revoke {theirs['id']} --tenant {tenant.slug}"}
    (gone,) = [one for one in found if one["rule"] == "domain_record_missing"]
    assert gone["command"] == f"gatehouse domain verify login.example.test --tenant {tenant.slug}"
    # What a finding says to do can be done as it stands.
    for command in commands:
        own_instance.cli(*command.split()[1:])
    assert "administrator_key_idle" not in examine(own_instance)


def test_clients_that_cannot_be_told(own_instance: Instance) -> None:
    tenant = own_instance.create_tenant()
    client = tenant.create_client("web")
    own_instance.database.execute(
        "INSERT INTO delivery (tenant_id, kind, subject, client_id, issuer, user_id, request_id, "
        f"created_at, due_at, attempts) VALUES ('{tenant.id}', 'logout', 'ses_1', '{client.id}', "
        f"'{tenant.issuer}', 'usr_1', 'r', 0, 9000000000000, 3)")
    assert examine(own_instance)["clients_not_told"]["message"].startswith("1 time a client is")


def test_who_serves_behind_a_proxy_has_to_name_it() -> None:
    for trusted in ([], ["--trusted-proxies", "127.0.0.1/32"]):
        with Instance("sqlite", ["--base-url", "https://id.example.test", *trusted]) as instance:
            rules = {one["rule"] for one in instance.cli("doctor")["findings"]}
            assert ("proxy_not_trusted" in rules) == (not trusted)
            assert "address_of_this_machine" not in rules


def test_what_no_server_answers_for_is_opened() -> None:
    with Instance("sqlite") as instance:
        assert instance.cli("doctor")["started_at"]
        instance.stop()
        offline = instance.cli("doctor")
        assert offline["started_at"] is None
        assert "opened_by_command" in {one["rule"] for one in offline["findings"]}
        instance.start()


def test_the_portal_shows_it_to_whoever_administers_all(own_instance: Instance) -> None:
    tenant = own_instance.create_tenant()
    page = Portal.person(own_instance, "viewer").get("/admin/health")
    assert page.status == 200
    assert "Its address is" in page.words and "no_mail" in page.words
    assert Portal.person(own_instance, "owner", tenant).get("/admin/health").status == 403


# Events as they come


def follow(tenant: Tenant, *arguments: str, word: str = "audit") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [BINARY, word, "tail", "--tenant", tenant.slug, "--data", str(tenant.instance.data),
         *arguments], stdout=subprocess.PIPE, text=True, cwd="/")


@pytest.fixture
def following() -> Iterator[list[subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []
    yield started
    for one in started:
        one.kill()
        one.communicate()


def test_events_are_told_once_each_as_they_come(
    own_instance: Instance, following: list[subprocess.Popen[str]],
) -> None:
    tenant = own_instance.create_tenant()
    first = tenant.create_user()
    tail = follow(tenant)
    following.append(tail)
    assert tail.stdout
    seen = [json.loads(tail.stdout.readline()) for _ in range(2)]
    assert [one["kind"] for one in seen] == ["tenant.created", "user.created"]
    others = [tenant.create_user(), tenant.create_user()]
    seen += [json.loads(tail.stdout.readline()) for _ in others]
    assert [one["subject"] for one in seen[1:]] == [first.id, *(user.id for user in others)]
    assert len({one["id"] for one in seen}) == len(seen)


def test_only_events_that_are_meant_are_told(
    own_instance: Instance, following: list[subprocess.Popen[str]],
) -> None:
    tenant = own_instance.create_tenant()
    tail = follow(tenant, "--kind", "client.created", word="logs")
    following.append(tail)
    tenant.create_user()
    client = tenant.create_client("web")
    assert tail.stdout
    assert json.loads(tail.stdout.readline())["subject"] == client.id
