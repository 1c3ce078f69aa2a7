"""What a developer pastes: each piece of code that says it was run is run here, in a fresh folder, with nothing
but what is shown and the secret, up to the first sign-in. What stands in the code is values as literals, and no
name that somebody typed: attack case GH-415."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from browser import Browser
from harness import BINARY, SECRET_SHAPES, TLS, Client, CommandFailed, Tenant, User, free_port
from pasted import MODULES, needs_node, running
from protocol import sign_in

needs_curl = pytest.mark.skipif(
    not all(map(shutil.which, ("curl", "jq", "openssl"))),
    reason="curl, jq and openssl are not installed (Scripts/install-packages test)")
HOSTILE = ["it's", "a`b`", "${HOME}", "$(id)", "</script><script>", "%{x}", "#", ";id;", "u0022"]


def integration(client: Client, *arguments: str) -> Any:
    return client.tenant.cli("client", "integrate", client.id, *arguments)


def snippet(client: Client, name: str) -> Any:
    (found,) = integration(client, "--with", name)["snippets"]
    return found


def environment(client: Client, **more: str) -> dict[str, str]:
    """What is shown as `.env`, with the secret in its place, and nothing else."""
    lines = integration(client)["env"].splitlines()
    shown = dict(line.split("=", 1) for line in lines if not line.startswith("#"))
    values = {name: value.strip("'") for name, value in shown.items()}
    if client.secret:
        assert values["GATEHOUSE_CLIENT_SECRET"] == "paste-the-secret-here"
        values["GATEHOUSE_CLIENT_SECRET"] = client.secret
    return values | {"PATH": os.environ["PATH"], "HOME": "/nonexistent"} | more


def paste(client: Client, name: str, folder: Path) -> Path:
    found = snippet(client, name)
    assert found["tested"] == "run"
    file = folder / found["file"]
    file.write_text(found["code"])
    return file


def walk(client: Client, visitor: httpx.Client, browser: Browser, user: User) -> None:
    """The first sign-in, what is no answer to it, and the way out."""
    assert visitor.get("/").text.startswith("Sign in")
    begun = visitor.get("/login")
    assert begun.status_code in (302, 303), begun.text
    page = sign_in(browser, browser.get(begun.headers["location"], site="cross-site"), user)
    assert (page.location or "").startswith(client.redirect_uri), page.words
    # An answer of somebody else, or to somebody else, is none.
    other = re.sub(r"state=[^&]+", "state=other", page.location or "")
    assert visitor.get(other).status_code >= 400
    foreign = re.sub(r"iss=[^&]+", "iss=https%3A%2F%2Fevil.test", page.location or "")
    assert visitor.get(foreign).status_code >= 400
    with httpx.Client(trust_env=False, verify=TLS) as stranger:
        assert stranger.get(page.location or "").status_code >= 400
    back = visitor.get(page.location or "")
    assert back.status_code in (302, 303) and back.headers["location"] == "/", back.text
    assert visitor.get("/").text.startswith("Hello ")
    assert user.id in visitor.get("/").text or (user.name and "Kay" in visitor.get("/").text)
    out = visitor.post("/logout")
    left = browser.get(out.headers["location"], site="cross-site")
    assert left.location == "http://127.0.0.1:9/bye", left.words
    assert visitor.get("/").text.startswith("Sign in")


def web_client(tenant: Tenant, port: int, *arguments: str, path: str = "/callback", **more: Any) -> Client:
    return tenant.create_client(
        "web", "--post-logout-redirect-uri", "http://127.0.0.1:9/bye", *arguments,
        redirect_uris=[f"http://127.0.0.1:{port}{path}"], **more)


@needs_node
@pytest.mark.parametrize("arguments, path", [
    ([], "/callback"), (["--id-token-algorithm", "ES256"], "/auth/back"),
    (["--id-token-algorithm", "PS256", "--authentication", "client_secret_post"], "/callback"),
    (["--id-token-algorithm", "EdDSA", "--authentication", "client_secret_basic"], "/cb(:x*)+'$&"),
])
def test_the_express_app_signs_somebody_in(
    tenant: Tenant, browser: Browser, tmp_path: Path, arguments: list[str], path: str
) -> None:
    client = web_client(tenant, port := free_port(), *arguments, path=path)
    file = paste(client, "express", tmp_path)
    env = environment(client, NODE_PATH=str(MODULES))
    with running(["node", file.name], tmp_path, env, f"http://127.0.0.1:{port}") as visitor:
        walk(client, visitor, browser, tenant.create_user(name="Kay"))


@pytest.mark.parametrize("arguments", [[], ["--authentication", "client_secret_post"]])
def test_the_flask_app_signs_somebody_in(
    tenant: Tenant, browser: Browser, tmp_path: Path, arguments: list[str]
) -> None:
    client = web_client(tenant, port := free_port(), *arguments)
    file = paste(client, "flask", tmp_path)
    with running(
        [sys.executable, file.name], tmp_path, environment(client), f"http://127.0.0.1:{port}"
    ) as visitor:
        walk(client, visitor, browser, tenant.create_user())


@pytest.mark.parametrize("name, command", [
    pytest.param("curl", ["sh"], marks=needs_curl), ("python", [sys.executable]),
    pytest.param("node", ["node"], marks=needs_node),
])
@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_a_machine_gets_its_token(
    tenant: Tenant, tmp_path: Path, name: str, command: list[str], method: str
) -> None:
    resource = "https://api.test/it's$(id)"
    tenant.cli("resource", "create", "--identifier", resource, "--name", "API",
               "--scope", "api:read=Read it")
    client = tenant.create_client("machine", "--scope", "api:read", "--authentication", method)
    assert integration(client)["audience"] == resource
    file = paste(client, name, tmp_path)
    ran = subprocess.run(
        [*command, file.name], cwd=tmp_path, env=environment(client), capture_output=True,
        text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    if name == "curl":
        told = json.loads(ran.stdout)
        tenant.instance._see_json(told)
        assert told["scope"] == "api:read" and told["expires_in"] == 900
    else:
        assert ran.stdout.strip() == "900 seconds"
    assert not list(tmp_path.glob("*id*"))


@needs_curl
@pytest.mark.parametrize("kind", ["web", "native"])
def test_the_requests_by_hand_lead_to_tokens(
    tenant: Tenant, user: User, browser: Browser, tmp_path: Path, kind: str
) -> None:
    client = tenant.create_client(kind, "--scope", "openid", "--scope", "it's",
                                  redirect_uris=["http://127.0.0.1:9/cb?a=%27b"])
    file = paste(client, "curl", tmp_path)
    process = subprocess.Popen(
        ["sh", file.name], cwd=tmp_path, env=environment(client), stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout
    url = process.stdout.readline().strip()
    page = sign_in(browser, browser.get(url, site="cross-site"), user)
    assert (page.location or "").startswith("http://127.0.0.1:9/cb?a=%27b&"), page.words
    out, errors = process.communicate((page.location or "") + "\n", timeout=60)
    told = json.loads(out)
    tenant.instance._see_json(told)
    assert told["scope"] == "openid it's" and told["id_token"], errors


@pytest.mark.attack("GH-415")
def test_no_secret_and_no_name_is_in_it(tenant: Tenant) -> None:
    name = "Zebra\"'`${x}</code>"
    for kind in ("web", "spa", "native", "machine"):
        client = tenant.create_client(kind, name=name)
        told = json.dumps(integration(client), ensure_ascii=False)
        assert "Zebra" not in told and not SECRET_SHAPES.search(told.encode()), kind
        assert f"gatehouse check app {client.id} --tenant {tenant.slug}" in told
        for one in integration(client)["snippets"]:
            if kind != "spa":
                assert client.id in one["code"], one["id"]
            assert ("GATEHOUSE_CLIENT_SECRET" in one["code"]) <= bool(client.secret), one["id"]


def test_what_is_asked_for_has_to_be_there(tenant: Tenant, client: Client) -> None:
    with pytest.raises(CommandFailed) as failed:
        integration(client, "--with", "cobol")
    assert failed.value.code == 2 and "express" in failed.value.stderr


def test_what_a_client_is_asked_besides_is_said_and_in_no_test(tenant: Tenant) -> None:
    client = tenant.create_client("web", "--dpop-bound-access-tokens")
    told = integration(client)
    assert ["DPoP" in one for one in told["notes"]] == [True]
    assert {one["tested"] for one in told["snippets"]} == {"unchecked"}
    assert told["notes"][0] in told["prompt"]


def test_the_code_alone_goes_into_a_file(tenant: Tenant, client: Client) -> None:
    instance = tenant.instance
    ran = subprocess.run(
        [BINARY, "client", "integrate", client.id, "--tenant", tenant.slug, "--with", "express",
         "--code", *instance._where_to_ask], capture_output=True, text=True, check=True,
        env=instance._environment)
    assert ran.stdout == snippet(client, "express")["code"]


def test_each_kind_has_what_fits_it(tenant: Tenant) -> None:
    found = {
        kind: [one["id"] for one in integration(tenant.create_client(kind))["snippets"]]
        for kind in ("web", "spa", "native", "machine")}
    assert found == {
        "web": ["express", "openid-client", "passport", "nextjs", "flask", "swift", "go", "spring",
                "aspnet", "php", "nginx", "apache", "curl"],
        "spa": ["oidc-client-ts", "curl"], "native": ["swift", "node-cli", "curl"],
        "machine": ["curl", "node", "python", "go", "swift"]}


@pytest.mark.attack("GH-415")
def test_hostile_values_stay_what_they_are(tenant: Tenant, tmp_path: Path) -> None:
    """Whatever is registered, it is the text of one literal, in each language that can be read here."""
    address = "https://rp.test/cb'?x=$(id)&y=*"
    client = tenant.create_client(
        "web", *(part for value in HOSTILE for part in ("--scope", value)),
        redirect_uris=[address])
    code = {one["id"]: one["code"] for one in integration(client)["snippets"]}
    scope = " ".join(HOSTILE)

    tree = ast.parse(code["flask"])
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    assert {scope, address, urlsplit(address).path} <= texts
    settings = tomllib.loads(code["nginx"])
    assert settings["redirect_url"] == address and settings["scope"] == "u0022"
    assert subprocess.run(["sh", "-n"], input=code["curl"], text=True).returncode == 0
    heads = "\n".join(code["curl"].splitlines()[:6])
    printed = subprocess.run(
        ["sh"], input=heads + '\nprintf "%s\\n" "$scope" "$redirect_uri"', text=True,
        capture_output=True, cwd=tmp_path, check=True).stdout
    assert printed.splitlines() == [scope, address]
    assert "${HOME}" not in code["apache"] and f'"{address}"' in code["apache"]
    assert "</script>" not in code["express"]


@needs_node
@pytest.mark.attack("GH-415")
def test_hostile_values_are_texts_to_node(tenant: Tenant, tmp_path: Path) -> None:
    address = "https://rp.test/cb'?x=$(id)&y=*"
    arguments = [part for value in HOSTILE for part in ("--scope", value)]
    client = tenant.create_client("web", *arguments, redirect_uris=[address])
    spa = tenant.create_client("spa", *arguments, redirect_uris=[address])
    code = {one["id"]: one for one in
            integration(client)["snippets"] + integration(spa)["snippets"]}
    for name in ("express", "openid-client", "passport"):
        file = tmp_path / code[name]["file"]
        file.write_text(code[name]["code"])
        subprocess.run(["node", "--check", file], check=True)
        lines = re.findall(
            r"^const (?:redirectURI|scope) = .*$", code[name]["code"], re.MULTILINE)
        printed = subprocess.run(
            ["node", "-e", "\n".join(lines) + "\nconsole.log(JSON.stringify([redirectURI, scope]))"],
            text=True, capture_output=True, check=True).stdout
        assert json.loads(printed) == [address, " ".join(HOSTILE)]
