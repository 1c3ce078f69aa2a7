"""A provider that has nothing of Gatehouse: OpenID Connect by joserfc and the standard library, on
loopback, with the habits of other providers. The SDK has to get on with each of them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

Form = dict[str, str]
KEYS: dict[str, Callable[[], Any]] = {
    "RS256": lambda: RSAKey.generate_key(2048), "ES256": lambda: ECKey.generate_key("P-256"),
    "EdDSA": lambda: OKPKey.generate_key("Ed25519"),
}


@dataclass
class Habits:
    """In what providers differ, and all of it is allowed."""

    algorithm: str = "RS256"
    # Whether refresh tokens work once.
    rotates: bool = True
    # Whether a refresh brings an ID token, or the app has to ask at the userinfo endpoint.
    renews_id_token: bool = True
    # Whether answers through the browser say who gives them (RFC 9207).
    names_itself: bool = True
    # Whether audiences are lists, even of one.
    lists_audiences: bool = False
    # Whether keys have names.
    names_keys: bool = True
    # Whether there is somewhere to sign out.
    ends_sessions: bool = True
    # Whether access tokens can be read by nobody but the provider.
    is_opaque: bool = False


class Refusal(Exception):
    """What is answered to a request that is not right."""

    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code)
        self.status, self.body = status, {"error": code}


@dataclass
class AnotherProvider:
    """One client, one person, and one API, all registered beforehand."""

    redirect_uri: str
    audience: str
    habits: Habits = field(default_factory=Habits)
    client_id: str = "web-app"
    client_secret: str = "a secret: with + and % in it"
    claims: dict[str, Any] = field(
        default_factory=lambda: {"sub": "auth|4711", "name": "Kay", "email": "kay@example.com"})
    lifetime: int = 60
    # How often each path was asked.
    requests: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.codes: dict[str, Form] = {}
        self.refresh_tokens: dict[str, Form] = {}
        self.access_tokens: dict[str, dict[str, Any]] = {}
        self.lock, self.is_away = Lock(), False
        self.key = self.new_key()
        self.published = [self.key]

    def new_key(self) -> Any:
        key = KEYS[self.habits.algorithm]()
        # A name is no thumbprint everywhere.
        return type(key).import_key(key.as_dict(private=True) | (
            {"kid": secrets.token_hex(4)} if self.habits.names_keys else {}))

    def rotate_keys(self) -> None:
        self.key = self.new_key()
        self.published.append(self.key)

    def __enter__(self) -> AnotherProvider:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self.answer({})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                self.answer(values(body.decode()))

            def answer(self, form: Form) -> None:
                url = urlsplit(self.path)
                with provider.lock:
                    provider.requests[url.path] += 1
                    try:
                        found = provider.respond(
                            url.path, values(url.query), form, self.headers.get("authorization"))
                        status = 200
                    except Refusal as refusal:
                        status, found = refusal.status, refusal.body
                self.send_response(303 if isinstance(found, str) else status)
                body = b"" if isinstance(found, str) else json.dumps(found).encode()
                if isinstance(found, str):
                    self.send_header("Location", found)
                self.send_header("Content-Type", "application/json;charset=UTF-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}/realms/main"
        Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def respond(
        self, path: str, query: Form, form: Form, authorization: str | None
    ) -> dict[str, Any] | str:
        """A document, or where to send the browser."""
        if self.is_away:
            raise Refusal("temporarily_unavailable", 503)
        match path.removeprefix("/realms/main"):
            case "/.well-known/openid-configuration":
                return self.metadata()
            case "/certs":
                keys = KeySet(self.published).as_dict(private=False)
                for key in keys["keys"] if not self.habits.names_keys else []:
                    key.pop("kid", None)
                return keys
            case "/auth":
                return self.authorize(query)
            case "/token":
                self.authenticate(form, authorization)
                return self.token(form)
            case "/token/introspect":
                self.authenticate(form, authorization)
                return self.introspect(form)
            case "/token/revoke":
                self.authenticate(form, authorization)
                self.revoke(form)
                return {}
            case "/userinfo":
                found = self.access_tokens.get((authorization or "").removeprefix("Bearer "))
                if not found:
                    raise Refusal("invalid_token", 401)
                return self.claims
            case "/logout":
                return query.get("post_logout_redirect_uri", "/")
        raise Refusal("not_found", 404)

    def metadata(self) -> dict[str, Any]:
        said: dict[str, Any] = {
            "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/auth",
            "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/certs",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "introspection_endpoint": f"{self.issuer}/token/introspect",
            "revocation_endpoint": f"{self.issuer}/token/revoke",
            "response_types_supported": ["code", "id_token"],
            "id_token_signing_alg_values_supported": [self.habits.algorithm],
            "claims_parameter_supported": False, "of_its_own": {"a": [1, 2.5, None]},
        }
        if self.habits.names_itself:
            said["authorization_response_iss_parameter_supported"] = True
        if self.habits.ends_sessions:
            said["end_session_endpoint"] = f"{self.issuer}/logout"
        return said

    def authorize(self, query: Form) -> str:
        """Lets the person in without a page."""
        assert query["client_id"] == self.client_id and query["redirect_uri"] == self.redirect_uri
        assert query["response_type"] == "code" and query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(24)
        self.codes[code] = query
        answer = {"code": code, "state": query["state"]} | (
            {"iss": self.issuer} if self.habits.names_itself else {"session_state": "a.b"})
        return f"{self.redirect_uri}?{urlencode(answer)}"

    def authenticate(self, form: Form, authorization: str | None) -> None:
        """HTTP Basic, with both parts encoded as RFC 6749 §2.3.1 wants it."""
        pair = base64.b64decode((authorization or "").removeprefix("Basic ")).decode()
        name, _, secret = pair.partition(":")
        name, secret = (unquote(part.replace("+", " ")) for part in (name, secret))
        if not (name == self.client_id and hmac.compare_digest(secret, self.client_secret)):
            raise Refusal("invalid_client", 401)

    def token(self, form: Form) -> dict[str, Any]:
        match form.get("grant_type"):
            case "authorization_code":
                asked = self.codes.pop(form["code"], None)
                if not asked or s256(form["code_verifier"]) != asked["code_challenge"]:
                    raise Refusal("invalid_grant")
                return self.issue(asked, with_id_token=True)
            case "refresh_token":
                asked = self.refresh_tokens.get(form["refresh_token"])
                if not asked:
                    raise Refusal("invalid_grant")
                if self.habits.rotates:
                    del self.refresh_tokens[form["refresh_token"]]
                return self.issue(asked, with_id_token=self.habits.renews_id_token)
        raise Refusal("unsupported_grant_type")

    def issue(self, asked: Form, *, with_id_token: bool) -> dict[str, Any]:
        now = int(time.time())
        common = {"iss": self.issuer, "sub": self.claims["sub"], "iat": now}
        access = common | {
            "aud": self.in_list(self.audience), "exp": now + self.lifetime, "scope": asked["scope"],
            "client_id": self.client_id, "jti": secrets.token_hex(8)}
        token = secrets.token_urlsafe(32) if self.habits.is_opaque else self.sign(
            access, "at+jwt")
        self.access_tokens[token] = access
        given = {"access_token": token, "token_type": "bearer", "expires_in": self.lifetime,
                 "not-before-policy": 0, "session_state": "a.b"}
        if with_id_token:
            given["id_token"] = self.sign(self.claims | common | {
                "aud": self.in_list(self.client_id), "azp": self.client_id, "exp": now + 300,
                "nonce": asked["nonce"], "auth_time": now, "typ": "ID"}, "JWT")
        new = secrets.token_urlsafe(32)
        if self.habits.rotates or "kept" not in asked:
            self.refresh_tokens[new] = asked | {"kept": "1"}
            given["refresh_token"] = new
        return given

    def introspect(self, form: Form) -> dict[str, Any]:
        found = self.access_tokens.get(form["token"])
        return {"active": True, "token_type": "Bearer"} | found if found else {"active": False}

    def revoke(self, form: Form) -> None:
        """What comes of a refresh token ends with it."""
        self.access_tokens.pop(form["token"], None)
        if self.refresh_tokens.pop(form["token"], None):
            self.access_tokens.clear()

    def sign(self, claims: dict[str, Any], kind: str) -> str:
        header = {"alg": self.habits.algorithm, "typ": kind} | (
            {"kid": self.key.kid} if self.habits.names_keys else {})
        return jwt.encode(header, claims, self.key, algorithms=[self.habits.algorithm])

    def in_list(self, audience: str) -> str | list[str]:
        return [audience] if self.habits.lists_audiences else audience


def values(query: str) -> Form:
    return {name: found[0] for name, found in parse_qs(query, keep_blank_values=True).items()}


def s256(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
