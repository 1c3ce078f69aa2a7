"""Replays a ledger and says what must not have happened.

The judge trusts the order of the ledger and nothing else. For each answer it knows one of three
things: it had to be a success, it had to be a refusal, or either was allowed. Never a third thing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from issued import Issued
from ledger import Entry
from model import (
    ACCESS_TOKEN_IS_FRESH, CODE_IS_FRESH, SURELY_AFTER_LEEWAY, SURELY_WITHIN_LEEWAY, Code,
    RefreshToken, World)
from verdict import Verdict

# What an answer means. Anything else is neither.
SUCCESS = {
    "redeem": {200}, "refresh": {200}, "userinfo": {200}, "client_credentials": {200},
    "revoke": {200}, "authorize": {303}, "sign_in": {303}, "sign_out": {303},
    "disable_user": {0}, "enable_user": {0}, "add_secret": {0}, "remove_secret": {0},
    "page": {200, 303},
}
REFUSAL = {
    "redeem": {"invalid_grant"}, "refresh": {"invalid_grant"}, "userinfo": {"invalid_token"},
    "client_credentials": {"invalid_client"}, "authorize": {"login_required"},
    "sign_in": {"refused"},
    # A command that is repeated finds that it is done.
    "remove_secret": {"not_found"},
}


@dataclass
class Question:
    """A request as it stood when it was written down."""

    entry: Entry
    # The invariant that a success would break, and why.
    forbidden: tuple[str, str] | None = None


class Judge:
    """Feed it a ledger; then ask for its verdict and for the world that the clients believe in."""

    def __init__(self, after_leeway: float = SURELY_AFTER_LEEWAY) -> None:
        self.after_leeway = after_leeway
        self.world = World()
        self.verdict = Verdict()
        self._open: dict[int, Question] = {}
        self._last_fault: float | None = None

    def feed(self, entries: Iterable[Entry]) -> Judge:
        for entry in entries:
            match entry["at"]:
                case "fault":
                    self._last_fault = entry["time"]
                    self.verdict.counts[f"fault {entry['what']}"] += 1
                case "request":
                    self._ask(entry)
                case "response":
                    self._answer(self._open.pop(entry["id"]), entry)
        return self

    # A request

    def _ask(self, entry: Entry) -> None:
        op, present, world = entry["op"], entry.get("present", ""), self.world
        question = Question(entry)
        self._open[entry["id"]] = question
        self.verdict.counts["requests"] += 1
        over = [thing for thing in world.stands_on(op, present)
                if thing.is_over(entry["time"], entry["node"])]
        spends = world.one_time(op, present)
        if over:
            question.forbidden = ("I3", f"{over[0].kind} {over[0].name} had ended")
        elif isinstance(spends, Code) and spends.spent is not None:
            question.forbidden = ("I2", "the code was spent")
        elif isinstance(spends, RefreshToken) and self._is_reuse(spends, entry["time"]):
            question.forbidden = ("I2", "the refresh token was spent")
        if spends is not None:
            spends.sent = spends.sent or entry["time"]
            spends.presentations += 1
        for thing in world.ends(op, present):
            thing.ending = True
        if op == "enable_user":
            account = world.account(present)
            account.ended, account.ending = None, True

    def _is_reuse(self, token: RefreshToken, time: float) -> bool:
        if token.spent is None:
            return False
        used = token.successor is not None and token.successor.spent is not None
        return used or time > token.spent + self.after_leeway

    # An answer

    def _answer(self, question: Question, entry: Entry) -> None:
        verdict, request = self.verdict, question.entry
        op = request["op"]
        verdict.counts[entry["outcome"]] += 1
        if entry["outcome"] != "answered":
            if entry["outcome"] == "unsent":
                self._take_back(op, request.get("present", ""))
            return
        status, error = entry["status"], entry.get("error")
        verdict.checked["I6"] += 1
        if status in (503, 429) or error == "unavailable":
            verdict.counts[f"{'status' if status >= 100 else 'exit code'} {status}"] += 1
            if status in (503, 429) and not str(entry.get("retry_after") or "").isdigit():
                verdict.broke("I6", f"{op}: {status} without Retry-After")
        elif status in SUCCESS[op] and error is None:
            self._succeeded(question, entry)
        elif error in REFUSAL.get(op, ()):
            self._refused(question, entry)
        else:
            verdict.broke("I6", f"{op}: neither success, refusal nor 503: {status} {error} "
                                f"{entry.get('words', '')}")

    def _take_back(self, op: str, present: str) -> None:
        """A request that never left spent nothing."""
        if spends := self.world.one_time(op, present):
            spends.presentations -= 1
            if spends.presentations == 0:
                spends.sent = None

    def _succeeded(self, question: Question, entry: Entry) -> None:
        request, verdict = question.entry, self.verdict
        op, present = request["op"], request.get("present", "")
        if question.forbidden:
            invariant, why = question.forbidden
            verdict.checked[invariant] += 1
            verdict.broke(invariant, f"{op} of {present[:12]}… succeeded at node "
                                     f"{request['node']} although {why}")
        if self._crossed_a_fault(op, present):
            verdict.checked["I1"] += 1
        for thing in self.world.ends(op, present):
            thing.end(entry["time"], request["node"])
        Issued(self.world, verdict, request, entry).take()

    def _refused(self, question: Question, entry: Entry) -> None:
        request, verdict, world = question.entry, self.verdict, self.world
        op, present, node = request["op"], request.get("present", ""), request["node"]
        if op == "remove_secret":
            for thing in world.ends(op, present):
                thing.end(entry["time"], node)
            return
        if question.forbidden:
            verdict.checked[question.forbidden[0]] += 1
        elif not any(thing.ending for thing in world.stands_on(op, present)):
            if invariant := self._broken_by_refusal(op, present, entry["time"]):
                verdict.checked[invariant] += invariant != "I6"
                what = (f"{op} of {present[:12]}… got {entry['status']} {entry.get('error')} at "
                        f"node {node} although nothing had ended it")
                verdict.broke(invariant, what)
                if self._crossed_a_fault(op, present):
                    verdict.checked["I1"] += 1
                    verdict.broke("I1", what)
        self._end_with_its_grant(op, present, entry["time"], node)

    def _broken_by_refusal(self, op: str, present: str, time: float) -> str | None:
        """The invariant that a refusal breaks; None if both outcomes were allowed."""
        world = self.world
        match spends := world.one_time(op, present):
            case Code():
                is_first = spends.presentations == 1 and spends.spent is None
                return "I6" if is_first and time < spends.issued + CODE_IS_FRESH else None
            case RefreshToken():
                if spends.presentations == 1 and spends.spent is None:
                    return "I6"
                used = spends.successor is not None and spends.successor.presentations > 0
                within = spends.sent is not None and time < spends.sent + SURELY_WITHIN_LEEWAY
                return "I4" if within and not used else None
        if op == "userinfo":
            known = world.access_tokens.get(present)
            return "I6" if known and time < known.issued + ACCESS_TOKEN_IS_FRESH else None
        return "I6" if world.issued_at(op, present) is not None else None

    def _end_with_its_grant(self, op: str, present: str, time: float, node: int) -> None:
        """A code or a rotating refresh token that is refused takes its grant with it."""
        spends = self.world.one_time(op, present)
        if spends is None:
            return
        spends.grant.ending = True
        if spends.spent is not None:
            spends.grant.end(time, node)

    def _crossed_a_fault(self, op: str, present: str) -> bool:
        """Whether the last fault came after the client had what it presents."""
        issued = self.world.issued_at(op, present)
        return issued is not None and self._last_fault is not None and issued < self._last_fault
