"""Documents that somebody else wrote: each ends with a sentence that says what is wrong and where, and
nothing is done."""

from __future__ import annotations

from pathlib import Path

import pytest

from configuring import Repository, document, web
from harness import Instance, Tenant
from watch import unchanged

HEAD = "gatehouse: 1\nmanaged_by: tests\ntenants:\n"


@pytest.fixture
def repository(tmp_path: Path, instance: Instance) -> Repository:
    return Repository(tmp_path, instance)


def bomb() -> str:
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)]
    return "\n".join(lines) + "\n? *a59\n: x\n"


HOSTILE = {
    "nothing": ("", "empty"),
    "a comment": ("# nothing\n", "empty"),
    "a text": ("hello", "list of “name: value”"),
    "no YAML": ("a: [1, 2\nb: }", "not YAML"),
    "laughs": (bomb(), "Anchors and aliases"),
    "an alias": (HEAD + "  acme: {clients: {a: &x {name: A}, b: *x}}\n", "Line 4: Anchors"),
    "a merge": (HEAD + "  acme: {<<: {name: A}}\n", "“<<” is not a member"),
    "deep lists": (HEAD + "  acme: " + "[" * 100_000, "YAML"),
    "deep dashes": ("- " * 100_000 + "x", "YAML"),
    "deep names": ("? " * 100_000 + "x", "YAML"),
    "not so deep": (HEAD + "  acme: " + "[" * 100 + "]" * 100, "nested too deep"),
    "long": ("# " + "x" * (10 << 20), "too long"),
    "a NUL": (HEAD + "  acme: {name: \"a\0b\"}\n", "may not"),
    "an escaped NUL": (HEAD + '  acme: {clients: {a: {type: web, name: "a\\0b"}}}\n', "may not"),
    "twice": (HEAD + "  acme: {name: A, name: B}\n", "“name” stands twice"),
    "python": (HEAD + "  acme: !!python/object/apply:os.system [id]\n", "Line 4: Tags"),
    "binary": (HEAD + "  acme: {name: !!binary aGk=}\n", "Tags"),
    "own tag": (HEAD + "  acme: {name: !x hi}\n", "Tags"),
    "two documents": (HEAD + "  acme: {}\n---\na: b\n", "several documents"),
    "another version": ("gatehouse: 2\nmanaged_by: a\ntenants: {}\n", "gatehouse: 1"),
    "no manager": ("gatehouse: 1\ntenants: {}\n", "managed_by"),
    "a manager that is none": ("gatehouse: 1\nmanaged_by: A b\ntenants: {}\n", "Line 2: managed_by"),
    "an unknown part": ("gatehouse: 1\nmanaged_by: a\ntenants: {}\nusers: {}\n", "Line 4: “users”"),
    "a list of tenants": (HEAD + "  - acme\n", "tenants must be a list of “name: value”"),
    "no slug": (HEAD + "  Acme Inc: {}\n", "Line 4: “Acme Inc” cannot be the slug"),
    "an unknown member": (HEAD + "  acme:\n    nmae: A\n", "Line 5: “nmae” is not a member of a tenant"),
    "a near one": (
        HEAD + "  acme:\n    clients:\n      shop:\n        redirect_uri: [a]\n",
        "Line 7: “redirect_uri” is not a member of a client. Did you mean redirect_uris?"),
    "a number for a text": (HEAD + "  acme:\n    name: 123\n", "Line 5: name must be a text. Put it"),
    "a word for a flag": (
        HEAD + "  acme:\n    explain_errors: no\n", "Line 5: explain_errors must be true or false."),
    "a word of no choice": (
        HEAD + "  acme: {registration: off}\n", "registration must be one of: open, closed."),
    "a secret": (
        HEAD + "  acme: {clients: {a: {secret: hunter2}}}\n", "A secret never stands here"),
    "a secret by another way": (
        HEAD + "  acme: {clients: {a: {secret: {value: hunter2}}}}\n", "write_to_file"),
    "a client that is no name": (HEAD + "  acme: {clients: {cli_x: {}}}\n", "“cli_x” cannot be"),
    "a name that is a list": (HEAD + "  acme: {? [a] : b}\n", "A name must be a text."),
    "an exchange without a resource": (
        HEAD + "  acme: {clients: {a: {exchanges: [{mode: delegation}]}}}\n", "resources of an"),
}


@pytest.mark.parametrize("case", HOSTILE)
@pytest.mark.parametrize("command", ["plan", "apply", "drift"])
def test_a_document_that_is_none_ends_with_a_sentence(
    repository: Repository, case: str, command: str
) -> None:
    text, words = HOSTILE[case]
    said = repository.refuses(2, command, text, words)
    assert "hunter2" not in said and len(said) < 2_000


def test_everything_that_is_wrong_is_told_at_once(repository: Repository) -> None:
    text = HEAD + "  acme:\n    a: 1\n    b: 2\n    limits:\n      sign-in: {allowed: 0}\n"
    said = repository.refuses(2, "plan", text)
    assert [word for word in ("Line 5", "Line 6", "Line 8") if word in said] == [
        "Line 5", "Line 6", "Line 8"]


def test_what_cannot_be_done_is_told_before_anything_is(
    repository: Repository, tenant: Tenant
) -> None:
    slug = tenant.slug
    for wrong, words in (
        ({"clients": {"shop": {"name": "Shop"}}}, "type is missing"),
        ({"limits": {"nothing": {"allowed": 1}}}, "no limit “nothing”"),
        ({"resources": {"https://api.test": {"name": "API", "clients": ["shop"]}}},
         "names “shop”, which is not in the document"),
        ({"clients": {"shop": web(organizations=["globex"])}}, "names “globex”"),
        ({"clients": {"shop": web(exchanges=[
            {"mode": "delegation", "resources": ["https://api.test"], "may_act": "other"}])}},
         "may_act of client “shop” names “other”"),
    ):
        with unchanged(tenant):
            repository.refuses(2, "apply", document(slug, **wrong), words)


def test_texts_are_what_they_look_like(repository: Repository, tenant: Tenant) -> None:
    names = ["no", "1.10", "2026-01-01", "~x", "0x10", "a: b # c", "“q” 'q' \"q\"", "{a}", "é", "- a", "\\u", "🦊 x"]
    clients = {f"c{number}": web(name=name) for number, name in enumerate(names)}
    repository.apply(document(tenant.slug, clients=clients))
    assert [one["name"] for one in tenant.cli("client", "list")] == names
    exported = repository.export("--tenant", tenant.slug)["tenants"][tenant.slug]["clients"]
    assert [one["name"] for one in exported.values()] == names


@pytest.mark.attack("GH-043")
@pytest.mark.parametrize("uri", [
    "javascript:alert(1)//rp.test/cb", "data:text/html,x", "vbscript:x", "file:///x",
    "blob:https://rp.test/x", "about:blank", "https://*.rp.test/cb", "http://rp.test/cb",
    "https://rp.test/cb#x",
])
def test_gh_043_a_document_registers_no_redirect_uri_that_commands_do_not(
    repository: Repository, tenant: Tenant, uri: str
) -> None:
    wanted = document(tenant.slug, clients={"shop": web(redirect_uris=[uri])})
    with unchanged(tenant):
        repository.refuses(2, "apply", wanted, "cannot be registered", "0 of 1 steps are done")


@pytest.mark.attack("GH-410")
@pytest.mark.parametrize("member", [
    "id", "tenant_id", "origin", "created_at", "logos", "secrets", "client_secret", "managed_by",
])
def test_gh_410_a_document_sets_nothing_that_the_api_does_not_take(
    repository: Repository, tenant: Tenant, member: str
) -> None:
    wanted = document(tenant.slug, clients={"shop": web() | {member: "x"}})
    with unchanged(tenant):
        repository.refuses(2, "apply", wanted, f"“{member}” is not a member of a client")
