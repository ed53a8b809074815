"""The report of a run stands alone, says what there is, and takes whatever text it is given as text."""

import math
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.core.evaluation.test_kept import evaluation
from tests.core.runs.runs_made import finished, kept, made
from tests.html_pages import Reader
from workbench.core.evaluation.kept import keep
from workbench.core.job.events import Sample
from workbench.core.job.label import NOTES, change_label, write_notes
from workbench.core.job.marks import Judged, change_marks
from workbench.core.problems import UserError
from workbench.core.runs.report import MOST_SAMPLES, report_html, write_report
from workbench.core.runs.result import RunResult

NASTY = '<script>alert("1")</script>&amp; \u202eabc "\'> <img src=x onerror=y>'
OVER = ("finished", "crashed", "stopped", "cancelled", "resumed", "out-of-memory", "refused", "html", "right-to-left")


@pytest.mark.parametrize("name", OVER)
def test_that_the_report_of_every_kind_of_run_stands_alone(name: str) -> None:
    page = report_html(RunResult.read(kept(name)))
    assert Reader(page).elsewhere == []
    assert "url(" not in page
    assert "@import" not in page


def test_that_the_report_of_a_run_says_what_was_asked_and_what_came_of_it() -> None:
    run = kept("finished")
    change_label(run.path, lambda label: label.named("The demo").tagged("for class"))
    write_notes(run.path, "First line.\nSecond line.")
    change_marks(run.path, {"a": True}, Judged("person", 24, 28, base_right=3))
    read = Reader(report_html(RunResult.read(run)))
    for words in (
        "The demo", "for class", "Second line.", "Finished after 60 steps in 3:06.", "98 of 100 answers as expected",
        "A person found 24 of 28 answers right, the base 3 of them.",
        "Learning rate (training.learning_rate)", "settings as they come", "2.39 GB", "49 of 50", "17\u2009096 of",
        "not as expected", "torch", "2.13.0+cpu",
    ):  # fmt: skip
        assert words in read.words, words
    assert len([tag for tag, _ in read.tags if tag == "svg"]) == 4


def test_that_whatever_text_it_is_given_is_text() -> None:
    first, *others = finished()
    samples = [Sample(step=0, when=when, prompt=NASTY, answer=NASTY, expected=NASTY) for when in ("before", "after")]
    run = made("2026-01-02-0304-a", f"data.path={NASTY}", events=(first, *samples, *others))
    write_notes(run.path, NASTY)
    read = Reader(report_html(RunResult.read(run)))
    assert read.elsewhere == []
    assert read.words.count(NASTY) >= 6


def test_that_losses_that_are_not_numbers_and_broken_notes_are_told() -> None:
    run = made("2026-01-02-0304-a", events=finished(math.nan))
    (run.path / NOTES).write_bytes(b"\xff")
    words = Reader(report_html(RunResult.read(run))).words
    assert "On held-out rows NaN." in words
    assert "is not UTF-8 text" in words


def test_that_of_very_many_samples_the_first_are_shown() -> None:
    first, *others = finished()
    samples = [Sample(step=0, when="before", prompt=f"prompt {n}", answer="a") for n in range(MOST_SAMPLES + 7)]
    run = made("2026-01-02-0304-a", events=(first, *samples, *others))
    assert "7 more are in the journal." in Reader(report_html(RunResult.read(run))).words


def test_that_a_run_at_work_has_no_report_yet(tmp_path: Path) -> None:
    run = made("2026-01-02-0304-a")
    with run.hold(), pytest.raises(UserError, match="is running: a report is of what is over"):
        write_report(tmp_path / "report.html", RunResult.read(run))
    assert not (tmp_path / "report.html").exists()
    write_report(tmp_path / "report.html", RunResult.read(run))
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_that_what_was_measured_of_a_run_stands_in_its_report() -> None:
    run = kept("finished")
    keep(run, "one", evaluation(datetime(2026, 11, 1, tzinfo=UTC)), [])
    words = Reader(report_html(RunResult.read(run))).words
    for said in ("Evaluations", "difference 0.2 (0.1 to 0.3)", "tuned is better than base", "lm-eval 0.4.13"):
        assert said in words, said
