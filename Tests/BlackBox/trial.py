"""`gatehouse try` in a directory of its own, and an app of the test beside its demo app."""

from __future__ import annotations

import json
import os
import re
import secrets
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from harness import BINARY, TLS, free_port

Result = TypeVar("Result")

# The S256 challenge of RFC 7636, appendix B. No code of these tests is ever redeemed.
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def eventually(
    look: Callable[[], Result], what: str = "", seconds: float = 15
) -> Result:
    """Looks again and again until there is something to see."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"This did not happen within {seconds} s: {what}"
        time.sleep(0.02)
    return found


def clean_environment(**more: str) -> dict[str, str]:
    """The environment without settings of whoever runs the tests."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("GATEHOUSE_")}
    return inherited | more


class Trial:
    """A running `gatehouse try`, and what it printed."""

    def __init__(self, directory: Path, *arguments: str) -> None:
        self.directory = directory
        self.arguments = arguments
        self.environment = clean_environment(TMPDIR=str(directory))
        self.data = directory / f"gatehouse-try-{os.getuid()}"
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Trial:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        self.demo = f"http://127.0.0.1:{free_port()}"
        output, self.log = self.directory / "output", self.directory / "log"
        with output.open("wb") as printed, self.log.open("wb") as logged:
            self.process = subprocess.Popen(
                [
                    BINARY, "try", "--listen", urlsplit(self.url).netloc,
                    "--demo-listen", urlsplit(self.demo).netloc, *self.arguments,
                ], stdout=printed, stderr=logged, env=self.environment)
        eventually(
            lambda: self.process.poll() is not None or "Ctrl-C" in output.read_text(),
            "the trial starts", 60)
        assert self.process.poll() is None, self.log.read_text()
        self.banner = output.read_text()
        self.issuer = f"{self.url}/t/demo"
        self.admin_link = re.search(r"http\S+/admin/link\S+", self.banner).group()
        # E-mail address to password.
        self.users = dict(re.findall(r"^ +(\S+@example\.com) +(\S+)$", self.banner, re.M))

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(timeout=30)

    def run(self, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """Runs a command in the environment of the trial."""
        return subprocess.run(
            [BINARY, *arguments], input=stdin, capture_output=True, text=True, timeout=60,
            env=self.environment, cwd=self.directory)

    def cli(self, *arguments: str, stdin: str | None = None) -> Any:
        """What a command on the trial's data printed."""
        ended = self.run(*arguments, "--data", str(self.data), "--json", stdin=stdin)
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout)


def begin_device(trial: Trial, name: str = "Living-room TV", *scope: str) -> dict[str, Any]:
    """Registers a device with the demo tenant and begins to let it in: what it is given."""
    asked = scope or ("openid", "email", "offline_access")
    made = trial.cli(
        "client", "create", "--tenant", "demo", "--name", name, "--type", "native",
        "--device-authorization", *(part for value in asked for part in ("--scope", value)))
    answer = httpx.post(
        f"{trial.issuer}/oauth2/device_authorization", trust_env=False, verify=TLS,
        data={"client_id": made["client_id"], "scope": " ".join(asked)})
    assert answer.status_code == 200, answer.text
    return answer.json()


def ask_elsewhere(trial: Trial, user: str, name: str = "Call centre", *scope: str) -> None:
    """Has a client of the demo tenant ask somebody who is elsewhere."""
    asked = scope or ("openid", "email")
    made = trial.cli(
        "client", "create", "--tenant", "demo", "--name", name, "--type", "web",
        "--backchannel-authentication",
        *(part for value in asked for part in ("--scope", value)))
    answer = httpx.post(
        f"{trial.issuer}/bc-authorize", trust_env=False, verify=TLS,
        auth=(made["client_id"], made["client_secret"]),
        data={"scope": " ".join(asked), "login_hint": user, "binding_message": "W4-SCT"})
    assert answer.status_code == 200, answer.text


@dataclass
class App:
    """A client of a tenant with a real address to come back to, and the answers it got."""

    issuer: str
    origin: str
    client_id: str = ""
    answers: list[dict[str, str]] = field(default_factory=list)

    @property
    def redirect_uri(self) -> str:
        return f"{self.origin}/callback"

    def authorization(self, **changes: str | None) -> str:
        """The address of a good authorization request, with changes; None leaves one out."""
        parameters = {
            "response_type": "code", "client_id": self.client_id, "scope": "openid",
            "redirect_uri": self.redirect_uri, "state": secrets.token_urlsafe(8),
            "code_challenge": CHALLENGE, "code_challenge_method": "S256",
        } | changes
        query = urlencode({k: v for k, v in parameters.items() if v is not None})
        return f"{self.issuer}/oauth2/authorize?{query}"

    def logout(self, **parameters: str) -> str:
        return f"{self.issuer}/oauth2/end_session?{urlencode(parameters)}"


def third_party(trial: Trial, app: App, *options: str, name: str = "Herb Garden") -> str:
    """Registers a client of somebody else's at the address of an app; its id."""
    scopes = ("openid", "profile", "email", "offline_access", "orders:read", "orders:write")
    made = trial.cli(
        "client", "create", "--tenant", "demo", "--name", name, "--type", "web", "--party", "third",
        "--redirect-uri", app.redirect_uri, *(p for s in scopes for p in ("--scope", s)), *options)
    return made["client_id"]


def give_logos(trial: Trial, kind: str, owner: str, light: bytes, dark: bytes) -> None:
    """Gives a client or an organization of the demo tenant its logos."""
    with tempfile.TemporaryDirectory() as folder:
        options = []
        for name, content in (("light", light), ("dark", dark)):
            file = Path(folder) / name
            file.write_bytes(content)
            options += [f"--{name}", str(file)]
        trial.cli(kind, "logo", "set", owner, "--tenant", "demo", *options)


def order_desk(trial: Trial, name: str = "Order desk") -> str:
    """Registers an API whose scope values have descriptions; its identifier."""
    trial.cli(
        "resource", "create", "--tenant", "demo", "--identifier", "https://orders.example.com",
        "--name", name, "--scope", "orders:read=See what you ordered",
        "--scope", "orders:write=Order for you, and pay with the card that you left there")
    return "https://orders.example.com"


def invited(trial: Trial, address: str, *options: str, to: str = "initech") -> str:
    """Invites somebody to an organization of the demo tenant; the link in their letter."""
    trial.cli("organization", "invite", address, "--organization", to, "--tenant", "demo",
              "--by", "Kay Miller", *options)

    def letter() -> str | None:
        page = httpx.get(f"{trial.demo}/mailbox", trust_env=False, verify=TLS).text
        for row in page.split("<tr")[1:]:
            if address in row and (found := re.search(r"/mailbox/\d+", row)):
                text = httpx.get(
                    trial.demo + found.group(), trust_env=False, verify=TLS).text
                return re.search(r'href="(http[^"]+invitation_token=[^"]+)"', text).group(1)
        return None

    return eventually(letter, f"a letter to {address}")


def expire(trial: Trial, address: str) -> None:
    """Has the time of an invitation be over, which nothing but time does."""
    with closing(sqlite3.connect(trial.data / "gatehouse.db", timeout=20)) as database:
        with database:
            database.execute(
                "UPDATE invitation SET expires_at = created_at + 1 WHERE email = ?", (address,))


def age_sign_ins(trial: Trial) -> None:
    """Has everybody who is signed in have proved who they are an hour earlier."""
    with closing(sqlite3.connect(trial.data / "gatehouse.db", timeout=20)) as database:
        with database:
            database.execute(
                "UPDATE browser_session SET authenticated_at = authenticated_at - 3600000")


def payment_at(trial: Trial, resource: str) -> str:
    """Lets an API take payments; the authorization details of one."""
    kind = {
        "type": "payment", "description": "Pay from your account", "actions": ["initiate", "status"],
        "members": {"amount": "string", "creditor": "object", "identifier": "string"}}
    trial.cli(
        "resource", "update", "--tenant", "demo", resource, "--authorization-details-type",
        json.dumps(kind))
    return json.dumps([{
        "type": "payment", "actions": ["initiate"], "identifier": "DE02 1203 0000 0000 2020 51",
        "amount": "12.50 EUR", "creditor": {"name": "Herb Garden", "for": "Order 1041"}}])


@contextmanager
def app_of(trial: Trial, tenant: str = "demo", name: str = "Herb Garden") -> Iterator[App]:
    """Registers an app with a tenant and answers at its redirect URI."""
    app = App(f"{trial.url}/t/{tenant}", "")

    class Callback(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.take(urlsplit(self.path).query)

        def do_POST(self) -> None:
            self.take(self.rfile.read(int(self.headers["Content-Length"])).decode())

        def take(self, form: str) -> None:
            if urlsplit(self.path).path == "/callback":
                app.answers.append({k: v[0] for k, v in parse_qs(form).items()})
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(
                b"<!doctype html><html lang=en><link rel=icon href=data:,>"
                b"<title>App</title><h1>Back at the app</h1>")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Callback)
    app.origin = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        made = trial.cli(
            "client", "create", "--tenant", tenant, "--name", name, "--type", "spa",
            "--redirect-uri", app.redirect_uri,
            "--post-logout-redirect-uri", f"{app.origin}/bye")
        app.client_id = made["client_id"]
        yield app
    finally:
        server.shutdown()
        server.server_close()
