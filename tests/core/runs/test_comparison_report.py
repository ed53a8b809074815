"""Runs beside each other as a page that stands alone."""

from pathlib import Path

import pytest

from tests.core.runs.runs_made import finished, kept, made
from tests.html_pages import Reader
from workbench.core.job.label import change_label
from workbench.core.job.marks import Judged, change_marks
from workbench.core.runs.comparison_report import MOST_CURVES, comparison_html, write_comparison
from workbench.core.runs.result import RunResult

NASTY = "<script>alert(1)</script><img src=x>"


@pytest.fixture
def results() -> list[RunResult]:
    a, b = kept("finished"), kept("resumed")
    c = made("2026-01-02-0304-a", f"data.path={NASTY}", "lora.rank=8", events=finished(0.01))
    change_label(c.path, lambda label: label.named(NASTY))
    return [RunResult.read(run) for run in (a, b, c)]


def test_that_it_tells_the_settings_the_outcomes_and_the_curves(results: list[RunResult]) -> None:
    read = Reader(comparison_html(results))
    assert read.elsewhere == []
    for words in ("3 runs compared", "Rank (lora.rank)", "A  finished", f"C  {NASTY}", "98 of 100", "2.39 GB"):
        assert words in read.words
    assert "Precision (model.precision)" not in read.words
    assert "They learned other rows" in read.words
    assert len([tag for tag, _ in read.tags if tag == "polyline"]) == 3
    assert len([tag for tag, _ in read.tags if tag == "circle"]) >= 3


def test_that_the_best_is_marked_where_there_is_one(results: list[RunResult]) -> None:
    page = comparison_html(results)
    assert '<td class="best">98 of 100</td>' in page
    assert '<td class="best">0.010</td>' in page
    assert 'class="best"' not in comparison_html([results[2], results[2]])


def test_that_answers_that_were_marked_stand_in_it(results: list[RunResult]) -> None:
    assert "Answers right" not in Reader(comparison_html(results)).words
    change_marks(results[0].run.path, {"a": True}, Judged("person", 24, 28))
    change_marks(results[1].run.path, {}, Judged("exact match", 20, 28))
    page = comparison_html([RunResult.read(result.run) for result in results])
    assert '<td class="best">24 of 28, by a person</td><td>20 of 28, by exact match</td>' in page


def test_that_many_runs_have_a_table_and_no_curves() -> None:
    many = [RunResult.read(made(f"2026-01-02-0304-{n}", f"lora.rank={n + 1}")) for n in range(MOST_CURVES + 1)]
    read = Reader(comparison_html(many))
    assert "Curves are drawn of 4 runs at most." in read.words
    assert "A  " not in read.words
    assert not [tag for tag, _ in read.tags if tag == "svg"]


def test_that_runs_asked_the_same_and_not_begun_are_told(tmp_path: Path) -> None:
    same = [RunResult.read(made(f"2026-01-02-0304-{name}", events=())) for name in "ab"]
    write_comparison(tmp_path / "both.html", same)
    assert "They were asked the same." in (tmp_path / "both.html").read_text(encoding="utf-8")
