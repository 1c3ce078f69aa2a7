"""Which conditions of the OpenID conformance suite a test covers, and how that is recorded.

A test of pytest carries a marker with a module and its conditions:
`@pytest.mark.conformance("oidcc-codereuse", "refused", "shape")`, or as a mark of one parameter.
A test in Swift has a comment above it: `// Conformance: oidcc-idtoken-unsigned never`. Names are
literals, so that a reader of the source finds them as this does.

`conformance.txt` says what each module wants. `Scripts/generate-conformance` writes
docs/conformance.md from both.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
CATALOGUE = FOLDER / "conformance.txt"

# A module and one of its conditions.
Name = tuple[str, str]

REASONS = ("not yet: ", "does not apply: ")
SWIFT_MARK = re.compile(r"^\s*// Conformance: (\S+) (.+)$")
SWIFT_TEST = re.compile(r"func `([^`]+)`|func (\w+)")


@dataclass(frozen=True)
class Condition:
    """One thing that a module wants, and a reason or a note if there is one."""

    name: str
    title: str
    remark: str

    @property
    def reason(self) -> str | None:
        """Why there may be no test."""
        return self.remark if self.remark.startswith(REASONS) else None


@dataclass
class Module:
    name: str
    conditions: list[Condition] = field(default_factory=list)


@dataclass
class Section:
    """A plan of the suite: the modules that it adds, and those that an earlier one has."""

    key: str
    title: str
    plan: str
    remark: str
    modules: list[Module] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)

    def reason(self, condition: Condition) -> str | None:
        """Why a condition may have no test: its own reason, or that of the section."""
        return condition.reason or (
            self.remark if self.remark.startswith(REASONS) else None)


def catalogue(text: str | None = None) -> list[Section]:
    """Reads the list of modules; fails if a line of it makes no sense."""
    sections: list[Section] = []
    known: set[str] = set()
    for line in (text or CATALOGUE.read_text(encoding="utf-8")).splitlines():
        if not line or line.startswith("#"):
            continue
        parts = [part.strip() for part in line.split("|")] + [""] * 3
        if line.startswith("== "):
            key, title, plan, remark = parts[:4]
            assert title and plan, line
            sections.append(Section(key[3:], title, plan, remark))
        elif line.startswith("  "):
            name, title, remark = parts[:3]
            assert re.fullmatch(r"[a-z0-9-]+", name) and title, line
            sections[-1].modules[-1].conditions.append(Condition(name, title, remark))
        else:
            assert re.fullmatch(r"[A-Za-z0-9_-]+", line), line
            sections[-1].modules.append(Module(line))
            remark = ""
        assert not remark or remark.startswith((*REASONS, "note: ")), line
    for section in sections:
        # A module without conditions is one that an earlier plan has; it may add some of its own.
        section.repeated = [m.name for m in section.modules if not m.conditions]
        section.modules = [m for m in section.modules if m.conditions]
        assert set(section.repeated) <= known, f"{section.key}: {set(section.repeated) - known}"
        known |= {module.name for module in section.modules}
    every = [name for section in sections for name in names(section)]
    assert len(every) == len(set(every)), "A condition is there twice."
    return sections


def names(section: Section) -> list[Name]:
    """The conditions of a section."""
    return [(module.name, c.name) for module in section.modules for c in module.conditions]


@dataclass(frozen=True)
class Carrier:
    """A test that covers conditions."""

    file: str
    name: str
    covers: tuple[Name, ...]


def carriers(tests: Path = FOLDER.parent) -> Iterator[Carrier]:
    """Every test that covers conditions, found in the source without running it."""
    for path in sorted((tests / FOLDER.name).glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                if covers := names_in_marks(node):
                    yield Carrier(path.name, node.name, tuple(dict.fromkeys(covers)))
    for path in sorted(tests.rglob("*Tests.swift")):
        for test, covers in names_in_comments(path.read_text(encoding="utf-8")).items():
            yield Carrier(path.name, test, tuple(covers))


def names_in_marks(function: ast.FunctionDef) -> list[Name]:
    """What the `conformance` markers in the decorators of a test name."""
    found: list[Name] = []
    for node in (n for decorator in function.decorator_list for n in ast.walk(decorator)):
        if not isinstance(node, ast.Call) or "conformance" not in (
                getattr(node.func, "attr", ""), getattr(node.func, "id", "")):
            continue
        assert all(isinstance(argument, ast.Constant) for argument in node.args), (
            f"{function.name}: a name is no literal.")
        found += names_in_arguments(
            [str(argument.value) for argument in node.args])  # type: ignore[attr-defined]
    return found


def names_in_arguments(arguments: list[str]) -> list[Name]:
    """A module and its conditions, as a marker has them."""
    assert len(arguments) > 1, f"{arguments}: a marker names a module and its conditions."
    module, *conditions = arguments
    return [(module, condition) for condition in conditions]


def names_in_comments(source: str) -> dict[str, list[Name]]:
    """What comments above the tests of a Swift file name, by the name of the test."""
    found: dict[str, list[Name]] = defaultdict(list)
    waiting: list[Name] = []
    for line in source.splitlines():
        if mark := SWIFT_MARK.match(line):
            waiting += names_in_arguments([mark[1], *mark[2].split()])
        elif waiting and (test := SWIFT_TEST.search(line)):
            found[test[1] or test[2]] += waiting
            waiting = []
    assert not waiting, f"{waiting}: there is no test below."
    return dict(found)


def problems(sections: list[Section], found: list[Carrier]) -> list[str]:
    """What is wrong: nothing covers a condition, or a test and the list contradict each other."""
    covered = {name for carrier in found for name in carrier.covers}
    told = []
    for section in sections:
        for module in section.modules:
            for condition in module.conditions:
                where = f"{module.name} {condition.name}"
                is_covered = (module.name, condition.name) in covered
                if not is_covered and not section.reason(condition):
                    told.append(f"{where} has neither a test nor a reason.")
                if is_covered and condition.reason:
                    told.append(f"{where} has a test, and still a reason to have none.")
    known = {name for section in sections for name in names(section)}
    for carrier in found:
        for module, condition in carrier.covers:
            if (module, condition) not in known:
                told.append(
                    f"{carrier.file}: {carrier.name} covers {module} {condition}, which is not "
                    f"in {CATALOGUE.name}.")
    return told
