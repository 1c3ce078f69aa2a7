"""An independent reader of the change feed: server-sent events and long poll, by the standard library
and httpx alone."""

from __future__ import annotations

import base64
import hashlib
import json
import queue
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

from harness import TLS, Client, Instance, Tenant, User
from protocol import claims, token


def follower(tenant: Tenant, *arguments: str, audience: str | None = None) -> Client:
    """A resource server's client, as an operator registers it."""
    return tenant.create_client(
        "machine", "--audience", audience or tenant.issuer, "--scope", "changes", *arguments,
        name="An API")


def follower_token(client: Client, **changes: str | None) -> str:
    form: dict[str, str | None] = {"grant_type": "client_credentials", "scope": "changes"}
    answer = token(client, **(form | changes))
    assert answer.status_code == 200, answer.text
    return answer.json()["access_token"]


def poll(
    tenant: Tenant, access_token: str | None, *, instance: Instance | None = None,
    headers: dict[str, str] | None = None, **query: str
) -> httpx.Response:
    given = {"Authorization": f"Bearer {access_token}"} if access_token else {}
    return (instance or tenant.instance).http.get(
        tenant.endpoint("change_feed"), params=query, headers=given | (headers or {}))


def changes(tenant: Tenant, access_token: str, after: str = "") -> tuple[list[dict[str, Any]], str]:
    """Everything that is told after a cursor, and where to go on."""
    found: list[dict[str, Any]] = []
    while True:
        answer = poll(tenant, access_token, after=after)
        assert answer.status_code == 200, answer.text
        assert answer.headers["cache-control"] == "no-store"
        page = answer.json()
        found += page["changes"]
        if not page["changes"]:
            return found, page["next"]
        after = page["next"]


def digest(subject: str) -> str:
    made = base64.urlsafe_b64encode(hashlib.sha256(subject.encode()).digest())
    return made.rstrip(b"=").decode()


def means(change: dict[str, Any], access_token: str) -> bool:
    """Whether a token is outdated by a change, as the documentation says it."""
    told = claims(access_token)
    organizations = [one["id"] for one in told.get("organizations", [])]
    organizations += [told["org_id"]] if "org_id" in told else []
    audience = told["aud"] if isinstance(told["aud"], list) else [told["aud"]]
    return all((
        change["kind"] != "key",
        told["iat"] <= change["issued_until"],
        "subjects" not in change or digest(told["sub"]) in change["subjects"],
        "organization" not in change or change["organization"] in organizations
        or change["organization"] == "*" and bool(organizations),
        "client_id" not in change or change["client_id"] == told["client_id"],
        "grants" not in change or told.get("gid") in change["grants"],
        "jti" not in change or change["jti"] == told["jti"],
        "audience" not in change or change["audience"] in audience,
    ))


@dataclass
class Event:
    name: str
    data: dict[str, Any]
    id: str | None


@dataclass
class Stream:
    """A stream that is being read: what came, in a queue, and None at its end."""

    response: httpx.Response
    items: queue.Queue[Event | str | None] = field(default_factory=queue.Queue)

    def read(self) -> None:
        fields: dict[str, str] = {}
        try:
            for line in self.response.iter_lines():
                if line.startswith(":"):
                    self.items.put("comment")
                elif line:
                    name, _, value = line.partition(":")
                    fields[name] = value.removeprefix(" ")
                else:
                    if "data" in fields:
                        self.items.put(Event(
                            fields.get("event", "message"), json.loads(fields["data"]),
                            fields.get("id")))
                    fields = {}
        except (httpx.HTTPError, httpx.StreamError):
            pass
        self.items.put(None)

    def next(self, name: str = "change", seconds: float = 20) -> Event:
        """The next event, which must be of this name."""
        while (item := self.items.get(timeout=seconds)) == "comment":
            pass
        assert isinstance(item, Event) and item.name == name, item
        return item

    def take(self, count: int) -> list[Event]:
        """The next changes, whether they are old or new."""
        found: list[Event] = []
        while len(found) < count:
            item = self.items.get(timeout=20)
            assert item is not None, found
            if isinstance(item, Event) and item.name == "change":
                found.append(item)
        return found

    def changes_until_current(self) -> list[Event]:
        found = []
        while True:
            item = self.items.get(timeout=20)
            assert isinstance(item, Event), item
            if item.name == "current":
                return found
            found.append(item)

    def has_ended(self, seconds: float = 20) -> bool:
        """True if it ends within a time, whatever comes before that."""
        try:
            while self.items.get(timeout=seconds) is not None:
                pass
        except queue.Empty:
            return False
        return True


@contextmanager
def stream(
    tenant: Tenant, access_token: str, *, instance: Instance | None = None,
    headers: dict[str, str] | None = None, status: int = 200, **query: str
) -> Iterator[Stream]:
    at = instance or tenant.instance
    url = tenant.endpoint("change_feed").replace(tenant.instance.url, at.url)
    given = {
        "Authorization": f"Bearer {access_token}", "Accept": "text/event-stream",
        "Host": tenant.instance.url.removeprefix("http://")}
    with httpx.Client(timeout=60, trust_env=False, verify=TLS) as http:
        with http.stream("GET", url, params=query, headers=given | (headers or {})) as response:
            assert response.status_code == status, response.status_code
            reading = Stream(response)
            if status == 200:
                assert response.headers["content-type"] == "text/event-stream"
                assert response.headers["cache-control"] == "no-store"
                threading.Thread(target=reading.read, daemon=True).start()
            try:
                yield reading
            finally:
                # Closing alone would leave the connection open for as long as the thread reads.
                connection = response.extensions["network_stream"].get_extra_info("socket")
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


def people(tenant: Tenant) -> tuple[User, User]:
    return tenant.create_user(), tenant.create_user()
