"""Configuration as code: what is exported makes an empty instance the same, and only what a document
names, or managed before, is touched."""

from __future__ import annotations

import json
import os
import pty
import stat
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from admin_api import administrator
from configuring import DIFFERS, Repository, document, web, without_ids
from harness import BINARY, SECRET_SHAPES, Instance, Tenant, User
from isolation import Holdings
from protocol import refresh, tokens
from trial import eventually
from watch import unchanged


@pytest.fixture
def repository(tmp_path: Path, instance: Instance) -> Repository:
    return Repository(tmp_path, instance)


def holdings(tenant: Tenant, folder: Path) -> Holdings:
    """A tenant with something of everything."""
    made = Holdings.of(tenant, folder)
    org = made.ids["slug"]
    tenant.cli("organization", "update", org, "--session-length", "2h", "--metadata",
               '{"plan": {"seats": 3}, "odd": "\\u007f\\u0085\\ufeff\\u2028"}', "--verified-publisher")
    tenant.cli("organization", "role", "create", "editor", "--scope", "b:write", "--scope", "a:b")
    tenant.cli("organization", "group", "update", org, made.ids["group"], "--role", "editor")
    tenant.cli("client", "exchange", "allow", made.client.id, "--resource", made.ids["identifier"],
               "--mode", "impersonation", "--hide-actor", "--from", made.machine.id, "--may-act",
               made.machine.id)
    tenant.instance.cli("tenant", "update", tenant.slug, "--allowed-origin", "https://a.test",
                        "--name", "Näme: “x”")
    tenant.cli("branding", "update", "--accent", "#1d4ed8", "--corners", "square")
    tenant.create_client("machine", "--organization", made.ids["organization"], name="Cron")
    tenant.create_client("spa", "--device-authorization", "--access-token-lifetime", "90")
    tenant.create_client(
        "web", "--party", "third", "--policy-uri", "https://rp.test/p", "--organizations",
        made.ids["organization"], "--select-organization", "--pkce", "optional",
        "--backchannel-logout-uri", "https://rp.test/out", name="no")
    tenant.create_client(
        "native", "--subject-type", "pairwise", "--jwks", made.others["keys file"],
        redirect_uris=["http://127.0.0.1/cb"])
    tenant.create_client(
        "web", "--profile", "fapi2", "--authentication", "private_key_jwt", "--jwks",
        made.others["keys file"], name="Bank")
    off = tenant.create_client("web", "--refresh-tokens", "never", "--response-mode", "form_post",
                               "--response-mode", "query")
    off.update("--disable")
    return made


def test_what_is_exported_makes_an_empty_instance_the_same(
    own_instance: Instance, repository: Repository, tmp_path: Path
) -> None:
    source = Repository(tmp_path, repository.instance)
    made = holdings(repository.instance.create_tenant(), tmp_path)
    slug = made.tenant.slug
    exported = source.export("--tenant", slug)
    there = source.at(own_instance)
    assert f"+ {slug}: tenant {slug}" not in there.plan(exported)  # it is called by its slug alone
    assert there.plan(exported)[0].startswith(f"+ {slug}: tenant")
    there.apply(exported)
    assert there.drift(exported) == []
    assert there.plan(exported) == []
    # What the document leaves out for being usual is the same too.
    again = there.export("--tenant", slug, "--managed-by", exported["managed_by"])
    assert without_ids(again) == without_ids(exported)
    assert there.apply(exported)["done"] == []
    made.forget_names()


def test_what_is_exported_says_where_it_comes_from_and_no_secret(
    repository: Repository, tmp_path: Path
) -> None:
    made = holdings(repository.instance.create_tenant(), tmp_path)
    text = repository.done("export", "--tenant", made.tenant.slug).out
    assert not SECRET_SHAPES.findall(text.encode())
    told = [value for value in {*made.held.values(), made.client.secret} if value and value in text]
    assert not told
    for personal in (made.user.name, made.user.id):
        assert personal not in text
    # At home nothing but the marks is missing.
    assert all(line.startswith("= ") for line in repository.plan(yaml.safe_load(text)))
    repository.apply(yaml.safe_load(text))
    assert repository.drift(yaml.safe_load(text)) == []
    made.forget_names()


def test_a_changed_redirect_uri_is_a_line_with_its_traffic(
    repository: Repository, tenant: Tenant, user: User
) -> None:
    client = tenant.create_client("web", name="Shop")
    exported = repository.export("--tenant", tenant.slug)
    repository.apply(exported)
    for _ in range(3):
        given = tokens(client, user, scope="openid offline_access")
    refresh(client, given["refresh_token"])
    used = eventually_used(tenant, client.id, 3, 1)
    assert used["redirect_uris"] == [{"redirect_uri": "https://rp.test/cb", "sign_ins": 3}]
    assert {"scope": "openid", "sign_ins": 3} in used["scopes"]
    shop = exported["tenants"][tenant.slug]["clients"]["shop"]
    shop["redirect_uris"] = ["https://rp.test/new"]
    since = used["since"][:10]
    wanted = (
        f"~ {tenant.slug}: client shop: redirect_uris - https://rp.test/cb, + https://rp.test/new "
        f"(3 sign-ins since {since} used https://rp.test/cb)")
    assert repository.plan(exported) == [wanted]
    assert repository.drift(exported) == [wanted]
    shown = repository.run("plan", repository.write(exported), "--detailed-exit-code")
    assert shown.code == DIFFERS and shown.err == ""
    repository.apply(exported)
    assert tenant.cli("client", "show", client.id)["redirect_uris"] == ["https://rp.test/new"]
    assert repository.drift(exported) == []


def eventually_used(tenant: Tenant, client: str, sign_ins: int, refreshes: int) -> Any:
    def used() -> Any:
        usage = tenant.cli("client", "usage", client)
        return usage if (usage["sign_ins"], usage["refreshes"]) == (sign_ins, refreshes) else None

    return eventually(used, "What is used is counted.")


def test_only_what_is_named_is_touched(repository: Repository, tenant: Tenant) -> None:
    mine = tenant.create_client("web", "--pkce", "optional", name="Theirs")
    wanted = document(
        tenant.slug, clients={"shop": web()}, roles={"editor": {"scopes": ["a:b"]}})
    with unchanged(tenant, mine):
        repository.plan(wanted)
    told = repository.apply(wanted)
    (secret,) = [step["client_secret"] for step in told["done"] if "client_secret" in step]
    assert secret.startswith("cs_")
    (id,) = [step["client_id"] for step in told["done"] if "client_id" in step]
    assert tenant.cli("client", "show", mine.id)["pkce"] == "optional"
    # What the document does not say of its own things is left as it is, too.
    tenant.cli("client", "update", id, "--access-token-lifetime", "120")
    assert repository.drift(wanted) == []
    tenant.cli("client", "update", id, "--name", "Other")
    assert repository.drift(wanted) == [f"~ {tenant.slug}: client shop: name Other → Shop"]
    repository.apply(wanted)
    assert tenant.cli("client", "show", id)["access_token_lifetime"] == 120


def test_what_is_not_named_any_more_goes_only_if_it_was_managed_and_is_asked_for(
    repository: Repository, tenant: Tenant
) -> None:
    tenant.create_client("web", name="By hand")
    everything = document(
        tenant.slug, clients={"shop": web(), "old": web(name="Old")},
        resources={"https://api.test": {"name": "API", "clients": ["shop"]}},
        organizations={"globex": {"name": "Globex", "roles": {"clerk": {"scopes": ["a:b"]}},
                                  "groups": {"desk": {"roles": ["clerk"]}}}})
    repository.apply(everything)
    less = document(tenant.slug, clients={"shop": web()}, organizations={"globex": {}})
    before = tenant.cli("client", "list")
    said = repository.done("plan", repository.write(less), "--json").json
    assert said["steps"] == [] and len(said["left_alone"]) == 4
    assert len(repository.drift(less)) == 4
    repository.apply(less)
    assert tenant.cli("client", "list") == before
    lines = repository.plan(less, "--prune")
    assert lines[0] == f"- {tenant.slug}: resource https://api.test"
    assert lines[1].startswith(f"- {tenant.slug}: client old (not used since ")
    repository.apply(less, "--prune")
    assert sorted(one["name"] for one in tenant.cli("client", "list")) == ["By hand", "Shop"]
    assert tenant.cli("resource", "list") == []
    assert tenant.cli("organization", "group", "list", "globex") == []
    assert repository.drift(less) == []
    # Nobody else's: another document has no mark there, and prunes nothing.
    other = document(tenant.slug, "others", clients={})
    assert repository.apply(other, "--prune")["done"] == []
    refused = repository.refuses(
        2, "plan", document(tenant.slug, "others", organizations={"globex": {}}), "managed by")
    assert "Line " in refused and "--take-over" in refused
    # What is let go of stays, and the document has nothing to do with it any more.
    told = repository.apply(document(tenant.slug, clients={}, organizations={"globex": {}}),
                            "--release")
    assert [step["action"] for step in told["done"]] == ["release"]
    assert repository.drift(document(tenant.slug, organizations={"globex": {}})) == []
    assert sorted(one["name"] for one in tenant.cli("client", "list")) == ["By hand", "Shop"]
    taken = document(tenant.slug, "others", organizations={"globex": {}})
    repository.apply(taken, "--take-over")
    assert repository.drift(taken) == []


def test_whoever_changes_what_is_managed_is_warned(
    repository: Repository, instance: Instance, tenant: Tenant
) -> None:
    wanted = document(
        tenant.slug, clients={"shop": web()}, roles={"editor": {"scopes": ["a:b"]}},
        organizations={"globex": {"name": "Globex"}})
    (id,) = [step["client_id"] for step in repository.apply(wanted)["done"] if "client_id" in step]
    key = administrator(instance, "owner", tenant).key
    free = tenant.create_client("web", name="By hand")
    for way in (None, key):
        for arguments, name in (
            (("client", "update", id, "--name", "Mine"), "shop"),
            (("organization", "role", "update", "editor", "--scope", "c:d"), "editor"),
            (("organization", "update", "globex", "--name", "Mine"), "globex"),
        ):
            tenant.cli(*arguments, key=way)
            assert f"“tests” manages this as “{name}”" in instance.warned
        tenant.cli("client", "update", free.id, "--name", "Mine", key=way)
        assert instance.warned == ""
        # The document itself is not.
        there = repository.at(instance, way)
        said = there.done("apply", there.write(wanted), "--yes", "--json")
        assert said.err == "" and len(said.json["done"]) == 3
    tenant.cli("client", "delete", id)
    assert "“tests” manages this as “shop”" in instance.warned


def test_a_secret_is_written_to_a_new_file_of_its_owner(
    repository: Repository, tenant: Tenant, tmp_path: Path
) -> None:
    wanted = document(
        tenant.slug, clients={"shop": web(secret={"write_to_file": "shop.secret"})})
    (tmp_path / "shop.secret").write_text("mine")
    repository.refuses(4, "apply", wanted, "exists already")
    assert tenant.cli("client", "list") == []
    assert (tmp_path / "shop.secret").read_text() == "mine"
    (tmp_path / "shop.secret").unlink()
    told = repository.apply(wanted)
    file = tmp_path / "shop.secret"
    secret = file.read_text().strip()
    repository.instance.keep_secret(secret)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and secret.startswith("cs_")
    assert secret not in json.dumps(told)
    assert repository.drift(wanted) == []
    assert repository.apply(wanted)["done"] == []
    # What fails leaves no empty file behind.
    wrong = document(tenant.slug, clients={"bad": web(
        redirect_uris=["javascript:alert(1)"], secret={"write_to_file": "bad.secret"})})
    repository.refuses(2, "apply", wrong, "javascript:alert(1)", "0 of 1 steps are done")
    assert not (tmp_path / "bad.secret").exists()


def test_what_fails_in_the_middle_goes_on_later(repository: Repository, tenant: Tenant) -> None:
    clients: dict[str, Any] = {
        "first": web(name="First"), "second": web(name="Second", policy_uri="http://no.test"),
        "third": web(name="Third")}
    wanted = document(tenant.slug, clients=clients)
    said = repository.refuses(2, "apply", wanted, "1 of 3 steps are done", "client second")
    assert "policy" in said
    clients["second"]["policy_uri"] = "https://yes.test/"
    assert [line.split(":")[1] for line in repository.plan(wanted)] == [
        " client second", " client third"]
    repository.apply(wanted)
    assert [one["name"] for one in tenant.cli("client", "list")] == ["First", "Second", "Third"]
    assert repository.drift(wanted) == []


def test_what_changes_while_somebody_looks_is_not_overwritten(
    repository: Repository, tenant: Tenant
) -> None:
    repository.apply(document(tenant.slug, clients={"shop": web()}))
    (client,) = tenant.cli("client", "list")
    path = repository.write(document(tenant.slug, clients={"shop": web(name="Mine")}))
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [BINARY, "apply", path, *repository.instance._where_to_ask], stdin=theirs,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd="/",
        env=repository.instance._environment)
    assert process.stderr and process.stderr.readline() == (
        f"~ {tenant.slug}: client shop: name Shop → Mine\n")
    tenant.cli("client", "update", client["client_id"], "--access-token-lifetime", "99")
    os.write(ours, b"yes\n")
    out, err = process.communicate(timeout=60)
    os.close(ours), os.close(theirs)
    assert process.returncode == 4 and "Look again" in err and out == ""
    assert tenant.cli("client", "show", client["client_id"])["name"] == "Shop"
    # Where nobody can be asked nothing is done.
    said = repository.run("apply", path)
    assert said.code == 2 and "--yes" in said.err


def test_a_key_of_one_tenant_reaches_its_tenant_alone(
    repository: Repository, instance: Instance, tenant: Tenant
) -> None:
    other = instance.create_tenant()
    other.create_client("web", name="Theirs")
    mine = repository.at(instance, administrator(instance, "admin", tenant).key)
    wanted = document(
        tenant.slug, clients={"shop": web()}, roles={"editor": {"scopes": ["a:b"]}},
        client_registration={"mode": "open"}, organizations={"globex": {"name": "Globex"}})
    mine.apply(wanted)
    assert mine.drift(wanted) == []
    assert without_ids(mine.export("--tenant", tenant.slug))["tenants"][tenant.slug]["clients"]
    for slug in (other.slug, "nobody-at-all"):
        said = mine.run("export", "--tenant", slug)
        assert said.code == 3 and said.err == f"gatehouse: There is no tenant “{slug}”.\n"
    assert mine.run("export").code == 1
    theirs = document(other.slug, clients={"shop": web()})
    with unchanged(other):
        mine.refuses(1, "apply", theirs, "0 of 2 steps are done")
    # Whoever may only look plans, and applies nothing.
    looking = repository.at(instance, administrator(instance, "viewer", tenant).key)
    wanted["tenants"][tenant.slug]["clients"]["shop"]["name"] = "New"
    assert len(looking.plan(wanted)) == 1
    with unchanged(tenant):
        looking.refuses(1, "apply", wanted, "role")


def test_colours_are_part_of_it_and_are_judged_there_too(
    repository: Repository, tenant: Tenant
) -> None:
    wanted = document(tenant.slug, branding={"accent": "#1D4ED8", "corners": "round"})
    assert repository.plan(wanted) == [
        f"~ {tenant.slug}: branding: accent nothing → #1D4ED8; corners soft → round"]
    repository.apply(wanted)
    assert repository.drift(wanted) == [] and repository.plan(wanted) == []
    exported = repository.export("--tenant", tenant.slug)["tenants"][tenant.slug]
    assert exported["branding"] == {"accent": "#1d4ed8", "corners": "round"}
    tenant.cli("branding", "update", "--corners", "square")
    assert repository.drift(wanted) == [
        f"~ {tenant.slug}: branding: corners square → round"]
    wanted["tenants"][tenant.slug]["branding"] = {"accent": "#ffcc00", "corners": "soft"}
    with unchanged(tenant):
        repository.refuses(2, "apply", wanted, "cannot be read on light pages")
        repository.refuses(2, "plan", wanted, "cannot be read on light pages")
    repository.apply(document(tenant.slug, branding={"accent": ""}))
    assert tenant.cli("branding", "show")["accent"] is None


def test_one_document_holds_several_tenants(repository: Repository, instance: Instance) -> None:
    one, two = instance.create_tenant(), instance.create_tenant()
    both = {"gatehouse": 1, "managed_by": "tests", "tenants": {
        one.slug: {"name": "One"}, two.slug: {"name": "Two"}}}
    assert repository.plan(both, "--tenant", two.slug) == [
        f"~ {two.slug}: tenant: name {two.slug} → Two"]
    repository.apply(both)
    assert instance.cli("tenant", "show", one.slug)["name"] == "One"
    assert set(repository.export("--tenant", one.slug, "--tenant", two.slug)["tenants"]) == {
        one.slug, two.slug}
    assert repository.run("plan", repository.write(both), "--tenant", "third").code == 3


def test_nobody_needs_a_server(own_instance: Instance, tmp_path: Path) -> None:
    tenant = own_instance.create_tenant()
    repository = Repository(tmp_path, own_instance)
    own_instance.stop()
    wanted = document(tenant.slug, clients={"shop": web()})
    repository.apply(wanted)
    assert repository.drift(wanted) == []
    assert repository.export("--tenant", tenant.slug)["tenants"][tenant.slug]["clients"]["shop"][
        "name"] == "Shop"
    own_instance.start()
    assert repository.drift(wanted) == []


def test_the_schema_takes_what_is_exported(repository: Repository, tmp_path: Path) -> None:
    made = holdings(repository.instance.create_tenant(), tmp_path)
    schema = repository.done("export", "--schema").json
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    exported = repository.export("--tenant", made.tenant.slug)
    validator.validate(exported)
    clients = exported["tenants"][made.tenant.slug]["clients"]
    next(iter(clients.values()))["redirect_uri"] = []
    assert not validator.is_valid(exported)
    made.forget_names()
    # As JSON it is the same document.
    said = repository.done("export", "--tenant", made.tenant.slug, "--json").out
    assert json.loads(said) == repository.export("--tenant", made.tenant.slug)
    repository.done("plan", repository.write(said, "again.json"))
