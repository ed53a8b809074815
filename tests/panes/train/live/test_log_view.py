"""The log: newest first, filtered, copied, and quick with hundreds of thousands of lines."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.panes.train.lives import long_history, run_events, step
from tests.qt_waits import wait_until
from workbench.core.job.event_words import in_words
from workbench.core.job.events import Ended, Event, Notice, Resumed, Sample, Started, Unrecognized
from workbench.core.job.history import History
from workbench.panes.look.theme import Theme
from workbench.panes.train.live.log_model import TIME
from workbench.panes.train.live.log_view import CONSOLE, FILTERS, MOST_STEPS, LogView


@pytest.fixture
def log(qapp: QApplication) -> Iterator[LogView]:
    theme = Theme("light")
    theme.apply()
    made = LogView(theme)
    made.resize(854, 190)
    made.show()
    QApplication.processEvents()
    yield made
    made.close()
    made.deleteLater()
    QApplication.processEvents()


def texts(log: LogView, most: int = 1000) -> list[str]:
    return [str(log.model.index(row).data()) for row in range(min(most, log.model.rowCount()))]


def choose(log: LogView, words: str) -> None:
    log.kinds.setCurrentText(words)


def test_that_the_newest_line_is_at_the_top_with_its_time(log: LogView) -> None:
    log.add_events([step(1, at=65.0), step(2, at=78.0)])
    log.refresh()
    assert [text.split(" loss")[0] for text in texts(log)] == ["step 2", "step 1"]
    assert log.model.index(1).data(TIME) == "1:05"


def test_that_a_resumed_run_counts_its_seconds_on(log: LogView) -> None:
    events: list[Event] = [Started(attempt=1, pid=1, versions={}), step(1, at=100.0)]
    events += [Started(attempt=2, pid=2, versions={}), Resumed(step=1, folder="f", elapsed_seconds=20.0)]
    log.add_events(events)
    log.refresh()
    assert [log.model.index(row).data(TIME) for row in range(4)] == ["2:00", "1:40", "1:40", "0:00"]
    assert texts(log)[0] == "resumed from step 1"


def test_that_lines_are_filtered_by_kind_and_by_text(log: LogView) -> None:
    log.add_events([*run_events(44), Notice(text="Beware of the dog"), Unrecognized(text='{"kind": "new"}')])
    log.refresh()
    for words, kind in FILTERS[1:]:
        choose(log, words)
        assert log.model.rowCount() > 0, words
        if kind == "evaluation":
            assert all(text.startswith("evaluation") for text in texts(log))
    choose(log, "Notices")
    assert texts(log) == ["notice: Beware of the dog"]
    choose(log, "All")
    log.search.setText("STEP 4")
    wait_until(lambda: log.model.rowCount() < 30)
    assert all("step 4" in text for text in texts(log))
    log.add_events([step(45)])
    log.refresh()
    assert texts(log)[0].startswith("step 45")


def test_that_hundreds_of_thousands_of_lines_are_kept_and_filtered(log: LogView) -> None:
    one = step(1)
    log.add_events([one] * 200_000)
    log.refresh()
    for _ in range(20):
        log.add_events([one])
        log.refresh()
        log.lines.viewport().repaint()
    assert log.model.rowCount() == 200_020
    log.model.filter("step", "no such words")
    assert log.model.rowCount() == 0


def test_that_who_reads_older_lines_is_not_moved(log: LogView) -> None:
    log.add_events([step(number) for number in range(1, 300)])
    log.refresh()
    QApplication.processEvents()
    bar = log.lines.verticalScrollBar()
    bar.setValue(1000)
    top = log.lines.indexAt(log.lines.viewport().rect().topLeft()).data()
    log.add_events([step(300), step(301)])
    log.refresh()
    QApplication.processEvents()
    assert log.lines.indexAt(log.lines.viewport().rect().topLeft()).data() == top


def test_that_chosen_lines_are_copied_in_their_order(log: LogView) -> None:
    log.add_events([step(1, at=60.0), step(2, at=70.0), step(3, at=80.0)])
    log.refresh()
    log.lines.setFocus()
    log.lines.selectAll()
    QTest.keyClick(log.lines, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().text().splitlines()
    assert [line.split("  ")[0] for line in copied] == ["1:20", "1:10", "1:00"]


def test_that_strange_texts_stay_on_one_line() -> None:
    for text in ("<b>x</b>\n\n<script>", "\u05e9\u05dc\u05d5\u05dd", "y" * 200, "\x1b[31mred\x00"):
        for event in (
            Notice(text=text),
            Unrecognized(text=text),
            Sample(step=1, when="during", prompt=text, answer=text),
            Ended(state="crashed", what=text),
        ):
            line = in_words(event)
            assert "\n" not in line
            assert line.isprintable()


def test_that_what_libraries_printed_is_one_choice_away(log: LogView, tmp_path: Path) -> None:
    console = tmp_path / "console.log"
    console.write_text("loading: 10%\rloading: 100%\nwarning \x1b[31m\n")
    log.start_over(History(), console)
    choose(log, CONSOLE)
    assert log.shows_console
    assert log.console.toPlainText().splitlines()[0] == "loading: 100%"
    console.write_text("z" * 200_000 + "\nthe end\n")
    log.refresh()
    assert log.console.toPlainText().splitlines()[-1] == "the end"
    assert len(log.console.toPlainText()) < 100_000
    console.unlink()
    log.refresh()
    assert log.console.toPlainText() == "Nothing was printed yet."
    choose(log, "All")
    assert not log.shows_console


def test_that_another_run_starts_with_what_its_history_holds(log: LogView) -> None:
    log.add_events([step(1)])
    log.refresh()
    log.start_over(History(run_events(20)), None)
    assert texts(log)[0].startswith(("checkpoint 20", "sample", "evaluation", "training", "step 20"))
    assert not any(text.startswith("step 1 ") for text in texts(log, 3))


def test_that_of_a_very_long_run_the_last_steps_are_listed_and_the_rest_is_said(log: LogView) -> None:
    log.start_over(long_history(1_000_000), None)
    assert log.model.rowCount() == MOST_STEPS + 2  # what is planned, and how many steps are left out
    assert texts(log)[0].startswith(("step 1000000", "4"))
    log.search.setText("journal.jsonl")
    wait_until(lambda: log.model.rowCount() == 1)
