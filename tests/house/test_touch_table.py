"""Every row of "Where to touch it" in workbench/README.md has its test, and every such test its row."""

import re

from tests.house.scratch import ROOT

HEADING = "## Where to touch it"
ROW = re.compile(r"^\| (?!to add |---)([^|]+?) \|", re.MULTILINE)


def rows() -> list[str]:
    """What can be added, by the table: "a model family"."""
    _, _, behind = (ROOT / "workbench" / "README.md").read_text(encoding="utf-8").partition(HEADING)
    return ROW.findall(behind.partition("\n## ")[0])


def added_by_tests() -> list[str]:
    """What the tests add, by the names of their files: "a family"."""
    files = sorted((ROOT / "tests" / "house").glob("test_adding_*.py"))
    return [file.stem.removeprefix("test_adding_").replace("_", " ") for file in files]


def is_of(name: str, row: str) -> bool:
    """Whether a test's words stand in a row's, in the same order."""
    words = iter(row.split())
    return all(word in words for word in name.split())


def test_that_every_row_has_one_test_and_every_test_one_row() -> None:
    assert rows()
    tests_of = {row: [name for name in added_by_tests() if is_of(name, row)] for row in rows()}
    rows_of = {name: [row for row in rows() if is_of(name, row)] for name in added_by_tests()}
    assert {row: names for row, names in tests_of.items() if len(names) != 1} == {}
    assert {name: rows for name, rows in rows_of.items() if len(rows) != 1} == {}
