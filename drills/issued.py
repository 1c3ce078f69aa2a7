"""What an answer gave to the client: taken into the world, and compared with what was asked for."""

from __future__ import annotations

import base64
import json
from typing import Any

from ledger import Entry
from model import (
    SURELY_WITHIN_LEEWAY, AccessToken, Code, Grant, RefreshToken, Session, Thing, World)
from verdict import Verdict


class Issued:
    """One successful answer.

    The `lineage` of a request says for whom it was: `issuer`, `client`, and `user` if there is one.
    """

    def __init__(self, world: World, verdict: Verdict, request: Entry, response: Entry) -> None:
        self.world = world
        self.verdict = verdict
        self.op: str = request["op"]
        self.present: str = request.get("present", "")
        self.lineage: dict[str, Any] = request.get("lineage", {})
        self.issued: dict[str, Any] = response.get("issued", {})
        self.time: float = response["time"]

    def take(self) -> None:
        match self.op:
            case "sign_in" | "authorize":
                self._take_code()
            case "redeem":
                self._take_redeemed()
            case "refresh":
                self._take_refreshed()
            case "client_credentials":
                self._compare_access_token(self.issued.get("access_token", ""))
            case "userinfo":
                self._compare("sub", self.issued.get("sub"), self.lineage.get("user"))
            case "enable_user":
                self.world.account(self.present).ending = False
            case "add_secret":
                value = self.issued["secret"]
                self.world.secrets[value] = Thing("secret", self.issued["id"], self.time)
                self.world.secret_values[self.issued["id"]] = value
                self.world.secret_lineages[value] = self.lineage

    def _take_code(self) -> None:
        session = self.world.sessions.get(self.present)
        if self.op == "sign_in":
            account = self.world.account(self.present)
            account.password = self.lineage.get("password", "")
            account.issuer = self.lineage["issuer"]
            cookie = self.issued["session"]
            session = Session(
                "session", cookie[:12], self.time, account.ending, cookie=cookie,
                user=self.present, issuer=self.lineage["issuer"])
            self.world.sessions[cookie] = session
            account.sessions.append(session)
        grant = Grant(
            "grant", self.issued["code"][:12], self.time,
            session is not None and session.ending, lineage=self.lineage, session=session,
            online=bool(self.lineage.get("online")))
        if session is not None:
            session.grants.append(grant)
        value = self.issued["code"]
        self._compare("iss", self.issued.get("iss"), self.lineage["issuer"])
        self.world.codes[value] = Code(value, self.time, grant)

    def _take_redeemed(self) -> None:
        code = self.world.codes.get(self.present)
        if code is None:
            return
        self.verdict.checked["I2"] += 1
        code.spent = self.time
        grant = code.grant
        grant.lineage = self.lineage
        grant.gid = self._take_access_token(grant)
        if value := self.issued.get("refresh_token"):
            self.world.refresh_tokens[value] = RefreshToken(
                value, self.time, grant, bool(self.lineage.get("rotates")))

    def _take_refreshed(self) -> None:
        token = self.world.refresh_tokens.get(self.present)
        if token is None:
            return
        gid = self._take_access_token(token.grant)
        self._compare("gid", gid, token.grant.gid)
        value = self.issued.get("refresh_token", "")
        if not token.rotates:
            self._compare("refresh token", value, token.value)
            return
        self.verdict.checked["I2"] += 1
        is_retry = token.presentations > 1 and token.spent is None
        if is_retry and token.sent and self.time < token.sent + SURELY_WITHIN_LEEWAY:
            self.verdict.checked["I4"] += 1
        if token.successor is not None:
            if token.successor.value != value:
                self.verdict.broke("I2", f"two heads follow one refresh token {token.value[:12]}…")
            return
        token.spent = self.time
        token.successor = RefreshToken(value, self.time, token.grant, True)
        self.world.refresh_tokens[value] = token.successor

    def _take_access_token(self, grant: Grant) -> str | None:
        value = self.issued.get("access_token", "")
        claims = self._compare_access_token(value)
        self.world.access_tokens[value] = AccessToken(
            "access token", str(claims.get("jti", ""))[:12], self.time, grant=grant,
            jti=str(claims.get("jti", "")), claims=claims)
        if id_token := self.issued.get("id_token"):
            said = claims_of(id_token)
            self._compare("iss", said.get("iss"), self.lineage["issuer"])
            self._compare("aud", said.get("aud"), self.lineage["client"])
            self._compare("sub", said.get("sub"), self.lineage.get("user"))
        return claims.get("gid")

    def _compare_access_token(self, value: str) -> dict[str, Any]:
        claims = claims_of(value)
        self._compare("iss", claims.get("iss"), self.lineage["issuer"])
        self._compare("client_id", claims.get("client_id"), self.lineage["client"])
        subject = self.lineage.get("user") or self.lineage["client"]
        self._compare("sub", claims.get("sub"), subject)
        return claims

    def _compare(self, name: str, found: Any, expected: Any) -> None:
        self.verdict.checked["I5"] += 1
        if found != expected and found != [expected]:
            self.verdict.broke("I5", f"{self.op}: {name} is {found}, not {expected}")


def claims_of(token: str) -> dict[str, Any]:
    """What a token says; nothing if it is none."""
    try:
        part = token.split(".")[1]
        return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError):
        return {}
