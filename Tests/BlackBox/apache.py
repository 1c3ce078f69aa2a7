"""Apache with mod_auth_openidc: a relying party that others wrote and many use, in a process and a
folder of its own."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import tempfile
from pathlib import Path

import httpx

from elsewhere import Authority
from harness import Client, free_port
from trial import eventually

PROGRAM = shutil.which("apache2") or "/usr/sbin/apache2"
MODULES = Path("/usr/lib/apache2/modules")

CONFIGURATION = """
ServerRoot {folder}
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
PidFile {folder}/pid
Mutex file:{folder} default
ErrorLog {folder}/log
LogLevel warn auth_openidc:debug
{modules}
{user}
DocumentRoot {folder}/site
SSLEngine on
SSLCertificateFile {certificate}
SSLSessionCache none

OIDCProviderMetadataURL {metadata}
OIDCClientID {client}
OIDCClientSecret {secret}
OIDCRedirectURI {origin}/openid
OIDCScope "openid email offline_access"
OIDCPKCEMethod S256
OIDCCryptoPassphrase of-a-test-and-of-nothing-else
OIDCRemoteUserClaim sub
OIDCCABundlePath {authority}
OIDCPassRefreshToken On
OIDCSessionInactivityTimeout 300

<Location />
    AuthType openid-connect
    Require valid-user
</Location>
<Location /who>
    Header always set X-User "expr=%{{REMOTE_USER}}"
    Header always set X-Access-Token %{{OIDC_access_token}}e
    Header always set X-Refresh-Token %{{OIDC_refresh_token}}e
</Location>
"""


class Apache:
    """One Apache that lets nobody in who is not signed in at the tenant of its client."""

    def __init__(self, authority: Authority) -> None:
        self.authority = authority
        self.port = free_port()
        self.origin = f"https://127.0.0.1:{self.port}"
        self.folder = Path(tempfile.mkdtemp(prefix="gh-apache-"))
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def redirect_uri(self) -> str:
        return f"{self.origin}/openid"

    @property
    def flags(self) -> list[str]:
        """What a client of a tenant is registered with for it."""
        return ["--post-logout-redirect-uri", f"{self.origin}/bye",
                "--backchannel-logout-uri", f"{self.redirect_uri}?logout=backchannel",
                "--backchannel-logout-session-required"]

    def start(self, client: Client) -> None:
        (self.folder / "site").mkdir()
        (self.folder / "site" / "who").write_text("in\n")
        certificate = self.authority.identity()
        if os.geteuid() == 0:
            # What reads requests is nobody's process, as in production.
            for path in (self.folder, self.folder / "site", self.folder / "site" / "who"):
                shutil.chown(path, "www-data")
            self.authority.folder.chmod(0o755)
            self.authority.file.chmod(0o644)
        user = "User www-data\nGroup www-data" if os.geteuid() == 0 else ""
        file = self.folder / "apache2.conf"
        file.write_text(CONFIGURATION.format(
            folder=self.folder, port=self.port, origin=self.origin, user=user,
            certificate=certificate, authority=self.authority.file, modules=modules(),
            metadata=f"{client.tenant.issuer}/.well-known/openid-configuration",
            client=client.id, secret=client.secret))
        self.process = subprocess.Popen(
            [PROGRAM, "-f", str(file), "-D", "FOREGROUND"], cwd="/", stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        eventually(self._answers, "Apache answers", 30)

    def _answers(self) -> bool:
        assert self.process and self.process.poll() is None, self.said()
        try:
            return self.visit().get(self.origin).status_code in (302, 401, 403)
        except httpx.TransportError:
            return False

    def said(self) -> str:
        log = self.folder / "log"
        error = self.process.stderr.read().decode() if (
            self.process and self.process.stderr and self.process.poll() is not None) else ""
        return error + (log.read_text(errors="replace") if log.exists() else "")

    def visit(self) -> httpx.Client:
        """A browser's cookies at this site; it follows no redirect by itself."""
        return httpx.Client(
            verify=ssl.create_default_context(cafile=self.authority.file), trust_env=False,
            follow_redirects=False, timeout=30)

    def __enter__(self) -> Apache:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(timeout=30)
            if self.process.stderr:
                self.process.stderr.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def modules() -> str:
    names = ["mpm_event", "authn_core", "authz_core", "authz_user", "auth_openidc", "ssl",
             "headers", "env", "socache_shmcb"]
    return "\n".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in names)
