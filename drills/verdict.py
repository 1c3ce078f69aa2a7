"""What a drill found: violations for each invariant, how often each was put to the test, and what
else there is to tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

INVARIANTS = {
    "I1": "no issued-and-lost", "I2": "no double spend", "I3": "no resurrection",
    "I4": "no false theft", "I5": "no cross-over", "I6": "no wrong refusal",
    "I7": "integrity", "I8": "audit",
}


@dataclass
class Verdict:
    violations: dict[str, list[str]] = field(
        default_factory=lambda: {name: [] for name in INVARIANTS})
    # How many times each invariant was put to the test.
    checked: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)

    def broke(self, invariant: str, what: str) -> None:
        self.violations[invariant].append(what)

    def failed(self, needed: Iterable[str]) -> list[str]:
        """The invariants that were broken, and those that were needed and never tested.

        What was not put to the test did not pass.
        """
        return [
            name for name in INVARIANTS
            if self.violations[name] or (name in needed and not self.checked[name])]

    def table(self, needed: Iterable[str]) -> str:
        """One line for each invariant, and some examples where one was broken."""
        needed = tuple(needed)
        failed = self.failed(needed)
        lines = []
        for name, words in INVARIANTS.items():
            if name not in needed and not self.checked[name] and name not in failed:
                continue
            state = "FAIL" if name in failed else "PASS"
            lines.append(
                f"  {name}  {words:<20} {len(self.violations[name]):>6} violations "
                f"{self.checked[name]:>8} checks   {state}")
            lines += [f"        {what}" for what in self.violations[name][:5]]
        return "\n".join(lines)
