"""The judge of the drills, and proof that it can fail: each invariant with a ledger that breaks it.

A ledger that is in order passes; the same ledger with one answer doctored does not.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from harness import BINARY, ROOT

sys.path.append(str(ROOT / "drills"))

from judge import Judge  # noqa: E402  (after where it is)
from ledger import Ledger, entries  # noqa: E402
from verdict import Verdict  # noqa: E402

ISSUER = "http://127.0.0.1:1/t/a"
LINEAGE = {"issuer": ISSUER, "client": "client_1", "user": "usr_1", "rotates": True}


def jwt(**claims: str) -> str:
    said = {"iss": ISSUER, "client_id": "client_1", "sub": "usr_1", "gid": "gnt_1"} | claims
    body = base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()
    return f"e30.{body}.sig"


class Scene:
    """Writes a ledger by hand, on a clock of its own."""

    def __init__(self) -> None:
        self.now = 100.0
        self.entries: list[dict[str, Any]] = []
        self.number = 0

    def ask(self, op: str, present: str, node: int = 0, **lineage: Any) -> int:
        self.now += 0.1
        self.number += 1
        self.entries.append({
            "at": "request", "id": self.number, "op": op, "node": node, "present": present,
            "lineage": LINEAGE | lineage, "time": self.now})
        return self.number

    def answer(self, number: int, status: int = 200, error: str | None = None, *,
               retry_after: str | None = None, **issued: str) -> None:
        self.now += 0.1
        self.entries.append({
            "at": "response", "id": number, "outcome": "answered", "status": status,
            "error": error, "issued": issued, "retry_after": retry_after, "time": self.now})

    def lost(self, number: int, outcome: str = "lost") -> None:
        self.now += 0.1
        self.entries.append(
            {"at": "response", "id": number, "outcome": outcome, "time": self.now})

    def fault(self) -> None:
        self.now += 0.1
        self.entries.append({"at": "fault", "what": "kill", "time": self.now})

    def judged(self) -> Verdict:
        return Judge().feed(self.entries).verdict

    # Whole steps

    def signed_in(self) -> Scene:
        self.answer(self.ask("sign_in", "usr_1"), 303, code="ac_1", session="ses_1", iss=ISSUER)
        return self

    def redeemed(self, refresh_token: str = "rt_1") -> Scene:
        self.signed_in()
        self.answer(self.ask("redeem", "ac_1"), access_token=jwt(jti="1"),
                    refresh_token=refresh_token)
        return self

    def refreshed(self, old: str, new: str, node: int = 0) -> Scene:
        self.answer(self.ask("refresh", old, node), access_token=jwt(jti=new), refresh_token=new)
        return self

    def refused(self, op: str, present: str, node: int = 0) -> Scene:
        error = "invalid_token" if op == "userinfo" else "invalid_grant"
        self.answer(self.ask(op, present, node), 401 if op == "userinfo" else 400, error)
        return self


def broken(scene: Scene) -> set[str]:
    return {name for name, found in scene.judged().violations.items() if found}


def test_a_ledger_that_is_in_order_passes() -> None:
    scene = Scene().redeemed().refreshed("rt_1", "rt_2")
    scene.fault()
    scene.lost(scene.ask("refresh", "rt_2"))
    scene.refreshed("rt_2", "rt_3").refused("redeem", "ac_1").refused("refresh", "rt_3")
    scene.answer(scene.ask("refresh", "rt_9"), 503, retry_after="1")
    assert broken(scene) == set()
    assert not scene.judged().failed(["I2", "I4", "I5", "I6"])


def test_what_was_never_tested_did_not_pass() -> None:
    assert Verdict().failed(["I3"]) == ["I3"]


def test_i1_a_token_that_a_fault_took_is_found() -> None:
    scene = Scene().redeemed()
    scene.fault()
    assert broken(scene.refused("refresh", "rt_1")) == {"I1", "I6"}
    scene = Scene().redeemed()
    scene.fault()
    assert broken(scene.refused("userinfo", jwt(jti="1"))) == {"I1", "I6"}


def test_i2_a_code_that_works_twice_is_found() -> None:
    scene = Scene().redeemed()
    scene.answer(scene.ask("redeem", "ac_1"), access_token=jwt(jti="2"), refresh_token="rt_b")
    assert broken(scene) == {"I2"}


def test_i2_a_spent_refresh_token_that_works_is_found() -> None:
    scene = Scene().redeemed().refreshed("rt_1", "rt_2").refreshed("rt_2", "rt_3")
    assert broken(scene.refreshed("rt_1", "rt_2")) == {"I2"}


def test_i2_two_heads_of_one_family_are_found() -> None:
    scene = Scene().redeemed().refreshed("rt_1", "rt_2")
    assert broken(scene.refreshed("rt_1", "rt_other")) == {"I2"}


@pytest.mark.parametrize("node", [0, 1])
def test_i3_a_revocation_that_does_not_last_is_found(node: int) -> None:
    scene = Scene().redeemed()
    scene.answer(scene.ask("revoke", "rt_1"))
    if node != 0:
        scene.now += 0.5
        assert broken(scene.refused("refresh", "rt_1", node)) == set()
        scene.now += 2
    assert broken(scene.refreshed("rt_1", "rt_2", node)) == {"I3"}


def test_i3_another_node_has_a_second_to_notice() -> None:
    scene = Scene().redeemed()
    scene.answer(scene.ask("revoke", "rt_1"))
    assert broken(scene.refreshed("rt_1", "rt_2", node=1)) == set()


def test_i3_a_disabled_user_who_comes_back_is_found() -> None:
    scene = Scene().redeemed()
    scene.answer(scene.ask("disable_user", "usr_1"), 0)
    assert broken(scene.refused("refresh", "rt_1")) == set()
    scene.answer(scene.ask("enable_user", "usr_1"), 0)
    scene.answer(scene.ask("userinfo", jwt(jti="1")), sub="usr_1")
    assert broken(scene) == {"I3"}


def test_i3_what_came_before_the_revocation_was_answered_is_allowed() -> None:
    scene = Scene().redeemed()
    revocation = scene.ask("revoke", "rt_1")
    scene.refreshed("rt_1", "rt_2").refused("refresh", "rt_1")
    scene.answer(revocation)
    assert broken(scene) == set()


def test_i4_a_retry_in_the_leeway_that_is_signed_out_is_found() -> None:
    scene = Scene().redeemed()
    scene.lost(scene.ask("refresh", "rt_1"))
    assert broken(scene.refused("refresh", "rt_1")) == {"I4"}


def test_i4_a_retry_after_the_leeway_may_be_refused() -> None:
    scene = Scene().redeemed()
    scene.lost(scene.ask("refresh", "rt_1"))
    scene.now += 11
    assert broken(scene.refused("refresh", "rt_1")) == set()


def test_i4_a_request_that_never_left_is_no_first_try() -> None:
    scene = Scene().redeemed()
    scene.lost(scene.ask("refresh", "rt_1"), "unsent")
    assert broken(scene.refused("refresh", "rt_1")) == {"I6"}


@pytest.mark.parametrize("claim", ["iss", "client_id", "sub", "gid"])
def test_i5_a_token_of_somebody_else_is_found(claim: str) -> None:
    scene = Scene().redeemed()
    scene.answer(scene.ask("refresh", "rt_1"), access_token=jwt(**{claim: "other"}),
                 refresh_token="rt_2")
    assert broken(scene) == {"I5"}


@pytest.mark.parametrize(("status", "error", "retry_after"), [
    (400, "invalid_grant", None), (401, "invalid_client", None), (500, "server_error", None),
    (503, None, None), (503, None, "soon"), (200, "x", None),
])
def test_i6_an_answer_that_no_fault_excuses_is_found(
    status: int, error: str | None, retry_after: str | None
) -> None:
    scene = Scene().redeemed()
    scene.answer(scene.ask("refresh", "rt_1"), status, error, retry_after=retry_after)
    assert broken(scene) == {"I6"}


def test_a_ledger_is_read_as_it_was_written(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")
    number = ledger.request("refresh", 2, present="rt_1", lineage=LINEAGE)
    ledger.response(number, "lost")
    ledger.fault("kill", node=2)
    ledger.close()
    read = list(entries(ledger.path))
    assert [entry["at"] for entry in read] == ["request", "response", "fault"]
    assert read[0]["id"] == read[1]["id"] == number
    assert read[0]["time"] <= read[1]["time"] <= read[2]["time"]
    assert len(list(entries(ledger.path, 2))) == 1


def test_three_kills_and_a_verdict(tmp_path: Path) -> None:
    """The drill itself, short: it runs, judges, and passes."""
    ended = subprocess.run(
        [sys.executable, ROOT / "drills/kill.py", "--kills", "3", "--people", "6", "--untimed",
         "--keep", tmp_path],
        capture_output=True, text=True, timeout=300, cwd="/",
        env=os.environ | {"GATEHOUSE_BINARY": BINARY})
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "verdict of kill: PASS" in ended.stdout
    assert "kills 3" in ended.stdout
