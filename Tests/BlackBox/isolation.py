"""A tenant with one of everything, and what is nobody's: for the matrices of isolation (GH-511)."""

from __future__ import annotations

import json
import secrets
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from approvals import Phone, approving_client
from assertions import key_set, new_key
from browser import Browser
from ciba import Asked, asking_client
from consent import third
from device import Device, device_client
from harness import BINARY, Client, Tenant, User
from images import png
from organizations import join, organization, role
from protocol import PKCE, authorization_url, authorize, begin, claims, header, push, token, tokens
from registration import Registered, initial_access_token, let_register
from trial import eventually
from visitor import set_limit

OFFLINE = "openid offline_access"
CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"


@dataclass
class Holdings:
    """Every identifier and every credential of a tenant, by its kind."""

    tenant: Tenant
    user: User
    client: Client
    machine: Client
    browser: Browser
    pkce: PKCE
    folder: Path
    ids: dict[str, str] = field(default_factory=dict)
    held: dict[str, str] = field(default_factory=dict)
    # What operations are given besides.
    others: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, tenant: Tenant, folder: Path) -> Holdings:
        tag = secrets.token_hex(4)
        set_limit(tenant, "grant-client", 100_000)
        let_register(tenant)
        made = cls(
            tenant, tenant.create_user(f"kay-{tag}@example.com"),
            tenant.create_client(
                "web", "--organizations", "all", "--scope", "openid", "--scope", "offline_access"),
            tenant.create_client("machine", "--scope", "api:read"), Browser(tenant.instance),
            PKCE.new(), folder)
        made.administer(tag)
        made.sign_in()
        return made

    def administer(self, tag: str) -> None:
        """What an operator makes."""
        tenant, client, folder = self.tenant, self.client, self.folder
        org = organization(tenant, f"org-{tag}")
        role(tenant, f"role-{tag}", "a:b", of=org)
        join(tenant, org, self.user, "owner")
        other = organization(tenant, f"other-{tag}")
        role(tenant, f"else-{tag}", "a:b", of=other)
        join(tenant, other, self.user)
        resource = f"https://api-{tag}.test"
        (secret,) = tenant.cli("client", "show", client.id)["secrets"]
        keys = folder / f"{tag}.json"
        keys.write_bytes(key_set(new_key()))
        image = folder / f"{tag}.png"
        image.write_bytes(png())
        logo = tenant.cli("client", "logo", "set", client.id, "--light", str(image))
        of_organization = tenant.cli(
            "organization", "logo", "set", org, "--light", str(image))
        issuer = f"https://issuer-{tag}.test"
        self.ids |= {
            "user": self.user.id, "email": self.user.name, "client": client.id,
            "organization": org, "slug": f"org-{tag}", "role": f"role-{tag}",
            "secret": secret["id"], "logo": logo["logos"]["light"],
            "organization's logo": of_organization["logos"]["light"],
            "resource": tenant.cli(
                "resource", "create", "--identifier", resource, "--name", "API",
                "--server", self.machine.id)["id"],
            "identifier": resource,
            "policy": tenant.cli(
                "client", "exchange", "allow", client.id, "--resource", resource)["id"],
            "issuer": tenant.cli(
                "trusted-issuer", "create", issuer, "--jwks", str(keys), "--client", client.id,
                "--subject", "link")["id"],
            "issuer's name": issuer,
            "other organization": other, "other role": f"else-{tag}",
            "host": f"id-{tag}.example.test",
        }
        tenant.cli("organization", "group", "create", org, f"group-{tag}")
        tenant.cli("organization", "group", "add", org, f"group-{tag}", self.user.id)
        self.ids["group"] = f"group-{tag}"
        self.ids["invitation"] = tenant.cli(
            "organization", "invite", f"guest-{tag}@example.com", "--organization", org)["id"]
        key = tenant.cli("api-key", "create", "--name", "Key", "--user", self.user.id,
                         "--resource", resource)
        self.ids["API key"], self.held["API key"] = key["id"], key["api_key"]
        key = tenant.cli("admin", "key", "create", "--name", "Test", "--role", "owner")
        self.ids["administrator key"] = key["id"]
        self.held["administrator key"] = key["administrator_key"]
        tenant.cli("trusted-issuer", "link", issuer, "known", self.user.id)
        self.held["initial access token"] = initial_access_token(tenant)
        self.ids["initial access token"] = tenant.cli("registration", "token", "list")[-1]["id"]
        self.ids["key"] = tenant.cli("key", "list")[0]["kid"]
        self.others = {
            "keys file": str(keys), "image": str(image), "machine": self.machine.id}

    def sign_in(self) -> None:
        """What comes of people, devices and clients."""
        tenant, client, user, browser = self.tenant, self.client, self.user, self.browser
        given = tokens(client, user, browser, scope=OFFLINE)
        said, registered = claims(given["access_token"]), Registered.new(tenant)
        asking, device = asking_client(tenant), Device.begin(device_client(tenant))
        asked = Asked.of(asking, user)
        tokens(third(tenant), user, scope="openid")
        page = begin(browser, client, prompt="login")
        refused = browser.get(authorization_url(client, PKCE.new(), redirect_uri="https://no.test"))
        self.ids |= {
            "session": claims(given["id_token"])["sid"], "grant": said["gid"], "token": said["jti"],
            "consent": tenant.cli("consent", "list")[0]["id"],
            "request": tenant.cli("backchannel", "list", user.id)[0]["id"],
            "incident": refused.headers["x-request-id"],
            "interaction": page.url.rpartition("/")[2], "registered client": registered.client.id,
        }
        eventually(lambda: tenant.cli("refused", "list"), "What was refused is kept.")
        self.registered, self.page, self.asking, self.device = registered, page, asking, device
        self.held |= {
            "access token": given["access_token"], "refresh token": given["refresh_token"],
            "ID token": given["id_token"], "code": authorize(browser, client, None, self.pkce).code,
            "registration access token": registered.token, "device code": device.code,
            "user code": device.user_code, "auth_req_id": asked.id,
            "request_uri": push(client).json()["request_uri"],
            "machine's token": token(
                self.machine, grant_type="client_credentials").json()["access_token"],
            "session secret": browser.cookie("session") or "",
            "approvals token": Phone.of(approving_client(tenant), user).token,
        }

    def forget_names(self) -> None:
        """A name that was sent as a secret is no secret by that, and may stand in the log."""
        self.tenant.instance.secrets -= {*self.ids.values(), *self.others.values()}


def nobody_s(value: str) -> str:
    """Another value of the same shape, which stands for nothing."""
    if "@" in value:
        return f"nobody-{secrets.token_hex(4)}@example.com"
    if value.startswith("https://"):
        return f"https://nobody-{secrets.token_hex(4)}.test"
    if value.startswith("urn:"):
        return value[:-43] + secrets.token_urlsafe(32)
    if value.count(".") == 2 and len(value) > 100:
        # The same token, with another signature.
        return value[:-8] + ("AAAAAAAA" if value[-8:] != "AAAAAAAA" else "BBBBBBBB")
    if "." in value:
        return f"nobody-{secrets.token_hex(4)}.example.test"
    prefix, mark, rest = value.rpartition("_")
    if mark and len(rest) == 26:
        return prefix + mark + rest[:10] + "".join(secrets.choice(CROCKFORD) for _ in range(16))
    if value.startswith(("org-", "role-", "else-", "other-", "group-")):
        return f"{value.partition('-')[0]}-{secrets.token_hex(4)}"
    if len(value) == 9 and value[4:5] == "-":
        return "BCDF-GHJK" if value != "BCDF-GHJK" else "BCDF-GHJL"
    # A secret, or a thumbprint: as long, and random.
    kept = value.rpartition("_")[0] + "_" if value[:4].rstrip("_").isalpha() and "_" in value[:4] \
        else ""
    return kept + secrets.token_urlsafe(64)[:len(value) - len(kept)]


def commands() -> dict[str, list[str]]:
    """Every command that there is, as the program itself says, with its arguments."""
    dump = subprocess.run(
        [BINARY, "--experimental-dump-help"], capture_output=True, text=True, check=True)
    found: dict[str, list[str]] = {}

    def walk(command: dict[str, Any], path: list[str]) -> None:
        below = [c for c in command.get("subcommands", []) if c["commandName"] != "help"]
        for one in below:
            walk(one, [*path, one["commandName"]])
        if not below:
            found[" ".join(path)] = [
                f"--{argument['preferredName']['name']}" if argument.get("preferredName")
                else f"<{argument['valueName']}>" for argument in command.get("arguments", [])]

    walk(json.loads(dump.stdout)["command"], [])
    return found
