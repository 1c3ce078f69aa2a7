"""The two ends of the Model Context Protocol that have to do with authorization, written from its
specification of 2026-07-28 and from nothing else: a client, and a server as little as it can be.

The client finds out by itself whom it has to ask. It is told the address of the server, and has a
browser with somebody in front of it.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import threading
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import KeySet


class McpServer:
    """A resource server: `read` needs files:read, `write` needs files:write."""

    SCOPES = {"read": "files:read", "write": "files:write"}

    def __init__(self, issuer: str, keys: Callable[[], dict[str, Any]]) -> None:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/.well-known/oauth-protected-resource/mcp":
                    outer._send(self, 200, {
                        "resource": outer.resource, "authorization_servers": [issuer],
                        "scopes_supported": ["files:read"],
                        "bearer_methods_supported": ["header"]})
                else:
                    outer._send(self, 404, {})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", "0")))
                outer._answer(self, json.loads(body or b"{}").get("method", ""))

            def log_message(self, *_: object) -> None:
                pass

        self.issuer, self.keys = issuer, keys
        self.listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.listener.server_port}/mcp"
        self.resource = self.url
        threading.Thread(target=self.listener.serve_forever, daemon=True).start()

    def __enter__(self) -> McpServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.listener.shutdown()
        self.listener.server_close()

    def _answer(self, request: BaseHTTPRequestHandler, method: str) -> None:
        needed = self.SCOPES.get(method, "files:read")
        metadata = self.url.replace("/mcp", "/.well-known/oauth-protected-resource/mcp")
        challenge = f'Bearer resource_metadata="{metadata}", scope="{needed}"'
        said = self._verified(request.headers.get("authorization", ""))
        if said is None:
            self._send(request, 401, {}, challenge)
        elif needed not in said.get("scope", "").split():
            self._send(request, 403, {}, challenge.replace(
                "Bearer ", 'Bearer error="insufficient_scope", '))
        else:
            self._send(request, 200, {"result": said["sub"], "client": said["client_id"]})

    def _verified(self, header: str) -> dict[str, Any] | None:
        """What a token says that is for this server and for no other (RFC 9068, RFC 8707)."""
        scheme, _, text = header.partition(" ")
        if scheme != "Bearer" or not text:
            return None
        try:
            token = jwt.decode(
                text, KeySet.import_key_set(self.keys()), algorithms=["ES256", "RS256"])
            jwt.JWTClaimsRegistry(
                iss={"essential": True, "value": self.issuer},
                aud={"essential": True, "value": self.resource}, exp={"essential": True},
            ).validate(token.claims)
        except Exception:
            return None
        return token.claims if token.header.get("typ") == "at+jwt" else None

    @staticmethod
    def _send(
        request: BaseHTTPRequestHandler, status: int, body: dict[str, Any],
        challenge: str | None = None,
    ) -> None:
        content = json.dumps(body).encode()
        request.send_response(status)
        if challenge:
            request.send_header("WWW-Authenticate", challenge)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)


class Refused(Exception):
    """The client must not go on."""


@dataclass
class McpClient:
    """A client. `browse` shows an address to a person, and returns where they ended up."""

    server: str
    redirect_uri: str
    browse: Callable[[str], str]
    document: str | None = None
    http: httpx.Client = field(
        default_factory=lambda: httpx.Client(trust_env=False, follow_redirects=False))
    seen: list[str] = field(default_factory=list)
    token: str | None = None
    scope: set[str] = field(default_factory=set)
    client_id: str | None = None
    secret: str | None = None

    def call(self, method: str) -> dict[str, Any]:
        """Asks the server for something, and lets a person authorize it where that is needed."""
        for _ in range(3):
            headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
            answer = self.http.post(self.server, json={"method": method}, headers=headers)
            if answer.status_code not in (401, 403):
                answer.raise_for_status()
                return answer.json()
            self.authorize(answer.headers["www-authenticate"])
        raise Refused("The server never has enough.")

    def authorize(self, challenge: str) -> None:
        resource, issuer = self.protected_resource(challenge)
        metadata = self.authorization_server(issuer)
        if "S256" not in metadata.get("code_challenge_methods_supported", []):
            raise Refused("PKCE with S256 is not offered.")
        self.client_id = self.client_id or self.identify(metadata)
        wanted = re.search(r'scope="([^"]*)"', challenge)
        self.scope |= set(wanted[1].split() if wanted else [])
        verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
        challenge_ = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        ended = self.browse(metadata["authorization_endpoint"] + "?" + urlencode({
            "response_type": "code", "client_id": self.client_id, "state": state,
            "redirect_uri": self.redirect_uri, "scope": " ".join(sorted(self.scope)),
            "resource": resource, "code_challenge": challenge_.rstrip(b"=").decode(),
            "code_challenge_method": "S256"}))
        answer = {name: v[0] for name, v in parse_qs(urlsplit(ended).query).items()}
        if metadata.get("authorization_response_iss_parameter_supported"):
            if answer.get("iss") != issuer:
                raise Refused("The answer is of another issuer.")
        if not ended.startswith(self.redirect_uri) or answer.get("state") != state:
            raise Refused("The answer is none to this request.")
        if "code" not in answer:
            raise Refused(answer.get("error", "no code"))
        form = {
            "grant_type": "authorization_code", "code": answer["code"],
            "redirect_uri": self.redirect_uri, "client_id": self.client_id or "",
            "code_verifier": verifier, "resource": resource}
        given = self.http.post(metadata["token_endpoint"], data=form)
        given.raise_for_status()
        self.token = given.json()["access_token"]

    def protected_resource(self, challenge: str) -> tuple[str, str]:
        """Which resource the server is, and who gives tokens for it (RFC 9728)."""
        found = re.search(r'resource_metadata="([^"]+)"', challenge)
        if not found:
            raise Refused("The server does not say where its metadata is.")
        metadata = self.http.get(found[1]).json()
        if metadata["resource"] != self.server:
            raise Refused("The metadata is of another server.")
        return metadata["resource"], metadata["authorization_servers"][0]

    def authorization_server(self, issuer: str) -> dict[str, Any]:
        """The metadata of an issuer with a path, at the three places in their order."""
        parts = urlsplit(issuer)
        origin = f"{parts.scheme}://{parts.netloc}"
        for address in (
            f"{origin}/.well-known/oauth-authorization-server{parts.path}",
            f"{origin}/.well-known/openid-configuration{parts.path}",
            f"{issuer}/.well-known/openid-configuration",
        ):
            self.seen.append(address)
            answer = self.http.get(address)
            if answer.status_code == 200:
                metadata = answer.json()
                if metadata["issuer"] != issuer:
                    raise Refused("The metadata is of another issuer.")
                return metadata
        raise Refused("There is no metadata.")

    def identify(self, metadata: dict[str, Any]) -> str:
        """First by a document, and where that is not taken by registering."""
        if self.document and metadata.get("client_id_metadata_document_supported"):
            return self.document
        if "registration_endpoint" not in metadata:
            raise Refused("There is no way to become known.")
        answer = self.http.post(metadata["registration_endpoint"], json={
            "client_name": "An agent", "redirect_uris": [self.redirect_uri],
            "application_type": "native", "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"]})
        answer.raise_for_status()
        return answer.json()["client_id"]
