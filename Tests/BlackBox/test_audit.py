"""What happened at a tenant: looked at, exported, and verified without the server that wrote it."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

import auditing
from browser import Browser
from harness import BINARY, SECRET_SHAPES, Client, CommandFailed, Instance, Tenant, User
from protocol import refresh, tokens
from trial import eventually


@pytest.fixture
def busy(client: Client, user: User, browser: Browser) -> Tenant:
    """A tenant at which something happened."""
    given = tokens(client, user, browser, scope="openid offline_access")
    assert refresh(client, given["refresh_token"]).status_code == 200
    return client.tenant


@pytest.fixture
def thumbprint(instance: Instance) -> str:
    return instance.cli("audit", "key")["thumbprint"]


def test_an_export_is_verified_by_the_command_and_by_somebody_else(
    busy: Tenant, thumbprint: str, tmp_path: Path
) -> None:
    file = auditing.export(busy, tmp_path)
    auditing.second_opinion(file, thumbprint)
    code, report, said = auditing.verify(file, "--key", thumbprint)
    assert (code, report["result"], said) == (0, "intact", ""), report
    assert report["tenant"] == busy.id and report["issuer"] == busy.issuer
    assert report["unchecked"] == [] and report["checkpoints"] >= 1
    kinds = [event["kind"] for event in auditing.events(file)]
    assert report["events"] == len(kinds) and report["to"] == len(kinds)
    assert {"tenant.created", "session.signed_in", "refresh_token.used"} <= set(kinds)
    # That it was exported is what happened next.
    again = auditing.events(auditing.export(busy, tmp_path))
    assert again[:len(kinds)] == auditing.events(file)
    assert [event["kind"] for event in again[len(kinds):]] == ["audit_trail.exported"]
    assert again[-1]["detail"] == {"from": "1", "to": str(len(kinds))}


def test_what_could_not_be_known_is_said(
    busy: Tenant, instance: Instance, thumbprint: str, tmp_path: Path
) -> None:
    file = auditing.export(busy, tmp_path)
    code, report, _ = auditing.verify(file)
    assert code == 0 and "--key" in report["unchecked"][0] and report["key"] == thumbprint
    key = tmp_path / "key.json"
    key.write_text(json.dumps(instance.cli("audit", "key")))
    assert auditing.verify(file, "--key", str(key))[1]["unchecked"] == []
    code, report, said = auditing.verify(file, "--key", "A" * 43)
    assert code == 1 and "another key" in said and report["damage"][0]["line"] == 1
    # A part of it says that it is one.
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 5))
    part = auditing.export(busy, tmp_path, "--since", now)
    code, report, _ = auditing.verify(part, "--key", thumbprint)
    assert code == 0 and report["events"] == 0 and "leaves out" in report["unchecked"][0]
    auditing.second_opinion(part, thumbprint)


def test_gh_388_a_flipped_bit_is_found_and_located(
    busy: Tenant, thumbprint: str, tmp_path: Path
) -> None:
    """`AuditVerifierTests` flip every one; here the command says where some of them are."""
    whole = auditing.export(busy, tmp_path).read_bytes()
    ends = [place for place, byte in enumerate(whole) if byte == 10]
    middle = len(ends) // 2
    for number in (1, 2, middle, len(ends) - 1, len(ends)):
        start, end = ([-1, *ends][number - 1] + 1, ends[number - 1])
        for place in (start, (start + end) // 2, end):
            damaged = bytearray(whole)
            damaged[place] ^= 4
            code, report, said = auditing.verify(bytes(damaged), "--key", thumbprint)
            assert code == 1 and report["result"] == "damaged"
            assert report["damage"][0]["line"] == number, (place, report["damage"])
            assert f"line {number}" in said


def test_gh_388_lines_are_missed_wherever_they_stood(
    busy: Tenant, thumbprint: str, tmp_path: Path
) -> None:
    whole = auditing.export(busy, tmp_path).read_bytes().splitlines(keepends=True)
    for number in range(len(whole)):
        rest = whole[:number] + whole[number + 1:]
        code, report, _ = auditing.verify(b"".join(rest), "--key", thumbprint)
        assert code == 1 and report["findings"] > 0, number
    place = next(place for place, line in enumerate(whole) if b'"sequence":3,' in line)
    rest = whole[:place] + whole[place + 1:]
    code, report, said = auditing.verify(b"".join(rest), "--key", thumbprint)
    line = next(place for place, line in enumerate(rest) if b'"sequence":4,' in line) + 1
    assert report["damage"][0] == {
        "line": line, "sequence": 4, "problem": "Event 3 is missing before it."}
    assert f"line {line} (event 4): Event 3 is missing before it." in said


def test_gh_388_a_kept_checkpoint_finds_a_trail_that_was_written_anew(
    own_instance: Instance, tmp_path: Path
) -> None:
    tenant = own_instance.create_tenant()
    tenant.create_user()
    kept = tmp_path / "checkpoint"
    kept.write_text(json.dumps(tenant.cli("audit", "checkpoint")))
    tenant.create_user()
    key = own_instance.cli("audit", "key")["thumbprint"]
    file = auditing.export(tenant, tmp_path)
    assert auditing.verify(file, "--key", key, "--checkpoint", str(kept))[0] == 0
    # Somebody who can write to the database takes all of it back, and does not know the key. The server
    # would know what it sealed, but it was restarted.
    own_instance.stop()
    own_instance.database.execute(f"DELETE FROM event WHERE tenant_id = '{tenant.id}'")
    own_instance.database.execute(f"DELETE FROM event_checkpoint WHERE tenant_id = '{tenant.id}'")
    own_instance.start()
    tenant.create_user()
    file = auditing.export(tenant, tmp_path)
    code, _, said = auditing.verify(file, "--key", key, "--checkpoint", str(kept))
    assert code == 1 and "checkpoint" in said


@pytest.mark.attack("GH-388")
@pytest.mark.parametrize("change, said", [
    ("UPDATE event SET actor = 'anonymous' WHERE {it} AND sequence = 2", "(event 2)"),
    ("UPDATE event SET subject = subject || ' ' WHERE {it} AND sequence = 2", "(event 2)"),
    ("UPDATE event SET occurred_at = occurred_at + 1 WHERE {it} AND sequence = 2", "(event 2)"),
    ("DELETE FROM event WHERE {it} AND sequence = 2", "Event 2 is missing"),
    ("DELETE FROM event WHERE {it} AND sequence = 4", "Event 4 is missing"),
    ("UPDATE event SET sequence = NULL WHERE {it} AND sequence = 2", "Event 2 is missing"),
    ("UPDATE event_checkpoint SET token = 'x' WHERE {it} AND number = 0", "somebody altered it"),
    ("INSERT INTO event (tenant_id, id, kind, actor, occurred_at, request_id, detail, sequence, "
     "hash) SELECT tenant_id, 'evt_7zzzzzzzzzzzzzzzzzzzzzzzzz', kind, actor, occurred_at, "
     "request_id, detail, 5, hash FROM event WHERE {it} AND sequence = 2", "(event 5)"),
])
def test_what_somebody_does_to_the_database_is_found(
    altered: Instance, change: str, said: str
) -> None:
    tenant = altered.create_tenant()
    for _ in range(3):
        tenant.create_user()
    report = tenant.cli("audit", "check")
    assert report["result"] == "intact" and report["events"] == 4 and report["unchecked"] == []
    altered.database.execute(change.format(it=f"tenant_id = '{tenant.id}'"))
    with pytest.raises(CommandFailed) as failed:
        tenant.cli("audit", "check")
    assert failed.value.code == 1 and said in failed.value.stderr


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def altered(request: pytest.FixtureRequest):
    """An instance whose database somebody else writes to."""
    with Instance(request.param) as instance:
        yield instance


def test_gh_388_the_trail_goes_on_and_tells_that_it_was_altered(altered: Instance) -> None:
    tenant = altered.create_tenant()
    tenant.create_user()
    tenant.cli("audit", "check")
    altered.database.execute(
        f"DELETE FROM event WHERE tenant_id = '{tenant.id}' AND sequence = 2")
    tenant.create_user()
    eventually(lambda: bool(tenant.cli("audit", "list", "--kind", "audit_trail.altered")))
    told, = tenant.cli("audit", "list", "--kind", "audit_trail.altered")
    assert told["detail"] == {"signed": "2", "found": "1"} and told["actor"] == "system"


def test_gh_388_the_server_knows_what_it_sealed(altered: Instance) -> None:
    """Setting everything back, what was signed too, is noticed while the server lives."""
    tenant = altered.create_tenant()
    tenant.cli("audit", "check")
    where = f"tenant_id = '{tenant.id}' AND number = 0"
    end = altered.database.value(f"SELECT token FROM event_checkpoint WHERE {where}")
    tenant.create_user()
    tenant.cli("audit", "check")
    altered.database.execute(f"DELETE FROM event WHERE tenant_id = '{tenant.id}' AND sequence > 1")
    altered.database.execute(f"UPDATE event_checkpoint SET token = '{end}' WHERE {where}")
    for _ in range(2):
        with pytest.raises(CommandFailed) as failed:
            tenant.cli("audit", "check")
        assert failed.value.code == 1
        tenant.create_user()
    told, = tenant.cli("audit", "list", "--kind", "audit_trail.altered")
    assert told["detail"] == {"signed": "1", "found": "1", "left": "2"}


def test_gh_388_nothing_that_is_sent_says_who_did_it(
    busy: Tenant, client: Client, user: User, thumbprint: str, tmp_path: Path
) -> None:
    """The actor is who the credential is of; lengths and line ends change no line."""
    instance = busy.instance
    long = "x" * 5_000
    headers = {
        "X-User": "admin", "X-Actor": "operator", "X-Remote-User": "operator",
        "X-Request-Id": "evt_forged", "X-Forwarded-For": "192.0.2.66", "Forwarded": "for=192.0.2.66",
        "User-Agent": long}
    before = len(busy.cli("audit", "list", "--limit", "1000"))
    for name in (long, "a\nb", "a\r\n{\"type\":\"event\"}", "=1+1", "\u2028\u0085"):
        answer = instance.http.post(
            busy.endpoint("token"), headers=headers, auth=(client.id, client.secret),
            data={"grant_type": "refresh_token", "refresh_token": name, "actor": "operator"})
        assert answer.status_code in (400, 401)
    given = tokens(client, user, Browser(instance))
    answer = instance.http.post(
        busy.endpoint("revocation"), headers=headers, auth=(client.id, client.secret),
        data={"token": given["access_token"]})
    assert answer.status_code == 200
    revoked, = busy.cli("audit", "list", "--kind", "access_token.revoked")
    assert revoked["actor"] == client.id and revoked["address"] == "127.0.0.1"
    assert revoked["request_id"] != "evt_forged"
    listed = busy.cli("audit", "list", "--limit", "1000")
    assert "192.0.2.66" not in json.dumps(listed) and "operator" not in {
        event["actor"] for event in listed[:len(listed) - before]}
    file = auditing.export(busy, tmp_path)
    auditing.second_opinion(file, thumbprint)
    assert max(map(len, file.read_bytes().splitlines())) < 8_000


def test_gh_388_strangers_cannot_fill_it(
    busy: Tenant, client: Client, user: User, browser: Browser
) -> None:
    instance = busy.instance
    before = len(instance.events(busy))
    for number in range(60):
        for secret in ("wrong", f"cs_{number:043}"):
            answer = instance.http.post(
                busy.endpoint("token"), auth=(client.id, secret),
                data={"grant_type": "refresh_token", "refresh_token": f"rt_{number:043}"})
            assert answer.status_code in (400, 401, 429)
        instance.http.get(
            busy.endpoint("userinfo"), headers={"Authorization": f"Bearer tok_{number:043}"})
        instance.http.get(f"{busy.endpoint('authorization')}?client_id=client_{number}")
    # What was tried is counted, and told once.
    assert len(instance.events(busy)) - before <= 5
    assert busy.cli("audit", "check")["result"] == "intact"


def test_gh_407_a_table_has_no_formulas(
    tenant: Tenant, instance: Instance, thumbprint: str, tmp_path: Path
) -> None:
    hostile = ["=HYPERLINK(\"https://evil.test\")", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1",
               "a,b\"c\nd", "fine"]
    for number, text in enumerate(hostile):
        quoted = text.replace("'", "''")
        instance.database.execute(
            "INSERT INTO event (tenant_id, id, kind, actor, subject, occurred_at, request_id, "
            f"detail) VALUES ('{tenant.id}', 'evt_7zzzzzzzzzzzzzzzzzzzzzzzz{number}', "
            f"'tenant.updated', 'operator', '{quoted}', 1, 'r', '{{}}')")
    file = auditing.export(tenant, tmp_path, "--format", "csv", "--kind", "tenant.updated")
    raw = file.read_bytes()
    with file.open(newline="") as table:
        head, *rows = csv.reader(table)
    assert head[:5] == ["sequence", "id", "occurred_at", "kind", "actor"]
    subjects = [row[head.index("subject")] for row in rows]
    assert subjects == [f"'{text}" for text in hostile[:6]] + hostile[6:]
    for row in rows:
        assert not any(cell[:1] in ("=", "+", "-", "@", "\t", "\r") for cell in row)
    assert raw.count(b"\r\n") == len(rows) + 1
    # The other form has the texts as they are, and is verified.
    auditing.second_opinion(auditing.export(tenant, tmp_path), thumbprint)


def test_gh_407_a_hostile_file_is_read_within_bounds(tmp_path: Path) -> None:
    file = tmp_path / "hostile"
    with file.open("wb") as made:
        made.truncate(1 << 28)
    # A process tells of the most memory of whoever it was forked from, too: so a small one forks it.
    measure = (
        "import resource, subprocess, sys\n"
        "code = subprocess.run(sys.argv[1:], env={}, stderr=subprocess.DEVNULL).returncode\n"
        "print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)\n")
    measured = subprocess.run(
        [sys.executable, "-I", "-c", measure, BINARY, "audit", "verify", str(file)],
        capture_output=True, text=True, check=True)
    report = json.loads(measured.stdout)
    code, memory = map(int, measured.stderr.split())
    assert code == 1 and "longer than any" in report["damage"][0]["problem"]
    assert memory < 150_000, "The line was kept in memory."
    for content in (b"", b"\x00", b"\xff\xfe{}", b"{" * 100_000, b"\r\n" * 5_000, b"[" * 5_000_000):
        code, report, said = auditing.verify(content)
        assert code == 1 and report["result"] == "damaged" and said.startswith("gatehouse: ")
        assert len(report["damage"]) <= 50
    for path, code in ((tmp_path / "none", 3), (tmp_path, 1)):
        assert auditing.verify(path)[0] == code


def test_gh_412_an_export_tells_of_one_tenant_and_no_secret(
    busy: Tenant, client: Client, instance: Instance, tmp_path: Path
) -> None:
    other = instance.create_tenant()
    stranger = other.create_user()
    texts = [auditing.export(busy, tmp_path).read_bytes(),
             auditing.export(busy, tmp_path, "--format", "csv").read_bytes()]
    foreign = {row["id"] for row in instance.database.rows(
        f"SELECT id FROM event WHERE tenant_id <> '{busy.id}'")}
    for text in texts:
        for name in (other.id, other.slug, stranger.id, *foreign):
            assert name.encode() not in text
        for secret in instance.secrets | {client.secret or "?"}:
            assert secret.encode() not in text
        assert b"$argon2" not in text
        # What looks like a token is what was signed about the trail.
        shapes = SECRET_SHAPES.findall(
            b"\n".join(line for line in text.splitlines() if b'"type":"event"' in line))
        assert shapes == []


def test_a_checkpoint_is_no_token_of_another_kind(busy: Tenant, client: Client) -> None:
    token = busy.cli("audit", "checkpoint")["checkpoint"]
    http = busy.instance.http
    answer = http.get(busy.endpoint("userinfo"), headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    answer = http.post(
        busy.endpoint("token"), data={
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": token},
        auth=(client.id, client.secret))
    assert answer.status_code == 400
    answer = http.post(
        busy.endpoint("introspection"), data={"token": token}, auth=(client.id, client.secret))
    assert answer.json() == {"active": False}
    keys = http.get(busy.endpoint("jwks_uri")).json()["keys"]
    assert busy.instance.cli("audit", "key")["thumbprint"] not in [key["kid"] for key in keys]


def test_events_are_searched(busy: Tenant, client: Client, user: User) -> None:
    everything = busy.cli("audit", "list", "--limit", "1000")
    assert [event["id"] for event in everything] == sorted(
        (event["id"] for event in everything), reverse=True)
    assert {event["kind"] for event in everything} >= {"user.created", "client.created"}
    made, = busy.cli("audit", "list", "--subject", user.id, "--kind", "user.created")
    assert made["actor"] == "operator" and made["address"] is None
    signed_in = busy.cli("audit", "list", "--actor", user.id)
    assert signed_in and {event["actor"] for event in signed_in} == {user.id}
    pages, after = [], []
    while page := busy.cli("audit", "list", "--limit", "3", *after):
        pages += page
        after = ["--after", page[-1]["id"]]
    assert [event["id"] for event in pages] == [event["id"] for event in everything]
    moment = everything[2]["occurred_at"]
    since = busy.cli("audit", "list", "--since", moment, "--limit", "1000")
    until = busy.cli("audit", "list", "--until", moment, "--limit", "1000")
    assert len(since) >= 3 and len(since) + len(until) == len(everything)
    for wrong in (["--kind", "x.y"], ["--since", "yesterday"], ["--after", "x"], ["--limit", "0"]):
        with pytest.raises(CommandFailed) as failed:
            busy.cli("audit", "list", *wrong)
        assert failed.value.code == 2


def test_what_a_tenant_did_outlives_it(instance: Instance, thumbprint: str, tmp_path: Path) -> None:
    tenant = instance.create_tenant()
    tenant.cli("audit", "check")
    instance.cli("tenant", "delete", tenant.slug)
    with pytest.raises(CommandFailed):
        tenant.cli("audit", "list")
    listed = instance.cli("audit", "list", "--tenant", tenant.id)
    assert listed[0]["kind"] == "tenant.deleted"
    file = tmp_path / "gone"
    instance.cli("audit", "export", "--tenant", tenant.id, "--output", str(file))
    auditing.second_opinion(file, thumbprint)
    code, report, _ = auditing.verify(file, "--key", thumbprint)
    assert code == 0 and report["issuer"] is None
    # A file that is there is not written over.
    with pytest.raises(CommandFailed) as failed:
        instance.cli("audit", "export", "--tenant", tenant.id, "--output", str(file))
    assert failed.value.code == 4
