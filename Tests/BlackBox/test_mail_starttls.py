"""A relay that is elsewhere gets nothing before TLS, whatever it or somebody on the way says."""

from __future__ import annotations

import pytest

from conftest import KINDS
from invitations import listed
from mails import ELSEWHERE, FROM, MailRelay
from test_mail import ADDRESS, reason, tried
from trial import eventually

USER = "gatehouse@id.test"
# All that may be said in the clear.
OPEN = ["EHLO id.test", "STARTTLS"]


def nothing_was_given(relay: MailRelay, *said: str) -> None:
    """No password, no name of anybody and no letter: no more than these lines."""
    assert relay.mails == []
    for talk in relay.conversations:
        assert talk.lines in [list(said[:count]) for count in range(len(said) + 1)], talk.lines
    assert any(talk.lines == list(said) for talk in relay.conversations)


@pytest.mark.parametrize("kind", KINDS)
def test_a_letter_is_handed_over_once_the_relay_proved_who_it_is(kind: str) -> None:
    with MailRelay("starttls", user=USER) as relay, tried(relay, kind) as (tenant, org):
        relay.await_letter(ADDRESS)
        talk, = relay.letters(ADDRESS)
        eventually(lambda: talk.lines[-1] == "QUIT", "the end")
        assert talk.encrypted and talk.lines[:3] == [*OPEN, "EHLO id.test"]
        assert [line.split(" ")[0] for line in talk.lines[3:]] == [
            "AUTH", "MAIL", "RCPT", "DATA", "QUIT"]
        assert talk.lines[4] == f"MAIL FROM:<{FROM}>"
        eventually(lambda: listed(tenant, org)[0]["letter"] == "sent", "it is known")
        tenant.instance.keep_secret(relay.password)


def test_where_starttls_is_stripped_nothing_is_sent() -> None:
    with MailRelay(user=USER, host=ELSEWHERE) as relay, tried(relay) as (tenant, org):
        assert "insecure" in reason(tenant)
        nothing_was_given(relay, OPEN[0])
        assert listed(tenant, org)[0]["letter"] == "waiting"


@pytest.mark.parametrize("answer, expected", [
    ("454 TLS is not available", "postponed"), ("502 what?", "insecure"),
    ("250 ok", "malformed"), ("554 no", "insecure"),
])
def test_where_starttls_is_refused_nothing_is_sent(answer: str, expected: str) -> None:
    with MailRelay("starttls", user=USER) as relay:
        relay.answers["STARTTLS"] = [answer]
        with tried(relay) as (tenant, _):
            assert expected in reason(tenant)
            nothing_was_given(relay, *OPEN)


@pytest.mark.parametrize("injected", [
    b"250 id.test\r\n", b"250-id.test\r\n250 AUTH PLAIN\r\n235 ok\r\n250 ok\r\n250 ok\r\n", b"2", b"\n",
    b"250-id",
], ids=["an answer", "all answers", "a part of one", "a line", "half a line"])
def test_what_is_said_before_the_handshake_is_not_believed_after_it(injected: bytes) -> None:
    """Somebody on the way adds answers, which would count as those of the relay later
    (CVE-2011-0411 and its like)."""
    with MailRelay("starttls", user=USER) as relay:
        relay.injected = injected
        with tried(relay) as (tenant, _):
            assert reason(tenant)
            nothing_was_given(relay, *OPEN)


@pytest.mark.parametrize("signs, names", [
    (False, None), (True, ("relay.test",)), (True, ("127.0.0.1", "localhost")),
], ids=["signed by itself", "of another name", "of another address"])
def test_a_relay_that_proves_nothing_gets_nothing(
    signs: bool, names: tuple[str, ...] | None
) -> None:
    with MailRelay("starttls", user=USER, signs=signs, names=names) as relay:
        with tried(relay) as (tenant, _):
            assert "insecure" in reason(tenant)
            nothing_was_given(relay, *OPEN)
