"""How the conditions of the conformance suite are read, and that a gap among them is seen."""

from __future__ import annotations

import ast

import pytest

from conformance import (
    Carrier, Condition, carriers, catalogue, names, names_in_comments, names_in_marks, problems)

TEXT = """\
# x
== one | One | one-plan
module-a
  first | a
  second | b | not yet: c
== two | Two | two-plan | does not apply: d
module-a
module-b
  first | e | note: f
"""


def test_the_list_of_modules_is_read() -> None:
    one, two = catalogue(TEXT)
    assert (one.key, one.title, one.plan, one.remark) == ("one", "One", "one-plan", "")
    assert one.modules[0].conditions == [
        Condition("first", "a", ""), Condition("second", "b", "not yet: c")]
    assert names(one) == [("module-a", "first"), ("module-a", "second")]
    assert two.repeated == ["module-a"] and names(two) == [("module-b", "first")]
    first, second = one.modules[0].conditions
    assert (one.reason(first), one.reason(second)) == (None, "not yet: c")
    assert two.reason(two.modules[0].conditions[0]) == "does not apply: d"


@pytest.mark.parametrize("text", [
    "== a | A\nmodule\n  first | a", "== a | A | p\nmodule",
    "== a | A | p\nmodule\n  first", "== a | A | p\nmo dule\n  first | a",
    "== a | A | p\nmodule\n  first | a | because", "== a | A | p | because",
    "== a | A | p\nmodule\n  first | a\n  first | b",
    "== a | A | p\nmodule\n  first | a\n== b | B | p\nmodule\n  first | b",
])
def test_a_list_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(AssertionError):
        catalogue(text)


def test_names_in_markers() -> None:
    tree = ast.parse(
        '@pytest.mark.conformance("a", "b", "c")\n'
        '@pytest.mark.parametrize("x", [pytest.param(1, marks=conformance("d", "e"))])\n'
        "def test_x(): pass\n"
        '@conformance("a", name)\ndef test_y(): pass\n'
        '@conformance("a")\ndef test_z(): pass\n')
    assert names_in_marks(tree.body[0]) == [  # type: ignore[arg-type]
        ("a", "b"), ("a", "c"), ("d", "e")]
    for body in tree.body[1:]:
        with pytest.raises(AssertionError):
            names_in_marks(body)  # type: ignore[arg-type]


def test_names_in_comments_of_swift() -> None:
    source = (
        "    // Conformance: a b c\n    // Conformance: d e\n    @Test(arguments: [1])\n"
        "    func `says this`(_ x: Int) {}\n    @Test func `says that`() {}\n")
    assert names_in_comments(source) == {"says this": [("a", "b"), ("a", "c"), ("d", "e")]}
    with pytest.raises(AssertionError):
        names_in_comments("// Conformance: a b\n")


def test_gaps_and_contradictions_are_told() -> None:
    sections = catalogue(TEXT)

    def told(*covers: tuple[str, str]) -> list[str]:
        return problems(sections, [Carrier("test_x.py", "test_x", covers)])

    assert told(("module-a", "first")) == []
    assert told(("module-a", "first"), ("module-b", "first")) == []
    assert told() == ["module-a first has neither a test nor a reason."]
    assert told(("module-a", "first"), ("module-a", "second")) == [
        "module-a second has a test, and still a reason to have none."]
    assert "module-c first, which is not" in told(("module-a", "first"), ("module-c", "first"))[0]


def test_nothing_of_the_list_is_left_open() -> None:
    found = list(carriers())
    assert len(found) > 40 and any(carrier.file.endswith(".swift") for carrier in found)
    assert problems(catalogue(), found) == []
