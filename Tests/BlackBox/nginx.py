"""nginx as Debian has it: a proxy that ends TLS, asks for certificates and passes them on."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import tempfile
from pathlib import Path

import elsewhere
from harness import free_port
from trial import eventually

PROGRAM = shutil.which("nginx") or "/usr/sbin/nginx"

# What docs/how-to/use-mutual-tls.md has, but for addresses and files.
CONFIGURATION = """
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/log;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {certificate};
        ssl_certificate_key {certificate};
        ssl_verify_client optional_no_ca;
        location / {{
            proxy_pass http://127.0.0.1:{target};
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Forwarded-Proto https;
            proxy_set_header X-SSL-Client-Cert $ssl_client_escaped_cert;
        }}
    }}
}}
"""


class Nginx:
    """One proxy, in front of a port of this machine. `url` is what clients are told."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="gh-nginx-"))
        self.port = free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Nginx:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(timeout=30)
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, target: int) -> None:
        authority = elsewhere.Authority(self.folder)
        file = self.folder / "nginx.conf"
        file.write_text(CONFIGURATION.format(
            folder=self.folder, port=self.port, target=target,
            certificate=authority.identity()))
        # The workers of root's nginx belong to somebody else.
        self.folder.chmod(0o755)
        self.process = subprocess.Popen(
            [PROGRAM, "-e", str(self.folder / "log"), "-p", str(self.folder), "-c", str(file)])
        eventually(self.answers, "nginx answers")

    def answers(self) -> bool:
        try:
            ssl.get_server_certificate(("127.0.0.1", self.port))
            return True
        except OSError:
            return False
