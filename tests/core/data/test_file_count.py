"""All rows counted: what is wrong with them, told on the way, and given up when asked."""

from pathlib import Path

from workbench.core.data.file_count import STRIDE, count_rows
from workbench.core.data.rows import OpenRows
from workbench.core.recipe.recipe import DataSettings


def opened(path: Path, rows: int) -> OpenRows:
    lines = [f'"Why {n}?","{"" if n % 100 == 7 else "So."}"' for n in range(rows)]
    path.write_text("\n".join(["question,answer", *lines]) + "\n", encoding="utf-8")
    return OpenRows(DataSettings(path=str(path)))


def test_that_every_row_is_counted_by_what_is_wrong_with_it(tmp_path: Path) -> None:
    told: list[int] = []
    rows = opened(tmp_path / "a.csv", 1200)
    found = count_rows(rows, rows.mapping, lambda count: told.append(count) or True)  # type: ignore[func-returns-value]
    assert (found.rows, found.last_line, found.problems, found.is_complete) == (1200, 1201, {"empty": 12}, True)
    assert found.in_words == "All 1\u2009200 rows are read: 12 are left out (12 empty)"
    assert told == [0, STRIDE, 2 * STRIDE]


def test_that_a_count_is_given_up_when_asked(tmp_path: Path) -> None:
    rows = opened(tmp_path / "a.csv", 1200)
    found = count_rows(rows, rows.mapping, lambda count: count < STRIDE)
    assert (found.rows, found.is_complete) == (STRIDE, False)
    assert found.in_words == "Read up to row 500: 5 are left out (5 empty)"
