"""Every endpoint and page with every identifier and credential of another tenant in every place: the
same answer as for one that nobody has, and no row changed. Attack case GH-511."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlencode

import httpx
import pytest

import ciba
import device
import token_exchange
from conftest import KINDS
from harness import ROOT, Instance
from isolation import Holdings, nobody_s
from protocol import PKCE, basic
from watch import unchanged

SOURCES = ROOT / "Sources"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@dataclass(frozen=True)
class Ask:
    """One request of whoever is at home, with places `{kind}` for what they do not have."""

    path: str
    form: dict[str, str] = field(default_factory=dict)
    method: str = "POST"
    # Who sends it: the client `client`, `asking` or `machine`, or nobody.
    client: str | None = "client"
    bearer: str | None = None
    body: dict[str, object] | None = None
    # Whether the browser that is signed in at home brings it.
    browser: bool = False

    @property
    def places(self) -> list[str]:
        text = " ".join([self.path, *self.form.values(), self.bearer or ""])
        return list(dict.fromkeys(re.findall(r"\{([^}]+)\}", text)))


def authorize(**changes: str) -> Ask:
    form = {
        "response_type": "code", "client_id": "[client]", "redirect_uri": "https://rp.test/cb",
        "scope": "openid", "state": "s", "code_challenge": PKCE.new().challenge,
        "code_challenge_method": "S256"}
    return Ask("/oauth2/authorize", form | changes, "GET", None, browser=True)


def exchange(name: str, kind: str, **more: str) -> Ask:
    return Ask("/oauth2/token", {
        "grant_type": token_exchange.GRANT_TYPE, name: "{" + kind + "}",
        f"{name}_type": token_exchange.ACCESS} | more)


REFRESH = {"grant_type": "refresh_token", "refresh_token": "{refresh token}"}

# What the pages of an organization are asked to do.
ORDERS: list[tuple[str, dict[str, str]]] = [
    ("", {"change": "rename", "name": "Mine"}),
    ("/members/{user}", {"change": "remove"}),
    ("/members/{user}", {"change": "join", "group": "{group}"}),
    ("/members/{user}", {"change": "save", "role": "{role}", "basis": "1"}),
    ("/invitations", {"change": "revoke", "invitation": "{invitation}"}),
    ("/applications", {"change": "revoke", "consent": "{consent}"}),
    ("/keys", {"change": "revoke", "key": "{API key}"}),
    ("/keys", {"change": "create", "name": "Mine", "resource": "{identifier}"}),
]

# By the cases of `Endpoint`.
REQUESTS: dict[str, list[Ask]] = {
    "openIDConfiguration": [], "authorizationServerMetadata": [], "jsonWebKeySet": [],
    "authorization": [
        authorize(client_id="{client}"), authorize(client_id="{registered client}"),
        authorize(organization="{organization}"), authorize(org="{slug}"),
        authorize(organization_id="{other organization}"), authorize(resource="{identifier}"),
        authorize(id_token_hint="{ID token}", prompt="none"), authorize(login_hint="{email}"),
        Ask("/oauth2/authorize", {"client_id": "[client]", "request_uri": "{request_uri}"}, "GET",
            None, browser=True),
    ],
    "token": [
        Ask("/oauth2/token", {"grant_type": "authorization_code", "code": "{code}",
                              "code_verifier": "[verifier]", "redirect_uri": "https://rp.test/cb"}),
        Ask("/oauth2/token", REFRESH),
        Ask("/oauth2/token", {"grant_type": "refresh_token", "refresh_token": "[refresh token]",
                              "organization_id": "{organization}"}),
        Ask("/oauth2/token", {"grant_type": "refresh_token", "refresh_token": "[refresh token]",
                              "resource": "{identifier}"}),
        Ask("/oauth2/token", {"grant_type": device.GRANT_TYPE, "device_code": "{device code}",
                              "client_id": "[device client]"}, client=None),
        Ask("/oauth2/token", {"grant_type": ciba.GRANT_TYPE, "auth_req_id": "{auth_req_id}"},
            client="asking"),
        Ask("/oauth2/token", {"grant_type": "client_credentials", "resource": "{identifier}"},
            client="machine"),
        Ask("/oauth2/token", {"grant_type": "client_credentials", "client_id": "{client}",
                              "client_secret": "x"}, client=None),
        exchange("subject_token", "access token", resource="[identifier]"),
        exchange("subject_token", "machine's token", resource="[identifier]"),
        exchange("actor_token", "access token", subject_token="[access token]",
                 subject_token_type=token_exchange.ACCESS, resource="[identifier]"),
        exchange("subject_token", "access token", resource="{identifier}", audience="{client}"),
        Ask("/oauth2/token", {"grant_type": JWT_BEARER, "assertion": "{ID token}"}),
    ],
    "userInfo": [
        Ask("/oauth2/userinfo", {}, "GET", None, bearer="{access token}"),
        Ask("/oauth2/userinfo", {}, "GET", None, bearer="{machine's token}"),
        Ask("/oauth2/userinfo", {}, "GET", None, bearer="{ID token}"),
    ],
    "revocation": [
        Ask("/oauth2/revoke", {"token": "{access token}"}),
        Ask("/oauth2/revoke", {"token": "{refresh token}"}),
        Ask("/oauth2/revoke", {"token": "{machine's token}"}),
        Ask("/oauth2/revoke", {"token": "{refresh token}", "client_id": "{client}"}, client=None),
    ],
    "introspection": [
        Ask("/oauth2/introspect", {"token": "{access token}"}),
        Ask("/oauth2/introspect", {"token": "{refresh token}"}),
        Ask("/oauth2/introspect", {"token": "{machine's token}"}, client="machine"),
        Ask("/oauth2/introspect", {"token": "{ID token}"}),
        Ask("/oauth2/introspect", {"token": "{API key}"}, client="machine"),
    ],
    "endSession": [
        Ask("/oauth2/end_session", {"id_token_hint": "{ID token}"}, "GET", None, browser=True),
        Ask("/oauth2/end_session", {"client_id": "{client}"}, "GET", None, browser=True),
        Ask("/oauth2/end_session", {"logout_hint": "{session}"}, "GET", None, browser=True),
    ],
    "deviceAuthorization": [
        Ask("/oauth2/device_authorization", {"client_id": "{client}"}, client=None),
        Ask("/oauth2/device_authorization", {
            "client_id": "[device client]", "resource": "{identifier}"}, client=None),
    ],
    "deviceVerification": [
        Ask("/device?user_code={user code}", {}, "GET", None, browser=True),
        Ask("/device/{interaction}", {}, "GET", None, browser=True),
        Ask("/device/{interaction}", {"answer": "allow", "csrf": "x"}, client=None, browser=True),
    ],
    "pushedAuthorizationRequest": [
        Ask("/oauth2/par", authorize().form | {"client_id": "{client}"}, client=None),
        Ask("/oauth2/par", authorize(resource="{identifier}").form),
    ],
    "clientRegistration": [
        Ask("/oauth2/register", body={"redirect_uris": ["https://a.test/cb"]}, client=None,
            bearer="{registration access token}"),
        Ask("/oauth2/register", body={"redirect_uris": ["https://a.test/cb"]}, client=None,
            bearer="{initial access token}"),
    ],
    "clientConfiguration": [
        Ask("/oauth2/register/{registered client}", {}, method, None,
            bearer=f"{{{bearer}}}", body={"redirect_uris": []} if method == "PUT" else None)
        for method in ("GET", "PUT", "DELETE")
        for bearer in ("registration access token", "initial access token")
    ] + [Ask("/oauth2/register/{registered client}", {}, "DELETE", None,
             bearer="[registration access token]")],
    "backchannelAuthentication": [
        Ask("/bc-authorize", {"scope": "openid", "login_hint": "{email}"}, client="asking"),
        Ask("/bc-authorize", {"scope": "openid", "login_hint": "{user}"}, client="asking"),
        Ask("/bc-authorize", {"scope": "openid", "id_token_hint": "{ID token}"}, client="asking"),
        Ask("/bc-authorize", {"scope": "openid", "login_hint": "[email]",
                              "client_id": "{client}"}, client=None),
    ],
    "approvals": [
        Ask("/approvals", {"authentication": "{request}", "answer": "allow", "csrf": "x"},
            client=None, browser=True)],
    "approvalRequests": [Ask("/bc-approvals", {}, "GET", None, bearer="{approvals token}")],
    "approvalRequest": [
        Ask("/bc-approvals/{request}", {}, "GET", None, bearer="[approvals token]"),
        Ask("/bc-approvals/{request}", {}, "GET", None, bearer="{approvals token}"),
        Ask("/bc-approvals/{request}", client=None, bearer="{approvals token}",
            body={"decision": "allow"}),
        Ask("/bc-approvals/{request}", client=None, bearer="[approvals token]",
            body={"decision": "allow"}),
    ],
    "applications": [
        Ask("/applications", {"consent": "{consent}", "csrf": "x"}, client=None, browser=True)],
    "organizations": [
        Ask(f"/organizations/{{slug}}{part}", {}, "GET", None, browser=True)
        for part in ("", "/members", "/members/[user]", "/invitations", "/applications", "/keys")
    ] + [
        Ask(f"/organizations/{{slug}}{part}", {"csrf": "x", "account": "[user]"} | form,
            client=None, browser=True)
        for part, form in ORDERS
    ] + [
        Ask(f"/organizations/[slug]{part}", {}, "GET", None, browser=True)
        for part in ("/members/{user}", "/members?after={user}", "/invitations?after={invitation}",
                     "/applications?after={consent}", "/members?search={email}")
    ] + [
        Ask(f"/organizations/[slug]{part}", {"csrf": "x", "account": "{user}"} | form,
            client=None, browser=True)
        for part, form in ORDERS
    ],
    "invitation": [
        Ask("/invitation", {"invitation_token": "{invitation}"}, "GET", None, browser=True),
        Ask("/invitation", {"invitation_token": "{invitation}", "csrf": "x"}, client=None,
            browser=True)],
    "changeFeed": [
        Ask("/changes", {"wait": "0"}, "GET", None, bearer="{machine's token}"),
        Ask("/changes", {"wait": "0"}, "GET", None, bearer="{access token}"),
        Ask("/changes", {"wait": "0", "after": "{token}"}, "GET", None,
            bearer="[machine's token]")],
}

# By the names of the paths in `InteractionPaths`.
FORM = {"csrf": "x", "answer": "allow", "identifier": "[email]", "password": "x"}
PAGES: dict[str, list[Ask]] = {
    "signIn": [
        Ask("/sign-in/{interaction}", {}, "GET", None, browser=True),
        Ask("/sign-in/{interaction}", FORM, client=None, browser=True)],
    "createAccount": [
        Ask("/create-account/{interaction}", {}, "GET", None, browser=True),
        Ask("/create-account/{interaction}", FORM | {"email": "a@example.com"}, client=None,
            browser=True)],
    "consent": [
        Ask("/consent/{interaction}", {}, "GET", None, browser=True),
        Ask("/consent/{interaction}", FORM, client=None, browser=True)],
    "organization": [
        Ask("/organization/{interaction}", {}, "GET", None, browser=True),
        Ask("/organization/{interaction}", FORM | {"chosen_organization": "{organization}"},
            client=None, browser=True)],
    "signOut": [
        Ask("/sign-out", {"csrf": "x", "session": "{session}", "client": "{client}"}, client=None,
            browser=True)],
    "signedOut": [Ask("/signed-out?client={client}", {}, "GET", None, browser=True)],
    "logos": [
        Ask("/logos/{logo}", {}, "GET", None),
        Ask("/logos/{organization's logo}", {}, "GET", None)],
}


def test_every_endpoint_and_page_is_in_the_matrix() -> None:
    endpoints = (SOURCES / "GatehouseProtocol/Discovery/Endpoint.swift").read_text()
    cases = set(re.findall(r"^    case (\w+)$", endpoints, re.M))
    assert cases == set(REQUESTS), "Add each new endpoint to REQUESTS."
    pages = (SOURCES / "GatehousePages/Routes/InteractionPaths.swift").read_text()
    paths = set(re.findall(r'^    static let (\w+) = "/', pages, re.M))
    assert paths == set(PAGES), "Add each new page to PAGES."


@pytest.fixture(scope="module", params=KINDS)
def worlds(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Holdings, Holdings]]:
    """Two tenants with everything, on an instance of their own."""
    with Instance(request.param) as instance:
        folder = tmp_path_factory.mktemp("files")
        mine, theirs = (Holdings.of(instance.create_tenant(), folder) for _ in range(2))
        yield mine, theirs
        mine.forget_names(), theirs.forget_names()


class Sender:
    """Sends requests of one tenant, with something else in one place."""

    def __init__(self, mine: Holdings) -> None:
        self.mine = mine
        self.known = mine.ids | mine.held | {
            "verifier": mine.pkce.verifier, "device client": mine.device.client.id}

    def send(self, ask: Ask, kind: str, value: str) -> httpx.Response:
        """The answer to a request in which one place holds a value, and the others one's own."""
        values = self.known | {kind: value}

        def fill(text: str, quoted: bool = False) -> str:
            text = re.sub(r"\[([^]]+)\]", lambda m: self.known[m[1]], text)
            return re.sub(r"\{([^}]+)\}", lambda m: quote(values[m[1]], safe="")
                          if quoted else values[m[1]], text)

        headers = {"Sec-Fetch-Site": "same-origin", "Origin": "null", "Accept": "*/*"}
        if ask.client:
            client = getattr(self.mine, ask.client)
            headers["Authorization"] = basic(client.id, client.secret or "")
        if ask.bearer:
            headers["Authorization"] = f"Bearer {fill(ask.bearer)}"
        if ask.browser:
            headers["Cookie"] = "; ".join(
                f"{k}={v}" for k, v in self.mine.browser.cookies.items())
        url = self.mine.tenant.issuer + fill(ask.path, quoted=True)
        form = {name: fill(text) for name, text in ask.form.items()}
        if ask.method == "GET" and form:
            url, form = f"{url}?{urlencode(form)}", {}
        content = json.dumps(ask.body).encode() if ask.body is not None else (
            urlencode(form).encode() if ask.method == "POST" else None)
        if content is not None:
            headers["Content-Type"] = "application/json" if ask.body is not None else (
                "application/x-www-form-urlencoded")
        return self.mine.tenant.instance.http.send(
            httpx.Request(ask.method, url, headers=headers, content=content))


def told(answer: httpx.Response, value: str) -> tuple[object, ...]:
    """What of an answer must not depend on whether the value exists somewhere else."""
    text = answer.text.replace(value, "…").replace(quote(value, safe=""), "…")
    # What is different each time: incidents, interactions, form tokens and codes.
    for pattern in (r'"incident":"[^"]*"', r"<code>[0-9a-f]{32}</code>", r"<time.*?</time>",
                    r"\b[0-9a-hjkmnp-tv-z]{26}\b", r"[A-Za-z0-9_-]{43,}", r"[A-Z]{4}-[A-Z]{4}"):
        text = re.sub(pattern, "…", text)
    place = re.sub(r"[0-9a-z]{26}|[A-Za-z0-9_-]{43,}", "…", answer.headers.get(
        "location", "").replace(quote(value, safe=""), "…").replace(value, "…"))
    return answer.status_code, place, answer.headers.get("www-authenticate"), text


def asks() -> list[tuple[str, Ask, str]]:
    return [
        (name, ask, kind) for name, found in (REQUESTS | PAGES).items() for ask in found
        for kind in ask.places]


def test_gh_511_every_request_with_what_another_tenant_has(
    worlds: tuple[Holdings, Holdings]
) -> None:
    mine, theirs = worlds
    sender, wrong = Sender(mine), []
    theirs_all = theirs.ids | theirs.held
    with unchanged(theirs.tenant):
        for name, ask, kind in asks():
            foreign = theirs_all[kind]
            nobody = nobody_s(foreign)
            found, wanted = (
                told(sender.send(ask, kind, value), value) for value in (foreign, nobody))
            if found != wanted:
                wrong.append(f"{name} {ask.method} {ask.path} {kind}: {found} instead of {wanted}")
    assert not wrong, "\n".join(wrong)


def test_gh_511_every_place_with_every_kind(worlds: tuple[Holdings, Holdings]) -> None:
    """Nothing of another tenant opens a place that is meant for something else."""
    mine, theirs = worlds
    sender, wrong = Sender(mine), []
    theirs_all = theirs.ids | {
        name: value for name, value in theirs.held.items() if name != "user code"}
    with unchanged(theirs.tenant):
        for name, ask, kind in asks():
            if "/" in ask.path and "{" in ask.path:
                # A path is logged, and no secret belongs there.
                values = theirs.ids
            else:
                values = theirs_all
            for other, value in values.items():
                answer = sender.send(ask, kind, value)
                if answer.status_code >= 500 or "access_token" in answer.text:
                    wrong.append(f"{name} {ask.path} {kind}: {other} gave {answer.text[:200]}")
                for secret in (theirs.user.id, theirs.user.name):
                    if secret in answer.text and secret != value and value not in secret:
                        wrong.append(f"{name} {ask.path} {kind}: {other} tells of {secret}")
    assert not wrong, "\n".join(wrong[:20])


def test_the_requests_are_good_ones(worlds: tuple[Holdings, Holdings]) -> None:
    """With one's own in each place they work, so that the matrix proves something."""
    mine, _ = worlds
    sender = Sender(mine)
    for name, good in (
        ("userInfo", 200), ("introspection", 200), ("logos", 200), ("approvalRequests", 200)):
        ask = (REQUESTS | PAGES)[name][0]
        kind = ask.places[0]
        answer = sender.send(ask, kind, sender.known[kind])
        assert answer.status_code == good, f"{name}: {answer.status_code} {answer.text}"
        assert answer.status_code != sender.send(
            ask, kind, nobody_s(sender.known[kind])).status_code or "true" in answer.text
    for ask, kind in (
        (REQUESTS["token"][0], "code"), (REQUESTS["token"][1], "refresh token")):
        answer = sender.send(ask, kind, sender.known[kind])
        assert answer.status_code == 200, answer.text
        mine.tenant.instance._see_json(answer.json())
