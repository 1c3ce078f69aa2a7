"""Which cases of the attack catalogue a test covers, and how that is recorded.

The name of a test carries the ids: `test_gh_044_only_the_port_may_differ` is about GH-044, and
`test_gh_022_and_023_answers_on_the_way` is about two cases. Numbers count up to the first word
that is neither a number nor `and`. A test of many cases, or a parameter of one, carries a marker:
`@pytest.mark.attack("GH-031", "GH-032")`, or `pytest.param(…, marks=attack("GH-031"))`. The ids
are literals, so that a reader of the source finds them as pytest does.

`attacks.txt` says what each case is. `Scripts/generate-security-tests` writes
docs/security-tests.md from both.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
CATALOGUE = FOLDER / "attacks.txt"


@dataclass(frozen=True)
class Case:
    """One case: its id, what it is, and a reason or a note if there is one."""

    id: str
    title: str
    remark: str

    @property
    def reason(self) -> str | None:
        """Why there may be no test: the feature does not exist yet."""
        return self.remark if self.remark.startswith("not yet: ") else None


@dataclass
class Section:
    letter: str
    title: str
    cases: list[Case] = field(default_factory=list)


def catalogue(text: str | None = None) -> list[Section]:
    """Reads the list of cases; fails if a line of it makes no sense."""
    sections: list[Section] = []
    remark_of_section = ""
    for line in (text or CATALOGUE.read_text(encoding="utf-8")).splitlines():
        if not line or line.startswith("#"):
            continue
        first, title, remark = ([part.strip() for part in line.split("|")] + ["", ""])[:3]
        if first.startswith("== "):
            sections.append(Section(first[3:], title))
            remark_of_section = remark
        else:
            assert re.fullmatch(r"GH-\d{3}", first) and title and sections, line
            sections[-1].cases.append(Case(first, title, remark or remark_of_section))
        assert not remark or remark.startswith(("not yet: ", "note: ")), line
    known = [case.id for section in sections for case in section.cases]
    assert len(known) == len(set(known)), "A case is there twice."
    return sections


def ids_in_name(name: str) -> list[str]:
    """The ids that the name of a test begins with."""
    match = re.match(r"test_gh((?:_\d{3}|_and)+)(?:_|$)", name)
    return [f"GH-{number}" for number in re.findall(r"\d{3}", match[1])] if match else []


@dataclass(frozen=True)
class Carrier:
    """A test of Tests/BlackBox that carries ids."""

    file: str
    name: str
    ids: tuple[str, ...]


def carriers(folder: Path = FOLDER) -> Iterator[Carrier]:
    """Every test that carries ids, found in the source without running it."""
    for path in sorted(folder.glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                if ids := dict.fromkeys(ids_in_name(node.name) + ids_in_marks(node)):
                    yield Carrier(path.name, node.name, tuple(ids))


def ids_in_marks(function: ast.FunctionDef) -> list[str]:
    """The ids of every `attack` marker in the decorators of a test."""
    calls = [
        node for decorator in function.decorator_list for node in ast.walk(decorator)
        if isinstance(node, ast.Call)
        and "attack" in (getattr(node.func, "attr", ""), getattr(node.func, "id", ""))]
    ids = []
    for argument in (argument for call in calls for argument in call.args):
        assert isinstance(argument, ast.Constant), f"{function.name}: an id is no literal."
        ids.append(str(argument.value))
    return ids
