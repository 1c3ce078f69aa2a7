"""How mail is handed to a relay: over TLS or not at all, once, and again after a failure."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from harness import BINARY, Instance, Tenant, free_port
from invitations import invite, listed
from mails import FROM, MailRelay
from organizations import organization
from trial import eventually

ADDRESS = "kay@example.test"


@contextmanager
def tried(relay: MailRelay, kind: str = "sqlite", flags: list[str] | None = None
          ) -> Iterator[tuple[Tenant, str]]:
    """A letter that an instance tries to send."""
    with Instance(kind, flags or relay.flags, relay.environment) as instance:
        tenant = instance.create_tenant()
        org = organization(tenant, "initech")
        invite(tenant, org, ADDRESS)
        yield tenant, org


def reason(tenant: Tenant) -> str:
    """Why the letter was not taken."""
    def look() -> list[str]:
        return [event["detail"] for event in tenant.instance.events(tenant)
                if event["kind"] == "invitation.letter_failed"]
    return eventually(look, "the letter fails", 40)[0]


@pytest.mark.parametrize("tls", [None, "smtps"])
def test_a_letter_is_handed_over(tls: str | None) -> None:
    with MailRelay(tls, user="gatehouse@id.test") as relay, tried(relay) as (tenant, org):
        relay.await_letter(ADDRESS)
        talk, = relay.letters(ADDRESS)
        assert talk.encrypted == (tls is not None)
        eventually(lambda: talk.lines[-1] == "QUIT", "the end")
        verbs = [line.split(" ")[0] for line in talk.lines]
        assert verbs == ["EHLO", "AUTH", "MAIL", "RCPT", "DATA", "QUIT"]
        assert talk.lines[0] == "EHLO id.test"
        assert talk.lines[2:4] == [f"MAIL FROM:<{FROM}>", f"RCPT TO:<{ADDRESS}>"]
        eventually(lambda: listed(tenant, org)[0]["letter"] == "sent", "it is known")
        tenant.instance.keep_secret(relay.password)


def test_a_wrong_password_is_a_reason_to_try_again() -> None:
    with MailRelay(user="gatehouse") as relay:
        relay.answers["AUTH"] = ["535 no"]
        with tried(relay) as (tenant, org):
            assert "unauthenticated" in reason(tenant) and '"yes"' in reason(tenant)
            assert listed(tenant, org)[0]["letter"] == "waiting"
            assert relay.mails == []


@pytest.mark.parametrize("command, answer, expected, retry", [
    ("RCPT", "550 no such person", "refused", "no"), ("RCPT", "450 later", "postponed", "yes"),
    ("MAIL", "530 who are you", "unauthenticated", "yes"),
    ("EHLO", "421 busy", "postponed", "yes"),
    ("EHLO", "250-a\r\n550 b", "malformed", "yes"), ("MAIL", "hello", "malformed", "yes"),
    ("DATA", "554 no", "refused", "no"), ("RCPT", "250 " + "x" * 70_000, "malformed", "yes"),
])
def test_what_a_relay_answers_is_understood(
    command: str, answer: str, expected: str, retry: str
) -> None:
    with MailRelay() as relay:
        relay.answers[command] = [answer]
        with tried(relay) as (tenant, org):
            found = reason(tenant)
            assert expected in found and f'"{retry}"' in found, found
            shown = listed(tenant, org)[0]
            assert shown["letter"] == ("waiting" if retry == "yes" else "failed")
            assert shown["state"] == "pending" and relay.mails == []


def test_nothing_is_sent_to_a_relay_that_proves_nothing() -> None:
    with MailRelay("smtps", signs=False) as relay, tried(relay) as (tenant, _):
        assert "insecure" in reason(tenant) and relay.mails == []


def test_an_absent_relay_is_waited_for() -> None:
    with MailRelay() as relay:
        relay.port = free_port()
        with tried(relay) as (tenant, org):
            assert "unreachable" in reason(tenant)
            assert listed(tenant, org)[0]["letter"] == "waiting"


def test_without_a_relay_letters_wait(instance: Instance, tenant: Tenant) -> None:
    org = organization(tenant, "initech")
    assert invite(tenant, org, ADDRESS)["letter"] == "waiting"
    assert listed(tenant, org)[0]["letter"] == "waiting"


@pytest.mark.parametrize("settings, environment", [
    (["--mail-server", "smtps://mail.test"], {}), (["--mail-from", "a@b.test"], {}),
    (["--mail-server", "mail.test", "--mail-from", "a@b.test"], {}),
    (["--mail-server", "smtps://u@mail.test", "--mail-from", "a@b.test"], {}),
    (["--mail-server", "smtps://mail.test", "--mail-from", "a@b.test"],
     {"GATEHOUSE_MAIL_PASSWORD": "secret-of-the-relay"}),
    (["--mail-server", "smtps://mail.test", "--mail-from", "nobody"], {}),
])
def test_wrong_settings_are_told(
    settings: list[str], environment: dict[str, str], tmp_path: object
) -> None:
    ended = subprocess.run(
        [BINARY, "serve", "--data", str(tmp_path), *settings], capture_output=True,
        text=True, env=environment, cwd="/", timeout=60)
    assert ended.returncode == 2 and "mail" in ended.stderr
    assert "secret-of-the-relay" not in ended.stderr
