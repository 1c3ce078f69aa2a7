"""What a client may believe about its credentials, and nothing a server says about itself.

Everything that can end is a `Thing`. It is alive, or *ending* from the moment that a request which
ends it was written down, and *ended* from the moment that the answer was here. Between the two both
outcomes are allowed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

# A refresh token may be presented again by a retry for ten seconds after its use. The clients do
# not know when exactly the server used it, so between these nothing is judged.
SURELY_WITHIN_LEEWAY = 8.0
SURELY_AFTER_LEEWAY = 12.0
# A code lives 60 seconds, an access token 15 minutes; older ones are not judged.
CODE_IS_FRESH = 45.0
ACCESS_TOKEN_IS_FRESH = 13 * 60.0
# How long another node may take to notice that something ended.
VISIBILITY = 1.0


@dataclass
class Thing:
    """A grant, a session, an account, a secret, or an access token of its own."""

    kind: str
    name: str
    issued: float = 0.0
    ending: bool = False
    ended: float | None = None
    ended_by: int | None = None

    def end(self, time: float, node: int) -> None:
        self.ending = True
        if self.ended is None:
            self.ended, self.ended_by = time, node

    def is_over(self, time: float, node: int) -> bool:
        """Whether a request sent now to this node has to be refused."""
        if self.ended is None:
            return False
        return time > self.ended + (0.0 if node == self.ended_by else VISIBILITY)


@dataclass
class Grant(Thing):
    """What hangs on one sign-in to one client."""

    lineage: dict[str, Any] = field(default_factory=dict)
    session: Session | None = None
    # Its identifier at the server, once a token told it.
    gid: str | None = None
    # A grant without offline access ends with its session.
    online: bool = False
    revoked_by_client: bool = False


@dataclass
class Session(Thing):
    cookie: str = ""
    user: str = ""
    issuer: str = ""
    grants: list[Grant] = field(default_factory=list)


@dataclass
class Code:
    value: str
    issued: float
    grant: Grant
    # When it was first sent, how often, and when its tokens were here.
    sent: float | None = None
    presentations: int = 0
    spent: float | None = None


@dataclass
class RefreshToken:
    value: str
    issued: float
    grant: Grant
    rotates: bool
    sent: float | None = None
    presentations: int = 0
    spent: float | None = None
    successor: RefreshToken | None = None


@dataclass
class AccessToken(Thing):
    grant: Grant | None = None
    jti: str = ""
    claims: dict[str, Any] = field(default_factory=dict)


@dataclass
class Account(Thing):
    """Whether a user may sign in. Disabling one ends what they have, for good."""

    password: str = ""
    issuer: str = ""
    sessions: list[Session] = field(default_factory=list)


class World:
    """Every credential that a client ever had."""

    def __init__(self) -> None:
        self.codes: dict[str, Code] = {}
        self.refresh_tokens: dict[str, RefreshToken] = {}
        self.access_tokens: dict[str, AccessToken] = {}
        self.sessions: dict[str, Session] = {}
        self.accounts: dict[str, Account] = {}
        # By the secret's value; of machine clients.
        self.secrets: dict[str, Thing] = {}
        self.secret_lineages: dict[str, dict[str, Any]] = {}
        # By the secret's identifier: its value.
        self.secret_values: dict[str, str] = {}

    @property
    def grants(self) -> list[Grant]:
        return [code.grant for code in self.codes.values()]

    def account(self, user: str) -> Account:
        if user not in self.accounts:
            self.accounts[user] = Account("account", user)
        return self.accounts[user]

    def one_time(self, op: str, present: str) -> Code | RefreshToken | None:
        """What a request spends: a code, or a refresh token that rotates."""
        if op == "redeem":
            return self.codes.get(present)
        token = self.refresh_tokens.get(present) if op == "refresh" else None
        return token if token is not None and token.rotates else None

    def issued_at(self, op: str, present: str) -> float | None:
        """When the client had what it presents."""
        match op:
            case "redeem" if present in self.codes:
                return self.codes[present].issued
            case "refresh" if present in self.refresh_tokens:
                return self.refresh_tokens[present].issued
        things = self.stands_on(op, present)
        return things[0].issued if things else None

    def stands_on(self, op: str, present: str) -> list[Thing]:
        """What has to be alive for a credential to work."""
        match op:
            case "redeem" if present in self.codes:
                grant = self.codes[present].grant
                # Even an offline grant begins in a session that has to be alive.
                return [grant, *([grant.session] if grant.session else [])]
            case "refresh" if present in self.refresh_tokens:
                return self._of(self.refresh_tokens[present].grant)
            case "userinfo" if present in self.access_tokens:
                token = self.access_tokens[present]
                return [token, *(self._of(token.grant) if token.grant else [])]
            case "authorize" if present in self.sessions:
                return [self.sessions[present]]
            case "sign_in":
                return [self.account(present)]
            case "client_credentials" if present in self.secrets:
                return [self.secrets[present]]
        return []

    def ends(self, op: str, present: str) -> list[Thing]:
        """What ends if a request succeeds."""
        match op:
            case "revoke" if present in self.refresh_tokens:
                return [self.refresh_tokens[present].grant]
            case "revoke" if present in self.access_tokens:
                return [self.access_tokens[present]]
            case "sign_out" if present in self.sessions:
                session = self.sessions[present]
                return [session, *(grant for grant in session.grants if grant.online)]
            case "disable_user":
                account = self.account(present)
                ended: list[Thing] = [account]
                for session in account.sessions:
                    ended += [session, *session.grants]
                return ended
            case "remove_secret" if present in self.secret_values:
                return [self.secrets[self.secret_values[present]]]
        return []

    @staticmethod
    def _of(grant: Grant) -> list[Thing]:
        return [grant, *([grant.session] if grant.online and grant.session else [])]
