"""The Race view: a recorded race of the starter shown whole, half-way and with a row that could not run."""

import csv
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from tests.panes.shown import in_every_look, shown
from tests.qt_waits import wait_until
from tests.races import row
from tests.studies import STUDIES, kept_study
from workbench.bridge.tasks import wait_for_tasks
from workbench.core import places
from workbench.core.job.events import Ended, Started
from workbench.core.job.journal import JournalReader, JournalWriter
from workbench.core.job.run_folder import RunFolder
from workbench.core.job.study import create_study
from workbench.core.job.study_kinds import PRECISIONS, MeasureRequest, PrecisionMeasured
from workbench.panes.look.theme import Theme
from workbench.panes.quantize.page import QuantizePage
from workbench.panes.quantize.race.table import FIRST
from workbench.panes.quantize.race.view import RaceView

RECORDED = [
    event
    for event in JournalReader(STUDIES / "measure" / "journal.jsonl").read()
    if isinstance(event, PrecisionMeasured)
]


@pytest.fixture
def page(theme: Theme) -> Iterator[QuantizePage]:
    made = QuantizePage(theme)
    with shown(made, 1366):
        yield made
        made.window_closes()


def opened(page: QuantizePage) -> RaceView:
    """The view, once all that it shows is there."""
    page.show_view("race")
    view = page.view
    assert isinstance(view, RaceView)
    control = page.studies["race"]
    if control.run is not None and not control.run.is_held():
        wait_until(lambda: control.outcome is not None)
    assert wait_for_tasks(60)
    return view


def hand_made(*events: PrecisionMeasured | Ended, **asked: object) -> RunFolder:
    """A study as an engine leaves it."""
    run = create_study(MeasureRequest.model_validate({"model": "/models/gone", **asked}))
    writer = JournalWriter(run.journal)
    for event in (Started(attempt=1, pid=1, versions={}), *events):
        writer.write(event)
    writer.close()
    return run


def column(view: RaceView, title: str) -> list[str]:
    model = view.cards.model
    titles = [model.headerData(place, Qt.Orientation.Horizontal) for place in range(model.columnCount())]
    place = next(place for place, text in enumerate(titles) if str(text).split("\n")[0] == title)
    return [view.cards.table.text(number, place) for number in range(model.rowCount())]


def test_that_a_race_is_found_again_with_the_figures_of_its_journal(page: QuantizePage) -> None:
    kept_study("measure")
    view = opened(page)
    assert [event.precision for event in RECORDED] == list(PRECISIONS)
    assert column(view, "Perplexity") == [f"{event.perplexity:.3f}" for event in RECORDED]
    assert column(view, "Load") == [f"{event.load_seconds:.1f} s" for event in RECORDED]
    assert len(column(view, "Peak")) == 7
    assert view.fields.training.train_steps == 10


def test_that_what_nf4_buys_and_costs_is_said(page: QuantizePage) -> None:
    kept_study("measure")
    view = opened(page)
    assert view.race is not None
    assert view.cards.picture_card.title.text() == "What NF4 buys and costs"
    assert "NF4 holds the weights in" in view.race.sentence
    assert "Q4_1" in view.cards.notes.text()
    assert not view.cards.picture.grab().isNull()


def test_that_answers_are_laid_side_by_side_and_the_first_other_word_is_marked(page: QuantizePage) -> None:
    kept_study("measure")
    view = opened(page)
    answers = view.cards.answers
    first, text = answers.prompt.whole, answers.text.toPlainText()
    assert RECORDED[0].answers[0].split()[0] in text
    assert "The same, word for word." in text
    assert "background" in answers.text.toHtml()
    QTest.keyClick(answers.after, Qt.Key.Key_Space)
    assert answers.prompt.whole != first
    assert answers.text.toPlainText() != text


def test_that_before_a_race_the_table_has_what_is_computed(page: QuantizePage) -> None:
    shutil.copytree(STUDIES / "model", places.models() / "tiny")
    view = opened(page)
    sizes = column(view, "Size")
    assert len(sizes) == 7
    assert all(size.startswith("\u2248") for size in sizes)
    assert view.race is None
    assert not view.cards.report.isEnabled()
    assert view.fields.start.text().strip() == "Race 7 precisions"


def test_that_a_precision_is_left_out_and_none_is_none(page: QuantizePage) -> None:
    shutil.copytree(STUDIES / "model", places.models() / "tiny")
    view = opened(page)
    boxes = view.fields.precisions.boxes
    QTest.keyClick(boxes["fp32"], Qt.Key.Key_Space)
    assert view.fields.precisions.names == PRECISIONS[1:]
    assert view.fields.start.text().strip() == "Race 6 precisions"
    for name in PRECISIONS[1:]:
        QTest.keyClick(boxes[name], Qt.Key.Key_Space)
    assert not view.fields.start.isEnabled()
    assert view.form.action_bar.facts.text() == "Tick a precision to race"


def test_that_a_race_under_way_shows_what_has_run_and_what_waits(page: QuantizePage) -> None:
    run = hand_made(*(row(name) for name in ("fp32", "bf16")), precisions=("fp32", "bf16", "nf4", "fp4"))
    with run.hold():
        view = opened(page)
        wait_until(lambda: len(page.studies["race"].findings) == 2)
        wait_until(lambda: view.cards.model.rows[1].has_run)
        rows = view.cards.model.rows
        assert [(entry.has_run, entry.is_running, entry.waits) for entry in rows] == [
            (True, False, False),
            (True, False, False),
            (False, True, False),
            (False, False, True),
        ]
        assert view.fields.cancel.isVisible()
        assert not view.fields.start.isVisible()
        page.studies["race"].close()


def test_that_a_precision_that_could_not_run_is_a_row_with_its_reason(page: QuantizePage) -> None:
    why = "This card has no arithmetic in BF16: " + "long words " * 30
    hand_made(
        row("fp32"),
        PrecisionMeasured(precision="bf16", problem=why),
        row("nf4"),
        Ended(state="finished"),
        precisions=("fp32", "bf16", "nf4"),
    )
    view = opened(page)
    assert view.cards.table.text(1, FIRST) == why
    assert view.race is not None
    assert view.race.baseline is not None
    assert view.race.baseline.precision == "fp32"
    in_every_look(page.theme, page)


def test_that_figures_are_copied_and_written_in_full(page: QuantizePage, tmp_path: Path) -> None:
    kept_study("measure")
    view = opened(page)
    view.cards.copy.click()
    assert "27.337" in QGuiApplication.clipboard().text()
    view.save_csv(tmp_path / "race.csv")
    assert wait_for_tasks(60)
    with (tmp_path / "race.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [entry["precision"] for entry in rows] == list(PRECISIONS)
    assert [float(entry["perplexity"]) for entry in rows] == [event.perplexity for event in RECORDED]
    view.save_csv(tmp_path / "race.csv" / "a file is no folder.csv")
    assert wait_for_tasks(60)
    assert "cannot be written" in view.cards.message_card.what.text()


def test_that_the_report_stands_alone(page: QuantizePage, tmp_path: Path) -> None:
    kept_study("measure")
    view = opened(page)
    view.save_report(tmp_path / "race.html")
    assert wait_for_tasks(60)
    text = (tmp_path / "race.html").read_text("utf-8")
    assert "<svg" in text
    assert not [word for word in ("<script", "src=", "href=", "url(", "@import") if word in text]
    assert all(f"{event.perplexity:.3f}" in text for event in RECORDED)


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (lambda path: None, "text"),
        (lambda path: path.write_text(""), "empty"),
        (lambda path: path.write_bytes(b"\xff\xfe\x00bad"), "UTF-8"),
    ],
    ids=["missing", "empty", "not UTF-8"],
)
def test_that_a_text_that_cannot_be_read_is_said_below_its_field(
    page: QuantizePage, tmp_path: Path, write: Callable[[Path], object], said: str
) -> None:
    path = tmp_path / "text.txt"
    write(path)
    view = opened(page)
    view.fields.text.show_path(str(path))
    assert wait_for_tasks(60)
    assert said in view.fields.text_problem.text()
    view.start()
    assert view.cards.message_card.isVisible()
    assert not places.studies().exists()


def test_that_a_model_that_is_gone_ends_the_race_with_a_sentence_and_nothing_is_left(
    page: QuantizePage, tmp_path: Path
) -> None:
    model = tmp_path / "model"
    shutil.copytree(STUDIES / "model", model)
    view = opened(page)
    view.fields.model.open(model)
    assert wait_for_tasks(60)
    shutil.rmtree(model)
    view.start()
    control = page.studies["race"]
    wait_until(lambda: control.outcome is not None, 60)
    assert view.cards.message_card.isVisible()
    assert "There is no model folder" in view.cards.message_card.what.text()
    assert list(places.studies().iterdir()) == []


@pytest.mark.slow
def test_that_a_real_race_is_begun_by_the_button_and_a_cancel_leaves_nothing(page: QuantizePage) -> None:
    shutil.copytree(STUDIES / "model", places.models() / "tiny")
    view = opened(page)
    view.fields.precisions.show_names(("fp32", "nf4"))
    QTest.mouseClick(view.fields.start, Qt.MouseButton.LeftButton)
    control = page.studies["race"]
    wait_until(lambda: control.findings, 120)
    assert view.cards.model.rows[0].has_run
    QTest.mouseClick(view.fields.cancel, Qt.MouseButton.LeftButton)
    wait_until(lambda: control.outcome is not None)
    assert list(places.studies().iterdir()) == []
    assert view.form.action_bar.facts.text() == "Cancelled; nothing was kept"
    assert view.race is None


@pytest.mark.slow
def test_that_every_look_has_room_for_a_whole_race(page: QuantizePage) -> None:
    kept_study("measure")
    opened(page)
    in_every_look(page.theme, page)
