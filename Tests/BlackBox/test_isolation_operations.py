"""Every operation of the command with every identifier of another tenant, or of another organization of
the same one: the same answer as for an identifier of nobody, and no row changed. Attack case GH-511."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from admin_api import administrator
from conftest import KINDS
from harness import CommandFailed, Instance, Tenant
from isolation import Holdings, commands, nobody_s
from watch import unchanged

# What each operation is given, by the kinds of `Holdings`. Where `{…}` stands, each of them is put
# in the place of one's own.
MATRIX: dict[str, list[str]] = {
    "domain verify": ["{host}"],
    "domain remove": ["{host}"],
    "user list": ["--after {user} --limit 0"],
    "user show": ["{user}", "{email}"],
    "user update": ["{user} --name X", "{email} --disable"],
    "user delete": ["{user}", "{email}"],
    "session list": ["{user}", "{email}"],
    "session end": ["{user} {session}", "{email} {session}"],
    "session end-all": ["{user}", "{email}"],
    "admin key revoke": ["{administrator key}"],
    "refused list": ["--client {client}"],
    "refused show": ["{incident}"],
    "client create": [
        "--name X --type web --redirect-uri https://a.test/cb --organizations {organization}",
        "--name X --type machine --organization {organization}"],
    "client show": ["{client}"], "client usage": ["{client}"],
    "client update": [
        "{client} --name X", "{client} --disable", "{client} --organizations {organization}",
        "[machine] --organization {organization}"],
    "client delete": ["{client}"],
    "client secret add": ["{client}"],
    "client secret remove": ["{client} {secret}"],
    "client logo set": ["{client} --light [image]"],
    "client logo remove": ["{client}"],
    "client integrate": ["{client}"],
    "client preview": [
        "{client} --user {user}", "{client} --user {email} --organization {organization}",
        "{client} --user {user} --organization {slug}", "{client} --user {user} --resource {identifier}"],
    "check app": ["{client}"],
    "client exchange allow": [
        "{client} --resource {identifier}", "{client} --resource {identifier} --from {client}",
        "{client} --resource {identifier} --may-act {client}"],
    "client exchange list": ["{client}"],
    "client exchange forbid": ["{client} {policy}"],
    "resource create": [
        "--name X --identifier https://new.test --client {client}",
        "--name X --identifier https://new.test --server {client}"],
    "resource show": ["{resource}", "{identifier}"],
    "resource update": [
        "{resource} --name X", "{identifier} --disable", "{resource} --client {client}",
        "{resource} --server {client}"],
    "resource delete": ["{resource}", "{identifier}"],
    "key show": ["-- {key}"],
    "key delete": ["-- {key}"],
    "registration token delete": ["{initial access token}"],
    "trusted-issuer create": [
        "https://new.test --jwks [keys file] --subject user --client {client}",
        "https://new.test --jwks [keys file] --subject user --client {client} "
        "--resource {identifier}"],
    "trusted-issuer show": ["{issuer}", "{issuer's name}"],
    "trusted-issuer update": [
        "{issuer} --disable", "{issuer's name} --client {client}",
        "{issuer} --resource {identifier}"],
    "trusted-issuer delete": ["{issuer}", "{issuer's name}"],
    "trusted-issuer link": ["{issuer} s-1 {user}", "{issuer's name} s-1 {user}"],
    "trusted-issuer unlink": ["{issuer} known", "{issuer's name} known"],
    "backchannel list": ["{user}", "{email}"],
    "backchannel allow": ["{request}"],
    "backchannel deny": ["{request}"],
    "consent list": [
        "--user {user}", "--user {email}", "--client {client}", "--organization {organization}",
        "--organization {slug}"],
    "consent revoke": ["{consent}"],
    "api-key create": [
        "--name X --user {user} --resource {identifier}",
        "--name X --organization {organization} --resource {identifier}",
        "--name X --user {email} --organization {slug} --resource {identifier}"],
    "api-key list": ["--user {user}", "--user {email}", "--organization {organization}",
                     "--organization {slug}"],
    "api-key revoke": ["{API key}"],
    "organization create": ["new --name X --owner {user}", "new --name X --owner {email}"],
    "organization show": ["{organization}", "{slug}"],
    "organization update": ["{organization} --name X", "{slug} --slug new"],
    "organization suspend": ["{organization} --reason X", "{slug}"],
    "organization logo set": ["{organization} --light [image]", "{slug} --light [image]"],
    "organization logo remove": ["{organization}", "{slug}"],
    "organization activate": ["{organization}", "{slug}"],
    "organization delete": ["{organization}", "{slug} --grace-days 1"],
    "organization restore": ["{organization}", "{slug}"],
    "organization role create": [
        "new --scope a:b --organization {organization}", "new --organization {slug}"],
    "organization role list": ["--organization {organization}", "--organization {slug}"],
    "organization role update": [
        "{role} --organization {organization} --scope c:d", "{role} --scope c:d"],
    "organization role delete": ["{role} --organization {organization}", "{role}"],
    "organization member add": [
        "{organization} {user}", "{slug} {email}", "{organization} {user} --role {role}"],
    "organization member list": ["{organization}", "{slug}"],
    "organization member update": [
        "{organization} {user} --title X", "{slug} {email} --title X",
        "{organization} {user} --role {role}"],
    "organization member suspend": ["{organization} {user}", "{slug} {email}"],
    "organization member activate": ["{organization} {user}", "{slug} {email}"],
    "organization member remove": ["{organization} {user}", "{slug} {email}"],
    "organization group create": [
        "{organization} new", "{slug} new", "{organization} new --role {role}"],
    "organization group list": ["{organization}", "{slug}"],
    "organization group update": [
        "{organization} {group} --role {role}", "{slug} {group} --role {role}"],
    "organization group delete": ["{organization} {group}", "{slug} {group}"],
    "organization group add": ["{organization} {group} {user}", "{slug} {group} {email}"],
    "organization group remove": ["{organization} {group} {user}", "{slug} {group} {email}"],
    "organization domain add": [
        "new.example.test --organization {organization} --role {role}",
        "new.example.test --organization {slug}"],
    "organization domain verify": [
        "{host} --organization {organization}", "{host} --organization {slug}"],
    "organization domain update": [
        "{host} --organization {organization} --join --role {role}",
        "{host} --organization {slug} --require"],
    "organization domain list": ["--organization {organization}", "--organization {slug}"],
    "organization domain remove": [
        "{host} --organization {organization}", "{host} --organization {slug}"],
    "organization invite": [
        "new@example.org --organization {organization}",
        "new@example.org --organization {slug} --role {role}"],
    "audit list": [
        "--subject {user}", "--subject {client}", "--subject {organization}", "--actor {user}",
        "--actor {client}"],
    "organization invitation list": ["{organization}", "{slug}"],
    "organization invitation resend": ["{organization} {invitation}", "{slug} {invitation}"],
    "organization invitation revoke": ["{organization} {invitation}", "{slug} {invitation}"],
}

# What takes no identifier of anything in a tenant, and why.
WITHOUT = {
    "try": "makes an installation", "keep": "makes a copy of the installation",
    "serve": "runs the server", "config check": "reads settings", "config print": "reads settings",
    "doctor": "is about the installation", "admin link": "is about the installation", "admin describe": "prints the contract",
    "admin key create": "makes one", "admin key list": "lists one's own",
    "admin person set": "is of the installation", "admin person list": "is of the installation",
    "admin person link": "is of the installation", "admin person remove": "is of the installation",
    "login": "keeps a key", "logout": "forgets a key", "whoami": "tells of a key",
    "tenant create": "names a tenant", "tenant list": "lists tenants", "tenant show": "a tenant",
    "tenant update": "a tenant", "tenant delete": "a tenant", "tenant limits": "a tenant",
    "tenant limit": "a tenant", "branding show": "a tenant", "branding update": "a tenant",
    "branding logo set": "a tenant", "branding logo remove": "a tenant",
    "domain list": "lists one's own", "client list": "lists one's own",
    "domain add": "claims a host; a host that another one proved goes to nobody without a proof",
    "user create": "makes one", "resource list": "lists one's own", "key list": "lists one's own",
    "key create": "makes one", "key rotate": "makes one", "registration show": "one's own",
    "registration update": "one's own", "registration token create": "makes one",
    "registration token list": "lists one's own", "trusted-issuer list": "lists one's own",
    "organization list": "lists one's own",
    "audit export": "one's own", "audit tail": "does not end; it asks what audit list does", "audit check": "one's own", "audit checkpoint": "one's own",
    "check redirect-uri": "is about an address that is registered nowhere",
    "audit verify": "reads a file", "audit key": "is about the installation",
    "export": "one's own", "plan": "reads a file", "apply": "reads a file", "drift": "reads a file",
}

# One operation for each kind of place, which is given identifiers of every kind.
PLACES = {
    "user": "user show {user}", "client": "client show {client}", "key": "key show -- {key}",
    "resource": "resource show {resource}", "consent": "consent revoke {consent}",
    "organization": "organization show {organization}", "request": "backchannel deny {request}",
    "issuer": "trusted-issuer show {issuer}", "secret": "client secret remove {client} {secret}",
    "policy": "client exchange forbid {client} {policy}",
    "initial access token": "registration token delete {initial access token}",
    "API key": "api-key revoke {API key}",
    "invitation": "organization invitation revoke {organization} {invitation}",
    "role": "organization role update {role} --organization {organization} --scope c:d",
}
PLACE = re.compile(r"\{([^}]+)\}")

# What looks like an identifier in those: a role is one of four words, and nothing in a tenant; and the same
# operation as that of audit list, which is in the matrix, is asked for.
HARMLESS = {
    "admin key create": {"--role"}, "admin person set": {"--role"},
    "audit tail": {"--actor", "--subject"},
}


@pytest.fixture(scope="module", params=["shell", "api"])
def way(request: pytest.FixtureRequest) -> str:
    """By what operations are asked for: at the machine, or by the admin API with a key for one tenant."""
    return request.param


@pytest.fixture(scope="module", params=KINDS)
def own_world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, way: str
) -> Iterator[tuple[Holdings, Holdings]]:
    """Two tenants with everything, on an instance of their own; one for each way, since what is asked
    of people ends after five minutes."""
    with Instance(request.param, ["--custom-domains", "on"]) as instance:
        folder = tmp_path_factory.mktemp("files")
        mine, theirs = (Holdings.of(instance.create_tenant(), folder) for _ in range(2))
        for one in (mine, theirs):
            one.tenant.cli("domain", "add", one.ids["host"])
            one.tenant.cli(
                "organization", "domain", "add", one.ids["host"], "--organization",
                one.ids["organization"])
        yield mine, theirs
        mine.forget_names(), theirs.forget_names()


def test_every_operation_is_in_the_matrix() -> None:
    known = commands()
    assert set(MATRIX) | set(WITHOUT) == set(known), "Add each new operation to MATRIX or WITHOUT."
    assert not set(MATRIX) & set(WITHOUT)
    for command in WITHOUT:
        named = {name for name in known[command] if name in NAMING} - HARMLESS.get(command, set())
        assert not named, f"{command} takes {named}: that belongs into MATRIX."
    for command, rows in MATRIX.items():
        text = " ".join(rows)
        for name in known[command]:
            # Each argument that names something is in some row.
            if name in NAMING:
                assert name.startswith("<") or f"{name} " in text, f"{command} {name}"


# The arguments of commands that name something in a tenant.
NAMING = {
    "<user>", "<client>", "<resource>", "<key>", "<token>", "<request>", "<consent>",
    "<organization>", "<role>", "<secret>", "<policy>", "<group>", "<invitation>", "<session>", "<incident>",
    "--client", "--user", "--organization",
    "--organizations", "--owner", "--role", "--from", "--may-act", "--server", "--resource",
}


class Asking:
    """Asks as the operator of one tenant, and tells answers apart."""

    def __init__(self, mine: Holdings, way: str = "shell") -> None:
        self.mine, self.tenant = mine, mine.tenant
        self.key = (
            administrator(mine.tenant.instance, "owner", mine.tenant).key if way == "api"
            else None)

    def arguments(self, command: str, row: str, number: int | None, value: str) -> list[str]:
        """A row with one's own values, and another one in the place of a number."""
        places = iter(range(100))

        def fill(match: re.Match[str]) -> str:
            return value if next(places) == number else self.mine.ids[match[1]]

        def whole(word: str) -> str:
            word = re.sub(r"\[([^]]+)\]", lambda m: self.mine.others[m[1]], word)
            return PLACE.sub(fill, word)

        return [*command.split(), *map(whole, re.findall(r"(?:\{[^}]+\}|\[[^]]+\]|\S)+", row))]

    def answer(self, arguments: list[str], value: str) -> tuple[int, str]:
        """The exit code and what was said, without the value that was asked for."""
        try:
            return 0, str(self.tenant.cli(*arguments, key=self.key)).replace(value, "…")
        except CommandFailed as failed:
            return failed.code, failed.stderr.replace(value, "…")


def rows() -> list[tuple[str, str, int, str]]:
    """Every place of the matrix: operation, row, which place of it, and the kind."""
    return [
        (command, row, number, kind) for command, rows in MATRIX.items() for row in rows
        for number, kind in enumerate(PLACE.findall(row))]


def test_gh_511_every_operation_with_each_identifier_of_another_tenant(
    own_world: tuple[Holdings, Holdings], way: str
) -> None:
    mine, theirs = own_world
    asking = Asking(mine, way)

    def ask(place: tuple[str, str, int, str]) -> str | None:
        command, row, number, kind = place
        foreign = theirs.ids[kind]
        nobody = nobody_s(foreign)
        found, wanted = (
            asking.answer(asking.arguments(command, row, number, value), value)
            for value in (foreign, nobody))
        if found != wanted:
            return f"{command} {row}, {kind}: {found} instead of {wanted}"
        if found[0] == 0 and found[1] != "[]":
            return f"{command} {row}: a {kind} of nobody is taken: {found}"
        return None

    with unchanged(mine.tenant), unchanged(theirs.tenant), ThreadPoolExecutor(4) as pool:
        wrong = [one for one in pool.map(ask, rows()) if one]
        assert not wrong, "\n".join(wrong)


# The API hands identifiers on as they are: what kind they are is found out behind both ways.
@pytest.mark.parametrize("way", ["shell"], indirect=True)
def test_gh_511_every_place_with_every_kind_of_identifier(
    own_world: tuple[Holdings, Holdings], way: str
) -> None:
    mine, theirs = own_world
    asking = Asking(mine, way)

    def ask(case: tuple[str, str]) -> str | None:
        kind, foreign = case
        words = PLACES[kind].split()
        text = " ".join(words)
        command = next(c for c in MATRIX if text.startswith(c + " "))
        row = text.removeprefix(command + " ")
        number = PLACE.findall(row).index(kind)
        code, said = asking.answer(asking.arguments(command, row, number, foreign), foreign)
        return None if code != 0 else f"{text} with {foreign}: {said}"

    cases = [(kind, value) for kind in PLACES for value in theirs.ids.values()]
    with unchanged(mine.tenant), unchanged(theirs.tenant), ThreadPoolExecutor(4) as pool:
        wrong = [one for one in pool.map(ask, cases) if one]
        assert not wrong, "\n".join(wrong)


def test_gh_511_what_one_organization_has_is_nothing_at_another(
    own_world: tuple[Holdings, Holdings], way: str
) -> None:
    """Roles are of one organization, and another one of the same tenant does not know them."""
    mine, _ = own_world
    asking, ids = Asking(mine, way), mine.ids
    stranger = mine.tenant.create_user()
    rows = [
        "organization role update [role] --organization {organization} --scope c:d",
        "organization role delete [role] --organization {organization}",
        "organization role update [role] --scope c:d", "organization role delete [role]",
        "organization member add {organization} [stranger] --role [role]",
        "organization member update {organization} {user} --role [role]",
        "organization member update {slug} {email} --role [role]",
    ]
    with unchanged(mine.tenant):
        for row in rows:
            answers = [
                asking.answer(
                    [PLACE.sub(lambda m: ids[m[1]], word).replace("[role]", name).replace(
                        "[stranger]", stranger.id) for word in row.split()], name)
                for name in (ids["other role"], nobody_s(ids["other role"]))]
            assert answers[0] == answers[1] and answers[0][0] != 0, f"{row}: {answers}"
        # Nor is somebody a member there who is one only here.
        for verb in ("update --title X", "suspend", "activate", "remove"):
            word, *options = verb.split()
            answers = [
                asking.answer(["organization", "member", word, ids["organization"], user, *options],
                              user)
                for user in (stranger.id, nobody_s(stranger.id))]
            assert all(code != 0 for code, _ in answers), f"{verb}: {answers}"


def test_gh_511_names_that_two_tenants_share_mean_ones_own(instance: Instance) -> None:
    """Two tenants with the same slugs, names and addresses: each operation stays at home."""
    one, two = instance.create_tenant(), instance.create_tenant()
    for tenant in (one, two):
        tenant.create_user("same@example.com", username="same")
        tenant.cli("organization", "create", "same", "--name", "Same")
        tenant.cli("organization", "role", "create", "same", "--scope", "a:b")
        tenant.cli("resource", "create", "--identifier", "https://same.test", "--name", "Same")
        tenant.cli("organization", "member", "add", "same", "same@example.com")
    steps = [
        "user update same@example.com --name New", "user update same --unverified",
        "organization update same --name New", "organization suspend same",
        "organization activate same", "organization role update same --scope c:d",
        "organization member update same same --role same",
        "resource update https://same.test --name New",
        "organization member remove same same@example.com", "organization role delete same",
        "resource delete https://same.test", "organization delete same", "user delete same",
    ]
    with unchanged(two):
        before = shown(one)
        for step in steps:
            one.cli(*step.split())
        assert shown(one) != before


def shown(tenant: Tenant) -> str:
    return str([tenant.cli(noun, "list") for noun in ("user", "organization", "resource")])
